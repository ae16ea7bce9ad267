// Package searching answers the questions about stored events: pages of them in any order, the fields that they have, saved
// searches, and everything that a query finds. Each is recorded with who asked.
package searching

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/app/answer"
	"weir/internal/app/auditing"
	"weir/internal/app/searching/saved"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/archive/search/fields"
	"weir/internal/archive/search/rank"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/fault"
)

// Deps is what the answers are made from.
type Deps struct {
	// Archive returns the archive, or why this process has none. The archive is open as long as questions are answered.
	Archive func() (*archive.Archive, error)
	// Data is the data folder, which holds saved searches.
	Data string
	// Note records a look. It is called once for each question about events, also for one that failed.
	Note func(ctx context.Context, l auditing.Look)
}

// Questions are the questions that this package answers.
func Questions(d Deps) question.Table {
	return question.Table{
		searching.AskPage:   question.Streamed(d.page),
		searching.AskFields: question.Typed(d.fields),
		searching.AskExport: question.Streamed(d.export),
		searching.AskSaved:  question.Typed(d.saved),
		searching.AskSave:   question.Typed(d.save),
	}
}

// saved lists the saved searches. Files are read each time: there are few, and who has edited one expects it to be so.
func (d Deps) saved(_ context.Context, r searching.SavedRequest) (searching.SavedList, error) {
	list, bad := saved.Load(d.Data)
	out := searching.SavedList{Rows: list}
	if r.Name != "" {
		s, err := saved.Find(list, bad, r.Name)
		if err != nil {
			return out, err
		}
		out.Rows = []searching.Saved{s}
		return out, nil
	}
	for _, f := range bad {
		w := searching.WordOf(f)
		w.What = f.Where + ": " + f.What
		out.Warn = append(out.Warn, w)
	}
	return out, nil
}

// save keeps a search.
func (d Deps) save(ctx context.Context, r searching.SaveRequest) (searching.Saved, error) {
	s, err := saved.Save(d.Data, r.Saved, r.Replace)
	d.Note(ctx, auditing.Look{Action: "search-save", Query: r.Query, Err: err})
	return s, err
}

// scope is what all questions about events have in common.
func (d Deps) scope(sc searching.Scope) (ar *archive.Archive, req search.Request, warnings []*fault.Error, err error) {
	if ar, err = d.Archive(); err != nil {
		return nil, req, nil, err
	}
	q, warnings, revisions, err := answer.Query(sc.Query)
	if err != nil {
		return nil, req, nil, err
	}
	if !sc.From.IsZero() && !sc.To.IsZero() && !sc.From.Before(sc.To) {
		return nil, req, nil, usage("the time asked for is empty", "from "+sc.From.Format(time.RFC3339)+" to "+sc.To.Format(time.RFC3339), "give a begin that lies before the end")
	}
	return ar, search.Request{Query: q, From: sc.From, To: sc.To, Classes: sc.Classes, Revisions: sc.Revisions || revisions}, warnings, nil
}

// usage is the fault of a request that makes no sense.
func usage(what, why, do string) *fault.Error {
	return &fault.Error{Code: "search-request", What: what, Why: why, Do: do, Exit: fault.ExitUsage}
}

// page answers search/page.
func (d Deps) page(ctx context.Context, r searching.PageRequest, each func([]byte) error) (p searching.Page, err error) {
	start := time.Now()
	defer func() {
		d.Note(ctx, auditing.Look{Action: "search", Query: r.Query, Hits: max(p.Hits, 0), TookMS: time.Since(start).Milliseconds(), Err: err})
	}()
	ar, req, warnings, err := d.scope(r.Scope)
	if err == nil {
		err = fill(&req, r)
	}
	if err != nil {
		return p, err
	}
	res, err := ar.Search(ctx, req, func(doc []byte, _ *event.Event) error {
		if each == nil {
			return nil
		}
		return each(doc)
	})
	if err != nil {
		return p, fmt.Errorf("searching: %w", err)
	}
	p = pageOf(r, res)
	if req.Uncounted {
		p.Hits = -1
	}
	if res.Total == 0 && !req.Uncounted {
		p.Warn = words(warnings)
	}
	p.Warn = append(p.Warn, unreadable(res.Unreadable)...)
	return p, nil
}

// fill makes the search of a page.
func fill(req *search.Request, r searching.PageRequest) error {
	if r.Size < 0 || r.Size > searching.MaxSize {
		return usage("a page of this size cannot be had", fmt.Sprintf("%d events were asked for, and a page has 0 to %d", r.Size, searching.MaxSize), "ask page after page, or use --export")
	}
	if len(r.CountBy) > searching.MaxCountBy {
		return usage("a count by so many fields cannot be had", fmt.Sprintf("%d fields were named", len(r.CountBy)), fmt.Sprintf("name %d at most", searching.MaxCountBy))
	}
	for i, f := range r.CountBy {
		if f == "" || slices.Contains(r.CountBy[:i], f) {
			return usage("a count by one field twice, or by none, cannot be had", "field "+fmt.Sprint(i+1), "name each field once")
		}
	}
	req.Size, req.Order, req.After, req.Uncounted = r.Size, rank.Parse(r.Sort), r.After, r.After != "" && !r.Counts
	req.Buckets, req.Interval, req.CountBy, req.CountSize = r.Buckets, r.Interval, r.CountBy, r.CountSize
	req.Fields = answer.FieldsOf(r.Fields)
	return nil
}

