package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/archive/search/fields"
	"weir/internal/archive/search/rank"
	"weir/internal/query"
)

// placesOf returns the places of documents in an order, as a search that read every document would give them.
func placesOf(docs [][]byte, q *query.Query, o rank.Order) []rank.Place {
	var out []rank.Place
	path := query.MakePath(o.Path())
	var e event.Event
	for _, i := range matching(docs, q) {
		_ = e.Decode(docs[i])
		p := placeOf(&e, o, path)
		out = append(out, p)
	}
	slices.SortStableFunc(out, o.ComparePlaces)
	return out
}

func placeOf(e *event.Event, o rank.Order, path query.Path) rank.Place {
	p := rank.Place{Time: column.SortTime(e), ID: strings.Clone(e.Str(event.EventID))}
	if !o.Time() {
		p.Key = rank.None()
		path.Each(e, func(v event.Value) bool {
			if k := o.Key(v); o.Compare(k, p.Key) < 0 {
				p.Key = k.Clone()
			}
			return true
		})
	}
	return p
}

// page asks for one page and returns its places.
func page(t *testing.T, parts []search.Part, req search.Request) ([]rank.Place, *search.Summary) {
	t.Helper()
	o := req.Order
	path := query.MakePath(o.Path())
	var out []rank.Place
	sum, err := search.Run(t.Context(), parts, req, func(_ []byte, e *event.Event) error {
		out = append(out, placeOf(e, o, path))
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out, sum
}

func TestRun_PagesInAnyOrderAreTheWhole(t *testing.T) {
	docs := slices.Concat(sample.Docs(11, 1500), sample.Ugly())
	parts := split(t, docs)
	for _, order := range []string{"-@timestamp", "@timestamp", "user.name", "-user.name", "source.ip", "-source.ip", "event.severity", "-event.created", "labels.env", "-weir.data.took", "tags", "message", "event.original", "no.such.field", "-host.ip"} {
		for _, kql := range []string{"", "user.name: root or event.outcome: failure"} {
			t.Run(order+"/"+kql, func(t *testing.T) {
				q, err := query.Parse(kql)
				if err != nil {
					t.Fatal(err)
				}
				o := rank.Parse(order)
				want := placesOf(docs, q, o)
				var got []rank.Place
				req := search.Request{Query: q, Size: 190, Order: o}
				for n := 0; ; n++ {
					list, sum := page(t, parts, req)
					got = append(got, list...)
					if !req.Uncounted && sum.Total != len(want) {
						t.Errorf("page %d counts %d, want %d", n, sum.Total, len(want))
					}
					req.After, req.Uncounted = sum.Next, n%2 == 0
					if sum.Next == "" {
						break
					}
					if n > len(want) {
						t.Fatal("no end")
					}
				}
				if !slices.Equal(got, want) {
					for i := range min(len(got), len(want)) {
						if got[i] != want[i] {
							t.Fatalf("place %d is %+v, want %+v (%d of %d)", i, got[i], want[i], len(got), len(want))
						}
					}
					t.Fatalf("%d places, want %d", len(got), len(want))
				}
			})
		}
	}
}

// TestRun_PagesStayTrue: between two pages rows are sealed, newer events come, and a segment expires.
func TestRun_PagesStayTrue(t *testing.T) {
	docs := sample.Docs(12, 1200)
	for _, order := range []string{"-@timestamp", "user.name", "-source.ip"} {
		t.Run(order, func(t *testing.T) {
			q, err := query.Parse("")
			if err != nil {
				t.Fatal(err)
			}
			o := rank.Parse(order)
			before := []search.Part{sealed(t, docs[:400], true), tail(t, docs[400:800]), tail(t, docs[800:1000])}
			after := []search.Part{sealed(t, docs[:400], true), sealed(t, docs[400:1000], true), tail(t, docs[1000:])}
			first, sum := page(t, before, search.Request{Query: q, Size: 300, Order: o})
			seen := map[string]int{}
			for _, p := range first {
				seen[p.ID]++
			}
			for cursor := sum.Next; cursor != ""; {
				list, next := page(t, after, search.Request{Query: q, Size: 300, Order: o, After: cursor, Uncounted: true})
				for _, p := range list {
					seen[p.ID]++
				}
				cursor = next.Next
			}
			for i, d := range docs[:1000] {
				var e event.Event
				if err := e.Decode(d); err != nil {
					t.Fatal(err)
				}
				if n := seen[e.Str(event.EventID)]; n != 1 {
					t.Fatalf("event %d came %d times", i, n)
				}
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("%s came %d times", id, n)
				}
			}
			// What expires is gone from the pages behind, and nothing else is.
			list, _ := page(t, after[1:], search.Request{Query: q, Size: 10_000, Order: o, After: sum.Next, Uncounted: true})
			for _, p := range list {
				if o.ComparePlaces(p, first[len(first)-1]) <= 0 {
					t.Fatalf("%+v stands before the cursor", p)
				}
			}
		})
	}
}

// TestRun_APageFarBehindReadsLess: in the order of time, parts that the cursor has passed are not opened.
func TestRun_APageFarBehindReadsLess(t *testing.T) {
	docs := sample.Docs(13, 2000)
	var parts []search.Part
	opened := 0
	for i := 0; i < len(docs); i += 200 {
		p := tail(t, docs[i:i+200])
		open := p.Open
		p.Open = func() (search.Chunk, *index.Reader, func(), error) {
			opened++
			return open()
		}
		parts = append(parts, p)
	}
	q, err := query.Parse("user.name: *")
	if err != nil {
		t.Fatal(err)
	}
	o := rank.Parse("")
	t.Setenv("GOMAXPROCS", "1")
	_, all := page(t, parts, search.Request{Query: q, Size: 1900, Order: o})
	opened = 0
	list, _ := page(t, parts, search.Request{Query: q, Size: 5, Order: o, After: all.Next, Uncounted: true})
	if len(list) != 5 || opened > 4 { // one to choose from, one more for the documents, and what a second processor began
		t.Errorf("%d events, %d parts were opened", len(list), opened)
	}
}

func TestRun_ACursorOfAnotherOrderIsRefused(t *testing.T) {
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	parts := []search.Part{tail(t, sample.Docs(1, 20))}
	_, sum := page(t, parts, search.Request{Query: q, Size: 5, Order: rank.Parse("user.name")})
	for _, after := range []string{sum.Next, "nonsense"} {
		if _, err := search.Run(t.Context(), parts, search.Request{Query: q, Size: 5, After: after}, nil, nil); err == nil {
			t.Errorf("%q is taken", after)
		}
	}
}

// ending is a chunk that ends the search when a column is read, and counts what is read from then on.
type ending struct {
	search.Chunk
	cancel context.CancelFunc
	after  *int
}

func (c ending) Load(name string, within column.Bits) (*column.Column, error) {
	*c.after++
	c.cancel()
	return c.Chunk.Load(name, within)
}

// TestRun_EndsWithItsContext: nothing more is read or decoded once whoever asked has gone, in the middle of a part too.
func TestRun_EndsWithItsContext(t *testing.T) {
	for _, kql := range []string{`message: "no such words here"`, "*failed*", "not user.name: root", "weir.data: {took: 5}"} {
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		loads := 0
		var parts []search.Part
		for i := range 20 {
			p := tail(t, sample.Docs(uint64(i+1), 100))
			open := p.Open
			p.Open = func() (search.Chunk, *index.Reader, func(), error) {
				c, ix, done, err := open()
				return ending{c, cancel, &loads}, ix, done, err
			}
			parts = append(parts, p)
		}
		req := search.Request{Query: q, Size: 10, CountBy: []string{"user.name"}, Buckets: 10}
		sum, err := search.Run(ctx, parts, req, func([]byte, *event.Event) error { t.Error("a document came"); return nil }, nil)
		if !errors.Is(err, context.Canceled) || sum != nil {
			t.Errorf("%s: %v, %v", kql, sum, err)
		}
		if loads > 4 { // one a processor
			t.Errorf("%s: %d columns were read", kql, loads)
		}
		if _, err := fields.Count(ctx, parts, fields.Request{Request: search.Request{Query: q}}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("fields: %v", err)
		}
	}
}

func TestRun_CountBySeveralFields(t *testing.T) {
	docs := slices.Concat(sample.Docs(6, 2000), sample.Ugly())
	parts := split(t, docs)
	q, err := query.Parse("not event.outcome: success")
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range [][]string{{"user.name", "event.outcome"}, {"tags", "user.name"}, {"event.dataset", "source.ip", "event.severity"}, {"labels.env", "user.name"}} {
		want, missing := map[string]int{}, 0
		var e event.Event
		for _, i := range matching(docs, q) {
			_ = e.Decode(docs[i])
			groups := []string{""}
			for _, f := range by {
				var values, next []string
				query.MakePath(f).Each(&e, func(v event.Value) bool {
					if !slices.Contains(values, v.Text()) {
						values = append(values, strings.Clone(v.Text()))
					}
					return true
				})
				for _, g := range groups {
					for _, v := range values {
						next = append(next, g+"|"+v)
					}
				}
				groups = next
			}
			for _, g := range groups {
				want[g]++
			}
			if len(groups) == 0 {
				missing++
			}
		}
		sum, err := search.Run(t.Context(), parts, search.Request{Query: q, CountBy: by, CountSize: 1 << 20}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if sum.GroupsMissing != missing || sum.GroupsTotal != len(want) || len(sum.Groups) != len(want) || sum.GroupsBounded {
			t.Errorf("%v: %d missing of %d, %d groups of %d", by, sum.GroupsMissing, missing, sum.GroupsTotal, len(want))
		}
		for _, g := range sum.Groups {
			if n := want["|"+strings.Join(g.Values, "|")]; n != g.Count {
				t.Errorf("%v %q: %d, want %d", by, g.Values, g.Count, n)
			}
		}
	}
}

// countsOf counts fields as a reader of whole documents would.
func countsOf(docs [][]byte, list []int) map[string]int {
	want := map[string]int{}
	var e event.Event
	for _, i := range list {
		_ = e.Decode(docs[i])
		seen := map[string]bool{}
		var walk func(path string, v event.Value)
		walk = func(path string, v event.Value) {
			switch v.Kind() {
			case event.Absent, event.Null:
			case event.List:
				for j := range v.Len() {
					walk(path, v.Item(j))
				}
			case event.Object:
				for j := range v.Len() {
					k, m := v.Member(j)
					walk(path+"."+k, m)
				}
			default:
				seen[path] = true
			}
		}
		e.Each(func(f event.Field, v event.Value) bool { walk(f.Path(), v); return true })
		e.EachExtra(func(p string, v event.Value) bool { walk(strings.Clone(p), v); return true })
		for p := range seen {
			want[p]++
		}
	}
	return want
}

func TestFields(t *testing.T) {
	docs := slices.Concat(sample.Docs(8, 2000), sample.Ugly())
	parts := split(t, docs)
	for _, kql := range []string{"", "event.outcome: failure", "user.name: nobody-at-all"} {
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatal(err)
		}
		list := matching(docs, q)
		want := countsOf(docs, list)
		got, err := fields.Count(t.Context(), parts, fields.Request{Request: search.Request{Query: q}, Values: 3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Events != len(list) || got.Sampled || len(got.Fields) != len(want) {
			t.Errorf("%q: %d events, %d fields, want %d, %d", kql, got.Events, len(got.Fields), len(list), len(want))
		}
		for i, f := range got.Fields {
			if want[f.Path] != f.Events {
				t.Errorf("%q: %s has %d, want %d", kql, f.Path, f.Events, want[f.Path])
			}
			if i > 0 && f.Path <= got.Fields[i-1].Path {
				t.Errorf("%s stands behind %s", f.Path, got.Fields[i-1].Path)
			}
			sum, err := search.Run(t.Context(), parts, search.Request{Query: q, Top: f.Path, TopSize: 3}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			// weir.data.a.b is an object too, whose members a condition on it finds.
			if f.Values != nil && f.Path != "weir.data.a.b" && (fmt.Sprint(f.Values) != fmt.Sprint(sum.Top) || f.Distinct != sum.TopValues) {
				t.Errorf("%q: %s has %v (%d), its top values are %v (%d)", kql, f.Path, f.Values, f.Distinct, sum.Top, sum.TopValues)
			}
		}
	}
}

func TestFields_SampleAndOnly(t *testing.T) {
	docs := sample.Docs(9, 900)
	parts := []search.Part{sealed(t, docs[:300], true), tail(t, docs[300:600]), sealed(t, docs[600:], false)}
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	got, err := fields.Count(t.Context(), parts, fields.Request{Request: search.Request{Query: q}, Sample: 400, Only: []string{"user", "source.ip"}}, nil)
	if err != nil || got.Events != 400 || !got.Sampled {
		t.Fatalf("%+v (%v)", got, err)
	}
	var newest []int
	for i := 500; i < 900; i++ {
		newest = append(newest, i)
	}
	want := countsOf(docs, newest)
	for _, f := range got.Fields {
		if f.Path != "source.ip" && !strings.HasPrefix(f.Path, "user.") {
			t.Errorf("%s was not asked for", f.Path)
		}
		if f.Values != nil || want[f.Path] != f.Events {
			t.Errorf("%s: %+v, want %d of the newest", f.Path, f, want[f.Path])
		}
	}
	if len(got.Fields) == 0 {
		t.Error("no field")
	}
}
