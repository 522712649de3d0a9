package wiretest

import (
	"time"

	"ribble/internal/sandbox/story"
)

// Who and where in the sample region.
const (
	NHSNumber = "9990000018"
	Fellside  = "A81001" // practice with everything
	Beckwater = "B82002" // the same story at a practice of the other supplier
	Hospital  = "RXX"
	Council   = "212"
	Local     = "pat-1" // the local id of the person everywhere
)

// Today is the day on which the sample region stands.
var Today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Region is a region of five organisations and one person.
func Region() *story.Book { return With(Person()) }

// With is the sample region with other people in it.
func With(people ...story.Person) *story.Book {
	return story.NewBook(Today, Organisations(), people)
}

// Organisations are the sample organisations.
func Organisations() []story.Organisation {
	gp := []story.Staff{
		{ID: "gp-1", Name: story.Name{Prefix: "Dr", Family: "Ashworth", Given: []string{"Ruth"}}, SDSUserID: "555000000001",
			Role: story.Code{Value: "R0260", Display: "General Medical Practitioner"}},
		{ID: "nurse-1", Name: story.Name{Family: "Bolton", Given: []string{"Ian"}}, SDSUserID: "555000000002"},
	}
	return []story.Organisation{
		{ODS: Fellside, Name: "Beck Lane Surgery", Kind: story.GPPractice, Supplier: story.Fellside, ASID: "200000000001", Staff: gp,
			Places: []story.Place{{ID: "surgery", Name: "Beck Lane"}}},
		{ODS: Beckwater, Name: "Mill Street Practice", Kind: story.GPPractice, Supplier: story.Beckwater, ASID: "200000000002", Staff: gp,
			Places: []story.Place{{ID: "surgery", Name: "Mill Street"}}},
		{ODS: Hospital, Name: "Ribble Valley Hospitals", Kind: story.AcuteTrust,
			Staff:  []story.Staff{{ID: "cons-1", Name: story.Name{Prefix: "Miss", Family: "Clegg", Given: []string{"Amina"}}, Registered: story.Identifier{System: "https://fhir.hl7.org.uk/Id/gmc-number", Value: "C1234567"}}},
			Places: []story.Place{{ID: "site", Name: "Royal site"}, {ID: "ward-4", Name: "Ward 4", PartOf: "site"}}},
		{ODS: Council, Name: "Ribbleshire Council", Kind: story.Council,
			Staff: []story.Staff{{ID: "sw-1", Name: story.Name{Family: "Dean", Given: []string{"Jo"}}}},
			Teams: []story.Team{{ID: "reablement", Name: "Reablement team", Phone: "01200 000001"}}},
		{ODS: "LAB01", Name: "Pathology partnership", Kind: story.Laboratory},
	}
}

// Person is somebody with an entry of every kind at each organisation.
func Person() story.Person {
	return story.Person{
		Demographics: Demographics(),
		Practice:     Fellside,
		Holdings:     []story.Holding{gp(Fellside), gp(Beckwater), hospital(), council()},
	}
}

// Demographics is who the sample person is.
func Demographics() story.Demographics {
	return story.Demographics{
		NHSNumber: NHSNumber, Name: story.Name{Prefix: "Mrs", Family: "O'Neill-Smythe", Given: []string{"Zoë", "Ann"}},
		OtherNames: []story.Name{{Use: "maiden", Family: "Smythe", Given: []string{"Zoë"}}},
		Born:       "1941-06-03", Gender: "female", Phones: []story.Phone{{Use: "home", Number: "01200 123456"}},
		Address:   story.Address{Lines: []string{"1 Beck Lane"}, City: "Clitheroe", Postcode: "BB7 1AA"},
		Languages: []story.Language{{Code: "ur", Display: "Urdu", Preferred: true, Interpreter: true}},
		Contacts: []story.RelatedPerson{{Name: story.Name{Family: "Smythe", Given: []string{"Tom"}},
			Relationship: []story.Concept{story.Words("Son")}, Phones: []story.Phone{{Use: "mobile", Number: "07700 900001"}}}},
	}
}

var gpDoctor = story.Actor{Staff: "gp-1"}

