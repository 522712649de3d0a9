package story

// trusts lists the hospitals, the mental health and community trust, the ambulance service, the councils and the hospice.
func trusts() []Organisation {
	return []Organisation{
		bowland(), fellsideGeneral(), calderbeck(), silverdale(), pendleView(), ambulance(), wyrefield(), loudshire(),
		{ODS: soh, Name: "St Oswin's Hospice", Kind: Hospice, Phone: "01632 960388"},
		{ODS: lhc, Name: "Larch House Care Home", Kind: OtherService, Phone: "01632 960466"},
		{ODS: bch, Name: "Beckside Home Care", Kind: OtherService, Phone: "01632 960455"},
		kelbrook(),
	}
}

// kelbrook is for whoever wants to bring a hospital on.
func kelbrook() Organisation {
	return Organisation{
		ODS: kgh, Name: "Kelbrook General Hospital NHS Trust", Kind: AcuteTrust, Phone: "01632 960370",
		Address: Address{Lines: []string{"Mill Bank"}, City: "Kelbrook", Postcode: "XX7 6EE"},
		Staff:   []Staff{person("hurst", "Dr", "Amina", "Hurst", consultant, 9501)},
		Places:  []Place{{ID: "site", Name: "Kelbrook General Hospital"}, {ID: "opd", Name: "Outpatients", PartOf: "site"}},
	}
}

func bowland() Organisation {
	return Organisation{
		ODS: bth, Name: "Bowland Teaching Hospitals NHS Trust", Kind: AcuteTrust, Phone: "01632 960300",
		Address: Address{Lines: []string{"Infirmary Road"}, City: "Over Bowland", Postcode: "XX7 1AA"},
		Staff: []Staff{
			person("nair", "Dr", "Priya", "Nair", consultant, 9101), person("rigby", "Dr", "Thomas", "Rigby", registrar, 9102),
			person("obi", "Dr", "Joy", "Obi", registrar, 9103), person("doyle", "Sister", "Kathleen", "Doyle", wardSister, 9104),
			person("slater", "Mr", "Robert", "Slater", consultant, 9105), person("quill", "Dr", "Anton", "Quill", radiologist, 9106),
			person("sato", "Dr", "Naomi", "Sato", consultant, 9107), person("ferris", "Dr", "Helen", "Ferris", consultant, 9108),
		},
		Places: []Place{
			{ID: "site", Name: "Bowland Royal Infirmary"}, {ID: "ed", Name: "Emergency Department", PartOf: "site"},
			{ID: "opu", Name: "Older People's Unit", PartOf: "site"}, {ID: "ward7", Name: "Ward 7, acute medicine", PartOf: "site"},
			{ID: "ward12", Name: "Ward 12, orthopaedics", PartOf: "site"}, {ID: "opd", Name: "Outpatients", PartOf: "site"},
			{ID: "hdu", Name: "High dependency unit", PartOf: "site"},
		},
	}
}

func fellsideGeneral() Organisation {
	return Organisation{
		ODS: fgh, Name: "Fellside General Hospitals NHS Trust", Kind: AcuteTrust, Phone: "01632 960320",
		Address: Address{Lines: []string{"Hospital Lane"}, City: "Fellside", Postcode: "XX7 2BB"},
		Staff: []Staff{
			person("brandt", "Ms", "Hanna", "Brandt", consultant, 9201), person("triage", "Sister", "Meera", "Joshi", wardSister, 9202),
			person("lund", "Dr", "Erik", "Lund", consultant, 9203), person("okoro", "Dr", "Chidi", "Okoro", registrar, 9204),
		},
		Places: []Place{
			{ID: "site", Name: "Fellside General Hospital"}, {ID: "eye", Name: "Eye Unit", PartOf: "site"},
			{ID: "ed", Name: "Emergency Department", PartOf: "site"}, {ID: "opd", Name: "Outpatients", PartOf: "site"},
			{ID: "ward3", Name: "Ward 3, general medicine", PartOf: "site"},
		},
		Unsupported: []string{"Appointment"},
	}
}

func calderbeck() Organisation {
	return Organisation{
		ODS: cbh, Name: "Calderbeck Hospitals NHS Foundation Trust", Kind: AcuteTrust, Phone: "01632 960340",
		Address: Address{Lines: []string{"Weir Street"}, City: "Calderbeck", Postcode: "XX7 3CC"},
		Staff: []Staff{
			person("adler", "Dr", "Ruth", "Adler", consultant, 9301), person("hughes", "Dr", "Owen", "Hughes", registrar, 9302),
			person("sister", "Sister", "Grace", "Mensah", wardSister, 9303), person("reid", "Dr", "Fiona", "Reid", radiologist, 9304),
		},
		Places: []Place{
			{ID: "site", Name: "Calderbeck Hospital"}, {ID: "ed", Name: "Emergency Department", PartOf: "site"},
			{ID: "opd", Name: "Outpatients", PartOf: "site"}, {ID: "ward", Name: "Medical ward", PartOf: "site"},
			{ID: "renal", Name: "Dialysis unit", PartOf: "site"},
		},
	}
}

