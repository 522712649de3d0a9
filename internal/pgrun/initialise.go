package pgrun

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// settings are what production is told to use as well, so that tests meet the same server: nothing that a statement carried
// may reach the server's log, whatever fails (statement text, parameters, DETAIL lines).
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
synchronous_commit = on
log_statement = 'none'
log_min_duration_statement = -1
log_min_duration_sample = -1
log_transaction_sample_rate = 0
log_duration = off
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
debug_print_parse = off
debug_print_rewritten = off
debug_print_plan = off
log_temp_files = -1
track_activities = on
`

// volatile trades durability for speed.
const volatile = `
fsync = off
full_page_writes = off
autovacuum = off
`

// initialise makes the data folder: checksums on, a password for everyone, no trust even on the local socket.
func initialise(ctx context.Context, bin string, h *home, acct account, password string, fast bool) error {
	secret := filepath.Join(h.socket(), "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return fmt.Errorf("writing the administrator's password: %w", err)
	}
	defer func() { _ = os.Remove(secret) }()
	if err := acct.give(secret); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", h.data(), "-U", Superuser, "--pwfile="+secret,
		"--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.Env = h.data(), serverEnvironment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: acct.cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running initdb: %w: %s", err, tail(out))
	}
	text := settings
	if fast {
		text += volatile
	}
	return appendTo(filepath.Join(h.data(), "postgresql.conf"), text)
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("opening the server's settings: %w", err)
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return fmt.Errorf("writing the server's settings: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing the server's settings: %w", err)
	}
	return nil
}
