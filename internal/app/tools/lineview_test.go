package tools

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/processors/parse/format"
)

// TestViewLines: how a line is recognised, what each step does, and what comes of it.
func TestViewLines(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"formats/gate.yaml": apptest.Gate, "inventory.csv": "name,addresses,site\ngate-1,192.0.2.1,seoul\n",
		"redact.yaml": "rules: [{fields: [weir.asset.source.site], how: mask}]",
	})
	in := "GATE|OPEN|192.0.2.1\n\nGATE|QUIET|192.0.2.2\nnothing that is known\n" + strings.Repeat("x", 0)
	var got []string
	err := ViewLines(t.Context(), cfg, "", strings.NewReader(in), func(v *LineView) error {
		name := "-"
		if v.Recognised.Format != nil {
			name = v.Recognised.Format.Name()
		}
		kinds := ""
		for _, s := range v.Steps {
			kinds += " " + s.Kind + ":" + s.Outcome
			if s.Kind == "dissect" && (len(s.Reads) != 1 || s.Reads[0].Place != "message" || len(s.Writes) != 2) {
				t.Errorf("dissect read %v and wrote %v", s.Reads, s.Writes)
			}
			if w := wrote(s, "weir.asset.source.site"); v.Line == 1 && s.Kind == "enrich" && w != "seoul" || s.Kind == "redact" && w != "*****" {
				t.Errorf("%s wrote the site %q: %v", s.Kind, w, s.Writes)
			}
		}
		doc := "document"
		if v.Doc == nil {
			doc = "none"
		}
		if v.Dropped {
			doc += ", dropped"
		}
		got = append(got, strings.Join([]string{string(rune('0' + v.Line)), name, v.Recognised.By, doc}, " ")+kinds)
		return nil
	})
	want := []string{
		"1 acme_gate.log content document dissect:ran choose:ran drop:skipped enrich:ran class:ran redact:ran",
		"3 acme_gate.log content none, dropped dissect:ran choose:ran drop:ran",
		"4 - nothing document enrich:ran class:ran",
	}
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%v\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestViewLines_Ends: who reads decides when it is enough, and an unknown dataset is told before a line is read.
func TestViewLines_Ends(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"formats/gate.yaml": apptest.Gate})
	full := errors.New("full")
	n := 0
	err := ViewLines(t.Context(), cfg, "acme_gate.log", strings.NewReader("GATE|OPEN|192.0.2.1\nGATE|OPEN|192.0.2.1\n"), func(v *LineView) error {
		n++
		if v.Recognised.By != "dataset" {
			t.Errorf("by %s", v.Recognised.By)
		}
		return full
	})
	if !errors.Is(err, full) || n != 1 {
		t.Errorf("%d views, %v", n, err)
	}
	if err := ViewLines(t.Context(), cfg, "acme_gate.lgo", strings.NewReader("x\n"), nil); fault.Code(err) != "dataset-unknown" {
		t.Errorf("an unknown dataset: %v", err)
	}
}

// wrote is what a step wrote at a place, "" if it did not.
func wrote(s format.Trace, place string) string {
	for _, a := range s.Writes {
		if a.Place == place {
			return a.Value.Text()
		}
	}
	return ""
}
