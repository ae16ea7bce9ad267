package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/query"
)

// revised is a document of one event. Earlier revisions are at times before it.
func revised(id string, revision int, at time.Time, user string, before ...time.Time) []byte {
	var e event.Event
	e.Set(event.Timestamp, event.At(at))
	e.SetStr(event.EventID, id)
	e.SetStr(event.UserName, user)
	e.SetStr(event.Message, "user "+user+" of "+id)
	e.Set(event.WeirRevision, event.Num(int64(revision)))
	if len(before) > 0 {
		for _, t := range before {
			e.Append(event.WeirRevisedAt, t.UTC().Format(time.RFC3339Nano))
		}
		e.SetStr(event.WeirRevisedBy, "reparse")
	}
	return e.AppendJSON(nil)
}

// withClaims gives a part what an archive knows of the revisions in it.
func withClaims(t testing.TB, p search.Part) search.Part {
	t.Helper()
	list, err := search.LoadClaims(p)
	if err != nil {
		t.Fatal(err)
	}
	if p.Segment {
		p.Mask = &search.Mask{}
	}
	if len(list) == 0 {
		return p
	}
	lo, hi := list[0].At[0], list[0].At[0]
	for _, c := range list {
		lo, hi = min(lo, slices.Min(c.At)), max(hi, slices.Max(c.At))
	}
	p.Claims = &search.Claims{Min: lo, Max: hi, Load: func() ([]search.Claim, error) { return search.LoadClaims(p) }}
	if !p.Segment {
		p.Claims.Of = &list
	}
	return p
}

// history is events with revisions, spread over parts, and the newest of each.
type history struct {
	parts       []search.Part
	all, newest []event.Event
}

// manyRevisions draws events of up to four revisions, whose times mostly stay and sometimes move, into segments with and
// without an index, and tails.
func manyRevisions(t testing.TB, rnd *rand.Rand, events int) history {
	t.Helper()
	began := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	users := []string{"root", "admin", "kim"}
	places := make([][][]byte, 6)
	var h history
	for i := range events {
		id := fmt.Sprintf("ing/1/%d", i)
		at := began.Add(time.Duration(rnd.IntN(60)) * time.Second) // many share a time
		var before []time.Time
		var last []byte
		for revision := 1; revision == 1 || revision < 5 && rnd.IntN(2) == 0; revision++ {
			if revision > 1 && rnd.IntN(3) == 0 {
				at = at.Add(time.Duration(rnd.IntN(7200)-3600) * time.Second)
			}
			last = revised(id, revision, at, users[rnd.IntN(len(users))], before...)
			if !slices.Contains(before, at) {
				before = append(before, at)
			}
			place := rnd.IntN(len(places))
			places[place] = append(places[place], last)
			h.all = append(h.all, decode([][]byte{last})[0])
		}
		h.newest = append(h.newest, decode([][]byte{last})[0])
	}
	for i, docs := range places {
		if len(docs) == 0 {
			continue
		}
		p := tail(t, docs)
		if i < 4 {
			p = sealed(t, docs, i%2 == 0)
		}
		p.Epoch = i
		h.parts = append(h.parts, withClaims(t, p))
	}
	return h
}

