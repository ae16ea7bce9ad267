package policy

import (
	"fmt"
	"testing"

	"weir/event"
	"weir/internal/archive/sample"
	"weir/internal/query"
)

// TestChoose_Real: over real events the classes are those that queries of the other language find: each event is asked by an
// expression here and by KQL there.
func TestChoose_Real(t *testing.T) {
	docs := sample.Real(t, 20_000)
	hosts := map[string]int{}
	for _, d := range docs {
		var e event.Event
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		if logon(&e) {
			hosts[e.Str(event.HostName)]++
		}
	}
	delete(hosts, "")
	host := "nobody"
	for name, n := range hosts { // the host with the most logons
		if n > hosts[host] || n == hosts[host] && name < host {
			host = name
		}
	}
	p := parse(t, `
- {name: failures, keep_at_least: 1 year, when: 'event.outcome == "failure"'}
- {name: inner, keep_at_least: 1 year, when: 'source.ip != nil and cidr(source.ip, "10.0.0.0/8")'}
`, fmt.Sprintf("systems:\n  - {name: crm, sensitive: true, hosts: [%q], reviewers: [kim]}\n", host))
	// In the order in which classes are tried: what an earlier one takes is not asked of a later one.
	oracle := []struct{ class, kql string }{
		{"failures", "event.outcome: failure"},
		{"inner", "source.ip: 10.0.0.0/8"},
		{access2y, fmt.Sprintf("event.category: authentication and host.name: %q and not weir.rights.action: *", host)},
		{access1y, "event.dataset: privacy_access.log"},
		{"kr-pipa-rights-3y", "event.dataset: access_rights.log"},
		{"internal", "event.dataset: weir.canary"},
	}
	queries := make([]*query.Query, len(oracle))
	for i, o := range oracle {
		q, err := query.Parse(o.kql)
		if err != nil {
			t.Fatal(err)
		}
		queries[i] = q
	}
	counts := map[string]int{}
	for _, d := range docs {
		var e event.Event
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		want := Standard
		for i, q := range queries {
			if q.Match(&e) {
				want = oracle[i].class
				break
			}
		}
		got := p.Choose(&e)
		if got != want {
			t.Fatalf("%s, want %s: %s", got, want, d)
		}
		counts[got]++
	}
	if counts["failures"] == 0 || counts["inner"] == 0 || counts[Standard] == 0 || len(hosts) > 0 && counts[access2y] == 0 {
		t.Errorf("some classes have no event: %v (host %s)", counts, host)
	}
	t.Log(counts)
}
