package bench

import (
	"context"
	"fmt"
	"io"
	"slices"

	"ribble/internal/prove"
)

// failClosed gives P11. The proof measures it, with two portals and a region of its own; nothing of it is measured a second time here.
func (m *measurement) failClosed(ctx context.Context) error {
	proof, err := prove.Run(ctx, prove.Options{Seed: 1, Only: []string{"database-dead", "database-gone"}}, io.Discard)
	if err != nil {
		return err
	}
	for i := range proof.Rows {
		if err := m.proven(&proof.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// proven takes over the figures of a claim that was put to the test. One that failed has none worth having.
func (m *measurement) proven(row *prove.Row) error {
	if !slices.Contains([]prove.Verdict{prove.Met, prove.Short}, row.Verdict) {
		return fmt.Errorf("%s: %s: %s", row.ID, row.Verdict, row.Measured)
	}
	for _, f := range row.Figures {
		m.judge("P11", f.Name, []float64{f.Value}, f.Bar)
	}
	m.say("%s: %s", row.ID, row.Measured)
	if row.Verdict == prove.Short {
		m.say("%s", row.Evidence[0])
	}
	return nil
}
