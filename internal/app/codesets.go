package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/sensitive"
	"ribble/internal/sensitive/codeset"
)

// codeSets keeps the sensitive code sets as their files say, and the tally of what others would do.
type codeSets struct {
	inForce *codeset.Holder
	tally   *sensitive.Tally
	// manifest is the file of the sets in force, candidate that of those tried out; each empty for none.
	manifest, candidate string
	tried               *codeset.Sets
	trail               *audit.Trail
	log                 *slog.Logger
	asked               chan os.Signal
}

// newCodeSets loads the sets. A manifest that is refused stops the start, because there is nothing before it that could stay in force; a candidate
// that is refused does not.
func newCodeSets(c config.Config, log *slog.Logger) (*codeSets, error) {
	s := &codeSets{inForce: new(codeset.Holder), manifest: c.SensitiveFile, candidate: c.SensitiveCandidate, log: log, asked: make(chan os.Signal, 1)}
	if s.manifest != "" {
		sets, err := loadSets(s.manifest)
		if err != nil {
			return nil, fmt.Errorf("loading the sensitive code sets: %w", err)
		}
		if err := s.inForce.Replace(sets); err != nil {
			return nil, fmt.Errorf("putting the sensitive code sets in force: %w", err)
		}
	}
	var words codeset.Words
	if path := c.SensitiveWords; path != "" {
		var err error
		if words, err = codeset.LoadWords(os.DirFS(filepath.Dir(path)), filepath.Base(path)); err != nil {
			return nil, fmt.Errorf("loading the words by which free text is searched: %w", err)
		}
	}
	s.tally = sensitive.NewTally(words, time.Now)
	s.try(context.Background())
	return s, nil
}

func loadSets(path string) (*codeset.Sets, error) {
	return codeset.Load(os.DirFS(filepath.Dir(path)), filepath.Base(path))
}

// policy is the second filter, with the sets in force at the time of each answer.
func (s *codeSets) policy() *sensitive.Policy { return sensitive.NewPolicy(s.inForce).Trying(s.tally) }

// reloadEvery is how often the files are read again, for whoever forgets the signal.
const reloadEvery = 5 * time.Minute

// keep reads the files again and again, and when it is asked to.
func (s *codeSets) keep(ctx context.Context) {
	defer signal.Stop(s.asked)
	tick := time.NewTicker(reloadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.asked:
		case <-tick.C:
		}
		s.reload(ctx)
	}
}

// reload puts in force what the files say now. What is refused changes nothing: the log says where it is wrong.
func (s *codeSets) reload(ctx context.Context) {
	if err := s.change(ctx); err != nil {
		s.refused(ctx, "the sensitive code sets could not be changed; those in force stay", err)
	}
	s.try(ctx)
}

// change replaces the sets in force when their files have changed. The trail knows it first.
func (s *codeSets) change(ctx context.Context) error {
	if s.manifest == "" {
		return nil
	}
	next, err := loadSets(s.manifest)
	if err != nil {
		return err
	}
	before := s.inForce.Current()
	if next.Same(before) {
		return nil
	}
	if err := codeset.Check(before, next); err != nil {
		return err
	}
	note := audit.Note{Act: audit.ActRegisterChanged, User: operator(), Reason: "sensitive code sets", Register: next.Whole(), Found: members(next)}
	if err := s.trail.Note(ctx, note); err != nil {
		return fmt.Errorf("writing down the change of the code sets: %w", err)
	}
	if err := s.inForce.Replace(next); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "the sensitive code sets were changed", "count", members(next))
	return nil
}

// try loads the candidate, when its files have changed: the counts begin anew.
func (s *codeSets) try(ctx context.Context) {
	if s.candidate == "" {
		return
	}
	next, err := loadSets(s.candidate)
	if err != nil {
		s.refused(ctx, "the sensitive code sets to be tried out are refused", err)
		return
	}
	if !next.Same(s.tried) {
		s.tried = next
		s.tally.Try(next)
	}
}

func (s *codeSets) refused(ctx context.Context, message string, err error) {
	if refusal, ok := errors.AsType[codeset.Refusal](err); ok {
		s.log.ErrorContext(ctx, message, "file", refusal.File, "line", refusal.Line, "reason", refusal.Reason)
		return
	}
	s.log.ErrorContext(ctx, message, "reason", "the change could not be written down")
}

func members(sets *codeset.Sets) (n int) {
	for _, set := range sets.All() {
		n += set.Members
	}
	return n
}

// counted are the counts of a dry run and of free-text mentions on this machine, one a line. There is no person and no entry in it.
func counted(tally *sensitive.Tally) string {
	var b strings.Builder
	tried := tally.Tried()
	fmt.Fprintf(&b, "answers %d since %s\n", tried.Answers, tried.Since.UTC().Format(time.RFC3339))
	for _, version := range tried.Versions {
		fmt.Fprintf(&b, "tries %s\n", version)
	}
	for _, c := range tried.Changes {
		fmt.Fprintf(&b, "change %s: %s: would hide %d, would show %d\n", c.Section.ID(), c.Topic, c.Hidden, c.Shown)
	}
	for _, m := range tally.Mentioned() {
		fmt.Fprintf(&b, "mentions %s %s: %s: %d\n", m.Feed, m.Type, m.Topic, len(m.Keys))
	}
	return b.String()
}

// ReloadOn reads the sensitive code sets again whenever the signal comes; Serve must run.
func (a *App) ReloadOn(s os.Signal) { signal.Notify(a.sets.asked, s) }

// ErrSensitiveUsage is how `ribble sensitive` is used.
var ErrSensitiveUsage = errors.New("usage: ribble sensitive check [-after MANIFEST] [-words LIST] MANIFEST")

// Sensitive runs `ribble sensitive check`: it says what a manifest of sensitive code sets holds, or where it is wrong and why. It needs no settings and
// changes nothing, so an officer can run it anywhere.
func Sensitive(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ribble sensitive check", flag.ContinueOnError)
	flags.SetOutput(out)
	after := flags.String("after", "", "manifest of the sets that are in force: also say whether these may follow them")
	words := flags.String("words", "", "list of words to be checked too")
	if len(args) == 0 || args[0] != "check" || flags.Parse(args[1:]) != nil || flags.NArg() != 1 {
		return ErrSensitiveUsage
	}
	next, err := loadSets(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("refused: %w", err)
	}
	if *after != "" {
		before, err := loadSets(*after)
		if err != nil {
			return fmt.Errorf("the sets before are refused: %w", err)
		}
		if err := codeset.Check(before, next); err != nil {
			return fmt.Errorf("refused: %w", err)
		}
	}
	if *words != "" {
		if _, err := codeset.LoadWords(os.DirFS(filepath.Dir(*words)), filepath.Base(*words)); err != nil {
			return fmt.Errorf("refused: %w", err)
		}
	}
	return describeSets(next, out)
}

// describeSets lists the versions with their numbers, and never a member.
func describeSets(sets *codeset.Sets, out io.Writer) error {
	for _, set := range sets.All() {
		state := "on"
		if !set.On {
			state = "off"
		}
		if _, err := fmt.Fprintf(out, "%-30s %-12s from %s  %-3s %7d members, opened by %s\n",
			set.Topic, set.Version, set.From.Format(time.DateOnly), state, set.Members, set.Opens); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "These sets can be put in force: %d members.\n", members(sets))
	return err
}
