package bench

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"ribble/internal/sandbox/pki"
)

// ServeFloor is the process that does the least that any portal must do: it makes a view's requests and throws the bytes away, scans the same
// bytes as JSON tokens, and appends the same page to a buffer.
func ServeFloor(in io.Reader, out io.Writer) error {
	f := new(floor)
	return serve(in, out, f.carryOut)
}

type floor struct {
	fan    *fan
	bodies [][]byte
	pieces []piece
	// page is the buffer that the page is appended to, again and again.
	page []byte
}

func (f *floor) carryOut(o order) (r reply, err error) {
	switch o.Do {
	case "start":
		if f.fan, err = newFan(o.Dir); err != nil {
			return r, err
		}
		for _, source := range newPerson(people[referencePerson]).sources {
			for _, resource := range source {
				f.bodies = append(f.bodies, resource.json)
			}
		}
		page, err := os.ReadFile(o.File)
		f.pieces = cut(page)
		return r, err
	case "fan":
		r.Walls, err = f.fan.views(script(o.Script), o.Views, o.AtOnce)
		return r, err
	case "scan":
		for range o.Passes {
			err = errors.Join(err, f.scan())
		}
		return r, err
	case "append":
		for range o.Passes {
			r.Count += f.append()
		}
		return r, nil
	}
	return r, fmt.Errorf("unknown order %q", o.Do)
}

// scan reads every token with a decoder that validates: names once, valid UTF-8, the whole grammar.
func (f *floor) scan() error {
	dec := jsontext.NewDecoder(new(bytes.Buffer))
	for _, body := range f.bodies {
		dec.Reset(bytes.NewBuffer(body))
		for {
			if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("scanning: %w", err)
			}
		}
	}
	return nil
}

// piece is a stretch of markup with the text that follows it.
type piece struct{ markup, text string }

// cut takes a page apart into markup, which a program holds ready, and texts, which it must escape.
func cut(page []byte) []piece {
	var out []piece
	for rest := string(page); rest != ""; {
		end := strings.IndexByte(rest, '>') + 1
		if end == 0 {
			end = len(rest)
		}
		text := strings.IndexByte(rest[end:], '<')
		if text < 0 {
			text = len(rest) - end
		}
		out = append(out, piece{rest[:end], rest[end : end+text]})
		rest = rest[end+text:]
	}
	return out
}

// append makes the page by hand in one buffer that is used again.
func (f *floor) append() int {
	b := f.page[:0]
	for _, p := range f.pieces {
		b = append(b, p.markup...)
		b = escaped(b, p.text)
	}
	f.page = b
	return len(b)
}

func escaped(b []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		var e string
		switch text[i] {
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		case '"':
			e = "&#34;"
		case '\'':
			e = "&#39;"
		default:
			continue
		}
		b = append(append(b, text[from:i]...), e...)
		from = i + 1
	}
	return append(b, text[from:]...)
}

// fan makes requests over mutual TLS on connections that are kept.
type fan struct{ client *http.Client }

func newFan(dir string) (*fan, error) {
	pem, err := os.ReadFile(filepath.Join(dir, pki.AuthorityFile))
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, pki.ClientFile), filepath.Join(dir, pki.ClientKeyFile))
	if err != nil {
		return nil, fmt.Errorf("reading the client certificate: %w", err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &fan{&http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: []tls.Certificate{own}}, Protocols: protocols,
		DisableCompression: true, MaxConnsPerHost: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: 5 * time.Minute,
	}}}, nil
}

// steps are a view's requests in the order in which a portal can make them: the national demographics, then at every source what was asked first,
// which finds the person, and after that the rest, as many at once as the portal makes.
type steps struct {
	first   []asked
	sources [][]asked
}

const searchesAtOnce = 4

func script(all []asked) steps {
	var s steps
	for _, a := range all {
		if a.Source < 0 {
			s.first = append(s.first, a)
			continue
		}
		for len(s.sources) <= a.Source {
			s.sources = append(s.sources, nil)
		}
		s.sources[a.Source] = append(s.sources[a.Source], a)
	}
	return s
}

// views makes the requests of so many views, some at once, and gives how long each took.
func (f *fan) views(s steps, n, atOnce int) ([]time.Duration, error) {
	var mu sync.Mutex
	var walls []time.Duration
	var group errgroup.Group
	group.SetLimit(atOnce)
	for range n {
		group.Go(func() error {
			began := time.Now()
			err := f.view(s, discard)
			mu.Lock()
			defer mu.Unlock()
			walls = append(walls, time.Since(began))
			return err
		})
	}
	return walls, group.Wait()
}

// view makes the requests of one view and hands each body to take.
func (f *fan) view(s steps, take func(asked, io.Reader) error) error {
	for _, a := range s.first {
		if err := f.request(a, take); err != nil {
			return err
		}
	}
	var all errgroup.Group
	for _, source := range s.sources {
		if len(source) == 0 {
			continue
		}
		all.Go(func() error {
			if err := f.request(source[0], take); err != nil {
				return err
			}
			var searches errgroup.Group
			searches.SetLimit(searchesAtOnce)
			for _, a := range source[1:] {
				searches.Go(func() error { return f.request(a, take) })
			}
			return searches.Wait()
		})
	}
	return all.Wait()
}

func (f *fan) request(a asked, take func(asked, io.Reader) error) error {
	req, err := http.NewRequest(a.Method, a.URL, strings.NewReader(a.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/fhir+json")
	if a.ContentType != "" {
		req.Header.Set("Content-Type", a.ContentType)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking a source: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("a source answered %d", resp.StatusCode)
	}
	return take(a, resp.Body)
}

func discard(_ asked, body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}
