package record

import "io"

// DocumentBody is the body of one document on its way through: never stored, closed by the reader.
type DocumentBody struct {
	ContentType string
	// Size in bytes, or -1 when the source does not say.
	Size int64
	Body io.ReadCloser
}
