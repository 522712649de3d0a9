package app

import (
	"context"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/portal/admin"
	"ribble/internal/sourcecheck"
)

// adminPages is what administrators of the region see and do.
func (a *App) adminPages() admin.Config {
	return admin.Config{Desk: a.directory.desk, Checks: a.directory.store, Health: a.health, Check: a.checkFeed}
}

// checkFeed runs a connection check for an administrator, whose name stands on the report and on every look at a test person.
func (a *App) checkFeed(ctx context.Context, by identity.User, feed string) error {
	people, err := a.checks.People()
	if err != nil {
		return fault.Wrap(fault.Unavailable, "The list of test people cannot be read, so no check was run. Tell your operator.", err)
	}
	report, err := a.checks.Run(ctx, feed, sourcecheck.By{User: by}, people)
	if err == nil && !report.Passed() && report.Count(sourcecheck.Failed) == 0 {
		return fault.New(fault.Invalid, "No test person’s record could be read, so the check proves nothing and was not kept. Ask your operator to list test people whom this source knows.")
	}
	return err
}
