package pipelines

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/testkit"
)

// use is a log source of SigmaHQ: its rules, and how many of them use each field name.
type use struct {
	rules  int
	fields map[string]int
}

// sigmaHQ reads the log sources and field names of SigmaHQ's rules once for all tests. Reading all rules takes seconds.
var sigmaHQ = sync.OnceValues(func() (map[LogSource]*use, error) {
	files, err := testkit.ReadSigmaHQ(shared)
	out := map[LogSource]*use{}
	for _, f := range files {
		count(f.Data, out)
	}
	return out, err
})

// shared is the folder of real data, set before the first call of sigmaHQ.
var shared string

// corpus returns the log sources of SigmaHQ.
func corpus(t testing.TB) map[LogSource]*use {
	t.Helper()
	if testing.Short() {
		t.Skip("needs seconds to read all rules")
	}
	shared = testkit.Shared(t)
	out, err := sigmaHQ()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// count adds the rules of a file.
func count(text []byte, out map[LogSource]*use) {
	var doc struct {
		LogSource struct{ Product, Category, Service string } `yaml:"logsource"`
		Detection map[string]any
	}
	if yaml.Unmarshal(text, &doc) != nil || doc.Detection == nil {
		return
	}
	ls := LogSource(doc.LogSource)
	if out[ls] == nil {
		out[ls] = &use{fields: map[string]int{}}
	}
	u := out[ls]
	u.rules++
	names := map[string]bool{}
	for key, part := range doc.Detection {
		if key != "condition" && key != "timeframe" {
			fieldsOf(part, names)
		}
	}
	for name := range names {
		u.fields[name]++
	}
}

// fieldsOf collects the field names of a detection.
func fieldsOf(part any, into map[string]bool) {
	switch part := part.(type) {
	case map[string]any:
		for key, v := range part {
			if _, deeper := v.(map[string]any); deeper {
				fieldsOf(v, into)
			} else if name, _, _ := strings.Cut(key, "|"); name != "" {
				into[name] = true
			}
		}
	case []any:
		for _, v := range part {
			if _, ok := v.(map[string]any); ok {
				fieldsOf(v, into)
			}
		}
	}
}

// unknown are log sources of SigmaHQ whose events weir cannot tell apart, with the reason.
var unknown = map[LogSource]string{
	{Product: "paloalto", Category: "file_event", Service: "globalprotect"}: "a file that GlobalProtect writes is in no log of the firewall",
}

// Every log source of SigmaHQ has a pipeline, and events that are of it; else it is known why not.
func TestSigmaHQ_LogSources(t *testing.T) {
	s := Shipped()
	sources := corpus(t)
	rules := 0
	for _, u := range sources {
		rules += u.rules
	}
	if len(sources) != 138 || rules != 3780 {
		t.Errorf("%d rules of %d log sources were read, the collection has 3780 of 138", rules, len(sources))
	}
	for ls, u := range sources {
		reason := unknown[ls]
		made := slices.ContainsFunc(s.pipes, func(p *pipe) bool { return p.isFor(ls) && p.makes(ls) })
		switch {
		case made && reason != "":
			t.Errorf("%s has a pipeline by now", ls)
		case !s.Has(ls) && reason == "":
			t.Errorf("%s (%d rules) has no pipeline", ls, u.rules)
		case !made && reason == "":
			t.Errorf("%s (%d rules): no event is of it", ls, u.rules)
		}
	}
}

// The share of the uses of field names that a pipeline maps to a field that lists know, or that a member of one of their
// open fields has, by product. It may only grow.
func TestSigmaHQ_Fields(t *testing.T) {
	atLeast := map[string]float64{"windows": 1, "linux": 1, "macos": 1, "zeek": 1, "aws": 1, "azure": 1, "gcp": 1, "m365": 1, "okta": 1, "github": 1, "kubernetes": 1, "": 0.99}
	s := Shipped()
	all, mapped := map[string]int{}, map[string]int{}
	missing := map[string][]string{}
	for ls, u := range corpus(t) {
		for name, n := range u.fields {
			all[ls.Product] += n
			paths := s.Paths(ls, name)
			ok := s.Known(ls, name) || paths[0] != name || strings.Contains(name, ".")
			if ok && !slices.ContainsFunc(paths, func(p string) bool { return !known(p) }) {
				mapped[ls.Product] += n
			} else {
				missing[ls.Product] = append(missing[ls.Product], ls.String()+" "+name)
			}
		}
	}
	for product, n := range all {
		share := float64(mapped[product]) / float64(n)
		want, ok := atLeast[product]
		if !ok {
			want = 1
		}
		t.Logf("%-14s %5d of %5d uses of fields are mapped (%.1f %%)", product, mapped[product], n, 100*share)
		if share < want {
			t.Errorf("%s: %.3f of the uses are mapped, want %.3f: %q", product, share, want, missing[product])
		}
	}
}

// known tells whether a path is a field, or a key below a field that takes any key.
func known(path string) bool {
	if _, ok := event.Lookup(path); ok {
		return true
	}
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f, ok := event.Lookup(path[:i]); ok {
			return f.Type() == ecs.Flattened || f.Type() == ecs.Nested
		}
	}
	return false
}

// The names of SigmaHQ's rules for Windows are fields of their own: an event keeps them in slots.
func TestSigmaHQ_WindowsNamesHaveSlots(t *testing.T) {
	s := Shipped()
	for ls, u := range corpus(t) {
		if ls.Product != "windows" {
			continue
		}
		for name := range u.fields {
			for _, p := range s.Paths(ls, name) {
				if _, ok := event.Lookup(p); !ok {
					t.Errorf("%s: %s means %s, which no list has", ls, name, p)
				}
			}
		}
	}
}
