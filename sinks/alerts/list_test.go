package alerts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

func TestList(t *testing.T) {
	s := open(t)
	for i, level := range []string{"informational", "low", "medium", "high", "critical", "odd"} {
		a := sample(fmt.Sprintf("%04x000000000000", i), i+1)
		a.Level, a.Rule = level, []string{"even", "uneven"}[i%2]
		put(t, s, a)
	}
	change(t, s, "0001000000000000", to(alert.Acknowledged, "", "ana", ""))
	cases := []struct {
		name string
		f    Filter
		want string
	}{
		{"all, newest first", Filter{}, "0005 0004 0003 0002 0001 0000"},
		{"size", Filter{Size: 2}, "0005 0004"},
		{"open", Filter{State: alert.Open}, "0005 0004 0003 0002 0000"},
		{"acknowledged", Filter{State: alert.Acknowledged}, "0001"},
		{"level and above", Filter{Level: "high"}, "0004 0003"},
		{"rule", Filter{Rule: "even"}, "0004 0002 0000"},
		{"from", Filter{From: noon.Add(5 * time.Second)}, "0005 0004"},
		{"to", Filter{To: noon.Add(3 * time.Second)}, "0001 0000"},
		{"several", Filter{Level: "low", Rule: "uneven", From: noon, To: noon.Add(time.Hour), Size: 9}, "0003 0001"},
		{"none", Filter{Rule: "x' OR 1=1 --"}, ""},
	}
	for _, c := range cases {
		rows, err := s.List(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Short)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestGet(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000001", 1), sample("3f9c0a0000000001", 1), sample("3f9c0a0000000002", 1), sample("b07e000000000001", 1))
	cases := []struct{ name, prefix, want, code, says string }{
		{"short", "b07e", "b07e000000000001", "", ""},
		{"shorter", "b", "b07e000000000001", "", ""},
		{"capitals", " B07E ", "b07e000000000001", "", ""},
		{"whole", "3f9c000000000001", "3f9c000000000001", "", ""},
		{"ambiguous", "3f9c", "", "alert-ambiguous", "3f9c00, 3f9c0a0000000001, 3f9c0a0000000002"},
		{"still ambiguous", "3f9c0a", "", "alert-ambiguous", "3f9c0a0000000001"},
		{"unknown", "aaaa", "", "alert-unknown", "begins with aaaa"},
		{"no id", "x' --", "", "alert-unknown", "0-9 and a-f"},
		{"empty", "", "", "alert-unknown", "no alert id"},
	}
	for _, c := range cases {
		row, err := s.Get(t.Context(), c.prefix)
		if row.ID != c.want || fault.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v", c.name, row.ID, err)
		}
		if err == nil {
			if again, err := s.Get(t.Context(), row.Short); err != nil || again.ID != row.ID || len(row.Short) < minShort {
				t.Errorf("%s: its short id %q gives %q, %v", c.name, row.Short, again.ID, err)
			}
		}
	}
}

// TestList_order: alerts of one moment come in one order, so that a page is the same when it is asked for again.
func TestList_order(t *testing.T) {
	s := open(t)
	put(t, s, sample("cccc000000000001", 1), sample("aaaa000000000001", 1), sample("bbbb000000000001", 1))
	for range 3 {
		rows, err := s.List(t.Context(), Filter{Size: 2})
		if err != nil || len(rows) != 2 || rows[0].Short != "aaaa" || rows[1].Short != "bbbb" {
			t.Errorf("%+v, %v", rows, err)
		}
	}
	none, err := s.List(t.Context(), Filter{State: "nonsense"})
	if err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// TestGet_manyCandidates: an error names a few ids and says that there are more.
func TestGet_manyCandidates(t *testing.T) {
	s := open(t)
	for i := range maxCandidates + 3 {
		put(t, s, sample(fmt.Sprintf("3f9c%012x", i<<40), 1))
	}
	_, err := s.Get(t.Context(), "3f")
	if fault.Code(err) != "alert-ambiguous" || !strings.HasSuffix(err.Error(), ", ...") || strings.Count(err.Error(), ", ") != maxCandidates {
		t.Errorf("got %v", err)
	}
}

// TestList_filters: who looks for a person, a host, an address, a tag or the own work finds that and nothing else.
func TestList_filters(t *testing.T) {
	s := open(t)
	list := []alert.Alert{
		{ID: "0001000000000000", Group: map[string]string{"user.name": "Kim", "source.ip": "203.0.113.5"}, Tags: []string{"attack.t1110", "vpn"}, Level: "low", Count: 9},
		{ID: "0002000000000000", Group: map[string]string{"host.name": "web-1"}, Tags: []string{"attack.t1110.001"}, Level: "critical", Count: 1},
		{ID: "0003000000000000", Evidence: []alert.Evidence{{EventID: "e", Values: map[string]string{"user.name": "kim", "host.name": "db-1"}}}, Level: "high", Count: 5},
		{ID: "0004000000000000", Group: map[string]string{"user.name": "lee"}, SuppressedBy: "0001000000000000", Level: "high", Count: 3},
		{ID: "0005000000000000", Group: map[string]string{"user.name": "lee"}, Canary: true, Level: "high", Count: 2},
		{ID: "0006000000000000", Group: map[string]string{"labels.team": "Blue Team"}, Historic: true, Level: "medium", Count: 4},
	}
	for i := range list {
		list[i].Revision, list[i].Rule = 1, "r"
		list[i].First, list[i].Last = noon.Add(-time.Duration(i)*time.Second), noon.Add(time.Duration(i)*time.Second)
	}
	put(t, s, list...)
	change(t, s, "0002000000000000", to(alert.Acknowledged, "", "ana", ""))
	change(t, s, "0003000000000000", to(alert.Closed, alert.Benign, "ana", ""))
	change(t, s, "0006000000000000", Decision{Kind: alert.Assign, Assignee: "ana", By: "ben"})
	for _, c := range []struct {
		name string
		f    Filter
		want string
	}{
		{"as people see it", Filter{}, "0006 0003 0002 0001"},
		{"not closed", Filter{Live: true}, "0006 0002 0001"},
		{"with the suppressed", Filter{Suppressed: true}, "0006 0004 0003 0002 0001"},
		{"with canaries", Filter{Canary: true}, "0006 0005 0003 0002 0001"},
		{"all of it", Filter{Suppressed: true, Canary: true}, "0006 0005 0004 0003 0002 0001"},
		{"a user", Filter{Entity: "kim"}, "0003 0001"},
		{"a user in capitals", Filter{Entity: " KIM "}, "0003 0001"},
		{"an address", Filter{Entity: "203.0.113.5"}, "0001"},
		{"a host of the group", Filter{Entity: "web-1"}, "0002"},
		{"a host of the evidence", Filter{Entity: "db-1"}, "0003"},
		{"another value of the group", Filter{Entity: "blue team"}, "0006"},
		{"a beginning is no value", Filter{Entity: "web"}, ""},
		{"a suppressed user", Filter{Entity: "lee", Suppressed: true}, "0004"},
		{"a tag", Filter{Tag: "attack.T1110"}, "0001"},
		{"a tag that no rule has", Filter{Tag: "kim"}, ""},
		{"mine", Filter{Assignee: "ana"}, "0006 0002"},
		{"mine and open", Filter{Assignee: "ana", State: alert.Open}, "0006"},
		{"by first", Filter{Sort: "first"}, "0001 0002 0003 0006"},
		{"by level", Filter{Sort: "level"}, "0002 0003 0006 0001"},
		{"by count", Filter{Sort: "count", Size: 2}, "0001 0003"},
		{"several", Filter{Entity: "kim", Live: true, Level: "low", From: noon, To: noon.Add(time.Second)}, "0001"},
	} {
		rows, err := s.List(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Short)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	if _, err := s.List(t.Context(), Filter{Sort: "id; DROP TABLE alerts"}); fault.Code(err) != "alert-state" {
		t.Errorf("an order that is none: %v", err)
	}
	if row := get(t, s, "0001"); row.Suppressed != 1 {
		t.Errorf("it spoke for %d", row.Suppressed)
	}
}

// TestSorts: each order that is named is one.
func TestSorts(t *testing.T) {
	for _, name := range Sorts {
		if orders[name] == "" {
			t.Errorf("%s is none", name)
		}
	}
	if len(orders) != len(Sorts)+1 {
		t.Errorf("%d orders", len(orders))
	}
}

// BenchmarkList reads pages of a store of 100,000 alerts, most of them closed.
func BenchmarkList(b *testing.B) {
	s := open(b)
	many(b, s, 100_000)
	for name, f := range map[string]Filter{
		"open": {Live: true, Size: 100}, "all": {Size: 100}, "by level": {Live: true, Sort: "level", Size: 100}, "user": {Entity: "user7", Size: 100},
		"rule": {Rule: "rule3", Size: 100}, "mine": {Assignee: "ana", Live: true, Size: 100}, "tag": {Tag: "tag5", Level: "high", Size: 100},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rows, err := s.List(b.Context(), f); err != nil || len(rows) == 0 {
					b.Fatal(len(rows), err)
				}
			}
		})
	}
	b.Run("stats", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Stats(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// many fills a store with alerts of 50 users and 10 rules, of which every tenth is open.
func many(b *testing.B, s *Store, n int) {
	b.Helper()
	var list []alert.Alert
	for i := range n {
		a := sample(fmt.Sprintf("%08x%08x", uint32(i)*2654435761, i), 1)
		a.Rule, a.Tags, a.Level = fmt.Sprint("rule", i%10), []string{fmt.Sprint("tag", i%20)}, []string{"low", "medium", "high"}[i%3]
		a.Group = map[string]string{"user.name": fmt.Sprint("user", i%50), "host.name": fmt.Sprint("host", i%1000)}
		a.Last = noon.Add(time.Duration(i) * time.Second)
		a.What = strings.Repeat("text ", 200)
		a.Historic = true // no risk: the list is measured
		if list = append(list, a); len(list) == 1000 {
			put(b, s, list...)
			list = list[:0]
		}
	}
	put(b, s, list...)
	if _, err := s.db.ExecContext(b.Context(), "UPDATE alerts SET state = 'closed' WHERE last % 10000000000 <> 0; UPDATE alerts SET assignee = 'ana' WHERE last % 70000000000 = 0"); err != nil {
		b.Fatal(err)
	}
}
