package search

import (
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"testing"

	"weir/event"
)

// Hits that come in any order and any portions end up as the best of all of them.
func TestHits_TheBestOfAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for _, ascending := range []bool{false, true} {
		for range 50 {
			h := hits{size: 1 + rnd.IntN(20), ascending: ascending}
			var all []hit
			for part := range 5 {
				var found []hit
				for row := range rnd.IntN(30) {
					found = append(found, hit{time: int64(rnd.IntN(10)), id: strconv.Itoa(rnd.IntN(10)), part: part, row: row})
				}
				all = append(all, found...)
				h.add(found)
			}
			sort.Slice(all, func(i, j int) bool { return h.less(all[i], all[j]) })
			if want := all[:min(len(all), h.size)]; !slices.Equal(h.sorted(), want) {
				t.Fatalf("got %v, want %v", h.sorted(), want)
			}
		}
	}
}

func TestHits_WhichPartsAreOfUse(t *testing.T) {
	newest := hits{size: 2, list: []hit{{time: 9}, {time: 5}}}
	oldest := hits{size: 2, ascending: true, list: []hit{{time: 5}, {time: 9}}}
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
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.h.wants(c.p); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestCut_KeepsThoseOfTheLastTime(t *testing.T) {
	s := &run{req: Request{Size: 3}}
	var list []hit
	for i, at := range []int64{5, 9, 7, 7, 7, 1, 7} {
		list = append(list, hit{time: at, row: i})
	}
	got := s.cut(slices.Clone(list))
	if len(got) != 5 || got[0].time != 9 || got[4].time != 7 {
		t.Errorf("newest first: %v", got)
	}
	s.req.Ascending = true
	if got = s.cut(list); len(got) != 6 || got[0].time != 1 {
		t.Errorf("oldest first: %v", got)
	}
	if got = s.cut(list[:2]); len(got) != 2 {
		t.Errorf("few: %v", got)
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
