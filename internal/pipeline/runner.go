package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/dial"
	"weir/internal/config"
)

// Stage says what a runner runs.
type Stage struct {
	// Name is that of the stage in logs and metrics.
	Name string
	// Group is the consumer group: processes with the same one share the partitions.
	Group string
	// Topics are full names, prefix and all.
	Topics []string
	// New makes the worker of a partition; it is called again after every assignment and every rewind.
	New func(ctx context.Context, topic string, partition int32, from int64) (Worker, error)
	// StartOffset, if set, names the offset to start a partition at; ok false leaves it to the group's commit.
	StartOffset func(topic string, partition int32) (offset int64, ok bool)
	// Client makes the consumer client with the runner's options added to what all clients share.
	Client func(...kgo.Opt) (*kgo.Client, error)
	Log    *slog.Logger
}

const (
	// maxBatch is how many records are handed to a worker at once: enough to make a transaction or a flush worth it.
	maxBatch = 1000
	// queueLimit is how many records are queued for a worker before nothing more is read. A fetch may overshoot it.
	queueLimit = 4000
	// The pause after a worker failed, doubled with each failure in a row.
	backoffMin = 100 * time.Millisecond
	backoffMax = 10 * time.Second
	// commitEvery bounds what is read again after a crash.
	commitEvery = time.Second
	// complainEvery is how often the same error of reading is said.
	complainEvery = 30 * time.Second
)

