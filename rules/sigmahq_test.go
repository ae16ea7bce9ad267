package rules

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/testkit"
	"weir/rules/pipelines"
)

// sigmaHQ are the rule files of SigmaHQ by the folder that they are in, read once for all tests.
var sigmaHQ = sync.OnceValues(func() (map[string]fstest.MapFS, error) {
	files, err := testkit.ReadSigmaHQ(sigmaShared, append(slices.Clone(active), "deprecated", "unsupported")...)
	out := map[string]fstest.MapFS{}
	for name, f := range files {
		dir, rest, _ := strings.Cut(name, "/")
		if out[dir] == nil {
			out[dir] = fstest.MapFS{}
		}
		out[dir][rest] = f
	}
	return out, err
})

// sigmaShared is the folder of real data.
var sigmaShared string

// active are the folders of rules that are in use.
var active = []string{"rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder", "rules-compliance"}

// sources returns folders of SigmaHQ.
func sources(t testing.TB, dirs ...string) []Source {
	t.Helper()
	sigmaShared = testkit.Shared(t)
	all, err := sigmaHQ()
	if err != nil {
		testkit.Skip(t, "shared", err.Error())
	}
	var out []Source
	for _, dir := range dirs {
		out = append(out, Source{Name: dir, FS: all[dir]})
	}
	return out
}

// reasons counts the faults of a set, warnings apart.
func reasons(faults fault.List) map[string]int {
	out := map[string]int{}
	for _, e := range faults {
		code := e.Code
		if e.Warn {
			code += " (warning)"
		}
		out[code]++
	}
	return out
}

// TestSigmaHQ loads every active rule, and reads what each became again.
func TestSigmaHQ(t *testing.T) {
	s := Load(Options{}, sources(t, active...)...)
	if s.Files < 3780 || len(s.Rules)*1000 < s.Files*993 {
		t.Errorf("%d of %d rules load", len(s.Rules), s.Files)
	}
	refused := map[string]bool{}
	for _, e := range s.Faults {
		if e.Code != "sigma-placeholder" || e.Warn {
			t.Errorf("%s", show(fault.List{e}))
		}
		if !strings.Contains(e.What, "%") || !strings.Contains(e.Do, ".txt") {
			t.Errorf("no name: %+v", e)
		}
		file, _, _ := strings.Cut(e.Where, ".yml")
		refused[file] = true
	}
	if len(s.Rules)+len(refused) != s.Files {
		t.Errorf("%d rules and %d refused are not %d files", len(s.Rules), len(refused), s.Files)
	}
	slow := 0
	for _, r := range s.Rules {
		c := r.When[0]
		again, err := match.Compile(c.Expr)
		if err != nil {
			t.Errorf("%s: %s: %v", r.File, c.Expr, err)
			continue
		}
		if !again.Tree().Equal(c.Tree) || again.Tree().String() != c.Expr {
			t.Errorf("%s\n%s\nis after reading it again\n%s", r.File, c.Expr, again.Tree())
		}
		slow += again.Slow()
		if r.Author == "" || r.LogSource.Empty() || !r.Sigma || r.Hash == "" {
			t.Errorf("%s: %+v", r.File, r)
		}
	}
	if slow != 0 {
		t.Errorf("%d parts run on expr's machine", slow)
	}
	t.Logf("%d of %d rules load", len(s.Rules), s.Files)
}

// TestSigmaHQWithPlaceholders: with values for every placeholder all rules load.
func TestSigmaHQWithPlaceholders(t *testing.T) {
	asked := map[string]int{}
	var mu sync.Mutex
	s := Load(Options{Placeholders: func(name string) []string {
		mu.Lock()
		defer mu.Unlock()
		asked[name]++
		if strings.Contains(strings.ToLower(name), "ip") {
			return []string{"10.0.0.0/8"}
		}
		return []string{"one", "two-*"}
	}}, sources(t, "rules-placeholder", "rules-emerging-threats")...)
	if len(s.Rules) != s.Files || len(asked) < 10 {
		t.Errorf("%d of %d: %s", len(s.Rules), s.Files, show(s.Faults[:min(len(s.Faults), 5)]))
	}
}

