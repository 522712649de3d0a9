package outbound

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// manyConnections leaves room to wait for everybody in a test.
const manyConnections = 1000

// lastStep is the size at which an answer needs a place on every step.
var lastStep = steps[len(steps)-1].past + 1

// fill takes every place of the last step, and gives them back when the test ends.
func fill(t *testing.T) []*room {
	t.Helper()
	rooms := make([]*room, cap(steps[len(steps)-1].places))
	for i := range rooms {
		rooms[i] = newRoom()
		if err := rooms[i].more(t.Context(), lastStep, newLine(manyConnections)); err != nil {
			t.Fatal(err)
		}
	}
	return rooms
}

func none(t *testing.T) {
	t.Helper()
	for i := range steps {
		if n := len(steps[i].places); n != 0 {
			t.Errorf("%d places of step %d are still taken", n, i)
		}
	}
	if n := LargeAnswers().Now; n != 0 {
		t.Errorf("%d answers are said to wait still", n)
	}
}

// TestLargeAnswersTakeTurns: only so many answers are large at a time; who is given up while it waits holds nothing.
func TestLargeAnswersTakeTurns(t *testing.T) {
	rooms := fill(t)
	ctx, cancel := context.WithCancel(t.Context())
	late := newRoom()
	if err := late.more(ctx, steps[0].past+1, newLine(manyConnections)); err != nil {
		t.Errorf("an answer that is not so large waits for the largest: %v", err)
	}
	cancel()
	if err := late.more(ctx, lastStep, newLine(manyConnections)); !errors.Is(err, context.Canceled) {
		t.Errorf("one more large answer: %v", err)
	}
	rooms[0].leave()
	if err := late.more(t.Context(), lastStep, newLine(manyConnections)); err != nil {
		t.Errorf("after a place is free: %v", err)
	}
	late.leave()
	for _, r := range rooms[1:] {
		r.leave()
	}
	none(t)
}

// TestSmallAnswersNeverWait: whatever is held, an answer below the first step is read at once.
func TestSmallAnswersNeverWait(t *testing.T) {
	rooms := fill(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	small := newRoom()
	if err := small.more(ctx, steps[0].past, newLine(0)); err != nil {
		t.Error(err)
	}
	small.leave()
	for _, r := range rooms {
		r.leave()
	}
	none(t)
}

// TestWhoWaitsTooLongIsToldBeforeTheDeadline: there must be time left to say what is missing, and why.
func TestWhoWaitsTooLongIsToldBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Channels that a bubble waits on must be its own.
		was := steps
		for i := range steps {
			steps[i].places = make(chan struct{}, cap(steps[i].places))
		}
		defer func() { steps = was }()
		rooms := fill(t)
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		late, began := newRoom(), time.Now()
		if err := late.more(ctx, lastStep, newLine(manyConnections)); !errors.Is(err, ErrNoRoom) {
			t.Errorf("after its time: %v", err)
		}
		if waited := time.Since(began); waited != 8*time.Second-patience {
			t.Errorf("it waited %s", waited)
		}
		if late.taken != 0 || late.bytes.Load() != 0 {
			t.Errorf("it holds %d places for %d bytes", late.taken, late.bytes.Load())
		}
		for _, r := range rooms {
			r.leave()
		}
	})
}

// TestTheFirstToWaitIsTheFirstToRead: places that become free go round in turn.
func TestTheFirstToWaitIsTheFirstToRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		was := steps
		for i := range steps {
			steps[i].places = make(chan struct{}, cap(steps[i].places))
		}
		defer func() { steps = was }()
		rooms := fill(t)
		order := make(chan int, 4)
		for i := range cap(order) {
			go func() {
				r := newRoom()
				if err := r.more(t.Context(), lastStep, newLine(manyConnections)); err != nil {
					t.Error(err)
				}
				order <- i
				r.leave()
			}()
			synctest.Wait()
		}
		rooms[0].leave()
		for want := range cap(order) {
			if got := <-order; got != want {
				t.Errorf("%d came when it was the turn of %d", got, want)
			}
		}
		for _, r := range rooms[1:] {
			r.leave()
		}
		synctest.Wait()
		none(t)
	})
}

