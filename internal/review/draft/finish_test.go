package draft

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/query"
	"weir/internal/review"
)

// TestAccounts_Dormant: who holds a right and does not use it, and since when that counts.
func TestAccounts_Dormant(t *testing.T) {
	long := time.Date(2025, 1, 5, 9, 0, 0, 0, kst)
	for _, x := range []struct {
		name string
		docs []string
		want bool
	}{
		{"never used", []string{right(long, "1", "grant", "kim", "read")}, true},
		{"used this month", []string{right(long, "1", "grant", "kim", "read"), access(at(5, 10), "2", "kim", "10.0.0.1", "view")}, false},
		{"logged on within the time", []string{right(long, "1", "grant", "kim", "read"), logon(at(-20, 10), "2", "kim", "10.0.0.1", "success")}, false},
		{"logged on before it", []string{right(long, "1", "grant", "kim", "read"), logon(at(-80, 10), "2", "kim", "10.0.0.1", "success")}, true},
		{"only failed", []string{right(long, "1", "grant", "kim", "read"), logon(at(5, 10), "2", "kim", "10.0.0.1", "failure")}, true},
		{"granted lately", []string{right(at(3, 9), "1", "grant", "kim", "read")}, false},
		{"without a right", []string{logon(at(-20, 10), "1", "kim", "10.0.0.1", "success")}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := draftOf(t, options(t, ""), x.docs)
			if got := find(t, s, "dormant-accounts").Hit; got != x.want {
				t.Errorf("%v: %+v", got, s.Accounts)
			}
		})
	}
}

// TestAccounts_Removed: use after a right was taken away is told of, use before it is not.
func TestAccounts_Removed(t *testing.T) {
	for _, x := range []struct {
		name string
		docs []string
		want bool
	}{
		{"after", []string{right(at(5, 9), "1", "remove", "kim", "read"), access(at(5, 10), "2", "kim", "10.0.0.1", "view")}, true},
		{"before", []string{access(at(5, 8), "1", "kim", "10.0.0.1", "view"), right(at(5, 9), "2", "remove", "kim", "read")}, false},
		{"a logon after", []string{right(at(5, 9), "1", "remove", "kim", "read"), logon(at(6, 10), "2", "kim", "10.0.0.1", "success")}, true},
		{"another right stays", []string{right(at(4, 9), "0", "grant", "kim", "write"), right(at(5, 9), "1", "remove", "kim", "read"), access(at(5, 10), "2", "kim", "10.0.0.1", "view")}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := find(t, draftOf(t, options(t, ""), x.docs), "removed-accounts").Hit; got != x.want {
				t.Errorf("%v", got)
			}
		})
	}
}

// TestChanges: nothing is new where the record does not reach back.
func TestChanges(t *testing.T) {
	only := []string{access(at(5, 10), "1", "kim", "10.0.0.1", "view")}
	if c := draftOf(t, options(t, ""), only).Changes; c.Known || len(c.New)+len(c.Gone) != 0 {
		t.Errorf("%+v", c)
	}
	s := draftOf(t, options(t, `findings: [{id: gone, title: Gone, count: accounts, accounts: gone}, {id: new, title: New, count: accounts, accounts: new}]`),
		append(only, access(at(-5, 10), "0", "lee", "10.0.0.1", "view")))
	if c := s.Changes; !c.Known || !slices.Equal(c.New, []string{"kim"}) || !slices.Equal(c.Gone, []string{"lee"}) {
		t.Errorf("%+v", c)
	}
	for id, name := range map[string]string{"gone": "lee", "new": "kim"} {
		f := find(t, s, id)
		if !f.Hit || f.Count != 1 || f.Groups[0].Values[0] != name || !strings.Contains(f.KQL, `"`+name+`"`) {
			t.Errorf("%+v", f)
		}
	}
	for _, d := range s.Changes.Counts {
		if want := map[string][2]int64{"events": {1, 1}, "records": {1, 1}, "accounts": {1, 1}}[d.What]; d.Now != want[0] || d.Before != want[1] {
			t.Errorf("%+v, want %v", d, want)
		}
	}
}

// TestAccountFinding_Query: a finding without accounts finds nothing, one with some finds theirs.
func TestAccountFinding_Query(t *testing.T) {
	s := draftOf(t, options(t, ""), october())
	for id, want := range map[string]bool{"unlisted-accounts": false, "dormant-accounts": true} {
		f := find(t, s, id)
		q, err := query.Parse(f.KQL)
		if err != nil {
			t.Fatal(err)
		}
		hits := 0
		for _, d := range october() {
			if q.Match(decoded(t, d)) {
				hits++
			}
		}
		if hits > 0 != want {
			t.Errorf("%s finds %d events: %s", id, hits, f.KQL)
		}
	}
	if f := find(t, s, "dormant-accounts"); !f.From.IsZero() {
		t.Error("the rights of a dormant account are older than the period")
	}
}

func TestCut(t *testing.T) {
	if list, left := cut([]int{1, 2, 3}, 2); len(list) != 2 || left != 1 {
		t.Errorf("%v %d", list, left)
	}
	if list, left := cut([]int{1}, 2); len(list) != 1 || left != 0 {
		t.Errorf("%v %d", list, left)
	}
}

