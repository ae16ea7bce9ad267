package tally

import (
	"fmt"
	"strconv"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
)

// table is a chunk in memory whose rest is found by looking at every row.
type table struct{ v *column.View }

func (r table) Column(name string, _ column.Bits) (*column.Column, error) { return r.v.Load(name, nil) }

func (r table) Loose(_ []string, within column.Bits) (column.Bits, error) {
	out := make(column.Bits, len(within))
	for _, n := range []string{column.RestName, column.RawName} {
		c, err := r.v.Load(n, nil)
		if err != nil || c == nil {
			continue
		}
		within.Each(func(row int) bool {
			if c.Code(row) != 0 {
				out.Set(row)
			}
			return true
		})
	}
	return out, nil
}

func (r table) Gather([]string, column.Bits) ([]*column.Column, error) {
	var out []*column.Column
	for _, m := range r.v.Columns() {
		c, err := r.v.Load(m.Name, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func rowsOf(t testing.TB, docs ...string) (table, column.Bits) {
	t.Helper()
	var tb column.Table
	var e event.Event
	for _, d := range docs {
		if err := e.Decode([]byte(d)); err != nil {
			t.Fatal(err)
		}
		ok, _ := column.Canonical(&e, []byte(d), nil)
		tb.Add(&e, []byte(d), ok)
	}
	rows := column.NewBits(len(docs))
	rows.SetRange(0, len(docs))
	return table{tb.View()}, rows
}

var docs = []string{
	`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"outcome":"failure"},"source":{"port":22},"tags":["a","b","a"],"user":{"name":"root"}}`,
	`{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"outcome":"failure"},"source":{"port":22},"tags":["b"],"user":{"name":"kim"}}`,
	`{"@timestamp":"2026-11-21T07:00:02.000Z","event":{"outcome":"success"},"tags":[],"user":{"name":"root"}}`,
	`{"@timestamp":"2026-11-21T07:00:03.000Z","event":{"outcome":"failure"},"labels":{"env":"prod"},"source":{"port":22},"user":{"name":"root"}}`,
	`{"@timestamp":"2026-11-21T07:00:04.000Z","event":{"original":"x","outcome":"failure"},"user":{"name":"root"},"source":{"port":2200}}`, // not in canonical order: kept whole
	`{"@timestamp":"2026-11-21T07:00:05.000Z","dns":{"answers":[{"data":"x"},{"data":"y"},{"data":"x"}]},"source":{"port":2200}}`,
}

func TestCount(t *testing.T) {
	cases := map[string]struct {
		by      []string
		want    string
		missing int
	}{
		"keyword":            {[]string{"user.name"}, "[{[root] 4} {[kim] 1}]", 1},
		"number":             {[]string{"source.port"}, "[{[22] 3} {[2200] 2}]", 1},
		"list":               {[]string{"tags"}, "[{[b] 2} {[a] 1}]", 4},
		"open key":           {[]string{"labels.env"}, "[{[prod] 1}]", 5},
		"list of objects":    {[]string{"dns.answers.data"}, "[{[x] 1} {[y] 1}]", 5},
		"kept in parts":      {[]string{"event.original"}, "[{[x] 1}]", 5},
		"nobody's":           {[]string{"no.such"}, "[]", 6},
		"two":                {[]string{"event.outcome", "user.name"}, "[{[failure root] 3} {[failure kim] 1} {[success root] 1}]", 1},
		"two, one is a list": {[]string{"user.name", "tags"}, "[{[kim b] 1} {[root a] 1} {[root b] 1}]", 4},
		"three":              {[]string{"event.outcome", "user.name", "source.port"}, "[{[failure root 22] 2} {[failure kim 22] 1} {[failure root 2200] 1}]", 2},
		"two, one missing":   {[]string{"user.name", "no.such"}, "[]", 6},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, rows := rowsOf(t, docs...)
			total := New(c.by...)
			part, err := total.Count(r, rows)
			if err != nil {
				t.Fatal(err)
			}
			total.Merge(part)
			if got := fmt.Sprint(total.Top(10)); got != c.want || total.Missing() != c.missing || !total.Exact() {
				t.Errorf("%s, %d missing\nwant %s, %d", got, total.Missing(), c.want, c.missing)
			}
		})
	}
}

// TestCount_AnAddressHasOneForm: what senders write in several ways is one value.
func TestCount_AnAddressHasOneForm(t *testing.T) {
	r, rows := rowsOf(t, `{"source":{"ip":"2001:0db8:0:0:0:0:0:5"},"user":{"name":"a:B"}}`, `{"source":{"ip":"2001:DB8::5"},"user":{"name":"a:B"}}`, `{"source":{"ip":"::ffff:10.0.0.1"}}`, `{"source":{"ip":"10.0.0.1"}}`)
	for by, want := range map[string]string{"source.ip": "[{[10.0.0.1] 2} {[2001:db8::5] 2}]", "user.name": "[{[a:B] 2}]"} {
		total := New(by)
		part, err := total.Count(r, rows)
		if err != nil {
			t.Fatal(err)
		}
		if total.Merge(part); fmt.Sprint(total.Top(9)) != want {
			t.Errorf("%s: %v, want %s", by, total.Top(9), want)
		}
	}
}

func TestCount_OnlyTheRowsAskedFor(t *testing.T) {
	r, rows := rowsOf(t, docs...)
	one := make(column.Bits, len(rows))
	one.Set(1)
	got, err := New("user.name").Count(r, one)
	if err != nil || fmt.Sprint(got.Top(9)) != "[{[kim] 1}]" || got.Missing() != 0 {
		t.Errorf("%v (%v)", got.Top(9), err)
	}
	if got, err = New("user.name").Count(r, make(column.Bits, len(rows))); err != nil || got.Len() != 0 {
		t.Errorf("no rows: %v (%v)", got.Top(9), err)
	}
}

// TestAdd_IsBounded: above the bound known groups go on being counted, and the answer says that it is not whole.
func TestAdd_IsBounded(t *testing.T) {
	a := NewBounded(100, "user.name")
	for i := range 110 {
		a.Add(strconv.Itoa(i), 1)
	}
	a.Add("7", 5)
	if a.Len() != 100 || a.Exact() || a.Top(1)[0].Count != 6 {
		t.Errorf("%d values, exact %v, %v", a.Len(), a.Exact(), a.Top(1))
	}
	b := New("user.name")
	b.Add("7", 1)
	b.Merge(a)
	if b.Exact() || b.Top(1)[0].Count != 7 {
		t.Errorf("merged: exact %v, %v", b.Exact(), b.Top(1))
	}
}

// TestMerge_LargerOrSmaller: whichever of the two has more groups, the sum is the same, and the bound holds.
func TestMerge_LargerOrSmaller(t *testing.T) {
	count := func(most, from, to int) *Table {
		out := NewBounded(most, "user.name")
		for i := from; i < to; i++ {
			out.Add(strconv.Itoa(i), i)
		}
		return out
	}
	for name, c := range map[string]struct {
		into, from   *Table
		groups, of40 int
		exact        bool
	}{
		"a larger into a smaller":     {count(100, 40, 42), count(100, 0, 60), 60, 80, true},
		"a smaller into a larger":     {count(100, 0, 60), count(100, 40, 42), 60, 80, true},
		"into an empty one":           {count(100, 0, 0), count(100, 0, 60), 60, 40, true},
		"an empty one":                {count(100, 0, 60), count(100, 0, 0), 60, 40, true},
		"more than the bound":         {count(50, 0, 45), count(50, 40, 80), 50, 80, false},
		"more than the bound of into": {count(50, 40, 45), count(100, 0, 80), 50, 80, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.into.Merge(c.from)
			if c.into.Len() != c.groups || c.into.countOf("40") != c.of40 || c.into.Exact() != c.exact {
				t.Errorf("%d groups, 40 is there %d times, exact %v", c.into.Len(), c.into.countOf("40"), c.into.Exact())
			}
		})
	}
}

