// Package panel holds the view models of the record page and prints them: plain data in, HTML out, no decisions.
//
// Every string in a view model is shown complete and exactly as given (R16): the builder writes the words, this package
// escapes them, keeps their line breaks and keeps each "number + unit" on one line.
package panel

import "ribble/web/ui"

// Panel is one clinical section as it stands at one moment. A section may be printed several times in one
// response (provisional, then final): the page shows the last one sent.
type Panel struct {
	// ID is the section's name, such as "allergies": also the name of its slot and of its in-page anchor.
	ID string
	// Rendering counts the printings of this section in this response from 1; it keeps element ids unique.
	Rendering int
	// Title is the section's title, such as "Allergies".
	Title string
	// News is the worst news, said in the title after a colon, such as "CONFLICT and INCOMPLETE" or
	// "waiting for 1 of 3 sources"; empty when there is none.
	News string
	// Coverage says which of the sources that hold this section answered.
	Coverage Coverage
	// Provisional draws the dashed frame: not every source that feeds the section has ended (R4).
	Provisional bool
	// Notices stand above the content, the worst first: one per source state that is not plain data.
	Notices []Notice
	// Blocks are the content, in reading order.
	Blocks []Block
	// Foot holds the conservation sentence ("Received 6 = shown 5 + grouped 1.") and other closing remarks.
	Foot []string
}

// Coverage is a coverage line: "3 of 4 sources that hold allergies answered. No answer: Pendle View".
// The zero value prints nothing.
type Coverage struct {
	Kind ui.CoverKind
	Text string
}

// Notice is one message about a source or about the whole section, in the words of the design language.
type Notice struct {
	Kind ui.NoteKind
	// Icon replaces the usual icon of the kind; leave empty otherwise.
	Icon ui.Icon
	// Lead is the bold opening, such as "Pendle View: no answer."
	Lead string
	// Text follows the lead.
	Text string
	// Action is what the reader can do, such as asking again; nil for none.
	Action *ui.Action
	// Alert has screen readers announce the notice at once: for one unavailable source, once per page (R21).
	Alert bool
	// Slim takes one quiet line: for what informs but is no gap.
	Slim bool
}

// Block is one piece of a panel's content: Heading, Standing, Table, Cards, Prose, Pre or Trend.
type Block interface {
	// block keeps the set closed.
	block()
}

// Heading opens a sub-list: "Resolved allergies", with a remark such as "3, ended by the source; not active".
type Heading struct {
	Text string
	// Note is the small remark beside the heading, usually a count; may be empty.
	Note string
}

// Standing is a line that belongs to the section whatever the data, such as
// "GP list: not everything the patient takes." Lead is bold; Text may be empty.
type Standing struct {
	Lead, Text string
}

// Table is a clinical table. The source column is added at the right by itself and takes the width that is left.
type Table struct {
	// Label names the table for screen readers when a section has several, such as "Repeat medicines".
	Label string
	// Columns are the data columns; the first cell of each row is its heading.
	Columns []Column
	// Bodies are row groups; rows in one body stay together on paper.
	Bodies []Body
	// Keep leaves it a table on phones: only for two or three narrow columns.
	Keep bool
}

// Column is one data column of a Table.
type Column struct {
	Label string
	// Width is the share of the table's width in percent, an even number from 8 to 50; 0 shares what is left.
	Width int
}

// Body is a group of rows: usually one row, or the rows of several sources that differ, or one row that groups several.
type Body struct {
	// Differs says what differs between the rows ("Bisoprolol: the dose differs between sources."); nobody's row wins.
	Differs string
	// Rows are shown as they are.
	Rows []Row
	// More holds each source's own row behind the one grouped row above it; nil when nothing is grouped.
	More *More
}

// More lists what each source itself said of a grouped row, complete, behind one line that opens it.
type More struct {
	// Summary is the line: "Hodder Valley and Bowland, same entry: show each source’s own row".
	Summary string
	// Open shows the rows from the start.
	Open bool
	Rows []OwnRow
}

// OwnRow is one source's own version of a grouped row.
type OwnRow struct {
	Badge ui.Badge
	// Cells are the source's own words, dates and authors, in the order of reading.
	Cells []string
	// RetrievedAt is the time of retrieval, such as "14:02:10".
	RetrievedAt string
}

