package tools

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/app/apptest"

	"weir/internal/fault"
	"weir/rules"
	"weir/rules/ruletest"
)

func TestFileOf(t *testing.T) {
	for where, want := range map[string]string{
		"rules/a.yaml:12:3": "rules/a.yaml", "rules/a.yaml:12": "rules/a.yaml", "rules/a.yaml": "rules/a.yaml",
		"C:/rules/a.yaml:1:2": "C:/rules/a.yaml", "a:b.yaml": "a:b.yaml", "a.yaml:1:2:3": "a.yaml:1", "": "",
	} {
		if got := fileOf(where); got != want {
			t.Errorf("%q: %q, want %q", where, got, want)
		}
	}
}

// TestReportsOf: a file of two rules has its faults once, a file of none is there all the same.
func TestReportsOf(t *testing.T) {
	fine := &rules.Rule{ID: "one", File: "b.yaml"}
	set := &rules.Set{
		Rules: []*rules.Rule{fine, {ID: "two", File: "b.yaml"}, {ID: "shipped-one", File: "shipped/z.yaml"}},
		Faults: fault.List{
			{What: "a warning", Where: "b.yaml:3:1", Warn: true}, {What: "no rule", Where: "a.yaml:1:1"}, {What: "no rule either", Where: "a.yaml:9:1"},
		},
	}
	var got []string
	for _, r := range reportsOf(set, "yours") {
		got = append(got, strings.Join([]string{r.File, r.Origin, r.ID}, " "))
		want := map[string]int{"a.yaml": 2, "one": 1}[r.File] + map[string]int{"one": 1}[r.ID]
		if len(r.Faults) != want || (r.File == "a.yaml") != (r.Rule == nil) {
			t.Errorf("%s: %d faults, rule %v", r.File, len(r.Faults), r.Rule)
		}
	}
	if want := []string{"a.yaml yours ", "b.yaml yours one", "b.yaml yours two", "shipped/z.yaml shipped shipped-one"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestCheckRules(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/good.yaml": apptest.OneRule, "r/bad.yaml": "id: bad\ntitle: x\nlevl: low\n", "plain.txt": strings.Replace(apptest.OneRule, "mine", "named", 1)})
	reports, err := CheckRules([]string{filepath.Join(cfg.Data, "r"), filepath.Join(cfg.Data, "plain.txt")})
	if err != nil {
		t.Fatal(err)
	}
	var loaded []string
	bad := 0
	for _, r := range reports {
		if r.Rule != nil {
			loaded = append(loaded, r.ID)
		} else if rules.HasErrors(r.Faults) {
			bad++
		}
	}
	if !slices.Equal(loaded, []string{"mine", "named"}) || bad != 1 {
		t.Errorf("loaded %v, refused %d", loaded, bad)
	}
	if _, err := CheckRules([]string{filepath.Join(cfg.Data, "none")}); fault.Code(err) != "rules-unreadable" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: %v", err)
	}
}

const testedRule = `id: tested
title: Tested
level: low
when: message contains "kilroy" and host.name == "web-1"
tests:
  - name: hit
    events:
      - {message: kilroy was here, host.name: web-1}
    expect: {alerts: 1}
  - name: never
    events:
      - {message: kilroy was here, host.name: web-2}
      - {message: nobody, host.name: web-1}
    expect: {alerts: 1}
  - name: quiet
    events:
      - {message: nobody}
    expect: {alerts: 0}
`

// TestTestRules: a test that fails says what came instead, and what the nearest event lacked.
func TestTestRules(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/t.yaml": testedRule})
	results, err := TestRules(t.Context(), cfg, []string{filepath.Join(cfg.Data, "r")})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || len(results[0].Cases) != 3 {
		t.Fatalf("got %+v", results)
	}
	for _, c := range results[0].Cases {
		if want := c.Name != "never"; c.OK != want || want && len(c.Diff) != 0 {
			t.Errorf("%s: passed %t, %q", c.Name, c.OK, c.Diff)
		}
		if c.Miss != (c.Name == "quiet") || c.Line == 0 {
			t.Errorf("%s: miss %t, line %d", c.Name, c.Miss, c.Line)
		}
	}
	diff := strings.Join(results[0].Cases[1].Diff, "\n")
	for _, want := range []string{"- alerts: 1   expected", "+ alerts: 0   got", "nearest: ", `host.name == "web-1", host.name is "web-2"`} {
		if !strings.Contains(diff, want) {
			t.Errorf("%q is not in\n%s", want, diff)
		}
	}
}

func TestTestRules_Faults(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/bad.yaml": "id: bad\n", "t/t.yaml": testedRule, "rules": "no folder"})
	if _, err := TestRules(t.Context(), cfg, []string{filepath.Join(cfg.Data, "r")}); err == nil {
		t.Error("the folder of rules cannot be read, and nobody said so")
	}
	if err := os.Remove(filepath.Join(cfg.Data, "rules")); err != nil {
		t.Fatal(err)
	}
	var list fault.List
	if _, err := TestRules(t.Context(), cfg, []string{filepath.Join(cfg.Data, "r")}); !errors.As(err, &list) || len(list) == 0 {
		t.Errorf("a folder with nothing but mistakes: %v", err)
	}
	if _, err := TestRules(t.Context(), cfg, []string{"/no/such/path"}); fault.Code(err) != "rules-unreadable" {
		t.Errorf("a path that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if out, err := TestRules(ctx, cfg, []string{filepath.Join(cfg.Data, "t")}); !errors.Is(err, context.Canceled) || len(out) != 0 {
		t.Errorf("stopped at once: %d results, %v", len(out), err)
	}
}

func TestDiff(t *testing.T) {
	if got := diff(ruletest.Problem{What: "alerts", Want: "1", Got: "0"}); !slices.Equal(got, []string{"- alerts: 1   expected", "+ alerts: 0   got"}) {
		t.Errorf("got %q", got)
	}
	if got := diff(ruletest.Problem{Err: errors.New("line 3 is no document")}); !slices.Equal(got, []string{"  line 3 is no document"}) {
		t.Errorf("got %q", got)
	}
}
