package sigma

import (
	"fmt"
	"testing"

	"weir/rules/pipelines"
)

const filterHead = "title: Admins\nid: f1\nlogsource: {product: windows, category: process_creation}\n"

// TestFilters says what is kept of the events of a rule, in both ways in which filters are written.
func TestFilters(t *testing.T) {
	t.Parallel()
	const asked = "warning[sigma-filter]: events for which this holds are left out of the rules"
	for _, tc := range []struct{ name, body, rules, keep, says string }{
		{"that of the specification", "rules: [a, b]\n  selection: {User|startswith: adm_}\n  condition: selection", "[a b] false", `not (istartswith(User, "adm_"))`, asked},
		{"that of other tools", "rules: [a]\n  selection: {User|startswith: adm_}\n  condition: not selection", "[a] false", `not (istartswith(User, "adm_"))`, ""},
		{"several that are not", "rules: [a]\n  x: {User: y}\n  z: {User: w}\n  condition: not x and not z", "[a] false", `not (ieq(User, "y")) and not (ieq(User, "w"))`, ""},
		{"not any of them", "rules: [a]\n  x: {User: y}\n  z: {User: w}\n  condition: not 1 of them", "[a] false", `not (ieq(User, "y") or ieq(User, "w"))`, ""},
		{"one and not another is left out", "rules: [a]\n  x: {User: y}\n  z: {Name: w}\n  condition: x and not z", "[a] false", `not (ieq(User, "y") and not (ieq(Name, "w")))`, asked},
		{"any", "rules: any\n  x: {User: y}\n  condition: not x", "[] true", `not (ieq(User, "y"))`, ""},
		{"one rule", "rules: a\n  x: {User: y}\n  condition: not x", "[a] false", `not (ieq(User, "y"))`, ""},
		{"no rules", "x: {User: y}\n  condition: not x", "[] true", `not (ieq(User, "y"))`, "warning[sigma-filter]: the filter names no rules: it is for all rules of its log source"},
		{"no condition", "rules: [a]\n  x: {User: y}", "[a] false", `not (ieq(User, "y"))`, "warning[sigma-condition]: the rule has no condition: it is taken for `x`"},
	} {
		got := parse(filterHead+"filter:\n  "+tc.body+"\n", Options{})
		if len(got.filters) != 1 || len(got.rules) != 0 {
			t.Errorf("%s: %s", tc.name, show(got.faults))
			continue
		}
		f := got.filters[0]
		says := ""
		for _, e := range got.faults {
			says += "warning[" + e.Code + "]: " + e.What
		}
		if s := fmt.Sprint(f.Rules, f.All); s != tc.rules || f.Keep.String() != tc.keep || says != tc.says || f.LogSource.String() != "windows/process_creation/*" || f.ID != "f1" || f.Title != "Admins" {
			t.Errorf("%s: %s, keeps %s, says %s", tc.name, s, f.Keep, says)
		}
	}
}

func TestFilterMessages(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		filterHead + "filter: x\n":                                                      "4:9: error[sigma-filter]: `filter` has no selection\nfilter: x\n        ^\ndo write `rules:`, a selection and a condition below it\n",
		"title: x\nfilter:\n  x: {User: y}\n  condition: not x\n":                       "3:3: error[sigma-filter]: the filter says neither for which rules nor for which log source it is\n  x: {User: y}\n  ^\ndo add `rules:` with the ids of the rules\n",
		filterHead + "filter:\n  rules: [{a: b}]\n  x: {User: y}\n  condition: not x\n": "5:11: error[sigma-filter]: this is no rule\n  rules: [{a: b}]\n          ^\ndo write the id or the name of a rule\n",
		filterHead + "filter:\n  rules: [a]\n  condition: not x\n":                      "5:3: error[sigma-detection]: `filter` has no searches\n  rules: [a]\n  ^^^^^\ndo write `selection:` with the fields below it\n",
		filterHead + "filter:\n  rules: [a]\n  x: {User|foo: y}\n  condition: not x\n":  "",
	} {
		got := parse(doc, Options{})
		if len(got.filters) != 0 || want != "" && show(got.faults) != want {
			t.Errorf("%s\ngot\n%s", doc, show(got.faults))
		}
	}
}

func TestFits_LogSource(t *testing.T) {
	t.Parallel()
	ls := func(product, category, service string) pipelines.LogSource {
		return pipelines.LogSource{Product: product, Category: category, Service: service}
	}
	for _, tc := range []struct {
		filter, rule pipelines.LogSource
		want         bool
	}{
		{ls("windows", "", ""), ls("windows", "process_creation", ""), true},
		{ls("windows", "process_creation", ""), ls("windows", "process_creation", ""), true},
		{ls("", "", ""), ls("linux", "", "sshd"), true},
		{ls("windows", "process_creation", ""), ls("windows", "", ""), false},
		{ls("linux", "", ""), ls("windows", "", ""), false},
		{ls("", "", "sshd"), ls("linux", "", "auditd"), false},
	} {
		f := &Filter{LogSource: tc.filter}
		if f.Fits(&Rule{LogSource: tc.rule}) != tc.want {
			t.Error(tc.filter, tc.rule)
		}
	}
}
