package rules

import (
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/yamlfile"
)

// template reads a text with {{field}} references and warns about fields that no list knows.
func (f *source) template(key string, r *Rule, into *string) func(ast.Node) {
	return func(n ast.Node) {
		f.Text(key, into)(n)
		// References are looked for in the text as the file has it, blanks at its ends too: places depend on it.
		raw, ok := yamlfile.Text(n)
		if !ok {
			return
		}
		s := f.Scalar(raw, n)
		for _, ref := range references(raw) {
			p := s.Rune(utf8.RuneCountInString(raw[:ref.from]))
			switch {
			case ref.path == "":
				f.Add(p, ref.to-ref.from, fault.Error{Code: "rule-value", What: "a reference is empty or is not closed", Do: "write {{source.ip}}"})
			case !match.Known(ref.path) && !r.alias(ref.path):
				f.Unknown(ref.path, p, utf8.RuneCountInString(raw[ref.from:ref.to]))
			}
		}
	}
}
