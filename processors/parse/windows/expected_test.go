package windows

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

// flat makes paths of a document. Lists stay values.
func flat(doc map[string]any, under string, out map[string]any) map[string]any {
	for k, v := range doc {
		if m, ok := v.(map[string]any); ok && len(m) > 0 {
			flat(m, under+k+".", out)
			continue
		}
		out[under+k] = v
	}
	return out
}

// documents reads the events and the expected documents of one file.
func pairs(t testing.TB, expected string) (in, want []map[string]any) {
	t.Helper()
	var a struct {
		Events []map[string]any `json:"events"`
	}
	var b struct {
		Expected []map[string]any `json:"expected"`
	}
	for name, to := range map[string]any{expected: &b, strings.TrimSuffix(expected, "-expected.json"): &a} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, to); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return a.Events, b.Expected
}

// asEvent makes an event of a document, as an agent's document is before a format reads it.
func asEvent(t testing.TB, doc map[string]any, e *event.Event) {
	t.Helper()
	e.Reset()
	for path, v := range flat(doc, "", map[string]any{}) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		val, err := event.ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		e.SetPath(path, val)
	}
}

// asPaths makes paths of an event as it is stored.
func asPaths(t testing.TB, e *event.Event) map[string]any {
	t.Helper()
	e.Conform()
	var doc map[string]any
	if err := json.Unmarshal(e.AppendJSON(nil), &doc); err != nil {
		t.Fatal(err)
	}
	return flat(doc, "", map[string]any{})
}

// ours are fields that weir sets elsewhere, or that are no part of ECS.
func ours(path string) bool {
	for _, p := range []string{"ecs.version", "event.original", "event.created", "event.ingested", "tags", "network.community_id", "network.type", "related."} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	for _, p := range []string{"winlog.", "sysmon.", "powershell.", "agent.", "elastic_agent", "data_stream", "host.", "log.file", "input."} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return strings.Contains(path, ".geo.") || strings.Contains(path, ".as.")
}

// same compares two values, a list of one with the value itself, and times by what they say to the millisecond.
func same(a, b any) bool {
	if la, ok := a.([]any); ok && len(la) == 1 {
		a = la[0]
	}
	if lb, ok := b.([]any); ok && len(lb) == 1 {
		b = lb[0]
	}
	if reflect.DeepEqual(a, b) {
		return true
	}
	la, oka := a.([]any)
	lb, okb := b.([]any)
	if oka && okb && len(la) == len(lb) {
		key := func(v any) string { return fmt.Sprint(v) }
		sort.Slice(la, func(i, j int) bool { return key(la[i]) < key(la[j]) })
		sort.Slice(lb, func(i, j int) bool { return key(lb[i]) < key(lb[j]) })
		return reflect.DeepEqual(la, lb)
	}
	sa, sb := fmt.Sprint(a), fmt.Sprint(b)
	return sa == sb || len(sa) > 22 && len(sb) > 22 && sa[:22] == sb[:22] && strings.HasSuffix(sa, "Z") && sa[4] == '-'
}

// Of the fields of ECS that other pipelines make of the same documents, nearly all are equal here. What is not is
// on purpose: see the comments at the code.
func TestRead_ExpectedDocuments(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), "data", "integrations")
	for _, pattern := range []string{"windows/*/*-expected.json", "system/security/*-expected.json"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files for %s: %v", pattern, err)
		}
		all, good := 0, 0
		wrong := map[string]int{}
		r := New()
		var e event.Event
		for _, f := range files {
			in, want := pairs(t, f)
			for i, doc := range in {
				if want[i] == nil {
					continue
				}
				asEvent(t, doc, &e)
				if err := r.Read(&e, e.Str(event.Message)); err != nil {
					t.Errorf("%s %d: %v", filepath.Base(f), i, err)
				}
				got := asPaths(t, &e)
				for path, v := range flat(want[i], "", map[string]any{}) {
					if ours(path) {
						continue
					}
					if all++; same(v, got[path]) {
						good++
					} else {
						wrong[path]++
						t.Logf("%s %d: %s is %v, not %v", filepath.Base(f), i, path, got[path], v)
					}
				}
			}
		}
		share := float64(good) / float64(all)
		t.Logf("%s: %d of %d values, %.2f %%", pattern, good, all, 100*share)
		for _, k := range slices.Sorted(maps.Keys(wrong)) {
			t.Logf("  %s %d", k, wrong[k])
		}
		if share < 0.95 {
			t.Errorf("%s: %.1f %% of the values are equal, 95 %% are wanted", pattern, 100*share)
		}
	}
}
