// Package keys reads the keys of native rule files: texts, numbers, spans of time and names of fields, with one clear fault
// for each mistake at its place.
package keys

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/nearest"
	"weir/rules/yamlfile"
)

// Reader reads the values of one file. Its methods return functions for the keys of a mapping, which run when the key is
// met.
type Reader struct{ *yamlfile.File }

// Keys reads a mapping strictly: each key has a reader, an unknown or repeated one is an error with the nearest name.
func (f Reader) Keys(what string, list []*ast.MappingValueNode, readers map[string]func(ast.Node)) {
	// The parser allows repeated keys, so that the place of both can be told here.
	seen := map[string]yamlfile.Place{}
	for _, kv := range list {
		key := yamlfile.Key(kv)
		p, width := yamlfile.Extent(kv)
		read := readers[key]
		if read == nil {
			e := fault.Error{Code: "rule-unknown-key", What: fmt.Sprintf("unknown key `%s`%s", key, what)}
			if near := nearest.Name(key, slices.Sorted(maps.Keys(readers))); near != "" {
				e.Do = fmt.Sprintf("did you mean `%s`?", near)
			} else {
				e.Do = "there are: " + strings.Join(slices.Sorted(maps.Keys(readers)), ", ")
			}
			f.Add(p, width, e)
			continue
		}
		if first, ok := seen[key]; ok {
			f.Add(p, width, fault.Error{Code: "rule-duplicate-key", What: fmt.Sprintf("the key `%s` is there twice", key),
				Why: fmt.Sprintf("the first is in line %d", first.Line), Do: "remove one of them"})
			continue
		}
		seen[key] = p
		read(kv.Value)
	}
}

// Text reads a text; empty is an error, because a key without a value is a slip.
func (f Reader) Text(key string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := yamlfile.Text(n)
		if s = strings.TrimSpace(s); !ok || s == "" {
			f.Fail(n, "rule-value", "", "`%s` needs a text", key)
			return
		}
		*into = s
	}
}

// Texts reads a list of texts; one text alone is a list of one.
func (f Reader) Texts(key string, into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		f.Each(key, n, func(_ ast.Node, s string) { *into = append(*into, s) })
	}
}

// Each calls fn for the texts of a list, or for the one text there is. It goes on after a mistake, so that all mistakes
// of a list are told at once.
func (f Reader) Each(key string, n ast.Node, fn func(ast.Node, string)) {
	items := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		items = seq.Values
	}
	for _, it := range items {
		s, ok := yamlfile.Text(it)
		if s = strings.TrimSpace(s); !ok || s == "" {
			f.Fail(it, "rule-value", "", "`%s` is a list of texts", key)
			continue
		}
		fn(it, s)
	}
}

// Paths reads a list of fields and warns about those that no list knows.
func (f Reader) Paths(key string, into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		f.Each(key, n, func(it ast.Node, s string) {
			// State is kept per value of each field: naming one twice is a slip, and mostly for another field.
			if slices.Contains(*into, s) {
				f.Fail(it, "rule-value", "remove one of them", "`%s` names %s twice", key, s)
				return
			}
			f.Field(s, it)
			*into = append(*into, s)
		})
	}
}

// Field refuses what cannot be a path and warns about a path that no list knows. It is a warning only, because a
// format that fills the field may be loaded later.
func (f Reader) Field(path string, n ast.Node) {
	if !IsPath(path) {
		f.Fail(n, "rule-value", "write a name such as source.ip", "%q is no field name", path)
		return
	}
	if !match.Known(path) {
		p, width := yamlfile.Extent(n)
		f.Unknown(path, p, width)
	}
}

// Unknown notes the warning that conditions give too, in the same words.
func (f Reader) Unknown(path string, p yamlfile.Place, width int) {
	w := match.UnknownField(path)
	f.Add(p, width, fault.Error{Code: w.Code, What: w.Msg, Why: w.Why, Do: w.Do, Warn: true})
}

// Integer reads a whole number between two bounds.
func (f Reader) Integer(key string, low, high int, into *int) func(ast.Node) {
	return func(n ast.Node) {
		v, ok := Whole(n)
		if !ok || v < int64(low) || v > int64(high) {
			f.Fail(n, "rule-value", "", "`%s` needs a whole number from %d to %d", key, low, high)
			return
		}
		*into = int(v)
	}
}

// Whole returns a whole number that fits an event. Larger ones are kept as text by whoever can.
func Whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, true
	// The parser gives numbers without a sign as unsigned ones.
	case uint64:
		return int64(v), v < 1<<62
	}
	return 0, false
}

// Boolean reads true or false; YAML's old yes and no are texts and refused.
func (f Reader) Boolean(key string, into *bool) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			f.Fail(n, "rule-value", "", "`%s` needs true or false", key)
			return
		}
		*into = b.Value
	}
}

// MaxSpan bounds how long a rule may look back: state is kept that long.
const MaxSpan = 400 * 24 * time.Hour

// Duration reads how long something may last.
func (f Reader) Duration(key string, into *time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		s, _ := yamlfile.Text(n)
		d, ok := Span(strings.TrimSpace(s))
		switch {
		case !ok:
			f.Fail(n, "rule-value", "write 30s, 10m, 2h or 1d", "`%s` needs a duration", key)
		case d <= 0 || d > MaxSpan:
			f.Fail(n, "rule-value", "", "`%s` must be longer than nothing and at most 400d", key)
		default:
			*into = d
		}
	}
}

// Span reads what time.ParseDuration reads, and days.
func Span(s string) (time.Duration, bool) {
	var days time.Duration
	// Days come first and alone have no fraction: 1d12h, never 1.5d.
	if head, rest, ok := strings.Cut(s, "d"); ok {
		n := 0
		for _, c := range head {
			if c < '0' || c > '9' || n > 10_000 {
				return 0, false
			}
			n = n*10 + int(c-'0')
		}
		if head == "" {
			return 0, false
		}
		days = time.Duration(n) * 24 * time.Hour
		if s = rest; s == "" {
			return days, true
		}
	}
	d, err := time.ParseDuration(s)
	return days + d, err == nil
}

// OneOf reads one of a few words.
func (f Reader) OneOf(key string, words []string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		s, _ := yamlfile.Text(n)
		if slices.Contains(words, s) {
			*into = s
			return
		}
		do := "write one of: " + strings.Join(words, ", ")
		if near := nearest.Name(s, words); near != "" {
			do = fmt.Sprintf("did you mean `%s`?", near)
		}
		f.Fail(n, "rule-value", do, "`%s` cannot be `%s`", key, s)
	}
}

// IsPath tells whether a text can be the path of a field.
func IsPath(s string) bool {
	return !strings.Contains("."+s+".", "..") && !strings.ContainsAny(s, " \t\n\"'")
}

// IsName tells whether a condition may be called s: letters of any script, digits and _, so that names stand unquoted in
// flow mappings and in messages.
func IsName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') && c < 0x80 {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// Has tells whether a mapping has a key.
func Has(list []*ast.MappingValueNode, key string) bool {
	return slices.ContainsFunc(list, func(kv *ast.MappingValueNode) bool { return yamlfile.Key(kv) == key })
}
