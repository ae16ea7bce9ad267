package watchdog

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// told makes a finding.
func told(entity string, change func(*finding)) finding {
	f := finding{entity: entity, say: func(n int64) (string, string) {
		return fmt.Sprintf("%d of %s", n, entity), fmt.Sprintf("%s %d건", entity, n)
	}}
	if change != nil {
		change(&f)
	}
	return f
}

// TestKeeper: one alert with a counter, its holds, and its ends.
func TestKeeper(t *testing.T) {
	rule := &Rule{ID: "weir-x", Title: "X", Level: "low", Hold: time.Minute, Clear: 2 * time.Minute}
	type step struct {
		after time.Duration
		found []finding
		want  string // what is due then
	}
	one := []finding{told("a", nil)}
	counted := func(n int64) []finding { return []finding{told("a", func(f *finding) { f.more = n })} }
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"held", []step{{0, one, ""}, {30 * time.Second, one, ""}, {30 * time.Second, one, "low 1 of a"}, {time.Minute, one, ""}}},
		{"well before it was held", []step{{0, one, ""}, {30 * time.Second, nil, ""}, {30 * time.Second, one, ""}, {30 * time.Second, one, ""}}},
		{"sure", []step{{0, []finding{told("a", func(f *finding) { f.sure = true })}, "low 1 of a"}}},
		{"begun before", []step{{0, []finding{told("a", func(f *finding) { f.begin = start.Add(-time.Hour) })}, "low 1 of a"}}},
		{"counted", []step{{0, counted(5), ""}, {time.Minute, counted(7), "low 12 of a"}, {time.Minute, counted(1), ""}, {time.Hour, counted(2), "low 15 of a"}}},
		{"worse is said at once", []step{{0, one, ""}, {time.Minute, one, "low 1 of a"}, {time.Second, []finding{told("a", func(f *finding) { f.level = "high" })}, "high 1 of a"}, {time.Second, one, ""}}},
		{"lasts", []step{{0, one, ""}, {time.Minute, one, "low 1 of a"}, {24 * time.Hour, one, ""}}},
		{"changes", []step{{0, one, ""}, {time.Minute, one, "low 1 of a"}, {time.Minute, []finding{told("a", func(f *finding) { f.total, f.fresh = 9, true })}, ""}, {4 * time.Minute, one, "low 9 of a"}}},
		{"over after two minutes", []step{{0, one, ""}, {time.Minute, one, "low 1 of a"}, {time.Minute, nil, ""}, {time.Minute, nil, ""}, {time.Minute, nil, "low 1 of a over"}, {time.Minute, nil, ""}}},
		{"wrong again before it was over", []step{{0, one, ""}, {time.Minute, one, "low 1 of a"}, {time.Minute, nil, ""}, {time.Minute, one, ""}, {time.Minute, nil, ""}, {time.Minute, nil, ""}}},
		{"two of them", []step{{0, []finding{told("a", nil), told("b", nil)}, ""}, {time.Minute, []finding{told("a", nil), told("b", nil)}, "low 1 of a, low 1 of b"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k, now := newKeeper("h"), start
			for i, st := range tc.steps {
				now = now.Add(st.after)
				k.see(now, rule, st.found)
				k.refresh(now)
				var got []string
				for _, a := range k.due() {
					text := a.Level + " " + a.What
					if a.Ended != nil {
						text += " over"
					}
					got = append(got, text)
					k.said(a)
				}
				if strings.Join(got, ", ") != st.want {
					t.Errorf("step %d: due %q, want %q", i, strings.Join(got, ", "), st.want)
				}
			}
		})
	}
}

// TestKeeperIsBounded: a thousand things that are wrong with one rule are not a thousand alerts.
func TestKeeperIsBounded(t *testing.T) {
	k := newKeeper("h")
	var found []finding
	for i := range 1000 {
		found = append(found, told(fmt.Sprint(i), nil))
	}
	k.see(start, &Rule{ID: "weir-x"}, found)
	k.see(start, &Rule{ID: "weir-y"}, found[:1])
	if n := len(k.due()); n != maxOpen+1 {
		t.Errorf("%d alerts", n)
	}
}

// TestIDs: the id of an alert follows from rule, entity and beginning, and from nothing else.
func TestIDs(t *testing.T) {
	of := func(rule, entity string, at time.Time, level string) string {
		k := newKeeper(level)
		k.bad(start.Add(time.Hour), &Rule{ID: rule, Level: level}, &finding{entity: entity, begin: at, sure: true, say: func(int64) (string, string) { return level, level }})
		return k.due()[0].ID
	}
	base := of("weir-x", "a", start, "low")
	if base != of("weir-x", "a", start.In(time.FixedZone("KST", 9*3600)), "high") {
		t.Error("the same alert has two ids")
	}
	for _, other := range []string{of("weir-y", "a", start, "low"), of("weir-x", "b", start, "low"), of("weir-x", "a", start.Add(time.Millisecond), "low")} {
		if other == base {
			t.Error("two alerts have one id")
		}
	}
}

func TestKeeperDecode_Failure(t *testing.T) {
	k := newKeeper("h")
	k.bad(start, &Rule{ID: "weir-x", Level: "low"}, &finding{entity: "a", sure: true, say: func(int64) (string, string) { return "x", "x" }})
	good := string(k.encode())
	for _, tc := range []struct{ name, data string }{
		{"nothing", ""}, {"no JSON", "{"}, {"null in it", `{"alerts":[null]}`}, {"no rule", strings.Replace(good, `"rule":"weir-x"`, `"rule":""`, 1)},
		{"another id", strings.Replace(good, `"entity":"a"`, `"entity":"b"`, 1)}, {"open without an alert", `{"alerts":[{"rule":"weir-x","entity":"a","open":true}]}`},
	} {
		fresh := newKeeper("h")
		if err := fresh.decode([]byte(tc.data)); err == nil || len(fresh.list) != 0 {
			t.Errorf("%s: %v, %d taken", tc.name, err, len(fresh.list))
		}
	}
	fresh := newKeeper("h")
	if err := fresh.decode([]byte(good)); err != nil || len(fresh.due()) != 1 || !bytes.Equal(fresh.encode(), []byte(good)) {
		t.Errorf("%v %s", err, fresh.encode())
	}
}

// FuzzKeeperDecode: whatever a file holds, what was taken from it ends in order, each alert with an id that is its own.
func FuzzKeeperDecode(f *testing.F) {
	k := newKeeper("h")
	rule := &Rule{ID: "weir-x", Level: "low"}
	k.bad(start, rule, &finding{entity: "a", sure: true, say: func(int64) (string, string) { return "x", "x" }})
	f.Add(k.encode())
	f.Add([]byte(`{"alerts":[{"rule":"weir-x","entity":"device a","begin":"2026-01-02T03:04:05Z"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := newKeeper("h")
		if k.decode(data) != nil {
			return
		}
		k.start(start, start, func(string) bool { return false })
		for _, a := range k.due() {
			if a.ID == "" || a.Revision < 1 {
				t.Errorf("%+v", a)
			}
			k.said(a)
		}
		for _, x := range k.list {
			if x.Open || x.Alert == nil {
				t.Errorf("%+v is left", x)
			}
		}
	})
}
