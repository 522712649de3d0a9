package codeset

// The dihedral group by which SNOMED CT reckons check digits (SNOMED CT Release File Specification, 5.5 "Check-digit").
var (
	verhoeffProduct = [10][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
		{4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1}, {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
		{8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
	}
	verhoeffPermutation = [8][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
		{9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1}, {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
	}
)

// The shortest and the longest SNOMED CT identifier.
const shortestID, longestID = 6, 18

// verhoeff is both tables in one, by place from the right (modulo eight), check so far, and digit.
var verhoeff = func() (table [8][10][10]byte) {
	for place := range table {
		for check := range 10 {
			for digit := range 10 {
				table[place][check][digit] = verhoeffProduct[check][verhoeffPermutation[place][digit]]
			}
		}
	}
	return table
}()

// identifier reads a SNOMED CT identifier: its number, and whether it is whole, that is, of digits alone, of a possible length, and with the
// right check digit.
func identifier[T string | []byte](code T) (n key, whole bool) {
	if len(code) < shortestID || len(code) > longestID || code[0] == '0' {
		return 0, false
	}
	check, place, power := byte(0), 0, key(1)
	for i := len(code) - 1; i >= 0; i-- {
		digit := code[i] - '0'
		if digit > 9 {
			return 0, false
		}
		check = verhoeff[place&7][check][digit]
		n += key(digit) * power
		power *= 10
		place++
	}
	return n, check == 0
}

// isConcept reports that a whole identifier is one of a concept, by its partition ("00", or "10" in an extension).
func isConcept(id []byte) bool {
	return id[len(id)-2] == '0' && (id[len(id)-3] == '0' || id[len(id)-3] == '1')
}
