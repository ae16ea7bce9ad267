package draft

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

// TestShipped: the shipped searches have no mistake, a title in both languages each, and ids of their own.
func TestShipped(t *testing.T) {
	s, err := parse("searches.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range s.file.Findings {
		if seen[f.ID] || f.TitleKo == "" || f.Severity == "" {
			t.Errorf("%+v", f)
		}
		seen[f.ID] = true
	}
	if len(seen) < 18 || len(s.SHA256) != 64 {
		t.Errorf("%d searches, %s", len(seen), s.SHA256)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	bare, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.FromSlash(File))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("settings: {dormant: 3}\ndefine: {download: 'weir.privacy.action: print'}\nfindings:\n  - {id: downloads, title.ko: 출력}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if *s.file.Settings.Dormant != 3 || s.SHA256 == bare.SHA256 || s.file.Define["download"] != "weir.privacy.action: print" || *s.file.Settings.Bulk != *bare.file.Settings.Bulk {
		t.Errorf("%+v", s.file.Settings)
	}
	for _, f := range s.file.Findings {
		if f.ID == "downloads" && (f.TitleKo != "출력" || f.Title == "" || f.KQL == "") {
			t.Errorf("%+v", f)
		}
	}
}

func TestParse_Mistakes(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"no YAML", "a: [", "cannot be read"},
		{"unknown key", "setting: {}", "cannot be read"},
		{"unknown key of a finding", "findings: [{id: x, titel: y}]", "cannot be read"},
		{"hours", "settings: {hours: always}", "hours"},
		{"hours of a system", "systems: {crm: {hours: always}}", "hours"},
		{"holiday", "settings: {holidays: [christmas]}", "is no day"},
		{"dormant", "settings: {dormant: 0}", "dormant"},
		{"bulk", "settings: {bulk: 0}", "bulk"},
		{"list", "settings: {list: 100000}", "list"},
		{"an empty definition", "define: {logon: ''}", "`logon` is empty"},
		{"a circle", "define: {logon: '{{failed}}', failed: '{{logon}}'}", "circle"},
		{"too long", "define: {a: '" + doubled("b") + "', b: '" + doubled("c") + "', c: '" + doubled("d") + "', d: '" + doubled("e") + "', e: 'user.name: abcdefghijklmnopqrstuvwxyz'}", "longer than"},
		{"nothing defined", "define: {logon: '{{nobody}}'}", "nothing is defined as {{nobody}}"},
		{"KQL", "define: {logon: '(user.name: x'}", "cannot be read"},
		{"id", "findings: [{id: A b, title: x, kql: x, count: list}]", "no id of a finding"},
		{"title", "findings: [{id: x, kql: x, count: list}]", "no title"},
		{"no kql", "findings: [{id: x, title: x, count: list}]", "no kql"},
		{"count", "findings: [{id: x, title: x, kql: x, count: all}]", "count is"},
		{"by nothing", "findings: [{id: x, title: x, kql: x, count: by}]", "counts by nothing"},
		{"distinct of nothing", "findings: [{id: x, title: x, kql: x, count: distinct, by: [a]}]", "whose values"},
		{"accounts", "findings: [{id: x, title: x, count: accounts, accounts: old}]", "accounts is"},
		{"severity", "findings: [{id: x, title: x, kql: x, count: list, severity: bad}]", "severity is"},
		{"threshold", "findings: [{id: x, title: x, kql: x, count: list, threshold: -1}]", "below zero"},
		{"within", "findings: [{id: downloads, within: soon}]", "within is"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := parse("my.yaml", []byte(x.text))
			var all []string
			if list, ok := errors.AsType[fault.List](err); ok {
				for _, f := range list {
					all = append(all, f.What+f.Where+f.Why)
				}
			} else if e, ok := errors.AsType[*fault.Error](err); ok {
				all = append(all, e.What+e.Where+e.Why)
			}
			if len(all) == 0 || !strings.Contains(strings.Join(all, "; "), x.want) {
				t.Errorf("%v: %q, want %q", err, all, x.want)
			}
		})
	}
	// Every mistake is told at once.
	_, err := parse("my.yaml", []byte("settings: {bulk: 0}\nfindings: [{id: x, title: x, kql: x, count: all}, {id: y, title: y, count: list}]"))
	var list fault.List
	if !errors.As(err, &list) || len(list) != 3 {
		t.Errorf("%v", err)
	}
}

// doubled is a definition that names another eight times.
func doubled(name string) string { return "{{" + name + "}}" + strings.Repeat(" or {{"+name+"}}", 7) }

// FuzzParse: a file is refused or compiles for every system, and never takes the shipped definitions away.
func FuzzParse(f *testing.F) {
	f.Add([]byte("settings: {bulk: 2}\nsystems: {crm: {home: [US]}}\n"))
	f.Add([]byte("findings:\n  - {id: x, title: x, kql: '{{logon}} and {{off_hours}}', count: by, by: [user.name]}\n"))
	f.Add([]byte("define: {a: '{{b}}', b: '{{a}}'}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parse("my.yaml", text)
		if err != nil {
			return
		}
		for _, name := range needed {
			if s.file.Define[name] == "" {
				t.Errorf("%s is gone", name)
			}
		}
		if _, err := s.compile(System{ID: "crm"}, at(1, 0), at(2, 0), kst); err != nil {
			t.Errorf("it was taken, and does not compile: %v", err)
		}
	})
}
