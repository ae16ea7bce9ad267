package rules

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"weir/internal/fault"
	"weir/internal/match"
)

// maxNesting bounds brackets within brackets and dashes on one line: the YAML parser is recursive.
const maxNesting = 32

// maxKeys bounds the keys of a file: the YAML parser's time grows with the square of the keys of one mapping.
const maxKeys = 10_000

// maxFaults bounds what one file is told; who has made that many mistakes has sent another kind of file.
const maxFaults = 100

// source is one rule file while it is read.
type source struct {
	name  string
	lines []string
	// Lines before the present document.
	offset int
	lists  match.Lists
	faults fault.List
	// Conditions so far.
	conds int
	// Keys so far.
	keyed int
	// The present document has an error.
	refused bool
}

// add notes a fault at a place of the file, with its line.
func (f *source) add(p place, width int, e fault.Error) *fault.Error {
	e.Where = fmt.Sprintf("%s:%d:%d", f.name, p.line, p.col)
	if p.line >= 1 && p.line <= len(f.lines) {
		e.Text = f.lines[p.line-1]
		// At the most one letter behind the line, where a thing is missing.
		long := utf8.RuneCountInString(e.Text)
		e.Mark = min(p.col, long+1)
		e.Width = max(min(width, long-e.Mark+1), 1)
	}
	if !e.Warn {
		f.refused = true
		e.Exit = fault.ExitFound
	}
	if len(f.faults) >= maxFaults {
		return &e
	}
	f.faults = append(f.faults, &e)
	return &e
}

// fail notes an error at a node.
func (f *source) fail(n ast.Node, code, do, format string, args ...any) {
	p, width := f.extent(n)
	f.add(p, width, fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do})
}

// extent returns where a node begins and how many runes of its first line it covers.
func (f *source) extent(n ast.Node) (place, int) {
	tok := n.GetToken()
	// The token of a block mapping is the colon behind its first key.
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		tok = m.Values[0].Key.GetToken()
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		tok = m.Key.GetToken()
	}
	width := utf8.RuneCountInString(tok.Value)
	if tok.Type == token.DoubleQuoteType || tok.Type == token.SingleQuoteType {
		width += 2
	}
	// A caret below one line cannot cover several.
	if i := strings.IndexByte(tok.Value, '\n'); i >= 0 {
		width = 1
	}
	return f.place(tok), width
}

// place returns where a token stands in the file. The parser sees one document at a time and counts from its start.
func (f *source) place(tok *token.Token) place {
	return place{tok.Position.Line + f.offset, max(tok.Position.Column, 1)}
}

// Parse reads the rules of one file. Rules with an error are left out and the fault says why. It never panics, whatever
// the bytes are.
func Parse(name string, doc []byte, lists match.Lists) ([]*Rule, fault.List) {
	f := &source{name: name, lists: lists}
	// Before anything else: every step below takes time in proportion to the size, or worse.
	if len(doc) > maxFile {
		f.faults = append(f.faults, &fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), Where: name,
			Do: "split it; put long lists of values into a list file and use in_list", Exit: fault.ExitFound})
		return nil, f.faults
	}
	// Neither moves a letter within its line, so places stay those that an editor shows.
	doc = bytes.ReplaceAll(bytes.TrimPrefix(doc, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	f.lines = strings.Split(string(doc), "\n")
	if !f.checkText(doc) {
		return nil, f.faults
	}
	var out []*Rule
	// Documents are cut out by lines, so that YAML that cannot be read ends at the next ---.
	for i, d := range split(f.lines) {
		if i >= maxDocuments {
			f.add(place{d.line + 1, 1}, 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file has more than %d rules", maxDocuments), Do: "split it"})
			break
		}
		if len(f.faults) >= maxFaults {
			break
		}
		// Each document stands for itself: a mistake in one refuses no rule of another.
		f.offset, f.refused = d.line, false
		if r := f.document(d.text); r != nil && !f.refused {
			out = append(out, r)
		}
	}
	return out, f.faults
}

// checkText refuses what is no text.
func (f *source) checkText(doc []byte) bool {
	for i, line := range f.lines {
		col := 1
		for j, r := range line {
			_, size := utf8.DecodeRuneInString(line[j:])
			if r == utf8.RuneError && size == 1 || r < ' ' && r != '\t' || r == 0x7f {
				e := f.add(place{i + 1, col}, 1, fault.Error{Code: "rule-syntax", What: "the file is not plain UTF-8 text", Do: "save it as UTF-8"})
				e.Text = strings.ToValidUTF8(e.Text, "\ufffd")
				return false
			}
			col++
		}
	}
	return true
}

// document is one YAML document and the number of lines before it.
type document struct {
	text string
	line int
}

// split cuts a file at its --- lines, so that a mistake in one document leaves the others alone. Such a line cannot be
// part of a text: YAML asks for the content of texts to be indented or not to look like one.
func split(lines []string) []document {
	var out []document
	start := 0
	flush := func(end int) {
		for _, l := range lines[start:end] {
			if t := strings.TrimSpace(l); t != "" && !strings.HasPrefix(t, "#") {
				out = append(out, document{strings.Join(lines[start:end], "\n"), start})
				return
			}
		}
	}
	for i, l := range lines {
		if rest, ok := strings.CutPrefix(l, "---"); ok && (rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " \t"), "#") || strings.TrimSpace(rest) == "") {
			flush(i)
			start = i + 1
		}
	}
	flush(len(lines))
	return out
}

