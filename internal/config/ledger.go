package config

import (
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
)

// Witness is a process elsewhere that confirms the checkpoints of the audit trail (C2SP tlog-witness).
type Witness struct {
	// URL is its base address, Key the public text of its key in the form of signed notes.
	URL *url.URL
	Key string
	// Roots is the pinned authority of its certificate; Networks are the addresses its name may resolve to.
	Roots    Authority
	Networks []netip.Prefix
}

// witnessEntry is an entry of the JSON list in RIBBLE_WITNESSES.
type witnessEntry struct {
	URL      string   `json:"url"`
	Key      string   `json:"key"`
	CAFile   string   `json:"ca_file"`
	Networks []string `json:"networks"`
}

func (l *loader) witnesses(path string) []Witness {
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	var entries []witnessEntry
	if err := json.Unmarshal(raw, &entries, json.RejectUnknownMembers(true)); err != nil || len(entries) == 0 {
		l.problem("the file is not a JSON list of witnesses with known members only (url, key, ca_file, networks)")
		return nil
	}
	out := make([]Witness, len(entries))
	for i, e := range entries {
		out[i] = Witness{URL: l.service(e.URL), Key: e.Key, Networks: l.networks(strings.Join(e.Networks, ","))}
		if strings.Count(e.Key, "+") < 2 {
			l.problem("a witness needs its key: name+id+base64")
		}
		switch {
		case e.CAFile != "":
			out[i].Roots = l.authority(e.CAFile)
		case out[i].URL != nil && out[i].URL.Scheme == "https":
			l.problem("a witness at an https address needs its ca_file")
		}
	}
	return out
}

// ReadWitnesses reads a file of witnesses, as RIBBLE_WITNESSES names it.
func ReadWitnesses(path string) ([]Witness, error) {
	l := &loader{current: "RIBBLE_WITNESSES"}
	list := l.witnesses(path)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return list, nil
}
