package formattools

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/app/tools"
	"weir/internal/fault"
)

func TestCheck(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"formats/gate.yaml":   apptest.Gate,
		"formats/bad.yaml":    "dataset: acme_gate.bad\ntitle: Bad\nstpes: []\n",
		"formats/doubt.yaml":  "dataset: acme_gate.doubt\ntitle: Doubt\nsteps: [{set: {event.kind: evnt}}]\n",
		"formats/shared/x.md": "no format",
	})
	reports, err := Check(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range reports {
		if r.Origin == "shipped" {
			if r.Format == nil && len(r.Faults) == 0 || r.Format != nil && len(r.Faults) > 0 {
				t.Errorf("%s: %v", r.File, r.Faults)
			}
			continue
		}
		var codes []string
		for _, e := range r.Faults {
			codes = append(codes, e.Code)
		}
		got[filepath.Base(r.File)] = strings.Join(codes, " ")
	}
	want := map[string]string{"gate.yaml": "", "bad.yaml": "format-unknown-key", "doubt.yaml": "format-not-allowed format-untested format-unrecognised"}
	if len(got) != len(want) {
		t.Errorf("files %v", got)
	}
	for file, codes := range want {
		if got[file] != codes {
			t.Errorf("%s: %s, want %s", file, got[file], codes)
		}
	}
}

// TestCheck_Paths: of a file only that file is told of, though its neighbours and what is shipped may be used by it.
func TestCheck_Paths(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	one := write("one.yaml", strings.Replace(apptest.Gate, "steps:\n", "steps:\n  - include: part\n  - lookup: {from: _a, to: _b, table: table.csv}\n", 1))
	write("shared/part.yaml", "steps: [{set: {event.kind: event}}]\n")
	write("table.csv", "k,v\na,b\n")
	write("other.yaml", "dataset: nothing\n")
	cfg := apptest.Data(t, nil)
	reports, err := Check(cfg, []string{one})
	if err != nil || len(reports) != 1 || reports[0].File != one || reports[0].Format == nil || reports[0].Origin != "yours" {
		t.Fatalf("%+v, %v", reports, err)
	}
	for _, e := range reports[0].Faults {
		t.Error(e)
	}
	if reports, err = Check(cfg, []string{dir}); err != nil || len(reports) != 2 {
		t.Errorf("the folder: %+v, %v", reports, err)
	}
	if _, err := Check(cfg, []string{filepath.Join(dir, "none.yaml")}); fault.Code(err) != "file-unreadable" {
		t.Errorf("no such file: %v", err)
	}
	run, err := Test(t.Context(), cfg, []string{one})
	if err != nil || len(run.Rules) != 1 || len(run.Rules[0].Cases) != 3 {
		t.Errorf("its tests: %+v, %v", run, err)
	}
	if _, err := Test(t.Context(), cfg, []string{filepath.Join(dir, "other.yaml")}); fault.Code(err) != "format-missing-key" && fault.Code(err) != "format-value" {
		t.Errorf("tests of a broken file: %v", err)
	}
}

// TestTest: each test tells what differs.
func TestTest(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"formats/gate.yaml": apptest.Gate})
	run, err := Test(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	var mine *tools.RuleTest
	for i := range run.Rules {
		if run.Rules[i].Rule == "acme_gate.log" {
			mine = &run.Rules[i]
		}
	}
	if mine == nil || len(mine.Cases) != 3 {
		t.Fatalf("%+v", mine)
	}
	opened, wrong, filtered := mine.Cases[0], mine.Cases[1], mine.Cases[2]
	if !opened.OK {
		t.Errorf("opened: %v", opened.Diff)
	}
	if diff := strings.Join(wrong.Diff, "\n"); wrong.OK || diff != "- event.type: [\"allowed\"]   expected\n+ event.type: [\"denied\"]   got" || wrong.Line != 11 {
		t.Errorf("wrong on purpose: %d %s", wrong.Line, diff)
	}
	if !filtered.OK {
		t.Errorf("filtered: %v", filtered.Diff)
	}
}

func TestExplain(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"formats/gate.yaml": apptest.Gate})
	list, err := Explain(cfg, "acme_gate.log")
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if x := list[0]; len(x.Steps) != 3 || x.Steps[0].Kind != "dissect" || strings.Join(x.Known, " ") != "event.type source.ip" || len(x.Vendor) != 0 {
		t.Errorf("%+v", x)
	}
	_, err = Explain(cfg, "acme_gate.lgo")
	if fault.Code(err) != "format-unknown" || !strings.Contains(err.Error()+fault.Innermost(err), "acme_gate.lgo") {
		t.Errorf("no such dataset: %v", err)
	}
	if all, _ := List(cfg); len(all) < 2 {
		t.Errorf("%d formats", len(all))
	}
}

// TestFileOf: a fault's place is a file with or without line and column.
func TestFileOf(t *testing.T) {
	for where, want := range map[string]string{"a/b.yaml:5:28": "a/b.yaml", "a/b.yaml:5": "a/b.yaml", "a/b.yaml": "a/b.yaml", "a:b.yaml": "a:b.yaml", "": ""} {
		if got := fileOf(where); got != want {
			t.Errorf("%q: %q", where, got)
		}
	}
}
