package r4map

import "ribble/internal/record"

// phases are the status words that mean the same for every resource type (section 0.3 of the section catalogue).
var phases = map[string]record.Phase{
	"active": record.Current, "in-progress": record.Current, "recurrence": record.Current, "relapse": record.Current, "final": record.Current,
	"amended": record.Current, "corrected": record.Current, "appended": record.Current, "current": record.Current, "arrived": record.Current,
	"triaged": record.Current, "onleave": record.Current, "on-hold": record.Current, "onhold": record.Current, "available": record.Current,
	"suspended": record.Current, "inactive": record.Ended, "resolved": record.Ended, "remission": record.Ended, "stopped": record.Ended,
	"completed": record.Ended, "finished": record.Ended, "cancelled": record.Ended, "superseded": record.Ended, "revoked": record.Ended,
	"rejected": record.Ended, "planned": record.Planned, "proposed": record.Planned, "pending": record.Planned, "waitlist": record.Planned,
	"requested": record.Planned, "preparation": record.Planned, "draft": record.Draft, "registered": record.Preliminary,
	"partial": record.Preliminary, "preliminary": record.Preliminary, "not-done": record.NotDone,
}

// ownPhases are the status words that mean something else for one type.
var ownPhases = map[string]map[string]record.Phase{
	"Appointment":           {"checked-in": record.Ended, "arrived": record.Ended, "fulfilled": record.Ended, "noshow": record.Ended, "booked": record.Planned},
	"Immunization":          {"completed": record.Current},
	"FamilyMemberHistory":   {"completed": record.Current, "partial": record.Current, "health-unknown": record.Current},
	"QuestionnaireResponse": {"completed": record.Current, "in-progress": record.Draft},
	"Composition":           {"preliminary": record.Draft},
	"Goal":                  {"accepted": record.Current},
	"Task":                  {"accepted": record.Planned, "received": record.Planned, "ready": record.Planned, "draft": record.Planned, "failed": record.Ended},
	"MedicationStatement":   {"intended": record.Planned, "not-taken": record.NotDone},
	// That a supply is complete says nothing of whether the medicine is still taken.
	"MedicationDispense":       {"completed": record.PhaseUnknown, "declined": record.NotDone},
	"MedicationAdministration": {"completed": record.Current},
}

func (m *mapper) phaseOf(resourceType, status string) record.Phase {
	if s := &m.stage; s.resourceType != resourceType || s.status != status {
		s.resourceType, s.status, s.phase = resourceType, status, phaseOf(resourceType, status)
	}
	return m.stage.phase
}

func phaseOf(resourceType, status string) record.Phase {
	if p, ok := ownPhases[resourceType][status]; ok {
		return p
	}
	return phases[status]
}

// judged is the phase of an allergy or a condition from its two statuses: a verification that rules it out, or leaves it open, leads,
// except that what has ended stays ended.
func judged(clinical, verification string) record.Phase {
	switch verification {
	case "refuted":
		return record.Refuted
	case "unconfirmed", "presumed", "provisional", "differential":
		if p := phases[clinical]; p == record.Ended {
			return p
		}
		return record.Unconfirmed
	}
	return phases[clinical]
}

// intended is the phase of a request: what is only proposed is planned, whatever its status.
func intended(p record.Phase, intent string, plans ...string) record.Phase {
	for _, word := range plans {
		if intent == word && (p == record.Current || p == record.PhaseUnknown) {
			return record.Planned
		}
	}
	return p
}

// joined are status words side by side, as sent.
func joined(words ...string) string {
	out := ""
	for _, w := range words {
		switch {
		case w == "":
		case out == "":
			out = w
		default:
			out += ", " + w
		}
	}
	return out
}
