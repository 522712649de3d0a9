package postgres

// HoldAtMost bounds what a reader holds of what events refer to.
func (r *OfficerReader) HoldAtMost(n int) { r.glossary.most = n }