// TestSigmaHQOthers: rules that are in use no more load too, or say why not.
func TestSigmaHQOthers(t *testing.T) {
	for dir, want := range map[string]map[string]int{
		"deprecated":  {"sigma-placeholder": 8, "sigma-aggregation": 1, "sigma-value (warning)": 1},
		"unsupported": {"sigma-aggregation": 55, "sigma-condition": 3, "sigma-value (warning)": 47, "sigma-id (warning)": 2, "rule-unknown-key (warning)": 1},
	} {
		s := Load(Options{}, sources(t, dir)...)
		got := reasons(s.Faults)
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v", dir, got)
		}
		// Every file has a rule or an error.
		have := map[string]bool{}
		for _, r := range s.Rules {
			have[r.File] = true
		}
		for _, e := range s.Faults {
			if !e.Warn {
				file, _, _ := strings.Cut(e.Where, ".yml")
				have[file+".yml"] = true
			}
		}
		if len(have) != s.Files {
			t.Errorf("%s: %d of %d files have a rule or a reason", dir, len(have), s.Files)
		}
		for _, r := range s.Rules {
			if !slices.Contains([]string{"deprecated", "unsupported", "test", "experimental", "stable"}, r.Status) || !r.Enabled {
				t.Errorf("%s: %s", r.File, r.Status)
			}
		}
	}
}

// TestCorrelationsOfOthers: every correlation that others publish loads, with what is published beside it.
func TestCorrelationsOfOthers(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "sigma", "correlation")
	folders, err := os.ReadDir(dir)
	if err != nil {
		testkit.Skip(t, "shared", err.Error())
	}
	loaded := 0
	for _, folder := range folders {
		s, err := LoadDir(filepath.Join(dir, folder.Name()), Options{})
		if err != nil || HasErrors(s.Faults) {
			t.Errorf("%s: %v %s", folder.Name(), err, show(s.Faults))
			continue
		}
		for _, r := range s.Rules {
			if r.Correlate != nil {
				loaded++
			}
			if r.Enabled != (r.Correlate != nil) {
				t.Errorf("%s of %s: enabled %v, used by %v", r.ID, r.File, r.Enabled, r.UsedBy)
			}
		}
	}
	if loaded != 12 {
		t.Errorf("%d correlations", loaded)
	}
}

// TestCorrelationsOfTheSpecification: its tests name rules that are nowhere; with them they load.
func TestCorrelationsOfTheSpecification(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "sigma", "specification", "tests", "schema", "correlation")
	list, err := os.ReadDir(dir)
	if err != nil {
		testkit.Skip(t, "shared", err.Error())
	}
	var base strings.Builder
	for i, name := range []string{"5638f7c0-ac70-491d-8465-2a65075e0d86", "recon_cmd_a", "recon_cmd_b", "recon_cmd_c", "rule_a_id", "process_creation", "website_access"} {
		fmt.Fprintf(&base, "title: T\nid: base-%d\nname: %s\nlevel: low\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {User: x}, condition: s}\n---\n", i, name)
	}
	for _, f := range list {
		doc, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := Parse(f.Name(), doc, Options{}); !strings.Contains(show(faults), "there is no rule `") {
			t.Errorf("%s without its rules: %s", f.Name(), show(faults))
		}
		rules, faults := Parse(f.Name(), append([]byte(base.String()), doc...), Options{})
		if HasErrors(faults) || len(rules) != 8 || rules[7].Correlate == nil || len(rules[7].Correlate.By) == 0 {
			t.Errorf("%s: %s", f.Name(), show(faults))
		}
	}
	if len(list) < 8 {
		t.Errorf("%d files", len(list))
	}
}

// BenchmarkLoadSigmaHQ is the whole way from files to rules that can run.
func BenchmarkLoadSigmaHQ(b *testing.B) {
	src := sources(b, active...)
	opts := Options{Pipelines: pipelines.Shipped()}
	b.ReportAllocs()
	for b.Loop() {
		if s := Load(opts, src...); len(s.Rules) < 3755 {
			b.Fatal(fmt.Sprint(len(s.Rules)))
		}
	}
}
