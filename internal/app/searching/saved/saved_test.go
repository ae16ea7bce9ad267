package saved

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"weir/internal/control/searching"
	"weir/internal/fault"
)

func TestLoad_Shipped(t *testing.T) {
	list, bad := Load(t.TempDir())
	if len(bad) > 0 || len(list) != 10 {
		t.Fatalf("%d searches, %v", len(list), bad)
	}
	for _, s := range list {
		hangul := strings.ContainsFunc(s.TitleKo, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
		if !s.Shipped || s.Title == "" || !hangul || s.Query == "" || s.From == "" {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
}

func TestLoad_FilesAndTheirMistakes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "mine.yaml", "title: Mine\nquery: 'user.name: kim'\ncount_by: [source.ip, event.outcome]\nhistogram: true\n")
	write(t, dir, "sudo.yaml", "query: 'process.name: doas'\n")
	write(t, dir, "broken.yaml", "query: [\n")
	write(t, dir, "unknown.yaml", "query: a\ncolour: red\n")
	write(t, dir, "kql.yaml", "query: 'a: ('\n")
	write(t, dir, ".hidden.yaml", "query: [\n")
	write(t, dir, "notes.txt", "x")
	list, bad := Load(dir)
	if len(list) != 11 || len(bad) != 3 {
		t.Fatalf("%d searches, %d faults: %v", len(list), len(bad), bad)
	}
	if s, err := Find(list, bad, "mine"); err != nil || s.Title != "Mine" || len(s.CountBy) != 2 || !s.Histogram || s.Shipped {
		t.Errorf("%+v (%v)", s, err)
	}
	if s, err := Find(list, bad, "sudo"); err != nil || s.Shipped || s.Query != "process.name: doas" {
		t.Errorf("a file does not replace what is shipped: %+v (%v)", s, err)
	}
	for _, f := range bad {
		if f.Where == "" || f.What == "" || f.Exit != fault.ExitUsage {
			t.Errorf("%+v", f)
		}
		if strings.Contains(f.Where, "kql.yaml") && f.Mark == 0 {
			t.Errorf("a query without a caret: %+v", f)
		}
	}
	if _, err := Find(list, bad, "broken"); err == nil || !strings.Contains(err.Error(), "no saved search") || strings.Contains(err.Error(), "of this name") {
		t.Errorf("a broken file is said not to be there: %v", err)
	}
	if _, err := Find(list, bad, "mime"); !suggests(err, "`mine`") {
		t.Errorf("no suggestion: %v", err)
	}
}

func TestParse_Rules(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"another name":  {"a.yaml", "name: b\nquery: x\n", "is not that of the file"},
		"bad name":      {"A b.yaml", "query: x\n", "no name"},
		"time":          {"a.yaml", "query: x\nfrom: last week\n", "`from` is no time"},
		"to":            {"a.yaml", "query: x\nto: soon\n", "`to` is no time"},
		"size":          {"a.yaml", "query: x\nsize: 20000\n", "`size` is out of range"},
		"count by four": {"a.yaml", "query: x\ncount_by: [a, b, c, d]\n", "too many fields"},
		"no field name": {"a.yaml", "query: x\nfields: ['']\n", "no name"},
		"a list":        {"a.yaml", "- query: x\n", "no saved search"},
		"twice":         {"a.yaml", "query: x\nquery: y\n", "no saved search"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, f := Parse(c.file, []byte(c.text)); f == nil || !strings.Contains(f.What, c.want) {
				t.Errorf("got %v", f)
			}
		})
	}
}

func TestSave_ComesBack(t *testing.T) {
	dir := t.TempDir()
	in := searching.Saved{Name: "vpn-logons", Title: "VPN", TitleKo: "VPN 접속", Query: `event.dataset: "x: y" and user.name: *`, From: "-7d", Sort: "-user.name",
		Size: 20, Fields: []string{"user.name"}, CountBy: []string{"user.name"}, Histogram: true}
	if _, err := Save(dir, in, false); err != nil {
		t.Fatal(err)
	}
	list, bad := Load(dir)
	got, err := Find(list, bad, "vpn-logons")
	if err != nil || len(bad) > 0 || got.Query != in.Query || got.TitleKo != in.TitleKo || got.Sort != in.Sort || got.Size != 20 || !got.Histogram || got.CountBy[0] != "user.name" {
		t.Fatalf("%+v (%v, %v)", got, err, bad)
	}
	if _, err := Save(dir, in, false); err == nil {
		t.Error("a search was replaced without being asked to")
	}
	in.Query = "other"
	if _, err := Save(dir, in, true); err != nil {
		t.Error(err)
	}
	in.Name = "../../etc/cron.d/x"
	if _, err := Save(dir, in, true); err == nil {
		t.Error("a name leads out of the folder")
	}
	in.Name, in.Query = "x", "a: ("
	if _, err := Save(dir, in, true); err == nil {
		t.Error("a query that cannot be read was saved")
	}
	if info, err := os.Stat(filepath.Join(dir, Folder, "vpn-logons.yaml")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v (%v)", info.Mode(), err)
	}
}

func TestLoad_BoundsWhatItReads(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "long.yaml", "query: x\n"+strings.Repeat("# long\n", 20_000))
	if err := os.Mkdir(filepath.Join(dir, Folder, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if list, bad := Load(dir); len(list) != 10 || len(bad) != 1 {
		t.Errorf("%d searches, %v", len(list), bad)
	}
}

// FuzzParse holds that what is read keeps the rules and comes back from what is written.
func FuzzParse(f *testing.F) {
	f.Add("query: 'user.name: kim'\ntitle.ko: 조회\ncount_by: [a]\n")
	f.Add("query: a\nfrom: -1h\nsize: 5\n")
	f.Add("[]")
	f.Fuzz(func(t *testing.T, text string) {
		s, fault := Parse("x.yaml", []byte(text))
		if fault != nil {
			return
		}
		dir := t.TempDir()
		if _, err := Save(dir, s, false); err != nil {
			t.Fatalf("what was read cannot be saved: %v", err)
		}
		again, f2 := read(filepath.Join(dir, Folder, "x.yaml"))
		if f2 != nil || again.Query != s.Query || again.Sort != s.Sort || again.Size != s.Size || len(again.CountBy) != len(s.CountBy) {
			t.Fatalf("%+v, again %+v (%v)", s, again, f2)
		}
	})
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, Folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, Folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// suggests tells whether an error names what may have been meant.
func suggests(err error, name string) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && strings.Contains(f.Do, name)
}
