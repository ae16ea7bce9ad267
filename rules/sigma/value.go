package sigma

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/match/tree/kind"
)

// piece is a part of a text of Sigma: letters as they are, or a wildcard.
type piece struct {
	text string
	// '*' or '?', 0 for letters.
	wild byte
}

// pieces reads a text with its wildcards. A backslash takes the meaning from a wildcard or from another backslash behind
// it; before anything else it is itself.
func pieces(s string) []piece {
	if !strings.ContainsAny(s, `*?\`) {
		if s == "" {
			return nil
		}
		return []piece{{text: s}}
	}
	// Letters are collected until a wildcard ends them, so that no two pieces of letters follow one another.
	var out []piece
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, piece{text: b.String()})
			b.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`*?\`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case c == '*' || c == '?':
			flush()
			// Several stars in a row are one.
			if n := len(out); c != '*' || n == 0 || out[n-1].wild != '*' {
				out = append(out, piece{wild: c})
			}
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return out
}

// letters returns a text that has no wildcards.
func letters(ps []piece) (string, bool) {
	switch {
	case len(ps) == 0:
		return "", true
	case len(ps) == 1 && ps[0].wild == 0:
		return ps[0].text, true
	}
	return "", false
}

// spelled returns the alternatives of one text: what its modifiers make of it, each in the simplest test that says it.
func (d *document) spelled(v *node, raw string, m *modifiers) []alternative {
	// Changes are made in the order in which they are written: wide|base64 encodes what wide made.
	texts := [][]piece{pieces(raw)}
	fold, asked := !m.cased || !hasCase(raw), m.textKind()
	for _, change := range m.change {
		var next [][]piece
		for _, t := range texts {
			next = append(next, d.changed(v, t, change)...)
			if len(next) > maxValues {
				d.tooLarge(v)
				return nil
			}
		}
		texts = next
		// Dashes change no letter's case; encodings make letters that mean something else in the other case.
		if change != "windash" {
			fold = false
		}
		// A shifted text stands in the middle of what was encoded.
		if change == "base64offset" && asked == kind.Equal {
			asked = kind.Contains
		}
	}
	out := make([]alternative, 0, len(texts))
	for _, t := range texts {
		a := simplest(t, asked, fold)
		if !utf8.ValidString(a.value) {
			d.fail(v, "sigma-value", "add `base64offset|contains` behind it", "`%s` makes bytes of this value that are no text, and fields hold texts", m.change[len(m.change)-1])
			return nil
		}
		out = append(out, a)
	}
	return out
}

// hasCase tells whether a text has letters that come in two cases.
func hasCase(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.SimpleFold(r) != r })
}

// simplest turns a text with wildcards into the plainest test that means the same: *x* is contains.
func simplest(ps []piece, asked kind.Kind, fold bool) alternative {
	// The modifiers are wildcards in other words, and once they are all alike one look decides.
	star := piece{wild: '*'}
	if asked == kind.Contains || asked == kind.EndsWith {
		ps = append([]piece{star}, ps...)
	}
	if asked == kind.Contains || asked == kind.StartsWith {
		ps = append(slices.Clip(ps), star)
	}
	head := len(ps) > 0 && ps[0] == star
	body := ps
	if head {
		body = body[1:]
		if len(body) > 0 && body[0] == star {
			body = body[1:]
		}
	}
	tail := len(body) > 0 && body[len(body)-1] == star
	if tail {
		body = body[:len(body)-1]
		if len(body) > 0 && body[len(body)-1] == star {
			body = body[:len(body)-1]
		}
	}
	if text, ok := letters(body); ok {
		switch {
		case text == "" && (head || tail):
			// Any text at all: the field is there.
			return alternative{kind: kind.Exists}
		case head && tail:
			return alternative{kind.Contains, fold, text}
		case head:
			return alternative{kind.EndsWith, fold, text}
		case tail:
			return alternative{kind.StartsWith, fold, text}
		}
		return alternative{kind.Equal, fold, text}
	}
	return alternative{kind.Glob, fold, pattern(head, body, tail)}
}

// pattern writes pieces as a pattern of kind.Glob.
func pattern(head bool, body []piece, tail bool) string {
	var b strings.Builder
	if head {
		b.WriteByte('*')
	}
	for _, p := range body {
		if p.wild != 0 {
			b.WriteByte(p.wild)
			continue
		}
		for i := range len(p.text) {
			if strings.IndexByte(`*?\`, p.text[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(p.text[i])
		}
	}
	if tail {
		b.WriteByte('*')
	}
	return b.String()
}
