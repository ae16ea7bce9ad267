package format

import (
	"fmt"
	"slices"
	"strings"
)

// maxShown bounds what is quoted of a message, in letters.
const maxShown = 24

// Misfit says in words why a message is not recognised as one of the format: for each of its ways the first thing that does not
// hold. "" where one of them fits, or where it has none.
func (f *Format) Misfit(l *Look) string {
	var out []string
	for i := range f.ways {
		why := f.ways[i].misfit(l)
		if why == "" {
			return ""
		}
		if !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	return strings.Join(out, "; or ")
}

// misfit names the first condition of a way that does not hold, in the order in which they are asked.
func (w *way) misfit(l *Look) string {
	text := l.text(w.format)
	asks := func(list []string) string { return "match asks for " + strings.Join(list, ", ") }
	if w.input != "" {
		if w.input == l.Input {
			return ""
		}
		return "it is no record of the input " + w.input
	}
	if w.fits(l) {
		return ""
	}
	if len(w.starts) > 0 && !slices.ContainsFunc(w.starts, func(s string) bool { return strings.HasPrefix(text, s) }) {
		return fmt.Sprintf("the message starts with `%s`, and %s", beginning(text), asks(w.starts))
	}
	if len(w.programs) > 0 && !slices.Contains(w.programs, l.Program) {
		if l.Program == "" {
			return "the line has no syslog header that names a program, and " + asks(w.programs)
		}
		return fmt.Sprintf("the program is %s, and %s", l.Program, asks(w.programs))
	}
	if len(w.contains) > 0 {
		var lacks []string
		for _, all := range w.contains {
			at := slices.IndexFunc(all, func(s string) bool { return !strings.Contains(text[:min(len(text), maxLook)], s) })
			if at < 0 {
				lacks = nil
				break
			}
			lacks = append(lacks, "`"+all[at]+"`")
		}
		if len(lacks) > 0 {
			return fmt.Sprintf("the first %d bytes of the message have no %s", maxLook, strings.Join(lacks, " and no "))
		}
	}
	if w.when != nil && !w.when.Holds(l) {
		return "`when` does not hold: " + w.whenText
	}
	return "the message does not look as its reader wants it"
}

// beginning is the first letters of a text.
func beginning(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}
