package formatdoc

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/processors/parse/format"
)

// Step is one step of a format in words.
type Step struct {
	Line  int    `json:"line"`
	Depth int    `json:"depth"`
	Kind  string `json:"kind"`
	// If is its condition, or what it is in its surroundings: else, on error, a case of a switch.
	If string `json:"if"`
	// Reads and Fills are places, as far as they are written in the step itself.
	Reads []string `json:"reads"`
	Fills []string `json:"fills"`
	// What is the name of what it calls or includes, or its table, or its text.
	What string `json:"what"`
}

// maxDescribed bounds what is described of one file.
const maxDescribed = 2000

// Describe lists the steps of a file in the order in which they are written.
func Describe(name string, doc []byte) []Step {
	in := open(name, doc)
	if in == nil {
		return nil
	}
	d := &describer{known: kinds()}
	d.steps(in.keys["steps"], 0, "")
	return d.out
}

// describer walks the steps of one file.
type describer struct {
	known map[string]format.Kind
	out   []Step
}

// steps describes a list; as is what the list is for, and stands before the condition of its first step.
func (d *describer) steps(n ast.Node, depth int, as string) {
	for i, s := range stepsOf(n, d.known) {
		if len(d.out) == maxDescribed {
			return
		}
		one := Step{Line: s.line, Depth: depth, Kind: s.kind, If: s.cond, Reads: []string{}, Fills: []string{}}
		if i == 0 && as != "" {
			one.If = strings.TrimSuffix(as+", "+s.cond, ", ")
		}
		d.fill(&one, s)
		d.out = append(d.out, one)
		within(s, func(what string, list ast.Node) { d.steps(list, depth+1, what) })
	}
}

// capture is a place in a pattern of dissect or grok.
var capture = regexp.MustCompile(`%\{[?+]?(?:[A-Z0-9_]+:)?([A-Za-z_@][^}:>-]*)|\(\?P?<([A-Za-z_][^>]*)>`)

// fill says what a step reads and fills.
func (d *describer) fill(out *Step, s node) {
	reads := func(n ast.Node) {
		for _, it := range items(n) {
			if t := textOf(it); t != "" {
				out.Reads = append(out.Reads, t)
			}
		}
	}
	fills := func(n ast.Node) {
		for _, it := range items(n) {
			if t := textOf(it); t != "" && t != "_" && t != "~" && t != "null" {
				out.Fills = append(out.Fills, t)
			}
		}
	}
	keys := map[string]ast.Node{}
	eachKey(s.value, func(key string, v ast.Node) { keys[key] = v })
	switch s.kind {
	case "set", "default", "eval", "append":
		out.Fills = append(out.Fills, ordered(s.value)...)
	case "convert", "replace", "split", "join":
		out.Fills = append(out.Fills, ordered(s.value)...)
		out.Reads = slices.Clone(out.Fills)
	case "lower", "upper", "trim", "urldecode":
		reads(s.value)
		fills(s.value)
	case "remove":
		out.What = strings.Join(texts(s.value), ", ")
	case "copy", "move", "address":
		eachKey(s.value, func(key string, v ast.Node) { out.Reads = append(out.Reads, key); fills(v) })
	case "include", "use", "fail":
		out.What = textOf(s.value)
	case "drop", "stop":
	case "dissect", "grok":
		d.patterns(out, s, keys, reads)
	case "choose":
		d.choose(out, keys)
	case "call":
		if out.What = textOf(s.value); out.What == "" {
			out.What = textOf(keys["name"])
		}
		reads(keys["from"])
	default:
		for _, key := range []string{"from", "on", "in"} {
			reads(keys[key])
		}
		eachKey(keys["fields"], func(_ string, v ast.Node) { fills(v) })
		for _, key := range []string{"to", "columns", "rest", "as"} {
			fills(keys[key])
		}
		if t := textOf(keys["table"]); t != "" {
			out.What = t
		}
		if s.kind == "json" || s.kind == "xml" || s.kind == "syslog" {
			if len(out.Fills) == 0 {
				out.Fills = []string{"_" + s.kind}
			}
		}
		if s.kind == "date" && len(out.Fills) == 0 {
			out.Fills = []string{"@timestamp"}
		}
		if reading := d.known[s.kind].Group == "reading"; reading && len(out.Reads) == 0 {
			out.Reads = []string{"message"}
		}
	}
	out.Fills = unique(out.Fills)
}

// patterns describes dissect and grok.
func (d *describer) patterns(out *Step, s node, keys map[string]ast.Node, reads func(ast.Node)) {
	var list []string
	if keys["from"] == nil {
		out.Reads = []string{"message"}
	}
	reads(keys["from"])
	if len(keys) == 0 {
		list = texts(s.value)
	}
	list = append(list, texts(keys["pattern"])...)
	list = append(list, texts(keys["patterns"])...)
	for _, p := range list {
		for _, m := range capture.FindAllStringSubmatch(p, -1) {
			// %{WORD} of grok is a pattern that is not kept, %{?x} of dissect a part that is not.
			if s.kind == "grok" && m[1] != "" && !strings.Contains(m[0], ":") {
				continue
			}
			if name := strings.Trim(m[1]+m[2], `"`); name != "_" && !strings.HasPrefix(m[0], "%{?") {
				out.Fills = append(out.Fills, name)
			}
		}
	}
}

// choose describes a choice: what it looks at and all that any case writes.
func (d *describer) choose(out *Step, keys map[string]ast.Node) {
	if on := textOf(keys["on"]); on != "" {
		out.Reads = []string{on}
	}
	n := 0
	eachKey(keys["cases"], func(_ string, v ast.Node) { n++; out.Fills = append(out.Fills, ordered(v)...) })
	if keys["else"] != nil {
		out.Fills = append(out.Fills, ordered(keys["else"])...)
	}
	out.What = fmt.Sprintf("%d cases", n)
}

// ordered returns the keys of a mapping.
func ordered(n ast.Node) (out []string) {
	eachKey(n, func(key string, _ ast.Node) { out = append(out, strings.Trim(key, `"`)) })
	return out
}

// texts returns the texts of a list.
func texts(n ast.Node) (out []string) {
	for _, it := range items(n) {
		if t := textOf(it); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// unique leaves out what came before.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(s string) bool { was := seen[s]; seen[s] = true; return was })
}

// Fields parts the places that a format fills: fields of ECS and of weir, and those of the vendor.
func Fields(f *format.Format) (known, vendor []string) {
	for _, path := range slices.Sorted(maps.Keys(set(f.Fields()))) {
		if path == f.Root || strings.HasPrefix(path, f.Root+".") {
			vendor = append(vendor, path)
		} else if path[0] != '_' {
			known = append(known, path)
		}
	}
	return known, vendor
}

// set makes a set of a list.
func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out
}