func gp(ods string) story.Holding {
	return story.Holding{
		ODS: ods, LocalID: Local, Registered: "1999-01-04",
		Allergies: []story.Allergy{
			{Head: story.Head{ID: "al-1", Recorded: "2011-05-07", RecordedBy: gpDoctor},
				Agent: story.Legacy("14L1.00", "H/O: penicillin allergy", "91936005", "Allergy to penicillin"), Category: []string{"medication"},
				Reactions: []story.Reaction{{Manifestations: []story.Concept{story.SNOMED("247472004", "Urticarial rash")}, Severity: "severe"}}, Onset: "2011"},
			{Head: story.Head{ID: "al-2"}, Agent: story.SNOMED("319773006", "Aspirin 75mg dispersible tablet"), Category: []string{"medication"},
				Status: "resolved", Ended: "2018-03-01"},
		},
		Medicines: []story.Medicine{{
			Head: story.Head{ID: "med-1", Recorded: "2025-01-04", RecordedBy: gpDoctor}, Product: story.SNOMED("319775004", "Aspirin 75mg tablets"),
			Course: story.Repeat, Dose: "One daily", Authorised: story.Period{Start: "2025-01-04"}, LastIssued: "2026-02-01",
			Quantity: story.Quantity{Value: "28", Unit: "tablet"}, SupplyDays: 28, RepeatsAllowed: 12, RepeatsIssued: 11,
			Issues: []story.Issue{{On: "2026-02-01", Until: "2026-02-28", EPS: "E3E6FA-A81001-00001"}},
		}},
		Problems: []story.Problem{
			{Head: story.Head{ID: "prob-1", Recorded: "2019-02-03"}, What: story.SNOMED("73211009", "Diabetes mellitus"), Significance: "major", Onset: "2019-02",
				Links: []string{"med-1", "recall-1"}, Relations: []story.Relation{{Type: "parent", Target: "prob-2"}}},
			{Head: story.Head{ID: "prob-2"}, What: story.SNOMED("233604007", "Pneumonia"), Status: "inactive", Onset: "2010", Ended: "2010-03"},
		},
		Consultations: []story.Consultation{{
			Head: story.Head{ID: "cons-1", RecordedBy: gpDoctor}, Type: "GP Surgery", When: story.Period{Start: "2026-01-09T13:25:00+00:00"}, Minutes: 13,
			Performers: []story.Actor{gpDoctor}, Place: "surgery",
			Topics: []story.Topic{{Title: "Diabetes review", Problems: []string{"prob-1"}, Items: []story.Item{{Comment: "Came with her son."}},
				Headings: []story.Heading{{Title: "Examination", Items: []story.Item{{Ref: "obs-bp"}, {Comment: "Feet fine; sensation <normal> & pulses \"present\""},
					{Words: "Referral items are not supported by the provider system."}}}, {Title: "Plan", Items: []story.Item{{Ref: "med-1"}, {Ref: "recall-1"}, {Ref: "doc-1"}}}}}},
		}},
		Observations: []story.Observation{
			{Head: story.Head{ID: "obs-bp", RecordedBy: gpDoctor}, What: story.SNOMED("75367002", "Blood pressure"), When: "2026-01-09",
				Components: []story.Component{{What: story.SNOMED("72313002", "Systolic"), Value: story.Value{Quantity: story.Quantity{Value: "138", Unit: "mmHg"}}},
					{What: story.SNOMED("1091811000000102", "Diastolic"), Absent: story.Words("not measured")}}},
			{Head: story.Head{ID: "stmt-1"}, Category: story.StatementCategory, What: story.SNOMED("310376006", "Immunisation consent given"), When: "2025-10-01"},
		},
		Reports: []story.Report{{
			Head:     story.Head{ID: "rep-1", Identifiers: []story.Identifier{{System: "2.16.840.1.113883.2.1.4.5.5", Value: "1-593"}}},
			Category: story.Code{Value: "PAT", Display: "Pathology"}, Issued: "2026-01-11T08:00:00+00:00", Labs: []story.Actor{{ODS: "LAB01"}},
			Specimens: []story.Specimen{{ID: "sp-1", Type: story.Words("Serum"), Collected: "2026-01-10", Notes: []string{"haemolysed"}}},
			Request:   &story.TestRequest{What: story.Words("FBC"), By: gpDoctor},
			Results: []story.Observation{{Head: story.Head{ID: "fbc"}, What: story.SNOMED("26604007", "Full blood count"),
				Filed: []story.Filing{{When: "2026-01-12", Comment: "Normal - no action", By: gpDoctor}},
				Group: []story.Observation{{Head: story.Head{ID: "hb"}, What: story.SNOMED("1022431000000105", "Haemoglobin estimation"), Specimen: "sp-1",
					Value: story.Value{Quantity: story.Quantity{Value: "5.7000000000000002", Unit: "g/L"}}, Interpretation: story.Coded("", "L", "Low"),
					Ranges: []story.Range{{Text: "< 200.000 mg/L"}}, Comment: "repeat\nin a week"}}}},
		}},
		Immunisations: []story.Immunisation{
			{Head: story.Head{ID: "imm-1", Recorded: "2025-10-01"}, Vaccination: story.SNOMED("822851000000102", "Seasonal influenza vaccination"), When: "2025-10-01", Batch: "B1", GivenBy: story.Actor{Staff: "nurse-1"}},
			{Head: story.Head{ID: "imm-2"}, Vaccination: story.SNOMED("1324681000000101", "COVID-19 vaccination"), NotGiven: true, NotGivenReason: story.SNOMED("591000119102", "Vaccine declined by patient"), When: "2025-10-01"},
		},
		Referrals: []story.Referral{{Head: story.Head{ID: "ref-1"}, Reason: story.SNOMED("390884006", "Heart failure follow-up"), When: "2025-11-25", Urgency: "routine",
			From: gpDoctor, To: []story.Actor{{ODS: Hospital}}, UBRN: "000000001234", Documents: []string{"doc-1"}}},
		Recalls: []story.Recall{{Head: story.Head{ID: "recall-1"}, What: story.SNOMED("73211009", "Diabetes mellitus"), Due: "2026-07", By: gpDoctor}},
		Documents: []story.Document{
			{Head: story.Head{ID: "doc-1"}, Title: "Referral for further care", Type: story.Words("Sore throat"), Created: "2025-11-25", Attachment: story.Attachment{ContentType: "text/plain", Content: []byte("Dear doctor")}},
			{Head: story.Head{ID: "doc-2"}, Title: "Scan", Created: "2025-11-26", Attachment: story.Attachment{ContentType: "image/tiff"}, Placeholder: "File size of this document is greater than maximum allowable (5MB)"},
		},
	}
}
