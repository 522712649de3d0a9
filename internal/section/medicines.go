package section

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// medicines keeps repeat, acute and stopped medicines apart, says the source's own status and works nothing out
// (section 3 of the section catalogue; rule R10).
func medicines(v *View) Content {
	groups := medicineGroups(v)
	list := func(heading string, want func(*record.Medicine) bool) sublist[record.Medicine] {
		return sublist[record.Medicine]{heading: heading, one: "medicine", many: "medicines", columns: medicineColumns(v), groups: pick(groups, want), differs: sameProductDiffers, behind: issues}
	}
	course := func(c ...record.MedicineCourse) func(*record.Medicine) bool {
		return func(m *record.Medicine) bool {
			if over(m) || proposed(m) || m.PrescribedElsewhere {
				return false
			}
			for _, want := range c {
				if m.Course == want {
					return true
				}
			}
			return false
		}
	}
	stopped := sublist[record.Medicine]{heading: "Stopped or ended", one: "medicine", many: "medicines", columns: stoppedColumns(v), groups: pick(groups, over), behind: issues}
	c := lists(v,
		list("Prescribed elsewhere", func(m *record.Medicine) bool { return m.PrescribedElsewhere && !over(m) && !proposed(m) }),
		list("Repeat", course(record.Repeat)),
		list("Repeat dispensing", course(record.RepeatDispensing)),
		list("Acute and delayed", course(record.Acute, record.Delayed)),
		list("Given in hospital", course(record.Administered)),
		list("On discharge", course(record.Discharge)),
		list("Course not said", course(record.CourseUnknown)),
		list("Planned or proposed, not yet on", proposed),
		stopped,
	)
	if c.Notices = medicineConflicts(groups); len(c.Notices) > 0 {
		c.News = append(c.News, "sources disagree")
	}
	if len(c.Blocks) > 0 {
		c.Blocks = append([]panel.Block{panel.Standing{Lead: "A GP list is not everything the person takes.", Text: "Dose as each source gives it; nothing is worked out here."}}, c.Blocks...)
	}
	return c
}

// medicineConflicts says which medicines one source stopped and another still lists: they stand in different lists, so nothing else would tie them.
func medicineConflicts(groups []merge.Group[record.Medicine]) []panel.Notice {
	var out []panel.Notice
	sameCode := byCode(groups, func(m *record.Medicine) string { return m.Product.MatchCode() })
	for i := range groups {
		stopped := groups[i].One()
		if !over(stopped) {
			continue
		}
		for _, j := range sameCode[i] {
			if listed := groups[j].One(); !over(listed) && listed.Source.Feed != stopped.Source.Feed {
				out = append(out, conflict(stopped.Product.Name()+": "+stopped.Source.Organisation.Name+" says "+orNotGiven(stopped.RawStatus)+", "+listed.Source.Organisation.Name+" says "+orNotGiven(listed.RawStatus)+". Both are shown."))
			}
		}
	}
	return out
}

func medicineGroups(v *View) []merge.Group[record.Medicine] {
	return once(v, record.Medicines, func() []merge.Group[record.Medicine] {
		all := entries(v, func(c *record.Chart) []record.Medicine { return c.Medicines })
		return order(v, merge.Entries(all, medicineKey), func(a, b *record.Medicine) int {
			if d := compareFold(a.Product.Name(), b.Product.Name()); d != 0 {
				return d
			}
			return b.LastIssued.Compare(a.LastIssued)
		})
	})
}

