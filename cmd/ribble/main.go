// Command ribble is the shared care record portal.
//
//	ribble version   say which version this is
//	ribble serve     serve the portal (ribble serve -help lists every setting)
//	ribble migrate   bring the database to the present schema, as the role that owns its tables
//	ribble keys DIR  make the key files of a new installation
//	ribble directory export | import   write the directory of organisations and feeds, or ask for what a file would change of it
//	ribble source check FEED           try the connection to a source on agreed test people
//	ribble caseload import   put an organisation's caseload in the place of the one before
//	ribble watch import      put the list of staff, or the confidential list, in the place of the one before
//	ribble sensitive check   say whether a manifest of sensitive code sets can be put in force
//	ribble user ...  invite users to local accounts; list, reset, lock, unlock and end these
//	ribble audit ... export the audit trail, verify an export, erase a person by order of a court
//	ribble witness ... confirm the audit trail from another machine
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"ribble/internal/app"
	"ribble/internal/config"
	"ribble/internal/postgres"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "ribble:", err)
		os.Exit(1)
	}
}

// version is stamped when the program is built (make build).
var version = "unknown"

var errUsage = errors.New("usage: ribble version | serve | migrate | keys DIR | user COMMAND | directory export|import | source check | caseload import | watch import | sensitive check | audit COMMAND | witness")

func run(ctx context.Context, args []string, env func(string) (string, bool), out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "version":
		_, err := fmt.Fprintln(os.Stdout, version)
		return err
	case len(args) == 2 && args[0] == "serve":
		_, err := fmt.Fprint(out, config.Describe())
		return err
	case len(args) == 1 && args[0] == "serve":
		return serve(ctx, env, out)
	case len(args) == 1 && args[0] == "migrate":
		return migrate(ctx, env)
	case len(args) == 2 && args[0] == "keys":
		return app.WriteKeys(args[1])
	case len(args) >= 1 && commands[args[0]] != nil:
		return command(ctx, commands[args[0]], args[1:], env)
	case len(args) >= 1 && args[0] == "sensitive":
		return app.Sensitive(args[1:], os.Stdout)
	case len(args) >= 2 && args[0] == "audit" && args[1] == "verify":
		return app.AuditVerify(args[2:], os.Stdout)
	case len(args) >= 1 && args[0] == "audit":
		return auditTrail(ctx, args[1:], env)
	case len(args) >= 1 && args[0] == "witness":
		return app.Witness(ctx, args[1:], out)
	}
	return errUsage
}

func serve(ctx context.Context, env func(string) (string, bool), out io.Writer) error {
	app.TuneMemory(env)
	if err := closeMemory(); err != nil {
		return err
	}
	c, err := config.Load(env)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, c, out)
	if err != nil {
		return err
	}
	defer a.Close()
	a.ReloadOn(syscall.SIGHUP)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	fmt.Fprintln(out, "READY", c.PublicURL)
	return a.Serve(ctx, listener)
}

// commands change what an installation keeps; each needs its settings.
var commands = map[string]func(context.Context, config.Config, []string, io.Writer) error{"user": app.User, "caseload": app.Caseload, "watch": app.Watch, "directory": app.Directory, "source": app.Source}

func command(ctx context.Context, run func(context.Context, config.Config, []string, io.Writer) error, args []string, env func(string) (string, bool)) error {
	c, err := config.Load(env)
	if err != nil {
		return err
	}
	return run(ctx, c, args, os.Stdout)
}

func auditTrail(ctx context.Context, args []string, env func(string) (string, bool)) error {
	c, err := config.Load(env)
	if err != nil {
		return err
	}
	// Only what destroys or replaces keys needs the owner; the serving program is never given it.
	var owner config.Secret
	if len(args) > 0 && args[0] != "export" {
		if owner, err = config.OwnerURL(env); err != nil {
			return err
		}
	}
	return app.Audit(ctx, c, owner, args, os.Stdin, os.Stdout)
}

func migrate(ctx context.Context, env func(string) (string, bool)) error {
	owner, err := config.OwnerURL(env)
	if err != nil {
		return err
	}
	return postgres.Migrate(ctx, owner.Reveal())
}
