// Package restoring brings events from the archive back into Elasticsearch: each is created under its event.id in the index of
// its class and day, so that what is there already stays as it is, and running it again, or on from where a crash ended it,
// makes nothing twice.
package restoring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"weir/event"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/fault"
	"weir/sinks/elastic"
	"weir/sinks/elastic/bulk"
	"weir/sinks/elastic/indices"
	"weir/sinks/elastic/template"
)

// Options say what is restored, and where to.
type Options struct {
	Elastic config.Elastic
	// Into is the beginning of the names of indices; "": that of the configuration.
	Into  string
	Query string
	// From and To bound the logged time, To not included; zero: open.
	From, To time.Time
	// State is the file that keeps how far it is. It is removed when everything is done.
	State string
	// Now is the clock.
	Now func() time.Time
	// Progress is told from time to time, from one goroutine. May be nil.
	Progress func(Progress)
	Log      *slog.Logger
}

// Counts add up: Read = Indexed + Present + Refused.
type Counts struct {
	Read    int64 `json:"read"`
	Indexed int64 `json:"indexed"`
	Present int64 `json:"present"` // were there already
	Refused int64 `json:"refused"` // the server will never take them
}

// add adds other counts.
func (c *Counts) add(o Counts) {
	c.Read += o.Read
	c.Indexed += o.Indexed
	c.Present += o.Present
	c.Refused += o.Refused
}

// Progress is how far it is, what an earlier run did included.
type Progress struct {
	Counts
	Total int64     // events that the query finds
	At    time.Time // sort time up to which everything is settled
}

// Result is what was done.
type Result struct {
	Counts
	Total   int64    `json:"total"`
	Resumed bool     `json:"resumed,omitempty"` // an earlier run had begun
	Reasons []string `json:"reasons,omitempty"` // of the first events that were refused
	Warn    []searching.Word
}

// maxReasons bounds the reasons that are kept.
const maxReasons = 5

// How many documents are handed over at once.
const (
	batchDocs  = 1000
	batchBytes = 2 << 20
)

// saveEvery is how often the state is written.
const saveEvery = time.Second

// Run restores. A server that is away is waited for until ctx ends; then, as after a crash, the same call goes on where it was.
func Run(ctx context.Context, from control.Backend, o Options) (*Result, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	st, resumed, err := load(o)
	if err != nil {
		return nil, err
	}
	scope := searching.Scope{Query: o.Query, From: st.From, To: st.To}
	page, err := question.Ask[searching.Page](ctx, from, searching.AskPage, searching.PageRequest{Scope: scope}, nil)
	if err != nil {
		return nil, err
	}
	client, gzip, err := elastic.Client(&o.Elastic)
	if err != nil {
		return nil, err
	}
	names := indices.Names{Prefix: o.prefix()} // by the day, as the sink writes them
	manager := indices.New(indices.Options{Client: client, Names: names, Flavour: o.Elastic.Flavour, Log: o.Log,
		Settings: template.Settings{Shards: o.Elastic.Shards, Replicas: o.Elastic.Replicas, Refresh: time.Duration(o.Elastic.Refresh)}})
	sender := bulk.New(bulk.Options{Client: client, Workers: max(1, o.Elastic.Workers), MaxBytes: int(o.Elastic.BulkBytes), Gzip: gzip, Prepare: manager.Prepare, Log: o.Log})
	r := &run{o: o, names: names, sender: sender, track: newTracker(st, o), total: page.Hits}
	if st.Through != 0 {
		scope.From = time.Unix(0, st.Through).UTC()
	}
	done, err := question.Ask[searching.Exported](ctx, from, searching.AskExport, searching.ExportRequest{Scope: scope, Format: "elasticsearch", Into: o.prefix()}, func(doc []byte) error {
		return r.take(ctx, doc)
	})
	if err == nil {
		err = r.flush(ctx)
	}
	if err == nil {
		err = r.track.wait(ctx)
	}
	sender.Close() // settles what is under way, so that the state may say it
	counts, reasons := r.track.end(err == nil)
	res := &Result{Counts: counts, Total: page.Hits, Resumed: resumed, Reasons: reasons, Warn: done.Warn}
	if err == nil && r.track.err() != nil {
		err = r.track.err()
	}
	return res, err
}