// compareFold orders names without regard to capitals.
func compareFold(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if d := unicode.ToLower(x) - unicode.ToLower(y); d != 0 {
			return int(d)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// over reports what the source's own status says: an end date that has passed under an active status does not end a medicine.
func over(m *record.Medicine) bool { return m.Phase == record.Ended || m.Phase == record.NotDone }

// proposed reports a medicine that nobody has ordered yet: it is planned, never "on" (section 3 of the section catalogue).
func proposed(m *record.Medicine) bool { return m.Phase == record.Planned || m.Phase == record.Draft }

// medicineKey: equal product code, equal dose text after white-space folding or equal parts of a dose without text, same phase, same course. Never the name.
func medicineKey(m *record.Medicine) merge.Key {
	return merge.Key{Code: m.Product.MatchCode(), Detail: m.Course.String() + "|" + folded(m.Dose) + "|" + strings.Join(m.DoseParts, "|"), Phase: m.Phase}
}

// folded is the text with each run of white space as one space; most texts are so already.
func folded(s string) string {
	last := ' '
	for _, r := range s {
		if unicode.IsSpace(r) && (r != ' ' || last == ' ') {
			return strings.Join(strings.Fields(s), " ")
		}
		last = r
	}
	return strings.TrimSuffix(s, " ")
}

// sameProductDiffers ties together entries of different sources that are not the same fact but stand for one product, or whose names begin
// alike: another strength is another code. It only puts them side by side; it never groups.
func sameProductDiffers(a, b *merge.Group[record.Medicine]) string {
	x, y := a.One(), b.One()
	if x.Source.Feed == y.Source.Feed || len(a.Members) > 1 && len(b.Members) > 1 {
		return ""
	}
	if code := x.Product.MatchCode(); code != "" && code == y.Product.MatchCode() {
		switch {
		case x.Phase != y.Phase:
			return x.Product.Name() + ": the status differs between sources. Not grouped; all shown."
		case x.Dose != y.Dose || !slices.Equal(x.DoseParts, y.DoseParts):
			return x.Product.Name() + ": the dose differs between sources. Not grouped; all shown."
		}
		return x.Product.Name() + ": sources describe it differently. Not grouped; all shown."
	}
	if word := firstWord(x); word != "" && strings.EqualFold(word, firstWord(y)) {
		return word + ": sources list different products, strengths or doses. Not grouped; all shown."
	}
	return ""
}

// firstWord is the first word of a medicine's name when it is long enough to say something.
func firstWord(m *record.Medicine) string {
	word, _, _ := strings.Cut(m.Product.Name(), " ")
	if len(word) < 5 {
		return ""
	}
	return word
}

func medicineColumns(v *View) []column[record.Medicine] {
	return []column[record.Medicine]{
		{"Medicine", 22, func(m *record.Medicine) panel.Cell { return details(v, product(v, m), &m.Head) }},
		{"Dose and instruction", 24, func(m *record.Medicine) panel.Cell { return dose(v, m) }},
		{"Last issued", 20, func(m *record.Medicine) panel.Cell { return issued(v, m) }},
		{"Status", 10, func(m *record.Medicine) panel.Cell { return medicineStatus(v, m) }},
	}
}

func stoppedColumns(v *View) []column[record.Medicine] {
	return []column[record.Medicine]{
		{"Medicine", 22, func(m *record.Medicine) panel.Cell { return details(v, product(v, m), &m.Head) }},
		{"Dose and instruction", 24, func(m *record.Medicine) panel.Cell { return dose(v, m) }},
		{"Stopped or ended", 18, func(m *record.Medicine) panel.Cell {
			c := v.with(v.plain(v.day(m.StoppedOn)), panel.Sub, v.when(m.When))
			return v.with(v.with(c, panel.Sub, labelled("last issued", v.day(m.LastIssued))), panel.Sub, onlyIssue(m))
		}},
		{"Reason", 14, func(m *record.Medicine) panel.Cell {
			c := v.with(v.with(panel.Cell{}, panel.Quote, m.StopReason), panel.Sub, semicolons(m.RawStatus, m.Course.String()))
			return v.with(c, panel.Sub, prescriber(m))
		}},
	}
}

const unnamedMedicine = "Medicine not named by the source"

func product(v *View, m *record.Medicine) panel.Cell {
	c := v.strong(firstOf(m.Product.Name(), unnamedMedicine))
	if m.Product.Degraded() {
		c = v.with(c, panel.TagSoft, "could not be coded when the record was transferred")
	}
	if reasons := concepts(m.Reasons); reasons != "" {
		c = v.with(c, panel.Sub, "for "+reasons)
	}
	return c
}

func dose(v *View, m *record.Medicine) panel.Cell {
	c := v.plain(m.Dose)
	for _, part := range m.DoseParts {
		c = v.with(c, panel.Plain, part)
	}
	c = v.with(c, panel.Quote, m.PatientInstruction)
	return v.with(c, panel.Sub, semicolons(labelled("quantity", m.Quantity), labelled("supply", m.Supply)))
}

func issued(v *View, m *record.Medicine) panel.Cell {
	c := v.plain(v.day(m.LastIssued))
	if m.LastIssued.After(v.Now) {
		c = v.with(c, panel.TagCare, "post-dated")
	}
	small := v.when(m.When)
	if m.RepeatsIssued != "" || m.RepeatsAllowed != "" {
		small = semicolons(small, "issued "+orNotGiven(m.RepeatsIssued)+" of "+orNotGiven(m.RepeatsAllowed))
	}
	c = v.with(c, panel.Sub, small)
	c = v.with(c, panel.Sub, onlyIssue(m))
	if !m.RepeatExpiry.IsZero() {
		c = v.with(c, panel.Sub, "review or limit "+m.RepeatExpiry.Display())
		if start, ok := m.RepeatExpiry.Start(); ok && start.Before(v.Now.AddDate(0, 0, -1)) {
			c = v.with(c, panel.TagCare, "repeat limit or review date passed")
		}
	}
	return c
}

// made is the status of an issue that was made: the usual one, which needs no word.
const made = "completed"

// onlyIssue says of the one issue of a plan what the plan's own row does not say already.
func onlyIssue(m *record.Medicine) string {
	if len(m.Issued) != 1 {
		return ""
	}
	i := &m.Issued[0]
	s := ""
	if i.On.Text != m.LastIssued.Text {
		s = orNotGiven(i.On.Display())
	}
	for _, part := range [][2]string{{i.Quantity, m.Quantity}, {i.Supply, m.Supply}, {i.Dose, m.Dose}, {i.Status, made}, {i.By, ""}, {strings.Join(i.Notes, "; "), ""}} {
		if part[0] != part[1] {
			s = commas(s, part[0])
		}
	}
	return labelled("issue:", s)
}

// issues are the supplies of a plan, one row each, behind the plan; a single one stands in the plan's own row.
func issues(m *record.Medicine) (what string, rows [][]string) {
	if len(m.Issued) < 2 {
		return "", nil
	}
	for _, i := range m.Issued {
		row := []string{"issue " + orNotGiven(i.On.Display())}
		for _, part := range []string{i.Quantity, i.Supply, i.Dose, i.Status, i.By, strings.Join(i.Notes, "; ")} {
			if part != "" {
				row = append(row, part)
			}
		}
		rows = append(rows, row)
	}
	return strconv.Itoa(len(rows)) + plural(len(rows), " issue", " issues") + ": show each", rows
}

func medicineStatus(v *View, m *record.Medicine) panel.Cell {
	return v.with(v.plain(semicolons(m.Course.String(), orNotGiven(m.RawStatus))), panel.Sub, prescriber(m))
}

// prescriber names who prescribes a medicine that the source itself does not.
func prescriber(m *record.Medicine) string {
	if !m.PrescribedElsewhere {
		return ""
	}
	return labelled("prescribed by", orNotGiven(m.PrescribedBy))
}
