package ledger

import (
	"fmt"
	"strings"
)

// applyElastic adds one record of the way to Elasticsearch.
func (f *Fold) applyElastic(r ElasticRecord) {
	k := fmt.Sprintf("%s/%d", r.Topic, r.Partition)
	p := f.Elastic[k]
	if p == nil {
		p = &ElasticPartition{}
		f.Elastic[k] = p
	}
	p.Apply(r)
}

// TakenElastic returns, per "topic/partition", the offset up to which records are counted on the way to Elasticsearch,
// and how many of those before it Kafka no longer has and the archive has not given yet.
func (f *Fold) TakenElastic() (taken map[string]int64, open int64) {
	taken = map[string]int64{}
	for k, p := range f.Elastic {
		taken[k] = p.Taken()
		for _, gap := range p.Open {
			open += gap[1] - gap[0]
		}
	}
	return taken, open
}

// indexed adds to the rows what Elasticsearch has of each source, and compares the sums: what is there can be told apart
// by source only as far as both hops keep sources apart. Alerts are documents there too, and were never received.
func (f *Fold) indexed(rows map[string]*Row, events map[string]int64, st State) Elastic {
	var e Elastic
	e.On = len(f.Elastic) > 0
	if !e.On {
		return e
	}
	there := map[string]*ElasticCounts{}
	for k, p := range f.Elastic {
		if k[:strings.LastIndexByte(k, '/')] == st.Alerts {
			continue
		}
		MergeElastic(there, p.Sources())
	}
	for s, c := range there {
		if !strings.Contains(s, "/") && s != Other {
			continue // under the name of its topic: documents that weir itself makes, such as coverage
		}
		e.Indexed += c.Stored()
		e.Dead += sum(c.Dead)
		e.Differing += c.Differing
		if r := rows[s]; r != nil {
			r.Indexed = c.Stored()
		}
	}
	for s, n := range events {
		e.Events += n
		done := int64(0)
		if c := there[s]; c != nil {
			done = c.Stored() + sum(c.Dead)
		}
		if r := rows[s]; r != nil {
			r.Unindexed = max(0, n-done)
		}
	}
	e.Waiting = min(max(0, e.Events-e.Indexed-e.Dead), st.WaitingElastic)
	e.Difference = e.Events - e.Indexed - e.Dead - e.Waiting
	return e
}

// deadElastic sums up what Elasticsearch refused, by reason.
func (f *Fold) deadElastic() map[string]int64 {
	var out map[string]int64
	for _, p := range f.Elastic {
		for _, c := range p.Sources() {
			out = addMap(out, c.Dead)
		}
	}
	return out
}
