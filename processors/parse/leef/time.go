package leef

import (
	"strings"
	"time"

	"weir/processors/parse/format/layout"
	"weir/processors/parse/internal/stamp"
)

// parseTime reads devTime. Its form is in devTimeFormat, in Java's letters; without one the usual forms are tried.
// A year outside of 1970 to 2200 is taken as misread: a pattern without a year gives the year 0, a wrong one anything.
// Without a zone the time is UTC.
func parseTime(value, format string) (time.Time, bool) {
	if value == "" {
		return time.Time{}, false
	}
	if format == "" {
		return stamp.Parse(value)
	}
	// A format that is wrong, or that Go cannot read, is no reason to give the time up.
	form, ok := goLayout(format)
	if ok {
		if t, err := time.Parse(form, value); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			if name, offset := t.Zone(); offset == 0 && name != "UTC" && name != "GMT" && name != "" {
				return abbreviated(t, value, format)
			}
			return t, true
		}
	}
	return stamp.Parse(value)
}

// abbreviated reads a time again whose zone is a name like KST: Go knows names of its own zone only, and takes any
// other for UTC.
func abbreviated(t time.Time, value, format string) (time.Time, bool) {
	set, err := layout.Compile([]string{format})
	if err != nil {
		return t, true
	}
	if named, _, err := set.Parse(value, t, time.UTC); err == nil {
		return named, true
	}
	return t, true
}

// letters are runs of letters of a Java date pattern and what Go writes for them, the longest first.
// A run is looked up whole: yyyyy is no yyyy with a y behind it, but a pattern that is not understood.
var letters = []struct{ java, layout string }{
	{"yyyy", "2006"}, {"yy", "06"}, {"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"}, {"dd", "02"}, {"d", "2"},
	{"EEEE", "Monday"}, {"EEE", "Mon"}, {"E", "Mon"}, {"HH", "15"}, {"H", "15"}, {"hh", "03"}, {"h", "3"}, {"mm", "04"}, {"m", "4"},
	{"ss", "05"}, {"s", "5"}, {"SSSSSSSSS", "000000000"}, {"SSSSSS", "000000"}, {"SSS", "000"}, {"a", "PM"},
	{"zzz", "MST"}, {"z", "MST"}, {"Z", "-0700"}, {"XXX", "Z07:00"}, {"XX", "Z0700"}, {"X", "Z07"},
}

// goLayout turns a Java date pattern into Go's. It is false for letters that Go has no word for. Java's pattern is
// written by the sender, so it is text from outside: bounded by the length of the record, never executed.
func goLayout(java string) (layout string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(java); {
		c := java[i]
		if c == '\'' { // text in quotes; two quotes are one
			end := strings.IndexByte(java[i+1:], '\'')
			if end < 0 {
				return "", false
			}
			if end == 0 || i > 0 && java[i-1] == '\'' { // two quotes, alone or within a text
				b.WriteByte('\'')
			}
			b.WriteString(java[i+1 : i+1+end])
			i += end + 2
			continue
		}
		if c|0x20 < 'a' || c|0x20 > 'z' {
			b.WriteByte(c)
			i++
			continue
		}
		// A run of one letter is one part of the date; its length says how it is written.
		n := 1
		for i+n < len(java) && java[i+n] == c {
			n++
		}
		run := java[i : i+n]
		found := false
		for _, l := range letters {
			if l.java == run {
				b.WriteString(l.layout)
				found = true
				break
			}
		}
		if !found {
			return "", false
		}
		i += n
	}
	return b.String(), true
}
