package format

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// A format whose only sign is a `when` would cost every message an expression. Most of these ask for a text at the very start,
// and then the first byte tells at once that they cannot hold.

// gate is which first bytes a text may have.
type gate struct {
	raw  bool // of the record, not of the message
	may  [4]uint64
	some bool // it says anything at all
}

// opening is the part of an expression that a gate is made of: the first of what must all hold.
var opening = regexp.MustCompile("^\\s*\\(?\\s*(?:(message|_raw)\\s+(matches|startsWith)\\s+|re\\((message|_raw)\\s*,\\s*)([\"'`])")

// newGate makes the gate of an expression.
func newGate(expr string) (g gate) {
	m := opening.FindStringSubmatchIndex(expr)
	if m == nil {
		return gate{}
	}
	part := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return expr[m[2*i]:m[2*i+1]]
	}
	rest := expr[m[1]:]
	end := strings.Index(rest, part(4))
	if end < 0 || strings.Contains(rest[end:], " or ") || strings.Contains(rest[end:], "||") || strings.Contains(rest[end:], "?") {
		return gate{}
	}
	g.raw = part(1) == rawName || part(3) == rawName
	text := rest[:end]
	if part(2) == "startsWith" {
		if text == "" || strings.HasPrefix(text, `\`) {
			return gate{}
		}
		g.add(rune(text[0]), rune(text[0]))
		g.some = true
		return g
	}
	if part(4) != "`" {
		text = strings.ReplaceAll(text, `\\`, `\`)
	}
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return gate{}
	}
	anchored, nullable := g.first(re)
	g.some = anchored && !nullable
	return g
}

// rawName is the place of the whole record.
const rawName = "_raw"

// first adds the bytes with which a text that fits may begin. anchored tells that it fits at the start of the text only, nullable
// that it may be empty, so that what comes behind counts too.
func (g *gate) first(re *syntax.Regexp) (anchored, nullable bool) {
	switch re.Op {
	case syntax.OpBeginText:
		return true, true
	case syntax.OpEmptyMatch, syntax.OpEndText, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return false, true
	case syntax.OpLiteral:
		g.add(re.Rune[0], re.Rune[0])
		if re.Flags&syntax.FoldCase != 0 {
			g.all()
		}
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			g.add(re.Rune[i], re.Rune[i+1])
		}
	case syntax.OpCapture, syntax.OpPlus:
		return g.first(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		g.first(re.Sub[0])
		return false, true
	case syntax.OpRepeat:
		anchored, nullable = g.first(re.Sub[0])
		return anchored && re.Min > 0, nullable || re.Min == 0
	case syntax.OpConcat:
		nullable = true
		for _, sub := range re.Sub {
			if !nullable {
				break
			}
			a, n := g.first(sub)
			anchored, nullable = anchored || a, n
		}
		return anchored, nullable
	case syntax.OpAlternate:
		anchored = true
		for _, sub := range re.Sub {
			a, n := g.first(sub)
			anchored, nullable = anchored && a, nullable || n
		}
		return anchored, nullable
	default:
		g.all()
	}
	return false, false
}

// add notes a range of letters, by the first byte of how they are written.
func (g *gate) add(from, to rune) {
	for c := from; c <= min(to, 0x7f); c++ {
		g.may[c>>6] |= 1 << (c & 63)
	}
	if to > 0x7f {
		g.may[2], g.may[3] = ^uint64(0), ^uint64(0)
	}
}

// all notes every byte.
func (g *gate) all() { g.may = [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// open tells whether a text may fit.
func (g *gate) open(message, raw string) bool {
	if !g.some {
		return true
	}
	if g.raw {
		message = raw
	}
	return message != "" && g.may[message[0]>>6]&(1<<(message[0]&63)) != 0
}