// TestMerge_IntoAPart: a table of a chunk keeps its own groups when another comes in above the bound, and nothing of the chunk.
func TestMerge_IntoAPart(t *testing.T) {
	r, rows := rowsOf(t, docs...)
	part, err := NewBounded(3, "user.name").Count(r, rows)
	if err != nil {
		t.Fatal(err)
	}
	other := New("user.name")
	for i := range 9 {
		other.Add(strconv.Itoa(i), 1)
	}
	part.Merge(other)
	if part.part != nil || part.countOf("root") != 4 || part.countOf("kim") != 1 || part.Len() != 3 || part.Exact() {
		t.Errorf("%v, exact %v, %d not settled", part.Top(9), part.Exact(), len(part.part))
	}
}

// TestCombine_IsBounded: an event of three long lists has more combinations than anybody wants.
func TestCombine_IsBounded(t *testing.T) {
	list := make([]uint32, 100)
	a, n := New("a", "b", "c"), 0
	a.combine([][]uint32{list, list, list}, func([MaxFields]int) { n++ })
	if n != maxOfOne || a.Exact() {
		t.Errorf("%d combinations, exact %v", n, a.Exact())
	}
}

func TestTop_EqualCountsAreInTheOrderOfTheirValues(t *testing.T) {
	a := New("a", "b")
	for _, v := range [][2]string{{"b", "x"}, {"a", "y"}, {"a", ""}} {
		a.Add(string(appendPart(appendPart(nil, v[0]), v[1])), 2)
	}
	if top := a.Top(2); len(top) != 2 || fmt.Sprintf("%q", top[0].Values) != `["a" ""]` || fmt.Sprintf("%q", top[1].Values) != `["a" "y"]` {
		t.Errorf("got %v", top)
	}
	if len(a.Top(-1)) != 0 || len(a.Top(99)) != 3 {
		t.Error("sizes are not bounds")
	}
}

