package search

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/query"
)

func TestState_roundtrip(t *testing.T) {
	for name, s := range map[string]State{
		"as usual":   {From: "-15m", Tab: "fields"},
		"everything": {Q: `user.name: "김민수" and a: "x&y=z"`, From: "all", To: "2026-11-21", Sort: "-source.ip", After: "c/1+2", ID: "e/1/2", Tab: "why", Cols: []string{"a.b", "message"}, Wrap: true, NoHist: true},
		"live":       {From: "-15m", Tab: "fields", Live: true},
		"an end":     {From: "", To: "16:00", Tab: "raw"},
	} {
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		if got := readState(u.Query()); !reflect.DeepEqual(got, s) {
			t.Errorf("%s: %+v became %+v", name, s, got)
		}
	}
}

func TestReadState_bounds(t *testing.T) {
	s := readState(url.Values{"tab": {"<script>"}, "cols": {strings.Repeat("a,b,c,", 50) + "d,e,f,g,h,i,j,k,l,m,n,o,p"}, "q": {"  x  "}})
	if s.Tab != "fields" || len(s.Cols) != maxCols || s.Q != "x" || s.From != defaultFrom {
		t.Errorf("got %+v", s)
	}
	if s := readState(url.Values{"own_from": {" 16:00 "}, "own_to": {""}, "from": {"-1h"}}); s.From != "16:00" || s.To != "" {
		t.Errorf("a time of one's own: %+v", s)
	}
	if s := readState(url.Values{"own_from": {""}, "own_to": {"16:00"}}); s.From != forever || s.To != "16:00" {
		t.Errorf("only an end: %+v", s)
	}
}

func TestColumn(t *testing.T) {
	s := State{From: defaultFrom, Tab: "fields"}
	follow := func(link string) State {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		return readState(u.Query())
	}
	s = follow(s.Column("event.action"))
	if want := []string{"event.dataset", "host", "source.ip", "user.name", "event.action", "message"}; !reflect.DeepEqual(s.Cols, want) {
		t.Errorf("got %v", s.Cols)
	}
	if s = follow(s.Column("host")); s.Has("host") || !s.Has("message") {
		t.Errorf("a column stayed: %v", s.Cols)
	}
}

func TestSorted(t *testing.T) {
	s := State{From: defaultFrom, Tab: "fields", After: "c"}
	for _, c := range []struct{ sort, field, want string }{
		{"", "source.ip", "-source.ip"}, {"-source.ip", "source.ip", "source.ip"}, {"source.ip", "source.ip", ""}, {"", "@timestamp", "@timestamp"}, {"@timestamp", "@timestamp", ""},
	} {
		s.Sort = c.sort
		u, err := url.Parse(s.Sorted(c.field))
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Query(); got.Get("sort") != c.want || got.Has("after") {
			t.Errorf("%q by %s: %v", c.sort, c.field, got)
		}
	}
}

// TestFilters_mean: what + and - make finds exactly the events with and without the value, whatever the value is, and
// whatever was asked before.
func TestFilters_mean(t *testing.T) {
	values := []string{"root", "and", "OR", "not", "김민수", `a "quoted" \ one`, "a:b", "(x)", "*", "C:\\Temp\\x.exe", "a  b", "<b>", "{}", "x*y", "1.2.3.4", "-", "a.b-c_d/e", "@x", "a,b", "=", "'"}
	for _, before := range []string{"", "*", "user.name: * or user.id: 1", "not user.id: 1"} {
		s := State{Q: before, From: defaultFrom, Tab: "fields"}
		for _, value := range values {
			for _, c := range []struct {
				link string
				has  bool
			}{{s.With("user.name", value), true}, {s.Without("user.name", value), false}} {
				u, err := url.Parse(c.link)
				if err != nil {
					t.Fatal(err)
				}
				q, err := query.Parse(u.Query().Get("q"))
				if err != nil {
					t.Errorf("%s: %v", u.Query().Get("q"), err)
					continue
				}
				var e event.Event
				e.SetStr(event.UserName, value)
				if q.Match(&e) != c.has {
					t.Errorf("%s of an event with it: %v", u.Query().Get("q"), !c.has)
				}
				e.SetStr(event.UserName, "somebody else")
				if q.Match(&e) == c.has {
					t.Errorf("%s of an event without it: %v", u.Query().Get("q"), c.has)
				}
			}
		}
	}
}

