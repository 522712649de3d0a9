package gpconnect

import "ribble/internal/record"

// measurementCodes are the vital signs, measurements and scores of section 27.6.
var measurementCodes = codeSet(
	"1104051000000101", "1104301000000104", "1104311000000102", "1104321000000108", "1104331000000105", "1104341000000101", "1104351000000103",
	"1104361000000100", "1104371000000107", "1104441000000107", "86290005", "364075005", "78564009", "103228002", "386725007", "276885007",
	"163020007", "75367002", "386534000", "163034007", "163035008", "163033001", "72313002", "271649006", "163030003", "400974009", "407554009",
	"407556006", "1091811000000102", "271650006", "163031004", "400975005", "407555005", "407557002", "27113001", "50373000", "248337003", "60621009",
)

// alertCodes are the coded safeguarding entries and risks of section 27.4 that arrive as uncategorised data (HAZ 17).
var alertCodes = map[string]record.AlertKind{
	"342191000000101": record.ChildProtection, "818901000000100": record.ChildProtection, "764841000000100": record.ChildProtection,
	"514331000000104": record.Safeguarding, "1098411000000108": record.Safeguarding, "417430008": record.Safeguarding,
	"919461000000108": record.Safeguarding, "1188261000000103": record.Safeguarding, "761571000000106": record.Safeguarding,
	"65108000": record.RiskToOthers, "129707006": record.RiskToOthers,
	"225444004": record.RiskToSelf, "401233007": record.RiskToSelf, "129839007": record.RiskToSelf, "22761000175104": record.RiskToSelf,
	"365867006": record.LegalAlert,
}

// decisionCodes are the coded resuscitation decisions of section 27.3.
var decisionCodes = codeSet("450475007", "450476008", "304252001", "304253006", "143021000119109")

// pregnancyCodes and socialCodes are the entries of section 21 that are known by code.
var (
	pregnancyCodes = codeSet("161714006", "289206005", "738070007")
	socialCodes    = codeSet("1082641000000106", "266918002")
)

func codeSet(codes ...string) map[string]bool {
	set := make(map[string]bool, len(codes))
	for _, c := range codes {
		set[c] = true
	}
	return set
}

// crossList shows an uncategorised entry, and each of its members, a second time in the section where a clinician looks for it. Its home
// stays "Other", and the second showing is not counted (section 24).
func (r *reading) crossList(h *record.Head, result *record.Result) {
	r.crossListOne(h, result)
	members := result.Rarely().Members
	for i := range members {
		member := h.Apart()
		member.Key, member.RawStatus, member.Phase = members[i].Key, members[i].Status, members[i].Phase
		member.Identifiers = nil
		member.Add().Issues = members[i].Rarely().Issues
		if when := members[i].When; !when.IsZero() {
			member.When = when
		}
		r.crossList(&member, &members[i])
	}
}

func (r *reading) crossListOne(h *record.Head, result *record.Result) {
	code := result.Test.Code(record.SNOMED)
	if code == "" {
		return
	}
	second := h.Again()
	chart := &r.answer.Chart
	switch kind, alert := alertCodes[code]; {
	case alert:
		second.Notes = append(second.Notes[:len(second.Notes):len(second.Notes)], result.Comments...)
		chart.Alerts = append(chart.Alerts, record.Alert{Head: second, Alert: result.Test, Kind: kind})
	case decisionCodes[code]:
		second.Notes = append(second.Notes[:len(second.Notes):len(second.Notes)], result.Comments...)
		chart.Plans = append(chart.Plans, record.Plan{Head: second, Type: result.Test, Decision: result.Test, Authors: h.PerformedBy})
	case measurementCodes[code]:
		shown := *result
		if shown.Rare != nil {
			rare := *shown.Rare
			rare.Members = nil
			shown.Rare = &rare
		}
		chart.Measurements = append(chart.Measurements, record.Measurement{Head: second, Result: shown, Score: code == "1104051000000101"})
	case pregnancyCodes[code]:
		chart.History = append(chart.History, record.HistoryEntry{Head: second, Kind: record.Pregnancy, Topic: result.Test, Value: result.Value})
	case socialCodes[code]:
		chart.History = append(chart.History, record.HistoryEntry{Head: second, Kind: record.Social, Topic: result.Test, Value: result.Value})
	}
}