func silverdale() Organisation {
	return Organisation{
		ODS: swc, Name: "Silverdale Women's and Children's NHS Foundation Trust", Kind: AcuteTrust, Phone: "01632 960360",
		Address: Address{Lines: []string{"Orchard Road"}, City: "Silverdale", Postcode: "XX7 5DD"},
		Staff: []Staff{
			person("bauer", "Dr", "Clara", "Bauer", consultant, 9401), person("midwife", "Sister", "Joan", "Ainscough", midwife, 9402),
			person("khan", "Dr", "Imran", "Khan", consultant, 9403), person("lee", "Dr", "Min", "Lee", registrar, 9404),
		},
		Places: []Place{
			{ID: "site", Name: "Silverdale Hospital"}, {ID: "ed", Name: "Children's Emergency Department", PartOf: "site"},
			{ID: "anc", Name: "Antenatal clinic", PartOf: "site"}, {ID: "opd", Name: "Children's outpatients", PartOf: "site"},
			{ID: "ward", Name: "Children's ward", PartOf: "site"}, {ID: "delivery", Name: "Delivery suite", PartOf: "site"},
		},
	}
}

func pendleView() Organisation {
	return Organisation{
		ODS: pvt, Name: "Pendle View Mental Health and Community NHS Trust", Kind: MentalHealth, Phone: "01632 960377",
		Address: Address{Lines: []string{"The Grange", "Long Lane"}, City: "Pendle View", Postcode: "XX7 6EE"},
		Staff: []Staff{
			person("moss", "Dr", "Eleanor", "Moss", psychiatrist, 9501), person("tariq", "Mr", "Samir", "Tariq", communityNurse, 9502),
			person("byrne", "Sister", "Aoife", "Byrne", communityNurse, 9503), person("stone", "Dr", "Peter", "Stone", psychiatrist, 9504),
		},
		Places: []Place{
			{ID: "site", Name: "The Grange"}, {ID: "maple", Name: "Maple ward", PartOf: "site"},
			{ID: "memory", Name: "Memory clinic", PartOf: "site"}, {ID: "home", Name: "At home"},
		},
		Teams: []Team{
			{ID: "cmht", Name: "Community mental health team, north", Phone: "01632 960371"},
			{ID: "nursing", Name: "District nursing, Wyrefield", Phone: "01632 960372"},
			{ID: "crisis", Name: "Crisis resolution and home treatment team", Phone: "01632 960373"},
		},
	}
}

func ambulance() Organisation {
	return Organisation{
		ODS: tas, Name: "Trough Ambulance Service NHS Trust", Kind: OtherService, Phone: "01632 960399",
		Address: Address{Lines: []string{"Station Yard"}, City: "Nether Wyrefield", Postcode: "XX7 8FF"},
		Staff:   []Staff{person("crew417", "Mr", "Daniel", "Kerr", paramedic, 9601)},
		Places:  []Place{{ID: "scene", Name: "At the scene"}},
		Unsupported: []string{
			"AllergyIntolerance", "MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration", "Appointment",
			"Immunization", "ServiceRequest", "DiagnosticReport", "CareTeam", "RelatedPerson", "FamilyMemberHistory", "CarePlan", "Consent",
		},
	}
}

func wyrefield() Organisation {
	return Organisation{
		ODS: wyc, Name: "Wyrefield Council", Kind: Council, Phone: "01632 960470",
		Address: Address{Lines: []string{"Town Hall"}, City: "Nether Wyrefield", Postcode: "XX7 9GG"},
		Staff: []Staff{
			person("okafor", "Ms", "Janet", "Okafor", socialWorker, 9701), person("wells", "Mr", "Adam", "Wells", socialWorker, 9702),
			person("price", "Ms", "Sian", "Price", socialWorker, 9703),
		},
		Teams: []Team{
			{ID: "north", Name: "Adults North", Phone: "01632 960480"}, {ID: "hospital", Name: "Hospital discharge team", Phone: "01632 960481"},
			{ID: "children", Name: "Children's social care", Phone: "01632 960482"}, {
				ID: "equipment", Name: "Community equipment service", Phone: "01632 960483",
			},
			{ID: "reablement", Name: "Reablement service", Phone: "01632 960484"},
		},
	}
}

func loudshire() Organisation {
	return Organisation{
		ODS: ldc, Name: "Loudshire County Council", Kind: Council, Phone: "01632 960490",
		Address: Address{Lines: []string{"County Hall"}, City: "Calderbeck", Postcode: "XX8 1HH"},
		Staff: []Staff{
			person("dunn", "Ms", "Marie", "Dunn", socialWorker, 9801), person("iqbal", "Mr", "Yusuf", "Iqbal", socialWorker, 9802),
		},
		Teams: []Team{
			{ID: "adults", Name: "Adult social care, Calderbeck", Phone: "01632 960491"}, {
				ID: "mental", Name: "Approved mental health professionals", Phone: "01632 960492",
			},
			{ID: "equipment", Name: "Equipment store", Phone: "01632 960493"}, {ID: "children", Name: "Children and families", Phone: "01632 960494"},
		},
	}
}
