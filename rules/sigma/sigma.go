// Package sigma reads Sigma rules: detections and filters of the specification 2.1, as they are written by others. Fields
// keep Sigma's names here; which fields of an event they mean is decided by whoever knows the log sources, see [Map].
//
// It is lenient where a meaning is plain, and says what it took it for. What it cannot give its meaning is refused with the
// place and what to write instead: a rule that runs and finds something else is worse than one that does not run.
//
// # The way of a document
//
// The tree of the YAML parser becomes nodes, in which aliases are followed and merge keys merged (node.go). A collection
// says in one document what holds for others (global.go). Of the searches below `detection` each becomes a tree: a field
// with its modifiers (modify.go) is compared with values (compare.go), which wildcards, encodings and placeholders make
// others of (value.go, encode.go, expand.go). The condition joins the trees (condition.go, choose.go).
//
// # Bounds
//
// All of it is in proportion to the file and to the bounds that stand beside what they are for: aliases, dashes, choices,
// placeholders and references may each make much of little.
package sigma

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match/tree"
	"weir/internal/nearest"
	"weir/rules/pipelines"
	"weir/rules/yamlfile"
)

// Rule is one detection.
type Rule struct {
	// ID is the rule's own, or made from the name of the file.
	ID string
	// Name is what filters and correlations may call it by, "" if it has none.
	Name, Title, Description string
	// Status and Level are words of Sigma; a rule that has others, or none, gets experimental and medium.
	Status, Level string
	// Author and License go with what is found: the rules' licences ask for it.
	Author, License, Date, Modified string
	References, Tags                []string
	FalsePositives                  []string
	// Fields are those that an analyst should look at, with Sigma's names.
	Fields    []string
	Related   []Related
	LogSource pipelines.LogSource
	// Detection is what the rule asks of an event, with Sigma's names of fields.
	Detection *tree.Node
	// At is where the rule begins, and Condition where its condition is.
	At, Condition yamlfile.Place
}

// Related is another rule that this one has to do with: derived, obsolete, merged, renamed, similar.
type Related struct{ ID, Type string }

// Options are what a file is read with. They are shared by all files that are read side by side.
type Options struct {
	// Placeholders returns the values of a %placeholder%, nil if it has none.
	Placeholders func(name string) []string
	// ListDir is where messages say that the list of a placeholder belongs.
	ListDir string
}

// File reads the Sigma documents of one file, one after another, for they may build on one another. It belongs to one
// goroutine, as the yamlfile.File that it reads does.
type File struct {
	f    *yamlfile.File
	opts Options
	// What `action: global` says about the documents after it, and the last document, for `action: repeat`.
	global, last *node
	// The global document, until one follows it.
	waiting *node
	// Rules so far, and those with the id of the global document.
	rules, shared int
}

// New starts reading a file.
func New(f *yamlfile.File, opts Options) *File { return &File{f: f, opts: opts} }

// sections are the keys by which a document is known to be Sigma.
var sections = []string{"detection", "correlation", "filter", "action"}

// Is tells whether a document is Sigma. A logsource alone makes it one too, unless it is a native rule, which have `when`.
func Is(body *yamlfile.Body) bool {
	source := false
	for _, kv := range body.Pairs {
		switch key := yamlfile.Key(kv); {
		case slices.Contains(sections, key):
			return true
		case key == "when":
			return false
		case key == "logsource":
			source = true
		}
	}
	return source
}

// Document is what a document is: one of the three, or none if it is refused or is only the base of others.
type Document struct {
	Rule        *Rule
	Filter      *Filter
	Correlation *Correlation
}

