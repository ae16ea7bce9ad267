package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"weir/internal/fault"
	"weir/internal/nearest"
)

// Reading is strict, because a key that is silently ignored is worse than a start that fails: unknown and doubled keys,
// values of another type, empty values, anchors, aliases, tags and a second document are all refused, each with its
// place. Values are not guessed: 1 MB, yes and 3000 without a unit are refused with what to write instead.

// decodeFile fills the root from YAML. The tree is walked by hand and not decoded by the library: so every mistake of
// the file is found in one run, each with its place and the nearest key, and every value keeps its place. The library
// keeps the last of two equal keys without a word unless it is told not to; we tell it to keep both, and find the
// second by ourselves, because only then both places can be named.
func (d *loader) decodeFile(file string, data []byte) {
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	d.src = source{file: file, lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")}
	if e := d.prescan(); e != nil {
		d.faults = append(d.faults, e)
		return
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.faults = append(d.faults, d.syntax(err))
		return
	}
	for i, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if i > 0 {
			d.fail("config-syntax", doc.Body, "a second document in the file", "weir reads one; join them")
			return
		}
		d.section(doc.Body, d.root, "")
	}
}

// maxDepth bounds nesting. Our deepest key has four levels; the library recurses, and so would we.
const maxDepth = 32

// prescan refuses what could make the library slow or deep before it sees it: text that is not UTF-8, and nesting. It
// counts brackets and marks without knowing YAML, so a text with thirty open brackets in it is refused too; no value of
// ours is such a text.
func (d *loader) prescan() *fault.Error {
	open := 0
	for i, line := range d.src.lines {
		if !utf8.ValidString(line) {
			e := d.src.fault(place{line: i + 1, col: 1})
			e.Text = ""
			e.Code, e.What, e.Exit = "config-syntax", "the line is not UTF-8 text", fault.ExitUsage
			e.Do = "save the file as UTF-8"
			return e
		}
		marks := 0
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			case '-', '?', ':', '!', '&', '*':
				marks++
			}
			if open > maxDepth || marks > 8*maxDepth {
				e := d.src.fault(place{line: i + 1, col: 1, width: 1})
				e.Text = ""
				e.Code, e.What, e.Exit = "config-syntax", "nested too deeply", fault.ExitUsage
				e.Why = "no key of weir's configuration has more than a few levels"
				return e
			}
		}
	}
	return nil
}

// syntax translates the library's error. Only its first is known.
// It stands where the library stopped; what comes after it in the file is not known to be right or wrong.
func (d *loader) syntax(err error) *fault.Error {
	e := &fault.Error{Where: d.src.file}
	what := err.Error()
	if y, ok := errors.AsType[yaml.Error](err); ok {
		what = y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			e = d.src.fault(d.place(t))
		}
	}
	what, _, _ = strings.Cut(what, "\n")
	e.Code, e.What, e.Exit, e.Cause = "config-syntax", "this is not YAML: "+what, fault.ExitUsage, err
	return e
}

// section reads the keys of a group.
// The struct decides what is a group: a section is walked by its fields, and reflection sees each key once per start.
func (d *loader) section(node ast.Node, into reflect.Value, prefix string) {
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return // a heading without keys: all defaults
	default:
		if !d.refused(node) {
			d.fail("config-bad-value", node, fmt.Sprintf("%s is a group of keys, not one value", group(prefix)), "keys: "+strings.Join(namesOf(into), ", "))
		}
		return
	}
	seen := map[string]int{}
	for _, entry := range entries {
		d.entry(entry, into, prefix, seen)
	}
}

// entry reads one key with its value.
func (d *loader) entry(entry *ast.MappingValueNode, into reflect.Value, prefix string, seen map[string]int) {
	if d.refused(entry.Key) {
		return
	}
	tok := entry.Key.GetToken()
	name := tok.Value
	if first, twice := seen[name]; twice {
		d.fail("config-duplicate-key", entry.Key, fmt.Sprintf("the key `%s` is there twice", prefix+name), fmt.Sprintf("line %d has it already: remove one", first))
		return
	}
	seen[name] = tok.Position.Line
	field, names := fieldOf(into, name)
	if !field.IsValid() {
		d.unknown(tok, prefix, names)
		return
	}
	if isSection(field.Type()) {
		d.section(entry.Value, field, prefix+name+".")
		return
	}
	d.value(entry.Value, field, prefix+name)
}

// unknown reports a key that no section has.
// A short section is listed whole; from a long one only the nearest is offered.
func (d *loader) unknown(tok *token.Token, prefix string, names []string) {
	e := d.src.fault(d.place(tok))
	e.Code, e.Exit = "config-unknown-key", fault.ExitUsage
	e.What = fmt.Sprintf("unknown key `%s`", tok.Value)
	if prefix != "" {
		e.What += " in " + strings.TrimSuffix(prefix, ".")
	}
	e.Do = "all keys: `weir config schema`"
	if near := nearest.Name(tok.Value, names); near != "" {
		e.Do = fmt.Sprintf("did you mean `%s`?", near)
	} else if len(names) <= 8 {
		e.Do = "keys: " + strings.Join(names, ", ")
	}
	d.faults = append(d.faults, e)
}

