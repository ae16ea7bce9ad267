package source

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"

	"weir/internal/nearest"
)

// Error is a mistake in a condition, or a doubt about one. Line and Col are places in the condition's own text, from 1,
// in runes; the loader of a file adds the condition's place to them.
type Error struct {
	// The slug of the fault it becomes: expr-syntax, expr-unknown-function, rule-unknown-field, ...
	Code string
	// One sentence.
	Msg  string
	Line int
	Col  int
	// Runes to underline, at least 1.
	Width int
	// Reason, where Msg does not say it all.
	Why string
	// What to write instead.
	Do string
	// The condition works all the same.
	Warn bool
}

// Error returns place and sentence.
func (e *Error) Error() string {
	s := fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg)
	if e.Do != "" {
		s += " (" + e.Do + ")"
	}
	return s
}

// At makes an error at runes from..to of the source.
func At(src string, from, to int, code, format string, args ...any) *Error {
	// expr counts runes, and so does whoever looks at the line.
	line, col, n := 1, 1, 0
	for _, r := range src {
		if n >= from {
			break
		}
		n++
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Line: line, Col: col, Width: max(to-from, 1)}
}

// Fault makes an error that has no place yet: the beginning, until Place moves it.
func Fault(code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Line: 1, Col: 1, Width: 1}
}

// Place moves an error to runes from..to of the source.
func (e *Error) Place(src string, from, to int) *Error {
	p := At(src, from, to, e.Code, "")
	e.Line, e.Col, e.Width = p.Line, p.Col, p.Width
	return e
}

// Because adds the reason.
func (e *Error) Because(s string) *Error { e.Why = s; return e }

// Advise adds what to write instead.
func (e *Error) Advise(s string) *Error { e.Do = s; return e }

// FromExpr turns an error of expr into ours.
func FromExpr(src string, err error) *Error {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		return At(src, 0, 1, "expr-syntax", "%s", FirstLine(err.Error()))
	}
	e := At(src, fe.From, fe.To, "expr-syntax", "%s", plain(fe.Message))
	// expr names the token EOF, which nobody has written.
	if fe.From >= utf8.RuneCountInString(src)-1 && strings.Contains(fe.Message, "EOF") {
		e.Msg = "the expression ends too early"
	}
	if hint := syntaxHint(src, fe); hint != "" {
		e.Do = hint
	}
	return e
}

// plain rewrites the sentences of expr's parser that name its token kinds.
func plain(msg string) string {
	msg = FirstLine(msg)
	for _, kind := range []string{"Operator", "Identifier", "Bracket", "String", "Number"} {
		if rest, ok := strings.CutPrefix(msg, "unexpected token "+kind+"("); ok {
			if text, ok := strings.CutSuffix(rest, ")"); ok {
				return "did not expect `" + strings.Trim(text, `"`) + "` here"
			}
		}
	}
	return msg
}

// FirstLine leaves out the snippets that expr draws below its messages: the file's own line is shown in their place.
func FirstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// syntaxHint knows the slips that people bring from other languages.
func syntaxHint(src string, fe *file.Error) string {
	runes := []rune(src)
	from, to := max(min(fe.From, len(runes)), 0), max(min(fe.To, len(runes)), 0)
	word := ""
	if from < to {
		word = string(runes[from:to])
	}
	switch {
	case word == "=":
		return "write == to compare"
	case word == "AND" || word == "OR" || word == "NOT" || word == "IN":
		return "write " + strings.ToLower(word)
	case strings.HasPrefix(word, "@") || strings.Contains(fe.Message, "U+0040"):
		return `write $env["@timestamp"], or weir.time`
	case strings.Contains(fe.Message, "literal not terminated"):
		return "close the text with the quote that opened it"
	}
	if near := nearest.Name(word, []string{"and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith"}); near != "" && near != word {
		return "did you mean `" + near + "`?"
	}
	return ""
}
