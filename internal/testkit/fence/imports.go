package fence

import (
	"fmt"
	"slices"
	"strings"
)

// rule forbids imports. The same table, without the reasons, stands in .golangci.yml for editors; this one decides.
type rule struct {
	from   []string // folders that the rule binds
	except []string // folders below them that it does not bind
	deny   []string // folders that they may not import
	allow  []string // folders below those that they may
	tests  bool     // binds test files too
	reason string
}

// rules are the directions of design: edges know the core, the core knows no edge, and one place sees everything.
var rules = []rule{
	{
		from: []string{"event"}, deny: []string{"*"}, allow: []string{"event"}, tests: true,
		reason: "event imports nothing of ours but its own parts: every other package stands on it",
	},
	{
		from: []string{"ingest"}, deny: []string{"processors", "sinks"}, tests: true,
		reason: "ingest frames and stamps; what records mean is the business of later stages, reached through Kafka",
	},
	{
		from: []string{"rules", "internal/match"}, deny: []string{"processors"}, tests: true,
		reason: "rules and match are used by detection, backtests and live tail alike, so they know no processor",
	},
	{
		from: []string{"*"}, except: []string{"cmd/weir", "internal/app"}, deny: []string{"internal/app"},
		reason: "only cmd/weir imports internal/app: what sees everything must be seen by nobody",
	},
	{
		from: []string{"*"}, except: []string{"cmd"}, deny: []string{"cmd"}, tests: true,
		reason: "commands are the outermost layer",
	},
}

// imports checks every import of ours against the rules.
func imports(s *source) []Finding {
	var out []Finding
	for _, f := range s.files {
		for target, pos := range f.ours() {
			for _, r := range rules {
				if r.binds(f) && r.denies(target) {
					out = append(out, Finding{f.at(pos), fmt.Sprintf("%s imports %s; %s", f.pkg, target, r.reason)})
				}
			}
		}
	}
	return out
}

// binds tells whether the rule is about file f.
func (r rule) binds(f *goFile) bool {
	if f.test && !r.tests {
		return false
	}
	return anyUnder(f.pkg, r.from) && !anyUnder(f.pkg, r.except)
}

// denies tells whether the rule forbids to import target.
func (r rule) denies(target string) bool {
	return anyUnder(target, r.deny) && !anyUnder(target, r.allow)
}

// anyUnder tells whether pkg is in or below one of dirs; "*" is all of them.
func anyUnder(pkg string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return d == "*" || under(pkg, d) })
}

// everything finds packages other than internal/app that see both ends of the pipeline. The contracts themselves
// (packages ingest and sinks) are free; it is the kinds below them that must not meet.
func everything(s *source) []Finding {
	type ends struct{ source, sink string }
	seen := map[string]*ends{}
	var order []string
	for _, f := range s.files {
		if f.test || under(f.pkg, "internal/app") {
			continue
		}
		for target := range f.ours() {
			e := seen[f.pkg]
			if e == nil {
				e = &ends{}
				seen[f.pkg] = e
				order = append(order, f.pkg)
			}
			if under(target, "ingest/*") {
				e.source = max(e.source, target)
			}
			if under(target, "sinks/*") {
				e.sink = max(e.sink, target)
			}
		}
	}
	var out []Finding
	for _, pkg := range order {
		if e := seen[pkg]; e.source != "" && e.sink != "" {
			out = append(out, Finding{pkg, fmt.Sprintf("sees both ends, %s and %s; only internal/app may: it wires them",
				e.source, e.sink)})
		}
	}
	return out
}

// shipped finds imports by which test code would come into the program: whatever a command reaches.
func shipped(s *source) []Finding {
	byPkg := map[string][]*goFile{}
	for _, f := range s.files {
		if !f.test {
			byPkg[f.pkg] = append(byPkg[f.pkg], f)
		}
	}
	var out []Finding
	seen := map[string]bool{}
	var visit func(pkg string)
	visit = func(pkg string) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		for _, f := range byPkg[pkg] {
			for target, pos := range f.ours() {
				if under(target, "internal/testkit") {
					out = append(out, Finding{f.at(pos), fmt.Sprintf("%s is part of the program and imports %s; testkit is for tests", pkg, target)})
					continue
				}
				visit(target)
			}
		}
	}
	for pkg := range byPkg {
		if under(pkg, "cmd") {
			visit(pkg)
		}
	}
	return out
}

// untested finds packages of source kinds, processors and sinks that hold a file of some size and no test at all.
func untested(s *source) []Finding {
	const some = 80 // lines
	tests := map[string]bool{}
	for _, f := range s.files {
		tests[f.pkg] = tests[f.pkg] || f.test
	}
	var out []Finding
	for _, f := range s.files {
		edge := under(f.pkg, "ingest/*") || under(f.pkg, "processors/*") || under(f.pkg, "sinks/*")
		if !edge || f.test || f.generated || f.lines <= some || tests[f.pkg] {
			continue
		}
		want := strings.TrimSuffix(f.path, ".go") + "_test.go"
		out = append(out, Finding{f.path, fmt.Sprintf("%d lines and its package has no test; write %s", f.lines, want)})
	}
	return out
}