func (o *Options) prefix() string {
	if o.Into != "" {
		return o.Into
	}
	return o.Elastic.Prefix
}

// check refuses what could not end well.
func (o *Options) check() error {
	if len(o.Elastic.URLs) == 0 {
		return &fault.Error{Code: "elastic-unset", What: "no Elasticsearch is configured", Do: "name its address in elastic.urls", Exit: fault.ExitUsage}
	}
	if o.Into == "" {
		now := time.Now()
		if o.Now != nil {
			now = o.Now()
		}
		if keep := time.Duration(o.Elastic.Keep); keep > 0 && (o.From.IsZero() || o.From.Before(now.Add(-keep))) {
			return &fault.Error{Code: "restore-old", What: "events as old as this would be deleted from Elasticsearch again", Where: "elastic.keep",
				Why: "weir removes indices of " + o.Elastic.Prefix + "* that are older than elastic.keep", Do: "give a later --from, or restore into indices of their own: --into logs-restored.", Exit: fault.ExitUsage}
		}
		return nil
	}
	if strings.Trim(o.Into, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || strings.ContainsAny(o.Into[:1], "-_.") || len(o.Into) > 80 {
		return &fault.Error{Code: "restore-index", What: "this cannot begin the name of an index", Where: "--into " + o.Into, Do: "use a-z 0-9 - _ . and begin with a letter, as in logs-restored.", Exit: fault.ExitUsage}
	}
	return nil
}

// run is one restoration at work. take and flush are called by one goroutine.
type run struct {
	o      Options
	names  indices.Names
	sender *bulk.Sender
	track  *tracker
	total  int64

	e    event.Event
	docs []bulk.Doc
	ids  []string
	at   []int64
	size int
}

// take takes one document; it copies what it keeps.
func (r *run) take(ctx context.Context, doc []byte) error {
	if err := r.e.Decode(doc); err != nil {
		r.track.refuse("a document that is no JSON: " + err.Error())
		return nil //nolint:nilerr // it is counted, and the rest goes on
	}
	id := r.e.Str(event.EventID)
	at := sortTime(&r.e)
	if r.track.settledBefore(at, id) {
		return nil
	}
	if id == "" {
		r.track.refuse("an event without event.id")
		return nil
	}
	class, when := r.e.Str(event.WeirClass), r.e.Get(event.WeirTime).Time()
	if r.e.Get(event.WeirTime).Kind() != event.Time {
		when = time.Unix(0, at)
	}
	if day := r.e.Str(event.WeirRevisedDay); day != "" { // where the first revision is, this one replaces it
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			when, class = t, r.e.Str(event.WeirRevisedClass)
		}
	}
	if class == "" {
		class = "standard"
	}
	quoted := event.Str(id)
	text := quoted.AppendJSON(nil)
	d := bulk.Doc{Index: r.names.Index(class, when), ID: text[1 : len(text)-1], JSON: append([]byte(nil), doc...)}
	if v := r.e.Get(event.WeirRevision).Int(); v > 1 {
		d.Version = v
	}
	r.docs = append(r.docs, bulk.Tidy(d))
	r.ids = append(r.ids, strings.Clone(id))
	r.at = append(r.at, at)
	if r.size += len(doc); len(r.docs) >= batchDocs || r.size >= batchBytes {
		return r.flush(ctx)
	}
	return nil
}

// flush hands the batch over. It returns when the sender has room.
func (r *run) flush(ctx context.Context) error {
	if len(r.docs) == 0 {
		return nil
	}
	docs := r.docs
	b := r.track.begin(r.at, r.ids)
	r.docs, r.ids, r.at, r.size = nil, nil, nil, 0
	if err := r.sender.Send(ctx, docs, func(places []int32, out bulk.Outcome) { r.track.settle(b, places, out) }); err != nil {
		return err
	}
	return r.track.tell(r.total)
}

// sortTime is the time by which the archive orders events.
func sortTime(e *event.Event) int64 {
	for _, f := range [...]event.Field{event.Timestamp, event.WeirTime} {
		if v := e.Get(f); v.Kind() == event.Time {
			return v.Time().UnixNano()
		}
	}
	return 0
}

