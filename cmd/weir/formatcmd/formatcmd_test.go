package formatcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/event"
	"weir/internal/app/formattools"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/formatdoc"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 21, 16, 52, 30, 0, time.FixedZone("KST", 9*3600))

// world runs the commands as the program does, with an engine that a test fills.
type world struct {
	engine   Engine
	terminal int    // width; 0: a pipe
	in       string // what is piped in; "-": nothing, a terminal
}

// run returns stdout, stderr and the exit code.
func (w world) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, msg bytes.Buffer
	asJSON, verbose := false, 0
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().BoolVar(&asJSON, "json", false, "")
	root.PersistentFlags().CountVarP(&verbose, "verbose", "v", "")
	o := term.Options{Env: []string{"LANG=en_US.UTF-8"}, Color: "never", Now: func() time.Time { return now }, Terminal: w.terminal, Zone: now.Location()}
	shell := func() ui.Shell {
		sh := ui.Shell{In: strings.NewReader(w.in), InTTY: w.in == "-", Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: asJSON, Verbose: verbose, Now: func() time.Time { return now }}
		sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
		sh.Page = sh.Write
		sh.Line = func(v any) error { return json.NewEncoder(&out).Encode(v) }
		sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
		sh.Warn = func(list ...*fault.Error) {
			for _, e := range list {
				sh.Msg.Fault(e, false)
			}
		}
		sh.Load = func() (*config.Loaded, error) { return config.Load("", nil) }
		sh.Cmdline = func(rest string) string { return "weir " + rest }
		return sh
	}
	pages.NewTree(root, []pages.Spec{Spec(shell, w.engine)}, func(*cobra.Command, []string) error { return nil })
	root.SetArgs(append([]string{"formats"}, args...))
	root.SetOut(&out)
	root.SetErr(&msg)
	err := root.ExecuteContext(t.Context())
	if f, ok := errors.AsType[ui.Found](err); ok {
		return out.String(), msg.String(), f.Code
	}
	for _, e := range term.Faults(err) {
		term.Detect(&msg, o).Fault(e, false)
	}
	if err == nil {
		return out.String(), msg.String(), fault.ExitOK
	}
	return out.String(), msg.String(), fault.Exit(err)
}

