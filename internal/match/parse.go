package match

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// parse reads the condition with expr's parser, after a look at its tokens: the parser is recursive, so how deep it may
// go is decided before it starts.
func parse(src string) (ast.Node, error) {
	// Cheap checks first. The parser comes last, since it alone can recurse.
	if len(src) > maxSource {
		return nil, at(src, 0, 1, "expr-too-long", "the condition is longer than %d KiB", maxSource>>10).do("put long lists of values into a list file and use in_list")
	}
	if strings.TrimSpace(src) == "" {
		return nil, at(src, 0, 1, "expr-syntax", "the condition is empty")
	}
	// The lexer goes through the text once, without recursion.
	tokens, err := lexer.Lex(file.NewSource(src))
	if err != nil {
		return nil, fromExpr(src, err)
	}
	if err := tooDeep(src, tokens); err != nil {
		return nil, err
	}
	cfg := conf.CreateNew()
	cfg.MaxNodes = maxNodes
	for name := range functions {
		cfg.Disabled[name] = true // our own functions win over expr's of the same name
	}
	tree, err := parser.ParseWithConfig(src, cfg)
	if err != nil {
		if strings.Contains(err.Error(), "maximum allowed nodes") {
			return nil, at(src, 0, 1, "expr-too-long", "the condition has more than %d parts", maxNodes).do("put long lists of values into a list file and use in_list")
		}
		return nil, fromExpr(src, err)
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
			return at(src, t.From, t.To, "expr-not-allowed", "`let` is not allowed in a condition").do("write the value where it is used")
		}
		if open > maxDepth || run > 20*maxDepth {
			return at(src, tokens[i].From, tokens[i].To, "expr-too-deep", "the condition is nested deeper than %d", maxDepth)
		}
		if prefix && i >= maxDepth && allPrefix(tokens[i-maxDepth:i]) {
			return at(src, tokens[i].From, tokens[i].To, "expr-too-deep", "the condition is nested deeper than %d", maxDepth)
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

// visit calls fn for every node below n and for n itself.
func visit(n ast.Node, fn func(ast.Node)) {
	if n != nil {
		ast.Walk(&n, walker(fn))
	}
}

type walker func(ast.Node)

// Visit implements ast.Visitor.
func (w walker) Visit(n *ast.Node) { w(*n) }
