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
	"weir/rules/ruletest"
)

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
	if len(results.Rules) != 1 || len(results.Rules[0].Cases) != 3 || len(results.Refused) != 0 {
		t.Fatalf("got %+v", results)
	}
	for _, c := range results.Rules[0].Cases {
		if want := c.Name != "never"; c.OK != want || want && len(c.Diff) != 0 {
			t.Errorf("%s: passed %t, %q", c.Name, c.OK, c.Diff)
		}
		if c.Miss != (c.Name == "quiet") || c.Line == 0 {
			t.Errorf("%s: miss %t, line %d", c.Name, c.Miss, c.Line)
		}
	}
	diff := strings.Join(results.Rules[0].Cases[1].Diff, "\n")
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
	if out, err := TestRules(ctx, cfg, []string{filepath.Join(cfg.Data, "t")}); !errors.Is(err, context.Canceled) || len(out.Rules) != 0 {
		t.Errorf("stopped at once: %d results, %v", len(out.Rules), err)
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
