package search_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/archive/segment"
	"weir/internal/query"
)

func view(t testing.TB, docs [][]byte) *column.View {
	t.Helper()
	var tb column.Table
	var e event.Event
	var buf []byte
	for _, doc := range docs {
		ok := false
		if e.Decode(doc) == nil {
			ok, buf = column.Canonical(&e, doc, buf)
		}
		tb.Add(&e, doc, ok)
	}
	return tb.View()
}

// tail makes a part of documents in memory.
func tail(t testing.TB, docs [][]byte) search.Part {
	t.Helper()
	v := view(t, docs)
	times, _ := v.Times()
	return search.Part{Min: slices.Min(times), Max: slices.Max(times), Rows: v.Rows(), Class: "default",
		Open: func() (search.Chunk, *index.Reader, func(), error) { return v, nil, func() {}, nil }}
}

// sealed makes a part of documents in a file, with or without an index.
func sealed(t testing.TB, docs [][]byte, indexed bool) search.Part {
	t.Helper()
	v := view(t, docs)
	order := segment.Order(v)
	var b, x bytes.Buffer
	if err := segment.Write(&b, v, order, "default", "2026-11-21"); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	if err := index.Build(&x, v, order, sum); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := segment.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	var ix *index.Reader
	if indexed {
		if ix, err = index.NewReader(bytes.NewReader(x.Bytes()), int64(x.Len()), index.Of(sum), len(docs)); err != nil {
			t.Fatal(err)
		}
	}
	times, err := r.Times()
	if err != nil {
		t.Fatal(err)
	}
	return search.Part{Min: times[0], Max: times[len(times)-1], Rows: len(docs), Class: "default", Segment: true,
		Open: func() (search.Chunk, *index.Reader, func(), error) { return r, ix, func() {}, nil }}
}

// split makes the documents the parts that an archive has: segments with and without an index, and a tail.
func split(t testing.TB, docs [][]byte) []search.Part {
	t.Helper()
	n := len(docs)
	return []search.Part{sealed(t, docs[:n/2], true), sealed(t, docs[n/2:n*3/4], true), sealed(t, docs[n*3/4:n*7/8], false), tail(t, docs[n*7/8:])}
}

// queries are conditions of every form over what the sample documents hold.
var queries = []string{
	"", "*", "not *", "failed", "Failed", "failed password", `"failed password"`, `"password failed"`, "password and not root",
	"message: failed", `message: "Failed password for root"`, "message: fail*", "message: *word", "fail* or accept*", "*",
	"user.name: root", "user.name: Root", "user.name: adm*", "user.name: *", "not user.name: *", "user: *", "us*: root",
	"root", "김민수", "user.name: 김민수", "message: 요청", "요청 처리", "hellonothere", "message: hellonothere",
	"source.ip: 203.0.1.5", "source.ip: 203.0.0.0/16", "source.ip: 203.0.1.0/24 or destination.ip: 10.1.2.0/24", "203.0.1.5", "203.0.1.*",
	"source.ip: 203.0.*", "source.ip >= 203.0.4.0", "source.*: 203.0.1.5", "*.ip: 10.1.0.0/16", "host.ip: 192.0.2.0/24", "related.ip: 203.0.1.5",
	"source.port > 60000", "source.port: 80", "80", "443", "destination.port: 443 and source.port < 2000", "80.0", "event.severity: 3",
	"event.severity >= 3 and event.severity < 5", "process.pid: 1007", "event.outcome: failure", "event.category: authentication",
	"event.category: (authentication or web)", "event.outcome: failure and user.name: root and message: ssh2", "event.outcome: (failure or success)",
	`@timestamp >= "2026-11-21T07:00:05Z"`, `@timestamp < "2026-11-21T07:00:02Z"`, "@timestamp: 2026-11-21", "@timestamp: 2026-11-20", "not @timestamp: 2026-11-21",
	`@timestamp > "2026-11-21T07:00:01Z" and @timestamp <= "2026-11-21T07:00:03Z"`, "event.created >= now-1000d", "event.*: 2026-11-21",
	"tags: vpn", "tags: site-1", "tags: s*", "labels.env: prod", "labels: *", "weir.data.took > 250", "weir.data.took: 7", "weir.data: *", "weir.data.note: slow*",
	"weir.data.note: \"slow request 7\"", "slow request", `"slow request 7"`, "weir.data: 7", "custom.unknown.path: *", "custom.*: Odd*", "oddity",
	"custom.unknown.path: \"Oddity 202\"", "event.duration: *", "not event.duration: *", "event.original: *", "event.original: *sshd*", "event.original: same",
	"event.original: \"<34>*\"", "event.id: \"q7f3kx2m/3/77\"", "event.id: q7f3kx2m/3/7*", "q7f3kx2m/3/77", "weir.src: *", "host.name: web-1", "host.name: web-*",
	"dns.answers: {name: a.example and type: A}", "dns.answers: {name: a.example and type: MX}", "dns.answers.name: b.example", "dns.answers: *",
	"error.message: disk", "error.message: \"disk full\"", "disk", "disk and full", "labels.n: 7", "my.own.field: Value", "my.own.field: value", "my.own.n: 0",
	"message: list", "below", "host.name: below*", "cut", "not canonical", "event.id: dotted", "before 1970", "@timestamp < 1970-01-01", "@timestamp > 2100-01-01",
	`source.ip: "2001:db8::1"`, `"2001:db8::1"`, `host.ip: 203.0.113.5`, "203.0.113.5", "process.args: -x", "network.bytes > 5",
	"not (user.name: root or user.name: admin)", "not user.name: root and not user.name: admin and event.outcome: *", "(a or b) and not c", "web-1 and sshd",
	`sshd and (root or admin) and not 203.0.1.5 and @timestamp >= "2026-11-21T07:00:00Z"`, "weir.class: default", "event.kind: event and not event.category: network",
	"process.name: \"%ASA-6-302013\"", "process.name: *ASA*", "log.syslog.priority: 34", "ecs.version: 8.11.0", "8.11.0", "true", "syslog", "udp and root",
}