// value reads one value.
// Its text is what counts and not what YAML makes of it: 1e3 is no size here, and no is the word no.
func (d *loader) value(node ast.Node, into reflect.Value, path string) {
	if d.refused(node) {
		return
	}
	if into.Kind() == reflect.Slice {
		d.list(node, into, path)
		return
	}
	text, ok := scalar(node)
	if !ok {
		d.fail("config-bad-value", node, fmt.Sprintf("`%s` has one value", path), "write "+path[strings.LastIndexByte(path, '.')+1:]+": VALUE")
		return
	}
	if _, isNull := node.(*ast.NullNode); isNull {
		d.fail("config-bad-value", node, fmt.Sprintf("`%s` has no value", path), `write "" for an empty one, or leave the key out`)
		return
	}
	if err := d.set(into, text); err != nil {
		d.faults = append(d.faults, badValue(path, err, d.src.fault(d.place(node.GetToken()))))
		return
	}
	d.origins[path] = origin{kind: fromFile, at: d.place(node.GetToken())}
}

// list reads a list of texts.
// A single value is not taken for a list of one: a comma in it would then mean one thing here and another in a variable.
func (d *loader) list(node ast.Node, into reflect.Value, path string) {
	seq, ok := node.(*ast.SequenceNode)
	if !ok {
		text, _ := scalar(node)
		d.fail("config-bad-value", node, fmt.Sprintf("`%s` is a list", path), "write ["+text+"]")
		return
	}
	list := make([]string, 0, len(seq.Values))
	for _, item := range seq.Values {
		if d.refused(item) {
			continue
		}
		text, ok := scalar(item)
		if !ok {
			d.fail("config-bad-value", item, fmt.Sprintf("`%s` is a list of texts", path), "write each item as one text")
			continue
		}
		list = append(list, text)
	}
	into.Set(reflect.ValueOf(list))
	d.origins[path] = origin{kind: fromFile, at: d.place(seq.GetToken())}
}

// refused reports what our files do not need and what is only good for surprises: anchors, aliases and merges (small
// files that grow without bound), and type tags.
// The library would resolve an alias before anybody could look at how large it gets.
func (d *loader) refused(node ast.Node) bool {
	what := ""
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		what = "anchors, aliases and merges are not read"
	case *ast.TagNode:
		what = "type tags are not read"
	case *ast.MappingKeyNode, *ast.SequenceNode, *ast.MappingNode:
		return false
	}
	if what == "" {
		return false
	}
	d.fail("config-syntax", node, what, "write the value itself")
	return true
}

// fail reports a fault at a node.
// Reading goes on after it, so that one run finds all mistakes of a file.
func (d *loader) fail(code string, node ast.Node, what, do string) {
	e := d.src.fault(d.place(first(node)))
	e.Code, e.What, e.Do, e.Exit = code, what, do, fault.ExitUsage
	d.faults = append(d.faults, e)
}

// first returns the token that a node begins with. The library's token of a mapping is its colon.
// Without this the caret of a group would stand under a colon in the middle of its first line.
func first(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return n.Values[0].Key.GetToken()
		}
	}
	return node.GetToken()
}

// scalar returns the text of a single value.
// A number keeps its digits as they were written: 1_000 and 0x10 are for the type of the key to judge.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// place returns where a token stands. The library's column of a token can be off after some constructs; the text of
// the line decides.
func (d *loader) place(t *token.Token) place {
	p := place{line: t.Position.Line, col: t.Position.Column}
	shown := strings.TrimSpace(t.Origin)
	if first, _, more := strings.Cut(shown, "\n"); more {
		shown = first
	}
	p.width = utf8.RuneCountInString(shown)
	if p.line < 1 || p.line > len(d.src.lines) || shown == "" {
		return p
	}
	line := d.src.lines[p.line-1]
	if runes := []rune(line); p.col >= 1 && p.col <= len(runes) && strings.HasPrefix(string(runes[p.col-1:]), shown) {
		return p
	}
	if at := strings.Index(line, shown); at >= 0 {
		p.col = utf8.RuneCountInString(line[:at]) + 1
	}
	return p
}

// group names a section in a sentence.
func group(prefix string) string {
	if prefix == "" {
		return "the file"
	}
	return "`" + strings.TrimSuffix(prefix, ".") + "`"
}

// namesOf lists the keys of a section, for messages.
// In the order of the file's documentation.
func namesOf(section reflect.Value) []string {
	_, names := fieldOf(section, "")
	return names
}
