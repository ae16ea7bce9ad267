package sigma

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// dashes are the letters that `windash` takes for one another: those by which Windows programs know a flag.
var dashes = []string{"-", "/", "\u2013", "\u2014", "\u2015"}

// maxDashes bounds the dashes of one value: each of them makes five values of one.
const maxDashes = 5

// changed applies one modifier that makes other texts of a text. A change that cannot be is refused.
func (d *document) changed(v *node, ps []piece, change string) [][]piece {
	if change == "windash" {
		return d.windash(v, ps)
	}
	// A wildcard stands for letters that are not known, and what they are encoded as is not either.
	text, ok := letters(ps)
	if !ok {
		d.fail(v, "sigma-value", "write the letters without wildcards; `contains` finds them anywhere", "`%s` cannot encode a wildcard", change)
		return nil
	}
	one := func(s string) [][]piece { return [][]piece{{{text: s}}} }
	switch change {
	case "base64":
		return one(base64.StdEncoding.EncodeToString([]byte(text)))
	case "base64offset":
		return shifted(text)
	}
	return one(widened(text, change))
}

// widened is UTF-16 in one of its forms.
func widened(s, form string) string {
	var order binary.AppendByteOrder = binary.LittleEndian
	if form == "utf16be" {
		order = binary.BigEndian
	}
	// Letters beyond 16 bits become two numbers, as they are in a file.
	var b []byte
	if form == "utf16" {
		b = append(b, 0xff, 0xfe) // the mark that says which byte comes first
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// shifted returns what base64 makes of a text that stands somewhere in a longer one: three texts, one for each place
// within the groups of three bytes, without the letters that depend on what stands before and behind.
func shifted(s string) [][]piece {
	var out [][]piece
	for shift := range 3 {
		// Any bytes before it would do: the letters that they have a part in are cut off.
		code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + s))
		from := []int{0, 2, 3}[shift]
		to := len(code) - []int{0, 3, 2}[(len(s)+shift)%3]
		// Of very short texts nothing may be left, and nothing is in everything.
		if from < to {
			out = append(out, []piece{{text: code[from:to]}})
		}
	}
	return out
}

// windash returns the text with every dash in it as each of the dashes there are.
func (d *document) windash(v *node, ps []piece) [][]piece {
	// All texts so far, up to the present dash; each dash makes five of each.
	out := [][]piece{nil}
	count := 0
	for _, p := range ps {
		rest := p.text
		for p.wild == 0 {
			at, width := nextDash(rest)
			if at < 0 {
				break
			}
			if count++; count > maxDashes {
				d.fail(v, "sigma-value", "write fewer flags in one value, and join several values with `all`", "`windash` makes %d values for each dash, and this value has more than %d", len(dashes), maxDashes)
				return nil
			}
			var next [][]piece
			for _, have := range out {
				for _, dash := range dashes {
					next = append(next, joined(have, piece{text: rest[:at] + dash}))
				}
			}
			out, rest = next, rest[at+width:]
		}
		for i := range out {
			out[i] = joined(out[i], piece{text: rest, wild: p.wild})
		}
	}
	return out
}

// nextDash returns the place and the width of the first dash, -1 if there is none.
func nextDash(s string) (at, width int) {
	for i, r := range s {
		switch r {
		case '-', '/', 0x2013, 0x2014, 0x2015:
			return i, utf8.RuneLen(r)
		}
	}
	return -1, 0
}

// joined returns ps with one more piece, which is added to the last one where both are letters. It shares nothing with ps
// that would be written to.
func joined(ps []piece, p piece) []piece {
	if p.wild == 0 && p.text == "" {
		return ps
	}
	out := make([]piece, len(ps), len(ps)+1)
	copy(out, ps)
	if n := len(out); n > 0 && out[n-1].wild == 0 && p.wild == 0 {
		out[n-1].text += p.text
		return out
	}
	return append(out, p)
}
