package audit

import "ribble/internal/record"

// The numbers by which events name sections and states. They stand in events for ever: a new one goes to the end, none ever moves.
var (
	sectionCodes = [...]record.Section{
		record.Allergies, record.Medicines, record.Problems, record.Alerts, record.Plans, record.Legal, record.Results, record.Imaging, record.Measurements,
		record.Encounters, record.Consultations, record.Appointments, record.Referrals, record.Immunisations, record.Procedures, record.Documents, record.SocialCare,
		record.AboutMe, record.Network, record.History, record.Other,
	}
	// stateCodes begin with the zero state, which is none: a fault of the program must not stand in the way of writing down what happened.
	stateCodes = [...]record.State{
		0, record.Data, record.NilAsserted, record.NoneRecorded, record.NotKnownHere, record.Refused, record.Withheld, record.Incomplete, record.Unavailable,
		record.NotAsked, record.Mismatch, record.Uninterpretable,
	}

	sectionByID = map[string]uint{}
	stateByName = map[string]uint64{}
)

func init() {
	for code, s := range sectionCodes {
		sectionByID[s.ID()] = uint(code)
	}
	for code, s := range stateCodes {
		stateByName[s.String()] = uint64(code)
	}
}
