// Package codes says in words what Windows writes as numbers: reasons of failed logons, logon types, rights, flags of
// accounts and tickets, and the numbered texts of its message tables.
//
// The words are those of Microsoft's documentation. A number that nobody documented has no words, and the callers keep the
// number in any case.
package codes

import (
	"strconv"
	"strings"
)

// Number reads a number as Windows writes it: 4624, 0x1a2b, or without a prefix in hexadecimal digits only if it has 0x.
func Number(s string) (uint64, bool) {
	if hex, ok := cutHex(s); ok {
		n, err := strconv.ParseUint(hex, 16, 64)
		return n, err == nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

// cutHex takes the mark of a hexadecimal number off.
func cutHex(s string) (string, bool) {
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		return s[2:], true
	}
	return s, false
}

// flag is one bit of a mask, or one value of a list, and what it means.
type flag struct {
	bit  uint64
	word string
}

// words returns those of the bits that are set, in the order of the table. Bits without a word are left out.
func words(table []flag, mask uint64) []string {
	var out []string
	for _, f := range table {
		if mask&f.bit != 0 {
			out = append(out, f.word)
		}
	}
	return out
}

// word returns that of one value, "" where there is none.
func word(table []flag, value uint64) string {
	for _, f := range table {
		if f.bit == value {
			return f.word
		}
	}
	return ""
}

// Each calls fn for each number of a list of numbered texts (%%4417 %%4418, in any white space or with commas), with the
// words where the number has some. What stands between them is passed on as it is.
func Each(list string, fn func(id int, text string)) {
	for _, part := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == ',' }) {
		id, err := strconv.Atoi(strings.TrimPrefix(part, "%%"))
		if err != nil || !strings.HasPrefix(part, "%%") {
			fn(0, part)
			continue
		}
		fn(id, messages[id])
	}
}

// Message returns the text of a number of the message table of Windows' auditing, which events write as %%2313, and
// whether s is such a number at all.
func Message(s string) (text string, ok bool) {
	digits, marked := strings.CutPrefix(s, "%%")
	id, err := strconv.Atoi(digits)
	if !marked || err != nil {
		return "", false
	}
	return messages[id], true
}