// TestHide_EqualsTheNewestOfEach: whatever is asked, the answer is that over the newest revision of each event, wherever
// the others are; and over all of them if that is what is asked for.
func TestHide_EqualsTheNewestOfEach(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 9))
	for round := range 8 {
		h := manyRevisions(t, rnd, 40+rnd.IntN(200))
		for _, src := range []string{"", "user.name: root", "not user.name: root", "message: kim", "weir.revision > 1", "user.name: (root or admin) and message: user", `@timestamp > "2026-11-21T07:00:30Z"`} {
			q, err := query.Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			for _, every := range []bool{false, true} {
				events := h.newest
				if every {
					events = h.all
				}
				want := len(matchingEvents(events, q))
				req := search.Request{Query: q, Size: 10_000, Top: "user.name", Buckets: 10, Revisions: every}
				got := map[string]int{}
				sum, err := search.Run(context.Background(), h.parts, req, func(_ []byte, e *event.Event) error {
					got[e.Str(event.EventID)]++
					return nil
				}, nil)
				if err != nil {
					t.Fatal(err)
				}
				bars, top := 0, sum.TopMissing
				for _, b := range sum.Buckets {
					bars += b.Count
				}
				for _, v := range sum.Top {
					top += v.Count
				}
				if sum.Total != want || sum.Returned != want || bars != want || top != want || len(sum.Unreadable) > 0 {
					t.Fatalf("round %d, %q, every revision %v: total %d, returned %d, bars %d, top %d, want %d of each", round, src, every, sum.Total, sum.Returned, bars, top, want)
				}
				for id, n := range got {
					if n > 1 && !every {
						t.Fatalf("%s came %d times", id, n)
					}
				}
				// What needs no row must leave them out too.
				if sum, err := search.Run(context.Background(), h.parts, search.Request{Query: q, Revisions: every}, nil, nil); err != nil || sum.Total != want {
					t.Fatalf("counted alone %d, want %d (%v)", sum.Total, want, err)
				}
				scanned := 0
				for _, err := range search.Scan(context.Background(), h.parts, search.ScanOptions{Filter: q, Revisions: every}, nil) {
					if err != nil {
						t.Fatal(err)
					}
					scanned++
				}
				if scanned != want {
					t.Fatalf("scanned %d, want %d", scanned, want)
				}
			}
			sifted := 0
			for _, err := range search.Sift(context.Background(), h.parts, search.SiftOptions{Keep: q.Match}, nil) {
				if err != nil {
					t.Fatal(err)
				}
				sifted++
			}
			if want := len(matchingEvents(h.newest, q)); sifted != want {
				t.Fatalf("sifted %d, want %d", sifted, want)
			}
		}
	}
}

func TestHide(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	later := at.Add(time.Hour)
	first := revised("a", 1, at, "root")
	for _, tc := range []struct {
		name string
		docs [][]byte
		want string
	}{
		{"one revision", [][]byte{first}, "[root]"},
		{"a newer one hides it", [][]byte{first, revised("a", 2, at, "kim", at)}, "[kim]"},
		{"also at another time", [][]byte{first, revised("a", 2, later, "kim", at)}, "[kim]"},
		{"the last of three, each at its own time", [][]byte{first, revised("a", 2, later, "kim", at), revised("a", 3, at.Add(time.Minute), "park", at, later)}, "[park]"},
		{"one that is missing in between", [][]byte{first, revised("a", 3, at, "park", at, later)}, "[park]"},
		{"another event of that time stays", [][]byte{first, revised("b", 1, at, "admin"), revised("b", 2, at, "kim", at)}, "[root kim]"},
		{"an older one hides nothing", [][]byte{revised("a", 3, at, "park", at), revised("a", 2, at, "kim", at)}, "[park]"},
		{"a claim about a time at which it never was", [][]byte{first, revised("a", 2, later, "kim", later.Add(time.Hour))}, "[root kim]"},
		{"a claim of an event without an id", [][]byte{first, revised("", 2, at, "kim", at)}, "[kim root]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, make := range map[string]func([][]byte) []search.Part{
				"one tail":    func(d [][]byte) []search.Part { return []search.Part{withClaims(t, tail(t, d))} },
				"one segment": func(d [][]byte) []search.Part { return []search.Part{withClaims(t, sealed(t, d, true))} },
				"a segment each": func(d [][]byte) (out []search.Part) {
					for _, doc := range d {
						out = append(out, withClaims(t, sealed(t, [][]byte{doc}, false)))
					}
					return out
				},
				"segment and tail": func(d [][]byte) []search.Part {
					return []search.Part{withClaims(t, sealed(t, d[:1], true)), withClaims(t, tail(t, append(d[1:len(d):len(d)], revised("z", 1, at.Add(9*time.Hour), "last"))))}
				},
			} {
				q, err := query.Parse("not user.name: last")
				if err != nil {
					t.Fatal(err)
				}
				parts := make(tc.docs)
				for range 2 { // the second time from what is remembered
					var got []string
					_, err = search.Run(t.Context(), parts, search.Request{Query: q, Size: 10, Ascending: true}, func(_ []byte, e *event.Event) error {
						got = append(got, string([]byte(e.Str(event.UserName))))
						return nil
					}, nil)
					if fmt.Sprint(got) != tc.want || err != nil {
						t.Errorf("%s: %v, want %s (%v)", name, got, tc.want, err)
					}
				}
			}
		})
	}
}

