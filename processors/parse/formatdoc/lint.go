package formatdoc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/processors/parse/format"
	"weir/rules/yamlfile"
)

// allowed are the values that ECS has for the fields by which events are put into groups. Searches and dashboards know no others.
var allowed = map[string][]string{
	"event.kind": {"alert", "asset", "enrichment", "event", "metric", "pipeline_error", "signal", "state"},
	"event.category": {"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam", "intrusion_detection", "library", "malware",
		"network", "package", "process", "registry", "session", "threat", "vulnerability", "web"},
	"event.type": {"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error", "group", "indicator", "info",
		"installation", "protocol", "start", "user"},
	"event.outcome": {"failure", "success", "unknown"},
}

// Lint says what is doubtful about a format that the loader takes: values that ECS does not know, no tests, and no way to be
// recognised. All are warnings. name is the file as messages show it, doc its bytes; f is nil for a file of shared steps.
func Lint(name string, doc []byte, f *format.Format) fault.List {
	in := open(name, doc)
	if in == nil {
		return nil
	}
	l := &linter{file: in, known: kinds()}
	l.steps(in.keys["steps"])
	top := yamlfile.Place{Line: 1, Col: 1}
	if n := in.keys["dataset"]; n != nil {
		top, _ = yamlfile.Extent(n)
	}
	if f != nil && len(f.Tests) == 0 {
		in.Add(top, 1, fault.Error{Code: "format-untested", What: "the format has no tests", Why: "nobody sees when it stops reading what it should", Do: "add tests: [{name: ..., raw: '...', expect: {...}}]", Warn: true})
	}
	if f != nil && len(f.Ways()) == 0 {
		in.Add(top, 1, fault.Error{Code: "format-unrecognised", What: "nothing says how a message of this format is recognised", Why: "it is read only where a setting of an input, the inventory or --dataset names it", Do: "add match: {starts: [...]} or {contains: [...]}", Warn: true})
	}
	return in.Faults()
}

// linter walks the steps of one file.
type linter struct {
	*file
	known map[string]format.Kind
}

// steps looks at a list of steps and at those within them.
func (l *linter) steps(n ast.Node) {
	for _, s := range stepsOf(n, l.known) {
		switch s.kind {
		case "set", "default", "append":
			l.places(s.value)
		case "choose":
			eachKey(s.value, func(key string, v ast.Node) {
				switch key {
				case "cases":
					eachKey(v, func(_ string, one ast.Node) { l.places(one) })
				case "else":
					l.places(v)
				}
			})
		}
		within(s, func(_ string, list ast.Node) { l.steps(list) })
	}
}

// places looks at constants that are written to the fields of groups.
func (l *linter) places(n ast.Node) {
	eachKey(n, func(place string, v ast.Node) {
		values, ok := allowed[place]
		if !ok {
			return
		}
		for _, it := range items(v) {
			word := textOf(it)
			if word == "" || strings.Contains(word, "{{") || slices.Contains(values, word) {
				continue
			}
			e := fault.Error{Code: "format-not-allowed", What: fmt.Sprintf("%s does not know the value `%s`", place, word), Why: "ECS has a fixed list, and searches for groups of events use it", Do: "one of " + strings.Join(values, ", "), Warn: true}
			if near := nearest.Name(word, values); near != "" {
				e.Do = "did you mean `" + near + "`?"
			}
			p, width := yamlfile.Extent(it)
			l.Add(p, width, e)
		}
	})
}
