package story

import (
	"bytes"
	"fmt"
	"strings"
)

// letter is a document of plain text: the same bytes wherever a copy of it lies.
func letter(id, title, kind, created string, author Actor, body ...string) Document {
	return Document{
		Head: Head{ID: id}, Title: title, Type: Words(kind), Created: created, Author: author, Status: "current",
		Attachment: Attachment{ContentType: "text/plain", Title: title, Created: created, Content: []byte(strings.Join(body, "\n"))},
	}
}

// typed gives a document its SNOMED type and category, as hospitals send them.
func (d Document) typed(code, display string) Document {
	d.Type = SNOMED(code, display)
	d.Category = SNOMED("823651000000106", "Clinical note")
	return d
}

// asPDF turns the text of a document into a small PDF.
func (d Document) asPDF() Document {
	d.Attachment.Content = pdf(d.Title, strings.Split(string(d.Attachment.Content), "\n"))
	d.Attachment.ContentType = "application/pdf"
	return d
}

// received is the copy of a letter that a practice keeps: indexed later, its type in plain words.
func (d Document) received(kind, indexed string, from string) Document {
	d.ID = ""
	d.Type, d.Category, d.Indexed, d.Author, d.Custodian = Words(kind), Concept{}, indexed, Actor{ODS: from}, ""
	return d
}

// pdf writes one page of text as PDF 1.4, small enough to read by eye.
func pdf(title string, lines []string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "BT /F1 16 Tf 50 780 Td (%s) Tj /F1 11 Tf 0 -28 Td 14 TL\n", pdfText(title))
	for _, line := range lines {
		fmt.Fprintf(&text, "(%s) Tj T*\n", pdfText(line))
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return out.Bytes()
}

// pdfText keeps to the characters that the standard font of a PDF holds.
func pdfText(line string) string {
	var out strings.Builder
	for _, r := range line {
		switch {
		case r == '(' || r == ')' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r < 127:
			out.WriteRune(r)
		case r == '’':
			out.WriteByte('\'')
		default:
			out.WriteByte('?')
		}
	}
	return out.String()
}

// pixel is a PNG of one grey point, standing for a scanned page.
var pixel = []byte{
	0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55,
	0, 0, 0, 10, 'I', 'D', 'A', 'T', 0x78, 0x9c, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82,
}
