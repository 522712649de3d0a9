package layout

import (
	"context"
	"io"
)

// failed is a component that cannot be printed.
type failed struct{ err error }

// Render writes nothing and gives the reason.
func (f failed) Render(context.Context, io.Writer) error { return f.err }
