package directory

import (
	"bufio"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind is what an entry describes.
type Kind string

// The kinds of entry, in the order of the file.
const (
	KindOrganisation Kind = "organisation"
	KindAgreement    Kind = "agreement"
	KindFeed         Kind = "feed"
	KindSpine        Kind = "spine"
)

// Kinds lists every kind of entry.
var Kinds = []Kind{KindOrganisation, KindAgreement, KindFeed, KindSpine}

// SpineID is the id of the one entry of KindSpine.
const SpineID = "spine"

// Key names an entry.
type Key struct {
	Kind Kind
	ID   string
}

// Entry is one thing in the directory: the JSON object that stands for it in the directory file and in the database alike. Body is canonical (RFC 8785).
type Entry struct {
	Key
	Body string
	// Since is the version of the directory that made it so; 0 for one that is read from a file or proposed.
	Since int64
}

// NewEntry makes an entry of a JSON object: the id is taken from it, and its text is made canonical, so that equal entries have equal bodies.
func NewEntry(kind Kind, object []byte) (Entry, error) {
	raw := jsontext.Value(append([]byte(nil), object...))
	if err := raw.Canonicalize(); err != nil {
		return Entry{}, Problems{string(kind) + ": " + placeOf(err)}
	}
	return Entry{Key: Key{kind, idOf(kind, raw)}, Body: string(raw)}, nil
}

// idOf finds the id of an entry; empty where it has none that can be read, which Build reports with its place.
func idOf(kind Kind, raw jsontext.Value) string {
	var ids struct {
		ODS string `json:"ods"`
		ID  string `json:"id"`
	}
	if kind == KindSpine {
		return SpineID
	}
	// Another member of the wrong kind is Build's to report.
	_ = json.Unmarshal(raw, &ids)
	if kind == KindOrganisation {
		return ids.ODS
	}
	return ids.ID
}

// Parse reads a directory file into its entries. Whether they make a directory is for Build to say; the error is Problems when the file is no JSON of
// this form.
func Parse(r io.Reader) ([]Entry, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading directory file: %w", err)
	}
	if len(text) > maxFile {
		return nil, Problems{"the file is too large"}
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, Problems{placeOf(err)}
	}
	l := &loader{}
	l.unknown("", f.Unknown)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return f.entries()
}

func (f *file) entries() ([]Entry, error) {
	entries := make([]Entry, 0, len(f.Organisations)+len(f.Agreements)+len(f.Feeds)+1)
	for _, part := range []struct {
		kind Kind
		list []jsontext.Value
	}{{KindOrganisation, f.Organisations}, {KindAgreement, f.Agreements}, {KindFeed, f.Feeds}} {
		for _, raw := range part.list {
			e, err := NewEntry(part.kind, raw)
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
	}
	if len(f.Spine) == 0 {
		return entries, nil
	}
	spine, err := NewEntry(KindSpine, f.Spine)
	return append(entries, spine), err
}

// Write writes entries as a directory file, one entry a line, so that two files can be compared. Parse reads it back as the same entries.
func Write(w io.Writer, entries []Entry) error {
	out := bufio.NewWriter(w)
	lists := map[Kind][]string{}
	for _, e := range entries {
		lists[e.Kind] = append(lists[e.Kind], e.Body)
	}
	_, _ = out.WriteString("{")
	for i, part := range []struct {
		kind Kind
		name string
	}{{KindOrganisation, "organisations"}, {KindAgreement, "agreements"}, {KindFeed, "feeds"}} {
		if i > 0 {
			_, _ = out.WriteString(",")
		}
		_, _ = fmt.Fprintf(out, "\n%q: [", part.name)
		for j, body := range lists[part.kind] {
			if j > 0 {
				_, _ = out.WriteString(",")
			}
			_, _ = out.WriteString("\n  " + body)
		}
		_, _ = out.WriteString("\n]")
	}
	if spine := lists[KindSpine]; len(spine) == 1 {
		_, _ = out.WriteString(",\n\"spine\": " + spine[0])
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush() // the writer keeps the first error for here
}
