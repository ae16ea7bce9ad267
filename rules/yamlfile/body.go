package yamlfile

import (
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
)

// maxNesting bounds brackets within brackets and dashes on one line: the YAML parser is recursive.
const maxNesting = 32

// maxKeys bounds the keys of a file: the YAML parser's time grows with the square of the keys of one mapping.
const maxKeys = 10_000

// Body is what one document holds. There are none that are no mapping.
type Body struct {
	// Node is the mapping itself, for its place.
	Node  ast.Node
	Pairs []*ast.MappingValueNode
	// Anchor is the first anchor, alias or merge key, nil if there is none. With them a few lines can stand for a file of
	// any size, or for themselves: whoever follows aliases has to bound what comes out.
	Anchor *token.Token
}

// Body parses a document. Without one it returns nil, and a fault says why. From here on the file's faults are about
// this document.
func (f *File) Body(d Document) *Body {
	body, anchor := f.parse(d, "no rule can be read here", "begin with id: NAME")
	if body == nil {
		return nil
	}
	pairs, ok := Mapping(body)
	if !ok {
		f.Fail(body, "rule-syntax", "begin with id: NAME", "a rule is a list of keys and values")
		return nil
	}
	return &Body{Node: body, Pairs: pairs, Anchor: anchor}
}

// List parses a document that is a list of things, each with keys; example is how one begins. Without a list it returns nil,
// and a fault says why. Anchors are refused.
func (f *File) List(d Document, example string) []ast.Node {
	body, anchor := f.parse(d, "no list can be read here", "begin with - "+example)
	if body == nil {
		return nil
	}
	f.NoAnchors(&Body{Anchor: anchor})
	if f.refused {
		return nil
	}
	seq, ok := body.(*ast.SequenceNode)
	if !ok {
		f.Fail(body, "rule-syntax", "begin with - "+example, "the file is a list: each entry begins with a dash")
		return nil
	}
	return seq.Values
}

// parse returns what one document holds, nil with a fault if it is nothing that can be read.
func (f *File) parse(d Document, nothing, do string) (ast.Node, *token.Token) {
	f.refused = false
	// Tokens first: they are read without recursion, and what would make the parser recurse is refused there.
	tokens := lexer.Tokenize(d.text)
	anchor, ok := f.checkTokens(tokens, d.line)
	if !ok {
		return nil, nil
	}
	// Repeated keys are told by whoever reads the keys, with both places.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.syntax(d, err)
		return nil, nil
	}
	var body ast.Node
	for _, part := range file.Docs {
		switch {
		case part.Body == nil:
		case body != nil:
			f.Fail(part.Body, "rule-syntax", "put --- alone on a line between two rules", "a second document begins here")
			return nil, nil
		default:
			body = part.Body
		}
	}
	if body == nil {
		f.Add(d.Place(), 1, fault.Error{Code: "rule-syntax", What: nothing, Do: do})
		return nil, nil
	}
	return body, anchor
}

// NoAnchors refuses a document that has an anchor, an alias or a merge key.
func (f *File) NoAnchors(b *Body) {
	if b.Anchor != nil {
		f.Add(placeOf(b.Anchor), utf8.RuneCountInString(b.Anchor.Value), fault.Error{Code: "rule-syntax", What: "anchors and aliases are not used in rule files",
			Do: "put a text that begins with it in quotes"})
	}
}

// checkTokens refuses what rules do not need and what would make the parser's work grow beyond the file's size. It turns
// the lines of a document into those of the file, and returns the first anchor.
func (f *File) checkTokens(tokens token.Tokens, offset int) (anchor *token.Token, ok bool) {
	// The lexer counts from the start of what it is given.
	for _, t := range tokens {
		t.Position.Line += offset
	}
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
				f.Add(placeOf(t), 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file has more than %d keys", maxKeys), Do: "split it"})
				return nil, false
			}
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			if anchor == nil {
				anchor = t
			}
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
			f.Add(placeOf(t), utf8.RuneCountInString(t.Value), fault.Error{Code: "rule-syntax", What: what, Do: do})
			return nil, false
		}
	}
	return anchor, true
}

// syntax turns an error of the YAML parser into a fault.
func (f *File) syntax(d Document, err error) {
	se, ok := errors.AsType[*yaml.SyntaxError](err)
	if !ok || se.Token == nil || se.Token.Position == nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		f.Add(d.Place(), 1, fault.Error{Code: "rule-syntax", What: first})
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
	f.Add(placeOf(se.Token), width, e)
}

// Mapping returns the pairs of a mapping, in either form that the parser has for it.
func Mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// Key returns a key as it is written. Keys such as 1 or true are texts here like any other.
func Key(kv *ast.MappingValueNode) string {
	if s, ok := kv.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return kv.Key.GetToken().Value
}

// Text returns a scalar as text. A number or a word such as true is taken as it is written: version: 1.10 is "1.10".
func Text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}
