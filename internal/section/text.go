package section

// commas joins two texts that belong to one statement, semicolons two statements; an empty one leaves the other as it is.
func commas(a, b string) string     { return joined(a, ", ", b) }
func semicolons(a, b string) string { return joined(a, "; ", b) }

func joined(a, between, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}

// firstOf is the first text that says anything.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func orNotGiven(s string) string { return firstOf(s, "not given") }

func orNotSent(s string) string { return firstOf(s, "entry not sent") }
