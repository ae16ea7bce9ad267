package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// originColumn bounds how far to the right origins are moved by long values.
const originColumn = 56

// YAML is the file that would give this configuration, secrets masked; with origins each line says where its value came
// from. It is laid out by hand and not by the library, so that comments stand in one column and the order is that of
// the struct.
// The last line end is there, so it can be appended to a file.
func (l *Loaded) YAML(origins bool) string {
	var lines, from, path []string
	for _, e := range l.Entries() {
		parts := strings.Split(e.Key, ".")
		last := len(parts) - 1
		for i := range parts[:last] {
			if i < len(path) && path[i] == parts[i] {
				continue
			}
			path = append(path[:i:i], parts[i])
			lines, from = append(lines, strings.Repeat("  ", i)+parts[i]+":"), append(from, "")
		}
		path = path[:last]
		lines, from = append(lines, strings.Repeat("  ", last)+parts[last]+": "+printable(e.Value)), append(from, e.Origin)
	}
	wide := 0
	for _, s := range lines {
		if n := utf8.RuneCountInString(s); n <= originColumn {
			wide = max(wide, n)
		}
	}
	var b strings.Builder
	for i, s := range lines {
		b.WriteString(s)
		if origins && from[i] != "" {
			b.WriteString(strings.Repeat(" ", max(0, wide-utf8.RuneCountInString(s))) + "  # " + printable(from[i]))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// printable takes out what a terminal would act on; values are quoted where they hold such a character, so only names
// of files can.
// The terminal's own escaping cannot be used here: what is printed must stay YAML.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '?'
		}
		return r
	}, s)
}
