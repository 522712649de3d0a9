package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"time"

	"ribble/internal/spawn"
)

// wires are the proxies of one toxiproxy between the portals and what they talk to.
type wires struct {
	cmd  *exec.Cmd
	done <-chan struct{}
	api  string
	http http.Client
}

// startWires starts toxiproxy.
func startWires(ctx context.Context, program string, log io.Writer) (*wires, error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(ports[0])
	if err != nil {
		return nil, err
	}
	w := &wires{api: "http://" + ports[0], http: http.Client{Timeout: 10 * time.Second}}
	w.cmd = exec.CommandContext(ctx, program, "-host", host, "-port", port, "-seed", "1")
	w.cmd.Env = []string{"LOG_LEVEL=error"}
	w.cmd.Stderr = log
	if w.done, err = spawn.Start(w.cmd); err != nil {
		return nil, fmt.Errorf("starting toxiproxy: %w", err)
	}
	for range 500 {
		if err = w.ask(http.MethodGet, "/version", nil); err == nil {
			return w, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.close()
	return nil, err
}

func (w *wires) ask(method, path string, body any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, w.api+path, &content)
	if err != nil {
		return err
	}
	resp, err := w.http.Do(req)
	if err != nil {
		return fmt.Errorf("asking toxiproxy: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("asking toxiproxy: %w", err)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("asking toxiproxy: %d %s", resp.StatusCode, said)
	}
	return nil
}

// put lays a wire to an address and gives the address at its near end.
func (w *wires) put(name, upstream string) (string, error) {
	ports, err := freePorts(1)
	if err != nil {
		return "", err
	}
	return ports[0], w.ask(http.MethodPost, "/proxies", map[string]any{"name": name, "listen": ports[0], "upstream": upstream, "enabled": true})
}

// cut ends every connection of a wire and refuses new ones; join undoes it.
func (w *wires) cut(name string) error {
	return w.ask(http.MethodPost, "/proxies/"+name, map[string]any{"enabled": false})
}

func (w *wires) join(name string) error {
	return w.ask(http.MethodPost, "/proxies/"+name, map[string]any{"enabled": true})
}

// poison puts a toxic of toxiproxy on what comes back over a wire; cure takes it away.
func (w *wires) poison(name, kind string, attributes map[string]int) error {
	return w.ask(http.MethodPost, "/proxies/"+name+"/toxics", map[string]any{"name": kind, "type": kind, "stream": "downstream", "attributes": attributes})
}

func (w *wires) cure(name, kind string) error {
	return w.ask(http.MethodDelete, "/proxies/"+name+"/toxics/"+kind, nil)
}

// heal makes every wire whole.
func (w *wires) heal() error { return w.ask(http.MethodPost, "/reset", nil) }

func (w *wires) close() {
	_ = w.cmd.Process.Kill() // one that has ended is as good
	<-w.done
}

// freePorts gives loopback addresses that nobody listens on, below the range from which the kernel takes outgoing ones: there a client that reconnects
// in a loop can meet itself.
func freePorts(n int) ([]string, error) {
	var out []string
	for port := lastPort + 1; port < 32000 && len(out) < n; port++ {
		lastPort = port
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		out = append(out, l.Addr().String())
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	if len(out) < n {
		return nil, fmt.Errorf("no free port below 32000")
	}
	return out, nil
}

// lastPort is the last that was given away; each is given once.
var lastPort = 12000 + int(time.Now().UnixNano()%6000)
