package tools

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/rules"
	"weir/rules/pipelines"
)

const counted = `id: guessed
title: Guessed
level: high
when:
  failed: process.name == "sshd" and event.outcome == "failure"
  login: process.name == "sshd" and event.outcome == "success"
  spare: user.name == "nobody"
correlate:
  sequence: [{when: failed, at_least: 5}, {when: login}]
  by: [source.ip]
  within: 10m
`

const sigmaRule = `title: Seven zip
id: 9fbf5927-5261-4284-a71d-f681029ea574
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\7z.exe', CommandLine|contains: ' -p'}
  condition: selection
level: low
`

// archive answers searches with documents.
type archive struct {
	control.Backend
	docs  []string
	asked []control.SearchRequest
}

func (a *archive) Search(_ context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	a.asked = append(a.asked, r)
	for i, d := range a.docs {
		if i == r.Size {
			break
		}
		if err := each([]byte(d)); err != nil {
			return control.SearchSummary{}, err
		}
	}
	return control.SearchSummary{}, nil
}

// explained explains one thing by a rule of the folder rules/.
func explained(t *testing.T, cfg config.Config, o ExplainOptions) ([]*Explanation, error) {
	t.Helper()
	o.Config = cfg
	if o.Warn == nil {
		o.Warn = func(f *fault.Error) { t.Errorf("warned: %v", f) }
	}
	var out []*Explanation
	err := Explain(t.Context(), o, func(x *Explanation) error { out = append(out, x); return nil })
	return out, err
}

func TestExplain(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/c.yaml": counted, "rules/s.yml": sigmaRule})
	line := "<38>Nov 21 03:12:44 web-1 sshd[811]: Failed password for root from 198.51.100.7 port 50122 ssh2\n"
	got, err := explained(t, cfg, ExplainOptions{Rule: "guessed", Input: strings.NewReader(line + line), Form: Form{Raw: "auto"}})
	if err != nil || len(got) != 2 {
		t.Fatalf("%d, %v", len(got), err)
	}
	x := got[0]
	if !x.Tried || !x.Fires() || x.EventID != "line-1" || got[1].EventID != "line-2" || x.Record.Dataset != "system.auth" || !strings.HasPrefix(x.Original, "<38>") {
		t.Errorf("%+v", x)
	}
	failed, login, spare := x.Conditions[0], x.Conditions[1], x.Conditions[2]
	if !failed.Held || failed.Feeds != "is one of the 5 of step 1 of 2" || len(failed.Parts) != 2 || failed.Parts[0].Value != "sshd" {
		t.Errorf("%+v", failed)
	}
	if login.Held || login.Feeds != "" || len(login.Misses) != 1 || login.Misses[0].Values[0].Value != "failure" || login.Of != 2 {
		t.Errorf("%+v", login)
	}
	if spare.Held || spare.Misses[0].Values[0].Value != "root" {
		t.Errorf("%+v", spare)
	}
	var name FieldOf
	for _, f := range x.Fields {
		if f.Field == "process.name" {
			name = f
		}
	}
	if x.Original[max(name.From, 0):max(name.To, 0)] != "sshd" {
		t.Errorf("where the value stands: %+v", name)
	}
}

// TestExplain_sigma: the rule's own names stand beside ours, and a rule for other events says so.
func TestExplain_sigma(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/s.yml": sigmaRule})
	doc := `{"process":{"executable":"C:\\7Z.exe","command_line":"7z a -px"},"event":{"original":"x 7z a -px"}}`
	win := pipelines.LogSource{Product: "windows", Category: "process_creation"}
	for _, c := range []struct {
		name   string
		source pipelines.LogSource
		tried  bool
	}{{"no source is known", pipelines.LogSource{}, true}, {"its own", win, true}, {"another", pipelines.LogSource{Product: "linux"}, false}} {
		got, err := explained(t, cfg, ExplainOptions{Rule: "9fbf5927-5261-4284-a71d-f681029ea574", Input: strings.NewReader(doc), LogSource: c.source})
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v", c.name, err)
		}
		x := got[0]
		if x.Tried != c.tried || x.Fires() != c.tried || (x.Source == "") != c.source.Empty() || !x.Conditions[0].Held {
			t.Errorf("%s: %+v", c.name, x)
		}
		names := map[string]string{}
		for _, f := range x.Fields {
			names[f.Field] = strings.Join(f.Sigma, ",")
		}
		if names["process.executable"] != "Image" || names["process.command_line"] != "CommandLine" {
			t.Errorf("%s: names %v", c.name, names)
		}
	}
	if names := FieldNames(cfg, got1(t, cfg, "9fbf5927-5261-4284-a71d-f681029ea574")); len(names["process.executable"]) != 1 {
		t.Errorf("names %v", names)
	}
}

// got1 is a rule that runs here.
func got1(t *testing.T, cfg config.Config, id string) *rules.Rule {
	t.Helper()
	reports, err := Rules(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if r.ID == id {
			return r.Rule
		}
	}
	t.Fatalf("no rule %s", id)
	return nil
}

func TestExplain_stored(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/c.yaml": counted})
	b := &archive{docs: []string{`{"process":{"name":"sshd"},"event":{"id":"a/1/2","outcome":"success"}}`}}
	got, err := explained(t, cfg, ExplainOptions{Rule: "guessed", ID: `a/1/2`, Backend: b})
	if err != nil || len(got) != 1 || got[0].Conditions[1].Feeds != "is step 2 of 2" || got[0].Original != "" || got[0].Fields[0].From != -1 {
		t.Errorf("%+v, %v", got, err)
	}
	if b.asked[0].Query != `event.id: "a/1/2"` || b.asked[0].Size != 1 {
		t.Errorf("asked %+v", b.asked)
	}
	b.docs = nil
	if _, err := explained(t, cfg, ExplainOptions{Rule: "guessed", ID: "gone", Backend: b}); fault.Code(err) != "event-unknown" {
		t.Errorf("an id that nothing has: %v", err)
	}
}

func TestExplain_Faults(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/c.yaml": counted})
	_, err := explained(t, cfg, ExplainOptions{Rule: "gessed", Input: strings.NewReader("{}")})
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != "rule-unknown" || f.Do != "did you mean `guessed`?" {
		t.Errorf("a misspelt id: %v", err)
	}
	if _, err := explained(t, cfg, ExplainOptions{Rule: "guessed", Paths: []string{"/none"}}); fault.Code(err) != "rules-unreadable" {
		t.Errorf("a path that is not there: %v", err)
	}
	warned := 0
	got, err := explained(t, cfg, ExplainOptions{Rule: "guessed", Input: strings.NewReader("no json\n{}\n"), Warn: func(*fault.Error) { warned++ }})
	if err != nil || len(got) != 1 || warned != 1 || got[0].Fires() {
		t.Errorf("a line that is no event: %d, %d warnings, %v", len(got), warned, err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Data, "other.yaml"), []byte(sigmaRule), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := explained(t, cfg, ExplainOptions{Rule: "9fbf5927-5261-4284-a71d-f681029ea574", Paths: []string{filepath.Join(cfg.Data, "other.yaml")}, Input: strings.NewReader("{}")}); err != nil || len(got) != 1 {
		t.Errorf("a rule of a file: %v", err)
	}
}
