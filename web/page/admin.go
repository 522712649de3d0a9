package page

import (
	"strconv"
	"strings"

	"ribble/web/layout"
	"ribble/web/ui"
)

// BoardProps are the properties of [Board], the page of administrators that lists things or says all of one.
type BoardProps struct {
	layout.Props
	Places Places
	// Heading is the page's title; Done says what was just done, nil when nothing was.
	Heading string
	Done    *ui.NoteProps
	// Tiles count, Facts stand in one line under the title; either may be empty.
	Tiles []AdminTile
	Facts []ui.Pair
	Parts []Part
	// Narrow keeps lines short.
	Narrow bool
}

// AdminTile is one number in large print.
type AdminTile struct {
	Value, Text string
	Kind        TileKind
}

// TileKind is the look of a tile.
type TileKind uint8

// The looks of a tile.
const (
	TilePlain TileKind = iota
	TileCare
	TileLoud
)

func (k TileKind) class() string {
	return [...]string{"rb-tile", "rb-tile rb-tile--care", "rb-tile rb-tile--loud"}[k]
}

// Part is one section of an administrator's page. All but ID and Heading may be empty.
type Part struct {
	// ID is unique on the page.
	ID, Heading, Cover string
	Notes              []ui.NoteProps
	Facts              []ui.Pair
	// Spark stands between the facts and the table; nil for none.
	Spark *Spark
	Table Table
	Do    []ui.Action
	Foot  string
}

// Table is a list; its first cell heads each row.
type Table struct {
	Head []string
	Rows [][]Cell
}

// Cell is one cell of a [Table]: a link, a tag or words, and smaller words under them.
type Cell struct {
	Text, Sub string
	Link      *ui.Action
	// Tag draws Text as a tag of the kind; nil draws words.
	Tag *ui.TagKind
	// Whole keeps the words on one line: numbers and dates.
	Whole bool
	// Spark is a small drawing after the words; nil for none.
	Spark *Spark
}

// Spark is a small drawing of two lines over time, such as the times within which half and 95 in 100 answers came. A point below zero is a gap.
type Spark struct {
	// Says is what it shows, for whoever does not see it.
	Says string
	// Low and High are the two lines, of equal length; Top is the value at the upper edge.
	Low, High []float64
	Top       float64
	// Wide draws it for a page of its own rather than a cell.
	Wide bool
}

// The drawing is 96 by 20 in a cell and three times as large on a page of its own; a mark stands where a point has no neighbour to be joined to.
const (
	sparkWidth, sparkHeight = 96.0, 20.0
	sparkEdge               = 2.0
)

// lines are the unbroken runs of a line, as points of a polyline.
func (s Spark) lines(values []float64) []string {
	var runs []string
	run := ""
	for i, v := range values {
		if v < 0 {
			runs, run = joinedRun(runs, run), ""
			continue
		}
		x := sparkEdge
		if len(values) > 1 {
			x += float64(i) * (sparkWidth - 2*sparkEdge) / float64(len(values)-1)
		}
		y := sparkHeight - sparkEdge - min(v/max(s.Top, 0.001), 1)*(sparkHeight-2*sparkEdge)
		run += at(x) + "," + at(y) + " "
	}
	return joinedRun(runs, run)
}

// joinedRun ends a run. One point alone becomes a short line, so that it can be seen.
func joinedRun(runs []string, run string) []string {
	run = strings.TrimSpace(run)
	switch {
	case run == "":
		return runs
	case !strings.Contains(run, " "):
		x, y, _ := strings.Cut(run, ",")
		v, err := strconv.ParseFloat(x, 64)
		if err == nil {
			run += " " + at(v+1.5) + "," + y
		}
	}
	return append(runs, run)
}

func (s Spark) class() string {
	if s.Wide {
		return "rb-spark rb-spark--wide"
	}
	return "rb-spark"
}

// FeedProps are the properties of [Feed].
type FeedProps struct {
	BoardProps
	// Ladder is the way to everybody; Stage says where the feed stands.
	Stage  string
	Ladder []Rung
	// Left and Right are the columns below it.
	Left, Right []Part
	// Move, Suspend and Check are what can be done; nil where they cannot.
	Move    *MoveForm
	Suspend *ReasonForm
	Check   *ReasonForm
}

// Rung is one step of the ladder.
type Rung struct {
	Name, Words string
	Done, Now   bool
}

// MoveForm proposes another stage; its controls are named "to" and "evidence".
type MoveForm struct {
	URL string
	To  []ui.Option
	// For are the audiences that the step can be for; empty where there is only everybody. Its control is named "group".
	For             []ui.Option
	Evidence, Error string
}

// ReasonForm does one thing for a reason; its control is named "reason".
type ReasonForm struct {
	URL, Label, Hint, Button, Variant string
	// ID is unique on the page; Value what was written so far; Error what is wrong with it.
	ID, Value, Error string
	// Plain asks for no reason.
	Plain bool
}

// ChangeProps are the properties of [Change]: one proposal, what it changes, and what can be done about it.
type ChangeProps struct {
	BoardProps
	Problems []ui.Problem
	// Approve, Refuse, Withdraw and Rollback are nil where this reader cannot do that now.
	Approve, Refuse, Withdraw, Rollback *ReasonForm
}

func (p ChangeProps) forms() []ReasonForm {
	var out []ReasonForm
	for _, f := range []*ReasonForm{p.Approve, p.Refuse, p.Withdraw, p.Rollback} {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// EntryFormProps are the properties of [EntryForm], in which an entry of the directory is written or changed.
type EntryFormProps struct {
	layout.Props
	Places   Places
	Heading  string
	Lead     ui.NoteProps
	Problems []ui.Problem
	URL      string
	Fields   []ui.Field
	Groups   []ControlGroup
	Reason   ui.InputProps
	Back     ui.Action
}

// ControlGroup is a part of a form under one heading.
type ControlGroup struct {
	Heading  string
	Controls []Control
}

// Control is one control of a form: exactly one of its parts is given.
type Control struct {
	Input, Text    *ui.InputProps
	Select, Checks *ui.ChoiceProps
	Radios         *ui.ChoiceProps
	Date           *ui.DateProps
}

// ImportProps are the properties of [Import].
type ImportProps struct {
	layout.Props
	Places   Places
	URL      string
	Problems []ui.Problem
	Text     ui.InputProps
	Reason   ui.InputProps
	// Preview says what would change; nil before it was asked for.
	Preview *Part
	// Ready lets what was previewed be proposed.
	Ready bool
}
