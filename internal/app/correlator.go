package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/build"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/internal/state"
	"weir/processors/correlate"
	"weir/rules"
)

// correlator joins the correlate stage with the rules of the moment and with Kafka. A reload swaps the rules as a whole;
// workers of normalise (route) and of correlate read them without a lock.
type correlator struct {
	now      atomic.Pointer[ruleBook]
	producer *kgo.Client
	topic    string // of alerts
	lanes    int32  // its partitions
}

// ruleBook is the rule set of a moment with those before it, and the versions of rules in all of them by id and hash: a
// worker of normalise has its set until its batch ends, and its signals travel. It is immutable.
type ruleBook struct {
	correlate.History
	versions map[ruleVersion]*rules.Rule
}

type ruleVersion struct{ id, hash string }

// bookKeeps is how many sets are known. No worker is that far behind: a batch takes less than a second, and a reload more
// than the pause before it.
const bookKeeps = 16

// setRules puts a set in place. Reloads come one after the other. The sets before it share their rules with it where these
// have not changed: rules are read anew each time, and sixteen readings of thousands of rules would be a lot of memory.
func (c *correlator) setRules(set *rules.Set) {
	next := &ruleBook{versions: make(map[ruleVersion]*rules.Rule, len(set.Rules))}
	for _, r := range set.Rules {
		next.versions[ruleVersion{r.ID, r.Hash}] = r
	}
	if old := c.now.Load(); old != nil {
		next.Number = old.Number
		sets := old.Sets[max(0, len(old.Sets)-bookKeeps+1):]
		if last := len(sets) - 1; last >= 0 && sets[last].Hash == set.Hash {
			sets = sets[:last] // a file was only touched, or a text changed: this is the same set
		}
		for _, before := range sets {
			next.Sets = append(next.Sets, next.share(before))
		}
	}
	next.Number++
	next.Sets = append(next.Sets, set)
	c.now.Store(next)
}

// share returns a set as the book keeps it: the version of a rule that is known is taken from there, one that is not is
// made known.
func (b *ruleBook) share(set *rules.Set) *rules.Set {
	out := &rules.Set{Hash: set.Hash, Rules: make([]*rules.Rule, len(set.Rules))}
	for i, r := range set.Rules {
		v := ruleVersion{r.ID, r.Hash}
		known := b.versions[v]
		if known == nil || known.Enabled != r.Enabled {
			known, b.versions[v] = r, r
		}
		out.Rules[i] = known
	}
	return out
}

// history returns the sets of the moment.
func (c *correlator) history() *correlate.History { return &c.now.Load().History }

// route returns the values of a signal's group that decide into which alert it folds: all signals of one alert must be
// on one partition.
func (c *correlator) route(s *signal.Signal) []string {
	if r := c.now.Load().versions[ruleVersion{s.Rule, s.Hash}]; r != nil {
		return correlate.FoldGroup(r, s.Group)
	}
	return s.Group
}

// produce writes alerts in order. An alert goes to the partition number of its signal, so that a reader can order what
// comes from one signal partition.
func (c *correlator) produce(_ context.Context, outs []correlate.Out, done func(error)) {
	if len(outs) == 0 {
		done(nil)
		return
	}
	// promise comes from the producer's goroutine, or from this one where a record could not be encoded; done is called
	// once, by whoever is last, with the first error that there was.
	left := atomic.Int64{}
	left.Store(int64(len(outs)))
	failed := atomic.Pointer[error]{}
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
		if left.Add(-1) > 0 {
			return
		}
		if p := failed.Load(); p != nil {
			done(fmt.Errorf("writing alerts: %w", *p))
			return
		}
		done(nil)
	}
	for _, o := range outs {
		value, err := json.Marshal(o.Alert)
		if err != nil { // plain data always encodes
			promise(nil, err)
			continue
		}
		// Not the caller's context: an alert that is given up half way would leave its revision with a hole in it. The
		// producer ends what cannot be delivered when it is closed.
		rec := &kgo.Record{Topic: c.topic, Partition: o.Src.Partition % c.lanes, Key: []byte(o.Alert.ID), Value: value, Timestamp: time.Now(),
			Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(o.Src.String())}}}
		c.producer.Produce(context.Background(), rec, promise)
	}
}