// TestHide_RemembersSegments: claims of segments are read once for each segment that they are about, and never again.
func TestHide_RemembersSegments(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	old, fresh := withClaims(t, sealed(t, [][]byte{revised("a", 1, at, "root")}, true)), withClaims(t, sealed(t, [][]byte{revised("a", 2, at, "kim", at)}, true))
	loads, load := 0, fresh.Claims.Load
	fresh.Claims.Load = func() ([]search.Claim, error) { loads++; return load() }
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		sum, err := search.Run(t.Context(), []search.Part{old, fresh}, search.Request{Query: q}, nil, nil)
		if err != nil || sum.Total != 1 {
			t.Fatalf("%d events (%v)", sum.Total, err)
		}
	}
	if loads != 1 {
		t.Errorf("claims were read %d times", loads)
	}
}

// TestHide_TheViewOfEach: claims are added while others read. Each reader sees of an event the newest revision that was
// there when it began, never two and never none, whoever filled the mask.
func TestHide_TheViewOfEach(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	old := sealed(t, [][]byte{revised("a", 1, at, "root"), revised("b", 1, at, "root"), revised("c", 1, at, "root")}, true)
	old.Mask = &search.Mask{}
	newer := [][]byte{revised("a", 2, at, "kim", at), revised("b", 2, at, "kim", at), revised("a", 3, at, "park", at)}
	table := new(int) // stands for the table that grows
	view := func(n int) []search.Part {
		p := withClaims(t, tail(t, newer[:n]))
		p.Claims.Of = table
		return []search.Part{old, p}
	}
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 3, 2, 1, 3, 2} { // later views fill the mask before earlier ones are read
		got := map[string]string{}
		sum, err := search.Run(t.Context(), view(n), search.Request{Query: q, Size: 10}, func(_ []byte, e *event.Event) error {
			got[string([]byte(e.Str(event.EventID)))] += e.Str(event.UserName)
			return nil
		}, nil)
		want := [...]string{1: "map[a:kim b:root c:root]", 2: "map[a:kim b:kim c:root]", 3: "map[a:park b:kim c:root]"}[n]
		if fmt.Sprint(got) != want || sum.Total != 3 || err != nil {
			t.Errorf("with %d revisions: %v, %d in all, want %s (%v)", n, got, sum.Total, want, err)
		}
	}
	if sum, err := search.Run(t.Context(), []search.Part{old}, search.Request{Query: q}, nil, nil); err != nil || sum.Total != 3 {
		t.Errorf("without any: %d (%v)", sum.Total, err)
	}
}

