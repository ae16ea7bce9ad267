package backtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

// run is Run over the files of a weir that does not run.
func run(t *testing.T, o Options) (answer, error) {
	t.Helper()
	var out answer
	var err error
	out.sum, err = Run(t.Context(), o, out.line)
	return out, err
}

func TestRun_Files(t *testing.T) {
	t.Parallel()
	cfg := data(t, map[string]string{"rules/mine.yaml": failed})
	if err := stored(t, filepath.Join(cfg.Data, "archive"), week()).Close(); err != nil {
		t.Fatal(err)
	}
	sealed := int64(len(week()) * 3 / 4)
	got, err := run(t, Options{Config: cfg, Rule: "failed"})
	if err != nil || got.sum.Events != sealed || got.sum.Rules[0].Alerts == 0 {
		t.Fatalf("%+v, %v", got.sum, err)
	}
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte(strings.Replace(failed, "fold: {by: [user.name], for: 1h}", "fold: {by: [user.name], for: 1h}\ntags: [a.b]", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := run(t, Options{Config: cfg, Rule: other})
	if err != nil || brief(again.alerts) != brief(got.alerts) {
		t.Errorf("a file with the same rule gives other alerts or ids (%v)\n%s\n%s", err, brief(again.alerts), brief(got.alerts))
	}
	all, err := run(t, Options{Config: cfg})
	if err != nil || len(all.sum.Rules) < 5 || len(all.alerts) < len(got.alerts) {
		t.Errorf("all rules: %+v, %v", all.sum, err)
	}
}

func TestRun_Against(t *testing.T) {
	t.Parallel()
	file := repository(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg := data(t, map[string]string{"rules/mine.yaml": strings.Replace(string(text), `"failure"`, `"failure" and user.name != "root"`, 1)})
	if err := stored(t, filepath.Join(cfg.Data, "archive"), week()).Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, rule, against string
		fresh, same, gone   int64
	}{
		{"the same", file, "HEAD", 0, 11, 0},
		{"an id that finds less", file, "failed", 6, 5, 0},
		{"a file that finds more", "failed", file, 0, 5, 6},
		{"another time of the repository", file, "v1", 11, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := run(t, Options{Config: cfg, Rule: tt.rule, Against: tt.against})
			if err != nil {
				t.Fatal(err)
			}
			r := got.sum.Rules[0]
			if len(got.sum.Rules) != 1 || r.New != tt.fresh || r.Same != tt.same || r.Gone != tt.gone || r.Alerts != r.New+r.Same || int64(len(got.alerts)) != r.Alerts+r.Gone || got.sum.CostAgainstNS < 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestRun_Mistakes(t *testing.T) {
	t.Parallel()
	cfg := data(t, map[string]string{"rules/mine.yaml": failed, "bad.yaml": "id: x\n", "events.ndjson": "{}\n"})
	gone := cfg
	gone.Data = filepath.Join(cfg.Data, "nowhere")
	tests := []struct {
		name, code string
		o          Options
	}{
		{"no data", "no-data", Options{Config: gone, Rule: filepath.Join(cfg.Data, "rules/mine.yaml")}},
		{"an unknown id", "rule-unknown", Options{Config: cfg, Rule: "faild"}},
		{"a folder", "rules-unreadable", Options{Config: cfg, Rule: cfg.Data}},
		{"a rule with mistakes", "rule-missing-key", Options{Config: cfg, Rule: filepath.Join(cfg.Data, "bad.yaml")}},
		{"a shipped rule at a revision", "rule-revision", Options{Config: cfg, Rule: "ssh-brute-force", Against: "HEAD"}},
		{"a rule in no repository", "rule-revision", Options{Config: cfg, Rule: "failed", Against: "HEAD"}},
		{"all rules against another version", "usage", Options{Config: cfg, Against: "HEAD"}},
		{"events that are not there", "file-unreadable", Options{Config: cfg, Rule: "failed", Files: []string{"nowhere.ndjson"}}},
		{"events in a folder", "file-unreadable", Options{Config: cfg, Rule: "failed", Files: []string{cfg.Data}}},
		{"two forms", "usage", Options{Config: cfg, Rule: "failed", Files: []string{filepath.Join(cfg.Data, "events.ndjson")}, Form: Form{Raw: "auto", WinEvent: true}}},
		{"an unknown dataset", "dataset-unknown", Options{Config: cfg, Rule: "failed", Files: []string{filepath.Join(cfg.Data, "events.ndjson")}, Form: Form{Raw: "nothing"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := run(t, tt.o); fault.Code(err) != tt.code || fault.Exit(err) == fault.ExitOK {
				t.Errorf("%q: %v", fault.Code(err), err)
			}
		})
	}
}
