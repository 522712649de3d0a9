package bench

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"golang.org/x/sync/errgroup"
)

// peerBar is the greatest share of a peer's processor time that a view of the portal may take.
const peerBar = 0.33

// peerFiles are programs that a user could pick instead and that put the same answers together; each is as one would write it first.
//
//go:embed peers
var peerFiles embed.FS

// peer is one of them, running. It sends the resources of a view as one JSON object by resource type.
type peer struct {
	*child
	name, url string
}

// errNotInstalled says that a peer's program is not on this machine.
var errNotInstalled = errors.New("not installed")

// request is one request of a view as the peers read it; path is its place below nginx.
type request struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Path   string `json:"path"`
	Body   string `json:"body"`
}

// peerScript is what a peer asks for in one view, in the order in which it can be asked; hosts are who is asked.
type peerScript struct {
	First   []request   `json:"first"`
	Sources [][]request `json:"sources"`
	hosts   []string
}

func newPeerScript(all []asked) (p peerScript, err error) {
	s := script(all)
	if p.First, err = p.requests(s.first); err != nil {
		return p, err
	}
	for _, source := range s.sources {
		requests, err := p.requests(source)
		if err != nil {
			return p, err
		}
		p.Sources = append(p.Sources, requests)
	}
	return p, nil
}

func (p *peerScript) requests(all []asked) ([]request, error) {
	out := []request{}
	for _, a := range all {
		u, err := url.Parse(a.URL)
		if err != nil {
			return nil, fmt.Errorf("reading an address of the script: %w", err)
		}
		at := slices.Index(p.hosts, u.Host)
		if at < 0 {
			at, p.hosts = len(p.hosts), append(p.hosts, u.Host)
		}
		out = append(out, request{Method: a.Method, URL: a.URL, Path: fmt.Sprintf("/to/%d%s", at, u.RequestURI()), Body: a.Body})
	}
	return out, nil
}

// startPeers starts the peers that are installed here and says which are not.
func (m *measurement) startPeers(ctx context.Context) error {
	s, err := newPeerScript(m.script)
	if err != nil {
		return err
	}
	dir := m.in("peers")
	if err := os.CopyFS(m.dir, peerFiles); err != nil {
		return fmt.Errorf("writing the peers: %w", err)
	}
	if err := writeFile(filepath.Join(dir, "script.json"), s); err != nil {
		return err
	}
	for _, known := range []struct {
		name  string
		start func(context.Context, string, peerScript) (*peer, error)
	}{{"node_bff", m.node}, {"nginx_lua", m.nginx}} {
		p, err := known.start(ctx, dir, s)
		if errors.Is(err, errNotInstalled) {
			m.say("P4 without %s: %v", known.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("starting %s: %w", known.name, err)
		}
		p.name = known.name
		m.peers = append(m.peers, p)
		if err := m.tryPeer(ctx, p); err != nil {
			return fmt.Errorf("trying %s: %w", known.name, err)
		}
	}
	return nil
}

func (m *measurement) node(ctx context.Context, dir string, _ peerScript) (*peer, error) {
	program, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("node is %w", errNotInstalled)
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	return m.startPeer(ctx, ports[0], program, filepath.Join(dir, "bff.cjs"), m.dir, ports[0], filepath.Join(dir, "script.json"))
}

// nginxModules is where Debian's packages put nginx's modules.
const nginxModules = "/usr/lib/nginx/modules"

func (m *measurement) nginx(ctx context.Context, dir string, s peerScript) (*peer, error) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		return nil, fmt.Errorf("nginx is %w", errNotInstalled)
	}
	if _, err := os.Stat(filepath.Join(nginxModules, "ngx_http_lua_module.so")); err != nil {
		return nil, fmt.Errorf("nginx's Lua module is %w", errNotInstalled)
	}
	if cjson, _ := filepath.Glob("/usr/lib/*/lua/5.1/cjson.so"); len(cjson) == 0 {
		return nil, fmt.Errorf("cjson of Lua is %w", errNotInstalled)
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	settings, err := template.ParseFS(peerFiles, "peers/nginx.conf")
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	err = settings.Execute(&text, struct {
		Modules, Dir, Certificates, Address string
		Hosts                               []string
	}{nginxModules, dir, m.dir, ports[0], s.hosts})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	return m.startPeer(ctx, ports[0], program, "-e", "stderr", "-p", dir+"/", "-c", filepath.Join(dir, "nginx.conf"))
}

// startPeer starts a peer and waits until it accepts connections.
func (m *measurement) startPeer(ctx context.Context, address, program string, args ...string) (*peer, error) {
	c, err := start(ctx, nil, m.logs, program, args...)
	if err != nil {
		return nil, err
	}
	if err := awaitListener(address, 10*time.Second); err != nil {
		c.stop()
		return nil, err
	}
	return &peer{child: c, url: "http://" + address + "/view"}, nil
}

// tryPeer makes sure that a peer sends every resource of the reference patient, and has it warm up.
func (m *measurement) tryPeer(ctx context.Context, p *peer) error {
	body, err := p.view(ctx)
	if err != nil {
		return err
	}
	var byType map[string][]json.RawMessage
	if err := json.Unmarshal(body, &byType); err != nil {
		return fmt.Errorf("reading what it sends: %w", err)
	}
	n := 0
	for kind, resources := range byType {
		if kind != "Patient" {
			n += len(resources)
		}
	}
	if n != referenceResources {
		return fmt.Errorf("it sends %d resources, not %d", n, referenceResources)
	}
	m.say("%s sends %d resources in %d bytes", p.name, n, len(body))
	return p.views(ctx, 2*m.scaled(30), costAtOnce)
}

// view is one view of a peer.
func (p *peer) view(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	return whole(resp)
}

// views makes views of a peer, some at once.
func (p *peer) views(ctx context.Context, n, atOnce int) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for range n {
		group.Go(func() error {
			body, err := p.view(ctx)
			if err == nil && len(body) < referenceBytes/2 {
				err = fmt.Errorf("a view has only %d bytes", len(body))
			}
			return err
		})
	}
	return group.Wait()
}

// awaitListener waits until somebody accepts connections.
func awaitListener(address string, limit time.Duration) error {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("nobody listens at %s", address)
}
