package postgres

import (
	"runtime"
	"time"
)

// pace says how long the writer waits for company before it commits.
//
// Callers that are answered together often come back together. Left alone they fall into two halves, each of which waits for the other's commit: a commit
// then carries half of what it could, and a caller waits for two. A short wait joins the halves. Where callers do not come back, as when each of them is a
// clinician with a page to read, waiting gains nothing and is given up for a while.
type pace struct {
	// expected is how many were under way when the last commit ended, took how long that commit took.
	expected int
	took     time.Duration
	// alone counts down the commits for which nobody is waited for.
	alone int
}

const (
	// share is the part of the last commit's time that the next may wait.
	share = 4
	// longest bounds that wait, whose time the processor spends: a commit that took a second had other reasons than those who might join.
	longest = 5 * time.Millisecond
	// company is the least number under way for which a wait can pay.
	company = 4
	// unmet is for how many commits nobody is waited for after a wait that brought less than a third of those it was for.
	unmet = 8
)

// served notes a commit of so many that has ended while so many others wait.
func (p *pace) served(batch, waiting int, took time.Duration) {
	p.expected, p.took = min(batch+waiting, batchLength), took
}

// join lets the batch grow by what comes within the time. More adds what has come, and gives how many the batch then has.
func (p *pace) join(began int, more func() int) {
	if p.expected < company || began >= p.expected {
		return
	}
	if p.alone > 0 {
		p.alone--
		return
	}
	n := began
	for until := time.Now().Add(min(p.took/share, longest)); n < p.expected && time.Now().Before(until); n = more() {
		runtime.Gosched()
	}
	if 3*(n-began) < p.expected-began {
		p.alone = unmet
	}
}