// Row is one entry of one source, or one entry on which several sources agree.
type Row struct {
	// Cells match the table's Columns one by one. A missing or empty cell prints "not given" (never a blank, R2).
	Cells []Cell
	// Source is the provenance (R9).
	Source SourceCell
	// Level indents the row's heading under the row before: 0 for a report, 1 for a result in it, up to 3.
	Level int
	// New marks a row that arrived after the section was first shown.
	New bool
}

// Cell is the content of one table cell, line by line.
type Cell struct {
	Lines []Line
}

// Line is a run of text in a cell, a fact or an item. Text lines start on a new line, tags stand beside the text before them.
type Line struct {
	Text string
	Kind LineKind
	// Href makes the text a link, for a document or a jump within the page.
	Href string
}

// LineKind is the look of a Line.
type LineKind uint8

// The looks of a line.
const (
	Plain    LineKind = iota // regular text
	Strong                   // bold: a name, a value
	Sub                      // small and grey: labels, who, "none sent"
	Quote                    // a source's free words: wrapped in quotation marks
	Pre                      // fixed-width text whose columns and line breaks carry meaning
	TagPlain                 // a word in a box
	TagLoud                  // white on dark red: PRELIMINARY
	TagRed                   // red frame: the source's own flag, such as "H (high)"
	TagCare                  // amber: differs, stopped elsewhere
	TagHeld                  // violet: withheld
	TagSoft                  // regular weight: "not coded", "acute"
)

// SourceCell is the provenance of a row: badge, short name, then author, dates and time of retrieval.
type SourceCell struct {
	// Badges holds one badge per source; several mean that the row is grouped.
	Badges []ui.Badge
	// Name is the organisation's short name ("Hodder Valley"), or "2 sources" for a grouped row.
	Name string
	// Own adds "(yours)": the row comes from the reader's own organisation.
	Own bool
	// By is the author as the source names them; empty when none was given.
	By string
	// Dates is another date that belongs to the provenance, such as "recorded 22-Feb-2019"; may be empty.
	Dates string
	// RetrievedAt is the time of retrieval, such as "14:02:10"; left empty for grouped rows, whose More gives it.
	RetrievedAt string
}

// Cards shows entries with many named facts (plans, assessments, about me), one card each.
type Cards struct {
	Cards []Card
}

// Card is one entry shown as a title and named facts.
type Card struct {
	// Title holds the entry's name and tags.
	Title []Line
	// Facts are label and value pairs, in order; a fact without lines prints "not given".
	Facts []Fact
	// Source is the provenance (R9).
	Source SourceCell
	// Loud draws the red frame: for an entry that must not be missed.
	Loud bool
}

// Fact is one named value of a Card.
type Fact struct {
	Label string
	Lines []Line
}

// Prose is a narrative kept in the order in which it was written, such as a GP consultation
// (GP Connect 1.6 consultation, topic, heading, item: order is meaning).
type Prose struct {
	// Title is the title line, such as "16-Nov-2026 11:25, telephone consultation, Dr L Patel, Hodder Valley".
	Title []Line
	// Topics are printed in order.
	Topics []Topic
	// Source is the provenance (R9).
	Source SourceCell
}

// Topic is one topic of a Prose.
type Topic struct {
	// Title is the topic's own title; may be empty.
	Title string
	// Problems are the names of the problems the topic is linked to.
	Problems []string
	// Headings are printed in order; items outside a heading stand under one with an empty title.
	Headings []ProseHeading
}

// ProseHeading is one heading of a Topic, as sent, with its items in order.
type ProseHeading struct {
	Title string
	Items []Item
}

// Item is one item of a narrative: its term, value and comment as lines, read in order as one sentence.
type Item struct {
	Lines []Line
	// Level indents an item under the item before, 0 to 3.
	Level int
}

// FixedText is laboratory or report text aligned with spaces: shown in a fixed-width font, every space kept.
type FixedText struct {
	// Title names the text, such as "Report, as sent"; may be empty.
	Title string
	Text  string
}

// Trend is a chart of one code, unit and method, with the same numbers in a table (R11).
type Trend struct {
	ui.Trend
}

func (Heading) block()   {}
func (Standing) block()  {}
func (Table) block()     {}
func (Cards) block()     {}
func (Prose) block()     {}
func (FixedText) block() {}
func (Trend) block()     {}