// gate is a format.
func gate(t *testing.T) *format.Format {
	t.Helper()
	text := "dataset: acme.log\ntitle: Acme Gate\nmatch: {starts: ['GATE|']}\nsteps:\n  - dissect: 'GATE|%{source.ip}'\n  - {if: source.ip == nil, set: {acme.empty: true}}\ntests: [{name: one, raw: 'GATE|192.0.2.1', expect: {source.ip: 192.0.2.1}}]\n"
	set, faults := format.Load(format.Source{Name: "shipped", FS: fstest.MapFS{}}, format.Source{Name: "data/formats", FS: fstest.MapFS{"gate.yaml": {Data: []byte(text)}}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return set.List()[0]
}

func TestCheck(t *testing.T) {
	reports := []formattools.Report{
		{File: "data/formats/gate.yaml", Origin: "yours", Format: gate(t)},
		{File: "data/formats/bad.yaml", Origin: "yours", Faults: fault.List{{Code: "format-unknown-key", What: "unknown key `stpes` in a format", Where: "data/formats/bad.yaml:3:1", Text: "stpes: []", Mark: 1, Width: 5, Do: "did you mean `steps`?"}}},
		{File: "data/formats/old.yaml", Origin: "yours", Format: gate(t), Faults: fault.List{{Code: "format-untested", What: "the format has no tests", Where: "data/formats/old.yaml:1:10", Warn: true}}},
	}
	asked := []string{}
	w := world{engine: Engine{Check: func(_ config.Config, paths []string) ([]formattools.Report, error) {
		asked = paths
		return reports, nil
	}}}
	out, msg, code := w.run(t, "check", "-v", "data/formats")
	want := "ok    data/formats/gate.yaml   acme.log\ndata/formats/bad.yaml:3:1: error: unknown key `stpes` in a format\n  3 | stpes: []\n    | ^^^^^ did you mean `steps`?\ndata/formats/old.yaml:1:10: warning: the format has no tests\n"
	if out != want || code != fault.ExitFound || !slices.Equal(asked, []string{"data/formats"}) {
		t.Errorf("%d %v\n%s\nwant\n%s", code, asked, out, want)
	}
	if msg != "3 files: 2 loaded, 1 refused (the others are used), 1 warning\n" {
		t.Errorf("messages %q", msg)
	}
	out, _, _ = w.run(t, "check", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var bad checkLine
	if len(lines) != 3 || json.Unmarshal([]byte(lines[1]), &bad) != nil || bad.Status != "refused" || len(bad.Faults) != 1 || bad.Faults[0].Do != "did you mean `steps`?" || !strings.Contains(lines[0], `"dataset":"acme.log"`) {
		t.Errorf("--json\n%s", out)
	}
	reports = reports[2:]
	if _, _, code := w.run(t, "check"); code != fault.ExitOK {
		t.Errorf("a warning ends with %d", code)
	}
	if _, _, code := w.run(t, "check", "--strict"); code != fault.ExitFound {
		t.Errorf("--strict ends with %d", code)
	}
}

func TestTest(t *testing.T) {
	run := tools.TestRun{Rules: []tools.RuleTest{
		{Rule: "acme.log", File: "data/formats/gate.yaml", Took: 1200 * time.Microsecond, Cases: []tools.RuleCase{{Name: "one", Line: 7, OK: true}, {Name: "two", Line: 8, OK: true}}},
		{Rule: "acme.other", File: "data/formats/other.yaml", Cases: []tools.RuleCase{{Name: "three", Line: 9, Diff: []string{"- source.port: 80   expected", "+ source.port: \"80\"   got"}}}},
	}}
	w := world{engine: Engine{Test: func(context.Context, config.Config, []string) (tools.TestRun, error) { return run, nil }}}
	report := filepath.Join(t.TempDir(), "report.xml")
	out, msg, code := w.run(t, "test", "--junit", report)
	want := "ok    acme.log     2 tests   1.2 ms\nFAIL  acme.other   data/formats/other.yaml:9  \"three\"\n      - source.port: 80   expected\n      + source.port: \"80\"   got\n"
	if out != want || code != fault.ExitFound || !strings.HasPrefix(msg, "2 formats, 3 tests: 2 passed, 1 failed;") {
		t.Errorf("%d %s\n%s\nwant\n%s", code, msg, out, want)
	}
	if b, err := os.ReadFile(report); err != nil || !strings.Contains(string(b), `name="weir formats test"`) {
		t.Errorf("--junit: %s, %v", b, err)
	}
	out, _, _ = w.run(t, "test", "--json")
	var last testLine
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || json.Unmarshal([]byte(lines[2]), &last) != nil || last.OK || last.Format != "acme.other" || last.Line != 9 || len(last.Diff) != 2 {
		t.Errorf("--json\n%s", out)
	}
	run = tools.TestRun{Rules: run.Rules[:1], Refused: fault.List{{Code: "format-value", What: "a mistake", Where: "x.yaml:1:1"}}}
	if _, msg, code := w.run(t, "test"); code != fault.ExitFound || !strings.Contains(msg, "1 error in files that were refused") || !strings.Contains(msg, "a mistake") {
		t.Errorf("refused: %d %s", code, msg)
	}
}

func TestList(t *testing.T) {
	f := gate(t)
	shipped := *f
	shipped.Shipped, shipped.Dataset, shipped.ID, shipped.Tests = true, "nginx.access", "json", nil
	w := world{engine: Engine{List: func(config.Config) ([]*format.Format, fault.List) { return []*format.Format{f, &shipped}, nil }}, terminal: 100}
	out, msg, code := w.run(t, "list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], "DATASET") || !strings.HasPrefix(lines[1], "acme.log           yours") || !strings.Contains(lines[1], "starts with GATE|") || !strings.HasPrefix(lines[2], "nginx.access/json  shipped      0") {
		t.Errorf("%d\n%s", code, out)
	}
	if msg != "2 formats, 1 of them yours. Next: weir formats explain DATASET\n" {
		t.Errorf("messages %q", msg)
	}
	w.terminal = 0
	if out, _, _ = w.run(t, "list", "NGINX"); strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "nginx.access/json\tshipped\t0\t") {
		t.Errorf("of a word\n%s", out)
	}
	out, _, _ = w.run(t, "list", "acme.log", "--json")
	var line listLine
	if json.Unmarshal([]byte(out), &line) != nil || line.Tests != 1 || line.From != "yours" || line.File != "data/formats/gate.yaml" || len(line.Recognised) != 1 {
		t.Errorf("--json\n%s", out)
	}
	w.engine.List = func(config.Config) ([]*format.Format, fault.List) { return nil, fault.List{{Code: "format-value"}} }
	if _, msg, _ := w.run(t, "list"); !strings.Contains(msg, "weir formats check") {
		t.Errorf("broken files: %s", msg)
	}
}

// explains is an engine that knows one format, and views lines of it.
func explains(t *testing.T) Engine {
	f := gate(t)
	return Engine{
		Explain: func(_ config.Config, name string) ([]formattools.Text, error) {
			if name != "acme.log" {
				return nil, &fault.Error{Code: "format-unknown", What: "no format has the dataset " + name, Exit: fault.ExitUsage}
			}
			steps := []formatdoc.Step{{Line: 5, Kind: "dissect", Reads: []string{"message"}, Fills: []string{"source.ip"}}, {Line: 6, Depth: 1, Kind: "set", If: "source.ip == nil", Fills: []string{"acme.empty"}}, {Line: 7, Kind: "include", What: "x"}}
			return []formattools.Text{{Format: f, Steps: steps, Known: []string{"source.ip"}, Vendor: []string{"acme.empty"}}}, nil
		},
		View: func(_ context.Context, _ config.Config, dataset string, r io.Reader, each func(*tools.LineView) error) error {
			b, err := io.ReadAll(r)
			if err != nil || len(b) == 0 {
				return err
			}
			return each(&tools.LineView{Line: 1, Recognised: parse.Recognised{Format: f, By: "dataset", What: dataset}, Doc: []byte(`{"a":1}`),
				Steps: []format.Trace{{Kind: "dissect", File: f.File, Line: 5, Outcome: "ran", Reads: []format.Access{{Place: "message", Value: event.Str(string(b))}}}}})
		},
	}
}

func TestExplain_Words(t *testing.T) {
	want := `acme.log   Acme Gate
file         data/formats/gate.yaml
recognised   starts with GATE|
message      what follows the syslog header, if there is one
steps           5  dissect  message -> source.ip
                6    set      -> acme.empty   if source.ip == nil
                7  include  x
fills        source.ip
and          acme.empty
tests        1
`
	// A terminal, and an empty stdin as of a service.
	for _, in := range []string{"-", ""} {
		out, msg, code := world{engine: explains(t), in: in}.run(t, "explain", "acme.log")
		if out != want || msg != "" || code != 0 {
			t.Errorf("%d %s\n%s\nwant\n%s", code, msg, out, want)
		}
	}
	out, _, _ := world{engine: explains(t), in: "-"}.run(t, "explain", "acme.log", "--json")
	var line textLine
	if json.Unmarshal([]byte(out), &line) != nil || line.Dataset != "acme.log" || len(line.Steps) != 3 || line.Steps[1].If != "source.ip == nil" || line.Vendor[0] != "acme.empty" {
		t.Errorf("--json\n%s", out)
	}
	if _, msg, code := (world{engine: explains(t), in: "-"}).run(t, "explain", "acme.lgo"); code != fault.ExitUsage || !strings.Contains(msg, "format-unknown") {
		t.Errorf("%d %s", code, msg)
	}
}

func TestExplain_Line(t *testing.T) {
	out, _, code := world{engine: explains(t), in: "GATE|x"}.run(t, "explain", "acme.log")
	want := "line 1   acme.log, data/formats/gate.yaml\nrecognised  by --dataset acme.log\nheader      none: the record is the message\n          5  dissect\n               < message = \"GATE|x\"\nevent       {\"a\":1}\n\n"
	if out != want || code != 0 {
		t.Errorf("%d\n%s\nwant\n%s", code, out, want)
	}
	out, _, _ = world{engine: explains(t), in: "GATE|x"}.run(t, "explain", "acme.log", "--json")
	if !strings.Contains(out, `"reads":[{"place":"message","value":"GATE|x"}]`) || !strings.Contains(out, `"document":{"a":1}`) {
		t.Errorf("--json\n%s", out)
	}
}

func TestSchema(t *testing.T) {
	out, _, code := world{}.run(t, "schema")
	if code != 0 || !json.Valid([]byte(out)) || !strings.Contains(out, `"weir format"`) {
		t.Errorf("%d\n%.200s", code, out)
	}
}

// TestComplete offers the datasets without a running weir.
func TestComplete(t *testing.T) {
	f := gate(t)
	w := world{engine: Engine{List: func(config.Config) ([]*format.Format, fault.List) { return []*format.Format{f}, nil }}}
	c := &commands{engine: w.engine, shell: func() ui.Shell {
		return ui.Shell{Load: func() (*config.Loaded, error) { return config.Load("", nil) }}
	}}
	names, _ := c.completeDatasets(nil, nil, "")
	if !slices.Equal(names, []string{"acme.log\tAcme Gate"}) {
		t.Errorf("%v", names)
	}
	if names, _ := c.completeDatasets(nil, []string{"acme.log"}, ""); len(names) != 0 {
		t.Errorf("behind the name: %v", names)
	}
}

// TestLive: the engine of the program is whole.
func TestLive(t *testing.T) {
	e := Live()
	if e.Check == nil || e.Test == nil || e.List == nil || e.Explain == nil || e.View == nil {
		t.Errorf("%+v", e)
	}
}

// TestView_Warning: format files that are not used are told once, beside the lines.
func TestView_Warning(t *testing.T) {
	e := explains(t)
	view := e.View
	e.View = func(ctx context.Context, cfg config.Config, dataset string, r io.Reader, each func(*tools.LineView) error) error {
		return view(ctx, cfg, dataset, r, func(v *tools.LineView) error {
			v.Warning = &fault.Error{Code: "format-left-out", What: "a file is left out", Warn: true}
			return each(v)
		})
	}
	out, msg, code := world{engine: e, in: "GATE|x"}.run(t, "explain", "acme.log")
	if code != 0 || !strings.Contains(msg, "warning[format-left-out]: a file is left out") || strings.Contains(out, "left out") {
		t.Errorf("%d %s\n%s", code, msg, out)
	}
}