// hits are the identities of the documents that a query is true for, by looking at each of them.
func matching(docs [][]byte, q *query.Query) []int { return matchingEvents(decode(docs), q) }

func decode(docs [][]byte) []event.Event {
	events := make([]event.Event, len(docs))
	for i, d := range docs {
		_ = events[i].Decode(d) // broken ones are what can be read of them
	}
	return events
}

func matchingEvents(events []event.Event, q *query.Query) []int {
	var out []int
	for i := range events {
		if q.Match(&events[i]) {
			out = append(out, i)
		}
	}
	return out
}

func TestRun_EqualsMatchingEveryDocument(t *testing.T) {
	sets := map[string][][]byte{"generated": sample.Docs(3, 1600), "ugly": slices.Concat(sample.Ugly(), sample.Docs(4, 60), sample.Ugly(), sample.Ugly())}
	for name, docs := range sets {
		t.Run(name, func(t *testing.T) { compare(t, docs, queries, queries) })
	}
	t.Run("real", func(t *testing.T) {
		docs := sample.Real(t, 20000)
		rnd := rand.New(rand.NewPCG(7, 7))
		rnd.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		docs = docs[:min(len(docs), 500)]
		compare(t, docs, queries, append(slices.Clone(queries), drawn(rnd, docs, 100)...))
	})
}

// compare searches the parts for each query and holds the documents found against those that match.
func compare(t *testing.T, docs [][]byte, all []string, queries []string) {
	t.Helper()
	parts, events := split(t, docs), decode(docs)
	some := 0
	for _, src := range queries {
		q, err := query.Parse(src)
		if err != nil {
			if slices.Contains(all, src) {
				t.Errorf("%s: %v", src, err)
			}
			continue // a query drawn from data may name a value that the field cannot have
		}
		want := matchingEvents(events, q)
		some += min(len(want), 1)
		var got []string
		sum, err := search.Run(context.Background(), parts, search.Request{Query: q, Size: len(docs)}, func(doc []byte, _ *event.Event) error {
			got = append(got, string(doc))
			return nil
		}, nil)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if len(sum.Unreadable) > 0 || sum.IndexProblems > 0 {
			t.Fatalf("%s: %v, %d index problems", src, sum.Unreadable, sum.IndexProblems)
		}
		texts := make([]string, len(want))
		for i, w := range want {
			texts[i] = string(docs[w])
		}
		sort.Strings(texts)
		sort.Strings(got)
		if sum.Total != len(want) || sum.Returned != len(want) || !slices.Equal(got, texts) {
			t.Errorf("%q: total %d, returned %d, want %d; first difference: %s", src, sum.Total, sum.Returned, len(want), difference(got, texts))
		}
	}
	if some < len(queries)/4 {
		t.Errorf("only %d of %d queries match anything: the test says little", some, len(queries))
	}
}

