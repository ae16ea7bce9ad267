package fields

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/archive/search/tally"
	"weir/internal/query"
)

// part makes a part of documents in memory.
func part(t testing.TB, docs ...[]byte) search.Part {
	t.Helper()
	var tb column.Table
	var e event.Event
	for _, d := range docs {
		ok := false
		if e.Decode(d) == nil {
			ok, _ = column.Canonical(&e, d, nil)
		}
		tb.Add(&e, d, ok)
	}
	v := tb.View()
	times, err := v.Times()
	if err != nil {
		t.Fatal(err)
	}
	return search.Part{Min: slices.Min(times), Max: slices.Max(times), Rows: v.Rows(), Class: "default",
		Open: func() (search.Chunk, *index.Reader, func(), error) { return v, nil, func() {}, nil }}
}

func request(t testing.TB, kql string) search.Request {
	t.Helper()
	q, err := query.Parse(kql)
	if err != nil {
		t.Fatal(err)
	}
	return search.Request{Query: q}
}

func TestCount(t *testing.T) {
	p := part(t,
		[]byte(`{"@timestamp":"2026-11-21T07:00:00.000Z","labels":{"env":"prod"},"message":"x","tags":["a","b"],"user":{"name":"root"}}`),
		[]byte(`{"@timestamp":"2026-11-21T07:00:01.000Z","message":"x","tags":[],"user":{"name":"kim"}}`),
		[]byte(`{"user":{"name":"root"},"@timestamp":"2026-11-21T07:00:02.000Z","my":{"own":[{"k":1},{"k":1}]}}`)) // kept whole
	for _, c := range []struct {
		kql, want string
		req       Request
	}{
		{"", "3 [{@timestamp 3 [] 0 false} {labels.env 1 [] 0 false} {message 2 [] 0 false} {my.own.k 1 [] 0 false} {tags 1 [] 0 false} {user.name 3 [] 0 false}]", Request{}},
		{"", "3 [{user.name 3 [{root 2}] 2 false}]", Request{Values: 1, Only: []string{"user"}}},
		{"", "3 [{tags 1 [{a 1} {b 1}] 2 false}]", Request{Values: 9, Only: []string{"tags"}}},
		{"", "3 [{my.own.k 1 [{1 1}] 1 false}]", Request{Values: 9, Only: []string{"my"}}},
		{"", "3 [{message 2 [] 0 false}]", Request{Values: 9, Only: []string{"message"}}}, // each event has its own
		{"user.name: kim", "1 [{@timestamp 1 [] 0 false} {message 1 [] 0 false} {user.name 1 [] 0 false}]", Request{}},
		{"user.name: nobody", "0 []", Request{}},
	} {
		c.req.Request = request(t, c.kql)
		got, err := Count(t.Context(), []search.Part{p}, c.req, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(got.Events, " ", got.Fields); text != c.want || got.Sampled {
			t.Errorf("%q %v:\n%s\nwant %s", c.kql, c.req.Only, text, c.want)
		}
	}
}

func TestCount_TheNewestOfASample(t *testing.T) {
	docs := sample.Docs(2, 300)
	parts := []search.Part{part(t, docs[:100]...), part(t, docs[100:200]...), part(t, docs[200:]...)}
	opened := 0
	first := parts[0].Open
	parts[0].Open = func() (search.Chunk, *index.Reader, func(), error) {
		opened++
		return first()
	}
	got, err := Count(t.Context(), parts, Request{Request: request(t, ""), Sample: 150}, nil)
	if err != nil || got.Events != 150 || !got.Sampled || opened != 0 {
		t.Errorf("%d events, sampled %v, the oldest was opened %d times (%v)", got.Events, got.Sampled, opened, err)
	}
}

func TestCount_SaysWhatCannotBeReadAndEnds(t *testing.T) {
	docs := sample.Docs(2, 100)
	parts := []search.Part{part(t, docs[:50]...), part(t, docs[50:]...)}
	parts[0].Open = func() (search.Chunk, *index.Reader, func(), error) {
		return nil, nil, nil, errors.New("the disk is gone")
	}
	got, err := Count(t.Context(), parts, Request{Request: request(t, "")}, nil)
	if err != nil || got.Events != 50 || len(got.Unreadable) != 1 {
		t.Errorf("%+v (%v)", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Count(ctx, parts, Request{Request: request(t, "")}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestValue_IsBounded(t *testing.T) {
	c := &counter{at: map[string]*fieldTally{}}
	found := map[string]*fieldTally{}
	for i := range maxPaths + 10 {
		c.value(found, map[string]bool{}, fmt.Sprint("labels.", i), event.Str("x"))
	}
	if len(found) != maxPaths {
		t.Errorf("%d paths", len(found))
	}
}

// TestCount_ManyValues: above the bound on values those of the newest events are among the ones that are kept.
func TestCount_ManyValues(t *testing.T) {
	var older, newer [][]byte
	for i := range maxFieldValues + 10 {
		older = append(older, fmt.Appendf(nil, `{"@timestamp":"2026-11-21T07:00:00.000Z","user":{"name":"u%d"}}`, i))
	}
	for range 3 {
		newer = append(newer, []byte(`{"@timestamp":"2026-11-21T08:00:00.000Z","user":{"name":"kim"}}`))
	}
	req := Request{Request: request(t, ""), Sample: len(older) + len(newer), Values: 1, Only: []string{"user.name"}}
	got, err := Count(t.Context(), []search.Part{part(t, older...), part(t, newer...)}, req, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("[{user.name %d [{kim 3}] %d true}]", req.Sample, maxFieldValues)
	if text := fmt.Sprint(got.Fields); text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

// TestMerge: the table of a part is not kept, of the first one neither: it may lie in the part's memory.
func TestMerge(t *testing.T) {
	f := &counter{at: map[string]*fieldTally{}}
	for n := range 2 {
		part := &fieldTally{1, tally.New("user.name")}
		part.values.Add("kim", 1)
		f.merge("user.name", part)
		if have := f.at["user.name"]; have.values == part.values || have.events != n+1 || have.values.Top(1)[0].Count != n+1 {
			t.Errorf("part %d: %+v, its own table %v", n, have, have.values == part.values)
		}
	}
}

func BenchmarkCount(b *testing.B) {
	parts := []search.Part{part(b, sample.Docs(2, 20_000)...)}
	req := Request{Request: request(b, ""), Values: 5}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Count(b.Context(), parts, req, nil); err != nil {
			b.Fatal(err)
		}
	}
}
