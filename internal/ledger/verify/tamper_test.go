package verify

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/ledger"
	chk "ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/postgres"
)

var tampers = flag.Int("tampers", 8, "how many random tamperings TestRandomTampering makes")

// tampering is what a database superuser does to a copy of the trail, and the first bad event.
type tampering struct {
	name string
	want int64
	sql  []string
	// from is the database that is copied, when it is not today's; do goes beyond SQL.
	from func(*estate) string
	do   func(t *testing.T, e *estate, database string)
	// after is how long after the last event the export is made.
	after time.Duration
	// alone leaves the witness's file out; only exports that show the tampering by themselves.
	alone bool
}

const (
	truncateTail = "DELETE FROM audit.event WHERE sequence > 45"
	cutHead      = "UPDATE audit.head SET size = 45"
	cutLedger    = "DELETE FROM audit.checkpoint WHERE size > 45"
)

func swap(column string, a, b int) string {
	return fmt.Sprintf("UPDATE audit.event e SET %[1]s = o.%[1]s FROM audit.event o WHERE (e.sequence, o.sequence) IN ((%[2]d, %[3]d), (%[3]d, %[2]d))", column, a, b)
}

func swapNumbers(a, b int) string {
	return fmt.Sprintf("UPDATE audit.event SET sequence = %[1]d + %[2]d - sequence WHERE sequence IN (%[1]d, %[2]d)", a, b)
}

const columns = "id, at, act, agent, organisation, reason, register, person_index, body, mac, recorded_at"

// forge puts an event of somebody's own making at a number, on top of whatever is there.
func forge(sequence int) string {
	return fmt.Sprintf(`INSERT INTO audit.event (sequence, %s) SELECT %d, gen_random_uuid(), at + interval '1 microsecond', 'finished', agent, organisation, reason, register, person_index, body, mac,
		recorded_at FROM audit.event WHERE sequence = %d LIMIT 1`, columns, sequence, sequence)
}