// TestSilences: weekends are no gaps, longer silences are, at both ends of the period too.
func TestSilences(t *testing.T) {
	d := &drafter{o: &Options{Period: review.Period{From: at(1, 0), To: at(32, 0)}, Now: at(32, 0)}, zone: kst}
	for _, x := range []struct {
		name   string
		silent func(day int) bool
		want   []int64
	}{
		{"none", func(int) bool { return false }, nil},
		{"weekends", func(day int) bool { return day%7 == 3 || day%7 == 4 }, nil},
		{"three days", func(day int) bool { return day >= 10 && day < 13 }, []int64{3}},
		{"the beginning and the end", func(day int) bool { return day <= 4 || day >= 28 }, []int64{4, 4}},
		{"all of it", func(int) bool { return true }, []int64{31}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newTally(System{ID: "crm"})
			for day := 1; day <= 31; day++ {
				if !x.silent(day) {
					s.days[at(day, 0).Format(time.DateOnly)] = true
				}
			}
			var got []int64
			for _, g := range s.silences(d) {
				got = append(got, g.N)
				if g.To.Sub(g.From) != time.Duration(g.N)*24*time.Hour || g.Kind != "silent" {
					t.Errorf("%+v", g)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("%v, want %v", got, x.want)
			}
		})
	}
}

// TestDraft_TwoSystems: what is of one system is not counted for the other, what is of both is counted for both.
func TestDraft_TwoSystems(t *testing.T) {
	o := options(t, "")
	o.Systems = []System{{ID: "crm", Events: `host.name: "crm-1"`}, {ID: "hr", Names: []string{"personnel"}, Events: `host.name: "crm-1"`}}
	f, err := Draft(t.Context(), &source{docs: []string{
		access(at(5, 10), "1", "kim", "10.0.0.1", "view"), logon(at(5, 11), "2", "kim", "10.0.0.1", "success"),
		doc(at(5, 12), "3", "event.dataset", `"privacy_access.log"`, "weir.privacy.system", `"personnel"`, "user.name", `"lee"`, "weir.privacy.action", `"view"`),
	}}, o)
	if err != nil {
		t.Fatal(err)
	}
	crm, hr := f.System("crm"), f.System("hr")
	if crm.Events != 2 || hr.Events != 2 || crm.Completeness.Records != 1 || hr.Completeness.Records != 1 || hr.Logons.Success != 1 || f.Record.Events != 4 {
		t.Errorf("crm %d events, hr %d", crm.Events, hr.Events)
	}
	if accountOf(t, hr, "lee").Records != 1 || len(crm.Accounts) != 1 {
		t.Errorf("%+v %+v", crm.Accounts, hr.Accounts)
	}
}

// TestDraft_Same: the same events make the same facts, whatever the order of maps.
func TestDraft_Same(t *testing.T) {
	first := draftOf(t, options(t, ""), october())
	for range 5 {
		again := draftOf(t, options(t, ""), october())
		if !slices.EqualFunc(first.Findings, again.Findings, func(a, b review.Finding) bool {
			return a.KQL == b.KQL && slices.EqualFunc(a.Groups, b.Groups, func(x, y review.Group) bool { return slices.Equal(x.Values, y.Values) && x.Count == y.Count })
		}) || len(first.Accounts) != len(again.Accounts) {
			t.Fatal("two drafts differ")
		}
	}
}

func TestDraft_NoSystems(t *testing.T) {
	o := options(t, "")
	o.Systems = nil
	if f, err := Draft(t.Context(), &source{docs: october()}, o); err != nil || len(f.Systems) != 0 || f.Record.Events != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	o.Systems = []System{{ID: "crm", Events: "(host.name: x"}}
	if _, err := Draft(t.Context(), &source{docs: october()}, o); err == nil || !strings.Contains(err.Error(), "crm") {
		t.Errorf("%v", err)
	}
}

// TestFieldsOf: only what is asked for is read, unless a query may ask for anything.
func TestFieldsOf(t *testing.T) {
	few := func(own string, sys System) int {
		s, err := parse("x", []byte(own))
		if err != nil {
			t.Fatal(err)
		}
		o := options(t, "")
		o.Searches = s
		d := &drafter{o: &o, facts: &review.Facts{}, zone: kst}
		if err := d.add(sys); err != nil {
			t.Fatal(err)
		}
		return len(fieldsOf(d.systems))
	}
	if n := few("", System{ID: "crm"}); n < 30 || n > 100 {
		t.Errorf("%d fields", n)
	}
	for name, n := range map[string]int{
		"a word":          few("findings: [{id: x, title: x, kql: 'secret', count: list}]", System{ID: "crm"}),
		"a word in scope": few("", System{ID: "crm", Events: `"crm"`}),
		"a star":          few("findings: [{id: x, title: x, kql: 'user.*: kim', count: list}]", System{ID: "crm"}),
		"an open field":   few("findings: [{id: x, title: x, kql: 'weir.data.room: x', count: list}]", System{ID: "crm"}),
	} {
		if n != 0 {
			t.Errorf("%s: only %d fields are read", name, n)
		}
	}
}
