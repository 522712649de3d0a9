package story

import "fmt"

// ValidNHSNumber applies the length and modulus 11 rules of the NHS number.
func ValidNHSNumber(number string) bool {
	if len(number) != 10 {
		return false
	}
	for _, digit := range number {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	check, ok := checkDigit(number[:9])
	return ok && check == number[9]
}

// TestNumber makes the NHS number of the 999 test range whose middle six digits are given; false where modulus 11 allows none.
func TestNumber(middle int) (string, bool) {
	nine := fmt.Sprintf("999%06d", middle)
	check, ok := checkDigit(nine)
	return nine + string(check), ok
}

func checkDigit(nine string) (byte, bool) {
	sum := 0
	for i := range 9 {
		sum += int(nine[i]-'0') * (10 - i)
	}
	switch check := 11 - sum%11; check {
	case 11:
		return '0', true
	case 10:
		return '0', false
	default:
		return byte('0' + check), true
	}
}
