// Package correlating joins the stage that correlates with the rules of the moment and with Kafka.
package correlating

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/rules"
)

// Correlator joins the correlate stage with the rules of the moment and with Kafka. A reload swaps the rules as a whole;
// workers of normalise (Route) and of correlate read them without a lock.
type Correlator struct {
	// Workers are those that were made of it.
	Workers  Workers
	now      atomic.Pointer[ruleBook]
	producer *kgo.Client
	topic    string // of alerts
	lanes    int32  // its partitions
}

// New makes the correlator of a set of rules. The producer stays the caller's; alerts go to the partitions of topic.
func New(set *rules.Set, producer *kgo.Client, topic string, partitions int) *Correlator {
	c := &Correlator{producer: producer, topic: topic, lanes: int32(partitions)}
	c.SetRules(set)
	return c
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

// SetRules puts a set in place. Reloads come one after the other. The sets before it share their rules with it where these
// have not changed: rules are read anew each time, and sixteen readings of thousands of rules would be a lot of memory.
func (c *Correlator) SetRules(set *rules.Set) {
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

// History returns the sets of the moment.
func (c *Correlator) History() *correlate.History { return &c.now.Load().History }

// Route returns the values of a signal's group that decide where it goes: all signals that may become one alert must be
// on one partition. Of a rule that is not known here they are all values.
func (c *Correlator) Route(s *signal.Signal) []string {
	if r := c.now.Load().versions[ruleVersion{s.Rule, s.Hash}]; r != nil {
		return correlate.Route(r, s.When, s.Group)
	}
	return s.Group
}

// Produce writes alerts in order. An alert goes to the partition number of its signal, so that a reader can order what
// comes from one signal partition.
func (c *Correlator) Produce(_ context.Context, outs []correlate.Out, done func(error)) {
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
