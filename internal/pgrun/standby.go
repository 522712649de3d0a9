package pgrun

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Standby makes a copy of a private cluster that goes on taking over every change from it, in a folder and on a port of its own and with the same
// administrator. It is read-only until it is promoted (SELECT pg_promote()), and outlives the cluster that it was made of. It needs pg_basebackup, which
// not every way of installing the server brings.
func (c *Cluster) Standby(ctx context.Context) (_ *Cluster, err error) {
	if c.home == nil {
		return nil, ErrNotOurs
	}
	h, err := newHome(c.account)
	if err != nil {
		return nil, err
	}
	s := &Cluster{home: h, account: c.account}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.server, err = c.lend(h); err != nil {
		return nil, err
	}
	at, err := url.Parse(c.url)
	if err != nil {
		return nil, errors.New("the cluster's address cannot be read")
	}
	if err := c.copyTo(ctx, h, at); err != nil {
		return nil, err
	}
	if err := s.startOnFreePort(ctx); err != nil {
		return nil, err
	}
	at.Host = "127.0.0.1:" + strconv.Itoa(s.port)
	s.url = at.String()
	return s, nil
}

// lend gives the server's program to another cluster: a copy where it lies in this one's folder, which may go first.
func (c *Cluster) lend(h *home) (string, error) {
	within, err := filepath.Rel(c.home.path, c.server)
	if err != nil || strings.HasPrefix(within, "..") {
		return c.server, nil
	}
	installed, _, _ := strings.Cut(within, string(filepath.Separator))
	if err := os.CopyFS(filepath.Join(h.path, installed), os.DirFS(filepath.Join(c.home.path, installed))); err != nil {
		return "", fmt.Errorf("copying the PostgreSQL programs for a standby: %w", err)
	}
	return filepath.Join(h.path, within), nil
}

// copyTo takes a base backup into a data folder, with the settings that make a standby of it. The password goes by the environment: a command line can be
// read by everybody.
func (c *Cluster) copyTo(ctx context.Context, h *home, at *url.URL) error {
	program, err := c.Program("pg_basebackup")
	if err != nil {
		return err
	}
	password, _ := at.User.Password()
	cmd := exec.CommandContext(ctx, program, "--pgdata="+h.data(), "--host="+at.Hostname(), "--port="+at.Port(), "--username="+at.User.Username(),
		"--no-password", "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync")
	cmd.Dir, cmd.Env = h.data(), append(serverEnvironment(), "PGPASSWORD="+password)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account.cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running pg_basebackup: %w: %s", err, tail(out))
	}
	return nil
}
