package story

import "strconv"

// EntryKind names a kind of entry, for ids and references.
type EntryKind string

// The kinds of entry that others can refer to.
const (
	KindAllergy       EntryKind = "allergy"
	KindMedicine      EntryKind = "medicine"
	KindProblem       EntryKind = "problem"
	KindConsultation  EntryKind = "consultation"
	KindReport        EntryKind = "report"
	KindObservation   EntryKind = "observation"
	KindImmunisation  EntryKind = "immunisation"
	KindReferral      EntryKind = "referral"
	KindRecall        EntryKind = "recall"
	KindDocument      EntryKind = "document"
	KindEncounter     EntryKind = "encounter"
	KindEpisode       EntryKind = "episode"
	KindAppointment   EntryKind = "appointment"
	KindProcedure     EntryKind = "procedure"
	KindFlag          EntryKind = "flag"
	KindCarePlan      EntryKind = "careplan"
	KindQuestionnaire EntryKind = "questionnaire"
	KindConsent       EntryKind = "consent"
	KindRelated       EntryKind = "related"
	KindCareTeam      EntryKind = "careteam"
	KindFamily        EntryKind = "family"
	KindComposition   EntryKind = "composition"
	KindService       EntryKind = "service"
	KindSupportReason EntryKind = "supportreason"
	KindAssessment    EntryKind = "assessment"
	KindContact       EntryKind = "contact"
	KindEquipment     EntryKind = "equipment"
)

// EntryID is the id of the nth entry of a kind: its own, or one made from its place.
func (h *Head) EntryID(kind EntryKind, n int) string {
	if h.ID != "" {
		return h.ID
	}
	return string(kind) + "-" + strconv.Itoa(n+1)
}

// Kinds tells what each named entry of the holding is, results inside reports included.
func (h *Holding) Kinds() map[string]EntryKind {
	kinds := map[string]EntryKind{}
	name(kinds, KindAllergy, h.Allergies, func(e *Allergy) *Head { return &e.Head })
	name(kinds, KindMedicine, h.Medicines, func(e *Medicine) *Head { return &e.Head })
	name(kinds, KindProblem, h.Problems, func(e *Problem) *Head { return &e.Head })
	name(kinds, KindConsultation, h.Consultations, func(e *Consultation) *Head { return &e.Head })
	name(kinds, KindReport, h.Reports, func(e *Report) *Head { return &e.Head })
	name(kinds, KindImmunisation, h.Immunisations, func(e *Immunisation) *Head { return &e.Head })
	name(kinds, KindReferral, h.Referrals, func(e *Referral) *Head { return &e.Head })
	name(kinds, KindRecall, h.Recalls, func(e *Recall) *Head { return &e.Head })
	name(kinds, KindDocument, h.Documents, func(e *Document) *Head { return &e.Head })
	nameObservations(kinds, h.Observations)
	for i := range h.Reports {
		nameObservations(kinds, h.Reports[i].Results)
	}
	h.nameHospital(kinds)
	h.nameCouncil(kinds)
	return kinds
}

func (h *Holding) nameHospital(kinds map[string]EntryKind) {
	name(kinds, KindEncounter, h.Encounters, func(e *Encounter) *Head { return &e.Head })
	name(kinds, KindEpisode, h.Episodes, func(e *Episode) *Head { return &e.Head })
	name(kinds, KindAppointment, h.Appointments, func(e *Appointment) *Head { return &e.Head })
	name(kinds, KindProcedure, h.Procedures, func(e *Procedure) *Head { return &e.Head })
	name(kinds, KindFlag, h.Flags, func(e *Flag) *Head { return &e.Head })
	name(kinds, KindCarePlan, h.CarePlans, func(e *CarePlan) *Head { return &e.Head })
	name(kinds, KindQuestionnaire, h.Questionnaires, func(e *Questionnaire) *Head { return &e.Head })
	name(kinds, KindConsent, h.Consents, func(e *Consent) *Head { return &e.Head })
	name(kinds, KindRelated, h.Related, func(e *RelatedPerson) *Head { return &e.Head })
	name(kinds, KindCareTeam, h.CareTeams, func(e *CareTeam) *Head { return &e.Head })
	name(kinds, KindFamily, h.FamilyHistory, func(e *FamilyHistory) *Head { return &e.Head })
	name(kinds, KindComposition, h.Compositions, func(e *Composition) *Head { return &e.Head })
}

func (h *Holding) nameCouncil(kinds map[string]EntryKind) {
	name(kinds, KindService, h.Services, func(e *Service) *Head { return &e.Head })
	name(kinds, KindSupportReason, h.SupportReasons, func(e *SupportReason) *Head { return &e.Head })
	name(kinds, KindAssessment, h.Assessments, func(e *Assessment) *Head { return &e.Head })
	name(kinds, KindContact, h.Contacts, func(e *Contact) *Head { return &e.Head })
	name(kinds, KindEquipment, h.Equipment, func(e *Equipment) *Head { return &e.Head })
}

func name[T any](kinds map[string]EntryKind, kind EntryKind, all []T, head func(*T) *Head) {
	for i := range all {
		kinds[head(&all[i]).EntryID(kind, i)] = kind
	}
}

func nameObservations(kinds map[string]EntryKind, all []Observation) {
	name(kinds, KindObservation, all, func(e *Observation) *Head { return &e.Head })
	for i := range all {
		nameObservations(kinds, all[i].Group)
	}
}
