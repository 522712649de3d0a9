package admin_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/onboarding"
)

// book keeps the directory in memory, by the rules of the store: what is decided stays, and nobody approves their own.
type book struct {
	t        testing.TB
	holder   *directory.Holder
	entries  []directory.Entry
	changes  []onboarding.Change
	versions map[directory.Key][]onboarding.Version
	checks   map[string][]onboarding.Check
	version  int64
	acts     []audit.Act
}

func (b *book) Write(_ context.Context, n audit.Note) (audit.Written, error) {
	b.acts = append(b.acts, n.Act)
	return audit.Written{ID: fmt.Sprint(len(b.acts)), At: now}, nil
}

func (b *book) Propose(_ context.Context, c onboarding.Change) error {
	c.Number = int64(len(b.changes) + 1)
	b.changes = append(b.changes, c)
	return nil
}

func (b *book) at(id string) int {
	return slices.IndexFunc(b.changes, func(c onboarding.Change) bool { return c.ID == id })
}

func (b *book) Decide(_ context.Context, d onboarding.Decision) error {
	i := b.at(d.Change)
	if i < 0 {
		return onboarding.ErrUnknown
	}
	c := &b.changes[i]
	if c.State != onboarding.Waiting {
		return onboarding.ErrDecided
	}
	c.State, c.DecidedBy, c.DecidedAt, c.DecidedEvent, c.Words = d.State, d.By, d.At, d.Event, d.Words
	if d.State == onboarding.Approved {
		b.apply(c)
	}
	return nil
}

func (b *book) apply(c *onboarding.Change) {
	b.version++
	c.Version = b.version
	for _, e := range c.Entries {
		b.entries = slices.DeleteFunc(b.entries, func(have directory.Entry) bool { return have.Key == e.Key })
		if e.Body != "" {
			b.entries = append(b.entries, e)
		}
		v := onboarding.Version{Version: b.version, Body: e.Body, Change: c.ID, Number: c.Number, At: c.DecidedAt, ProposedBy: c.ProposedBy, DecidedBy: c.DecidedBy, Reason: c.Reason}
		b.versions[e.Key] = append([]onboarding.Version{v}, b.versions[e.Key]...)
	}
}

func (b *book) Change(_ context.Context, id string) (onboarding.Change, error) {
	if i := b.at(id); i >= 0 {
		return b.changes[i], nil
	}
	return onboarding.Change{}, onboarding.ErrUnknown
}

func (b *book) Changes(_ context.Context, q onboarding.Query) ([]onboarding.Change, error) {
	var out []onboarding.Change
	for _, c := range slices.Backward(b.changes) {
		touches := q.Entry == directory.Key{} || slices.ContainsFunc(c.Entries, func(e directory.Entry) bool { return e.Key == q.Entry })
		if touches && (q.State == "" || c.State == q.State) {
			c.Entries = nil
			out = append(out, c)
		}
	}
	return out, nil
}

func (b *book) History(_ context.Context, k directory.Key) ([]onboarding.Version, error) {
	return b.versions[k], nil
}

func (b *book) LastCheck(_ context.Context, feed string) (onboarding.Check, error) {
	if list := b.checks[feed]; len(list) > 0 {
		return list[0], nil
	}
	return onboarding.Check{}, nil
}

func (b *book) ChecksOf(_ context.Context, feed string, limit int) ([]onboarding.Check, error) {
	list := b.checks[feed]
	return list[:min(limit, len(list))], nil
}

func (b *book) reload(context.Context) error {
	s, err := directory.Build(b.version, b.entries)
	if err != nil {
		b.t.Errorf("the book holds a directory that is not right: %v", err)
		return err
	}
	b.holder.Replace(s)
	return nil
}

var now = time.Date(2026, 11, 18, 14, 5, 0, 0, time.UTC)
