// Package answer turns what the stores of weir hold into what was asked for over the control socket, alike for a process
// that runs and for the files of one that does not.
package answer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/ledger"
	"weir/internal/query"
)

// Search answers a search from an archive, live or not. Warnings about names that no list knows come only where
// nothing was found: with hits the query is as it was meant.
func Search(ctx context.Context, ar *archive.Archive, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	q, warnings, err := parseQuery(r.Query)
	if err != nil {
		return control.SearchSummary{}, err
	}
	req := search.Request{Query: q, From: r.From, To: r.To, Size: r.Size, Ascending: r.Ascending, Fields: FieldsOf(r.Fields), Top: r.Top, Revisions: r.Revisions || asksRevisions(r.Query)}
	if r.Histogram {
		req.Buckets = histogramBuckets
	}
	res, err := ar.Search(ctx, req, func(doc []byte, _ *event.Event) error { return each(doc) })
	if err != nil {
		return control.SearchSummary{}, fmt.Errorf("searching: %w", err)
	}
	sum := control.SearchSummary{
		Hits: int64(res.Total), Shown: res.Returned, From: r.From, To: r.To, TookMS: res.Took.Milliseconds(), SegmentsRead: res.SegmentsRead, SegmentsTotal: res.Segments,
		BucketWidth: res.Interval, TopValues: int64(res.TopValues), TopExact: !res.TopBounded,
	}
	for _, b := range res.Buckets {
		sum.Buckets = append(sum.Buckets, control.Bucket{Time: b.From, Count: int64(b.Count)})
	}
	for _, v := range res.Top {
		sum.Top = append(sum.Top, control.TopValue{Value: v.Text, Count: int64(v.Count)})
	}
	if sum.Hits == 0 {
		sum.Warnings = append(sum.Warnings, warnings...)
	}
	for _, err := range res.Unreadable {
		sum.Warnings = append(sum.Warnings, &fault.Error{Code: "segment-unreadable", What: "a part of the archive cannot be read; the answer is without it", Why: err.Error(), Warn: true, Cause: err})
	}
	return sum, nil
}

// Query reads a query as the commands mean it: empty is everything but weir's records of itself, and a query that is about
// revisions searches all of them. The warnings name fields that no list knows.
func Query(kql string) (q *query.Query, warnings []*fault.Error, revisions bool, err error) {
	q, warnings, err = parseQuery(kql)
	return q, warnings, asksRevisions(kql), err
}

// histogramBuckets is how many bars a histogram has at most: what fits beside labels on a narrow terminal.
const histogramBuckets = 60

// FieldsOf returns the fields that hold the paths: of a key below an open field that field. A path that no list knows is left
// out.
func FieldsOf(paths []string) []event.Field {
	var out []event.Field
	for _, p := range paths {
		f, ok := event.Lookup(p)
		for i := strings.LastIndexByte(p, '.'); !ok && i > 0; i = strings.LastIndexByte(p[:i], '.') {
			f, ok = event.Lookup(p[:i])
		}
		if ok && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// Tail hands over what is stored from now on, until ctx or the archive ends. A reader that is too slow loses
// documents, which the summary counts; storing never waits for it.
func Tail(ctx context.Context, ar *archive.Archive, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	q, _, err := parseQuery(r.Query)
	if err != nil {
		return control.TailSummary{}, err
	}
	f := ar.Follow(q, tailBuffer, asksRevisions(r.Query))
	defer f.Close()
	sum := func() control.TailSummary {
		matched, dropped := f.Matched()
		return control.TailSummary{Matched: int64(matched), Dropped: int64(dropped)}
	}
	for {
		select {
		case <-ctx.Done():
			return sum(), nil
		case doc, ok := <-f.C:
			if !ok {
				return sum(), nil
			}
			if err := each(doc); err != nil {
				return sum(), err
			}
		}
	}
}

// tailBuffer is how many documents may wait for a slow reader: a second or so of a busy site.
const tailBuffer = 4096

// Ledger puts a balance into the form of the command line. A device may be asked for by its address or by its name.
// Each difference is a fault of its own, so that a script that only looks at the exit code sees it.
func Ledger(b ledger.Balance, r control.LedgerRequest, names Names) control.Ledger {
	out := control.Ledger{Balanced: b.OK, KernelDrops: b.Kernel, RingLosses: b.Ring, At: b.At}
	el := b.Elastic
	out.Elastic = control.LedgerElastic{On: el.On, Events: el.Events, Indexed: el.Indexed, Dead: el.Dead, Waiting: el.Waiting, Differing: el.Differing}
	if el.Difference != 0 {
		out.Faults = append(out.Faults, &fault.Error{
			Code: "ledger-gap", What: fmt.Sprintf("%d events are missing on the way to Elasticsearch", el.Difference), Where: "hop elastic", Why: "not known",
			Do: "keep the folder as it is, and report it with the output of weir doctor: this is a fault of weir", Exit: fault.ExitFound,
		})
	}
	for i := range b.Rows {
		row := &b.Rows[i]
		name := displaySource(row.Source, names)
		if r.Source != "" && r.Source != row.Source && r.Source != name {
			continue
		}
		out.Rows = append(out.Rows, control.LedgerRow{
			Source: row.Source, Name: name, Received: row.Received, Split: row.Split, Stored: row.Stored, Duplicate: row.Duplicate, Dead: row.Dead,
			Indexed: row.Indexed, Unindexed: row.Unindexed, Repeated: row.Repeated, Refused: row.Refused, Filtered: row.Filtered, InFlight: row.InFlight, Difference: row.Difference, Bytes: row.Bytes, First: row.First, Last: row.Last,
		})
		if row.Difference != 0 {
			out.Faults = append(out.Faults, ledgerGap(row, name))
		}
	}
	for _, u := range b.Unclean {
		out.Unclean = append(out.Unclean, control.UncleanStop{At: u.At, Hop: "ingest " + u.Start, Most: u.Found + u.Most, Found: u.Found})
	}
	return out
}

// ledgerGap says that a count has no explanation. The files are the evidence, hence the advice to leave them alone.
func ledgerGap(row *ledger.Row, name string) *fault.Error {
	what := fmt.Sprintf("%d events of %s are missing", row.Difference, name)
	if row.Difference < 0 {
		what = fmt.Sprintf("%d events of %s are stored more often than received", -row.Difference, name)
	}
	return &fault.Error{Code: "ledger-gap", What: what, Where: "source " + row.Source, Why: "not known", Do: "keep the folder as it is, and report it with the output of weir doctor: this is a fault of weir", Exit: fault.ExitFound}
}

// rawJSON is a document as it stands, copied: a hit is valid only until the next one.
func rawJSON(doc []byte) json.RawMessage { return append(json.RawMessage(nil), doc...) }