// Runner runs one stage until it is stopped: it polls, feeds one worker per partition, commits what is durable, and
// makes a worker anew from the last durable offset when it failed.
type Runner struct {
	stage  Stage
	client *kgo.Client
	log    *slog.Logger

	// mu guards what the poll loop, the client's callbacks and the lanes share. It is taken before a lane's own lock, never
	// after it.
	mu    sync.Mutex
	lanes map[key]*lane
	// wake interrupts the poll under way.
	wake context.CancelFunc
	// restarts are failed lanes whose pause is over, to be started again by the poll loop.
	restarts []*lane
	// ready is closed when client is there: the client calls back before whoever makes it has it.
	ready chan struct{}
	// stopped is closed by Stop under mu: no pause begins after it.
	stopped chan struct{}
	// drained says that a lane has room again, or failed. One word is enough, whoever it is from.
	drained chan struct{}

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// key names a partition.
type key struct {
	topic     string
	partition int32
}

// Start joins the group and begins. Stop ends it.
func Start(stage Stage) (*Runner, error) {
	r := &Runner{stage: stage, log: stage.Log.With("component", stage.Name), lanes: map[key]*lane{}, drained: make(chan struct{}, 1), stopped: make(chan struct{}), ready: make(chan struct{})}
	client, err := stage.Client(
		kgo.ConsumerGroup(stage.Group),
		kgo.ConsumeTopics(stage.Topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitMarks(),
		kgo.AutoCommitInterval(commitEvery),
		kgo.BlockRebalanceOnPoll(),
		// Measured against the broker's own protocol (KIP-848): docs/kafka.md. Partitions that stay go on.
		kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.SessionTimeout(10*time.Second),
		kgo.HeartbeatInterval(time.Second),
		// Compressed: a fetch is several times larger in memory, and the client reads one ahead.
		kgo.FetchMaxBytes(2<<20),
		kgo.FetchMaxPartitionBytes(512<<10),
		kgo.AdjustFetchOffsetsFn(r.adjust),
		kgo.OnPartitionsAssigned(r.assigned),
		kgo.OnPartitionsRevoked(r.revoked),
		kgo.OnPartitionsLost(r.lost),
	)
	if err != nil {
		return nil, fmt.Errorf("joining group %s: %w", stage.Group, err)
	}
	r.client = client
	close(r.ready)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.done.Go(func() { r.loop(ctx) })
	return r, nil
}

// adjust puts the stage's own position in place of the group's commit, and tells each lane where it starts. The client
// calls it after assigned and before it reads anything.
func (r *Runner) adjust(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	own := kadm.Offsets{}
	defer func() { r.checkAnew(ctx, own) }()
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, ps := range offsets {
		for p := range ps {
			if at, ok := r.ownStart(topic, p); ok {
				ps[p] = kgo.NewOffset().At(at)
				own.AddOffset(topic, p, at, -1)
			}
			if l := r.lanes[key{topic, p}]; l != nil {
				l.begin(max(ps[p].EpochOffset().Offset, 0))
			}
		}
	}
	return offsets, nil
}

// checkAnew says where a stage knows more of a topic than the topic has: somebody deleted it and made it anew. What it has
// now looks like copies of what it had, so a person must decide.
func (r *Runner) checkAnew(ctx context.Context, own kadm.Offsets) {
	if len(own) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	select {
	case <-r.ready:
	case <-ctx.Done():
		return
	}
	ends, err := kadm.NewClient(r.client).ListEndOffsets(ctx, own.TopicsSet().Topics()...)
	if err != nil {
		return // reading fails too, and says so
	}
	own.Each(func(o kadm.Offset) {
		if end, ok := ends.Lookup(o.Topic, o.Partition); ok && end.Err == nil && end.Offset < o.At {
			r.log.Error("topic was deleted and made anew: its records would be taken for copies of the old ones", "topic", o.Topic, "partition", o.Partition,
				"ends", end.Offset, "known", o.At, "do", "weir explain kafka-topic-gone")
		}
	})
}

// ownStart asks the stage where to begin. Its store knows what is durable; the group's offset may lag behind that.
func (r *Runner) ownStart(topic string, p int32) (int64, bool) {
	if r.stage.StartOffset == nil {
		return 0, false
	}
	return r.stage.StartOffset(topic, p)
}

// assigned starts workers lazily: a lane is made here, its worker with the first records, whose offset it learns.
func (r *Runner) assigned(_ context.Context, client *kgo.Client, added map[string][]int32) {
	client.ResumeFetchPartitions(added) // one that failed here before it was given away may still be paused
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, ps := range added {
		for _, p := range ps {
			k := key{topic, p}
			r.lanes[k] = newLane(r, k, 0)
		}
	}
}

// commitWithin bounds how long a partition that is given away is held for a commit that Kafka does not answer. What is
// not committed is done again by the next owner, and dropped by its readers.
const commitWithin = 10 * time.Second

// revoked ends the workers of the partitions before another member gets them, and commits what they finished.
func (r *Runner) revoked(ctx context.Context, client *kgo.Client, gone map[string][]int32) {
	r.giveUp(gone)
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	// The callback has its client from its caller: it may come before Start has put it into r.
	if err := client.CommitMarkedOffsets(ctx); err != nil && !errors.Is(err, context.Canceled) {
		r.log.Warn("committing at the end of an assignment", "err", err)
	}
}

// lost ends the workers of partitions that the group has given to others already: this process was silent for too long.
// Nothing is committed: what the next owner has committed since is newer.
func (r *Runner) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	r.giveUp(gone)
	if len(gone) > 0 {
		r.log.Warn("partitions were given to another process, because this one was silent for too long", "partitions", gone)
	}
}

// giveUp ends the lanes of partitions and waits for what their workers have in hand.
func (r *Runner) giveUp(gone map[string][]int32) {
	var ending []*lane
	r.mu.Lock()
	for topic, ps := range gone {
		for _, p := range ps {
			if l := r.lanes[key{topic, p}]; l != nil {
				ending = append(ending, l)
				delete(r.lanes, l.key)
			}
		}
	}
	r.mu.Unlock()
	endAll(ending)
	r.poke()
}

// loop polls until ctx ends. It is the one goroutine that pushes records and rewinds, so no record can overtake a rewind.
// Rebalances wait while a poll's records are dealt out (BlockRebalanceOnPoll), so none goes to a lane that is gone.
func (r *Runner) loop(ctx context.Context) {
	complaint, complained := "", time.Time{}
	for ctx.Err() == nil {
		r.restart()
		if r.anyFull() {
			select {
			case <-r.drained:
			case <-ctx.Done():
			}
			continue
		}
		poll, wake := context.WithCancel(ctx)
		r.mu.Lock()
		r.wake = wake
		pending := len(r.restarts) > 0
		r.mu.Unlock()
		if pending {
			wake()
		}
		fetches := r.client.PollFetches(poll)
		wake()
		fetches.EachError(func(topic string, p int32, err error) {
			if errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
				return
			}
			// A Kafka that is away fails every poll with the same words.
			if s := err.Error(); s != complaint || time.Since(complained) > complainEvery {
				complaint, complained = s, time.Now()
				r.log.Warn("reading", "topic", topic, "partition", p, "err", err)
			}
		})
		r.mu.Lock()
		fetches.EachPartition(func(tp kgo.FetchTopicPartition) {
			if l := r.lanes[key{tp.Topic, tp.Partition}]; l != nil && len(tp.Records) > 0 {
				l.push(tp.Records)
			}
		})
		r.mu.Unlock()
		r.client.AllowRebalance()
	}
}

