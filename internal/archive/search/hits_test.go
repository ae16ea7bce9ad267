package search

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"weir/event"
	"weir/internal/archive/search/rank"
)

func at(t int64) hit { return hit{Place: rank.Place{Time: t}} }

// Hits that come in any order and any portions end up as the best of all of them.
func TestHits_TheBestOfAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for _, order := range []rank.Order{rank.Parse(""), rank.Parse("@timestamp"), rank.Parse("user.name"), rank.Parse("-user.name")} {
		for range 50 {
			h := hits{size: 1 + rnd.IntN(20), order: order}
			var all []hit
			for part := range 5 {
				var found []hit
				for row := range rnd.IntN(30) {
					p := rank.Place{Key: order.Key(event.Str(strconv.Itoa(rnd.IntN(4)))), Time: int64(rnd.IntN(10)), ID: strconv.Itoa(rnd.IntN(10))}
					found = append(found, hit{p, part, row})
				}
				all = append(all, found...)
				h.add(found)
			}
			slices.SortFunc(all, h.compare)
			if want := all[:min(len(all), h.size)]; !slices.Equal(h.list, want) {
				t.Fatalf("%s: got %v, want %v", order, h.list, want)
			}
		}
	}
}

func TestHits_WhichPartsAreOfUse(t *testing.T) {
	newest := hits{size: 2, list: []hit{at(9), at(5)}}
	oldest := hits{size: 2, order: rank.By("", true), list: []hit{at(5), at(9)}}
	byName := hits{size: 2, order: rank.Parse("user.name"), list: newest.list}
	cases := map[string]struct {
		h    hits
		p    Part
		want bool
	}{
		"nothing wanted":     {hits{}, Part{Min: 0, Max: 99}, false},
		"not enough yet":     {hits{size: 3, list: newest.list}, Part{Min: 0, Max: 1}, true},
		"newer":              {newest, Part{Min: 0, Max: 6}, true},
		"as new as the last": {newest, Part{Min: 0, Max: 5}, true},
		"all older":          {newest, Part{Min: 0, Max: 4}, false},
		"older":              {oldest, Part{Min: 8, Max: 99}, true},
		"as old as the last": {oldest, Part{Min: 9, Max: 99}, true},
		"all newer":          {oldest, Part{Min: 10, Max: 99}, false},
		"time says nothing":  {byName, Part{Min: 0, Max: 1}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.h.wants(c.p); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestSelector_KeepsThoseOfTheLastTime(t *testing.T) {
	for _, c := range []struct {
		order string
		times []int64
		want  int
		first int64
		last  int64
	}{
		{"", []int64{5, 9, 7, 7, 7, 1, 7}, 5, 9, 7},
		{"@timestamp", []int64{5, 9, 7, 7, 7, 1, 7}, 6, 1, 7},
		{"", []int64{5, 9}, 2, 5, 9},
	} {
		s := selector{hits: &hits{size: 3, order: rank.Parse(c.order)}, cutAt: 1 << 20}
		for _, x := range c.times {
			s.take(at(x))
		}
		s.cut()
		if len(s.list) != c.want || s.list[0].Time != c.first || s.list[len(s.list)-1].Time != c.last {
			t.Errorf("%q: %v", c.order, s.list)
		}
		if full := c.want > 3; full != (s.worst != nil) || full && s.take(at(map[string]int64{"": 0, "@timestamp": 99}[c.order])) {
			t.Errorf("%q: what lies behind the last is of use", c.order)
		}
	}
}

// Pages of every size, one after another, are the whole, also where many events share a place.
func TestHits_PagesAreTheWhole(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		order := rank.Parse([]string{"", "@timestamp", "user.name", "-source.port"}[rnd.IntN(4)])
		var all []hit
		for row := range rnd.IntN(40) {
			p := rank.Place{Key: order.Key(event.Num(int64(rnd.IntN(3)))), Time: int64(rnd.IntN(3)), ID: strconv.Itoa(rnd.IntN(2))}
			all = append(all, hit{p, 0, row})
		}
		size, after := 1+rnd.IntN(7), ""
		var got []hit
		for n := 0; ; n++ {
			s := run{req: Request{Order: order, Size: size, After: after}, from: minTime, to: maxTime}
			if err := s.order(); err != nil {
				t.Fatal(err)
			}
			sel := selector{hits: &s.hits, cutAt: 4}
			for _, h := range all {
				sel.take(h)
			}
			sel.cut()
			list := append(sel.list, sel.level...)
			if s.hits.after != nil {
				list = slices.DeleteFunc(list, func(h hit) bool { return order.ComparePlaces(h.Place, *s.hits.after) < 0 })
			}
			s.hits.add(list)
			page, next := s.hits.page(size)
			got = append(got, page...)
			if after = next; next == "" {
				break
			}
			if n > 100 {
				t.Fatalf("no end after %d pages", n)
			}
		}
		h := hits{order: order}
		slices.SortFunc(all, h.compare)
		if !slices.Equal(got, all) {
			t.Fatalf("%s by %d: got %v\nwant %v", order, size, got, all)
		}
	}
}

func TestOnly(t *testing.T) {
	var e event.Event
	if err := e.Decode([]byte(`{"labels":{"a":"b"},"my":{"own":1},"source":{"ip":"10.0.0.1"},"user":{"id":"7","name":"root"}}`)); err != nil {
		t.Fatal(err)
	}
	Only(&e, []event.Field{event.UserName, event.SourcePort, event.Labels})
	if got := string(e.AppendJSON(nil)); got != `{"labels":{"a":"b"},"user":{"name":"root"}}` {
		t.Errorf("got %s", got)
	}
	Only(&e, nil)
	if e.Len() != 0 {
		t.Errorf("%d values are left", e.Len())
	}
}
