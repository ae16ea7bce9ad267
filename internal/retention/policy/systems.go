package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/query"
	"weir/rules/yamlfile"
	"weir/sinks/notify/routing"
)

const (
	// defaultGrace is how many days after a month, or another cycle, its review may still be signed: ours, no law says so.
	defaultGrace = 15
	maxGrace     = 366
	maxSystems   = 1000
	maxSubjects  = 10_000_000_000
)

// systemReader reads the file of systems into a policy.
type systemReader struct {
	fileReader
	policy *Policy
	names  map[string]int // lower-case names and aliases so far, with their lines
}

// read reads the bytes of the file.
func (r *systemReader) read(doc []byte) {
	d, ok := r.document(doc)
	if !ok {
		return
	}
	body := r.Body(d)
	if body == nil {
		return
	}
	r.NoAnchors(body)
	r.names = map[string]int{}
	r.Keys("", body.Pairs, map[string]func(ast.Node){"review": r.review, "systems": r.systems})
}

// review reads how often access records are reviewed.
func (r *systemReader) review(n ast.Node) {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, "rule-value", "write review: {cycle: monthly, grace_days: 15}", "`review` has keys")
		return
	}
	r.Keys(" in review", pairs, map[string]func(ast.Node){
		"cycle":      r.OneOf("cycle", cycles, &r.policy.cycle),
		"grace_days": r.Integer("grace_days", 0, maxGrace, &r.policy.grace),
	})
}

// systems reads the list.
func (r *systemReader) systems(n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.Fail(n, "rule-value", "begin with - name: crm", "`systems` is a list")
		return
	}
	for _, it := range seq.Values {
		if len(r.policy.systems) >= maxSystems {
			r.Fail(it, "rule-too-large", "join systems", "the file has more than %d systems", maxSystems)
			return
		}
		if s := r.system(it); s != nil {
			r.policy.systems = append(r.policy.systems, s)
		}
	}
}

// system reads one system; nil, with a fault, where it is none.
func (r *systemReader) system(n ast.Node) *System {
	pairs, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, "rule-value", "write `- name: crm`", "a system needs a name")
		return nil
	}
	s := &System{}
	at, width := yamlfile.Extent(n)
	r.Keys(" in a system", pairs, r.readers(s))
	if s.Name == "" {
		r.Fail(n, "rule-value", "add `name:`", "the system has no `name`")
		return nil
	}
	for _, name := range append([]string{s.Name}, s.Aliases...) {
		if line, twice := r.names[strings.ToLower(name)]; twice {
			r.Fail(n, "rule-value", "remove one of them", "the system %s is there twice: the first is in line %d", name, line)
		}
		r.names[strings.ToLower(name)] = at.Line
	}
	if s.Class != "" && !r.policy.has(s.Class) {
		r.Fail(n, "rule-value", "classes are: "+strings.Join(uniqueNames(r.policy.classes), ", "), "the system %s names the class %s, which there is not", s.Name, s.Class)
	}
	s.settle()
	if len(s.Reviewers) == 0 {
		r.warn(at, width, fmt.Sprintf("nobody reviews the system %s", s.Name), "it has no `reviewers`", "add reviewers: [kim]")
	}
	if slices.ContainsFunc(s.Reviewers, func(x string) bool { return strings.EqualFold(x, s.Owner) }) && len(s.Reviewers) == 1 {
		r.warn(at, width, fmt.Sprintf("the system %s is reviewed by its owner alone", s.Name), "nobody can sign a review of their own access", "name a second reviewer")
	}
	return s
}

