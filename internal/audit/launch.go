package audit

import (
	"context"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// LaunchRefused writes that a launch from another system let nobody in, and for which fixed reason. User and number are zero as
// far as they are not known for certain.
func (t *Trail) LaunchRefused(ctx context.Context, u identity.User, n record.NHSNumber, reason string) error {
	return t.Note(ctx, Note{Act: ActSignInFailed, User: u, NHSNumber: n, Reason: reason})
}
