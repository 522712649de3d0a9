package council

import (
	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/ukcore"
)

// caseFile is a sheet that also knows the shapes only councils send (sections.md 17).
type caseFile struct{ *ukcore.Sheet }

// socialCare gives the head of an entry the Interweave profile that says what it is: the base type alone does not.
func socialCare(head story.Head, profile string) *story.Head {
	if len(head.Profiles) == 0 {
		head.Profiles = []string{structures + "Interweave-" + profile}
	}
	return &head
}

func (c caseFile) concept(url string, value story.Concept) {
	c.ConceptExtension(structures+"Extension-Interweave-"+url, value)
}

func (c caseFile) services() {
	for i := range c.Holding.Services {
		v := &c.Holding.Services[i]
		id := c.ID(v.EntryID(story.KindService, i))
		head := socialCare(v.Head, "SocialCareService")
		c.Add("EpisodeOfCare", id, head, func() { c.service(v, id) })
	}
}

func (c caseFile) service(v *story.Service, id string) {
	c.Date(v.When.Start)
	c.List("extension", func() {
		c.concept("SocialCareServiceCategory", v.Category)
		c.concept("SocialCareServiceTrigger", v.Trigger)
	})
	c.Identify("EpisodeOfCare", id, &v.Head)
	c.String("status", ukcore.Status(&v.Head, v.Status, "active"))
	c.List("statusHistory", func() {
		for _, h := range v.History {
			c.Object("", func() {
				c.String("status", h.Status)
				c.Period("period", h.When)
			})
		}
	})
	c.Concepts("type", v.Type)
	c.Subject("patient", &v.Head)
	c.Actor("managingOrganization", "organization", v.Provider)
	c.Period("period", v.When)
	if v.Referral != "" {
		c.List("referralRequest", func() { c.Ref("", "incoming-referral", c.Target(v.Referral, "ServiceRequest"), "") })
	}
	c.Actor("careManager", "care-manager", v.Manager)
}

func (c caseFile) supportReasons() {
	for i := range c.Holding.SupportReasons {
		r := &c.Holding.SupportReasons[i]
		id := c.ID(r.EntryID(story.KindSupportReason, i))
		c.Add("Condition", id, socialCare(r.Head, "SocialCareSupportReason"), func() {
			c.Date(r.When.Start)
			c.List("extension", func() {
				c.Extension(structures+"Extension-Interweave-SocialCarePrimarySupportReason", func() { c.Bool("valueBoolean", r.Primary) })
				c.Extension(structures+"Extension-Interweave-SocialCareSupportReasonPeriod", func() { c.Period("valuePeriod", r.When) })
			})
			c.Identify("Condition", id, &r.Head)
			c.conditionStatus(r)
			c.Concepts("category", r.Category)
			c.Concept("code", r.Reason)
			c.Subject("subject", &r.Head)
			c.String("recordedDate", r.Recorded)
			c.Notes(r.Notes)
		})
	}
}

func (c caseFile) conditionStatus(r *story.SupportReason) {
	if r.EnteredInError {
		c.Code("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error", "")
		return
	}
	status := r.Status
	if status == "" {
		status = "active"
	}
	c.Code("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", status, "")
}

func (c caseFile) assessments() {
	for i := range c.Holding.Assessments {
		a := &c.Holding.Assessments[i]
		id := c.ID(a.EntryID(story.KindAssessment, i))
		c.Add("Task", id, socialCare(a.Head, "SocialCareAssessment"), func() { c.assessment(a, id) })
	}
}

func (c caseFile) assessment(a *story.Assessment, id string) {
	c.Date(a.When.Start)
	c.List("extension", func() {
		for _, o := range a.Outcomes {
			c.concept("SocialCareAssessmentOutcome", o)
		}
		if a.By != (story.Actor{}) {
			c.Extension(structures+"Extension-Interweave-SocialCareAssessmentPerformer", func() {
				c.Actor("valueReference", "performer", a.By)
			})
		}
	})
	c.Identify("Task", id, &a.Head)
	if a.Contact != "" {
		c.List("basedOn", func() { c.Ref("", "based-on", c.Target(a.Contact, "ServiceRequest"), "") })
	}
	c.String("status", ukcore.Status(&a.Head, a.Status, "completed"))
	c.String("intent", "plan")
	c.Concept("code", a.Type)
	c.Subject("for", &a.Head)
	c.Period("executionPeriod", a.When)
	c.String("authoredOn", a.Entered)
	c.String("lastModified", a.Changed)
	c.Actor("owner", "owner", a.Team)
	c.Notes(a.Notes)
	c.List("output", func() {
		for _, d := range a.Reports {
			c.output(c.Target(d, "DocumentReference"))
		}
		if a.Bad {
			c.output("Resource/" + id + "-report")
		}
	})
}

func (c caseFile) output(target string) {
	c.Object("", func() {
		c.Concept("type", story.Words("Report"))
		c.Ref("valueReference", "output", target, "")
	})
}

func (c caseFile) contacts() {
	for i := range c.Holding.Contacts {
		v := &c.Holding.Contacts[i]
		id := c.ID(v.EntryID(story.KindContact, i))
		c.Add("ServiceRequest", id, socialCare(v.Head, "SocialCareContact"), func() {
			c.Date(v.When)
			c.List("extension", func() { c.concept("SocialCareRequesterType", v.Requester) })
			c.Identify("ServiceRequest", id, &v.Head)
			c.String("status", ukcore.Status(&v.Head, v.Status, "completed"))
			c.String("intent", "plan")
			c.Subject("subject", &v.Head)
			c.Encounter(&v.Head)
			c.String("occurrenceDateTime", v.When)
			c.String("authoredOn", v.Recorded)
			c.Concepts("reasonCode", v.Reason)
			c.Notes(v.Notes)
			c.String("patientInstruction", v.Words)
		})
	}
}

func (c caseFile) equipment() {
	for i := range c.Holding.Equipment {
		e := &c.Holding.Equipment[i]
		id := c.ID(e.EntryID(story.KindEquipment, i))
		c.Add("DeviceRequest", id, socialCare(e.Head, "SocialCareEquipmentProvision"), func() {
			c.Date(e.When.Start)
			c.Identify("DeviceRequest", id, &e.Head)
			c.String("status", ukcore.Status(&e.Head, e.Status, "active"))
			c.String("intent", "order")
			c.Concept("codeCodeableConcept", e.Item)
			c.Subject("subject", &e.Head)
			c.Period("occurrencePeriod", e.When)
			c.String("authoredOn", e.Requested)
			c.Actor("requester", "requester", e.By)
			c.Notes(e.Notes)
		})
	}
}

// supportRoles writes what a carer or relative is to the person, role by role.
func (c caseFile) supportRoles(roles []story.SupportRole) {
	for _, r := range roles {
		c.Extension(structures+"Extension-Interweave-SocialCareSupportRole", func() {
			c.List("extension", func() {
				c.Extension("supportRoleType", func() {
					c.Code("valueCodeableConcept", CodeSystem("SocialCareSupportRole"), r.Code, r.Display)
				})
				c.Extension("supportRolePeriod", func() { c.Period("valuePeriod", r.When) })
			})
		})
	}
}

// CodeSystem is the R4 url of an Interweave code system by the last part of its name ("SocialCareServiceType"), for
// those who write stories.
func CodeSystem(name string) string { return codeSystems + name }
