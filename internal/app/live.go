package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"weir/event"
	"weir/internal/app/build"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/ledger"
)

// live answers for the process that runs. Its methods are called by the control server, one goroutine a request; ctx ends
// when whoever asked has gone.
type live struct{ a *App }

// Search implements control.Backend. Who searched is an event.
func (l *live) Search(ctx context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return control.SearchSummary{}, err
	}
	sum, err := searchArchive(ctx, l.a.archive, r, each)
	l.a.audit(ctx, "search", r.Query, sum.Hits, sum.TookMS, err)
	return sum, err
}

// Tail implements control.Backend. It is recorded when it begins, since it may never end.
func (l *live) Tail(ctx context.Context, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return control.TailSummary{}, err
	}
	l.a.audit(ctx, "tail", r.Query, 0, 0, nil)
	return tailArchive(ctx, l.a.archive, r, each)
}

// Ledger implements control.Backend.
func (l *live) Ledger(ctx context.Context, r control.LedgerRequest) (control.Ledger, error) {
	if err := l.a.needs("console", l.a.counts != nil); err != nil {
		return control.Ledger{}, err
	}
	b, err := l.a.settledBalance(ctx)
	if err != nil {
		return control.Ledger{}, err
	}
	return showLedger(b, r, l.a.inv), nil
}

// Alerts implements control.Backend.
func (l *live) Alerts(ctx context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return nil, err
	}
	return listAlerts(ctx, l.a.alerts, r)
}

// Alert implements control.Backend.
func (l *live) Alert(ctx context.Context, id string) (control.AlertDetail, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return control.AlertDetail{}, err
	}
	return showAlert(ctx, l.a.alerts, l.a.archive, id)
}

// DeadLetters implements control.Backend.
func (l *live) DeadLetters(ctx context.Context, r control.DeadLettersRequest) ([]control.DeadLetter, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return nil, err
	}
	return listDeadLetters(ctx, l.a.archive, r)
}

// Status implements control.Backend.
func (l *live) Status(ctx context.Context) (control.Status, error) {
	st := l.a.Status()
	topics, err := l.a.topics(ctx)
	st.Topics = topics
	return st, err
}

// Status tells how the process does. Only the delay asks the broker; where that takes too long, the rest still comes.
func (a *App) Status() control.Status {
	received, _, kernel := a.book.Totals()
	st := control.Status{
		Version: a.opts.Version, Running: true, PID: os.Getpid(), Started: a.started, Data: a.folder.path, DataNew: a.folder.made,
		Rules: a.rules.Load().Len(), RulesBad: a.refusedRules(), TimeZone: build.ZoneName(a.zone()), Embedded: len(a.cfg.Bus.Brokers) == 0,
		InPerSecond: float64(a.rates.perSecond.Load()) / 1000, Received: received, Lost: kernel, InFlight: a.atDoor(), BehindMS: a.behind().Milliseconds(),
	}
	if addr := a.console.Load(); addr != nil {
		st.Console = *addr
	}
	for _, n := range a.stored() {
		st.Stored += n
	}
	st.Alerts = a.openAlerts()
	st.DiskBytes, st.DiskFree = diskUse(a.folder.path)
	st.Listening = append(st.Listening, a.listening()...)
	if addr := a.cfg.Bus.Embedded.KafkaListen; addr != "" {
		st.Listening = append(st.Listening, control.Port{Input: "kafka", Proto: "tcp", Address: addr})
	}
	return st
}

// needs says where a question can be asked that this process cannot answer.
func (a *App) needs(stage string, has bool) error {
	if has {
		return nil
	}
	return &fault.Error{
		Code: "stage-elsewhere", What: "this process does not have the stage " + stage, Where: a.folder.path, Why: "it runs " + strings.Join(a.opts.Stages, ", "),
		Do: "name the data folder of the process that has it with --data", Exit: fault.ExitUsage,
	}
}

// atDoor is how many records this process has taken and Kafka has not.
func (a *App) atDoor() int64 {
	if a.door == nil {
		return 0
	}
	return a.door.Waiting()
}

