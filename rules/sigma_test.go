package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/match"
)

const (
	sigmaA = `title: A rule
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: a_rule
status: deprecated
license: DRL-1.1
author: Somebody
date: 2026-01-02
modified: 2026-02-03
related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}]
fields: [User]
level: high
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: whoami}
  condition: selection
`
	sigmaB = "title: Another {{rule}}\nid: B1\nlevel: low\nlogsource: {product: linux, service: sshd}\ndetection:\n  keywords: [invalid]\n  condition: keywords\n"
)

// folder is a source of files.
func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// TestSigmaAndNative loads both kinds from one folder, in one file too.
func TestSigmaAndNative(t *testing.T) {
	t.Parallel()
	s := LoadFS(folder(map[string]string{
		"a.yml":       sigmaA,
		"both.yaml":   strings.Replace(small, "id: a", "id: n1", 1) + "---\n" + sigmaB + "---\n" + strings.Replace(small, "id: a", "id: n2", 1),
		"native.yaml": strings.Replace(small, "id: a", "id: n3\nlogsource: {product: linux, service: sshd}", 1),
	}), "r", Options{})
	var got []string
	for _, r := range s.Rules {
		got = append(got, fmt.Sprint(r.ID, " ", r.Sigma, " ", r.LogSource, " ", r.When[0].Expr, " ", r.When[0].Tree != nil))
	}
	want := []string{
		`929a690e-bef0-4204-a928-ef5e620d6fcc true windows/process_creation/* icontains(process.command_line, "whoami") true`,
		`n1 false */*/* user.name == "x" false`,
		`B1 true linux/*/sshd icontains($env, "invalid") true`,
		`n2 false */*/* user.name == "x" false`,
		`n3 false linux/*/sshd user.name == "x" false`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || len(s.Faults) != 0 {
		t.Errorf("got\n%s\n%s", strings.Join(got, "\n"), show(s.Faults))
	}
	r := s.Rules[0]
	is := fmt.Sprint(r.Title, "|", r.Name, "|", r.Level, "|", r.Status, "|", r.Author, "|", r.License, "|", r.Date, "|", r.Modified, "|", r.Related, "|", r.Fields, "|", r.Explain, "|", r.File, ":", r.Line, "|", r.When[0].Name, ":", r.When[0].Line, ":", r.When[0].Col, "|", r.Enabled, "|", r.Version, "|", r.Fold)
	if is != "A rule|a_rule|high|deprecated|Somebody|DRL-1.1|2026-01-02|2026-02-03|[{08fbc97d-0a2f-491c-ae21-8ffcfd3174e9 derived}]|[User]|A rule|r/a.yml:1|event:15:14|true|1|{[host.name source.ip] 1h0m0s}" {
		t.Error(is)
	}
	// A title is no text with references: those would be filled with values of the event.
	if refs := s.Rules[2].ExplainFields(); len(refs) != 0 || s.Rules[2].Title != "Another {{rule}}" {
		t.Error(refs)
	}
}

// TestSigmaHash: what a rule matches decides, its texts do not.
func TestSigmaHash(t *testing.T) {
	t.Parallel()
	hash := func(old, new string) string {
		list, faults := Parse("f.yml", []byte(strings.Replace(sigmaA, old, new, 1)), Options{})
		if len(list) != 1 {
			t.Fatal(show(faults))
		}
		return list[0].Hash
	}
	base := hash("", "")
	if hash("title: A rule", "title: B") != base {
		t.Error("a title changes the hash")
	}
	if hash("whoami", "whoamy") == base || hash("product: windows, ", "") == base {
		t.Error("the hash does not follow the condition or the log source")
	}
	list, _ := Parse("f.yaml", []byte(strings.Replace(small, "id: a", "id: a\nlogsource: {service: sshd}", 1)), Options{})
	other, _ := Parse("f.yaml", []byte(small), Options{})
	if list[0].Hash == other[0].Hash {
		t.Error("the log source of a native rule is not in its hash")
	}
}

func TestNativeLogSource(t *testing.T) {
	t.Parallel()
	for logsource, want := range map[string]string{
		"{}":             "`logsource` needs a product, a category or a service",
		"windows":        "`logsource` needs a product, a category or a service",
		"{prodct: a}":    "unknown key `prodct` in logsource",
		"{product: [a]}": "`product` needs a text",
	} {
		list, faults := Parse("f.yaml", []byte(small+"logsource: "+logsource+"\n"), Options{})
		if len(list) != 0 || len(faults) != 1 || faults[0].What != want {
			t.Errorf("%s: %s", logsource, show(faults))
		}
	}
}

const filterA = "title: F\nlogsource: {product: windows}\nfilter:\n  rules: [%s]\n  admins: {User|startswith: adm_}\n  condition: not admins\n"

// TestFiltersOverFiles: a filter is for the rules that it names, whichever file is read first, and says what it cannot do.
func TestFiltersOverFiles(t *testing.T) {
	t.Parallel()
	const filtered = `icontains(process.command_line, "whoami") and not (istartswith(winlog.event_data.User, "adm_"))`
	for _, tc := range []struct {
		name, rules, expr, says string
	}{
		{"by id", "929a690e-bef0-4204-a928-ef5e620d6fcc", filtered, ""},
		{"by an id in large letters", "929A690E-BEF0-4204-A928-EF5E620D6FCC", filtered, ""},
		{"by name", "a_rule", filtered, ""},
		{"twice", "a_rule, 929a690e-bef0-4204-a928-ef5e620d6fcc", filtered, ""},
		{"no such rule", "nobody", `icontains(process.command_line, "whoami")`, "the filter names the rule `nobody`, which is not there"},
		{"a rule of another log source", "B1", `icontains(process.command_line, "whoami")`, "the filter is for windows/*/* and `B1` for linux/*/sshd: the rule is left as it is"},
		{"a native rule", "a", `icontains(process.command_line, "whoami")`, "`a` is no Sigma rule, so the filter does not change it"},
	} {
		for _, file := range []string{"0.yml", "z.yml"} {
			s := LoadFS(folder(map[string]string{"a.yml": sigmaA, "b.yml": sigmaB, "n.yaml": small, file: fmt.Sprintf(filterA, tc.rules)}), "r", Options{})
			says := ""
			for _, e := range s.Faults {
				says += e.What
				if !e.Warn || e.Code != "sigma-filter" || !strings.HasPrefix(e.Where, "r/"+file+":1:1") {
					t.Errorf("%s: %+v", tc.name, e)
				}
			}
			r := s.Rule("929a690e-bef0-4204-a928-ef5e620d6fcc")
			if len(s.Rules) != 3 || r.When[0].Expr != tc.expr || says != tc.says {
				t.Errorf("%s: %s says %s", tc.name, r.When[0].Expr, says)
			}
		}
	}
	forAll := "title: F\nlogsource: {product: %s}\nfilter:\n  rules: any\n  admins: {User: root}\n  condition: not admins\n"
	s := Load(Options{}, Source{"f", folder(map[string]string{"f.yml": fmt.Sprintf(forAll, "linux")})}, Source{"r", folder(map[string]string{"a.yml": sigmaA, "b.yml": sigmaB})})
	if r := s.Rule("B1"); !strings.Contains(r.When[0].Expr, `"root"`) || strings.Contains(s.Rules[0].When[0].Expr, `"root"`) || len(s.Faults) != 0 {
		t.Error(r.When[0].Expr, show(s.Faults))
	}
	s = LoadFS(folder(map[string]string{"a.yml": sigmaA, "f.yml": fmt.Sprintf(forAll, "macos")}), "r", Options{})
	if len(s.Faults) != 1 || s.Faults[0].What != "no rule is of the filter's log source macos/*/*" {
		t.Error(show(s.Faults))
	}
}

// TestKeepFilters: while somebody breaks the file of a filter, the rule goes on with it.
func TestKeepFilters(t *testing.T) {
	t.Parallel()
	const id = "929a690e-bef0-4204-a928-ef5e620d6fcc"
	files := map[string]string{"a.yml": sigmaA, "f.yml": fmt.Sprintf(filterA, "a_rule")}
	old := LoadFS(folder(files), "r", Options{})
	files["f.yml"] += "x: [\n"
	broken := LoadFS(folder(files), "r", Options{})
	kept := broken.Keep(old)
	if strings.Contains(broken.Rule(id).When[0].Expr, "adm_") || !strings.Contains(kept.Rule(id).When[0].Expr, "adm_") || len(kept.Rules) != 1 || kept.Hash != old.Hash {
		t.Error(kept.Rule(id).When[0].Expr)
	}
	delete(files, "f.yml")
	if gone := LoadFS(folder(files), "r", Options{}); strings.Contains(gone.Keep(old).Rule(id).When[0].Expr, "adm_") {
		t.Error("a filter that is gone is kept")
	}
}

func TestSigmaDuplicates(t *testing.T) {
	t.Parallel()
	s := LoadFS(folder(map[string]string{"a.yml": sigmaA, "b.yml": "# again\n" + sigmaA, "c.yaml": strings.Replace(small, "id: a", "id: b1", 1), "d.yml": strings.Replace(sigmaB, "id: B1", "id: b1", 1)}), "r", Options{})
	want := "r/b.yml:2: error[rule-duplicate]: the id `929a690e-bef0-4204-a928-ef5e620d6fcc` is used twice\nwhy it is the rule of r/a.yml:1 already, and that one runs\ndo give this rule an id of its own\n" +
		"r/d.yml:1: error[rule-duplicate]: the id `b1` is used twice\nwhy it is the rule of r/c.yaml:1 already, and that one runs\ndo give this rule an id of its own\n"
	if len(s.Rules) != 2 || show(s.Faults) != want {
		t.Errorf("%d rules\n%s", len(s.Rules), show(s.Faults))
	}
}

// TestPlaceholders: the values of a placeholder are those of the list of its name.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rule := strings.Replace(sigmaA, "CommandLine|contains: whoami", "CommandLine|expand: '%Servers%'", 1)
	opts := Options{Placeholders: ListValues(dir), ListDir: dir}
	_, faults := Parse("f.yml", []byte(rule), opts)
	if len(faults) != 1 || faults[0].Code != "sigma-placeholder" || faults[0].Do != "write its values, one a line, into "+filepath.ToSlash(filepath.Join(dir, "Servers.txt")) {
		t.Error(show(faults))
	}
	if err := os.WriteFile(filepath.Join(dir, "Servers.txt"), []byte("\ufeff# ours\nsrv1\n\n  srv-*  # all of them\nC:\\x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, faults := Parse("f.yml", []byte(rule), opts)
	if len(list) != 1 || list[0].When[0].Expr != `ieq(process.command_line, "srv1", "C:\\x") or istartswith(process.command_line, "srv-")` {
		t.Error(show(faults))
	}
}

// TestOneRuleRefusesNoOther: mistakes that only compiling finds refuse their rule alone.
func TestOneRuleRefusesNoOther(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(strings.Replace(sigmaA, "id: 929a", "id: 829a", 1), "CommandLine|contains: whoami", "CommandLine|re: 'a{1000}{1000}'", 1)
	s := LoadFS(folder(map[string]string{"a.yml": bad + "---\n" + sigmaA}), "r", Options{})
	if len(s.Rules) != 1 || s.Rules[0].ID[:4] != "929a" || len(s.Faults) != 1 || s.Faults[0].Warn {
		t.Errorf("%d rules %s", len(s.Rules), show(s.Faults))
	}
}

// TestLoadIsDeterministic: files are read side by side, and every load of them is the same.
func TestLoadIsDeterministic(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("s%02d.yml", i)] = strings.Replace(sigmaA, "id: 929a", fmt.Sprintf("id: %04d", i%30), 1)
		files[fmt.Sprintf("n%02d.yaml", i)] = fmt.Sprintf("id: n%d\ntitle: A\nlevel: low\nwhen: once.unknown%d == \"x\"\n", i, i%3)
	}
	files["f.yml"] = fmt.Sprintf(filterA, "a_rule")
	say := func() string {
		s := LoadFS(folder(files), "r", Options{})
		var b strings.Builder
		for _, r := range s.Rules {
			fmt.Fprintln(&b, r.ID, r.File, r.Hash)
		}
		return b.String() + s.Hash + show(s.Faults)
	}
	first := say()
	for range 5 {
		if again := say(); again != first {
			t.Fatalf("once\n%s\nand then\n%s", first, again)
		}
	}
}

// TestSigmaRunsAsPrinted: the condition of a rule is the one that its Expr says.
func TestSigmaRunsAsPrinted(t *testing.T) {
	t.Parallel()
	list, faults := Parse("f.yml", []byte(sigmaA), Options{})
	if len(list) != 1 {
		t.Fatal(show(faults))
	}
	c, err := match.Compile(list[0].When[0].Expr)
	if err != nil || !c.Tree().Equal(list[0].When[0].Tree) {
		t.Error(err, list[0].When[0].Tree)
	}
}
