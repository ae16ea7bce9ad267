package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/testkit/realelastic"
)

// again is a record of weir.events with an event that was read again: number is its revision, day that of weir.time now.
// Its first revision is of the day that doc gives all others.
func again(offset int64, id string, number int, class, day string) *kgo.Record {
	var m map[string]any
	if err := json.Unmarshal(doc(id, class, day, fmt.Sprint("revision ", number)), &m); err != nil {
		panic(err)
	}
	w := m["weir"].(map[string]any)
	w["revision"], w["revised"] = number, map[string]any{"at": []string{"2026-11-21T10:00:00Z"}, "class": "standard", "day": "2026-11-21", "by": "reparse"}
	value, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	r := rec(offset, value)
	r.Headers = nil
	for _, h := range [][2]string{{record.HeaderSource, fmt.Sprintf("weir.raw.reparse/0/%d/0", offset)}, {record.HeaderID, id}, {record.HeaderRev, fmt.Sprint(number)},
		{record.HeaderInput, "reparse"}, {record.HeaderOrigin, "events"}, {record.HeaderDay, "standard/2026-11-21"}} {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
	}
	return r
}

// bare takes the headers off that spare a reader the document.
func bare(r *kgo.Record) *kgo.Record {
	kept := r.Headers[:0:0]
	for _, h := range r.Headers {
		if h.Key != record.HeaderDay && h.Key != record.HeaderRev && h.Key != record.HeaderID {
			kept = append(kept, h)
		}
	}
	r.Headers = kept
	return r
}

// TestSink_RevisionsReplace: whatever order revisions come in, in one index there is one document, and it is the newest.
func TestSink_RevisionsReplace(t *testing.T) {
	const id = "ing/1/0"
	for name, list := range map[string][]*kgo.Record{
		"in order":               {recs(0, 1)[0], again(1, id, 2, "standard", "2026-11-21"), again(2, id, 3, "standard", "2026-11-21")},
		"the first comes last":   {again(1, id, 3, "standard", "2026-11-21"), recs(2, 1)[0]},
		"of another class, day":  {recs(0, 1)[0], again(1, id, 3, "privacy", "2026-11-23")},
		"a lower one comes late": {recs(0, 1)[0], again(1, id, 3, "standard", "2026-11-21"), again(2, id, 2, "standard", "2026-11-21")},
		"without headers":        {recs(0, 1)[0], bare(again(1, id, 3, "privacy", "2026-11-23"))},
		"the only one":           {again(0, id, 3, "standard", "2026-11-21")},
	} {
		t.Run(name, func(t *testing.T) {
			k, f := newKafka(t), newFake(t)
			s, log := newSink(t, k, []string{f.URL})
			for i, r := range list { // each in a request of its own
				r.Offset = int64(i)
				for j := range r.Headers {
					if r.Headers[j].Key == record.HeaderID && !bytes.Equal(r.Headers[j].Value, []byte(id)) {
						r.Headers[j].Value = []byte(id)
					}
				}
				if bytes.Contains(r.Value, []byte("message ")) {
					r.Value = doc(id, "standard", "2026-11-21", "message first")
				}
				if err := feed(t, s, []*kgo.Record{r}); err != nil {
					t.Fatal(err, log)
				}
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if got := string(f.docs["logs-weir.standard-2026.11.21"][id]); !strings.Contains(got, "revision 3") || len(f.docs) != 1 {
				t.Errorf("there is %s in %d indices", got, len(f.docs))
			}
		})
	}
}

// TestNewer: an older revision that comes late differs from the newest, and that is no fault.
func TestNewer(t *testing.T) {
	const first, second, forged = `{"weir":{"revision":1}}`, `{"weir":{"revised":{"at":"x"},"revision":2}}`, `{"weir":{"revision":9}}`
	for _, tc := range []struct {
		a, b string
		want bool
	}{{second, first, true}, {first, second, false}, {second, second, false}, {forged, first, false}, {"{", first, false}} {
		if got := newer([]byte(tc.a), []byte(tc.b)); got != tc.want {
			t.Errorf("%s after %s: %v", tc.a, tc.b, got)
		}
	}
}

func TestPeek_Revisions(t *testing.T) {
	for doc, want := range map[string]string{
		`{"weir":{"revised":{"at":["a"],"class":"c","day":"d","by":"x"},"revision":3}}`: "3 c d", `{"weir":{"revision":3}}`: "0  ", `{"weir":{"revised":5,"revision":"x"}}`: "0  ",
		`{"weir":{"revision":-1,"revised":{"class":7}}}`: "0  ", `{"weir":{"revision":1.5,"revised":{}}}`: "0  ",
	} {
		f, ok := peek([]byte(doc))
		if got := fmt.Sprint(f.version(), " ", f.firstClass, " ", f.firstDay); !ok || got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

// TestRealRevisions holds it to a real server: revisions of 500 events in any order, some of them twice and over a new
// start of the sink, end with the newest of each.
func TestRealRevisions(t *testing.T) {
	server := realelastic.Start(t)
	k := newKafka(t)
	var list []*kgo.Record
	newest := map[string]int{}
	rnd := rand.New(rand.NewPCG(7, 7))
	for i, r := range recs(0, 500) {
		id := fmt.Sprintf("ing/1/%d", i)
		list, newest[id] = append(list, r), 1
		for n := 2; n < 5 && rnd.IntN(2) == 0; n++ {
			list, newest[id] = append(list, again(0, id, n, "privacy", "2026-11-22")), n
		}
	}
	rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for i, r := range list {
		r.Offset = int64(i)
		for j := range r.Headers { // each position is taken once, in any order of ids
			switch r.Headers[j].Key {
			case record.HeaderSource:
				r.Headers[j].Value = fmt.Appendf(nil, "weir.raw.x/0/%d/0", i)
			case record.HeaderPrev:
				r.Headers[j].Value = nil
			}
		}
	}
	s, log := newSink(t, k, server.URLs)
	if err := feed(t, s, list[:300], list[300:]); err != nil {
		t.Fatal(err, log)
	}
	// A sink that knows nothing of the first sends all of it again: nothing changes.
	twice, log := newSink(t, k, server.URLs, func(o *Options) { o.Group = "other" })
	if err := feed(t, twice, list); err != nil {
		t.Fatal(err, log)
	}
	if st := twice.Stats(); st.Indexed != 0 || st.Conflicts != int64(len(list)) {
		t.Errorf("the second time: %+v", st)
	}
	time.Sleep(1500 * time.Millisecond) // the checker compares once a second
	if strings.Contains(log.String(), "elastic-differs") || strings.Contains(log.String(), "is not the one that weir has") {
		t.Errorf("an older revision was taken for a changed document:\n%s", log)
	}
	if n := server.Count(t, "logs-weir.standard"); n != 500 {
		t.Fatalf("%d documents, want 500", n)
	}
	_, m := server.Do(t, "GET", "/logs-weir.standard/_search?size=1000&_source=weir.revision,event.id", "")
	hits := m["hits"].(map[string]any)["hits"].([]any)
	for _, h := range hits {
		src := h.(map[string]any)["_source"].(map[string]any)
		got := 1
		if w, ok := src["weir"].(map[string]any); ok && w["revision"] != nil {
			got = int(w["revision"].(float64))
		}
		if id := src["event"].(map[string]any)["id"].(string); got != newest[id] {
			t.Errorf("%s is revision %d, want %d", id, got, newest[id])
		}
	}
	if len(hits) != 500 {
		t.Errorf("%d hits", len(hits))
	}
}
