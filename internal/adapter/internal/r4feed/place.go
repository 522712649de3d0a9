package r4feed

import "context"

// readings is how many answers of one feed are read at the same time. Decoded resources weigh several times what is kept of them, and many
// answers read a little at a time would all be held whole; those who wait cost nothing. A feed that hangs holds up its own askers alone.
const readings = 8

// places are those of one feed's views.
type places struct {
	// reading has a place for each answer that is being read.
	reading chan struct{}
	// coming has a place for each question whose answer is on its way, or has begun to come and waits to be read. Each holds a connection, and
	// there are fewer of them than connections, so that a view that reads can always ask for more. It is nil where that leaves none.
	coming chan struct{}
}

func newPlaces(connections int) places {
	p := places{reading: make(chan struct{}, readings)}
	if connections > readings {
		p.coming = make(chan struct{}, connections-readings)
	}
	return p
}

// place is what one view has taken of them. It is for one goroutine at a time.
type place struct {
	of              *places
	coming, reading bool
}

// ask waits until the view may ask for an answer that is not read at once.
func (p *place) ask(ctx context.Context) error {
	if p.of.coming == nil {
		return p.read(ctx)
	}
	select {
	case p.of.coming <- struct{}{}:
		p.coming = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// read waits until the view may read. It may be called again.
func (p *place) read(ctx context.Context) error {
	if p.reading {
		return nil
	}
	select {
	case p.of.reading <- struct{}{}:
		p.reading = true
		p.stopComing()
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *place) stopComing() {
	if p.coming {
		p.coming = false
		<-p.of.coming
	}
}

// leave gives back whatever the view has taken.
func (p *place) leave() {
	p.stopComing()
	if p.reading {
		p.reading = false
		<-p.of.reading
	}
}
