package gpsystem

import "ribble/internal/sandbox/story"

// questionnaires writes QuestionnaireResponse, which the specification does not know but published records hold,
// whenever uncategorised data is answered.
func (r *record) questionnaires() {
	if !r.answers(story.Uncategorised) {
		return
	}
	for i := range r.holding.Questionnaires {
		q := &r.holding.Questionnaires[i]
		entry := q.EntryID(story.KindQuestionnaire, i)
		r.add("QuestionnaireResponse", r.id(entry), &q.Head, func() {
			r.Identifier("identifier", story.Identifier{System: r.dialect.identifiers + r.org.ODS, Value: r.id(entry)})
			r.String("status", or(q.Status, "completed"))
			r.subject("subject", &q.Head)
			if context := r.encounterOf(&q.Head, entry); context != "" {
				r.Reference("context", context, "")
			}
			r.String("authored", q.When)
			r.questions(q.Groups)
		})
	}
}

func (r *record) questions(all []story.Question) {
	r.List("item", func() {
		for i := range all {
			q := &all[i]
			r.Object("", func() {
				r.String("linkId", or(q.LinkID, q.Code.Value))
				r.String("text", q.What)
				r.List("answer", func() {
					for _, v := range q.Answer {
						r.Object("", func() {
							r.String("valueString", v.Text)
							r.String("valueDate", v.Date)
							r.Quantity("valueQuantity", v.Quantity)
						})
					}
				})
				r.questions(q.Items)
			})
		}
	})
}
