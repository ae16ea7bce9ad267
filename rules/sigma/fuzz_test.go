package sigma

import (
	"slices"
	"strings"
	"testing"

	"weir/internal/match"
	"weir/rules/yamlfile"
)

// FuzzRead: whatever the bytes are, nothing panics, every document becomes a rule or a filter or says why not, and what
// a rule asks can be printed, read again, and is the same then.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		whole,
		detection("s: {User|contains|all: [a, 'b*c'], Name: null}", "f: [x, {Image|re: 'a+'}]", "condition: s and not 1 of f*"),
		detection("s: {User|windash|endswith: ' -x', Port|gte: 5, Ip|cidr: 10.0.0.0/8, Time|hour|lt: 5}", "condition: all of them"),
		detection("s: {User|wide|base64offset|contains: [ab, cd], Name|fieldref|startswith: User, A|exists: no}", "condition: s"),
		detection("s: {User|expand: '%list%', Name|cased: 'Ab?', '|all': [x, y], '': z}", "condition: [s, not s]"),
		detection("s: &a {User: x}", "t: {<<: *a, Name: ''}", "condition: 2 of (s, t) | count() > 5"),
		detection("s: &a [x, *a]", "condition: s"),
		bomb(6),
		"action: global\ntitle: x\ndetection: {condition: s}\n---\ndetection: {s: [a]}\n---\naction: repeat\nid: b\n",
		filterHead + "filter:\n  rules: [a]\n  x: {User: y}\n  condition: x\n",
		"correlation: {type: event_count}\n",
		"title: x\nname: n\nlevel: high\ngenerate: true\ncorrelation:\n  type: value_percentile\n  rules: [a, b]\n  group-by: [User, 'c-ip']\n  timespan: 90m\n  condition: {field: bytes, percentile: 95, gt: 1.5, lte: 1e9}\n  aliases: {User: {a: x, b: y}}\n",
		"correlation: {type: temporal_ordered, condition: 'a and not (b or c)', timeframe: 1d, window: session, gap: 5m}\n",
		"correlation: {type: temporal, rules: a, timespan: 400d, condition: |\n  x\n}\n",
		"detection: {s: {\"\\x00\": \"\\ud800\", a|re: '(?i)[k-s]\\b', b: \"\\u2028\"}, condition: s}\n",
		"{}",
		"logsource: [a]\ntitle: [b]\nlevel: {c: d}\nrelated: x\n",
	} {
		f.Add([]byte(seed))
	}
	opts := Options{Placeholders: func(name string) []string {
		if name == "list" {
			return []string{"a*", `b\`, "%c%"}
		}
		return nil
	}}
	f.Fuzz(func(t *testing.T, doc []byte) {
		file, docs := yamlfile.Open("f.yml", doc)
		s := New(file, opts)
		for _, d := range docs {
			before := errorsOf(file)
			body := file.Body(d)
			if body == nil {
				if errorsOf(file) == before && !file.Full() {
					t.Fatalf("nothing is said about %q", doc)
				}
				continue
			}
			action := false
			for _, kv := range body.Pairs {
				action = action || yamlfile.Key(kv) == "action"
			}
			read := s.Read(body)
			r := read.Rule
			if c := read.Correlation; c != nil {
				checkCorrelation(t, c)
			}
			switch {
			case r == nil && read.Filter == nil && read.Correlation == nil:
				// One mistake of an anchor or a global document is told once, and refuses every document that has it.
				if !action && !file.Refused() && !file.Full() {
					t.Fatalf("nothing is said about %q", doc)
				}
			case file.Refused():
				t.Fatalf("refused and returned: %q", doc)
			case r != nil:
				checkRule(t, r)
			}
		}
		s.End()
		for _, e := range file.Faults() {
			if e.Code == "" || e.What == "" || e.Where == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}

// errorsOf counts the errors of a file.
func errorsOf(file *yamlfile.File) int {
	n := 0
	for _, e := range file.Faults() {
		if !e.Warn {
			n++
		}
	}
	return n
}

// checkRule checks what must hold of every rule that is read.
func checkRule(t *testing.T, r *Rule) {
	t.Helper()
	if !isID(r.ID) || r.Title == "" || strings.Contains(r.Title, "\n") {
		t.Fatalf("%+v", r)
	}
	made, err := match.Compiler{}.CompileTree(r.Detection)
	if err != nil {
		// What is not refused here is refused by whoever compiles: too large in another measure, a pattern too costly.
		return
	}
	src := made.Tree().String()
	again, err := match.Compile(src)
	if err != nil {
		t.Fatalf("%s cannot be read again: %v", src, err)
	}
	if !again.Tree().Equal(made.Tree()) {
		t.Fatalf("%s\nis after reading it again\n%s", src, again.Tree())
	}
}

// BenchmarkRead is one rule of usual size, from bytes to a tree.
func BenchmarkRead(b *testing.B) {
	doc := []byte(strings.Replace(whole, "  condition: selection", "  other:\n    - CommandLine|contains|all: [' -x', '/y', '*z']\n    - ParentImage|endswith: ['\\a.exe', '\\b.exe', '\\c.exe']\n  condition: selection or other", 1))
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		file, docs := yamlfile.Open("f.yml", doc)
		if r := New(file, Options{}).Read(file.Body(docs[0])).Rule; r == nil {
			b.Fatal(show(file.Faults()))
		}
	}
}

// checkCorrelation holds what a correlation is against what its readers rely on.
func checkCorrelation(t *testing.T, c *Correlation) {
	t.Helper()
	switch {
	case !slices.Contains(correlationTypes, c.Type), c.Within <= 0 || c.Within > maxTimespan, c.Title == "", !isID(c.ID):
		t.Fatalf("%+v", c)
	case strings.HasPrefix(c.Type, "value_") != (len(c.Fields) > 0), len(c.Rules) == 0 && c.Text == nil, c.Text != nil && !strings.HasPrefix(c.Type, "temporal"):
		t.Fatalf("%+v", c)
	case c.Type == "value_percentile" && (c.Percent < 0 || c.Percent > 100), len(c.Bounds) == 0 && !strings.HasPrefix(c.Type, "temporal"):
		t.Fatalf("%+v", c)
	}
	if c.Text != nil {
		for i := range len(c.Text.String()) + 1 {
			if p := c.Text.Place(i); p.Line < 1 || p.Col < 1 {
				t.Fatalf("%v", p)
			}
		}
	}
}
