package normalise

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/signal"
)

// marks follows how far each dataset of a partition has been read in event time.
type marks struct {
	newest map[string]*mark
}

type mark struct {
	time time.Time
	sent time.Time // the mark written last
}

// markEvery is the least event time between two watermarks of a dataset.
const markEvery = time.Second

func newMarks() *marks { return &marks{newest: map[string]*mark{}} }

// see takes note of an event's time.
func (m *marks) see(e *event.Event) {
	v := e.Get(event.WeirTime)
	if v.Kind() != event.Time {
		return
	}
	ds := e.Str(event.EventDataset)
	k := m.newest[ds]
	if k == nil {
		k = &mark{}
		m.newest[strings.Clone(ds)] = k
	}
	if t := v.Time(); t.After(k.time) {
		k.time = t
	}
}

// watermarks writes a mark to every partition of the signals for each dataset that has moved on.
func (w *worker) watermarks(last *kgo.Record) {
	for ds, m := range w.marks.newest {
		if m.time.Sub(m.sent) < markEvery {
			continue
		}
		m.sent = m.time
		for p := range w.opts.SignalPartitions {
			s := signal.Signal{Kind: signal.Watermark, Dataset: ds, Time: m.time, Src: fmt.Sprintf("%s/%d/%d/%d", w.topic, w.partition, last.Offset, w.sig)}
			w.signalTo(int32(p), &s)
		}
		w.sig++
	}
}

// signal writes a match to the partition of its rule and group.
func (w *worker) signal(s *signal.Signal) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.Rule)) // a hash never fails
	for _, g := range s.Group {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(g))
	}
	w.signalTo(int32(h.Sum32()%uint32(w.opts.SignalPartitions)), s)
	w.sig++
}

func (w *worker) signalTo(partition int32, s *signal.Signal) {
	value, err := json.Marshal(s)
	if err != nil {
		w.opts.Log.Error("encoding a signal", "rule", s.Rule, "err", err)
		return
	}
	w.add(target{w.opts.Signals, partition}, w.src(w.sig), value, false)
}
