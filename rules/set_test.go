package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/fault"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	shipped := fstest.MapFS{"a.yaml": {Data: []byte(small)}}
	user := fstest.MapFS{
		"again.yaml":      {Data: []byte("# mine\n" + small)},
		"b/b.yml":         {Data: []byte(strings.Replace(small, "id: a", "id: b", 1))},
		"exceptions.yaml": {Data: []byte("not: a rule")}, ".git/x.yaml": {Data: []byte("x")}, ".hidden.yaml": {Data: []byte("x")}, "notes.txt": {Data: []byte("x")},
		"off.yaml": {Data: []byte(strings.Replace(small, "id: a", "id: off\nenabled: false", 1))},
	}
	s := Load(Options{}, Source{"shipped", shipped}, Source{"rules", user})
	var ids []string
	for _, r := range s.Rules {
		ids = append(ids, r.File+":"+r.ID)
	}
	if got := strings.Join(ids, " "); got != "shipped/a.yaml:a rules/b/b.yml:b rules/off.yaml:off" || s.Files != 4 {
		t.Error(got, s.Files)
	}
	want := "rules/again.yaml:2: error[rule-duplicate]: the id `a` is used twice\nwhy it is the rule of shipped/a.yaml:1 already, and that one runs\ndo give this rule an id of its own\n"
	if got := show(s.Faults); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if s.Rule("b") == nil || s.Rule("zz") != nil || s.Hash == "" || s.Hash == Load(Options{}, Source{"shipped", shipped}).Hash {
		t.Error("hash or look-up")
	}
}

// TestKeep checks that the rules of a file go on while somebody breaks it.
func TestKeep(t *testing.T) {
	t.Parallel()
	a, b := strings.Replace(small, "id: a", "id: a1", 1), strings.Replace(small, "id: a", "id: b1", 1)
	old := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(a)}, "b.yaml": {Data: []byte(b)}}, "r", Options{})
	broken := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(a + "tags: [")}}, "r", Options{})
	got := broken.Keep(old)
	if len(broken.Rules) != 0 || len(got.Rules) != 1 || got.Rules[0].ID != "a1" || got.Hash == old.Hash || got.Hash == broken.Hash {
		t.Errorf("%d rules kept", len(got.Rules))
	}
	if len(got.Faults) != 1 {
		t.Error("the fault is gone")
	}
	fine := LoadFS(fstest.MapFS{}, "r", Options{})
	if fine.Keep(old) != fine || fine.Keep(nil) != fine {
		t.Error("a file that is gone is kept")
	}
}

func TestLoadDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadDir(dir, Options{})
	if err != nil || len(s.Rules) != 1 || s.Rules[0].File != filepath.ToSlash(filepath.Join(dir, "a.yaml")) {
		t.Fatal(s, err)
	}
	_, err = LoadDir(filepath.Join(dir, "none"), Options{})
	if fault.Code(err) != "rules-unreadable" || fault.Exit(err) != fault.ExitMissing {
		t.Error(err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "dangling.yaml")); err != nil {
		t.Fatal(err)
	}
	if s, err = LoadDir(dir, Options{}); err != nil || len(s.Rules) != 1 || len(s.Faults) != 1 || s.Faults[0].Code != "rules-unreadable" {
		t.Errorf("%v %v", s.Faults, err)
	}
}