// tracker knows which events are settled. Batches come in the order of time and are settled in any.
type tracker struct {
	o     Options
	start state           // where this run began
	seen  map[string]bool // ids that were settled at start.Through

	mu      sync.Mutex
	batches []*batch // not settled, or behind one that is not; in order
	state   state
	idle    chan struct{} // closed when there is no batch
	reasons []string
	lost    int // given up
	saved   time.Time
	fail    error
}

// batch is what was handed over at once.
type batch struct {
	at     []int64
	ids    []string
	left   int
	counts Counts
}

func newTracker(st state, o Options) *tracker {
	t := &tracker{o: o, start: st, state: st, seen: map[string]bool{}, idle: make(chan struct{})}
	for _, id := range st.Done {
		t.seen[id] = true
	}
	close(t.idle)
	return t
}

// settledBefore tells whether an earlier run has settled an event.
func (t *tracker) settledBefore(at int64, id string) bool {
	return at < t.start.Through || at == t.start.Through && t.seen[id]
}

// refuse counts an event that cannot even be sent.
func (t *tracker) refuse(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Counts.add(Counts{Read: 1, Refused: 1})
	t.reason(why)
}

func (t *tracker) reason(why string) {
	if len(t.reasons) < maxReasons {
		t.reasons = append(t.reasons, why)
	}
}

// begin notes a batch that is being sent.
func (t *tracker) begin(at []int64, ids []string) *batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := &batch{at: at, ids: ids, left: len(ids)}
	if len(t.batches) == 0 {
		t.idle = make(chan struct{})
	}
	t.batches = append(t.batches, b)
	return b
}

// settle notes what became of some of a batch. What was given up leaves the batch open, and the state before it.
func (t *tracker) settle(b *batch, places []int32, out bulk.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := int64(len(places))
	switch out.Kind {
	case bulk.Indexed:
		b.counts.add(Counts{Read: n, Indexed: n})
	case bulk.Conflict:
		b.counts.add(Counts{Read: n, Present: n})
	case bulk.Refused:
		b.counts.add(Counts{Read: n, Refused: n})
		for _, p := range places {
			t.reason(b.ids[p] + ": " + out.Type + ": " + out.Reason)
		}
	case bulk.GivenUp:
		t.lost += len(places)
		return
	}
	b.left -= len(places)
	t.pass()
}

// pass moves the state over batches that are settled. The lock is held.
func (t *tracker) pass() {
	for len(t.batches) > 0 && t.batches[0].left == 0 {
		b := t.batches[0]
		t.batches = t.batches[1:]
		t.state.Counts.add(b.counts)
		for i, at := range b.at {
			if at != t.state.Through || t.state.Done == nil {
				t.state.Through, t.state.Done = at, t.state.Done[:0]
			}
			t.state.Done = append(t.state.Done, b.ids[i])
		}
	}
	if len(t.batches) == 0 {
		select {
		case <-t.idle:
		default:
			close(t.idle)
		}
	}
}

// tell writes the state and says how far it is, now and then.
func (t *tracker) tell(total int64) error {
	now := time.Now()
	t.mu.Lock()
	if now.Sub(t.saved) < saveEvery {
		t.mu.Unlock()
		return nil
	}
	t.saved = now
	st := t.state.clone()
	p := Progress{Counts: t.state.Counts, Total: total, At: time.Unix(0, t.state.Through)}
	t.mu.Unlock()
	if t.o.Progress != nil {
		t.o.Progress(p)
	}
	return st.save(t.o.State)
}

// wait waits until everything is settled.
func (t *tracker) wait(ctx context.Context) error {
	t.mu.Lock()
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// end writes how far it is, or removes the state where everything is done.
func (t *tracker) end(whole bool) (Counts, []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if whole && t.lost == 0 && len(t.batches) == 0 {
		t.fail = remove(t.o.State)
	} else {
		t.fail = t.state.save(t.o.State)
		if whole && t.fail == nil {
			t.fail = errors.New("some events were not settled; run it again to go on")
		}
	}
	return t.state.Counts, t.reasons
}

// err is what went wrong besides.
func (t *tracker) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fail != nil {
		return fmt.Errorf("keeping how far the restoration is: %w", t.fail)
	}
	return nil
}
