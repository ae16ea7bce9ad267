package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// base is a Sigma rule about one event.
func base(name, source, search string) string {
	return "title: Base " + name + "\nid: id-" + strings.ReplaceAll(name, "_", "-") + "\nname: " + name + "\nlevel: low\nlogsource: {" + source + "}\ndetection: {s: {" + search + "}, condition: s}\n"
}

// combined is a Sigma correlation; keys stand below `correlation`.
func combined(name, keys string) string {
	return "title: Combined " + name + "\nid: id-" + strings.ReplaceAll(name, "_", "-") + "\nname: " + name + "\nlevel: high\ncorrelation:\n  " + strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n  ") + "\n"
}

const (
	windowsA = "product: windows, service: security"
	proxyA   = "category: proxy"
)

// tellNode is one correlation in a line.
func tellNode(n *Correlate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s", strings.TrimPrefix(n.Name+": ", ": "), n.Kind)
	for _, s := range n.Steps {
		fmt.Fprintf(&b, " %s", s.When)
	}
	for _, x := range n.Bounds {
		fmt.Fprintf(&b, " %s %v", x.Op, x.Value)
	}
	if n.Logic != nil {
		fmt.Fprintf(&b, " if %s", n.Logic)
	}
	if n.Field != nil {
		fmt.Fprintf(&b, " of %v", n.Field)
	}
	fmt.Fprintf(&b, " by %v within %s", n.By, n.Within)
	if n.Alias != nil {
		fmt.Fprintf(&b, " alias %v", n.Alias)
	}
	return b.String()
}