// TestTop_IsTheBeginningOfAll: however many are wanted, they are the first of all groups.
func TestTop_IsTheBeginningOfAll(t *testing.T) {
	a := New("a")
	for i := range 500 {
		a.Add(strconv.Itoa(i), 1+(i*7919)%23)
	}
	all := a.Top(500)
	for _, n := range []int{1, 2, 9, 100, 499} {
		if got := a.Top(n); fmt.Sprint(got) != fmt.Sprint(all[:n]) {
			t.Errorf("the first %d: %v\nwant %v", n, got, all[:n])
		}
	}
	for i := 1; i < len(all); i++ {
		if all[i].Count > all[i-1].Count || all[i].Count == all[i-1].Count && all[i].Values[0] <= all[i-1].Values[0] {
			t.Fatalf("%v stands behind %v", all[i], all[i-1])
		}
	}
}

func BenchmarkTop(b *testing.B) {
	a := New("a")
	for i := range 100_000 {
		a.Add(strconv.Itoa(i), 1+(i*7919)%23)
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Top(10)
	}
}

func BenchmarkCount(b *testing.B) {
	var list []string
	for i := range 20_000 {
		list = append(list, fmt.Sprintf(`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"outcome":"failure"},"source":{"ip":"10.0.%d.%d"},"user":{"name":"u%d"}}`, i%7, i%250, i%13))
	}
	r, rows := rowsOf(b, list...)
	for _, by := range [][]string{{"source.ip"}, {"source.ip", "user.name"}} {
		b.Run(fmt.Sprint(len(by)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New(by...).Count(r, rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// countOf returns how often a group was counted.
func (t *Table) countOf(key string) int {
	if i, ok := t.at[key]; ok {
		return t.list[i].n
	}
	return 0
}
