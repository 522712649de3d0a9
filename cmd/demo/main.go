// Command demo runs a whole synthetic region and the portal on one machine, Postgres included, until it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"ribble/internal/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, logs io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	o := demo.Options{}
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "loopback address of the portal; port 0 takes any free one")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed of the invented people")
	flags.IntVar(&o.People, "people", 5000, "how many people to invent beside the written stories")
	flags.StringVar(&o.Fixtures, "fixtures", "../shared/fixtures", "folder with published GP records, served as they are when it exists")
	permission := flags.Bool("permission", false, "have people asked before their record is viewed, as some regions do")
	verbose := flags.Bool("v", false, "print the portal's log")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *permission {
		o.Settings = map[string]string{"RIBBLE_PERMISSION_TO_VIEW": "on"}
	}
	if !*verbose {
		logs = io.Discard
	}
	d, err := demo.Start(ctx, o, logs)
	if err != nil {
		return err
	}
	defer d.Close()
	d.Describe(out)
	return d.Wait(ctx)
}
