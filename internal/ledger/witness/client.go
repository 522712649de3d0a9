package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger"
	"ribble/internal/outbound"
)

// asker sends requests; *outbound.Client is one.
type asker interface {
	Do(ctx context.Context, req *http.Request) (*outbound.Answer, error)
}

// Client asks a witness over HTTP. It satisfies ledger.Witness.
type Client struct {
	ask asker
	url string
	key note.Verifier
}

var _ ledger.Witness = (*Client)(nil)

// NewClient makes a client for the witness at a base address, whose signatures the key verifies.
func NewClient(ask *outbound.Client, url string, key note.Verifier) *Client {
	return &Client{ask, strings.TrimSuffix(url, "/"), key}
}

// Verifier checks the witness's signatures.
func (c *Client) Verifier() note.Verifier { return c.key }

// Cosign asks for a signature; see ledger.Witness.
func (c *Client) Cosign(ctx context.Context, old int64, proof tlog.TreeProof, signed []byte) ([]byte, error) {
	body := format(request{old: old, proof: proof, checkpoint: signed})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the witness's address cannot be read")
	}
	answer, err := c.ask.Do(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("asking the witness: %w", err)
	}
	defer answer.Release()
	switch answer.Status {
	case http.StatusOK:
		return bytes.Clone(answer.Body), nil
	case http.StatusConflict:
		size, err := strconv.ParseInt(strings.TrimSpace(string(answer.Body)), 10, 64)
		if err != nil || size < 0 {
			return nil, errors.New("the witness told no size")
		}
		return nil, &ledger.Behind{Size: size}
	case http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w: a witness confirmed another history of %d events", ledger.ErrBroken, old)
	}
	return nil, fmt.Errorf("the witness answered with status %d", answer.Status)
}
