package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/fault"

	"weir/internal/match"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"a": true, "ssh-brute-force": true, "a.b_c-9": true, "9": true, strings.Repeat("a", 100): true,
		"": false, "A": false, "-a": false, ".a": false, "_a": false, "a b": false, "a/b": false, "ä": false, "../x": false, strings.Repeat("a", 101): false,
	} {
		list, faults := Parse("f.yaml", []byte(strings.Replace(small, "id: a", fmt.Sprintf("id: %q", id), 1)), Options{})
		if got := len(list) == 1 && list[0].ID == id; got != want {
			t.Errorf("%q: %s", id, show(faults))
		}
	}
}

func TestNamesOfConditions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a": true, "failed_2": true, "실패": true, "_x": true, "A": true, strings.Repeat("a", 100): true,
		"": false, "2a": false, "a-b": false, "a b": false, "a.b": false, strings.Repeat("a", 101): false,
	} {
		if keys.IsName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// TestAFileReadsTheSameHoweverItWasSaved takes what editors make of a file: places must stay those that the editor shows.
func TestAFileReadsTheSameHoweverItWasSaved(t *testing.T) {
	t.Parallel()
	const file = "# mine\n" + small + "explain: in {{user.name}}\n---\n# next\nid: b\ntitle: B\nlevel: low\nwhen: |\n  user.name == \"y\"\n"
	plain, faults := Parse("f.yaml", []byte(file), Options{})
	if len(plain) != 2 || len(faults) != 0 {
		t.Fatal(show(faults))
	}
	if plain[0].Line != 2 || plain[1].Line != 9 || plain[1].When[0].Line != 13 || plain[1].When[0].Col != 3 {
		t.Errorf("rules begin in lines %d and %d, the second condition at %d:%d", plain[0].Line, plain[1].Line, plain[1].When[0].Line, plain[1].When[0].Col)
	}
	for name, saved := range map[string]string{
		"Windows lines": strings.ReplaceAll(file, "\n", "\r\n"), "with a mark of order": "\ufeff" + file, "no end of line": strings.TrimSuffix(file, "\n"), "a head": "---\n" + file,
	} {
		got, faults := Parse("f.yaml", []byte(saved), Options{})
		if len(got) != 2 || len(faults) != 0 {
			t.Errorf("%s: %d rules\n%s", name, len(got), show(faults))
			continue
		}
		if got[0].Hash != plain[0].Hash || got[1].Hash != plain[1].Hash || got[1].When[0].Expr != plain[1].When[0].Expr || got[1].When[0].Col != 3 {
			t.Errorf("%s: another rule: %+v", name, got[1])
		}
	}
}

func TestLimitsOfAFile(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "---\nid: r%d\ntitle: T\nlevel: low\nwhen: user.name == \"x\"\n", i)
		}
		return b.String()
	}
	for _, tc := range []struct {
		name, file string
		rules      int
		code       string // of the last fault; "" for none
	}{
		{"as many rules as it may have", many(maxDocuments), maxDocuments, ""},
		{"one more", many(maxDocuments + 1), maxDocuments, "rule-too-large"},
		{"as long as it may be", small + "# " + strings.Repeat("x", yamlfile.MaxSize-len(small)-2), 1, ""},
		{"a byte longer", small + "# " + strings.Repeat("x", yamlfile.MaxSize-len(small)-1), 0, "rule-too-large"},
	} {
		list, faults := Parse("f.yaml", []byte(tc.file), Options{})
		code := ""
		if len(faults) > 0 {
			code = faults[len(faults)-1].Code
		}
		if len(list) != tc.rules || code != tc.code || len(faults) > 1 {
			t.Errorf("%s: %d rules, %d faults, %s", tc.name, len(list), len(faults), code)
		}
	}
	_, faults := Parse("f.yaml", []byte(strings.Repeat("---\nx: y\n", 500)), Options{})
	if len(faults) != yamlfile.MaxFaults {
		t.Errorf("%d faults are told of a file that is none of rules", len(faults))
	}
}

func TestLoadGoesOnAfterWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	user := brokenFS{fstest.MapFS{"a.yaml": {Data: []byte(small)}, "b.yaml": {Data: []byte(strings.Replace(small, "id: a", "id: b", 1))}, "sub/c.yaml": {Data: []byte(strings.Replace(small, "id: a", "id: c", 1))}}, "a.yaml"}
	s := Load(Options{}, Source{"rules", user})
	var ids []string
	for _, r := range s.Rules {
		ids = append(ids, r.ID)
	}
	if strings.Join(ids, " ") != "b c" || s.Files != 2 {
		t.Errorf("rules %v of %d files", ids, s.Files)
	}
	if len(s.Faults) != 1 || s.Faults[0].Where != "rules/a.yaml" || s.Faults[0].Why != "the disk is tired" || s.Faults[0].Exit != fault.ExitMissing {
		t.Errorf("%+v", s.Faults)
	}
	// The rule of a file that cannot be read for a moment goes on.
	old := LoadFS(user.FS, "rules", Options{})
	if kept := s.Keep(old); len(kept.Rules) != 3 || kept.Rule("a") != old.Rule("a") || len(s.Rules) != 2 {
		t.Errorf("%d rules are kept", len(kept.Rules))
	}
	if gone := Load(Options{}, Source{"rules", brokenFS{fstest.MapFS{}, "."}}); len(gone.Rules) != 0 || len(gone.Faults) == 0 {
		t.Errorf("a source that cannot be read: %+v", gone)
	}
}

