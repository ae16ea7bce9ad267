package query

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/event"
	"weir/internal/fault"
)

// unexpected names what stands where it cannot.
func (p *parser) unexpected() *fault.Error {
	t := p.tok
	text := p.lex.src[t.start:t.end]
	switch t.kind {
	case tokEnd:
		return p.wrong(t.start, t.start, "the query ends too early", "add a condition at the end")
	case tokClose, tokBraceClose:
		return p.wrong(t.start, t.end, "this `"+text+"` closes nothing", "take it away, or open the group with `"+map[string]string{")": "(", "}": "{"}[text]+"`")
	case tokAnd, tokOr:
		return p.dangling(t, "left")
	case tokNot:
		return p.wrong(t.start, t.end, "`and` or `or` is missing before `"+text+"`", "write `and "+text+"`, or `\\"+text+"` if you mean the word")
	case tokColon:
		return p.wrong(t.start, t.end, "no field stands before this colon", "write `field: value`, or put text with a colon in quotes")
	case tokOp:
		return p.wrong(t.start, t.end, "no field stands before `"+text+"`", "write `field "+text+" value`")
	case tokBraceOpen:
		return p.wrong(t.start, t.end, "no field stands before `{`", "write `field:{ ... }`, or put text with a brace in quotes")
	case tokOpen, tokWord, tokQuoted:
		return p.wrong(t.start, t.end, "`and` or `or` is missing before `"+shorten(text)+"`", "write `and` or `or` between the two")
	}
	return p.wrong(t.start, t.end, "`"+shorten(text)+"` is not expected here", "put it in quotes if you mean the text")
}

// shorten cuts a piece of the query for a message.
func shorten(s string) string {
	const most = 30
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// afterValue refuses what cannot follow the value that words are, and says what was probably meant.
// A colon in a value is the mistake that people make most: times, IPv6 addresses, paths of Windows and addresses of pages
// have one. The value up to the next blank is then shown in the quotes that it needs.
func (p *parser) afterValue(words []token) *fault.Error {
	first, last := words[0], words[len(words)-1]
	switch p.tok.kind {
	case tokColon, tokOp:
		if len(words) > 1 {
			if err := p.foreign(words); err != nil {
				return err
			}
			name := p.lex.src[last.start:last.end]
			return p.wrong(last.start, last.end, "`and` or `or` is missing before `"+shorten(name)+"`", "write `and` between the two conditions")
		}
		end := p.tok.end
		if p.tok.kind == tokColon && (end == len(p.lex.src) || p.lex.src[end] == ' ') {
			name := p.lex.src[first.start:last.end]
			return p.wrong(first.start, last.end, "`"+shorten(name)+"` looks like a field, but a value is expected here", "write `and` before it and close the group of values, or put the value in quotes")
		}
		if i := strings.IndexFunc(p.lex.src[end:], func(r rune) bool { return unicode.IsSpace(r) || r == ')' || r == '"' }); i >= 0 {
			end += i
		} else {
			end = len(p.lex.src)
		}
		return p.wrong(first.start, end, "a value with `"+p.lex.src[p.tok.start:p.tok.end]+"` in it must be in quotes", "write `\""+strings.Trim(p.lex.src[first.start:end], `"`)+"\"`")
	}
	if first.text != "" && first.text[0] == '[' && first.kind == tokWord {
		return p.wrong(first.start, last.end, "a range in brackets is not KQL", "write `field >= 1 and field <= 5`, or put the text in quotes")
	}
	return nil
}

// foreign recognises conditions of other languages among free text.
// Nobody is told that the query is wrong and left alone: what another language writes in this place is named, with what
// KQL writes for it. Plain text that only looks so (a = b in a message) stays free text, hence the look at the field.
func (p *parser) foreign(words []token) *fault.Error {
	for i, w := range words {
		if w.kind != tokWord {
			continue
		}
		raw := p.lex.src[w.start:w.end]
		switch raw {
		case "&&", "||", "!":
			word := map[string]string{"&&": "and", "||": "or", "!": "not"}[raw]
			return p.wrong(w.start, w.end, "`"+raw+"` is not KQL", "write `"+word+"`, or put the text in quotes")
		case "=", "==", "!=", "=~":
			if i != 1 || !isField(words[0].text) {
				continue
			}
			do := "write `" + words[0].text + ": ...`"
			if raw == "!=" {
				do = "write `not " + words[0].text + ": ...`"
			}
			return p.wrong(w.start, w.end, "`"+raw+"` is not KQL", do)
		}
	}
	return nil
}

// isField tells whether path is a field: a word before = is then surely meant as one, elsewhere it may be plain text.
func isField(path string) bool {
	_, ok := event.Lookup(path)
	return ok
}
