package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/archive/search/rank"
	"weir/internal/archive/verify"
	"weir/internal/query"
)

// question is what people ask, in the words of each store.
type question struct {
	name, kql string
	req       search.Request
	behind    bool // a page that many pages lie before
	filter    string
	rest      string // Elasticsearch: the rest of the body. Both empty: it is not asked
	duck      string // name in what cmd/duck writes
}

var questions = []question{
	{name: "needle", kql: "message: zqneedle", filter: `{"match":{"message":"zqneedle"}}`, rest: `"size":0`, duck: "scan needle"},
	{name: "common word", kql: "message: failed", filter: `{"match":{"message":"failed"}}`, rest: `"size":0`, duck: "scan common ilike"},
	{name: "newest 100 of two conditions", kql: "event.outcome: failure and message: failed", req: search.Request{Size: 100},
		filter: `{"term":{"event.outcome":"failure"}},{"match":{"message":"failed"}}`, rest: `"size":100,"sort":[{"@timestamp":"desc"}]`, duck: "newest100"},
	{name: "histogram, hours", req: search.Request{Interval: time.Hour},
		filter: `{"match_all":{}}`, rest: `"size":0,"aggs":{"h":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h"}}}`, duck: "hist/h"},
	{name: "top 10 addresses of failures", kql: "event.outcome: failure", req: search.Request{Top: "source.ip"},
		filter: `{"term":{"event.outcome":"failure"}}`, rest: `"size":0,"aggs":{"t":{"terms":{"field":"source.ip","size":10}}}`, duck: "top10 ip fail"},
	{name: "network /16", kql: "source.ip: 10.20.0.0/16", filter: `{"term":{"source.ip":"10.20.0.0/16"}}`, rest: `"size":0`, duck: "cidr"},
	{name: "user adm*", kql: "user.name: adm*", filter: `{"wildcard":{"user.name":"adm*"}}`, rest: `"size":0`, duck: "user adm*"},
	{name: "first 100 by address", kql: "event.outcome: failure", req: search.Request{Size: 100, Order: rank.Parse("source.ip"), Uncounted: true},
		filter: `{"term":{"event.outcome":"failure"}}`, rest: `"size":100,"sort":[{"source.ip":"asc"}],"track_total_hits":false`},
	{name: "failures by user and address", kql: "event.outcome: failure", req: search.Request{CountBy: []string{"user.name", "source.ip"}}},
	{name: "a page behind 5,000", kql: "event.outcome: failure", req: search.Request{Size: 100, Uncounted: true}, behind: true},
}

// span is the time that is asked about; zero times are open.
type span struct{ from, to time.Time }

// spans are the fourth day and everything.
func spans(first time.Time) [2]span {
	day := first.UTC().Truncate(24*time.Hour).AddDate(0, 0, 3)
	return [2]span{{day, day.AddDate(0, 0, 1)}, {}}
}

// answer is what a question cost in one store.
type answer struct {
	took  series
	hits  int
	read  string // weir: segments that were read, of how many
	asked bool
}

// asked are the answers to one question over one span.
type asked struct{ weir, elastic, duck, open answer }

// ask asks every question in every round: weir, then Elasticsearch; DuckDB in rounds of its own, since it is another program.
func (r *report) ask(ctx context.Context, rounds int, first time.Time, w asker, es *elastic, dk *duck) error {
	r.answers = make([][2]asked, len(questions))
	for round := range rounds {
		for i, q := range questions {
			for s, over := range spans(first) {
				a := &r.answers[i][s]
				if err := w.ask(ctx, q, over, &a.weir); err != nil {
					return fmt.Errorf("asking %s: %w", q.name, err)
				}
				if es != nil && q.filter != "" {
					if err := es.ask(ctx, q, over, &a.elastic); err != nil {
						return fmt.Errorf("asking Elasticsearch %s: %w", q.name, err)
					}
				}
			}
		}
		if dk != nil && round < duckRounds {
			if err := dk.ask(ctx, r.answers); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeat asks until a measurement is long enough to mean something, and adds it. The first time only warms the caches.
func repeat(a *answer, clock func() moment, once func() error) error {
	const long, most = 25 * time.Millisecond, 20
	if !a.asked {
		a.asked = true
		if err := once(); err != nil {
			return err
		}
	}
	before, n := clock(), 0
	for began := time.Now(); n == 0 || n < most && time.Since(began) < long; n++ {
		if err := once(); err != nil {
			return err
		}
	}
	s := clock().since(before)
	a.took = append(a.took, spent{s.wall / time.Duration(n), s.cpu / time.Duration(n)})
	return nil
}

// asker asks weir.
type asker struct{ a *archive.Archive }

func (w asker) ask(ctx context.Context, q question, over span, a *answer) error {
	parsed, err := query.Parse(q.kql)
	if err != nil {
		return err
	}
	req := q.req
	req.Query, req.From, req.To = parsed, over.from, over.to
	if q.behind {
		if req.After, err = w.behind(ctx, req); err != nil {
			return err
		}
	}
	return repeat(a, now, func() error {
		sum, err := w.a.Search(ctx, req, func([]byte, *event.Event) error { return nil })
		if err != nil {
			return err
		}
		a.hits, a.read = max(sum.Total, sum.Returned), fmt.Sprintf("%d of %d", sum.SegmentsRead, sum.Segments)
		return nil
	})
}

// behind returns the cursor of a page that 5,000 events lie before.
func (w asker) behind(ctx context.Context, req search.Request) (string, error) {
	req.Size, req.Fields = 5000, []event.Field{event.EventID}
	sum, err := w.a.Search(ctx, req, func([]byte, *event.Event) error { return nil })
	if err != nil {
		return "", err
	}
	return sum.Next, nil
}

// verified is how fast an archive is checked, on one core.
type verified struct {
	bytes    int64
	segments int
	spent    spent
}

// perSecond is MB a CPU-second.
func (v *verified) perSecond() float64 { return float64(v.bytes) / 1e6 / v.spent.cpu.Seconds() }

// check measures how fast an archive is verified: the median of the rounds, caches warm. This one has no log, which changes
// what is found and not what is read.
func check(ctx context.Context, folder string, rounds int) (*verified, error) {
	sealed, beside, err := sizes(folder)
	if err != nil {
		return nil, fmt.Errorf("measuring the archive: %w", err)
	}
	v := &verified{bytes: sealed + beside}
	var all series
	for range rounds {
		before := now()
		res, err := verify.Run(ctx, verify.Options{Files: os.DirFS(folder), Where: folder, Workers: 1, Now: time.Now})
		if err != nil {
			return nil, fmt.Errorf("verifying: %w", err)
		}
		all = append(all, now().since(before))
		v.segments = res.Segments
	}
	v.spent = all.median()
	return v, nil
}
