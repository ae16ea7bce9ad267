package layout

import "strings"

// read reads a whole text; nothing but blanks may be left of it.
func (p ops) read(s string, f *fields) bool {
	for i := range p {
		n := p[i].read(s, f)
		if n < 0 {
			return false
		}
		s = s[n:]
	}
	return strings.TrimLeft(s, " ") == ""
}

// read reads one part from the start of s and returns its length, -1 if it is not there.
func (o *op) read(s string, f *fields) int {
	switch {
	case o.letter == 0:
		return literal(s, o.text)
	case o.number():
		return o.readNumber(s, f)
	}
	switch o.letter {
	case 'M', 'L':
		month, n := month(s)
		f.month = month
		return n
	case 'E', 'e':
		return letters(s)
	case 'a':
		return half(s, f)
	case 'G':
		return letters(s)
	}
	return readZone(s, f) // Z X x z V O
}

// literal reads the text between letters. A blank is any number of them, because days and hours are padded with blanks;
// between seconds and their fraction . and , are the same.
func literal(s, text string) int {
	at := 0
	for i := 0; i < len(text); i++ {
		// One blank in the layout stands for all that are there, but for at least one.
		if text[i] == ' ' {
			if at >= len(s) || s[at] != ' ' && s[at] != '\t' {
				return -1
			}
			for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
				at++
			}
			for i+1 < len(text) && text[i+1] == ' ' {
				i++
			}
			continue
		}
		if at >= len(s) || s[at] != text[i] && !(text == "." && s[at] == ',' || text == "," && s[at] == '.') {
			return -1
		}
		at++
	}
	return at
}

// readNumber reads a number into its field.
func (o *op) readNumber(s string, f *fields) int {
	skipped := 0
	for o.max > o.count && o.count < 2 && skipped < len(s) && s[skipped] == ' ' { // d for " 1"
		skipped++
	}
	s = s[skipped:]
	v, n := 0, 0
	for n < len(s) && n < o.max && s[n] >= '0' && s[n] <= '9' {
		// At most nine digits fit into any field, so v cannot overflow.
		v = v*10 + int(s[n]-'0')
		n++
	}
	// Too few digits: a number of fixed width that was cut, or none at all.
	if n < o.min {
		return -1
	}
	switch o.letter {
	case 'y', 'u':
		if o.max == 2 {
			v += 2000
		}
		f.year, f.hasYear = v, true
	case 'M', 'L':
		f.month = v
	case 'd':
		f.day = v
	case 'D':
		f.yearDay = v
	case 'H', 'k', 'h', 'K':
		f.hour = v
		// k counts the hours from 1 to 24.
		if o.letter == 'k' && v == 24 {
			f.hour = 0
		}
	case 'm':
		f.minute = v
	case 's':
		f.second = v
	default: // S, n
		f.nano = fraction(v, n)
		for n < len(s) && s[n] >= '0' && s[n] <= '9' && o.min == 1 { // finer than a nanosecond
			n++
		}
	}
	return skipped + n
}

// fraction makes nanoseconds of the n digits behind the point.
func fraction(v, n int) int {
	for ; n < 9; n++ {
		v *= 10
	}
	return v
}

// months are the first three letters of their names.
const months = "janfebmaraprmayjunjulaugsepoctnovdec"

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september",
	"october", "november", "december"}

// month reads the name of a month, short or long, in capitals or not. The short form is looked for first: all names
// differ in their first three letters.
func month(s string) (number, n int) {
	if len(s) < 3 {
		return -1, -1
	}
	// With the bit of small letters set; other bytes than letters become something that no month begins with.
	low := [3]byte{s[0] | 0x20, s[1] | 0x20, s[2] | 0x20}
	for i := 0; i < len(months); i += 3 {
		if months[i] != low[0] || months[i+1] != low[1] || months[i+2] != low[2] {
			continue
		}
		full := monthNames[i/3]
		switch {
		case len(s) >= len(full) && strings.EqualFold(s[:len(full)], full):
			return i/3 + 1, len(full)
		case i == 24 && len(s) > 3 && s[3]|0x20 == 't': // Sept
			return 9, 4
		}
		return i/3 + 1, 3
	}
	return -1, -1
}

// letters passes over a word, such as the name of a day, and the point of its abbreviation.
func letters(s string) int {
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || s[n] >= 0x80) {
		n++
	}
	if n == 0 {
		return -1
	}
	if n < len(s) && s[n] == '.' {
		n++
	}
	return n
}

// half reads AM or PM. Which hour of the day that is, is decided when all fields are known.
func half(s string, f *fields) int {
	if len(s) < 2 || s[1]|0x20 != 'm' || s[0]|0x20 != 'a' && s[0]|0x20 != 'p' {
		return -1
	}
	f.half = s[0] | 0x20
	return 2
}
