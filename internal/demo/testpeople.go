package demo

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	lists "ribble/deploy/demo"
	"ribble/internal/app"
	"ribble/internal/audit"
	"ribble/internal/record"
	"ribble/internal/sandbox"
)

// agreeTestPeople leaves the list of test people where the portal finds it, and names them in the directory for the feeds that know them: as digests under
// the demo's own key, which is why no shipped file can hold them.
func (d *Demo) agreeTestPeople() error {
	list, err := lists.Region.ReadFile(lists.TestPeopleFile)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.dir, lists.TestPeopleFile), list, 0o600); err != nil {
		return err
	}
	var people []struct {
		Number string   `json:"nhs_number"`
		Feeds  []string `json:"feeds"`
	}
	if err := json.Unmarshal(list, &people); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(d.dir, name) }
	keys, err := audit.LoadKeys(audit.KeyFiles{Index: in(app.IndexKeyFile), Person: in(app.PersonKeyFile), Row: in(app.RowKeyFile)}, nil)
	if err != nil {
		return err
	}
	region := d.Region.Directory()
	for _, p := range people {
		n, err := record.ParseNHSNumber(p.Number)
		if err != nil {
			return fmt.Errorf("reading the list of test people: %w", err)
		}
		digest := hex.EncodeToString(keys.RegisterIndexes(n)[0].Value)
		for i := range region.Feeds {
			if f := &region.Feeds[i]; f.Audience != nil && slices.Contains(p.Feeds, f.ID) {
				f.Audience.TestPeople = append(f.Audience.TestPeople, digest)
			}
		}
	}
	body, err := json.MarshalIndent(region, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(in(sandbox.DirectoryFile), body, 0o600)
}
