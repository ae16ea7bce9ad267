package rules

import "strings"

// reference is a {{field}} in a text, by bytes; path is "" if it is empty or not closed.
type reference struct {
	path     string
	from, to int
}

// references returns the references of a text in order.
func references(s string) []reference {
	var out []reference
	for at := 0; ; {
		i := strings.Index(s[at:], "{{")
		if i < 0 {
			return out
		}
		from := at + i
		j := strings.Index(s[from:], "}}")
		if j < 0 {
			return append(out, reference{from: from, to: len(s)})
		}
		to := from + j + 2
		out = append(out, reference{path: strings.TrimSpace(s[from+2 : to-2]), from: from, to: to})
		at = to
	}
}

// Render fills the {{field}} references of a text. A field without a value becomes "?". Values are not looked at:
// whoever prints the text to a terminal or a page escapes it there.
func Render(tmpl string, values map[string]string) string {
	refs := references(tmpl)
	if len(refs) == 0 {
		return tmpl
	}
	var b strings.Builder
	at := 0
	for _, r := range refs {
		b.WriteString(tmpl[at:r.from])
		switch v, ok := values[r.path]; {
		// What is no reference stays as it is written. A load refuses it; texts from elsewhere may have it.
		case r.path == "":
			b.WriteString(tmpl[r.from:r.to])
		case !ok || v == "":
			b.WriteByte('?')
		default:
			b.WriteString(v)
		}
		at = r.to
	}
	b.WriteString(tmpl[at:])
	return b.String()
}

// ExplainFields returns the fields that the texts of the rule name.
func (r *Rule) ExplainFields() []string {
	var out []string
	seen := map[string]bool{}
	for _, text := range []string{r.Explain, r.ExplainKo} {
		for _, ref := range references(text) {
			if ref.path != "" && !seen[ref.path] {
				seen[ref.path] = true
				out = append(out, ref.path)
			}
		}
	}
	return out
}