// Read reads one document.
func (s *File) Read(body *yamlfile.Body) (out Document) {
	doc := read(s.f, body)
	if doc == nil {
		return out
	}
	// A document that was refused may be the base of others, which are refused with it: the fault is told once.
	if doc = s.action(doc); doc == nil || s.f.Refused() {
		return out
	}
	d := &document{file: s, f: s.f, doc: doc}
	d.repeated(doc, "")
	switch {
	case doc.get("correlation") != nil:
		out.Correlation = d.correlation()
	case doc.get("filter") != nil:
		out.Filter = d.filter()
	default:
		out.Rule = d.rule()
	}
	if s.f.Refused() {
		return Document{}
	}
	if out.Filter == nil {
		s.rules++
	}
	return out
}

// End is called after the last document.
func (s *File) End() {
	if s.waiting != nil {
		p, width := s.waiting.extent()
		s.f.Add(p, width, fault.Error{Code: "sigma-detection", What: "`action: global` stands before no rule", Do: "leave `action` out, or write the rules below it after a line ---"})
	}
}

// document is one document while it is read.
type document struct {
	file *File
	// Where faults go; that of file.
	f *yamlfile.File
	// With what a global document says.
	doc *node
	// Searches in the order of the file, and by name.
	searches []*search
	names    map[string]*search
	// Values that searches came to so far, and that the conditions took from them.
	made, values int
}

// fail notes an error at a node.
func (d *document) fail(n *node, code, do, format string, args ...any) {
	p, width := n.extent()
	d.f.Add(p, width, fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do})
}

// warn notes at a node how something was taken.
func (d *document) warn(n *node, code, do, format string, args ...any) {
	p, width := n.extent()
	d.f.Add(p, width, fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do, Warn: true})
}

// failKey notes an error at a key of the document.
func (d *document) failKey(key, code, do, format string, args ...any) {
	// The key rather than its value: a value may be pages long.
	for _, p := range d.doc.keys {
		if p.key == key {
			at, width := yamlfile.Extent(p.at)
			d.f.Add(at, width, fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do})
			return
		}
	}
	d.fail(d.doc, code, do, format, args...)
}

// repeated refuses keys that stand twice: in YAML only one of them would count. Searches may have a field twice by
// mistake, and which one was meant nobody knows.
func (d *document) repeated(n *node, within string) {
	if n.sort != pairs {
		for _, it := range n.items {
			d.repeated(it, within)
		}
		return
	}
	seen := make(map[string]*ast.MappingValueNode, len(n.keys))
	for _, p := range n.keys {
		if q := seen[p.key]; q != nil && q != p.at {
			first, _ := yamlfile.Extent(q)
			at, width := yamlfile.Extent(p.at)
			d.f.Add(at, width, fault.Error{Code: "rule-duplicate-key", What: fmt.Sprintf("the key `%s` is there twice", p.key),
				Why: fmt.Sprintf("the first is in line %d", first.Line), Do: "remove one of them, or join their values in one list"})
		}
		seen[p.key] = p.at
		if within != "" || p.key == "detection" || p.key == "filter" || p.key == "logsource" || p.key == "correlation" {
			d.repeated(p.value, p.key)
		}
	}
}

// words reads one of a few words, in any case; what is none of them becomes other, with a warning.
func (d *document) words(key string, known []string, other string) string {
	n := d.doc.get(key)
	if n == nil {
		return other
	}
	word := strings.ToLower(strings.TrimSpace(n.text))
	if slices.Contains(known, word) {
		return word
	}
	do := "write one of: " + strings.Join(known, ", ")
	if near := nearest.Name(word, known); near != "" {
		do = fmt.Sprintf("did you mean `%s`?", near)
	}
	d.warn(n, "sigma-value", do, "`%s: %s` is taken for %s", key, n.text, other)
	return other
}

// idOfFile makes an id from the name of the file.
func (s *File) idOfFile() string {
	base := strings.ToLower(path.Base(s.f.Name))
	base = strings.TrimSuffix(base, path.Ext(base))
	base = strings.Trim(strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, base), "-_.")
	base = cmp.Or(base[:min(len(base), maxID-4)], "rule")
	if s.rules > 0 {
		base = fmt.Sprintf("%s-%d", base, s.rules+1)
	}
	return base
}
