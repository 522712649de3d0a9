package prove

import (
	"errors"
	"syscall"
	"time"

	"ribble/internal/sandbox/fault"
)

// quiet waits until the trail has an outcome for every look, or long enough for a process that is alive to have written one, and takes the sources'
// history.
func (st *stage) quiet() ([]fault.Asked, error) {
	if err := st.trail.read(st.ctx); err != nil {
		return nil, err
	}
	patience := st.patience
	if patience == 0 {
		// A view may take its sources' eight seconds, and writing its outcome is tried for five more.
		patience = 14 * time.Second
	}
	for end := time.Now().Add(patience); st.trail.open() > 0 && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err := st.trail.read(st.ctx); err != nil {
			return nil, err
		}
	}
	_, log := st.region.Control.Requests()
	st.region.Control.Forget()
	return log, nil
}

// refusedConnection reports whether an error means that the request reached nobody.
func refusedConnection(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