// anyFull tells whether a lane's queue is full. Reading then waits for it: all lanes of a stage write to the same place
// and fill alike, and pausing a single partition would leave its next fetch waiting out a long poll.
func (r *Runner) anyFull() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lanes {
		if l.full() {
			return true
		}
	}
	return false
}

// poke wakes the poll loop where it waits for a full lane.
func (r *Runner) poke() {
	select {
	case r.drained <- struct{}{}:
	default: // it will look anyway
	}
}

// failed begins the pause of a lane, on a goroutine of its own: the other partitions go on meanwhile.
func (r *Runner) failed(l *lane) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.stopped:
		return
	default:
	}
	r.done.Go(func() { r.pause(l) })
	r.poke()
}

// pause ends a failed lane, waits, and hands it to the poll loop, which alone may rewind: it is the only one that pushes
// records. What would be fetched meanwhile would only be thrown away.
func (r *Runner) pause(l *lane) {
	r.client.PauseFetchPartitions(map[string][]int32{l.topic: {l.partition}})
	l.end()
	timer := time.NewTimer(min(backoffMin<<min(l.failures, 10), backoffMax))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.stopped:
		return
	}
	r.mu.Lock()
	r.restarts = append(r.restarts, l)
	if r.wake != nil {
		r.wake()
	}
	r.mu.Unlock()
	r.poke()
}

// restart rewinds the partitions whose pause is over to their last durable offset and gives them new lanes.
func (r *Runner) restart() {
	r.mu.Lock()
	lanes := r.restarts
	r.restarts = nil
	r.mu.Unlock()
	for _, old := range lanes {
		at := old.marked.Load()
		if own, ok := r.ownStart(old.topic, old.partition); ok {
			at = own
		}
		r.mu.Lock()
		current := r.lanes[old.key] == old // else it was revoked meanwhile
		if current {
			next := newLane(r, old.key, at)
			next.failures = old.failures + 1
			if old.marked.Load() > old.from.Load() {
				next.failures = 0
			}
			r.lanes[old.key] = next
		}
		r.mu.Unlock()
		if current {
			r.log.Warn("starting again after a failure", "topic", old.topic, "partition", old.partition, "offset", at, "err", old.failure())
			// Where Kafka itself refuses what the stage writes, somebody must do something.
			if f := dial.Explain(old.failure(), config.Bus{}, old.topic); f != nil {
				r.log.Error("a fault", "what", f.What, "topic", old.topic, "why", f.Why, "do", f.Do)
			}
			r.client.SetOffsets(map[string]map[int32]kgo.EpochOffset{old.topic: {old.partition: {Epoch: -1, Offset: at}}})
		}
		r.client.ResumeFetchPartitions(map[string][]int32{old.topic: {old.partition}})
	}
}

// Processed returns, per topic and partition, the offset after the last record that a worker has taken.
func (r *Runner) Processed() map[string]map[int32]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]map[int32]int64{}
	for k, l := range r.lanes {
		if out[k.topic] == nil {
			out[k.topic] = map[int32]int64{}
		}
		out[k.topic][k.partition] = l.processed.Load()
	}
	return out
}

// CatchUp waits until every partition was taken up to the offsets in ends, or ctx ends.
func (r *Runner) CatchUp(ctx context.Context, ends map[string]map[int32]int64) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if r.caught(ends) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for stage %s to finish: %w", r.stage.Name, ctx.Err())
		case <-tick.C:
		}
	}
}

// caught tells whether every lane is at its end. Without any lane nothing is known yet: the group is still being joined.
func (r *Runner) caught(ends map[string]map[int32]int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, l := range r.lanes {
		end, ok := ends[k.topic][k.partition]
		if ok && l.processed.Load() < end {
			return false
		}
	}
	return len(r.lanes) > 0
}

// endAll ends lanes at once: while Kafka is away each worker waits a moment for it.
func endAll(lanes []*lane) {
	var ending sync.WaitGroup
	for _, l := range lanes {
		ending.Go(l.end)
	}
	ending.Wait()
}

// Stop ends the workers, commits and leaves the group. ctx bounds the commit; workers end their batch in any case.
func (r *Runner) Stop(ctx context.Context) {
	r.mu.Lock()
	close(r.stopped)
	r.mu.Unlock()
	r.cancel()
	r.done.Wait()
	r.mu.Lock()
	lanes := slices.Collect(maps.Values(r.lanes))
	r.lanes = map[key]*lane{}
	r.mu.Unlock()
	endAll(lanes)
	if err := r.client.CommitMarkedOffsets(ctx); err != nil {
		r.log.Warn("committing at stop", "err", err)
	}
	r.client.CloseAllowingRebalance()
}
