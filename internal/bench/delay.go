package bench

import "context"

func (m *measurement) delay(ctx context.Context) error { return nil }
func (m *measurement) growth(ctx context.Context) error { return nil }
func (m *measurement) memory(ctx context.Context) error { return nil }
func (m *measurement) coldStart(ctx context.Context) error { return nil }
func (m *measurement) allocations(ctx context.Context) error { return nil }
