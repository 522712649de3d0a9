package launch

import "context"

// RenewKeys is one round of KeepKeys.
func RenewKeys(ctx context.Context, h *Handlers) { h.renewKeys(ctx) }
