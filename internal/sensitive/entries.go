package sensitive

import "ribble/internal/record"

// The methods below name, for each kind of entry, every part that carries a code or stands for another entry. A test goes through the types by
// reflection and fails when one is forgotten.

func (r *reading) allergy(e *record.Allergy) {
	r.concept(&e.Agent)
	for i := range e.Reactions {
		r.concepts(e.Reactions[i].Manifestations)
		r.concept(&e.Reactions[i].Route)
	}
}

func (r *reading) medicine(e *record.Medicine) {
	r.concept(&e.Product)
	r.concepts(e.Reasons)
	for i := range e.Issued {
		r.key(e.Issued[i].Key)
	}
}

// problem leaves out its links: they lead to other entries and do not tell of them (GP Connect 1.6, "related clinical content").
func (r *reading) problem(e *record.Problem) {
	r.concept(&e.Problem)
	r.concepts(e.Roles)
	r.concept(&e.Severity)
	r.concepts(e.Site)
}

func (r *reading) alert(e *record.Alert) {
	r.fewEyes = e.SensitiveKind
	r.concept(&e.Alert)
	r.concepts(e.Categories)
	r.actor(&e.Authority)
}

func (r *reading) plan(e *record.Plan) {
	r.concept(&e.Type)
	r.concept(&e.Decision)
	r.actors(e.Authors)
}

func (r *reading) legal(e *record.LegalStatus) {
	r.concept(&e.Status)
	r.actor(&e.Authority)
	r.denies = denies(e)
}

func (r *reading) report(e *record.Report) {
	r.concept(&e.Name)
	r.concepts(e.Categories)
	r.actors(e.Lab)
	if rare := e.Rare; rare != nil {
		r.concepts(rare.Requested)
		r.concepts(rare.Diagnoses)
		r.concepts(rare.Sites)
		for i := range rare.Specimens {
			r.concept(&rare.Specimens[i].Type)
			r.concept(&rare.Specimens[i].Site)
		}
		for i := range rare.Filing {
			r.actors(rare.Filing[i].By)
		}
	}
	r.results(e.Items)
}

func (r *reading) measurement(e *record.Measurement) { r.result(&e.Result) }

func (r *reading) encounter(e *record.Encounter) {
	r.concepts(e.Types)
	r.concept(&e.Service)
	r.concepts(e.Reasons)
	for i := range e.Diagnoses {
		r.concept(&e.Diagnoses[i].Condition)
		r.key(e.Diagnoses[i].Ref.Key)
	}
	r.people(e.People)
}

// consultation tells of everything that is listed in it: its free text cannot be filtered by code (section 0.7 of the section catalogue).
func (r *reading) consultation(e *record.Consultation) {
	r.concept(&e.Type)
	r.people(e.People)
	if r.withheld == nil {
		return
	}
	for _, t := range e.Topics {
		for _, p := range t.Problems {
			r.tells = r.tells || r.withheld.has(p.Key)
		}
		for _, h := range t.Headings {
			for i := range h.Items {
				r.tells = r.tells || r.withheld.has(h.Items[i].Ref.Key)
			}
		}
	}
}

func (r *reading) appointment(e *record.Appointment) {
	r.concept(&e.Service)
	r.concept(&e.Specialty)
	r.concept(&e.Type)
	r.concepts(e.Reasons)
	r.people(e.With)
}

func (r *reading) referral(e *record.Referral) {
	r.concept(&e.Reason)
	r.concept(&e.Service)
	r.concept(&e.Specialty)
	r.actors(e.From)
	r.actors(e.To)
}

func (r *reading) immunisation(e *record.Immunisation) {
	r.concept(&e.Vaccination)
	r.concept(&e.Product)
	r.concepts(e.NotGivenReason)
	r.concepts(e.Targets)
	r.concept(&e.Site)
	r.concept(&e.Route)
	r.concept(&e.ReportOrigin)
	r.concepts(e.Reasons)
}

func (r *reading) procedure(e *record.Procedure) {
	r.concept(&e.Procedure)
	r.concepts(e.Sites)
	r.concepts(e.Reasons)
	r.concept(&e.Outcome)
	r.concepts(e.Complications)
	r.concepts(e.FollowUp)
}

func (r *reading) document(e *record.Document) {
	r.concept(&e.Type)
	r.concepts(e.Categories)
	r.actors(e.Authors)
}

func (r *reading) social(e *record.SocialCareEntry) {
	r.concept(&e.What)
	r.concept(&e.Group)
	r.concepts(e.Outcomes)
	r.concept(&e.Requester)
	r.actor(&e.Provider)
	r.actor(&e.Manager)
}

func (r *reading) aboutMe(e *record.AboutMeEntry) { r.concept(&e.What) }

func (r *reading) contact(e *record.Contact) {
	r.actor(&e.Actor)
	r.concepts(e.Relationships)
	r.concepts(e.Roles)
}

func (r *reading) history(e *record.HistoryEntry) {
	r.concept(&e.Topic)
	r.value(&e.Value)
	r.concept(&e.Relation)
}

func (r *reading) other(e *record.OtherEntry) {
	r.unknownType = e.General
	r.concept(&e.Name)
	r.result(&e.Result)
}
