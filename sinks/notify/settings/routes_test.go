package settings

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/routing"
)

// two are the channels of these tests.
const two = "channels: {a: {type: shout}, b: {type: shout}}\n"

// route reads a file with this route, which has to be right.
func route(t *testing.T, text string) *routing.Route {
	t.Helper()
	f, faults, _ := read(t, two+text)
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	return f.Route
}

func TestRoute_Defaults(t *testing.T) {
	want := routing.Settings{To: []string{"a"}, GroupBy: []string{"rule"}, Wait: 10 * time.Second, Interval: 5 * time.Minute, Repeat: 4 * time.Hour, Resolve: true, Lang: "en"}
	if got := route(t, "route: {to: a}\n").Settings; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// TestRoute_Inherits: a route has what its parent has, but for what it says itself and for what is nobody's but its own.
func TestRoute_Inherits(t *testing.T) {
	root := route(t, `route:
  to: a
  group_by: [host.name]
  group_wait: 1m
  group_interval: 2m
  repeat: 3h
  resolve: false
  lang: ko
  escalate: [{after: 5m, to: b}]
  routes:
    - match: {level: high, hours: "Mon-Fri 09:00-18:00", time_zone: Asia/Seoul}
      continue: true
      routes:
        - match: {rule: x}
          to: [b, a, b]
          group_by: []
          group_wait: 0
          group_interval: 1s
          repeat: 1m
          resolve: true
          lang: en
          escalate: []
`)
	child := root.Routes[0]
	if !reflect.DeepEqual(child.Settings, root.Settings) || !child.Continue || child.Zone.String() != "Asia/Seoul" {
		t.Errorf("child %+v", child)
	}
	grandchild := child.Routes[0]
	want := routing.Settings{To: []string{"b", "a"}, GroupBy: []string{}, WaitSet: true, Interval: time.Second, Repeat: time.Minute, Resolve: true, Lang: "en", Escalate: []routing.Step{}}
	if !reflect.DeepEqual(grandchild.Settings, want) || grandchild.Continue || !grandchild.Hours.Empty() || len(grandchild.Match) != 1 {
		t.Errorf("grandchild %+v", grandchild)
	}
	// The parent is as it was: lists are not shared between them.
	if !slices.Equal(root.To, []string{"a"}) || len(root.Escalate) != 1 {
		t.Errorf("root %+v", root.Settings)
	}
	if grandchild.Line != 15 || child.Line != 12 || root.Line != 3 {
		t.Errorf("lines %d, %d, %d", root.Line, child.Line, grandchild.Line)
	}
}

func TestRoute_Match(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"{level: high}", "level>=high"},
		{"{level: [high]}", "level>=high"},
		{"{level: [low, high]}", "level=low|high"},
		{"{rule: ssh-*}", "rule=ssh-*"},
		{"{rule: [ssh-*, 'a|b']}", "rule=ssh-*|a|b"},
		{"{tags: attack.t1110}", "tag=attack.t1110"},
		{"{tag: [a, b]}", "tag=a|b"},
		{"{labels: {team: net, site: [a, b]}}", "labels.team=net labels.site=a|b"},
		{"{labels.team: net}", "labels.team=net"},
		{"{host.name: web-*, source.ip: 203.0.113.5}", "host.name=web-* source.ip=203.0.113.5"},
		{"{destination.port: 22}", "destination.port=22"},
		{"{title: '*login*', alert: 3f*}", "title=*login* alert=3f*"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			root := route(t, "route:\n  to: a\n  routes:\n    - match: "+tc.text+"\n")
			var got []string
			for _, c := range root.Routes[0].Match {
				got = append(got, c.String())
			}
			if text := strings.Join(got, " "); text != tc.want {
				t.Errorf("got %s, want %s", text, tc.want)
			}
		})
	}
}

// TestRoute_Keys: keys of routes that ask the same differ, and all of a tree can be found by theirs.
func TestRoute_KeysDiffer(t *testing.T) {
	root := route(t, `route:
  to: a
  routes:
    - match: {rule: x}
      routes:
        - match: {rule: y}
        - match: {rule: y}
          to: b
    - match: {rule: x}
    - match: {rule: x, hours: Mon}
    - match: {rule: y}
`)
	seen := map[string]bool{}
	var each func(r *routing.Route)
	each = func(r *routing.Route) {
		if seen[r.Key] {
			t.Errorf("%q is there twice", r.Key)
		}
		seen[r.Key] = true
		if root.ByKey(r.Key) != r {
			t.Errorf("%q finds another one", r.Key)
		}
		for _, c := range r.Routes {
			each(c)
		}
	}
	each(root)
	if len(seen) != 7 {
		t.Errorf("%d routes", len(seen))
	}
}

func TestEscalate(t *testing.T) {
	root := route(t, "route: {to: a, escalate: [{after: 2h, to: a}, {after: 15m, to: [b, a]}, {to: b, after: 1d}]}\n")
	want := []routing.Step{{After: 15 * time.Minute, To: []string{"b", "a"}}, {After: 2 * time.Hour, To: []string{"a"}}, {After: 24 * time.Hour, To: []string{"b"}}}
	if !reflect.DeepEqual(root.Escalate, want) {
		t.Errorf("got %+v", root.Escalate)
	}
	for _, bad := range []string{"{after: 1m, to: a}", "[{after: 1m}]", "[{to: a}]", "[{after: 0, to: a}]", "[{after: 1m, to: []}]", "[{after: 1m, to: a, then: b}]", "[15m]"} {
		if f, faults, _ := read(t, two+"route: {to: a, escalate: "+bad+"}\n"); f != nil || len(faults) == 0 {
			t.Errorf("%s is taken: %v", bad, faults)
		}
	}
}

func TestGroupBy(t *testing.T) {
	for text, want := range map[string][]string{"rule": {"rule"}, "[rule, labels.team, host.name, tag]": {"rule", "labels.team", "host.name", "tag"}, "[]": {}, "[alert]": {"alert"}} {
		if got := route(t, "route: {to: a, group_by: "+text+"}\n").GroupBy; !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}
