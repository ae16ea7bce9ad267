package draft

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/match"
	"weir/internal/query"
	"weir/internal/review"
)

// TestLower: what KQL can say exactly becomes the same, and what it cannot becomes something that finds more.
func TestLower(t *testing.T) {
	for _, c := range []struct {
		name, when, kql string
		exact           bool
	}{
		{"a whole value", `host.name == "hr-1"`, `host.name: ("hr-1")`, true},
		{"several", `host.name in ["hr-1", "hr-2"]`, `host.name: ("hr-1" or "hr-2")`, true},
		{"not", `not (event.dataset == "x")`, `not (event.dataset: ("x"))`, true},
		{"another value", `host.name != "x"`, "", true},
		{"beginning and end", `host.name startsWith "hr-" and host.name endsWith "*.kr"`, `(host.name: (hr-*)) and (host.name: (*\*.kr))`, true},
		{"a word of KQL within", `host.name contains "a or b"`, `host.name: (*a\u0020\or\u0020b*)`, true},
		{"a network", `cidr(source.ip, "10.0.0.0/8")`, `source.ip: ("10.0.0.0/8")`, true},
		{"presence", `exists(user.name) and absent(user.target.name)`, `(user.name: *) and (not user.target.name: *)`, true},
		{"folded case", `ieq(host.name, "HR-1")`, everything, false},
		{"prose", `message contains "personal"`, everything, false},
		{"one part of an and", `event.dataset == "x" and ieq(host.name, "HR-1")`, `(event.dataset: ("x"))`, false},
		{"one part of an or", `event.dataset == "x" or ieq(host.name, "HR-1")`, everything, false},
		{"not of a folded one", `event.dataset == "x" and not ieq(host.name, "HR-1")`, `(event.dataset: ("x"))`, false},
		{"an hour", `hour(@timestamp) < 5`, "", false},
		{"arithmetic", `len(host.name) > 3`, everything, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cond, err := match.Compile(strings.ReplaceAll(c.when, "@timestamp", "weir.time"))
			if err != nil {
				t.Fatal(err)
			}
			kql, exact := lower(cond.Tree())
			if c.kql != "" && kql != c.kql || exact != c.exact && c.name != "another value" {
				t.Errorf("%s, exact %v", kql, exact)
			}
			if _, err := query.Parse(kql); err != nil {
				t.Errorf("%s: %v", kql, err)
			}
		})
	}
}

// TestLower_alike holds conditions that are made at random against their KQL, on events that are made at random of the same few
// values: an exact one finds the same, another one more.
func TestLower_alike(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	fields := []string{"host.name", "event.dataset", "user.name", "event.category", "source.ip", "message", "event.severity", "labels.env", "process.pid"}
	values := []string{"hr-1", "HR-1", "hr", "a or b", `x"y\z`, "*", "10.1.2.3", "::ffff:10.1.2.3", "or", "고객", " ", "not", "5", "(", "a:b"}
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	var cond func(depth int) string
	cond = func(depth int) string {
		if depth > 0 && rnd.IntN(2) == 0 {
			switch rnd.IntN(3) {
			case 0:
				return "(" + cond(depth-1) + " and " + cond(depth-1) + ")"
			case 1:
				return "(" + cond(depth-1) + " or " + cond(depth-1) + ")"
			}
			return "not (" + cond(depth-1) + ")"
		}
		f, v := pick(fields), fmt.Sprintf("%q", pick(values))
		return strings.NewReplacer("F", f, "V", v, "W", fmt.Sprintf("%q", pick(values))).Replace([]string{"F == V", "F != V", "F in [V, W]", "F not in [V]", "F contains V", "F startsWith V", "F endsWith V", "ieq(F, V)", "exists(F)", "absent(F)", `cidr(F, "10.0.0.0/8")`, "glob(F, V)", "event.severity > 4", "event.severity == 5"}[rnd.IntN(14)])
	}
	events := make([]*event.Event, 300)
	for i := range events {
		e := &event.Event{}
		for _, f := range fields {
			if rnd.IntN(3) == 0 {
				continue
			}
			for range 1 + rnd.IntN(2) {
				e.SetPath(f, event.Str(pick(values)))
			}
		}
		e.Set(event.EventCategory, event.Strs(pick(values), pick(values)))
		e.SetInt(event.EventSeverity, int64(rnd.IntN(8)))
		e.Set(event.Timestamp, event.At(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)))
		e.Conform()
		events[i] = e
	}
	exactly, more := 0, 0
	for range 3000 {
		text := cond(3)
		c, err := match.Compile(text)
		if err != nil {
			continue // of types that do not go together
		}
		kql, exact := lower(c.Tree())
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatalf("%s became %s: %v", text, kql, err)
		}
		if exact {
			exactly++
		} else {
			more++
		}
		for _, e := range events {
			if held, found := c.Match(e), q.Match(e); held && !found || exact && held != found {
				t.Fatalf("%s (exact %v): %s holds %v, found %v for %s", kql, exact, text, held, found, e.AppendJSON(nil))
			}
		}
	}
	if exactly < 100 || more < 100 {
		t.Errorf("%d exact, %d not: too few of one", exactly, more)
	}
}

