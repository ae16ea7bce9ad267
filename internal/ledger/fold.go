package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

// Fold is the sum of all records of weir.ledger. It is a plain value, written as JSON; one goroutine changes it.
type Fold struct {
	// Ingest holds the last record of each start, by "ingester/start".
	Ingest map[string]*Record `json:"ingest"`
	// Made holds what normalise made of the records of each start, by "ingester/start", then by source.
	Made map[string]map[string]*Counts `json:"made"`
	// Open holds, per raw partition, the newest stretches, not yet added to Made: a crash may make the newest ones
	// come again.
	Open map[string][]Record `json:"open"`
	// Archives holds the last record of each archive, by its name.
	Archives map[string]*Record `json:"archives,omitempty"`
	// Elastic holds what became of the records of each partition at that hop, by "topic/partition".
	Elastic map[string]*ElasticPartition `json:"elastic,omitempty"`

	roll roll
}

// openStretches is how many stretches of a raw partition can still be replaced. Offsets are committed every second and
// stretches are published less often, so a crash brings back the newest one, or rarely the one before.
const openStretches = 16

// NewFold returns an empty fold.
func NewFold() *Fold {
	return &Fold{Ingest: map[string]*Record{}, Made: map[string]map[string]*Counts{}, Open: map[string][]Record{}, Archives: map[string]*Record{}, Elastic: map[string]*ElasticPartition{}}
}

// StartKey names one start of an ingester.
func StartKey(ingester string, start uint32) string {
	return ingester + "/" + strconv.FormatUint(uint64(start), 10)
}

// Apply adds one value of weir.ledger. An error changes nothing; the topic is open to other clients, so a value may be
// anything.
func (f *Fold) Apply(value []byte) error {
	if rec, ok, err := ParseElastic(value); ok || err != nil {
		if err == nil {
			f.applyElastic(rec)
		}
		return err
	}
	var r Record
	if err := json.Unmarshal(value, &r); err != nil {
		return fmt.Errorf("ledger record: %w", err)
	}
	none := func(_ string, c *Counts) bool { return c == nil }
	maps.DeleteFunc(r.Sources, none)
	for _, sources := range r.Starts {
		maps.DeleteFunc(sources, none)
	}
	switch r.Hop {
	case HopIngest:
		f.Ingest[StartKey(r.Instance, r.Start)] = &r
	case HopNormalise:
		f.stretch(r)
	case HopArchive:
		f.Archives[r.Instance] = &r
	case HopHere, HopAsk, HopAnswer:
		f.roll.apply(&r)
	default:
		return fmt.Errorf("ledger record of the unknown hop %q", r.Hop)
	}
	return nil
}

// stretch adds one stretch. Stretches begin where offsets were committed, so a stretch that begins at or before the
// beginning of an earlier one repeats it and all after it.
func (f *Fold) stretch(r Record) {
	k := fmt.Sprintf("%s/%d", r.Topic, r.Partition)
	open := f.Open[k]
	for len(open) > 0 && r.From <= open[len(open)-1].From {
		open = open[:len(open)-1]
	}
	open = append(open, r)
	if len(open) > openStretches {
		f.close(&open[0])
		open = append([]Record(nil), open[1:]...)
	}
	f.Open[k] = open
}

// close adds a stretch for good: too much has come after it for it to come again.
func (f *Fold) close(r *Record) { addStarts(f.Made, r.Starts) }

// addStarts adds counts by start and source. The counts of from are copied, never shared.
func addStarts(to, from map[string]map[string]*Counts) {
	for start, sources := range from {
		m := to[start]
		if m == nil {
			m = map[string]*Counts{}
			to[start] = m
		}
		for s, c := range sources {
			Merge(m, s, c)
		}
	}
}

// made returns what normalise made in all, open stretches included.
func (f *Fold) made() map[string]map[string]*Counts {
	out := map[string]map[string]*Counts{}
	addStarts(out, f.Made)
	for _, rs := range f.Open {
		for i := range rs {
			addStarts(out, rs[i].Starts)
		}
	}
	return out
}

// Taken returns, per "topic/partition" of raw topics, the offset up to which records are counted.
func (f *Fold) Taken() map[string]int64 {
	out := make(map[string]int64, len(f.Open))
	for k, rs := range f.Open {
		if len(rs) > 0 {
			out[k] = rs[len(rs)-1].To
		}
	}
	return out
}
