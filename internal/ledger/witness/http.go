package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// path is where checkpoints are sent, below the witness's address (C2SP tlog-witness).
const path = "/add-checkpoint"

// sizeType is the type of an answer that tells the witness's size.
const sizeType = "text/x.tlog.size"

// mostProof is the longest proof the protocol allows.
const mostProof = 63

// Handler serves the protocol.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path, w.serve)
	return mux
}

func (w *Witness) serve(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, mostNote))
	if err != nil {
		rw.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	r, err := parse(body)
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	o := w.add(r)
	if o.evidence {
		origin, _, _ := strings.Cut(string(r.checkpoint), "\n")
		if w.keepEvidence(origin, body, time.Now()) != nil {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	if o.status == http.StatusConflict {
		rw.Header().Set("Content-Type", sizeType)
	}
	rw.WriteHeader(o.status)
	switch o.status {
	case http.StatusOK:
		_, _ = rw.Write(o.signatures)
	case http.StatusConflict:
		_, _ = io.WriteString(rw, strconv.FormatInt(o.size, 10)+"\n")
	}
}

var errRequest = errors.New("not a request to add a checkpoint")

// parse reads "old SIZE", the lines of the proof, an empty line, and the checkpoint.
func parse(body []byte) (request, error) {
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	text, isOld := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(text, 10, 64)
	if !ok || !isOld || err != nil || old < 0 || strconv.FormatInt(old, 10) != text || len(lines)-1 > mostProof {
		return request{}, errRequest
	}
	r := request{old: old, checkpoint: signed}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return request{}, errRequest
		}
		r.proof = append(r.proof, tlog.Hash(raw))
	}
	return r, nil
}

// format writes a request.
func format(r request) []byte {
	var b bytes.Buffer
	b.WriteString("old " + strconv.FormatInt(r.old, 10) + "\n")
	for _, h := range r.proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(r.checkpoint)
	return b.Bytes()
}
