package tools

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/rules"
)

func TestPlaceOf(t *testing.T) {
	for where, want := range map[string]string{
		"rules/a.yaml:12:3": "rules/a.yaml 12", "rules/a.yaml:12": "rules/a.yaml 12", "rules/a.yaml": "rules/a.yaml 0",
		"C:/rules/a.yaml:1:2": "C:/rules/a.yaml 1", "a:b.yaml": "a:b.yaml 0", "a.yaml:1:2:3": "a.yaml:1 2", "": " 0",
	} {
		if file, line := placeOf(where); fmt.Sprint(file, " ", line) != want {
			t.Errorf("%q: %q %d, want %q", where, file, line, want)
		}
	}
}

// TestReports: each rule has its own faults, what was refused is there under the id that it would have had, and a folder is
// read as one set.
func TestReports(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"r/a.yaml": apptest.OneRule + "---\nid: broken\ntitle: x\nlevl: low\n---\n" + strings.Replace(apptest.OneRule, "mine", "third", 1),
		"r/b.yaml": strings.Replace(apptest.OneRule, "mine", "third", 1),
		"r/c.yaml": "id: warned\ntitle: W\nlevel: low\nwhen: user.nmae == \"x\"\n",
		"r/d.yaml": "\tno yaml\n",
	})
	reports, err := CheckRules(cfg, []string{filepath.Join(cfg.Data, "r")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range reports {
		line := filepath.Base(r.File) + " " + r.ID
		if r.Rule == nil {
			line += " refused"
		}
		for _, f := range r.Faults {
			if f.Code != "rule-no-test" && f.Code != "rule-no-tag" {
				line += " " + f.Code
			}
		}
		got = append(got, line)
	}
	want := []string{
		"a.yaml mine", "a.yaml third rule-shadowed", "a.yaml broken refused rule-unknown-key rule-missing-key rule-missing-key",
		"b.yaml third refused rule-duplicate", "c.yaml warned rule-unknown-field", "d.yaml  refused rule-syntax",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCheckRules(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/good.yaml": apptest.OneRule, "r/bad.yaml": "id: bad\ntitle: x\nlevl: low\n", "plain.txt": strings.Replace(apptest.OneRule, "mine", "named", 1)})
	reports, err := CheckRules(cfg, []string{filepath.Join(cfg.Data, "r"), filepath.Join(cfg.Data, "plain.txt")})
	if err != nil {
		t.Fatal(err)
	}
	var loaded []string
	bad := 0
	for _, r := range reports {
		if r.Rule != nil {
			loaded = append(loaded, r.ID)
		} else if rules.HasErrors(r.Faults) {
			bad++
		}
	}
	if !slices.Equal(loaded, []string{"named", "mine"}) || bad != 1 {
		t.Errorf("loaded %v, refused %d", loaded, bad)
	}
	if _, err := CheckRules(cfg, []string{filepath.Join(cfg.Data, "none")}); fault.Code(err) != "rules-unreadable" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: %v", err)
	}
}
