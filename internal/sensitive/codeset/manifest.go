package codeset

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxManifest bounds a manifest, which names files and holds no codes.
const maxManifest = 1 << 20

// manifest is the form of the file that names every set.
type manifest struct {
	// About is a remark for whoever reads the file.
	About string          `json:"about"`
	Sets  []manifestEntry `json:"sets"`
	// Systems says which further addresses mean snomed, readv2 or ctv3.
	Systems map[string]string `json:"systems"`
	// HideNotForPatient is the activity that opens NOPAT entries; empty when they are flagged only.
	HideNotForPatient string `json:"hide_not_for_patient"`
	// HideUnclassifiable is the activity that opens entries of unknown type without a code; empty when everybody may see them.
	HideUnclassifiable string `json:"hide_unclassifiable"`
	// Dissent and Consent are further codes by which sources of this region record a refusal to share locally, or its end.
	Dissent []manifestCode `json:"dissent"`
	Consent []manifestCode `json:"consent"`
	// text is a fingerprint of the file.
	text uint64
}

type manifestEntry struct {
	Topic   string         `json:"topic"`
	Title   string         `json:"title"`
	Version string         `json:"version"`
	InForce string         `json:"in_force"`
	Opens   string         `json:"opens"`
	On      *bool          `json:"on"`
	Members int            `json:"members"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name string `json:"name"`
	// Format is rf2-snapshot, rf2-full or list; Refset the reference set of an RF2 file.
	Format string `json:"format"`
	Refset string `json:"refset"`
}

type manifestCode struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// The formats of files.
const (
	formatSnapshot = "rf2-snapshot"
	formatFull     = "rf2-full"
	formatList     = "list"
)

var (
	topicForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	activityForm = regexp.MustCompile(`^[A-Z][0-9]{4}$`)
)

// readManifest reads a manifest strictly: no unknown member, none twice.
func readManifest(files fs.FS, name string) (*manifest, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, Refusal{File: name, Reason: "the file cannot be opened"}
	}
	if len(text) > maxManifest {
		return nil, Refusal{File: name, Reason: "the file is too large"}
	}
	var m manifest
	if err := json.Unmarshal(text, &m, json.RejectUnknownMembers(true)); err != nil {
		return nil, jsonRefusal(name, text, err)
	}
	h := fnv.New64a()
	_, _ = h.Write(text) // a hash never fails to write
	m.text = h.Sum64()
	if len(m.Sets) == 0 || len(m.Sets) > MaxSets {
		return nil, Refusal{File: name, Reason: fmt.Sprintf("it names %d sets; 1 to %d are possible", len(m.Sets), MaxSets)}
	}
	for i := range m.Sets {
		if reason := m.Sets[i].wrong(); reason != "" {
			return nil, Refusal{File: name, Reason: fmt.Sprintf("sets[%d] %s", i, reason)}
		}
	}
	for _, activity := range []string{m.HideNotForPatient, m.HideUnclassifiable} {
		if activity != "" && !activityForm.MatchString(activity) {
			return nil, Refusal{File: name, Reason: "hide_not_for_patient or hide_unclassifiable is no activity"}
		}
	}
	return &m, nil
}

// jsonRefusal says at which line the manifest stops being one, without quoting it.
func jsonRefusal(name string, text []byte, err error) Refusal {
	at, reason := int64(len(text)), "is not JSON, or was cut short"
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntax.ByteOffset
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		at, reason = semantic.ByteOffset, "has a member that is not known, or not of the right kind: "+string(semantic.JSONPointer)
	}
	return Refusal{name, 1 + bytes.Count(text[:min(at, int64(len(text)))], []byte{'\n'}), reason}
}

func (e *manifestEntry) wrong() string {
	switch {
	case !topicForm.MatchString(e.Topic):
		return "has no topic of small letters, digits and hyphens"
	case e.Title == "":
		return "has no title"
	case e.Version == "":
		return "has no version"
	case e.day().IsZero():
		return "has no day (in_force, as in 2026-10-01)"
	case !activityForm.MatchString(e.Opens):
		return "does not say which activity opens it (opens, as in B1611)"
	case e.On == nil:
		return "does not say whether it is on"
	case e.Members <= 0:
		return "does not say how many members it has"
	case len(e.Files) == 0:
		return "names no file"
	}
	for i := range e.Files {
		if reason := e.Files[i].wrong(e.Topic); reason != "" {
			return fmt.Sprintf("files[%d] %s", i, reason)
		}
	}
	return ""
}

func (f *manifestFile) wrong(topic string) string {
	if !fs.ValidPath(f.Name) {
		return "has no name below the folder of the manifest"
	}
	switch f.Format {
	case formatList:
		if f.Refset != "" {
			return "is a list and has no reference set"
		}
		return ""
	case formatSnapshot, formatFull:
	default:
		return "has an unknown format"
	}
	if _, whole := identifier(f.Refset); !whole {
		return "does not say which reference set it holds"
	}
	for _, known := range GeneralPractice {
		if known.ID == f.Refset && known.Topic != topic {
			return "names the reference set of " + known.Topic
		}
	}
	return ""
}

func (e *manifestEntry) day() time.Time {
	day, err := time.Parse(time.DateOnly, e.InForce)
	if err != nil || day.Year() < 1900 {
		return time.Time{}
	}
	return day
}
