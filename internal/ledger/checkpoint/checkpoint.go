// Package checkpoint reads and writes what the ledger and its witnesses sign: C2SP tlog-checkpoints as signed notes, and their keys.
package checkpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says what the ledger was at one size (C2SP tlog-checkpoint).
type Checkpoint struct {
	// Origin names the ledger; it is the name of its key.
	Origin string
	// Size is the number of events, Root the RFC 6962 root over their leaves.
	Size int64
	Root tlog.Hash
	// From and Prints stand in an extension line: the first PrintSize bytes of the leaf hash of each event after From up to Size. Root proves the
	// events; the prints only tell which of them was changed, and since they are signed and witnessed with it, nobody can rewrite them with the rows.
	From   int64
	Prints []byte
}

// PrintSize is how many bytes of a leaf hash tell a changed event from an unchanged one.
const PrintSize = 8

// MostPrints is how many events' prints one checkpoint holds.
const MostPrints = 1000

// printsLine begins the extension line.
const printsLine = "leaves "

// Body is the text that is signed.
func (c Checkpoint) Body() string {
	text := fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
	if len(c.Prints) > 0 {
		text += fmt.Sprintf("%s%d %s\n", printsLine, c.From, base64.StdEncoding.EncodeToString(c.Prints))
	}
	return text
}

var errForm = errors.New("not a checkpoint")

// Parse reads the text that is signed. Extension lines that it does not know are passed over, as the specification has it.
func Parse(body string) (Checkpoint, error) {
	lines := strings.Split(body, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" || lines[0] == "" {
		return Checkpoint{}, errForm
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errForm
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errForm
	}
	c := Checkpoint{Origin: lines[0], Size: size}
	copy(c.Root[:], root)
	for _, line := range lines[3 : len(lines)-1] {
		if line == "" {
			return Checkpoint{}, errForm
		}
		if rest, ours := strings.CutPrefix(line, printsLine); ours {
			c.prints(rest)
		}
	}
	return c, nil
}

// prints takes the extension line only when it fits the size: it helps to find an event, and proves nothing.
func (c *Checkpoint) prints(text string) {
	from, encoded, _ := strings.Cut(text, " ")
	first, errFrom := strconv.ParseInt(from, 10, 64)
	prints, err := base64.StdEncoding.DecodeString(encoded)
	if errFrom == nil && err == nil && first >= 0 && int64(len(prints)) == (c.Size-first)*PrintSize {
		c.From, c.Prints = first, prints
	}
}

// Open reads a note that at least one of the verifiers' keys has signed.
func Open(signed []byte, by note.Verifiers) (Checkpoint, *note.Note, error) {
	n, err := note.Open(signed, by)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	c, err := Parse(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	return c, n, nil
}

// CosignedAt is when the newest of the note's witnesses signed it; zero when none of the note's verified signatures is a witness's.
func CosignedAt(n *note.Note) time.Time {
	var newest time.Time
	for _, s := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || len(raw) != 4+cosignatureSize {
			continue
		}
		if at := cosignatureTime(raw[4:]); at.After(newest) {
			newest = at
		}
	}
	return newest
}
