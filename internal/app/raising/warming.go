package raising

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
)

// Warmer hands matches of the past to the engines that run, so that a rule which is new knows what it would know. They go
// where the matches of now go, marked as warm: they raise no alert. It is safe for many goroutines.
type Warmer struct {
	producer   *kgo.Client
	topic      string
	partitions int
	self       record.Ing
	route      func(*signal.Signal) []string

	mu sync.Mutex
	// The running number of the last record, by partition, of this start: readers drop what is not above what they have.
	sub []int32
}

// NewWarmer makes the warmer of a start. The producer stays the caller's.
func NewWarmer(producer *kgo.Client, topic string, partitions int, self record.Ing, route func(*signal.Signal) []string) *Warmer {
	return &Warmer{producer: producer, topic: topic, partitions: partitions, self: self, route: route, sub: make([]int32, partitions)}
}

// Warming is one run of matches. It belongs to one goroutine.
type Warming struct {
	w    *Warmer
	wait sync.WaitGroup

	mu  sync.Mutex
	err error
}

// Begin begins a run.
func (w *Warmer) Begin() *Warming { return &Warming{w: w} }

// Match hands one match over. The signal is not kept.
func (r *Warming) Match(s *signal.Signal) error {
	warm := *s
	warm.Warm = true
	value, err := signal.Encode(&warm)
	if err != nil {
		return fmt.Errorf("warming a rule: %w", err)
	}
	w := r.w
	p := signal.Partition(s.Rule, w.route(s), w.partitions)
	r.wait.Add(1)
	w.mu.Lock()
	w.sub[p]++
	src := record.Pos{Topic: "warm." + w.self.Ingester, Partition: p, Offset: int64(w.self.Start), Sub: w.sub[p]}
	// Not a caller's context: one record that is given up half way would be a hole.
	w.producer.Produce(context.Background(), &kgo.Record{Topic: w.topic, Partition: p, Value: value, Timestamp: time.Now(),
		Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(src.String())}}}, r.written)
	w.mu.Unlock()
	return r.failed()
}

// written takes the answer to one record.
func (r *Warming) written(_ *kgo.Record, err error) {
	if err != nil {
		r.mu.Lock()
		r.err = errors.Join(r.err, err)
		r.mu.Unlock()
	}
	r.wait.Done()
}

// failed returns what went wrong so far.
func (r *Warming) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("warming a rule: %w", r.err)
}

// End returns when all that was handed over is durable.
func (r *Warming) End() error {
	r.wait.Wait()
	return r.failed()
}
