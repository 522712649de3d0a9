package ui

// isUnit reports the words that follow a number in UK clinical text (UCUM, dm+d and how people write). Only line breaks
// depend on them: a unit that is missing here is still shown, it just may stand on the next line.
func isUnit(word string) bool {
	switch word {
	case "mg", "g", "kg", "mcg", "microgram", "micrograms", "µg", "μg", "ug", "ng", "nanogram", "nanograms", "pg",
		"milligram", "milligrams", "gram", "grams", "kilogram", "kilograms", "ml", "mL", "mls", "l", "L", "dl", "dL",
		"litre", "litres", "millilitre", "millilitres", "unit", "units", "Units", "iu", "IU", "U", "mU", "mIU", "kU",
		"mmol", "umol", "µmol", "μmol", "nmol", "pmol", "mol", "micromol", "micromols", "millimol", "mosmol", "mOsm", "mEq",
		"mmHg", "mm", "cm", "m", "km", "kPa", "bpm", "beats", "breaths", "min", "mins", "minute", "minutes", "h", "hr",
		"hrs", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "sec", "secs", "second",
		"seconds", "ms", "fL", "fl", "tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "drop",
		"drops", "puff", "puffs", "dose", "doses", "sachet", "sachets", "spray", "sprays", "patch", "patches", "ampoule",
		"ampoules", "suppository", "suppositories", "application", "applications", "stone", "lb", "lbs", "ft", "inches",
		"C", "°C", "degC", "Cel", "kcal", "kJ", "cmH2O", "Hz", "Gy", "mSv", "MBq", "cells", "copies", "times":
		return true
	}
	return false
}

// unbreakable gives the run that holds the digit at i and must stand on one line, or an end of 0. It does not reach
// back before from.
func unbreakable(s string, from, i int) (start, end int) {
	if end := quantity(s, i); end > 0 {
		return comparator(s, from, i), end
	}
	if end := date(s, i); end > 0 {
		return i, end
	}
	if start := i - len("Nov-"); start >= from && month(s, start) && s[i-1] == '-' {
		return start, skipDigits(s, i)
	}
	return i, digitGroups(s, i)
}

// date gives the end of a date such as "3-Mar-1942" that starts at i, or 0.
func date(s string, i int) int {
	i = skipDigits(s, i)
	year := i + len("-Nov-")
	if year >= len(s) || s[i] != '-' || !month(s, i+1) || s[year-1] != '-' || !digit(s[year]) {
		return 0
	}
	return skipDigits(s, year)
}

// month says whether three letters, the first a capital, stand at i.
func month(s string, i int) bool {
	return i+3 <= len(s) && s[i] >= 'A' && s[i] <= 'Z' && letter(s[i+1]) && letter(s[i+2])
}

// digitGroups gives the end of a telephone or NHS number at i: ten or eleven digits in groups with one space between.
func digitGroups(s string, i int) int {
	digits, end := 0, i
	for i < len(s) && digit(s[i]) {
		end = skipDigits(s, i)
		digits += end - i
		i = end
		if i+1 < len(s) && s[i] == ' ' {
			i++
		}
	}
	if digits != 10 && digits != 11 {
		return 0
	}
	return end
}

func skipDigits(s string, i int) int {
	for i < len(s) && digit(s[i]) {
		i++
	}
	return i
}

// quantity gives the end of the "number + unit" that starts at i, or 0 when there is none. The number may be a decimal,
// grouped ("1,000"), a power ("10*9"), a fraction ("120/80") or a range ("5-10"); one space may stand before the unit.
func quantity(s string, i int) int {
	i = number(s, i)
	for i+1 < len(s) && joiner(s[i]) && digit(s[i+1]) {
		i = number(s, i+1)
	}
	if i == len(s) {
		return 0
	}
	switch s[i] {
	case '%':
		return i + 1
	case ' ':
		if i+1 < len(s) && s[i+1] == '%' {
			return i + 2
		}
		return unit(s, i+1)
	case '/':
		return unit(s, i+1)
	}
	return unit(s, i)
}

// number gives the end of the digits at i with their decimal point or grouping commas.
func number(s string, i int) int {
	for i < len(s) && (digit(s[i]) || i+1 < len(s) && (s[i] == '.' || s[i] == ',') && digit(s[i+1])) {
		i++
	}
	return i
}

// unit gives the end of the unit that starts at i, with all its parts ("mL/min/1.73m*2"), or 0.
func unit(s string, i int) int {
	end := i
	for end < len(s) && unitByte(s[end]) {
		end++
	}
	if !isUnit(s[i:end]) {
		return 0
	}
	for end < len(s) && (wordByte(s[end]) || end+1 < len(s) && (joiner(s[end]) || s[end] == '.') && wordByte(s[end+1])) {
		end++
	}
	return end
}

// comparator moves start back over a "<" or ">=" that belongs to the number, but not before from.
func comparator(s string, from, start int) int {
	i := start
	if i > from && s[i-1] == ' ' {
		i--
	}
	mark := i
	for i > from && (s[i-1] == '<' || s[i-1] == '>' || s[i-1] == '=') {
		i--
	}
	if i == mark {
		return start
	}
	return i
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func wordByte(c byte) bool { return letter(c) || digit(c) || c == '_' }

// unitByte accepts letters and the bytes of the micro and degree signs, which are two bytes long in UTF-8.
func unitByte(c byte) bool { return letter(c) || c >= 0x80 }

// joiner says whether c joins two numbers or two parts of a unit.
func joiner(c byte) bool { return c == '/' || c == '*' || c == '^' || c == '-' }
