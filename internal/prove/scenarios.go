package prove

// scenarios are the claims in the order in which they are tried. Ids S, D, P and C and goals G are those of the safety analysis.
var scenarios = []scenario{
	{
		id: "calm", goal: "G12", title: "With everything well, every view is whole", bar: "100 % of views with every entry of all 13 sources; I1 to I5 hold",
		how: "closed loop over both portals", run: calm,
	},
	{
		id: "kill-portal", goal: "G1", title: "No disclosure without an earlier durable record, whenever a portal dies (P01)",
		bar: "0 violations of I1 to I4, at 200 random kills over 10,000 views (long)", how: "kill -9 of one portal or the other at random while records stream; the three histories are compared", run: killPortal,
	},
	{
		id: "kill-postgres", goal: "G2", title: "No acknowledged event is lost, whenever Postgres dies (D01)", bar: "0 violations of I1 to I4; whole again within 5 s of its return, without a restart",
		how: "immediate shutdown of Postgres while records stream", run: killPostgres,
	},
	{
		id: "failover", goal: "G2", title: "A standby takes over, and an old copy comes back (D07)", timed: true, long: true,
		bar: "0 acknowledged events lost; whole again <= 5 s after a promotion; an old copy: every look refused, 0 sources asked, 0 rows added to it, whole again <= 5 s after it; no portal restarted",
		how: "a synchronous standby; crashes of the primary under a steady load; then the wire leads to the last of those for eight seconds", run: failover,
	},
	{
		id: "outcome", goal: "G1", title: "Every intent has an outcome or a reconciliation (I5)", bar: "0 looks left without either after a portal is killed; 0 reconciled that lived or had ended",
		how: "kill -9 of a portal under load, then the trail is read until every look of the whole run is settled", run: outcome,
	},
	{
		id: "database-gone", goal: "G3", title: "Without its database the portal refuses, quickly (D03, D05)", timed: true,
		bar: "refusals <= 2 s p99; 0 requests to sources; not ready <= 1 s; back <= 5 s without a restart", how: "the wire to Postgres is cut, then swallows everything", run: databaseGone,
	},
	{
		id: "database-dead", goal: "G3", title: "Postgres dead for three seconds: nothing shown, refused at once, back at once (D01, P11)", timed: true,
		bar: "0 entries shown that are not written down; refusals <= 50 ms p99; a whole view <= 1 s after its return; an export of the trail verifies",
		how: "immediate shutdown of Postgres while users go on looking at both portals", run: databaseDead,
	},
	{
		id: "database-refuses", goal: "G3", title: "A database that is there and takes nothing: refused, soon, and back by itself (D06)", timed: true,
		bar: "every look whole or refused with 503 within 2 s; nothing shown that is not written down; sources not asked while refused; back <= 5 s after the cause ends, without a restart of a portal",
		how: "read-only; the trail's table locked; every connection taken; the disk of the write-ahead log full (long)", run: databaseRefuses,
	},
	{
		id: "database-between", goal: "G1", title: "The database goes between intent and disclosure (D04)", bar: "0 clinical entries reach the browser", how: "the wire is cut after the page began, while every source is awaited", run: databaseBetween,
	},
	{
		id: "database-slow", goal: "G3", title: "A slow database makes views late, not wrong (D05)", bar: "every view whole, or refused with a page that says so; I1 to I5 hold",
		how: "100 ms, then 1 s on the wire to Postgres", run: databaseSlow,
	},
	{
		id: "eleven-failing", goal: "G6", title: "Any eleven of twelve sources failing leave the twelfth alone (S02, S03, S12)", timed: true,
		bar: "its entries come at most 10 % later; the failed ones are named at 8.0 s +- 0.2 s", how: "each kind of failure at eleven sources; the twelfth changes", run: elevenFailing,
	},
	{
		id: "every-fault", goal: "G6", title: "Every named fault of a source is loud, and harms no other source (S01 to S27)", bar: "100 % of pages complete; 100 % of other sources' entries shown; what failed is named",
		how: "each of the control API's faults at three sources at a time", run: everyFault,
	},
	{
		id: "wrong-person", goal: "G8", title: "Answers about somebody else are never shown (S08, S27)", bar: "0 of >= 500 mutated answers shown; <= 0.1 % false alarms over the clean ones",
		how: "five kinds of mutation at six sources of a view at a time; the other six are the clean set", run: wrongPerson,
	},
	{
		id: "hostile-bodies", goal: "G7", title: "Hostile bodies, many at once, within bounded memory (S04 to S07, S16, S20)", timed: true,
		bar: "0 crashes; resident memory <= 512 MiB; >= 40 kinds x 50 at once (long)", how: "each fault at three sources of every view, the views at once at one portal", run: hostileBodies,
	},
	{
		id: "memory-limit", goal: "G7", title: "A portal that may have little memory refuses before the kernel ends it (P02)", bar: "0 ends by the kernel; every page that began comes to its end; 0 unaudited; whole again afterwards",
		how: "hostile bodies at three sources of every view, at one portal in a control group of 256 MiB", run: memoryLimit,
	},
	{
		id: "breaker", goal: "G6", title: "A dead source is left in peace (S12)", bar: "<= 1 request per 5 s from each portal once it is known to be dead; asked again after it is back",
		how: "503 from one source under a steady load", run: breaker,
	},
	{
		id: "drain", goal: "G13", title: "A portal that is asked to end lets open records come to their end (P03)", bar: "50 of 50 live views whole; ended within 30 s", how: "SIGTERM while every source takes 0.7 s to each question", run: drain,
	},
	{
		id: "rolling-restart", goal: "G13", title: "Restarting one portal after the other fails no view (P04)", bar: "0 failed views", how: "a steady load through a load balancer that asks for readiness; SIGTERM, start, each in turn", run: rollingRestart,
	},
	{
		id: "chaos", goal: "G12", title: "Views stay correct while one thing after the other breaks", bar: ">= 99.95 % of view requests correct in an hour with a fault every 10 s (an hour by hand: -chaos 60m); I1 to I5 hold",
		how: "a steady load through a load balancer; by turns faults of sources, latency, cuts and black holes on their wires, a late database, a restart in good order", run: chaosTest,
	},
	{
		id: "start", goal: "G13", title: "A portal is ready soon after it starts", timed: true, bar: "start to ready <= 2 s", how: "median over restarts on this machine", run: startUp,
	},
	{
		id: "slow-clients", goal: "G12", title: "Slow and idle clients do not hold the portal (P08)", bar: "every view of the others whole; connections that never send a header are closed within 10 s",
		how: "idle connections and headers that drip, beside a load", run: slowClients,
	},
	{
		id: "canary", goal: "G15", title: "Nothing of a record is found outside the browser (section 2E)", bar: "0 hits in any sink; the control finds every marker in every sink",
		how: "markers through names, addresses, free text, searches and documents, in seven encodings, looked for in logs, metrics, every file of the estate, Postgres with its write-ahead log, and /proc", run: canary,
	},
	{
		id: "no-writes", goal: "G16", title: "Nothing is written to a disk", bar: "0 files opened for writing", how: "a portal under strace, from its start through records and documents", run: noWrites,
	},
	{
		id: "soak", goal: "G14", title: "Nothing grows (P07)", timed: true, bar: "goroutines and descriptors back to base; resident memory <= 1 MiB/h (30 minutes, by hand)", how: "a steady load, then quiet", run: soakTest,
	},
}
