package identity

// Searcher is a user who may look for people: one whose session is not for one person only. Whatever looks for people takes a
// Searcher, so that no page can let a launched user search. Only Session.Searcher makes one; the zero Searcher is nobody.
type Searcher struct{ user User }

// Searcher gives the user of the session as one who may look for people. It is false for nobody, and for a session that another
// system opened with one person in context.
func (s Session) Searcher() (Searcher, bool) {
	if s.InContext || s.User.IsZero() {
		return Searcher{}, false
	}
	return Searcher{s.User}, true
}

// User is who searches.
func (s Searcher) User() User { return s.user }