func tamperings() []tampering {
	return []tampering{
		{name: "T01 edit a byte of a body", want: 17, sql: []string{"UPDATE audit.event SET body = set_byte(body, 40, 65) WHERE sequence = 17"}},
		{name: "T01 edit a column beside it", want: 31, sql: []string{"UPDATE audit.event SET reason = 'somebody' WHERE sequence = 31"}},
		{name: "T01 edit the reference to who acted", want: 31, sql: []string{"UPDATE audit.event SET agent = agent + 1 WHERE sequence = 31"}},
		{name: "T01 edit who acted, for all", want: 1, sql: []string{"UPDATE audit.agent SET subject = 'somebody'"}},
		{name: "T01 edit a word", want: 1, sql: []string{"UPDATE audit.word SET text = text || '\\x41'"}},
		{name: "T02 delete every word", want: 1, sql: []string{"DELETE FROM audit.word"}},
		{name: "T01 edit the time it was recorded", want: 60, sql: []string{"UPDATE audit.event SET recorded_at = recorded_at + interval '1 microsecond' WHERE sequence = 60"}},
		{name: "T02 delete", want: 23, sql: []string{"DELETE FROM audit.event WHERE sequence = 23"}},
		{name: "T02 delete and number anew", want: 23, sql: []string{"DELETE FROM audit.event WHERE sequence = 23", "UPDATE audit.event SET sequence = sequence - 1 WHERE sequence > 23"}},
		{name: "T02 edit one and delete a later one", want: 21, sql: []string{"UPDATE audit.event SET act = 'x' WHERE sequence = 21", "DELETE FROM audit.event WHERE sequence = 27"}},
		{name: "T02 delete before a checkpoint covers it", want: 63, do: func(t *testing.T, e *estate, database string) {
			appendWithoutLedger(t, e, database)
			e.superuser(t, database, "DELETE FROM audit.event WHERE sequence = 63")
		}, alone: true},
		{name: "T03 insert and number anew", want: 12, sql: []string{"UPDATE audit.event SET sequence = sequence + 1 WHERE sequence >= 12",
			`INSERT INTO audit.event (sequence, ` + columns + `) SELECT 12, gen_random_uuid(), at, act, agent, organisation, reason, register, person_index, body, mac, recorded_at
			FROM audit.event WHERE sequence = 13`, "UPDATE audit.head SET size = size + 1"}},
		{name: "T03 insert under a number in use", want: 12, sql: []string{forge(12)}},
		{name: "T04 reorder", want: 14, sql: []string{swapNumbers(14, 38)}},
		{name: "T05 swap ciphertexts", want: 33, sql: []string{swap("body", 33, 36)}},
		{name: "T05 swap people", want: 8, sql: []string{"UPDATE audit.event SET person_index = gen_random_uuid() WHERE sequence = 8"}},
		{name: "T06 truncate the head", want: 1, sql: []string{"DELETE FROM audit.event WHERE sequence <= 10"}},
		{name: "T06 truncate the head with its checkpoint", want: 1, sql: []string{"DELETE FROM audit.event WHERE sequence <= 10", "DELETE FROM audit.checkpoint WHERE size <= 10"}},
		{name: "T07 truncate the tail", want: 46, sql: []string{truncateTail}, alone: true},
		{name: "T07 truncate the tail and the head", want: 46, sql: []string{truncateTail, cutHead, "UPDATE audit.checkpoint SET size = 45 WHERE size = 60", "DELETE FROM audit.checkpoint WHERE size = 50"}, after: 5 * time.Second},
		{name: "T07 truncate tail, head and ledger", want: 46, sql: []string{truncateTail, cutHead, cutLedger}, after: 5 * time.Second},
		{name: "T08 rewrite and hash anew", want: 26, sql: []string{"UPDATE audit.event SET organisation = 'RYY' WHERE sequence >= 26"}, do: rehash},
		{name: "T09 restore yesterday's backup", want: half + 1, from: func(e *estate) string { return e.yesterday }, after: 5 * time.Second},
		{name: "T10 fork", want: half + 1, from: func(e *estate) string { return e.yesterday }, do: fork},
		{name: "T11 replace the checkpoints", want: 1, sql: []string{"UPDATE audit.checkpoint SET note = convert_to(replace(convert_from(note, 'UTF8'), 'ribble.example/audit ', 'ribble.example/audit A'), 'UTF8')"}},
		{name: "T11 sign with another key", want: 1, do: func(t *testing.T, e *estate, database string) { rehash(t, e, database) }, alone: true},
		{name: "T11 of another ledger", want: 1, do: anotherOrigin, alone: true},
		{name: "T12 replay an old checkpoint", want: 51, sql: []string{"UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = 40) WHERE size = 60"}},
		{name: "T12 replay it under its size", want: 51, sql: []string{"DELETE FROM audit.checkpoint WHERE size = 60"}, after: 2 * time.Minute},
		{name: "T13 change the reader's view", want: 29, sql: []string{"ALTER TABLE audit.event RENAME TO hidden", "CREATE VIEW audit.event AS SELECT * FROM audit.hidden WHERE sequence <> 29",
			"GRANT SELECT ON audit.event TO ribble_verifier"}},
		{name: "T14 drop a partition", want: half + 1, sql: []string{"DROP TABLE audit.event_2031_04"}},
		{name: "T14 drop the first partition", want: 1, sql: []string{"DROP TABLE audit.event_2031_03"}},
		{name: "T15 stop the checkpointer", want: 61, do: appendWithoutLedger, after: 2 * time.Minute, alone: true},
		{name: "T15 keep the witness away", want: 61, do: withoutWitness, after: 6 * time.Minute, alone: true},
	}
}

