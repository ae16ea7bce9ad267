package routing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// is makes a condition of a text.
func is(t testing.TB, texts ...string) (out []Condition) {
	t.Helper()
	for _, text := range texts {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// tree: the root; critical ones to the phone, and on; the network's by day and by night; web servers, databases below them.
func tree(t testing.TB) *Route {
	t.Helper()
	day, err := ParseHours("Mon-Fri 09:00-18:00")
	if err != nil {
		t.Fatal(err)
	}
	node := func(key string, to []string, match ...string) *Route {
		return &Route{Key: key, Match: is(t, match...), Zone: time.UTC, Settings: Settings{To: to, GroupBy: []string{"rule"}}}
	}
	root := node("/", []string{"mail"})
	phone := node("/critical", []string{"phone"}, "level>=critical")
	phone.Continue = true
	netDay := node("/net-day", []string{"net"}, "labels.team=net")
	netDay.Hours = day
	netNight := node("/net-night", []string{"net-duty"}, "labels.team=net")
	web := node("/web", []string{"web"}, "host.name=web-*")
	web.Routes = []*Route{node("/web/db", []string{"dba", "web"}, "rule=db-*"), node("/web/nobody", []string{}, "rule=noise-*")}
	root.Routes = []*Route{phone, netDay, netNight, web}
	return root
}

var (
	monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	night  = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
)

func TestRoute_Targets(t *testing.T) {
	for _, tc := range []struct {
		name              string
		level, rule, host string
		team              string
		notify            []string
		at                time.Time
		want              string
	}{
		{"nobody else: the root", "high", "x", "db-1", "", nil, monday, "/ mail"},
		{"first match by day", "high", "x", "db-1", "net", nil, monday, "/net-day net"},
		{"the hours do not fit: the next", "high", "x", "db-1", "net", nil, night, "/net-night net-duty"},
		{"first match wins, later ones are not asked", "high", "db-1", "web-1", "net", nil, monday, "/net-day net"},
		{"continue: this one and the next", "critical", "x", "db-1", "net", nil, monday, "/critical phone; /net-day net"},
		{"continue and nothing behind it", "critical", "x", "db-1", "", nil, monday, "/critical phone"},
		{"parent without matching child", "low", "x", "web-1", "", nil, monday, "/web web"},
		{"child of a child", "low", "db-full", "web-1", "", nil, monday, "/web/db dba,web"},
		{"nobody on purpose", "low", "noise-1", "web-1", "", nil, monday, ""},
		{"the rule's own channels", "low", "x", "db-1", "", []string{"boss", "mail", "unknown"}, monday, "/ mail; / boss"},
		{"the rule's own where the route tells nobody", "low", "noise-1", "web-1", "", []string{"boss"}, monday, "/web/nobody boss"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := subject()
			a.Level, a.Rule, a.Notify = tc.level, tc.rule, tc.notify
			a.Group["host.name"], a.Labels["team"] = tc.host, tc.team
			var got []string
			for _, x := range tree(t).Targets(a, tc.at, func(name string) bool { return name != "unknown" }) {
				got = append(got, x.Route.Key+" "+strings.Join(x.To, ","))
			}
			if text := strings.Join(got, "; "); text != tc.want {
				t.Errorf("got %q, want %q", text, tc.want)
			}
		})
	}
}

// TestRoute_TargetsOnce: an alert that two routes send to one channel goes there once.
func TestRoute_TargetsOnce(t *testing.T) {
	root := tree(t)
	root.Routes[1].To = []string{"phone", "net"}
	a := subject()
	a.Level = "critical"
	got := root.Targets(a, monday, func(string) bool { return true })
	if len(got) != 2 || !slices.Equal(got[0].To, []string{"phone"}) || !slices.Equal(got[1].To, []string{"net"}) {
		t.Errorf("got %+v", got)
	}
}

func TestRoute_Nothing(t *testing.T) {
	var none *Route
	if none.Find(subject(), monday) != nil || none.ByKey("x") != nil || none.Channels() != nil || none.Explain(subject(), monday) != nil || none.Targets(subject(), monday, nil) != nil {
		t.Error("no tree has routes")
	}
}

func TestRoute_ByKey(t *testing.T) {
	root := tree(t)
	for _, key := range []string{"/", "/critical", "/web/db"} {
		if r := root.ByKey(key); r == nil || r.Key != key {
			t.Errorf("%s: %v", key, r)
		}
	}
	if root.ByKey("/gone") != nil {
		t.Error("a key that is not there is found")
	}
	root.Escalate = []Step{{After: time.Minute, To: []string{"boss"}}}
	if got := strings.Join(root.Channels(), " "); got != "boss dba mail net net-duty phone web" {
		t.Errorf("channels: %s", got)
	}
}

// TestRoute_Explain: what is explained is what happens.
func TestRoute_Explain(t *testing.T) {
	a := subject()
	a.Rule, a.Labels = "db-full", nil
	var got []string
	for _, v := range tree(t).Explain(a, night) {
		got = append(got, fmt.Sprintf("%s %d %v %v %s", v.Route.Key, v.Depth, v.Matched, v.Takes, v.Why))
	}
	want := []string{
		"/ 0 true false ",
		"/critical 1 false false not level>=critical: it is high",
		"/net-day 1 false false not labels.team=net",
		"/net-night 1 false false not labels.team=net",
		"/web 1 true false ",
		"/web/db 2 true true ",
		"/web/nobody 2 false false not asked: an earlier route took it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	a.Labels = map[string]string{"team": "net"}
	for _, v := range tree(t).Explain(a, night) {
		if v.Route.Key == "/net-day" && v.Why != "not in the hours Mon-Fri 09:00-18:00 (UTC)" {
			t.Errorf("hours: %q", v.Why)
		}
	}
	for _, level := range Levels {
		for _, at := range []time.Time{monday, night} {
			a.Level = level
			var takes []*Route
			for _, v := range tree(t).Explain(a, at) {
				if v.Takes {
					takes = append(takes, v.Route)
				}
			}
			found := tree(t).Find(a, at)
			if !slices.EqualFunc(takes, found, func(x, y *Route) bool { return x.Key == y.Key }) {
				t.Errorf("%s: explained %d routes, taken %d", level, len(takes), len(found))
			}
		}
	}
}
