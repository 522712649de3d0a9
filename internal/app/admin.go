package app

import (
	"ribble/internal/portal/admin"
)

// adminPages is what administrators of the region see and do.
func (a *App) adminPages() admin.Config {
	return admin.Config{Desk: a.directory.desk, Checks: a.directory.store}
}