// uniqueNames returns the names of classes, each once.
func uniqueNames(list []*Class) []string {
	var out []string
	for _, c := range list {
		if !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// readers are the keys of a system.
func (r *systemReader) readers(s *System) map[string]func(ast.Node) {
	out := map[string]func(ast.Node){
		"name": r.Text("name", &s.Name), "aliases": r.Texts("aliases", &s.Aliases),
		"owner": r.Text("owner", &s.Owner), "reviewers": r.Texts("reviewers", &s.Reviewers),
		"subjects":           r.subjects(s),
		"unique_identifiers": r.Boolean("unique_identifiers", &s.UniqueIdentifiers), "sensitive": r.Boolean("sensitive", &s.Sensitive), "telecom": r.Boolean("telecom", &s.Telecom),
		"class":    r.Text("class", &s.Class),
		"events":   r.kql(&s.Events),
		"match":    func(n ast.Node) { r.when(n, &s.Match, &s.cond) },
		"datasets": r.Texts("datasets", &s.Datasets), "hosts": r.Texts("hosts", &s.Hosts),
		"shared_accounts": r.Texts("shared_accounts", &s.SharedAccounts),
		"hours":           r.hours(&s.Hours), "zone": r.zone(&s.Zone),
		"countries": r.each("countries", &s.Countries, "write codes of two letters: [KR]", func(v string) (string, bool) {
			return strings.ToUpper(v), len(v) == 2
		}),
		"addresses": r.each("addresses", &s.Addresses, "write addresses or networks: [10.0.0.0/8]", func(v string) (string, bool) {
			_, err := netip.ParseAddr(v)
			_, err2 := netip.ParsePrefix(v)
			return v, err == nil || err2 == nil
		}),
	}
	r.text(out, "title", &s.Title)
	return out
}

// subjects reads how many people's data there is. 50,000 and 50_000 are numbers too: such amounts are read by people.
func (r *systemReader) subjects(s *System) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := yamlfile.Text(n)
		var v int64
		if _, err := fmt.Sscanf(strings.NewReplacer(",", "", "_", "").Replace(text)+"\n", "%d\n", &v); err != nil || v < 0 || v > maxSubjects {
			r.Fail(n, "rule-value", "write how many there are: 50000", "`subjects` cannot be `%s`", text)
			return
		}
		s.Subjects = v
	}
}

// kql reads a query, to know now whether it can be asked.
func (r *systemReader) kql(into *string) func(ast.Node) {
	return func(n ast.Node) {
		var text string
		r.Text("events", &text)(n)
		if _, err := query.Parse(text); err != nil {
			r.Fail(n, "rule-value", "KQL in one page: weir help kql", "`events` is no query: %v", err)
			return
		}
		*into = text
	}
}

// hours reads hours of business.
func (r *systemReader) hours(into *routing.Hours) func(ast.Node) {
	return func(n ast.Node) {
		var text string
		r.Text("hours", &text)(n)
		if text == "" {
			return
		}
		h, err := routing.ParseHours(text)
		if err != nil {
			r.Fail(n, "rule-value", "write hours: Mon-Fri 09:00-18:00", "`hours` cannot be read: %v", err)
			return
		}
		*into = h
	}
}

// zone reads the name of a time zone.
func (r *systemReader) zone(into *string) func(ast.Node) {
	return func(n ast.Node) {
		var text string
		r.Text("zone", &text)(n)
		if _, err := time.LoadLocation(text); err != nil || text == "Local" {
			r.Fail(n, "rule-value", "write a name such as Asia/Seoul", "there is no time zone `%s`", text)
			return
		}
		*into = text
	}
}

// each reads a list of values that have a form.
func (r *systemReader) each(key string, into *[]string, do string, check func(string) (string, bool)) func(ast.Node) {
	return func(n ast.Node) {
		r.Each(key, n, func(it ast.Node, s string) {
			v, ok := check(s)
			if !ok {
				r.Fail(it, "rule-value", do, "`%s` has `%s`", key, s)
				return
			}
			*into = append(*into, v)
		})
	}
}

// has tells whether the policy knows a name.
func (p *Policy) has(name string) bool {
	return slices.ContainsFunc(p.classes, func(c *Class) bool { return c.Name == name })
}
