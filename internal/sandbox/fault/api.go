package fault

import (
	"encoding/json"
	"net/http"
)

// Handler is the control API, for loopback only:
//
//	GET    /sources        every source and its setting
//	PUT    /sources/{id}   change one setting: {"latency_ms":0,"jitter_ms":0,"fault":"none","nhs_number":""}
//	GET    /faults         the faults there are
//	DELETE /faults         all sources healthy again
//	GET    /requests       how often each source was asked, and each request in order
//	DELETE /requests       forget them
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sources", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Sources()) })
	mux.HandleFunc("PUT /sources/{id}", c.put)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { reply(w, Table()) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		c.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /requests", c.history)
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, _ *http.Request) {
		c.Forget()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (c *Control) put(w http.ResponseWriter, r *http.Request) {
	var setting Setting
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&setting); err != nil {
		http.Error(w, "the setting is not the JSON expected", http.StatusBadRequest)
		return
	}
	if err := c.Set(r.PathValue("id"), setting); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// History is the answer of GET /requests.
type History struct {
	Counts map[string]int `json:"counts"`
	Log    []Asked        `json:"log"`
}

func (c *Control) history(w http.ResponseWriter, _ *http.Request) {
	counts, log := c.Requests()
	reply(w, History{Counts: counts, Log: log})
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(value)
}
