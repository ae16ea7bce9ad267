package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"weir/cmd/weir/formatcmd"
	"weir/event"
	"weir/internal/app/formattools"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/formatdoc"
)

// hostileFormats is an engine whose answers hold hostile text everywhere. What the commands make of formats is tested in their own
// package.
func hostileFormats() formatcmd.Engine {
	f := &format.Format{Dataset: hostile, ID: hostile, Title: hostile, File: hostile, Tests: []format.Test{{Name: hostile}}}
	return formatcmd.Engine{
		Check: func(config.Config, []string) ([]formattools.Report, error) {
			return []formattools.Report{{File: hostile, Format: f, Faults: fault.List{{Code: "format-value", What: hostile, Where: "formats/x.yaml:1:1", Text: hostile, Mark: 1, Width: 2}}}, {File: hostile, Format: f}}, nil
		},
		Test: func(context.Context, config.Config, []string) (tools.TestRun, error) {
			return tools.TestRun{Rules: []tools.RuleTest{{Rule: hostile, File: hostile, Cases: []tools.RuleCase{{Name: hostile, Diff: []string{hostile}}}}}}, nil
		},
		List: func(config.Config) ([]*format.Format, fault.List) { return []*format.Format{f}, nil },
		Show: func(config.Config, string) (*formattools.Source, error) {
			return &formattools.Source{File: hostile, Doc: []byte(hostile), Shared: []string{hostile}, Others: []string{hostile}}, nil
		},
		Explain: func(config.Config, string) ([]formattools.Text, error) {
			return []formattools.Text{{Format: f, Known: []string{hostile}, Vendor: []string{hostile}, Steps: []formatdoc.Step{{Kind: hostile, If: hostile, What: hostile, Reads: []string{hostile}, Fills: []string{hostile}}}}}, nil
		},
		View: func(_ context.Context, _ config.Config, _ string, r io.Reader, each func(*tools.LineView) error) error {
			if _, err := io.Copy(io.Discard, r); err != nil {
				return err
			}
			at := format.Access{Place: hostile, Value: event.Str(hostile)}
			return each(&tools.LineView{Line: 1, Recognised: parse.Recognised{Format: f, By: "content", What: hostile}, Doc: []byte(`{"a":1}`),
				Steps: []format.Trace{{Kind: "set", File: hostile, Outcome: "failed", Why: hostile, Reads: []format.Access{at}, Writes: []format.Access{at}}}})
		},
	}
}

// TestParse_Explain: parse shows the way of a line, for people and for programs, and hands the dataset on.
func TestParse_Explain(t *testing.T) {
	asked := ""
	formats := hostileFormats()
	view := formats.View
	formats.View = func(ctx context.Context, cfg config.Config, dataset string, r io.Reader, each func(*tools.LineView) error) error {
		asked = dataset
		return view(ctx, cfg, dataset, r, each)
	}
	s := shell{in: "x\n", engine: engine{formats: formats}}
	out, msg, code := s.run(t, "parse", "--explain", "--dataset", "nginx.access")
	if code != 0 || asked != "nginx.access" || !strings.HasPrefix(out, "line 1   ") || !strings.Contains(out, "event       {\"a\":1}") {
		t.Errorf("%d, asked for %s, %s\n%s", code, asked, msg, out)
	}
	if out, _, _ = s.run(t, "parse", "--explain", "--json"); !strings.HasPrefix(out, `{"line":1,"event":0,`) {
		t.Errorf("--json: %s", out)
	}
}
