// Package source reads the text of conditions: it parses what expr's parser may be trusted with, prints expressions so that
// they read as the same again, and says where in the text a mistake is.
package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// Limits of one condition. They keep parsing and memory in proportion to what was written. The largest rules that people share
// have some thousand values and 300 KB.
const (
	// MaxSource is in bytes.
	MaxSource = 2 << 20
	// MaxNodes are those of expr's tree.
	MaxNodes = 400_000
	// MaxDepth is of open brackets and leading operators, one within another.
	MaxDepth = 200
	// MaxRun is of operators that may open a level without a bracket, in all: expr's parser calls itself for each.
	MaxRun = 30_000
)

// TooLong is the error for a condition of too many bytes.
func TooLong() *Error {
	return Fault("expr-too-long", "the condition is longer than %d KiB", MaxSource>>10).Advise("put long lists of values into a list file and use in_list")
}

// TooMany is the error for a condition of too many parts.
func TooMany() *Error {
	return Fault("expr-too-long", "the condition has more than %d parts", MaxNodes).Advise("put long lists of values into a list file and use in_list")
}

// Parse reads the condition with expr's parser, after a look at its tokens: the parser is recursive, so how deep it may
// go is decided before it starts. own are the functions that win over those of expr with the same name.
func Parse(src string, own []string) (ast.Node, error) {
	// Cheap checks first. The parser comes last, since it alone can recurse.
	if len(src) > MaxSource {
		return nil, TooLong()
	}
	if strings.TrimSpace(src) == "" {
		return nil, At(src, 0, 1, "expr-syntax", "the condition is empty")
	}
	if !utf8.ValidString(src) {
		return nil, At(src, 0, 1, "expr-syntax", "the condition is not UTF-8").Advise(`write single bytes as b"\xff"`)
	}
	// The lexer goes through the text once, without recursion.
	tokens, err := lexer.Lex(file.NewSource(src))
	if err != nil {
		return nil, FromExpr(src, err)
	}
	if err := tooDeep(src, tokens); err != nil {
		return nil, err
	}
	cfg := conf.CreateNew()
	cfg.MaxNodes = MaxNodes
	for _, name := range own {
		cfg.Disabled[name] = true
	}
	tree, err := parser.ParseWithConfig(src, cfg)
	if err != nil {
		if strings.Contains(err.Error(), "maximum allowed nodes") {
			return nil, TooMany()
		}
		return nil, FromExpr(src, err)
	}
	return tree.Node, nil
}

// tooDeep refuses nesting that would make the parser recurse without bound.
func tooDeep(src string, tokens []lexer.Token) error {
	// Where an operand ends only the parser knows, so operators that open a level without a bracket are bounded as a
	// whole.
	open, run := 0, 0
	for i, t := range tokens {
		prefix := t.Is(lexer.Operator, "not") || t.Is(lexer.Operator, "!") || t.Is(lexer.Operator, "-") || t.Is(lexer.Operator, "+")
		switch {
		case t.Is(lexer.Bracket, "(") || t.Is(lexer.Bracket, "[") || t.Is(lexer.Bracket, "{"):
			open++
		case t.Is(lexer.Bracket, ")") || t.Is(lexer.Bracket, "]") || t.Is(lexer.Bracket, "}"):
			open--
		case prefix || t.Is(lexer.Operator, "?") || t.Is(lexer.Operator, "**") || t.Is(lexer.Operator, "^") || t.Is(lexer.Operator, "if"):
			run++
		}
		if t.Is(lexer.Operator, "let") {
			return At(src, t.From, t.To, "expr-not-allowed", "`let` is not allowed in a condition").Advise("write the value where it is used")
		}
		if open > MaxDepth || run > MaxRun {
			return At(src, tokens[i].From, tokens[i].To, "expr-too-deep", "the condition is nested deeper than %d", MaxDepth)
		}
		if prefix && i >= MaxDepth && allPrefix(tokens[i-MaxDepth:i]) {
			return At(src, tokens[i].From, tokens[i].To, "expr-too-deep", "the condition is nested deeper than %d", MaxDepth)
		}
	}
	return nil
}

// allPrefix tells whether all tokens are leading operators: a run of them is as deep as it is long.
func allPrefix(tokens []lexer.Token) bool {
	for _, t := range slices.Backward(tokens) {
		if v := t.Value; t.Kind != lexer.Operator || (v != "not" && v != "!" && v != "-" && v != "+") {
			return false
		}
	}
	return true
}
