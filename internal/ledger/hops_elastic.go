package ledger

import (
	"encoding/json"
	"fmt"
	"time"
)

// HopElastic is the hop that brings events and alerts into Elasticsearch.
const HopElastic = "elastic"

// ElasticCounts are the documents of one source at that hop. Each record of the stretch is in exactly one of them.
type ElasticCounts struct {
	Indexed   int64            `json:"indexed,omitempty"`   // created by this stretch
	Conflicts int64            `json:"conflicts,omitempty"` // there already under the same id: done too
	Dead      map[string]int64 `json:"dead,omitempty"`      // by reason
	Repeated  int64            `json:"repeated,omitempty"`  // copies that a restarted normalise wrote; not sent
	Differing int64            `json:"differing,omitempty"` // of the conflicts: those that were looked at and hold something else
}

// Stored returns how many of the documents Elasticsearch has.
func (c *ElasticCounts) Stored() int64 { return c.Indexed + c.Conflicts }

// ElasticRecord is a value of weir.ledger: what became of the records [From, To) of one partition of weir.events or
// weir.alerts. It is published before the offset To is committed. One that begins at or before the beginning of an
// earlier one of the partition repeats it and all after it, as with normalise; those with Gap are apart from this.
type ElasticRecord struct {
	Hop       string                    `json:"hop"`
	Instance  string                    `json:"instance"`
	Start     uint32                    `json:"start"`
	At        time.Time                 `json:"at"`
	Topic     string                    `json:"topic"`
	Partition int32                     `json:"partition"`
	From      int64                     `json:"from"`
	To        int64                     `json:"to"`
	Sources   map[string]*ElasticCounts `json:"sources,omitempty"`
	// Open are the stretches of the partition that Kafka no longer has and the archive has not given yet.
	Open [][2]int64 `json:"open,omitempty"`
	// Gap says that this stretch was one of those: it came from the archive, whole, and is open no longer.
	Gap bool `json:"gap,omitempty"`
}

// ParseElastic reads such a record; ok is false for one of another hop.
func ParseElastic(value []byte) (r ElasticRecord, ok bool, err error) {
	var hop struct {
		Hop string `json:"hop"`
	}
	if err := json.Unmarshal(value, &hop); err != nil {
		return r, false, fmt.Errorf("ledger record: %w", err)
	}
	if hop.Hop != HopElastic {
		return r, false, nil
	}
	if err := json.Unmarshal(value, &r); err != nil {
		return r, false, fmt.Errorf("ledger record of %s: %w", HopElastic, err)
	}
	if r.From < 0 || r.To < r.From || r.Topic == "" {
		return r, false, fmt.Errorf("ledger record of %s: [%d, %d) of %q is no stretch", HopElastic, r.From, r.To, r.Topic)
	}
	for name, c := range r.Sources {
		if c == nil {
			delete(r.Sources, name)
		}
	}
	return r, true, nil
}

// ElasticPartition is what the records of one partition come to. It is a plain value, written as JSON.
type ElasticPartition struct {
	Closed map[string]*ElasticCounts `json:"closed,omitempty"` // too much came after them to come again
	Newest []ElasticRecord           `json:"newest,omitempty"`
	Gaps   []ElasticRecord           `json:"gaps,omitempty"` // newest of those that came from the archive
	Open   [][2]int64                `json:"open,omitempty"`
}

// Apply adds one record.
func (p *ElasticPartition) Apply(r ElasticRecord) {
	p.Open = r.Open
	list := &p.Newest
	if r.Gap {
		list = &p.Gaps
		for i := range *list { // published, and the process died before it said so elsewhere
			if (*list)[i].From == r.From {
				(*list)[i] = r
				return
			}
		}
	} else {
		for n := len(*list); n > 0 && r.From <= (*list)[n-1].From; n-- {
			*list = (*list)[:n-1]
		}
	}
	*list = append(*list, r)
	if len(*list) > openStretches {
		if p.Closed == nil {
			p.Closed = map[string]*ElasticCounts{}
		}
		MergeElastic(p.Closed, (*list)[0].Sources)
		*list = append([]ElasticRecord(nil), (*list)[1:]...)
	}
}

// Sources returns the sums by source.
func (p *ElasticPartition) Sources() map[string]*ElasticCounts {
	out := map[string]*ElasticCounts{}
	MergeElastic(out, p.Closed)
	for _, list := range [][]ElasticRecord{p.Newest, p.Gaps} {
		for i := range list {
			MergeElastic(out, list[i].Sources)
		}
	}
	return out
}

// Taken returns the offset up to which records are counted.
func (p *ElasticPartition) Taken() int64 {
	if n := len(p.Newest); n > 0 {
		return p.Newest[n-1].To
	}
	return 0
}

// MergeElastic adds the counts of from to those of to. Counts of from are copied, never shared.
func MergeElastic(to, from map[string]*ElasticCounts) {
	for name, c := range from {
		sum := to[name]
		if sum == nil {
			sum = &ElasticCounts{}
			to[name] = sum
		}
		sum.Indexed += c.Indexed
		sum.Conflicts += c.Conflicts
		sum.Repeated += c.Repeated
		sum.Differing += c.Differing
		sum.Dead = addMap(sum.Dead, c.Dead)
	}
}
