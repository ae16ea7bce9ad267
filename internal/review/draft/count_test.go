package draft

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/event"
	"weir/internal/review"
)

// counted counts documents with one search that takes all of them.
func counted(t *testing.T, f *finding, docs ...string) *count {
	t.Helper()
	c := &count{groups: map[string]*group{}}
	for _, d := range docs {
		var e event.Event
		if err := e.Decode([]byte(d)); err != nil {
			t.Fatal(err)
		}
		c.add(f, &e, when(&e), 3)
	}
	return c
}

// groupsOf are the groups as values and counts, in the order of a review.
func groupsOf(c *count) (out []string) {
	var list []review.Group
	for _, g := range c.groups {
		list = append(list, review.Group{Values: g.values, Count: g.count})
	}
	slices.SortFunc(list, byCount)
	for _, g := range list {
		out = append(out, fmt.Sprint(g.Values, " ", g.Count))
	}
	return out
}

func TestCount_By(t *testing.T) {
	day := at(5, 10)
	for _, x := range []struct {
		name string
		by   []string
		docs []string
		want []string
	}{
		{"one field", []string{"user.name"}, []string{doc(day, "1", "user.name", `"b"`), doc(day, "2", "user.name", `"a"`), doc(day, "3", "user.name", `"b"`)}, []string{"[b] 2", "[a] 1"}},
		{"equal counts", []string{"user.name"}, []string{doc(day, "1", "user.name", `"b"`), doc(day, "2", "user.name", `"a"`)}, []string{"[a] 1", "[b] 1"}},
		{"a list counts for each", []string{"weir.privacy.missing"}, []string{doc(day, "1", "weir.privacy.missing", `["time","place"]`), doc(day, "2", "weir.privacy.missing", `["time"]`)}, []string{"[time] 2", "[place] 1"}},
		{"two fields", []string{"user.name", "host.name"}, []string{doc(day, "1", "user.name", `"a"`, "host.name", `"x"`), doc(day, "2", "user.name", `"a"`, "host.name", `"y"`), doc(day, "3", "user.name", `"a"`, "host.name", `"x"`)}, []string{"[a x] 2", "[a y] 1"}},
		{"two lists", []string{"weir.privacy.missing", "weir.privacy.subject.id"}, []string{doc(day, "1", "weir.privacy.missing", `["m","n"]`, "weir.privacy.subject.id", `["1","2"]`)}, []string{"[m 1] 1", "[m 2] 1", "[n 1] 1", "[n 2] 1"}},
		{"without the field", []string{"user.name", "host.name"}, []string{doc(day, "1", "host.name", `"x"`)}, []string{"[ x] 1"}},
		{"a number", []string{"weir.privacy.subject.count"}, []string{doc(day, "1", "weir.privacy.subject.count", "7")}, []string{"[7] 1"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := counted(t, &finding{spec: &searchSpec{Count: "by", By: x.by}}, x.docs...)
			if got := groupsOf(c); !slices.Equal(got, x.want) || c.events != int64(len(x.docs)) {
				t.Errorf("%q of %d events, want %q", got, c.events, x.want)
			}
		})
	}
}

// TestCount_Distinct: addresses count together only as long as they are within the time.
func TestCount_Distinct(t *testing.T) {
	from := func(minute int, ip string) string {
		return doc(at(5, 10).Add(time.Duration(minute)*time.Minute), ip, "user.name", `"kim"`, "source.ip", `"`+ip+`"`)
	}
	for _, x := range []struct {
		name   string
		within time.Duration
		docs   []string
		want   int64
	}{
		{"at a time", time.Hour, []string{from(0, "10.0.0.1"), from(10, "10.0.0.2"), from(59, "10.0.0.3")}, 3},
		{"one after the other", time.Hour, []string{from(0, "10.0.0.1"), from(61, "10.0.0.2"), from(122, "10.0.0.3")}, 1},
		{"the first is seen again", time.Hour, []string{from(0, "10.0.0.1"), from(50, "10.0.0.1"), from(100, "10.0.0.2")}, 2},
		{"at the edge", time.Hour, []string{from(0, "10.0.0.1"), from(60, "10.0.0.2")}, 2},
		{"the most counts, not the last", time.Hour, []string{from(0, "10.0.0.1"), from(1, "10.0.0.2"), from(200, "10.0.0.3")}, 2},
		{"over an hour of the clock", time.Hour, []string{from(55, "10.0.0.1"), from(65, "10.0.0.2")}, 2},
		{"over all of the period", 0, []string{from(0, "10.0.0.1"), from(600, "10.0.0.2"), from(1200, "10.0.0.1")}, 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := counted(t, &finding{spec: &searchSpec{Count: "distinct", By: []string{"user.name"}, Distinct: "source.ip"}, within: x.within}, x.docs...)
			if got := c.groups["kim"].count; got != x.want {
				t.Errorf("%d, want %d", got, x.want)
			}
		})
	}
}

func TestCount_ListAndEvents(t *testing.T) {
	var docs []string
	for i := range 5 {
		docs = append(docs, doc(at(5, i), fmt.Sprint("e", i), "user.name", `"kim"`, "source.ip", `"10.0.0.1"`, "host.name", `"h"`, "message", `"m"`))
	}
	c := counted(t, &finding{spec: &searchSpec{Count: "list"}}, docs...)
	if c.events != 5 || len(c.list) != 3 || c.list[0] != (review.Ref{Event: "e0", At: at(5, 0).UTC(), Account: "kim", Address: "10.0.0.1", Host: "h", Text: "m"}) {
		t.Errorf("%d events, %+v", c.events, c.list)
	}
	if c := counted(t, &finding{spec: &searchSpec{Count: "events"}}, docs...); c.events != 5 || len(c.list)+len(c.groups) != 0 {
		t.Errorf("%+v", c)
	}
}

// TestCount_Bound: more groups than are kept make a finding rough, and cost no more memory.
func TestCount_Bound(t *testing.T) {
	c := &count{groups: map[string]*group{}}
	f := &finding{spec: &searchSpec{Count: "by", By: []string{"user.name"}}}
	var e event.Event
	e.Set(event.Timestamp, event.At(at(5, 0)))
	for i := range maxGroups + 10 {
		e.SetStr(event.UserName, fmt.Sprint("u", i))
		c.add(f, &e, at(5, 0), 10)
	}
	if len(c.groups) != maxGroups || !c.rough || c.events != maxGroups+10 {
		t.Errorf("%d groups of %d events, rough %v", len(c.groups), c.events, c.rough)
	}
	e.SetStr(event.UserName, "u0") // one that is kept counts on
	if c.add(f, &e, at(5, 0), 10); c.groups["u0"].count != 2 {
		t.Errorf("%d", c.groups["u0"].count)
	}
}

// BenchmarkCount counts an event by two fields, the commonest search of all.
func BenchmarkCount(b *testing.B) {
	c := &count{groups: map[string]*group{}}
	f := &finding{spec: &searchSpec{Count: "by", By: []string{"user.name", "host.name"}}}
	var e event.Event
	if err := e.Decode([]byte(logon(at(5, 10), "1", "kim", "10.0.0.1", "success"))); err != nil {
		b.Fatal(err)
	}
	t := at(5, 10)
	b.ReportAllocs()
	for b.Loop() {
		c.add(f, &e, t, 10)
	}
}
