package codeset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// longestLine bounds a line of a code list; those of a release are a tenth of it.
const longestLine = 4096

// place is a line of a file.
type place struct {
	file string
	line int
}

// Refusal is why a file, or the sets in it, are not taken: nothing of them is in force then, and what was in force stays.
type Refusal struct {
	File string
	// Line is the line of the file, from 1; 0 when the file as a whole is meant.
	Line   int
	Reason string
}

// Error names the place and the reason. It quotes codes of a licensed list nowhere.
func (r Refusal) Error() string {
	if r.Line == 0 {
		return r.File + ": " + r.Reason
	}
	return fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Reason)
}

func (p place) refuse(reason string, args ...any) error {
	return Refusal{p.file, p.line, fmt.Sprintf(reason, args...)}
}

// lines reads a file line by line. The last line must end too: a file that does not was cut short.
type lines struct {
	place
	from *bufio.Reader
	text []byte
	err  error
}

func newLines(name string, from io.Reader) *lines {
	return &lines{place: place{file: name}, from: bufio.NewReaderSize(from, longestLine)}
}

// next moves to the next line and reports whether there is one; the reason why not is in err.
func (l *lines) next() bool {
	text, err := l.from.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(text) == 0 {
		return false
	}
	l.line++
	switch {
	case errors.Is(err, io.EOF):
		l.err = l.refuse("the file was cut short: its last line does not end")
	case errors.Is(err, bufio.ErrBufferFull):
		l.err = l.refuse("the line is too long")
	case err != nil:
		l.err = l.refuse("the file cannot be read to its end")
	}
	l.text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\r'})
	return l.err == nil
}

// columns splits the line into exactly as many columns as into has.
func (l *lines) columns(separator byte, into [][]byte) error {
	rest := l.text
	for i := range into {
		at := bytes.IndexByte(rest, separator)
		last := i == len(into)-1
		if last != (at < 0) {
			return l.refuse("it has not %d columns: the file was cut short, or is of another format", len(into))
		}
		if last {
			into[i] = rest
			break
		}
		into[i], rest = rest[:at], rest[at+1:]
	}
	return nil
}

// readLines opens a file and gives it line by line to the reader of its format.
func readLines(files fs.FS, name string, read func(*lines) error) error {
	f, err := files.Open(name)
	if err != nil {
		return Refusal{File: name, Reason: "the file cannot be opened"}
	}
	defer func() { _ = f.Close() }()
	l := newLines(name, f)
	if err := read(l); err != nil {
		return err
	}
	return l.err
}
