package backtest

import (
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
