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

// TestCheck_TwoPaths: two files of one dataset are the same mistake whether they are named or lie in a folder, and a file that is
// named twice is none.
func TestCheck_TwoPaths(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"a/one.yaml": apptest.Gate, "b/two.yaml": apptest.Gate, "a/three.yaml": strings.Replace(apptest.Gate, "acme_gate", "acme_door", 1)})
	at := func(name string) string { return filepath.Join(cfg.Data, name) }
	for _, tt := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"two files", []string{at("a/one.yaml"), at("b/two.yaml")}, "one.yaml two.yaml:format-duplicate"},
		{"a folder and a file", []string{at("b/two.yaml"), at("a")}, "one.yaml three.yaml two.yaml:format-duplicate"},
		{"one twice, and its folder", []string{at("a/one.yaml"), at("a/../a/one.yaml"), at("a")}, "one.yaml three.yaml"},
	} {
		reports, err := Check(cfg, tt.paths)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range reports {
			text := filepath.Base(r.File)
			for _, e := range r.Faults {
				if !e.Warn {
					text += ":" + e.Code
				}
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
	if run, err := Test(t.Context(), cfg, []string{at("a/one.yaml"), at("b/two.yaml")}); err != nil || len(run.Refused) != 1 {
		t.Errorf("their tests: %+v, %v", run, err)
	}
}

// TestCheck_Misfit: a test whose line the format itself would not recognise says what does not hold, and who takes the line.
func TestCheck_Misfit(t *testing.T) {
	const head = "title: A\nsteps: [{set: {event.action: x}}]\n"
	cfg := apptest.Data(t, map[string]string{
		"formats/a.yaml": "dataset: acme.none\nmatch: {programs: [ACME-ACC]}\ntests: [{name: no header, raw: 'ann in', expect: {event.action: x}}]\n" + head,
		"formats/b.yaml": "dataset: acme.json\nmatch: {contains: ['\"gate\":']}\ntests: [{name: other, raw: '{\"a\":1}', expect: {event.action: x}}]\n" + head,
		"formats/c.yaml": "dataset: acme.less\nmatch: {starts: ['GATE']}\ntests: [{name: both, raw: 'GATE|OPEN', expect: {event.action: x}}]\n" + head,
		"formats/d.yaml": "dataset: acme.more\nmatch: {starts: ['GATE|']}\ntests: [{name: mine, raw: 'GATE|OPEN', expect: {event.action: x}}]\n" + head,
	})
	reports, err := Check(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range reports {
		if r.Origin == "yours" {
			got[filepath.Base(r.File)] = ""
			for _, e := range r.Faults {
				got[filepath.Base(r.File)] += e.Code + " " + e.What + " (" + e.Why + ")"
			}
		}
	}
	for file, want := range map[string]string{
		"a.yaml": "format-misfit the line of the test `no header` does not fit the format's own `match`: the line has no syslog header that names a program, and match asks for ACME-ACC (no format recognises it)",
		"b.yaml": "format-misfit the line of the test `other` does not fit the format's own `match`: the first 1024 bytes of the message have no `\"gate\":` (it is read as json.log)",
		"c.yaml": "format-recognised-otherwise the line of the test `both` is recognised as acme.more (nothing but its text says what it is, and that fits both)",
		"d.yaml": "",
	} {
		if got[file] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", file, got[file], want)
		}
	}
}

// TestShow: of a user's format or a shipped one, and of shared steps.
func TestShow(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"formats/gate.yaml": strings.Replace(apptest.Gate, "steps:\n", "steps:\n  - include: mine\n  - do: [{include: any_time}]\n", 1), "formats/shared/mine.yaml": "steps: [{set: {event.kind: event}}]\n",
		"formats/two/a.yaml": "dataset: two.log\nid: a\ntitle: A\n", "formats/two/b.yaml": "dataset: two.log\nid: b\ntitle: B\n",
	})
	s, err := Show(cfg, "acme_gate.log")
	if err != nil || !strings.Contains(string(s.Doc), "title: Acme Gate") || strings.Join(s.Shared, " ") != "any_time mine" || len(s.Others) != 0 {
		t.Errorf("a user's: %+v, %v", s, err)
	}
	if s, err = Show(cfg, "two.log/b"); err != nil || !strings.HasSuffix(s.File, "two/b.yaml") || strings.Join(s.Others, " ") != "two.log/a" {
		t.Errorf("one of several: %+v, %v", s, err)
	}
	if s, err = Show(cfg, "cisco_asa.log"); err != nil || !strings.HasPrefix(s.File, "shipped/") || len(s.Doc) == 0 {
		t.Errorf("a shipped one: %+v, %v", s, err)
	}
	for name, file := range map[string]string{"shared/mine": "formats/shared/mine.yaml", "shared/any_time": "shipped/shared/any_time.yaml"} {
		if s, err = Show(cfg, name); err != nil || !strings.HasSuffix(s.File, file) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	for name, want := range map[string]string{"acme_gate.lgo": "acme_gate.log", "shared/any_tim": "shared/any_time", "two.log": "two.log/a, two.log/b", "shared/../cisco_asa/log": "weir formats list"} {
		_, err := Show(cfg, name)
		if f, ok := err.(*fault.Error); !ok || f.Code != "format-unknown" || !strings.Contains(f.Do, want) { //nolint:errorlint // it is handed on as it is
			t.Errorf("%s: %v", name, err)
		}
	}
}