// TestHide_WhatCannotBeReadIsSaid: the older revision comes back then, with a word about it, and is hidden again as soon
// as the claims can be read.
func TestHide_WhatCannotBeReadIsSaid(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	old, fresh := withClaims(t, sealed(t, [][]byte{revised("a", 1, at, "root")}, true)), withClaims(t, sealed(t, [][]byte{revised("a", 2, at, "kim", at)}, true))
	load, broken := fresh.Claims.Load, true
	fresh.Claims.Load = func() ([]search.Claim, error) {
		if broken {
			return nil, errors.New("the disk is gone")
		}
		return load()
	}
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	parts := []search.Part{old, fresh}
	sum, err := search.Run(t.Context(), parts, search.Request{Query: q}, nil, nil)
	if err != nil || sum.Total != 2 || len(sum.Unreadable) != 1 {
		t.Errorf("%d events, said %v (%v)", sum.Total, sum.Unreadable, err)
	}
	failed := 0
	for _, err := range search.Scan(t.Context(), parts, search.ScanOptions{}, nil) {
		if err != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("a scan said %d faults", failed)
	}
	broken = false
	if sum, err := search.Run(t.Context(), parts, search.Request{Query: q}, nil, nil); err != nil || sum.Total != 1 || len(sum.Unreadable) != 0 {
		t.Errorf("afterwards %d events, said %v (%v)", sum.Total, sum.Unreadable, err)
	}
}

func TestClaimOf(t *testing.T) {
	for doc, want := range map[string]string{
		`{"event":{"id":"a"},"weir":{"revision":2,"revised":{"at":["2026-11-21T07:00:00.000Z","2026-11-21T08:00:00.000Z"]}}}`: "a 2 2 true",
		`{"event":{"id":"a"},"weir":{"revision":2,"revised":{"at":"2026-11-21T07:00:00.000Z"}}}`:                              "a 2 1 true",
		`{"event":{"id":"a"},"weir":{"revision":1}}`:                                                                          " 0 0 false",
		`{"weir":{"revision":2,"revised":{"at":["2026-11-21T07:00:00.000Z"]}}}`:                                               " 0 0 false",
		`{"event":{"id":"a"},"weir":{"revision":2,"revised":{"at":["yesterday"]}}}`:                                           " 0 0 false",
		`{"event":{"id":"a"},"weir":{"revision":2,"revised":{"at":{"not":"what it is"}}}}`:                                    " 0 0 false",
	} {
		var e event.Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		c, ok := search.ClaimOf(&e)
		if got := fmt.Sprint(c.ID, " ", c.Revision, len(c.At), ok); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

// BenchmarkHide is a search over a segment of which each tenth event was revised, once its mask is known.
func BenchmarkHide(b *testing.B) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	var docs, newer [][]byte
	for i := range 20_000 {
		when := at.Add(time.Duration(i) * time.Millisecond)
		docs = append(docs, revised(fmt.Sprint("ing/1/", i), 1, when, "root"))
		if i%10 == 0 {
			newer = append(newer, revised(fmt.Sprint("ing/1/", i), 2, when, "kim", when))
		}
	}
	parts := []search.Part{withClaims(b, sealed(b, docs, true)), withClaims(b, sealed(b, newer, true))}
	q, err := query.Parse("user.name: root")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if sum, err := search.Run(b.Context(), parts, search.Request{Query: q}, nil, nil); err != nil || sum.Total != 18_000 {
			b.Fatal(sum.Total, err)
		}
	}
}

// BenchmarkHide_OneTime is the first search after very many events of one moment were revised: what it costs must be in
// proportion to their number.
func BenchmarkHide_OneTime(b *testing.B) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	var docs, newer [][]byte
	for i := range 20_000 {
		docs = append(docs, revised(fmt.Sprint("ing/1/", i), 1, at, "root"))
		newer = append(newer, revised(fmt.Sprint("ing/1/", i), 2, at, "kim", at))
	}
	old, fresh := withClaims(b, sealed(b, docs, true)), withClaims(b, sealed(b, newer, true))
	q, err := query.Parse("user.name: root")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		old.Mask, fresh.Mask = &search.Mask{}, &search.Mask{}
		if sum, err := search.Run(b.Context(), []search.Part{old, fresh}, search.Request{Query: q}, nil, nil); err != nil || sum.Total != 0 {
			b.Fatal(sum.Total, err)
		}
	}
}