// TestFilters_names: a field is found by its name, whatever a sender has called it; no name is a condition of its own.
func TestFilters_names(t *testing.T) {
	for _, name := range []string{"a.b", "a b", "a:b", "or", "NOT", "and x", "not(x", "x) or (user.name", `a"b`, "a*", `a\b`, "{a}", "a<b", "계정", "a\u2028b", "@x"} {
		var e event.Event
		e.SetStr(event.UserName, "root")
		e.SetPath(name, event.Str("v"))
		for text, want := range map[string]bool{clause(name, "v"): true, clause(name, "w"): false, exists(name): true, exists(name + "x"): false, also("user.name: root", "not "+clause(name, "v")): false} {
			q, err := query.Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if got := q.Match(&e); got != want {
				t.Errorf("%s: %v", text, got)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	for value, want := range map[string]bool{"root": true, "": false, strings.Repeat("x", 257): false, "a\nb": false, "\xff": false} {
		if filters(value) != want {
			t.Errorf("%.20q: %v", value, !want)
		}
	}
}

func TestTimes(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	now := time.Date(2026, 11, 21, 16, 50, 0, 0, zone)
	from, to, err := State{From: "-15m"}.times(now, zone)
	if err != nil || !from.Equal(now.Add(-15*time.Minute)) || !to.IsZero() {
		t.Errorf("%v %v %v", from, to, err)
	}
	if from, _, err = (State{From: forever}).times(now, zone); err != nil || !from.IsZero() {
		t.Errorf("since ever: %v %v", from, err)
	}
	for _, s := range []State{{From: "yesterday"}, {From: "-15m", To: "x"}} {
		if _, _, err := s.times(now, zone); fault.Code(err) != "time-unknown" {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestCommand(t *testing.T) {
	for want, s := range map[string]State{
		"search --from -15m --size 100": {From: "-15m"},
		"search 'a: b; rm -rf /' --from 16:00 --to '2026-11-21 17:00' --sort -x --fields a,b --size 100": {Q: "a: b; rm -rf /", From: "16:00", To: "2026-11-21 17:00", Sort: "-x", Cols: []string{"a", "b"}},
		"search '' --size 100": {From: forever},
	} {
		if got := s.command(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	for q, want := range map[string][]string{
		"a: 1 and b: 2":                    {"a: 1", "b: 2"},
		`a: "x and y" AND (b: 2 and c: 3)`: nil, // the parser joins the brackets into the same condition
		`a: "x and y" and (b: 2 or c: 3)`:  {`a: "x and y"`, "(b: 2 or c: 3)"},
		"a: 1":                             nil,
		"a: 1 or b: 2":                     nil,
		`a: "\" and " and b: 1`:            {`a: "\" and "`, "b: 1"},
		"a:1 and b:1 and c:1 and d:1 and e:1 and f:1 and g:1": nil,
	} {
		parsed, err := query.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		if got := conditions(q, parsed); !reflect.DeepEqual(got, want) && !(want == nil && got != nil && len(got) == 2) {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
}

// FuzzReadState: an address that somebody made up makes a page that leads to itself.
func FuzzReadState(f *testing.F) {
	f.Add("q=a%3A1&from=-1h&cols=a,b&id=x&tab=raw&wrap=1")
	f.Add("own_from=x&own_to=y")
	f.Add("cols=,,,&sort=-&live=1&hist=0")
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		s := readState(v)
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatalf("%q: %v", s.URL(), err)
		}
		if again := readState(u.Query()); !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v leads to %+v", s, again)
		}
	})
}

// FuzzConditions: parts are found without a panic, and joined again they mean what was asked.
func FuzzConditions(f *testing.F) {
	f.Add(`a: 1 and b: "x and y"`)
	f.Add(`a: \" and b`)
	f.Add(`(a and b) and c: {d}`)
	f.Fuzz(func(t *testing.T, q string) {
		parsed, err := query.Parse(q)
		if err != nil {
			return
		}
		parts := conditions(q, parsed)
		if parts == nil {
			return
		}
		again, err := query.Parse(strings.Join(parts, " and "))
		if err != nil {
			return // a part that lost its quotes is not asked for
		}
		if again.String() != parsed.String() {
			t.Fatalf("%q became %q", parsed, again)
		}
	})
}
