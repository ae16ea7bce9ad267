package show

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/term"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// gateFormat is a format of the user's.
func gateFormat(t *testing.T) *format.Format {
	t.Helper()
	set, faults := format.Load(format.Source{Name: "shipped", FS: fstest.MapFS{}}, format.Source{Name: "formats", FS: fstest.MapFS{"gate.yaml": {Data: []byte("dataset: acme.log\ntitle: Acme\nmatch: {starts: ['GATE|']}\n")}}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return set.List()[0]
}

func TestView(t *testing.T) {
	f := &term.Face{}
	str := event.Str
	view := tools.LineView{Line: 3, Recognised: parse.Recognised{Format: gateFormat(t), By: "content", What: "starts with GATE|", Header: true}, Doc: []byte(`{"a":1}`), Steps: []format.Trace{
		{Kind: "dissect", File: "formats/gate.yaml", Line: 5, Outcome: "ran", Reads: []format.Access{{Place: "message", Value: str("GATE|\x1b[31m")}}, Writes: []format.Access{{Place: "_a", Value: str("x")}}},
		{Kind: "do", File: "formats/gate.yaml", Line: 6, Outcome: "ran"},
		{Kind: "set", File: "formats/gate.yaml", Line: 7, Depth: 1, Outcome: "skipped", Reads: []format.Access{{Place: "_b"}}},
		{Kind: "date", File: "formats/shared/when.yaml", Line: 2, Depth: 1, Outcome: "failed", Why: "_t: no layout fits"},
		{Kind: "remove", File: "formats/gate.yaml", Line: 9, Outcome: "ran", Writes: []format.Access{{Place: "_a"}}},
	}}
	want := `line 3   acme.log, formats/gate.yaml
recognised  by its text: starts with GATE|
header      a syslog header was read, message is what follows it
          5  dissect
               < message = "GATE|\u001b[31m"
               > _a = "x"
          6  do
          7    set   skipped: ` + "`if` is false with _b = absent" + `
     when:2    date   failed: _t: no layout fits
          9  remove
               > _a = absent
event       {"a":1}

`
	if got := View(f, &view); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// A terminal cuts long values, a pipe has all of them.
	view.Steps = view.Steps[:1]
	view.Steps[0].Reads[0].Value = str(strings.Repeat("x", 500))
	if got := View(f, &view); !strings.Contains(got, strings.Repeat("x", 500)) {
		t.Errorf("a pipe: %s", got)
	}
	if got := View(&term.Face{TTY: true, Width: 100}, &view); strings.Contains(got, strings.Repeat("x", 120)) || !strings.Contains(got, "…") {
		t.Errorf("a terminal: %s", got)
	}
}

// TestView_Ends has each way in which a line can end and be recognised.
func TestView_Ends(t *testing.T) {
	f := &term.Face{}
	known := gateFormat(t)
	for _, tt := range []struct {
		name string
		view tools.LineView
		want []string
	}{
		{"no format", tools.LineView{Line: 1, Recognised: parse.Recognised{By: "nothing"}, Doc: []byte(`{}`)}, []string{"line 1   no format fits", "event       {}"}},
		{"dropped", tools.LineView{Line: 1, Recognised: parse.Recognised{Format: known, By: "setting"}, Dropped: true}, []string{"by a setting", "the format filters this event"}},
		{"dead", tools.LineView{Line: 1, Recognised: parse.Recognised{Format: known, By: "input", What: "aws"}, Dead: "cloudtrail: no record"}, []string{"by its input, aws", "dead letter", "cloudtrail: no record"}},
		{"second event", tools.LineView{Line: 1, Event: 1, Recognised: parse.Recognised{Format: known, By: "agent", What: "the document names the dataset x"}, Doc: []byte(`{}`)}, []string{"line 1, event 2", "by the agent: the document"}},
		{"asked", tools.LineView{Line: 1, Recognised: parse.Recognised{Format: known, By: "dataset", What: "acme.log"}, Doc: []byte(`{}`)}, []string{"by --dataset acme.log", "none: the record is the message"}},
	} {
		got := View(f, &tt.view)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, got)
			}
		}
	}
}

func TestViewLine(t *testing.T) {
	view := tools.LineView{Line: 2, Recognised: parse.Recognised{Format: gateFormat(t), By: "content", What: "x"}, Doc: []byte(`{"a":1}`), Steps: []format.Trace{
		{Kind: "set", File: "f", Line: 1, Outcome: "ran", Writes: []format.Access{{Place: "a", Value: event.Num(1)}, {Place: "b"}}},
	}}
	b, err := json.Marshal(ViewLine(&view))
	want := `{"line":2,"event":0,"dataset":"acme.log","file":"formats/gate.yaml","by":"content","recognised":"x","header":false,"steps":[{"kind":"set","file":"f","line":1,"depth":0,"outcome":"ran","why":"","reads":[],"writes":[{"place":"a","value":1},{"place":"b","value":null}]}],"document":{"a":1},"dropped":false,"dead_letter":""}`
	if err != nil || string(b) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, b, want)
	}
	view.Doc, view.Dead = nil, "why"
	if b, _ = json.Marshal(ViewLine(&view)); !strings.Contains(string(b), `"document":null`) || !strings.Contains(string(b), `"dead_letter":"why"`) {
		t.Errorf("without a document: %s", b)
	}
}