// TestSpelled: a system has the spellings that its names and hosts have in the time that is read; each name is asked for once.
func TestSpelled(t *testing.T) {
	o := options(t, "")
	o.Systems = []System{{ID: "crm", Names: []string{"Sales"}, Hosts: []string{"crm-1"}}, {ID: "hr", Hosts: []string{"HR-1"}}, {ID: "web"}}
	var asked []string
	o.Spelled = func(_ context.Context, field string, names []string, from, to time.Time) ([]string, error) {
		if !to.Equal(o.Period.To) || !from.Equal(o.Period.To.AddDate(0, 0, -90)) {
			t.Errorf("from %s to %s", from, to)
		}
		asked = append(asked, field+" "+strings.Join(names, ","))
		return map[string][]string{"weir.privacy.system": {"sAles", "cRm", "other"}, "host.name": {"hr-1", "cRM-1"}}[field], nil
	}
	docs := []string{
		doc(at(3, 9), "1", "host.name", `"cRM-1"`), doc(at(3, 10), "2", "weir.privacy.system", `"sAles"`), doc(at(3, 11), "3", "weir.privacy.system", `"cRm"`), doc(at(3, 12), "4", "host.name", `"hr-1"`),
		doc(at(3, 12), "5", "weir.privacy.system", `"other"`),
	}
	f, err := Draft(t.Context(), &source{docs: docs}, o)
	if err != nil || f.Systems[0].Events != 3 || f.Systems[1].Events != 1 || f.Systems[2].Events != 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	if want := []string{"weir.privacy.system Sales,crm,hr,web", "weir.rights.system Sales,cRm,sAles,crm,hr,web", "host.name crm-1,HR-1"}; !slices.Equal(asked, want) {
		t.Errorf("%q", asked)
	}
	if !strings.Contains(f.Systems[0].Scope, `"cRM-1"`) || strings.Contains(f.Systems[1].Scope, "cRM-1") || len(o.Systems[0].Names) != 1 {
		t.Errorf("%s; %s; %v", f.Systems[0].Scope, f.Systems[1].Scope, o.Systems[0].Names)
	}
	gone := errors.New("gone")
	o.Spelled = func(context.Context, string, []string, time.Time, time.Time) ([]string, error) { return nil, gone }
	if _, err := Draft(t.Context(), &source{docs: docs}, o); !errors.Is(err, gone) {
		t.Error(err)
	}
}

// TestHeard: who looks for gaps is told whether the query of the systems finds their events and no others, and how to tell.
func TestHeard(t *testing.T) {
	for _, x := range []struct {
		name, match string
		exact, all  bool
		fields      []string
	}{
		{"a query", `host.name == "hr-1"`, true, false, []string{"host.name", "weir.privacy.system"}},
		{"a condition", `ieq(user.name, "kim")`, false, false, []string{"user.name", "weir.rights.system"}},
		{"of any field", `$env == "x"`, false, true, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			cond, err := match.Compile(x.match)
			if err != nil {
				t.Fatal(err)
			}
			o := options(t, "")
			o.Systems = []System{{ID: "crm", Match: cond}, {ID: "other"}}
			called := false
			o.Missing = func(_ context.Context, h Heard) ([]review.Gap, error) {
				called = true
				if h.Exact != x.exact || (h.Fields == nil) != x.all {
					t.Errorf("%+v", h)
				}
				for _, path := range x.fields {
					if f, ok := event.Lookup(path); !ok || !slices.Contains(h.Fields, f) {
						t.Errorf("without %s", path)
					}
				}
				for text, want := range map[string]bool{`{"weir.privacy.system":"oTHer"}`: true, `{"host.name":"web"}`: false, `{"user.name":"KIM"}`: x.match == `ieq(user.name, "kim")`} {
					if h.Own(decoded(t, text)) != want {
						t.Errorf("%s: %v", text, !want)
					}
				}
				return nil, nil
			}
			if _, err := Draft(t.Context(), &source{}, o); err != nil || !called {
				t.Error(err, called)
			}
		})
	}
}