// pageOf is what a search found, as plain data.
func pageOf(r searching.PageRequest, res *search.Summary) searching.Page {
	p := searching.Page{
		Hits: int64(res.Total), Shown: res.Returned, Next: res.Next, From: r.From, To: r.To, BucketWidth: res.Interval,
		Total: int64(res.GroupsTotal), Missing: int64(res.GroupsMissing), Exact: !res.GroupsBounded,
		TookMS: res.Took.Milliseconds(), SegmentsRead: res.SegmentsRead, SegmentsTotal: res.Segments,
	}
	for _, b := range res.Buckets {
		p.Buckets = append(p.Buckets, searching.Bucket{Time: b.From, Count: int64(b.Count)})
	}
	for _, g := range res.Groups {
		p.Groups = append(p.Groups, searching.Group{Values: g.Values, Count: int64(g.Count)})
	}
	return p
}

// words are warnings as plain data.
func words(list []*fault.Error) (out []searching.Word) {
	for _, f := range list {
		out = append(out, searching.WordOf(f))
	}
	return out
}

// unreadable says what an answer lacks.
func unreadable(list []error) (out []searching.Word) {
	for _, err := range list {
		out = append(out, searching.Word{Code: "segment-unreadable", What: "a part of the archive cannot be read; the answer is without it", Why: err.Error()})
	}
	return out
}

// typeNames are those of Elasticsearch.
var typeNames = map[ecs.Type]string{ecs.Keyword: "keyword", ecs.Text: "text", ecs.Long: "long", ecs.Double: "double", ecs.Date: "date", ecs.Boolean: "boolean",
	ecs.IP: "ip", ecs.GeoPoint: "geo_point", ecs.Nested: "nested", ecs.Flattened: "flattened"}

// fields answers search/fields.
func (d Deps) fields(ctx context.Context, r searching.FieldsRequest) (out searching.Fields, err error) {
	start := time.Now()
	defer func() {
		d.Note(ctx, auditing.Look{Action: "search-fields", Query: r.Query, Hits: out.Events, TookMS: time.Since(start).Milliseconds(), Err: err})
	}()
	ar, req, warnings, err := d.scope(r.Scope)
	if err != nil {
		return out, err
	}
	if r.Sample < 0 || r.Values < 0 || r.Values > searching.MaxSize {
		return out, usage("a list of fields of this size cannot be had", fmt.Sprintf("sample %d, values %d", r.Sample, r.Values), "")
	}
	res, err := ar.FieldCounts(ctx, fields.Request{Request: req, Sample: r.Sample, Values: r.Values, Only: r.Only})
	if err != nil {
		return out, fmt.Errorf("counting fields: %w", err)
	}
	out = searching.Fields{Events: int64(res.Events), Sampled: res.Sampled, Rows: []searching.Field{}, Warn: unreadable(res.Unreadable)}
	if res.Events == 0 {
		out.Warn = append(words(warnings), out.Warn...)
	}
	for _, f := range res.Fields {
		row := searching.Field{Name: f.Path, Events: int64(f.Events), Distinct: int64(f.Distinct), Exact: !f.Bounded}
		if id, ok := event.Lookup(f.Path); ok {
			row.Type = typeNames[id.Type()]
		}
		for _, v := range f.Values {
			row.Values = append(row.Values, searching.Value{Text: v.Text, Count: int64(v.Count)})
		}
		out.Rows = append(out.Rows, row)
	}
	out.TookMS = time.Since(start).Milliseconds()
	return out, nil
}

// export answers search/export: documents in the order of time, as they are stored, with memory for a few of them.
func (d Deps) export(ctx context.Context, r searching.ExportRequest, each func([]byte) error) (out searching.Exported, err error) {
	start := time.Now()
	defer func() {
		out.TookMS = time.Since(start).Milliseconds()
		d.Note(ctx, auditing.Look{Action: "export", Query: r.Query, Reason: r.Reason(), Hits: out.Events, TookMS: out.TookMS, Err: err})
	}()
	ar, req, _, err := d.scope(r.Scope)
	if err != nil {
		return out, err
	}
	opts := search.ScanOptions{Classes: req.Classes, From: req.From, To: req.To, Filter: req.Query, Revisions: req.Revisions, Fields: answer.FieldsOf(r.Fields)}
	var raw, buf []byte
	opts.Raw = &raw
	for e, err := range ar.Scan(ctx, opts) {
		switch {
		case ctx.Err() != nil:
			return out, ctx.Err()
		case err != nil:
			out.Warn = append(out.Warn, unreadable([]error{err})...)
			continue
		}
		doc := raw
		if doc == nil {
			buf = e.AppendJSON(buf[:0])
			doc = buf
		}
		if err := each(doc); err != nil {
			return out, err
		}
		out.Events++
	}
	return out, ctx.Err()
}
