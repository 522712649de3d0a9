package config

import (
	"os"
	"time"

	"github.com/go-json-experiment/json"
)

// ownLimits is an entry of the JSON object in RIBBLE_SESSION_LIMITS, whose names are ODS codes. What is left out is as for everybody.
type ownLimits struct {
	Idle     string `json:"idle"`
	Linger   string `json:"linger"`
	Absolute string `json:"absolute"`
}

// sessionLimits reads the limits of single organisations. They may differ from the others' only within the same bounds.
func (l *loader) sessionLimits(path string, everybody Sessions) map[string]SessionLimits {
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	var file map[string]ownLimits
	if err := json.Unmarshal(raw, &file, json.RejectUnknownMembers(true)); err != nil {
		l.problem("the file is not a JSON object of limits by ODS code, with known members only")
		return nil
	}
	out := make(map[string]SessionLimits, len(file))
	for ods, given := range file {
		if l.ods(ods) == "" {
			continue
		}
		own := SessionLimits{
			Idle:     l.orElse(given.Idle, everybody.Idle, time.Minute, time.Hour),
			Linger:   l.orElse(given.Linger, everybody.Linger, time.Minute, 12*time.Hour),
			Absolute: l.orElse(given.Absolute, everybody.Absolute, 10*time.Minute, 12*time.Hour),
		}
		if own.Idle > own.Absolute {
			l.problem("%s: idle must not be longer than absolute", ods)
		}
		out[ods] = own
	}
	return out
}

func (l *loader) orElse(given string, otherwise, low, high time.Duration) time.Duration {
	if given == "" {
		return otherwise
	}
	return l.duration(given, low, high)
}
