// Command prove runs Ribble's claims against a whole region that is broken on purpose, and writes what was found.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"ribble/internal/prove"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("prove", flag.ContinueOnError)
	var o prove.Options
	short := flags.Bool("short", false, "the short form, some minutes (the default)")
	flags.BoolVar(&o.Long, "long", false, "the long form, up to an hour")
	flags.Uint64Var(&o.Seed, "seed", 1, "makes what is random the same again")
	flags.DurationVar(&o.Soak, "soak", 0, "how long the soak lasts; 0 is as the form has it")
	flags.DurationVar(&o.Chaos, "chaos", 0, "how long the chaos lasts; 0 is as the form has it")
	flags.BoolVar(&o.Keep, "keep", false, "leave the folder with the logs behind")
	only := flags.String("only", "", "scenarios by their ids, with commas; none means all")
	out := flags.String("out", "", "folder for report.json and report.html; none writes no report")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *short && o.Long {
		return fmt.Errorf("-short and -long are two forms: choose one")
	}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	report, err := prove.Run(ctx, o, os.Stderr)
	// What was found before an interruption is worth having.
	if report != nil && *out != "" {
		err = errors.Join(err, write(report, *out))
	}
	if err != nil {
		return err
	}
	if n := len(report.Wrong()); n > 0 {
		return fmt.Errorf("%d claims do not hold", n)
	}
	return nil
}

func write(report *prove.Report, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, render := range map[string]func(*os.File) error{
		"report.json": func(f *os.File) error { return report.JSON(f) }, "report.html": func(f *os.File) error { return report.HTML(f) },
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := render(f); err != nil {
			_ = f.Close()
			return fmt.Errorf("writing %s: %w", name, err)
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}
