// Command bench measures what a view of the shipped portal costs and prints one line for each goal; docs/performance.md says what they mean.
//
//	bench [-rounds 5] [-short] [-long] [-only P1,P5] [-keep] [-profiles DIR]
//	bench -audit [-rows 1000000] [-rounds 5] [-short] [-only P9]
//
// With -audit it measures the audit trail in place of the views.
// BENCH_JSON names a file that gets the results as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"ribble/internal/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	// The benchmark starts itself as the processes it needs; they live as long as their standard input.
	if len(args) == 1 {
		switch args[0] {
		case "sources":
			return bench.ServeSources(os.Stdin, os.Stdout)
		case "floor":
			return bench.ServeFloor(os.Stdin, os.Stdout)
		case "obvious":
			return bench.ServeObvious(os.Stdin, os.Stdout)
		}
	}
	o := bench.Options{Out: os.Stdout, JSON: os.Getenv("BENCH_JSON")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.Rounds, "rounds", 5, "how often every subject runs")
	flags.BoolVar(&o.Short, "short", false, "fewer views and at most three rounds")
	flags.BoolVar(&o.Long, "long", false, "P14 waits ten seconds, not four, before what a portal holds is counted")
	flags.BoolVar(&o.Keep, "keep", false, "keep the folder with the portal's log")
	flags.StringVar(&o.Profiles, "profiles", "", "folder for profiles of the portal")
	flags.IntVar(&o.Codes, "codes", 0, "how many sensitive codes the portal has loaded")
	trail := flags.Bool("audit", false, "measure the audit trail instead of the views")
	flags.IntVar(&o.Rows, "rows", 1_000_000, "with -audit: how many events the trail has")
	flags.DurationVar(&o.Disk, "disk", 0, "with -audit: how much longer each commit takes, as on a slower disk, such as 2ms")
	only := flags.String("only", "", "goals to measure, such as P1,P5; all when empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	if o.Rounds < 1 || flags.NArg() > 0 || o.Rows < bench.FewestRows {
		return fmt.Errorf("usage: bench [-audit [-rows N] [-disk TIME]] [-rounds N] [-short] [-long] [-only GOALS] [-keep] [-profiles DIR] [-codes N]; a trail has at least %d rows", bench.FewestRows)
	}
	if *trail {
		return bench.RunAudit(ctx, o)
	}
	return bench.Run(ctx, o)
}