// rehash throws the ledger away and builds another over what is there, with a key of the same name.
func rehash(t *testing.T, e *estate, database string) {
	secret, public, err := chk.NewLogKey("ribble.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	rebuild(t, e, database, signersOf(t, t.TempDir()+"/key", secret, public))
}

func rebuild(t *testing.T, e *estate, database string, signers chk.SignerFile) {
	e.superuser(t, database, "DELETE FROM audit.checkpoint", "DELETE FROM audit.tile")
	_, end := e.open(t, database, nil, signers, func(*leaf.Row) error { return nil })
	end()
}

// anotherOrigin has the ledger's own key sign for a ledger of another name.
func anotherOrigin(t *testing.T, e *estate, database string) {
	e.superuser(t, database, "DELETE FROM audit.checkpoint", "DELETE FROM audit.tile")
	urls, _ := e.urls(database)
	store, err := postgres.OpenLedger(t.Context(), urls[postgres.Verifier], urls[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	// What the ledger itself would never keep is kept by hand.
	rows, err := store.Rows(t.Context(), 0, events)
	if err != nil {
		t.Fatal(err)
	}
	var f frontier
	for i := range rows {
		f.push(hashLeaf(rows[i].Append([]byte{0})))
	}
	body := chk.Checkpoint{Origin: "another.example/audit", Size: events, Root: f.root()}.Body()
	sig, err := e.signers.Signers[0].Sign([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	id := binary.BigEndian.AppendUint32(nil, e.signers.Signers[0].KeyHash())
	signed := body + "\n— ribble.example/audit " + base64.StdEncoding.EncodeToString(append(id, sig...)) + "\n"
	if err := store.Add(t.Context(), ledger.Addition{Size: events, Note: []byte(signed)}); err != nil {
		t.Fatal(err)
	}
}

// fork continues yesterday's trail otherwise, with the ledger's own key and no witness.
func fork(t *testing.T, e *estate, database string) {
	var i atomic.Int64
	i.Store(half)
	e.fill(t, database, events-half, &i, nil)
}

func appendWithoutLedger(t *testing.T, e *estate, database string) {
	urls, _ := e.urls(database)
	log, err := postgres.OpenAudit(t.Context(), urls[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var i atomic.Int64
	i.Store(events)
	trail := audit.NewTrail(log, e.keys, clock(&i))
	for range 5 {
		e.write(t, trail)
	}
}

func withoutWitness(t *testing.T, e *estate, database string) {
	appendWithoutLedger(t, e, database)
	_, end := e.open(t, database, nil, e.signers, e.keys.Authentic)
	end()
}

// made is a tampered export with what must be found in it.
type made struct {
	tampering
	export  []byte
	outside []byte
}

// makeAll tampers with a copy for each, and exports it.
func makeAll(t *testing.T, e *estate) []made {
	t.Helper()
	outside := e.confirmed(t)
	var all []made
	for i, c := range tamperings() {
		database, from := name(e, i), e.today
		if c.from != nil {
			from = c.from(e)
		}
		e.copy(t, from, database)
		e.superuser(t, database, c.sql...)
		if c.do != nil {
			c.do(t, e, database)
		}
		m := made{c, later(e.export(t, database, ledger.Range{}), c.after), outside}
		if c.alone {
			m.outside = nil
		}
		all = append(all, m)
	}
	return all
}

// TestEveryTamperingIsFound: T01 to T15 by a database superuser, each found with nothing but public keys, an export and the witness's file, with the
// right first bad event; and each check is needed: without it something goes unfound or is found in the wrong place.
func TestEveryTamperingIsFound(t *testing.T) {
	e := newEstate(t)
	assertClean(t, e, e.today)
	all := makeAll(t, e)
	for _, m := range all {
		if why := m.wrong(e.verify(t, m.export, m.outside)); why != "" {
			t.Errorf("%s: %s", m.name, why)
		}
	}
	all = append(all, moreCases(t, e)...)
	for _, c := range []check{
		checkMagic, checkSequence, checkRoot, checkPrints, checkLogKey, checkOrigin, checkWitnessKey, checkColumn, checkOrder, checkMissing, checkProof, checkOutside,
		checkTail, checkWitnessed, checkEnd,
	} {
		var needed []string
		for _, m := range all {
			if m.wrong(e.verify(t, m.export, m.outside, c)) != "" {
				needed = append(needed, m.name)
			}
		}
		if len(needed) == 0 {
			t.Errorf("without the check %q every test still passes", c)
		}
		t.Logf("without %q these fail: %q", c, needed)
	}
	for _, m := range all {
		if why := m.wrong(e.verify(t, m.export, m.outside)); why != "" {
			t.Errorf("%s: %s", m.name, why)
		}
	}
}

func (m made) wrong(r Report) string {
	switch {
	case m.want == 0 && r.Finding != nil:
		return "a false alarm: " + r.Finding.String()
	case m.want == 0:
		return ""
	case r.Finding == nil:
		return "not found"
	case r.Finding.Sequence != m.want || r.Finding.UpTo > m.want:
		return fmt.Sprintf("found %s; want event %d", r.Finding, m.want)
	}
	return ""
}

// moreCases are faults of the file rather than of the database.
func moreCases(t *testing.T, e *estate) []made {
	t.Helper()
	whole, outside := e.export(t, e.today, ledger.Range{}), e.confirmed(t)
	part := e.export(t, e.today, ledger.Range{From: 13, To: 37})
	changed := bytes.Clone(part)
	changed[bytes.LastIndex(changed, []byte("traced"))+1] ^= 1
	return []made{
		{tampering{name: "not an export", want: -1}, append([]byte("r1bble audit export 1\n"), whole[len(magic):]...), nil},
		{tampering{name: "cut off", want: events + 1}, whole[:len(whole)-13], nil},
		{tampering{name: "cut off in a row", want: 22}, whole[:bytes.Index(whole, rowStart(22))+30], nil},
		{tampering{name: "a part", want: 0}, part, nil},
		{tampering{name: "a part that was changed", want: 37}, changed, outside},
		{tampering{name: "whole", want: 0}, whole, outside},
		{tampering{name: "a checkpoint twice", want: events + 1}, twice(whole), outside},
	}
}

// rowStart is how the frame of a row begins, after its length.
func rowStart(sequence byte) []byte { return []byte{2, 0, 0, 0, 0, 0, 0, 0, sequence} }

// twice repeats the last checkpoint of an export, before its end.
func twice(export []byte) []byte {
	const end = 13
	start := bytes.LastIndex(export, []byte("ribble.example/audit\n60\n")) - 13
	return append(bytes.Clone(export[:len(export)-end]), export[start:]...)
}

func assertClean(t *testing.T, e *estate, database string) {
	t.Helper()
	report := e.verify(t, e.export(t, database, ledger.Range{}), e.confirmed(t))
	if report.Finding != nil || report.Proven != events || report.Signed != events || report.To != events || time.Since(report.ProvenAt) > time.Hour {
		t.Fatalf("a false alarm: %+v, finding %v", report, report.Finding)
	}
}

// TestRandomTampering makes one random change after another, each to a copy of its own, and looks before each that the copy is clean.
func TestRandomTampering(t *testing.T) {
	e := newEstate(t)
	outside := e.confirmed(t)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range *tampers {
		// Each in a test of its own, so that its database goes when it ends.
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			database := name(e, 1000+i)
			e.copy(t, e.today, database)
			assertClean(t, e, database)
			m := made{tampering: randomTampering(random)}
			e.superuser(t, database, m.sql...)
			if why := m.wrong(e.verify(t, e.export(t, database, ledger.Range{}), outside)); why != "" {
				t.Errorf("seed %d, number %d, %s %q: %s", seed, i, m.name, m.sql, why)
			}
		})
	}
	if !t.Failed() {
		t.Logf("%d tamperings found, %d clean copies clean (seed %d)", *tampers, *tampers, seed)
	}
}

func randomTampering(r *rand.Rand) tampering {
	a := 1 + r.IntN(events)
	b := 1 + (a+r.IntN(events-1))%events
	first := int64(min(a, b))
	update := func(set string) tampering {
		return tampering{name: "edit", want: int64(a), sql: []string{fmt.Sprintf("UPDATE audit.event SET %s WHERE sequence = %d", set, a)}}
	}
	switch r.IntN(14) {
	case 0:
		return update(fmt.Sprintf("body = set_byte(body, %[1]d, get_byte(body, %[1]d) # %[2]d)", r.IntN(50), 1+r.IntN(255)))
	case 1:
		return update("act = 'finished'")
	case 2:
		return update("agent = agent + 1")
	case 3:
		return update("register = register || 'x'")
	case 4:
		return update("organisation = 'RYY'")
	case 5:
		return update("at = at + interval '1 microsecond'")
	case 6:
		return update("person_index = gen_random_uuid()")
	case 7:
		return update("mac = gen_random_uuid()")
	case 8:
		return update("look = gen_random_uuid()")
	case 9:
		return tampering{name: "delete", want: int64(a), sql: []string{fmt.Sprintf("DELETE FROM audit.event WHERE sequence = %d", a)}}
	case 10:
		return tampering{name: "reorder", want: first, sql: []string{swapNumbers(a, b)}}
	case 11:
		return tampering{name: "swap", want: first, sql: []string{swap("body", a, b)}}
	case 12:
		return tampering{name: "forge", want: int64(a), sql: []string{forge(a)}}
	}
	return tampering{name: "cut off", want: int64(a), sql: []string{fmt.Sprintf("DELETE FROM audit.event WHERE sequence >= %d", a)}}
}
