package searching_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/archive/search/rank"
	"weir/internal/query"
	"weir/internal/query/kqltest"
	"weir/internal/record"
	"weir/internal/testkit/realelastic"
	"weir/sinks/elastic/template"
)

// bar is the width of a histogram's bars here.
const bar = 6 * time.Hour

// tops are fields whose values are counted, one a query in turn.
var tops = []string{"event.dataset", "source.ip", "user.name", "event.category", "destination.port", "process.name", "host.name", "event.outcome"}

// answer is what a query finds: how many, which (as a sum over their ids), when, and with which values.
type answer struct {
	hits int
	sum  int64
	bars map[int64]int
	tops map[string]int
}

func (a *answer) equal(b *answer) bool {
	return a.hits == b.hits && a.sum == b.sum && maps.Equal(a.bars, b.bars) && maps.Equal(a.tops, b.tops)
}

// mark is a number for an id, small enough that sums of very many are exact everywhere.
func mark(id string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return int64(h.Sum64() & (1<<34 - 1))
}

// suite is one set of events and queries.
type suite struct {
	docs    [][]byte
	texts   []string
	queries []*query.Query
}

func newSuite(t testing.TB, docs [][]byte, generate int) *suite {
	t.Helper()
	s := &suite{docs: docs}
	for _, q := range append(slices.Clone(written), generated(t, docs, generate)...) {
		p, err := query.ParseAt(q, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		s.texts, s.queries = append(s.texts, q), append(s.queries, p)
	}
	return s
}

func (s *suite) top(i int) string { return tops[i%len(tops)] }

// predicate answers all queries by holding every event against each.
func (s *suite) predicate(t testing.TB) []*answer {
	t.Helper()
	out := make([]*answer, len(s.queries))
	for i := range out {
		out[i] = &answer{bars: map[int64]int{}, tops: map[string]int{}}
	}
	paths := map[string]query.Path{}
	for _, f := range tops {
		paths[f] = query.MakePath(f)
	}
	var e event.Event
	for _, doc := range s.docs {
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		m := mark(e.Str(event.EventID))
		at := e.Get(event.Timestamp).Time().Truncate(bar).UnixMilli()
		values := map[string][]string{}
		for i, q := range s.queries {
			if !q.Match(&e) {
				continue
			}
			a, f := out[i], s.top(i)
			a.hits++
			a.sum += m
			a.bars[at]++
			list, known := values[f]
			if !known {
				paths[f].Each(&e, func(v event.Value) bool {
					text := strings.Clone(v.Text())
					if a, err := netip.ParseAddr(text); err == nil && strings.HasSuffix(f, ".ip") {
						text = a.Unmap().String() // senders have several forms of one address
					}
					if !slices.Contains(list, text) {
						list = append(list, text)
					}
					return true
				})
				values[f] = list
			}
			for _, v := range list {
				a.tops[v]++
			}
		}
	}
	return out
}

// stored makes an archive of the events: most of them sealed, in files of several epochs, the rest in memory.
func (s *suite) stored(t testing.TB) *archive.Archive {
	t.Helper()
	a, err := archive.Open(t.TempDir(), archive.Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	const parts = 5
	for part := range parts {
		var rows []archive.Row
		for i := part; i < len(s.docs); i += parts {
			p := record.Pos{Topic: "weir.events", Partition: int32(part), Offset: int64(i)}
			rows = append(rows, archive.Row{Doc: s.docs[i], Account: "syslog/192.0.2.1", Consumed: p, Source: record.Pos{Topic: "weir.raw.syslog", Partition: int32(part), Offset: int64(i)}})
		}
		if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
		if part < parts-1 {
			if err := a.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return a
}

// archived answers one query from an archive.
func (s *suite) archived(t testing.TB, a *archive.Archive, i int) *answer {
	t.Helper()
	out := &answer{bars: map[int64]int{}, tops: map[string]int{}}
	req := search.Request{Query: s.queries[i], Size: 1 << 20, Fields: []event.Field{event.EventID}, Interval: bar, Top: s.top(i), TopSize: 1 << 20}
	sum, err := a.Search(t.Context(), req, func(_ []byte, e *event.Event) error {
		out.sum += mark(e.Str(event.EventID))
		return nil
	})
	if err != nil || len(sum.Unreadable) > 0 || sum.TopBounded {
		t.Fatalf("%s: %v, %+v", s.texts[i], err, sum)
	}
	out.hits = sum.Total
	for _, b := range sum.Buckets {
		if b.Count > 0 {
			out.bars[b.From.UnixMilli()] = b.Count
		}
	}
	for _, v := range sum.Top {
		out.tops[v.Text] = v.Count
	}
	return out
}

// differ says how two answers differ.
func differ(t testing.TB, query, an, bn string, a, b *answer) {
	t.Helper()
	what := fmt.Sprintf("%s has %d hits, %s %d", an, a.hits, bn, b.hits)
	if a.hits == b.hits {
		switch {
		case a.sum != b.sum:
			what = "as many hits, but others"
		case !maps.Equal(a.bars, b.bars):
			what = fmt.Sprintf("other bars: %v, %v", a.bars, b.bars)
		default:
			what = "other values"
			for v, n := range a.tops {
				if b.tops[v] != n {
					what += fmt.Sprintf(" %q %d, %d;", v, n, b.tops[v])
					break
				}
			}
			for v, n := range b.tops {
				if a.tops[v] != n {
					what += fmt.Sprintf(" %q %d, %d", v, a.tops[v], n)
					break
				}
			}
		}
	}
	t.Errorf("%s\n  %s", query, what)
}

// TestSuite_InProcess holds the archive against the live predicate over some thousand real events.
func TestSuite_InProcess(t *testing.T) {
	s := newSuite(t, realEvents(t, 1500, 9), 110)
	want := s.predicate(t)
	a := s.stored(t)
	found := 0
	for i := range s.queries {
		if got := s.archived(t, a, i); !got.equal(want[i]) {
			differ(t, s.texts[i], "the archive", "the predicate", got, want[i])
		}
		if want[i].hits > 0 {
			found++
		}
	}
	if found < len(s.queries)*2/3 {
		t.Errorf("only %d of %d queries find anything", found, len(s.queries))
	}
}

// TestSuite_Elastic asks the archive, the predicate and a real Elasticsearch the same of real events: as many as
// WEIR_SUITE_EVENTS says. 100,000 take a quarter of an hour, which is for the night.
func TestSuite_Elastic(t *testing.T) {
	server := realelastic.Start(t)
	n, step := 4_000, 9
	if text := os.Getenv("WEIR_SUITE_EVENTS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		step = 0
	}
	s := newSuite(t, realEvents(t, n, step), 400)
	es := newElastic(t, server, "suite", s.docs)
	want := s.predicate(t)
	a := s.stored(t)
	unsaid := 0
	for i := range s.queries {
		if got := s.archived(t, a, i); !got.equal(want[i]) {
			differ(t, s.texts[i], "the archive", "the predicate", got, want[i])
		}
		got, err := es.answer(s.queries[i], s.top(i))
		if err != nil {
			if _, ours := errors.AsType[cannotSay](err); !ours {
				t.Errorf("%s: %v", s.texts[i], err)
			}
			unsaid++
			continue
		}
		if !got.equal(want[i]) {
			differ(t, s.texts[i], "Elasticsearch", "the predicate", got, want[i])
		}
	}
	t.Logf("%d queries over %d events; %d of them Elasticsearch cannot be asked", len(s.queries), len(s.docs), unsaid)
	if unsaid > len(s.queries)/10 {
		t.Errorf("%d of %d queries were not compared", unsaid, len(s.queries))
	}
	t.Run("order", func(t *testing.T) { s.orders(t, a, es) })
}

// orders compares the first events in the order of fields.
func (s *suite) orders(t *testing.T, a *archive.Archive, es *elastic) {
	q, err := query.Parse("user.name: * or source.ip: *")
	if err != nil {
		t.Fatal(err)
	}
	dsl, err := kibana(q.Root())
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"@timestamp", "-@timestamp", "user.name", "-user.name", "source.ip", "-source.ip", "destination.port", "-destination.port", "event.category", "-related.ip"} {
		o := rank.Parse(order)
		var got []string
		_, err := a.Search(t.Context(), search.Request{Query: q, Size: 300, Order: o}, func(_ []byte, e *event.Event) error {
			got = append(got, strings.Clone(e.Str(event.EventID)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		dir := map[bool]string{true: "asc", false: "desc"}[o.Ascending()]
		sort := []object{{strings.TrimPrefix(order, "-"): object{"order": dir, "missing": "_last"}}, {"@timestamp": "desc"}, {"event.id": "asc"}}
		res := es.search(object{"size": 300, "query": dsl, "sort": sort, "_source": []string{"event.id"}})
		var want []string
		for _, h := range res.Hits.Hits {
			want = append(want, h.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%v\nwant %v", order, got[:5], want[:min(5, len(want))])
		}
	}
}

// TestKQL_Elastic holds Elasticsearch against the cases that every implementation of KQL must answer alike.
func TestKQL_Elastic(t *testing.T) {
	server := realelastic.Start(t)
	indices := map[*byte]*elastic{}
	said, unsaid := 0, 0
	kqltest.Run(t, func(kql string, docs [][]byte) []int {
		es := indices[&docs[0][0]]
		if es == nil {
			var list [][]byte
			for i, d := range docs {
				var e event.Event
				if err := e.Decode(d); err != nil {
					t.Fatal(err)
				}
				e.SetStr(event.EventID, fmt.Sprint("case/", i))
				list = append(list, e.AppendJSON(nil))
			}
			es = newElastic(t, server, fmt.Sprint("kql", len(indices)), list)
			indices[&docs[0][0]] = es
		}
		q, err := query.ParseAt(kql, time.Now().UTC())
		if err != nil {
			t.Fatal(err)
		}
		dsl, err := kibana(q.Root())
		if err == nil {
			said++
			res := es.search(object{"size": 100, "query": dsl})
			var out []int
			for _, h := range res.Hits.Hits {
				var n int
				if _, err := fmt.Sscanf(h.ID, "case/%d", &n); err != nil {
					t.Fatal(err)
				}
				out = append(out, n)
			}
			return out
		}
		unsaid++
		var out []int
		var e event.Event
		for i, d := range docs {
			if err := e.Decode(d); err != nil {
				t.Fatal(err)
			}
			if q.Match(&e) {
				out = append(out, i)
			}
		}
		return out
	})
	t.Logf("%d cases, %d more that Elasticsearch cannot be asked or means otherwise", said, unsaid)
	if said < 3*unsaid {
		t.Errorf("%d cases were compared and %d not", said, unsaid)
	}
}

// elastic is one index of a real server, with weir's own mapping.
type elastic struct {
	t      testing.TB
	server *realelastic.Server
	index  string
}

// newElastic fills an index, in which texts are indexed whole. Colons separate words everywhere in weir: in texts they become
// blanks, which a character filter would do where a server has one.
func newElastic(t testing.TB, server *realelastic.Server, index string, docs [][]byte) *elastic {
	t.Helper()
	m, err := template.Mappings(template.Server{})
	if err != nil {
		t.Fatal(err)
	}
	lift(m)
	m["properties"].(object)["zz_mark"] = object{"type": "long"}
	body := object{"mappings": m, "settings": object{"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "mapping.ignore_malformed": true,
		"mapping.total_fields.limit": 20_000, "max_terms_count": 1_000_000}}
	es := &elastic{t, server, index}
	if status, m := server.Do(t, "PUT", "/"+index, text(body)); status != http.StatusOK {
		t.Fatalf("making the index: %d %v", status, m)
	}
	for from := 0; from < len(docs); from += 2000 {
		var b bytes.Buffer
		for _, d := range docs[from:min(from+2000, len(docs))] {
			var e event.Event
			if err := e.Decode(d); err != nil {
				t.Fatal(err)
			}
			id := strings.Clone(e.Str(event.EventID))
			blanks(&e)
			fmt.Fprintf(&b, `{"create":{"_id":%s}}`+"\n%s,\"zz_mark\":%d}\n", text(id), bytes.TrimSuffix(e.AppendJSON(nil), []byte("}")), mark(id))
		}
		status, m := server.Do(t, "POST", "/"+index+"/_bulk", b.String())
		if bad, _ := m["errors"].(bool); status != http.StatusOK || bad {
			t.Fatalf("loading: %d %.2000s", status, text(m))
		}
	}
	if n := server.Count(t, index); n != len(docs) {
		t.Fatalf("%d documents of %d", n, len(docs))
	}
	return es
}

// blanks takes colons out of texts.
func blanks(e *event.Event) {
	for _, f := range event.Fields() {
		if f.Type() == ecs.Text && strings.Contains(e.Str(f), ":") {
			e.SetStr(f, strings.ReplaceAll(e.Str(f), ":", " "))
		}
	}
}

// lift lets texts be indexed that the product's mapping leaves out for their length.
func lift(m object) {
	for _, v := range m {
		if below, ok := v.(object); ok {
			if below["ignore_above"] != nil {
				below["ignore_above"] = 8100
			}
			lift(below)
		}
	}
}

// found is the part of an answer that is read.
type found struct {
	Hits struct {
		Total struct{ Value int }
		Hits  []struct {
			ID string `json:"_id"`
		}
	}
	Aggregations struct {
		Sum  struct{ Value float64 }
		Bars struct {
			Buckets []struct {
				Key   int64
				Count int `json:"doc_count"`
			}
		}
		Tops struct {
			Buckets []struct {
				Key   any
				Count int `json:"doc_count"`
			}
		}
	}
}

func (es *elastic) search(body object) found {
	es.t.Helper()
	status, m := es.server.Do(es.t, "POST", "/"+es.index+"/_search", text(body))
	var f found
	if status != http.StatusOK {
		es.t.Errorf("asking: %d %.600s\n%.600s", status, text(m), text(body))
		return f
	}
	if err := json.Unmarshal([]byte(text(m)), &f); err != nil {
		es.t.Fatal(err)
	}
	return f
}

// answer asks for everything at once.
func (es *elastic) answer(q *query.Query, top string) (*answer, error) {
	dsl, err := kibana(q.Root())
	if err != nil {
		return nil, err
	}
	f := es.search(object{"size": 0, "track_total_hits": true, "query": dsl, "aggs": object{
		"sum":  object{"sum": object{"field": "zz_mark"}},
		"bars": object{"date_histogram": object{"field": "@timestamp", "fixed_interval": fmt.Sprintf("%ds", int(bar.Seconds())), "min_doc_count": 1}},
		"tops": object{"terms": object{"field": top, "size": 60_000}}}})
	out := &answer{hits: f.Hits.Total.Value, sum: int64(f.Aggregations.Sum.Value), bars: map[int64]int{}, tops: map[string]int{}}
	for _, b := range f.Aggregations.Bars.Buckets {
		out.bars[b.Key] = b.Count
	}
	for _, b := range f.Aggregations.Tops.Buckets {
		switch k := b.Key.(type) {
		case string:
			out.tops[k] = b.Count
		case float64:
			out.tops[fmt.Sprint(int64(k))] = b.Count
		}
	}
	return out, nil
}
