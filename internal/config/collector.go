package config

import (
	"crypto/sha256"
	"encoding/hex"
	"os"

	"github.com/go-json-experiment/json"
)

// Collector is a system of an organisation that gathers audit events. Only the SHA-256 of its token is kept: a token is 32 random bytes or more, in
// whatever letters.
type Collector struct {
	Name, Organisation string
	TokenSHA256        [sha256.Size]byte
}

// collectorEntry is an entry of the JSON list in RIBBLE_COLLECTORS.
type collectorEntry struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	TokenSHA256  string `json:"token_sha256"`
}

func (l *loader) collectors(path string) []Collector {
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	var entries []collectorEntry
	if err := json.Unmarshal(raw, &entries, json.RejectUnknownMembers(true)); err != nil {
		l.problem("the file is not a JSON list of collectors with known members only (name, organisation, token_sha256)")
		return nil
	}
	out := make([]Collector, len(entries))
	seen := map[string]bool{}
	for i, e := range entries {
		sum, err := hex.DecodeString(e.TokenSHA256)
		switch {
		case e.Name == "" || e.Organisation == "":
			l.problem("a collector needs its name and its organisation")
		case err != nil || len(sum) != sha256.Size:
			l.problem("a collector needs the SHA-256 of its token, in hexadecimal")
		case seen[e.TokenSHA256]:
			l.problem("two collectors have the same token")
		}
		seen[e.TokenSHA256] = true
		out[i] = Collector{Name: e.Name, Organisation: e.Organisation}
		copy(out[i].TokenSHA256[:], sum)
	}
	return out
}
