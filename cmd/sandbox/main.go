// Command sandbox runs an invented region of health and care organisations on this machine until it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ribble/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var config sandbox.Config
	var today string
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.Uint64Var(&config.Seed, "seed", 1, "`number` from which the people are made")
	flags.IntVar(&config.People, "people", 5000, "how many people to make beside the written stories")
	flags.StringVar(&today, "today", "", "`date` on which the stories stand still, as 2026-11-18 (default: the real day)")
	flags.StringVar(&config.Host, "host", "127.0.0.1", "loopback address to listen on")
	flags.IntVar(&config.FirstPort, "port", 0, "first of the consecutive ports (default: any that are free)")
	flags.StringVar(&config.OutDir, "out", "", "`folder` for certificates, keys and the description of the region")
	flags.StringVar(&config.FixturesDir, "fixtures", "../shared/fixtures", "`folder` of published example messages, if there is one")
	flags.StringVar(&config.LogoutURI, "logout-uri", "", "back-channel logout `address` of the portal")
	flags.StringVar(&config.Portal, "portal", "http://127.0.0.1:8080", "`origin` of the portal that the records systems open")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the command line: %w", err)
	}
	if today != "" {
		day, err := time.Parse(time.DateOnly, today)
		if err != nil {
			return fmt.Errorf("reading -today: %w", err)
		}
		config.Today = day
	}
	region, err := sandbox.Start(ctx, config)
	if err != nil {
		return fmt.Errorf("starting the region: %w", err)
	}
	announce(out, region)
	<-ctx.Done()
	return region.Close()
}

// announce prints what there is to try, and READY last so that a script may wait for it.
func announce(out io.Writer, region *sandbox.Region) {
	fmt.Fprintln(out, "Stories:")
	for _, n := range region.World.Notable() {
		fmt.Fprintf(out, "  %s %s %s  %-34s %s\n", n.NHSNumber[:3], n.NHSNumber[3:6], n.NHSNumber[6:], n.Name, n.Shows)
	}
	fmt.Fprintln(out, "Who can sign in:")
	for _, p := range sandbox.Personas {
		fmt.Fprintf(out, "  %-24s %s\n", p.Name(), p.About)
	}
	fmt.Fprintln(out, "Sign-in service", region.Issuer)
	fmt.Fprintln(out, "Records systems", region.Records.Origin)
	fmt.Fprintln(out, "READY", region.ControlURL)
}
