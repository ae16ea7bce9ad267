package search

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/query"
)

// spy is a chunk that notes which columns are read.
type spy struct {
	*column.View
	read []string
}

func (s *spy) Load(name string, within column.Bits) (*column.Column, error) {
	s.read = append(s.read, name)
	return s.View.Load(name, within)
}

func spied(t testing.TB, docs [][]byte) (*spy, *index.Reader) {
	t.Helper()
	var tb column.Table
	var e event.Event
	order := make([]int, len(docs))
	for i, d := range docs {
		order[i] = i
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		tb.Add(&e, d, true)
	}
	v := tb.View()
	var b bytes.Buffer
	if err := index.Build(&b, v, order, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	ix, err := index.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), index.Of([32]byte{1}), len(docs))
	if err != nil {
		t.Fatal(err)
	}
	return &spy{View: v}, ix
}

// What the index decides is not read: this is what makes a needle cheap.
func TestProbe_WhatIsRead(t *testing.T) {
	docs := sample.Docs(1, 2000)
	cases := map[string][]string{ // query: columns that may be read
		"zzneedlezz":                               nil,
		"failed":                                   nil,
		"message: failed":                          nil,
		"message: fail*":                           nil,
		`message: "failed password"`:               {"message"},
		`message: "zzneedlezz password"`:           nil,
		"user.name: nobody":                        nil,
		"user.name: root":                          {"user.name"},
		"user.name: ro*":                           {"user.name"},
		"source.ip: 198.51.100.99":                 nil,
		"198.51.100.99":                            nil,
		"source.ip: 203.0.0.0/16":                  {"source.ip"},
		`event.id: "nowhere/1/2"`:                  nil,
		`event.id: "q7f3kx2m/3/77"`:                {"event.id"},
		"q7f3kx2m/3/77":                            {"event.id"},
		"user.name: nobody and message: \"a b\"":   nil,
		"event.outcome: failure and source.port>0": {"event.outcome", "source.port", column.RestName},
		"weir.data.note: \"slow request 3\"":       {column.RestName},
		"weir.data.note: zzneedlezz":               nil,
		"labels.nowhere.at.all: x":                 nil,
		"custom.other.path: x":                     nil,
		`@timestamp > "2026-11-21T07:00:01Z"`:      {"@timestamp"},
	}
	for src, want := range cases {
		t.Run(src, func(t *testing.T) {
			chunk, ix := spied(t, docs)
			p := NewPlan(parse(t, src))
			within := column.NewBits(len(docs))
			within.SetRange(0, len(docs))
			rows, err := p.rows(newReach(chunk, ix, func(err error) { t.Error(err) }), within)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(chunk.read)
			read := slices.Compact(chunk.read)
			for _, name := range read {
				if !slices.Contains(want, name) {
					t.Errorf("read %v, want at most %v", read, want)
					break
				}
			}
			plain, err := p.rows(newReach(chunk.View, nil, nil), within)
			if err != nil || !slices.Equal(rows, plain) {
				t.Errorf("%d rows with the index, %d without; %v", rows.Count(), plain.Count(), err)
			}
		})
	}
}

func TestProbe_Never(t *testing.T) {
	col := func(f event.Field) *column.Column { return &column.Column{ID: column.ID(f), Name: f.Path()} }
	cases := []struct {
		src  string
		f    event.Field
		want bool
	}{
		{"failed", event.SourcePort, true}, {"80", event.SourcePort, false}, {"80.0", event.SourcePort, false}, {"8*", event.SourcePort, true},
		{"failed", event.SourceIP, true}, {"10.0.0.1", event.SourceIP, false}, {"10.0.0.0/8", event.SourceIP, false}, {"10.*", event.SourceIP, false},
		{"failed", event.UserName, false}, {"source.port > 5", event.SourcePort, false},
	}
	for _, c := range cases {
		if got := leafOf(t, c.src).never(col(c.f)); got != c.want {
			t.Errorf("%s in %s: %v", c.src, c.f, got)
		}
	}
}

// The quick look never refuses a text that the query accepts.
func TestProbe_MayHold(t *testing.T) {
	texts := []string{"Failed password for root", "FAILED", "unfailed", "fail ed", "password failed", "", "Kelvin \u212A sign", "été 김민수", "x_failed", "a.b.c"}
	for _, src := range []string{"failed", "Failed", "failed password", `"failed password"`, "k", "김민수", "nothing", "a.b.c", "b"} {
		l := leafOf(t, "message: "+src)
		refused := 0
		for _, text := range texts {
			var e event.Event
			e.Set(event.Message, event.Str(text))
			holds := index.MayHold(text, l.probe.words, l.value.Quoted)
			if l.q.Match(&e) && !holds {
				t.Errorf("%s: %q is refused", src, text)
			}
			if !holds {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%s: nothing is refused", src)
		}
	}
}

func TestComparedWhole(t *testing.T) {
	for path, want := range map[string]bool{
		"user.name": true, "labels": true, "source.port": true, "no.list.knows": true, "message": false, "error.message": false,
		"source.ip": false, "@timestamp": false, "event.start": false,
	} {
		if got := comparedWhole(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func BenchmarkTailText(b *testing.B) {
	docs := sample.Docs(1, 8192)
	chunk, _ := spied(b, docs)
	within := column.NewBits(len(docs))
	within.SetRange(0, len(docs))
	for _, src := range []string{"failed", `"failed password"`, "fail*"} {
		b.Run(strings.Trim(src, `"`), func(b *testing.B) {
			q, err := query.Parse("message: " + src)
			if err != nil {
				b.Fatal(err)
			}
			p := NewPlan(q)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.rows(newReach(chunk.View, nil, nil), within); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(docs)), "ns/event")
		})
	}
}

func TestRun_AllNeedsNoPart(t *testing.T) {
	p := Part{Min: 10, Max: 20, Rows: 7, Segment: true, Open: func() (Chunk, *index.Reader, func(), error) {
		t.Error("the part was opened")
		return nil, nil, nil, context.Canceled
	}}
	sum, err := Run(context.Background(), []Part{p}, Request{Query: parse(t, "")}, nil, nil)
	if err != nil || sum.Total != 7 || sum.SegmentsRead != 0 || sum.Segments != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}
