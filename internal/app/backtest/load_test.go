package backtest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/control/trial"
	"weir/internal/fault"
)

func TestNew_RuleThatDoesNotLoad(t *testing.T) {
	t.Parallel()
	p := place(t, nil)
	tests := []struct {
		name, code string
		rule       trial.Source
	}{
		{"a mistake in the file", "rule-expr", trial.Source{File: "r.yaml", Text: strings.Replace(failed, "== ", "=== ", 1)}},
		{"an id that nobody has", "rule-unknown", trial.Source{ID: "ssh-brute-forc"}},
		{"an id that the file does not have", "rule-unknown", trial.Source{ID: "x", File: "r.yaml", Text: failed}},
		{"an empty file", "rule-unknown", trial.Source{File: "r.yaml", Text: "# nothing\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(p, trial.Request{Rules: []trial.Source{tt.rule}}, nil)
			if fault.Code(err) != tt.code {
				t.Errorf("%q: %v", fault.Code(err), err)
			}
		})
	}
	_, err := New(p, trial.Request{Rules: []trial.Source{{ID: "ssh-brute-forc"}}}, nil)
	if f, ok := err.(*fault.Error); !ok || !strings.Contains(f.Do, "ssh-brute-force") { //nolint:errorlint // it is made here
		t.Errorf("no near name: %v", err)
	}
}

// TestDisabled: a rule that is switched off is tried all the same.
func TestDisabled(t *testing.T) {
	t.Parallel()
	p := place(t, map[string]string{"rules/f.yaml": failed + "enabled: false\n"})
	a := stored(t, t.TempDir(), week())
	if got := try(t, p, a, trial.Request{Rules: []trial.Source{{ID: "failed"}}}).sum; got.Rules[0].Alerts != 14 {
		t.Errorf("%+v", got)
	}
	if got := try(t, p, a, trial.Request{}).sum; slices.ContainsFunc(got.Rules, func(r trial.Rule) bool { return r.Rule == "failed" }) || len(got.Rules) < 5 {
		t.Errorf("all rules: %+v", got.Rules)
	}
}

// TestLoad_Exceptions: what live passes over, a backtest passes over, also where the exception asks for a field that the
// rule does not.
func TestLoad_Exceptions(t *testing.T) {
	t.Parallel()
	count := func(t *testing.T, exception string) int64 {
		t.Helper()
		cfg := data(t, map[string]string{"rules/mine.yaml": failed, "exceptions.yaml": exception})
		if err := stored(t, filepath.Join(cfg.Data, "archive"), week()).Close(); err != nil {
			t.Fatal(err)
		}
		got, err := run(t, Options{Config: cfg, Rule: "failed"})
		if err != nil {
			t.Fatal(err)
		}
		return got.sum.Rules[0].Alerts
	}
	none := count(t, "")
	for _, c := range []struct {
		name, when, until string
		fewer             bool
	}{
		{"one user", `user.name == "root"`, "2099-01-01", true},
		{"a field that the rule does not ask for", `exists(event.id)`, "2099-01-01", true},
		{"it has ended", `user.name == "root"`, "2001-01-01", false},
		{"nobody", `user.name == "nobody-of-that-name"`, "2099-01-01", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := count(t, "- {rule: failed, when: '"+c.when+"', owner: kim, reason: a scanner of ours, until: "+c.until+"}\n")
			if got > none || (got < none) != c.fewer {
				t.Errorf("%d alerts, without an exception %d", got, none)
			}
		})
	}
}