// TestOneQuestionHoldsOnePlace: the answers of one question count together, and share its places.
func TestOneQuestionHoldsOnePlace(t *testing.T) {
	ctx, release := Hold(t.Context())
	r, own := roomIn(ctx)
	if own {
		t.Fatal("the question's room is not found")
	}
	for range 8 {
		if err := r.more(ctx, lastStep/4, newLine(manyConnections)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range steps {
		if n := len(steps[i].places); n != 1 {
			t.Errorf("%d places of step %d are taken for one question", n, i)
		}
	}
	r.less(lastStep)
	if n := len(steps[len(steps)-1].places); n != 0 {
		t.Errorf("%d places of the last step are taken for half of it", n)
	}
	release()
	none(t)
}

// TestALineIsNotForever: a source's answers may not all wait, because each holds a connection.
func TestALineIsNotForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		was := steps
		for i := range steps {
			steps[i].places = make(chan struct{}, cap(steps[i].places))
		}
		defer func() { steps = was }()
		rooms := fill(t)
		const connections = 16
		line, refused, read := newLine(connections), 0, 0
		ended := make(chan error)
		for range connections {
			go func() {
				r := newRoom()
				defer r.leave()
				ended <- r.more(t.Context(), lastStep, line)
			}()
		}
		synctest.Wait()
		if n := line.waiting.Load(); n >= connections/2 || n == 0 {
			t.Errorf("%d of %d wait", n, connections)
		}
		for _, r := range rooms {
			r.leave()
		}
		for range connections {
			switch err := <-ended; {
			case err == nil:
				read++
			case errors.Is(err, ErrNoRoom):
				refused++
			default:
				t.Error(err)
			}
		}
		synctest.Wait()
		if read != connections/2-1 || refused != connections-read {
			t.Errorf("%d read, %d refused", read, refused)
		}
		if line.waiting.Load() != 0 {
			t.Error("somebody is said to wait still")
		}
	})
}

// TestWhatIsDecodedWeighs: a question with many small resources needs the places of a large answer; outside a question nothing is counted.
func TestWhatIsDecodedWeighs(t *testing.T) {
	rooms := fill(t)
	ctx, release := Hold(t.Context())
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := Weigh(ctx, int(steps[1].past/perResource)); err != nil {
		t.Errorf("resources of a middling answer: %v", err)
	}
	if err := Weigh(ctx, int(lastStep/perResource)); !errors.Is(err, ErrNoRoom) {
		t.Errorf("resources of a large answer where there is no room for one: %v", err)
	}
	release()
	if err := Weigh(t.Context(), 1<<30); err != nil {
		t.Errorf("outside a question: %v", err)
	}
	for _, r := range rooms {
		r.leave()
	}
	none(t)
}

// TestManySmallPagesAreALargeAnswer: pages that no buffer is counted for count once they are read, all those of one question together.
func TestManySmallPagesAreALargeAnswer(t *testing.T) {
	rooms := fill(t)
	ctx, release := Hold(t.Context())
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c := Client{cfg: Config{MaxBody: 16 << 20}, line: newLine(manyConnections)}
	page, read, err := make([]byte, freeRead/2), int64(0), error(nil)
	for err == nil && read < 2*lastStep {
		if _, err = c.readAll(ctx, bytes.NewReader(page), -1); err == nil {
			read += int64(len(page))
		}
	}
	if !errors.Is(err, ErrNoRoom) || read >= lastStep {
		t.Errorf("%d bytes of small pages were read where there is room for less than %d: %v", read, lastStep, err)
	}
	release()
	for _, r := range rooms {
		r.leave()
	}
	none(t)
}
