package gpsystem

import (
	"hash/fnv"
	"io"
	"slices"
	"strings"

	"ribble/internal/sandbox/story"
)

// dialect holds the differences between suppliers that GP Connect allows, all of them seen in published messages.
type dialect struct {
	// guids turns entry ids into upper-case GUIDs; otherwise they are sent as the story has them.
	guids bool
	// legacyFirst puts Read, Egton and local drug codings before SNOMED CT.
	legacyFirst bool
	// quantityAsText sends medicine quantities in the MedicationQuantityText extension.
	quantityAsText bool
	// codedFlags sends result interpretations as v2-0078 codes instead of words.
	codedFlags bool
	// listIDs gives primary Lists an id.
	listIDs bool
	// capitalRelations writes problem relations as "Parent" instead of "parent".
	capitalRelations bool
	// unsignedRepeats sends repeat counts as valueUnsignedInt instead of valuePositiveInt.
	unsignedRepeats bool
	// missing are areas this supplier never implemented.
	missing []story.Area
	// nothing is the note on an empty List.
	nothing        string
	titles         map[story.Area]string
	endedTitle     string
	actualProblem  string
	dateRecorded   string
	descriptionURL string
	descriptionID  string
	identifiers    string
}

const (
	careConnect = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-"
	gpConnect   = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-"
	profileBase = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-"
)

var dialects = map[story.Supplier]dialect{
	story.Fellside: {
		guids:          true,
		legacyFirst:    true,
		listIDs:        false,
		nothing:        "Information not available",
		endedTitle:     "Ended allergies",
		actualProblem:  careConnect + "ActualProblem-1",
		dateRecorded:   careConnect + "DateRecorded-1",
		descriptionURL: "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-coding-sctdescid",
		descriptionID:  "descriptionId",
		identifiers:    "https://fellside.sandbox.example/",
	},
	story.Beckwater: {
		quantityAsText:   true,
		codedFlags:       true,
		listIDs:          true,
		capitalRelations: true,
		unsignedRepeats:  true,
		missing:          []story.Area{story.DiaryEntries},
		nothing:          "Information not available.",
		titles: map[story.Area]string{
			story.Allergies:     "Active Allergies",
			story.Uncategorised: "Miscellaneous record",
			story.Referrals:     "Outbound Referrals",
		},
		endedTitle:     "Resolved Allergies",
		actualProblem:  gpConnect + "ActualProblem-1",
		dateRecorded:   gpConnect + "DateRecorded-1",
		descriptionURL: "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid",
		descriptionID:  "DescriptionID",
		identifiers:    "https://beckwater.sandbox.example/",
	},
}

// id is the logical id on the wire of an entry of one person.
func (d *dialect) id(local, entry string) string {
	if !d.guids {
		return entry
	}
	h := fnv.New128a()
	_, _ = io.WriteString(h, local+"."+entry) // a hash never fails to write
	return guid(h.Sum(make([]byte, 0, 16)))
}

// guid writes 16 bytes in the upper-case form of a GUID.
func guid(sum []byte) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, 36)
	for i, b := range sum {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}

// order puts the codings of a concept into this supplier's order, keeping the order within both kinds.
func (d *dialect) order(c story.Concept) story.Concept {
	if len(c.Codes) < 2 {
		return c
	}
	codes := slices.Clone(c.Codes)
	slices.SortStableFunc(codes, func(a, b story.Code) int { return d.rank(a) - d.rank(b) })
	c.Codes = codes
	return c
}

func (d *dialect) rank(c story.Code) int {
	if snomed := c.System == story.SystemSNOMED; snomed == d.legacyFirst {
		return 1
	}
	return 0
}

func (d *dialect) relation(typ string) string {
	if d.capitalRelations && typ != "" {
		return strings.ToUpper(typ[:1]) + typ[1:]
	}
	return typ
}
