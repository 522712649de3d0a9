package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// codes writes a manifest of so many sensitive codes and gives its path. They are well-formed identifiers of SNOMED CT that no entry of the benchmark
// carries: what is measured is looking, not hiding.
func (r *rig) codes(n int) (string, error) {
	var list strings.Builder
	list.WriteString("system,code,topic\n")
	for i := range n {
		list.WriteString("snomed," + concept(900_000_000+i) + ",bench\n")
	}
	if err := os.WriteFile(r.in("codes.csv"), []byte(list.String()), 0o600); err != nil {
		return "", err
	}
	manifest := fmt.Sprintf(`{"sets":[{"topic":"bench","title":"Codes of the benchmark","version":"1","in_force":"2020-01-01","opens":"B1611","on":true,
		"members":%d,"files":[{"name":"codes.csv","format":"list"}]}]}`, n)
	return r.in("codes.json"), os.WriteFile(r.in("codes.json"), []byte(manifest), 0o600)
}

// concept is the identifier of an item, with the check digit that the reader accepts.
func concept(item int) string {
	body := strconv.Itoa(item) + "00"
	for check := range 10 {
		if id := body + strconv.Itoa(check); new(codeset.Sets).Judge(&record.Coding{System: record.SNOMED, Code: id}).Judged {
			return id
		}
	}
	return body
}
