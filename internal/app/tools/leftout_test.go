package tools

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/rules/pipelines"
)

// TestLeftOut: each command that reads with formats says once that files of them are not used, and goes on.
func TestLeftOut(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"formats/gate.yaml": apptest.Gate, "formats/bad.yaml": "dataset: acme_gate.bad\ntitle: Bad\nstpes: []\n",
		"r/gate.yaml": "id: gate\ntitle: Gate\nlevel: low\nwhen: source.ip == \"192.0.2.1\"\ntests:\n  - name: own format\n    events: [{raw: 'GATE|OPEN|192.0.2.1'}]\n    expect: {alerts: 1}\n",
	})
	const line = "GATE|OPEN|192.0.2.1\n"
	var told []string
	warn := func(f *fault.Error) { told = append(told, f.Code) }
	var out bytes.Buffer
	for name, do := range map[string]func() error{
		"parse": func() error { return ParseLines(t.Context(), cfg, "", strings.NewReader(line), &out, warn) },
		"parse --explain": func() error {
			return ViewLines(t.Context(), cfg, "", strings.NewReader(line+line), func(v *LineView) error {
				if v.Warning != nil {
					warn(v.Warning)
				}
				return nil
			})
		},
		"detect --raw": func() error {
			l, err := NewLines(cfg, pipelines.Shipped(), Form{Raw: "auto"})
			for range 2 {
				if err == nil {
					err = l.Read(t.Context(), strings.NewReader(line), func(int, *event.Event) error { return nil }, warn)
				}
			}
			return err
		},
		"rules test": func() error {
			run, err := TestRules(t.Context(), cfg, []string{filepath.Join(cfg.Data, "r")})
			for _, f := range run.Warnings {
				warn(f)
			}
			if len(run.Rules) != 1 || len(run.Rules[0].Cases) != 1 || !run.Rules[0].Cases[0].OK {
				t.Errorf("a rule over an own format: %+v", run.Rules)
			}
			return err
		},
	} {
		told = nil
		if err := do(); err != nil || strings.Join(told, " ") != "format-left-out" {
			t.Errorf("%s: %v, told %v", name, err, told)
		}
	}
}