// behind is the age of the newest record that the archive has, while records wait before it; 0 when none do.
func (a *App) behind() time.Duration {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	waiting, err := a.waiting(ctx)
	newest := a.rates.newest.Load()
	if err != nil || waiting == 0 || newest == 0 {
		return 0
	}
	return max(0, time.Since(time.Unix(0, newest)))
}

// waiting returns how many records are between the front door and the archive. The stages beside that way (correlate,
// alerts, ledger) are left out: an event is found without them.
func (a *App) waiting(ctx context.Context) (int64, error) {
	n := a.atDoor()
	for _, st := range stages[:1] {
		lag, err := a.lag(ctx, st)
		if err != nil {
			return 0, err
		}
		n += lag
	}
	lag, err := a.lag(ctx, stages[archiveRow])
	return n + lag, err
}

// lag returns how many records a stage has not taken. Ends and positions are asked one after the other, so a stage that
// moves meanwhile may be ahead of the end that was seen; that is no negative lag.
func (a *App) lag(ctx context.Context, st stageRow) (int64, error) {
	r := a.runner(st.name)
	if r == nil {
		return 0, nil
	}
	ends, err := a.bus.Ends(ctx, st.topics...)
	if err != nil {
		return 0, err
	}
	done := r.Processed()
	var n int64
	for topic, ps := range ends {
		for p, end := range ps {
			n += max(0, end-done[topic][p])
		}
	}
	return n, nil
}

// topics describes the bus with the group that is furthest behind on each topic: it is the one whose offsets keep the
// log from being trimmed.
func (a *App) topics(ctx context.Context) ([]control.Topic, error) {
	list, err := a.bus.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]control.Topic, 0, len(list))
	for _, t := range list {
		row := control.Topic{Name: a.bus.Topic(t.Name), Partitions: t.Partitions, Records: t.Records, Bytes: t.Bytes}
		for _, group := range t.Readers {
			lag, err := a.lag(ctx, stageRow{name: group, topics: []string{t.Name}})
			if err != nil {
				return nil, err
			}
			if lag >= row.Lag {
				row.Lag, row.Group = lag, group
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// searchArchive answers a search from an archive, live or not. Warnings about names that no list knows come only where
// nothing was found: with hits the query is as it was meant.
func searchArchive(ctx context.Context, ar *archive.Archive, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	q, warnings, err := parseQuery(r.Query)
	if err != nil {
		return control.SearchSummary{}, err
	}
	req := search.Request{Query: q, From: r.From, To: r.To, Size: r.Size, Ascending: r.Ascending, Fields: fieldsOf(r.Fields), Top: r.Top}
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

// histogramBuckets is how many bars a histogram has at most: what fits beside labels on a narrow terminal.
const histogramBuckets = 60

// fieldsOf returns the fields of the paths that are known; a path that is not known is in no document.
func fieldsOf(paths []string) []event.Field {
	var out []event.Field
	for _, p := range paths {
		if f, ok := event.Lookup(p); ok {
			out = append(out, f)
		}
	}
	return out
}

// tailArchive hands over what is stored from now on, until ctx or the archive ends. A reader that is too slow loses
// documents, which the summary counts; storing never waits for it.
func tailArchive(ctx context.Context, ar *archive.Archive, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	q, _, err := parseQuery(r.Query)
	if err != nil {
		return control.TailSummary{}, err
	}
	f := ar.Follow(q, tailBuffer)
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

// showLedger puts a balance into the form of the command line. A device may be asked for by its address or by its name.
// Each difference is a fault of its own, so that a script that only looks at the exit code sees it.
func showLedger(b ledger.Balance, r control.LedgerRequest, names namer) control.Ledger {
	out := control.Ledger{Balanced: b.OK, KernelDrops: b.Kernel, At: b.At}
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
		out.Unclean = append(out.Unclean, control.UncleanStop{At: u.At, Hop: "ingest " + u.Start, Most: u.Found + u.Most})
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