func difference(got, want []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return "missing " + want[i]
		}
	}
	if len(got) > len(want) {
		return "too many " + got[len(want)]
	}
	return "none"
}

// drawn makes queries out of the values of documents.
func drawn(rnd *rand.Rand, docs [][]byte, n int) []string {
	quote := strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	var out []string
	var e event.Event
	for len(out) < n {
		if e.Decode(docs[rnd.IntN(len(docs))]) != nil {
			continue
		}
		at := rnd.IntN(max(e.Len(), 1))
		e.Each(func(f event.Field, v event.Value) bool {
			if at--; at >= 0 {
				return true
			}
			if v.Kind() == event.List && v.Len() > 0 {
				v = v.Item(rnd.IntN(v.Len()))
			}
			text := v.Text()
			if len(text) > 200 || strings.ContainsAny(text, "\x00") {
				text = "x"
			}
			value := `"` + quote.Replace(text) + `"`
			words := strings.FieldsFunc(text, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') })
			word := "x1"
			if len(words) > 0 {
				word = "x" + words[rnd.IntN(len(words))]
				word = word[1:]
			}
			switch rnd.IntN(8) {
			case 0:
				out = append(out, value)
			case 1:
				out = append(out, word+" and not "+f.Path()+": "+value)
			case 2:
				out = append(out, f.Path()+": "+word[:1]+"*")
			case 3:
				out = append(out, "not "+f.Path()+": *")
			case 4:
				out = append(out, f.Path()+" >= "+value)
			case 5:
				out = append(out, "*."+f.Path()[strings.LastIndexByte(f.Path(), '.')+1:]+": "+value)
			default:
				out = append(out, f.Path()+": "+value)
			}
			return false
		})
	}
	return out
}

func TestRun_OrderSizeAndBounds(t *testing.T) {
	docs := sample.Docs(5, 2000)
	parts := split(t, docs)
	type key struct {
		time int64
		id   string
	}
	keys := make([]key, len(docs))
	var e event.Event
	for i, d := range docs {
		if err := e.Decode(d); err != nil {
			t.Fatal(err)
		}
		keys[i] = key{column.SortTime(&e), strings.Clone(e.Str(event.EventID))}
	}
	from, to := sample.Start.Add(5*time.Second), sample.Start.Add(30*time.Second)
	cases := map[string]search.Request{
		"newest 10":           {Size: 10},
		"oldest 10":           {Size: 10, Ascending: true},
		"newest 500 in range": {Size: 500, From: from, To: to},
		"oldest 3 from":       {Size: 3, Ascending: true, From: from},
		"all to":              {Size: 5000, To: to},
		"none":                {Size: 0},
		"other class":         {Size: 10, Classes: []string{"access"}},
	}
	for name, req := range cases {
		t.Run(name, func(t *testing.T) {
			var want []key
			for _, k := range keys {
				if (req.From.IsZero() || k.time >= req.From.UnixNano()) && (req.To.IsZero() || k.time < req.To.UnixNano()) && req.Classes == nil {
					want = append(want, k)
				}
			}
			total := len(want)
			sort.Slice(want, func(i, j int) bool {
				if want[i].time != want[j].time {
					return want[i].time < want[j].time == req.Ascending
				}
				return want[i].id < want[j].id
			})
			want = want[:min(req.Size, len(want))]
			q, err := query.Parse("")
			if err != nil {
				t.Fatal(err)
			}
			req.Query = q
			var got []key
			sum, err := search.Run(context.Background(), parts, req, func(_ []byte, e *event.Event) error {
				got = append(got, key{column.SortTime(e), strings.Clone(e.Str(event.EventID))})
				return nil
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if sum.Total != total || !slices.Equal(got, want) {
				t.Errorf("total %d, want %d\n got %v\nwant %v", sum.Total, total, got, want)
			}
		})
	}
}

// valuesIn notes the texts of a value, of its items and members.
func valuesIn(v event.Value, seen map[string]bool) {
	switch v.Kind() {
	case event.Absent, event.Null:
	case event.List:
		for i := range v.Len() {
			valuesIn(v.Item(i), seen)
		}
	case event.Object:
		for i := range v.Len() {
			_, m := v.Member(i)
			valuesIn(m, seen)
		}
	default:
		text := strings.Clone(v.Text())
		if a, err := netip.ParseAddr(text); err == nil && strings.Contains(text, ":") {
			text = a.Unmap().String() // one address has one form
		}
		seen[text] = true
	}
}

func TestRun_CountsByTimeAndValue(t *testing.T) {
	docs := slices.Concat(sample.Docs(6, 3000), sample.Ugly())
	parts := split(t, docs)
	for _, field := range []string{"source.ip", "user.name", "tags", "related.ip", "weir.data.took", "labels.env", "event.severity", "event.original", "no.such.field"} {
		t.Run(field, func(t *testing.T) {
			q, err := query.Parse("not event.outcome: success")
			if err != nil {
				t.Fatal(err)
			}
			want, missing := map[string]int{}, 0
			ref := event.MakeRef(field)
			var e event.Event
			for _, i := range matching(docs, q) {
				_ = e.Decode(docs[i])
				seen := map[string]bool{}
				valuesIn(ref.Of(&e), seen)
				if len(seen) == 0 {
					missing++
				}
				for s := range seen {
					want[s]++
				}
			}
			sum, err := search.Run(context.Background(), parts, search.Request{Query: q, Top: field, TopSize: 1 << 20}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if sum.TopBounded || sum.TopMissing != missing || sum.TopValues != len(want) || len(sum.Top) != len(want) {
				t.Fatalf("missing %d of %d, values %d of %d", sum.TopMissing, missing, sum.TopValues, len(want))
			}
			for i, v := range sum.Top {
				if want[v.Text] != v.Count {
					t.Errorf("%q: %d, want %d", v.Text, v.Count, want[v.Text])
				}
				if i > 0 && v.Count > sum.Top[i-1].Count {
					t.Errorf("%q stands behind a smaller count", v.Text)
				}
			}
		})
	}
	t.Run("histogram", func(t *testing.T) {
		q, err := query.Parse("failed")
		if err != nil {
			t.Fatal(err)
		}
		from := sample.Start
		sum, err := search.Run(context.Background(), parts, search.Request{Query: q, From: from, To: from.Add(time.Minute), Buckets: 60}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Interval != time.Second || len(sum.Buckets) != 60 || !sum.Buckets[0].From.Equal(from) {
			t.Fatalf("%d buckets of %s from %s", len(sum.Buckets), sum.Interval, sum.Buckets[0].From)
		}
		want := make([]int, 60)
		total := 0
		var e event.Event
		for _, i := range matching(docs, q) {
			_ = e.Decode(docs[i])
			if at := time.Unix(0, column.SortTime(&e)).Sub(from); at >= 0 && at < time.Minute {
				want[at/time.Second]++
				total++
			}
		}
		for i, b := range sum.Buckets {
			if b.Count != want[i] {
				t.Errorf("second %d: %d, want %d", i, b.Count, want[i])
			}
		}
		if sum.Total != total {
			t.Errorf("total %d, want %d", sum.Total, total)
		}
	})
}

func TestRun_OnlySomeFields(t *testing.T) {
	docs := sample.Docs(7, 400)
	q, err := query.Parse("user.name: root")
	if err != nil {
		t.Fatal(err)
	}
	fields := []event.Field{event.UserName, event.EventOriginal}
	n := 0
	_, err = search.Run(context.Background(), split(t, docs), search.Request{Query: q, Size: 1000, Fields: fields}, func(doc []byte, e *event.Event) error {
		n++
		if e.Len() != 2 || e.Str(event.UserName) != "root" || !strings.Contains(e.Str(event.EventOriginal), "root") {
			return fmt.Errorf("got %s", doc)
		}
		return nil
	}, nil)
	if err != nil || n == 0 {
		t.Fatalf("%d documents: %v", n, err)
	}
}

func TestRun_DamagedIndexIsNotBelieved(t *testing.T) {
	docs := sample.Docs(8, 700)
	v := view(t, docs)
	order := segment.Order(v)
	var x bytes.Buffer
	if err := index.Build(&x, v, order, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	good := sealed(t, docs, false)
	chunk, _, _, err := good.Open()
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	sources := []string{"failed", "203.0.1.5", "message: *ss*", "weir.data.note: \"slow request 7\"", `"failed password"`}
	want := map[string]int{}
	for _, src := range sources {
		q, err := query.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		want[src] = len(matching(docs, q))
	}
	for at := 0; at < x.Len()-48; at += x.Len() / 25 {
		b := bytes.Clone(x.Bytes())
		b[at] ^= 0xff
		ix, err := index.NewReader(bytes.NewReader(b), int64(len(b)), index.Of([32]byte{1}), len(docs))
		if err != nil {
			continue
		}
		part := good
		part.Open = func() (search.Chunk, *index.Reader, func(), error) { return chunk, ix, func() {}, nil }
		for _, src := range sources {
			q, err := query.Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := search.Run(context.Background(), []search.Part{part}, search.Request{Query: q}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			bad += sum.IndexProblems
			if sum.Total != want[src] {
				t.Fatalf("byte %d changed, %q: %d, want %d", at, src, sum.Total, want[src])
			}
		}
	}
	if bad == 0 {
		t.Error("no damage was noticed: the test says nothing")
	}
}

func TestRun_UnreadablePartIsNamed(t *testing.T) {
	docs := sample.Docs(9, 100)
	q, err := query.Parse("*")
	if err != nil {
		t.Fatal(err)
	}
	gone := sealed(t, docs, false)
	gone.Open = func() (search.Chunk, *index.Reader, func(), error) { return nil, nil, nil, os.ErrNotExist }
	sum, err := search.Run(context.Background(), []search.Part{gone, tail(t, docs)}, search.Request{Query: q, Size: 5, Top: "user.name"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Total != len(docs) || len(sum.Unreadable) != 1 {
		t.Errorf("total %d, unreadable %v", sum.Total, sum.Unreadable)
	}
}

func TestScan_InTimeOrder(t *testing.T) {
	docs := slices.Concat(sample.Docs(10, 2500), sample.Ugly())
	parts := split(t, docs)
	q, err := query.Parse("failed or root or not message: *")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]search.ScanOptions{
		"everything":      {},
		"newest first":    {Newest: true},
		"filtered":        {Filter: q},
		"bounded":         {From: sample.Start.Add(10 * time.Second), To: sample.Start.Add(20 * time.Second)},
		"other class":     {Classes: []string{"none"}},
		"two fields only": {Fields: []event.Field{event.Timestamp, event.UserName}},
	}
	for name, opts := range cases {
		t.Run(name, func(t *testing.T) {
			var want []string
			var e event.Event
			for _, d := range docs {
				_ = e.Decode(d)
				at := column.SortTime(&e)
				if opts.Filter != nil && !opts.Filter.Match(&e) || opts.Classes != nil ||
					!opts.From.IsZero() && at < opts.From.UnixNano() || !opts.To.IsZero() && at >= opts.To.UnixNano() {
					continue
				}
				if opts.Fields != nil {
					search.Only(&e, opts.Fields)
				}
				want = append(want, string(e.AppendJSON(nil)))
			}
			var got []string
			last := int64(0)
			for e, err := range search.Scan(context.Background(), parts, opts, nil) {
				if err != nil {
					t.Fatal(err)
				}
				at := column.SortTime(e)
				if len(got) > 0 && opts.Fields == nil && (at < last) != opts.Newest && at != last {
					t.Fatalf("event %d is out of order", len(got))
				}
				last = at
				got = append(got, string(e.AppendJSON(nil)))
			}
			sort.Strings(got)
			sort.Strings(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d events, want %d; %s", len(got), len(want), difference(got, want))
			}
		})
	}
}

func TestScan_StopsWhenAsked(t *testing.T) {
	parts := split(t, sample.Docs(11, 500))
	n := 0
	for _, err := range search.Scan(context.Background(), parts, search.ScanOptions{}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d events", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range search.Scan(ctx, parts, search.ScanOptions{}, nil) {
		if err == nil {
			t.Fatal("an event after the end of ctx")
		}
	}
}
