package prove

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"
)

// pattern is one form in which a secret may stand.
type pattern struct {
	form  string
	bytes []byte
}

// patterns are the forms of a secret. Percent-encoding and the escapes of JSON and HTML leave its ASCII letters as they are, so that they need no form
// of their own; packed files are unpacked before they are searched.
func patterns(secret string) []pattern {
	var out []pattern
	for _, s := range []string{secret, strings.ToUpper(secret)} {
		out = append(out, pattern{"as it is", []byte(s)}, pattern{"hex", []byte(hex.EncodeToString([]byte(s)))}, pattern{"HEX", []byte(strings.ToUpper(hex.EncodeToString([]byte(s))))})
		little, big := wide(s)
		out = append(out, pattern{"UTF-16LE", little}, pattern{"UTF-16BE", big})
		for shift := range 3 {
			// What stands before and after decides the outer letters; the inner ones are the same wherever the secret stands.
			whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
			out = append(out, pattern{"base64", []byte(whole[[]int{0, 2, 3}[shift] : len(whole)-2])})
		}
	}
	return out
}

func wide(s string) (little, big []byte) {
	for _, c := range utf16.Encode([]rune(s)) {
		little, big = append(little, byte(c), byte(c>>8)), append(big, byte(c>>8), byte(c))
	}
	return little, big
}

// forms are a secret in the seven encodings, for the control.
func forms(secret string) map[string][]byte {
	text := "before ä " + secret + " after"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(text)) // writing to memory cannot fail
	_ = z.Close()
	little, _ := wide(text)
	return map[string][]byte{
		"UTF-8": []byte(text), "base64": []byte(base64.StdEncoding.EncodeToString([]byte(text))), "hex": []byte(hex.EncodeToString([]byte(text))),
		"URL": []byte(url.QueryEscape(text)), "gzip": packed.Bytes(), "UTF-16": little, "JSON": []byte(strings.ReplaceAll(text, "ä", `\u00e4`)),
	}
}

// scanner looks for secrets.
type scanner struct {
	secrets map[string][]pattern
	bytes   int64
	files   int
}

// search names the secrets that stand in data, in which form.
func (s *scanner) search(data []byte) []string {
	s.bytes += int64(len(data))
	var hits []string
	for name, forms := range s.secrets {
		for _, p := range forms {
			if bytes.Contains(data, p.bytes) {
				hits = append(hits, name+" "+p.form)
			}
		}
	}
	for rest := data; ; {
		at := bytes.Index(rest, []byte{0x1f, 0x8b, 8})
		if at < 0 {
			return hits
		}
		rest = rest[at:]
		if z, err := gzip.NewReader(bytes.NewReader(rest)); err == nil {
			inside, _ := io.ReadAll(io.LimitReader(z, 8<<20)) // what is no gzip after all is searched as far as it goes
			for name, forms := range s.secrets {
				for _, p := range forms {
					if bytes.Contains(inside, p.bytes) {
						hits = append(hits, name+" packed, "+p.form)
					}
				}
			}
		}
		rest = rest[3:]
	}
}

// largest bounds what is read of one file.
const largest = 256 << 20

// tree searches every file below a folder that was written since; skip leaves files and folders out.
func (s *scanner) tree(root string, since time.Time, skip func(path string) bool) ([]string, error) {
	var hits []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if skip(path) {
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		// What goes away while it is looked at, or may not be read, belongs to somebody else.
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil || info.ModTime().Before(since) || info.Size() > largest {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		s.files++
		for _, hit := range s.search(data) {
			hits = append(hits, fmt.Sprintf("%s: %s", path, hit))
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return hits, err
}

// Search looks for texts, in every encoding of the canary, in all files below a folder, and says how many files it read.
func Search(root string, texts ...string) (hits []string, files int, err error) {
	s := &scanner{secrets: map[string][]pattern{}}
	for _, text := range texts {
		s.secrets[text] = patterns(text)
	}
	hits, err = s.tree(root, time.Time{}, func(string) bool { return false })
	return hits, s.files, err
}