// brokenFS cannot open one file.
type brokenFS struct {
	fs.FS
	name string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("the disk is tired")}
	}
	return b.FS.Open(name)
}

// TestKeepTakesNothingTwice breaks a file whose rule was moved to another one meanwhile.
func TestKeepTakesNothingTwice(t *testing.T) {
	t.Parallel()
	named := func(id string) string { return strings.Replace(small, "id: a", "id: "+id, 1) }
	old := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(named("x") + "---\n" + named("y"))}}, "r", Options{})
	now := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(named("y") + "tags: [")}, "b.yaml": {Data: []byte(named("x"))}}, "r", Options{})
	kept := now.Keep(old)
	var got []string
	for _, r := range kept.Rules {
		got = append(got, r.File+":"+r.ID)
	}
	if strings.Join(got, " ") != "r/b.yaml:x r/a.yaml:y" {
		t.Errorf("kept %v", got)
	}
	// A warning breaks nothing: what the file says now counts.
	warned := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(named("y") + "explain: \"{{no.such}}\"\n")}}, "r", Options{})
	if HasErrors(warned.Faults) || len(warned.Faults) != 1 || warned.Keep(old) != warned {
		t.Errorf("%d faults", len(warned.Faults))
	}
}

func TestTheHashOfASet(t *testing.T) {
	t.Parallel()
	set := func(files map[string]string) string {
		m := fstest.MapFS{}
		for name, text := range files {
			m[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return LoadFS(m, "r", Options{}).Hash
	}
	b := strings.Replace(small, "id: a", "id: b", 1)
	base := set(map[string]string{"1.yaml": small, "2.yaml": b})
	for name, tc := range map[string]struct {
		files map[string]string
		same  bool
	}{
		"another order of files":  {map[string]string{"1.yaml": b, "2.yaml": small}, true},
		"one file":                {map[string]string{"x.yaml": b + "---\n" + small}, true},
		"another title and level": {map[string]string{"1.yaml": strings.Replace(small, "title: A", "title: C", 1), "2.yaml": strings.Replace(b, "low", "high", 1)}, true},
		"another condition":       {map[string]string{"1.yaml": strings.Replace(small, `"x"`, `"z"`, 1), "2.yaml": b}, false},
		"another fold":            {map[string]string{"1.yaml": small + "fold: {for: 2h}\n", "2.yaml": b}, false},
		"switched off":            {map[string]string{"1.yaml": small + "enabled: false\n", "2.yaml": b}, false},
		"one less":                {map[string]string{"1.yaml": small}, false},
	} {
		if got := set(tc.files) == base; got != tc.same {
			t.Errorf("%s: the same hash: %v", name, got)
		}
	}
}

func TestWhatToDoWhereNothingCanBeRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err     error
		why, do string
	}{
		{&fs.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}, "there is no such folder", "mkdir -p rules"},
		{&fs.PathError{Op: "open", Path: "x", Err: os.ErrPermission}, "this user may not read it", "chmod u+rX rules"},
		{&fs.PathError{Op: "read", Path: "x", Err: errors.New("input/output error")}, "input/output error", ""},
		{errors.New("odd"), "odd", ""},
	} {
		f := unreadable("rules", tc.err)
		if f.Why != tc.why || f.Do != tc.do || f.Code != "rules-unreadable" || f.Where != "rules" || !errors.Is(f, tc.err) {
			t.Errorf("%v: %+v", tc.err, f)
		}
		if l := listFault("lists/a.txt", tc.err); l.Code != "list-unreadable" || l.Why != tc.why {
			t.Errorf("%v: %+v", tc.err, l)
		}
	}
}

func TestRuleFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a.yaml": true, "b/c.yml": true, "a.yaml.bak": false, "a.YAML": false, "exceptions.yaml": false, "b/exceptions.yaml": false, "exceptions.yml": true, "yaml": false, "a.yaml~": false,
	} {
		if isRuleFile(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestReferencesOfAText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "no": "", "{{a}}": "a@0-5", "x{{ a.b }}y{{c}}": "a.b@1-10 c@11-16", "{{}}": "@0-4", "{{a": "@0-3", "{{a}} {{b": "a@0-5 @6-9", "{{{a}}}": "{a@0-6", "}}{{a}}": "a@2-7", "김{{a}}": "a@3-8",
	} {
		var got []string
		for _, r := range references(text) {
			got = append(got, fmt.Sprintf("%s@%d-%d", r.path, r.from, r.to))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
}

// TestListsThatConditionsUse loads a rule with and without its list: the rule is refused without it and only then.
func TestListsThatConditionsUse(t *testing.T) {
	t.Parallel()
	file := []byte(strings.Replace(small, `user.name == "x"`, `in_list(source.ip, "bad") or in_list("vips")`, 1))
	for _, tc := range []struct {
		lists match.Lists
		rules int
		what  []string
	}{
		{match.Lists{"bad": match.NewList(), "vips": match.NewList()}, 1, nil},
		{match.Lists{"bad": match.NewList()}, 0, []string{"there is no list `vips`"}},
		{nil, 0, []string{"there is no list `bad`"}},
	} {
		list, faults := Parse("f.yaml", file, Options{Lists: tc.lists})
		var what []string
		for _, f := range faults {
			what = append(what, f.What)
		}
		if len(list) != tc.rules || !slices.Equal(what, tc.what) {
			t.Errorf("%d rules, %v; want %d, %v", len(list), what, tc.rules, tc.what)
		}
	}
}
