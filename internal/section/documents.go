package section

import (
	"strconv"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// fileKinds are the words for the media types that occur.
var fileKinds = map[string]string{
	"application/pdf": "PDF", "text/plain": "text", "text/html": "web page, shown as text", "application/msword": "Word", "image/jpeg": "picture", "image/png": "picture",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word", "image/tiff": "TIFF picture", "application/rtf": "RTF", "text/rtf": "RTF", "video/mpeg": "video", "audio/basic": "sound",
}

// largeDocument is the size above which a document is announced as large before it is opened (HAZ 68).
const largeDocument = 1 << 20

func fileSize(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < largeDocument:
		return strconv.FormatInt((n+512)>>10, 10) + " kB"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB, large"
}

// documents lists letters newest first by the day they were made; opening one is its own audited disclosure (section 16 of the section catalogue).
func documents(v *View) Content {
	groups := documentGroups(v)
	c := lists(v, sublist[record.Document]{columns: documentColumns(v), groups: groups})
	if v.asksGP() && len(groups) > 0 {
		c.Blocks = append(c.Blocks, panel.Standing{Lead: "Documents from a GP practice", Text: "may not have been reviewed there, do not include the practice’s annotations, and are the latest version only."})
	}
	return c
}

func documentGroups(v *View) []merge.Group[record.Document] {
	return once(v, record.Documents, func() []merge.Group[record.Document] {
		all := entries(v, func(c *record.Chart) []record.Document { return c.Documents })
		groups := merge.Entries(all, func(d *record.Document) merge.Key {
			if len(d.Attachments) != 1 || d.Attachments[0].Hash == "" {
				return merge.Key{}
			}
			a := d.Attachments[0]
			return merge.Key{Code: a.Hash, Detail: a.ContentType + strconv.FormatInt(a.Size, 10), Phase: d.Phase}
		})
		return order(v, groups, func(a, b *record.Document) int { return b.Created.Compare(a.Created) })
	})
}

func documentColumns(v *View) []column[record.Document] {
	return []column[record.Document]{
		{"Document", 26, func(d *record.Document) panel.Cell {
			c := v.strong(firstOf(d.Title, d.Type.Name(), "Document without a title"))
			if d.Phase == record.Draft {
				c = v.with(c, panel.TagCare, "Draft")
			}
			if d.Phase == record.Ended {
				c = v.with(c, panel.TagCare, "superseded")
			}
			for i := range d.Attachments {
				c = v.attachment(c, &d.Head, &d.Attachments[i])
			}
			return c
		}},
		{"Type and detail", 22, func(d *record.Document) panel.Cell {
			return details(v, v.with(v.plain(d.Type.Name()), panel.Sub, concepts(d.Categories)), &d.Head)
		}},
		{"Dates", 16, func(d *record.Document) panel.Cell {
			c := v.plain(labelled("made", v.day(d.Created)))
			c = v.with(c, panel.Sub, labelled("added", d.Indexed.Display()))
			return v.with(c, panel.Sub, labelled("covers", d.Covers.Display()))
		}},
		{"From", 16, func(d *record.Document) panel.Cell { return v.with(v.plain(actors(d.Authors)), panel.Sub, d.Custodian) }},
	}
}