func tellRule(r *Rule) string {
	var parts []string
	for _, n := range r.Correlate.Nodes() {
		parts = append(parts, tellNode(n))
	}
	for _, w := range r.When {
		s := w.Name
		if w.LogSource != nil {
			s += " (" + w.LogSource.String() + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " | ")
}

func TestSigmaCorrelations(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	login := base("login", windowsA, "EventID: 4624")
	web := base("web", proxyA, "cs-host: x")
	for _, tc := range []struct {
		name  string
		files []string
		want  string
	}{
		{"event_count", []string{failed, combined("x", "type: event_count\nrules: [failed]\ngroup-by: [TargetUserName, ComputerName]\ntimespan: 1h\ncondition: {gte: 10}")},
			"count failed gte 10 by [winlog.event_data.TargetUserName winlog.computer_name] within 1h0m0s | failed"},
		{"by id, in any case, before the rule", []string{combined("x", "type: event_count\nrules: [ID-Failed]\ngroup-by: [User]\ntimespan: 1h\ncondition: {gt: 10}"), failed},
			"count failed gt 10 by [winlog.event_data.User] within 1h0m0s | failed"},
		{"a name that means several fields", []string{failed, combined("x", "type: value_count\nrules: [failed]\ngroup-by: [IpAddress]\ntimespan: 1h\ncondition: {field: [TargetUserName, IpAddress], gte: 3}")},
			"distinct failed gte 3 of [winlog.event_data.TargetUserName source.ip] by [source.ip] within 1h0m0s alias map[source.ip:map[failed:source.ip winlog.event_data.IpAddress]] | failed"},
		{"two log sources", []string{failed, web, combined("x", "type: temporal\nrules: [failed, web]\ngroup-by: [ip]\ntimespan: 1h\naliases: {ip: {failed: IpAddress, web: c-ip}}")},
			"any_order failed web by [ip] within 1h0m0s alias map[ip:map[failed:source.ip winlog.event_data.IpAddress web:source.ip]] | failed (windows/*/security) | web (*/proxy/*)"},
		{"one name, two fields", []string{failed, web, combined("x", "type: temporal\nrules: [failed, web]\ngroup-by: [User]\ntimespan: 1h")},
			"any_order failed web by [User] within 1h0m0s alias map[User:map[failed:winlog.event_data.User web:User]] | failed (windows/*/security) | web (*/proxy/*)"},
		{"one field under two names", []string{failed, web, combined("x", "type: temporal\nrules: [failed, web]\ngroup-by: [ip]\ntimespan: 1h\naliases: {ip: {failed: SourceIP, id-web: c-ip}}")},
			"any_order failed web by [source.ip] within 1h0m0s | failed (windows/*/security) | web (*/proxy/*)"},
		{"ordered", []string{failed, login, combined("x", "type: temporal_ordered\nrules: [failed, login]\ngroup-by: [TargetUserName]\ntimespan: 10m")},
			"sequence failed login by [winlog.event_data.TargetUserName] within 10m0s | failed | login"},
		{"extended", []string{failed, login, web, combined("x", "type: temporal\nrules: [failed, login, web]\ntimespan: 10m\ncondition: failed and (login or web) and not login")},
			"any_order failed login web if failed and (login or web) and not login by [] within 10m0s | failed (windows/*/security) | login (windows/*/security) | web (*/proxy/*)"},
		{"extended, over ids and without rules", []string{failed, login, combined("x", "type: temporal\ntimespan: 10m\ncondition: 'id-failed and not (not login)'")},
			"any_order failed login if failed and login by [] within 10m0s | failed | login"},
		{"patterns", []string{failed, login, combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 10m\ncondition: 1 of *")},
			"any_order failed login if failed or login by [] within 10m0s | failed | login"},
		{"two of three", []string{failed, login, web, combined("x", "type: temporal\nrules: [failed, login, web]\ntimespan: 10m\ncondition: {gte: 2}")},
			"any_order failed login web if (failed and login) or (failed and web) or (login and web) by [] within 10m0s | failed (windows/*/security) | login (windows/*/security) | web (*/proxy/*)"},
		{"more than none", []string{failed, login, combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 10m\ncondition: {gt: 0}")},
			"any_order failed login if failed or login by [] within 10m0s | failed | login"},
		{"all of them", []string{failed, login, combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 10m\ncondition: {eq: 2}")},
			"any_order failed login by [] within 10m0s | failed | login"},
		{"a chain", []string{failed, login, combined("many", "type: event_count\nrules: [failed]\ngroup-by: [TargetUserName]\ntimespan: 10m\ncondition: {gte: 10}"),
			combined("x", "type: temporal_ordered\nrules: [many, login]\ngroup-by: [TargetUserName]\ntimespan: 1h")},
			"sequence many login by [winlog.event_data.TargetUserName] within 1h0m0s | many: count failed gte 10 by [winlog.event_data.TargetUserName] within 10m0s | failed | login"},
		{"a chain with an alias", []string{failed, web, combined("many", "type: event_count\nrules: [failed]\ngroup-by: [IpAddress]\ntimespan: 10m\ncondition: {gte: 10}"),
			combined("x", "type: temporal\nrules: [many, web]\ngroup-by: [who]\ntimespan: 1h\naliases: {who: {many: IpAddress, web: c-ip}}")},
			"any_order many web by [source.ip] within 1h0m0s | many: count failed gte 10 by [source.ip] within 10m0s alias map[source.ip:map[failed:source.ip winlog.event_data.IpAddress]] | failed (windows/*/security) | web (*/proxy/*)"},
		{"a rule in two nodes", []string{failed, combined("many", "type: event_count\nrules: [failed]\ntimespan: 10m\ncondition: {gte: 10}"),
			combined("x", "type: temporal\nrules: [many, failed]\ntimespan: 1h")},
			"any_order many failed-2 by [] within 1h0m0s | many: count failed gte 10 by [] within 10m0s | failed | failed-2"},
		{"the value of the event that completes it", []string{failed, login, combined("many", "type: event_count\nrules: [failed]\ngroup-by: [ComputerName]\ntimespan: 10m\ncondition: {gte: 10}"),
			combined("x", "type: temporal\nrules: [many, login]\ngroup-by: [IpAddress]\ntimespan: 1h")},
			"any_order many login by [IpAddress] within 1h0m0s alias map[IpAddress:map[login:source.ip winlog.event_data.IpAddress many:source.ip]] | many: count failed gte 10 by [winlog.computer_name] within 10m0s | failed | login"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// In one file, and each in a file of its own: it comes to the same.
			files := map[string]string{}
			for i, f := range tc.files {
				files[fmt.Sprintf("%d.yml", i)] = f
			}
			for _, s := range []*Set{LoadFS(folder(map[string]string{"one.yml": strings.Join(tc.files, "---\n")}), "r", Options{}), LoadFS(folder(files), "r", Options{})} {
				r := s.Rule("id-x")
				if r == nil || HasErrors(s.Faults) {
					t.Fatal(show(s.Faults))
				}
				if got := tellRule(r); got != tc.want {
					t.Errorf("got\n%s\nwant\n%s", got, tc.want)
				}
				if r.Level != High || !r.Enabled || r.Hash == "" || !slices.Equal(r.Fold.By, r.Correlate.By) || r.Fold.For != time.Hour || !r.Sigma {
					t.Errorf("%+v", r)
				}
				for _, o := range s.Rules {
					if o != r && (o.Enabled || len(o.UsedBy) == 0) {
						t.Errorf("%s runs by itself", o.ID)
					}
				}
				for _, w := range r.When {
					if w.Expr == "" || w.Tree == nil || w.Line < 1 {
						t.Errorf("%+v", w)
					}
				}
			}
		})
	}
}

func TestSigmaCorrelationMistakes(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	login := base("login", windowsA, "EventID: 4624")
	count := func(rules, more string) string {
		return combined("x", "type: event_count\nrules: ["+rules+"]\ntimespan: 1h\n"+more)
	}
	for _, tc := range []struct{ name, doc, want string }{
		{"a rule that is nowhere", failed + "---\n" + count("faild", "condition: {gte: 2}"), "there is no rule `faild` | did you mean `failed`?"},
		{"nothing like it", failed + "---\n" + count("zzzzzzzzzzz", "condition: {gte: 2}"), "there is no rule `zzzzzzzzzzz` | write the id or the name of a Sigma rule of the same folders"},
		{"a rule that was refused", strings.Replace(failed, "condition: s", "condition: t", 1) + "---\n" + count("failed", "condition: {gte: 2}"), "the rule `failed` was refused"},
		{"two rules of one name", failed + "---\n" + strings.Replace(failed, "id-failed", "other", 1) + "---\n" + count("failed", "condition: {gte: 2}"), "several rules are called `failed`"},
		{"a native rule", small + "---\n" + count("a", "condition: {gte: 2}"), "`a` is no Sigma rule"},
		{"never", failed + "---\n" + count("failed", "condition: {gt: 5, lt: 3}"), "the condition can never be met: no number meets all of them"},
		{"too many", failed + "---\n" + count("failed", "condition: {gt: 50000000}"), "`gt` counts to at most 1000000"},
		{"fewer rules", failed + "---\n" + login + "---\n" + combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 1h\ncondition: {lt: 2}"), "`lt: 2` cannot be asked of how many different rules there are"},
		{"more rules than there are", failed + "---\n" + login + "---\n" + combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 1h\ncondition: {gte: 3}"), "3 different rules can never be there: 2 are named"},
		{"a name that the text has alone", failed + "---\n" + login + "---\n" + combined("x", "type: temporal\nrules: [failed]\ntimespan: 1h\ncondition: failed and login"), "there is no step `login`"},
		{"a rule that the text leaves out", failed + "---\n" + login + "---\n" + combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 1h\ncondition: failed"), "the condition does not name the rule `login`"},
		{"nothing happens", failed + "---\n" + combined("x", "type: temporal\nrules: [failed]\ntimespan: 1h\ncondition: not failed"), "the condition holds when nothing happens at all"},
		{"half an alias", failed + "---\n" + login + "---\n" + combined("x", "type: temporal\nrules: [failed, login]\ngroup-by: [ip]\ntimespan: 1h\naliases: {ip: {failed: a}}"), "the alias `ip` says no field for the rule `login`"},
		{"an alias of nobody", failed + "---\n" + combined("x", "type: temporal\nrules: [failed]\ngroup-by: [ip]\ntimespan: 1h\naliases: {ip: {failed: a, logn: b}}"), "there is no rule `logn`"},
		{"an ordered window", failed + "---\n" + login + "---\n" + combined("x", "type: temporal_ordered\nrules: [failed, login]\ntimespan: 1h\nwindow: tumbling"), "an order of rules is looked for from its last event back"},
		{"of itself", combined("x", "type: temporal\nrules: [x]\ntimespan: 1h"), "`x` names `x`: no correlation can wait for itself"},
		{"too many rules", failed + "---\n" + combined("x", "type: temporal\nrules: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]\ntimespan: 1h"), "the correlation names more than 16 rules"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, faults := Parse("f.yml", []byte(tc.doc), Options{})
			for _, r := range list {
				if r.ID == "id-x" {
					t.Error("it runs")
				}
			}
			what, do, _ := strings.Cut(tc.want, " | ")
			found := 0
			for _, f := range faults {
				if !f.Warn && strings.Contains(f.What, what) && strings.Contains(f.Do, do) && strings.HasPrefix(f.Where, "f.yml:") {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%d times:\n%s", found, show(faults))
			}
		})
	}
}

// TestSigmaChainsThatBreak: each correlation of a circle says so, and one that names a refused one says that.
func TestSigmaChainsThatBreak(t *testing.T) {
	t.Parallel()
	circle := combined("x", "type: event_count\nrules: [y]\ntimespan: 1h\ncondition: {gte: 2}") + "---\n" + combined("y", "type: event_count\nrules: [x]\ntimespan: 1h\ncondition: {gte: 2}")
	list, faults := Parse("f.yml", []byte(circle), Options{})
	if got := show(faults); len(list) != 0 || strings.Count(got, "rule-circular") != 2 || !strings.Contains(got, "`x` names `y`, which names `x`") || !strings.Contains(got, "`y` names `x`, which names `y`") {
		t.Error(got)
	}
	failed := base("failed", windowsA, "EventID: 4625")
	broken := failed + "---\n" + combined("x", "type: event_count\nrules: [y]\ntimespan: 1h\ncondition: {gte: 2}") + "---\n" + combined("y", "type: event_count\nrules: [failed, nobody]\ntimespan: 1h\ncondition: {gte: 2}")
	list, faults = Parse("f.yml", []byte(broken), Options{})
	if got := show(faults); len(list) != 1 || !strings.Contains(got, "the correlation `y` was refused") || !strings.Contains(got, "there is no rule `nobody`") {
		t.Error(got)
	}
	// What was to be part of it does not begin to raise alerts by itself.
	if list[0].Enabled || len(list[0].UsedBy) != 1 {
		t.Errorf("%+v", list[0])
	}
}

// TestSigmaCorrelationOfDuplicates: of several rules of one id the first is meant, and one in the same file before all others.
func TestSigmaCorrelationOfDuplicates(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	x := combined("x", "type: event_count\nrules: [failed]\ntimespan: 1h\ncondition: {gte: 2}")
	other := strings.Replace(failed, "4625", "4626", 1)
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"elsewhere", map[string]string{"a.yml": failed, "b.yml": other, "c.yml": x}, "4625"},
		{"in the same file", map[string]string{"a.yml": failed, "b.yml": other + "---\n" + x}, "4626"},
	} {
		s := LoadFS(folder(tc.files), "r", Options{})
		if r := s.Rule("id-x"); r == nil || !strings.Contains(r.When[0].Expr, tc.want) {
			t.Errorf("%s: %s", tc.name, show(s.Faults))
		}
	}
}

// TestSigmaGenerate: what a correlation asks for raises alerts of its own too, whatever others say.
func TestSigmaGenerate(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	quiet := combined("quiet", "type: event_count\nrules: [failed]\ntimespan: 1h\ncondition: {gte: 2}")
	loud := combined("loud", "type: event_count\nrules: [failed]\ntimespan: 1h\ncondition: {gte: 2}\ngenerate: true")
	for _, tc := range []struct {
		doc     string
		enabled bool
		usedBy  string
	}{
		{failed, true, ""}, {failed + "---\n" + quiet, false, "id-quiet"}, {failed + "---\n" + loud, true, "id-loud"},
		{failed + "---\n" + quiet + "---\n" + loud, true, "id-quiet id-loud"}, {failed + "---\n" + loud + "---\n" + quiet, true, "id-loud id-quiet"},
	} {
		list, faults := Parse("f.yml", []byte(tc.doc), Options{})
		if HasErrors(faults) || list[0].Enabled != tc.enabled || strings.Join(list[0].UsedBy, " ") != tc.usedBy {
			t.Errorf("%v %v %s", list[0].Enabled, list[0].UsedBy, show(faults))
		}
	}
}

// TestSigmaFiltersReachCorrelations: a filter of a rule is a filter of what counts it.
func TestSigmaFiltersReachCorrelations(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	count := combined("x", "type: event_count\nrules: [failed]\ntimespan: 1h\ncondition: {gte: 2}")
	filter := "title: F\nlogsource: {" + windowsA + "}\nfilter: {rules: [failed], s: {TargetUserName: svc}, condition: not s}\n"
	list, faults := Parse("f.yml", []byte(failed+"---\n"+count+"---\n"+filter), Options{})
	if len(list) != 2 || HasErrors(faults) || list[1].When[0].Expr != list[0].When[0].Expr || !strings.Contains(list[1].When[0].Expr, `"svc"`) || !slices.Contains(list[1].Asks, "TargetUserName") {
		t.Errorf("%s\n%s", list[1].When[0].Expr, show(faults))
	}
	_, faults = Parse("f.yml", []byte(failed+"---\n"+count+"---\n"+strings.Replace(filter, "[failed]", "[x]", 1)), Options{})
	if !strings.Contains(show(faults), "`x` is a correlation, so the filter does not change it") {
		t.Error(show(faults))
	}
}

// TestSigmaCorrelationWithoutLevel has that of the highest of its rules.
func TestSigmaCorrelationWithoutLevel(t *testing.T) {
	t.Parallel()
	doc := base("failed", windowsA, "EventID: 4625") + "---\n" + strings.Replace(base("login", windowsA, "EventID: 4624"), "level: low", "level: critical", 1) + "---\n" +
		strings.Replace(combined("x", "type: temporal\nrules: [failed, login]\ntimespan: 1h"), "level: high\n", "", 1)
	list, faults := Parse("f.yml", []byte(doc), Options{})
	if len(list) != 3 || len(faults) != 0 || list[2].Level != Critical {
		t.Error(list[2].Level, show(faults))
	}
}

// TestSigmaCorrelationKept: while the file of a correlation has a mistake, it and its parts go on as they were.
func TestSigmaCorrelationKept(t *testing.T) {
	t.Parallel()
	files := map[string]string{"base.yml": base("failed", windowsA, "EventID: 4625"), "x.yml": combined("x", "type: event_count\nrules: [failed]\ntimespan: 1h\ncondition: {gte: 2}")}
	old := LoadFS(folder(files), "r", Options{})
	files["x.yml"] = "title: x\nid: id-x\ncorrelation: {type: none}\n"
	broken := LoadFS(folder(files), "r", Options{})
	kept := broken.Keep(old)
	if !broken.Rule("id-failed").Enabled || kept.Rule("id-failed").Enabled || kept.Rule("id-x") == nil || kept.Hash != old.Hash {
		t.Errorf("%+v", kept.Rule("id-failed"))
	}
	delete(files, "x.yml")
	if gone := LoadFS(folder(files), "r", Options{}).Keep(old); !gone.Rule("id-failed").Enabled {
		t.Error("the correlation is gone, and its part does not run")
	}
}

// TestHashOfCorrelations: what changes what a correlation finds changes its hash.
func TestHashOfCorrelations(t *testing.T) {
	t.Parallel()
	failed := base("failed", windowsA, "EventID: 4625")
	x := combined("x", "type: event_count\nrules: [failed]\ngroup-by: [User]\ntimespan: 1h\ncondition: {gte: 2}")
	hash := func(docs ...string) string {
		list, faults := Parse("f.yml", []byte(strings.Join(docs, "---\n")), Options{})
		if HasErrors(faults) {
			t.Fatal(show(faults))
		}
		return list[len(list)-1].Hash
	}
	was := hash(failed, x)
	for name, docs := range map[string][]string{
		"the rule": {strings.Replace(failed, "4625", "4626", 1), x}, "its log source": {strings.Replace(failed, "security", "system", 1), x},
		"the number": {failed, strings.Replace(x, "gte: 2", "gte: 3", 1)}, "the group": {failed, strings.Replace(x, "[User]", "[Computer]", 1)},
		"the time": {failed, strings.Replace(x, "1h", "2h", 1)}, "the window": {failed, strings.Replace(x, "timespan: 1h", "timespan: 1h\n  window: tumbling", 1)},
	} {
		if hash(docs...) == was {
			t.Errorf("%s changes nothing", name)
		}
	}
	if hash(strings.Replace(failed, "title: Base", "title: Other", 1), strings.Replace(x, "title: Combined", "title: Other", 1)) != was {
		t.Error("a title changes the hash")
	}
}

// FuzzSigmaCorrelations: whatever documents stand beside one another, correlations that load are whole, and load the same.
func FuzzSigmaCorrelations(f *testing.F) {
	f.Add(base("failed", windowsA, "EventID: 4625") + "---\n" + combined("x", "type: event_count\nrules: [failed]\ngroup-by: [IpAddress]\ntimespan: 1h\ncondition: {gte: 2}"))
	f.Add(base("a", proxyA, "x: y") + "---\n" + combined("b", "type: temporal\nrules: [a, c]\ngroup-by: [k]\ntimespan: 1h\naliases: {k: {a: c-ip, c: c-ip}}\ncondition: a and not c") + "---\n" +
		combined("c", "type: value_sum\nrules: [a]\ngroup-by: [c-ip]\ntimespan: 1m\ncondition: {field: cs-bytes, gt: 5}"))
	f.Add(combined("x", "type: temporal\nrules: [y, x]\ntimespan: 1h") + "---\n" + combined("y", "type: temporal\ncondition: x or 1 of y*\ntimespan: 1h"))
	f.Fuzz(func(t *testing.T, doc string) {
		list, faults := Parse("f.yml", []byte(doc), Options{})
		again, _ := Parse("f.yml", []byte(doc), Options{})
		if len(list) != len(again) {
			t.Fatal("two loads differ")
		}
		for i, r := range list {
			if r.Hash != again[i].Hash || r.Enabled != again[i].Enabled {
				t.Fatalf("two loads of %s differ", r.ID)
			}
			if r.Correlate == nil {
				continue
			}
			used := map[string]bool{}
			for _, n := range r.Correlate.Nodes() {
				if len(n.Steps) == 0 || n.Within <= 0 || n.Window == "" {
					t.Fatalf("%s\n%s", tellRule(r), show(faults))
				}
				for _, s := range n.Steps {
					if used[s.When] && r.Sigma {
						t.Fatalf("%s is in two nodes: %s", s.When, tellRule(r))
					}
					used[s.When] = true
					for _, name := range append(slices.Clone(n.By), n.Field...) {
						if n.Reads(name, s.When) == "" {
							t.Fatalf("%s is nothing in %s: %s", name, s.When, tellRule(r))
						}
					}
				}
			}
			for _, w := range r.When {
				if r.Sigma && !used[w.Name] {
					t.Fatalf("%s is in no node: %s", w.Name, tellRule(r))
				}
			}
		}
	})
}