// correlateStage begins at the offset of its snapshots, not at that of the group: signals between the two are in no
// snapshot yet, and have to be seen again.
func (a *App) correlateStage() (makeWorker, ownOffset) {
	snapshots := a.snapshots()
	opts := correlate.WorkerOptions{
		Snapshots: snapshots, Engine: build.Engine(a.cfg, a.log), Interval: time.Duration(a.cfg.Correlate.Snapshot), Log: a.log.With("component", "correlate"),
		Rules: a.correlator.history, Produce: a.correlator.produce,
	}
	newWorker := func(ctx context.Context, topic string, p int32, from int64) (pipeline.Worker, error) {
		w, err := correlate.NewWorker(ctx, opts, topic, p, from)
		if err != nil {
			return nil, err // not w: a worker that is nil would be one to the runner
		}
		return w, nil
	}
	return newWorker, func(_ string, p int32) (int64, bool) {
		ctx, cancel := context.WithTimeout(context.Background(), snapshotWait)
		defer cancel()
		return correlate.StartOffset(ctx, snapshots, p)
	}
}

// snapshotWait bounds how long an assignment waits for Kafka to hand out a snapshot. Without an answer the worker asks
// again, and waits, before it begins.
const snapshotWait = 20 * time.Second

// snapshots is where correlate keeps its state: in the folder beside the embedded broker, which has no compacted topics, or
// in the topic of a real Kafka, so that any process can take a partition over.
func (a *App) snapshots() correlate.Snapshots {
	if len(a.cfg.Bus.Brokers) == 0 {
		return correlate.Folder(a.folder.join("state"))
	}
	return correlate.Kept(a.stateIn(bus.State))
}

// stateIn keeps state in a compacted topic.
func (a *App) stateIn(topic string) state.Opener {
	return state.Topic(state.Kafka{Topic: a.bus.Topic(topic), Partitions: a.bus.Partitions(topic), Producer: a.producer, Client: a.bus.Client, Log: a.log})
}

// cursorStore is where normalise keeps how far it has had each file and object.
func (a *App) cursorStore(topic string, partition int32) (state.Store, error) {
	name := a.bus.Name(topic)
	if name != bus.RawFile && name != bus.RawCloud {
		return nil, nil
	}
	if len(a.cfg.Bus.Brokers) == 0 {
		return state.Folder(a.folder.join("cursors"), a.log).Open(name, partition)
	}
	return a.stateIn(bus.Cursors).Open(name, partition)
}

// startCorrelator makes the correlator and the folder of its snapshots. It comes before the stages, since normalise routes
// signals by it.
func (a *App) startCorrelator() error {
	if err := os.MkdirAll(a.folder.join("state"), 0o700); err != nil {
		return fmt.Errorf("making the folder of correlation state: %w", err)
	}
	a.correlator = &correlator{producer: a.producer, topic: a.bus.Topic(bus.Alerts), lanes: int32(a.bus.Partitions(bus.Alerts))}
	a.correlator.setRules(a.rules.Now().Set)
	return nil
}

// alertClass is the retention class of alerts. They have one of their own, because who looks back over a year wants what
// was found long after the events behind it are gone.
const alertClass = "alerts"

// alertDocs turns alerts into the documents that the archive keeps. A worker's batches come one after the other, so one
// event is enough for all of them.
type alertDocs struct {
	pipeline.Worker
	e   event.Event
	log *slog.Logger
}

// Process implements pipeline.Worker. The records are copied, because those of the batch are the runner's. An alert that
// cannot be read still takes its place as an empty document: the archive counts by offset, and a hole would stop it.
func (d *alertDocs) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	docs := make([]*kgo.Record, len(batch))
	for i, rec := range batch {
		doc := *rec
		var a alert.Alert
		if err := json.Unmarshal(rec.Value, &a); err != nil {
			d.log.Error("an alert that cannot be read", "component", "archive", "topic", rec.Topic, "offset", rec.Offset, "err", err)
		}
		alert.Event(&a, &d.e)
		d.e.SetStr(event.WeirClass, alertClass)
		doc.Value = d.e.AppendJSON(nil)
		docs[i] = &doc
	}
	return d.Worker.Process(ctx, docs, done)
}