// document parses one document and reads its rule.
func (f *source) document(text string) *Rule {
	// Tokens first: they are read without recursion, and what would make the parser recurse is refused there.
	tokens := lexer.Tokenize(text)
	if !f.checkTokens(tokens) {
		return nil
	}
	// Repeated keys are told by keys, with both places.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.syntax(err)
		return nil
	}
	var body ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil:
		case body != nil:
			f.fail(d.Body, "rule-syntax", "put --- alone on a line between two rules", "a second document begins here")
			return nil
		default:
			body = d.Body
		}
	}
	if body == nil {
		f.add(place{f.offset + 1, 1}, 1, fault.Error{Code: "rule-syntax", What: "no rule can be read here", Do: "begin with id: NAME"})
		return nil
	}
	m, ok := mapping(body)
	if !ok {
		f.fail(body, "rule-syntax", "begin with id: NAME", "a rule is a list of keys and values")
		return nil
	}
	return f.rule(m)
}

// checkTokens refuses what rules do not need and what would make the parser's work grow beyond the file's size.
func (f *source) checkTokens(tokens token.Tokens) bool {
	open, dashes, line := 0, 0, 0
	for _, t := range tokens {
		// Dashes nest only when they stand in one line; those below one another are one list.
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		what, do := "", "put a text that begins with it in quotes"
		switch t.Type {
		case token.MappingValueType:
			if f.keyed++; f.keyed > maxKeys {
				f.add(f.place(t), 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file has more than %d keys", maxKeys), Do: "split it"})
				return false
			}
		// With anchors a few lines can stand for a file of any size.
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			what = "anchors and aliases are not used in rule files"
		case token.TagType:
			what = "`!` begins a YAML tag"
		case token.MappingKeyType:
			what = "`?` begins a YAML key of several lines"
		case token.DirectiveType:
			what = "`%` begins a YAML directive"
		case token.SequenceStartType, token.MappingStartType:
			open++
		case token.SequenceEndType, token.MappingEndType:
			open--
		case token.SequenceEntryType:
			dashes++
		}
		if what == "" && (open > maxNesting || dashes > maxNesting) {
			what, do = fmt.Sprintf("the file is nested deeper than %d", maxNesting), "write fewer brackets within brackets"
		}
		if what != "" {
			f.add(f.place(t), utf8.RuneCountInString(t.Value), fault.Error{Code: "rule-syntax", What: what, Do: do})
			return false
		}
	}
	return true
}

// syntax turns an error of the YAML parser into a fault.
func (f *source) syntax(err error) {
	se, ok := errors.AsType[*yaml.SyntaxError](err)
	if !ok || se.Token == nil || se.Token.Position == nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		f.add(place{f.offset + 1, 1}, 1, fault.Error{Code: "rule-syntax", What: first})
		return
	}
	e := fault.Error{Code: "rule-syntax", What: se.Message}
	switch {
	case strings.Contains(se.Message, "mapping value is not allowed"):
		e.Do = "put a text with `: ` in it in quotes, or below a `|`"
	case strings.Contains(se.Message, "must be specified"):
		e.Do = "within { } and [ ] put a text with `,`, `[` or `{` in it in quotes"
	case strings.Contains(se.Message, "tab character"), strings.Contains(se.Message, "'\t'"):
		// The parser's own sentence has the tab itself in it, which nobody can see.
		e.What, e.Do = "a tab stands where YAML wants blanks", "indent with blanks"
	case strings.Contains(se.Message, "reserved character"), strings.Contains(se.Message, "directive"):
		e.Do = "put a text that begins with it in quotes"
	}
	// The token where the parser gave up, which is often behind the mistake and in its line.
	width := utf8.RuneCountInString(se.Token.Value)
	if strings.Contains(se.Token.Value, "\n") {
		width = 1
	}
	f.add(f.place(se.Token), width, e)
}

// mapping returns the pairs of a mapping, in either form that the parser has for it.
func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}
