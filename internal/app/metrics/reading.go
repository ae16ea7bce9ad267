// Package metrics describes one weir process to Prometheus. It counts nothing itself: whoever runs the process hands over
// functions that read what is counted elsewhere, so that a number is counted in one place.
package metrics

import (
	"context"
	"time"

	"weir/internal/ledger"
)

// Reading is what a process can be asked. Every function is called from any number of scrapes at once and must answer at
// once; only Lag may take a moment. A function that is nil is of a part that this process does not have: its metrics are
// left out, since a missing series says that better than a zero.
type Reading struct {
	Totals    func() (received, refused, kernel int64) // since the start of the process
	RefusedBy func() map[string]int64                  // by reason
	Waiting   func() int64                             // at the front door
	Holding   func() bool                              // senders are made to wait
	Rules     func() int
	// RuleCosts are the rules that run, the costliest first.
	RuleCosts func() []Rule
	// Enriched are the enrichments of normalise in this process.
	Enriched func() []Enriched
	// Threat are the files and feeds of threat indicators.
	Threat    func() []Threat
	Stored    func() map[string]int64 // rows of the archives by source
	Positions func() []Position
	// Lag asks Kafka, within ctx. Its answer is kept for lagFor, an error too.
	Lag func(ctx context.Context) ([]Lag, error)
	// Ledger is the last reading of the ledger; ok is false before the first.
	Ledger  func() (l Ledger, ok bool)
	Archive func() Archive
	// Alerts are the numbers of the alert store; ok is false while it does not answer.
	Alerts    func() (a Alerts, ok bool)
	Elastic   func() Elastic
	Spool     func() []Spool
	Retention func() []Retention
	// Correlation is of the rules that combine events here.
	Correlation func() Correlation
	// Channels are those by which people are told.
	Channels func() []Channel
	// MaxSources bounds the series of Stored: a flood of forged addresses must not become a flood of series.
	MaxSources int
}

// Rule is what one rule found and cost since its set was put in place. Tried and Took are reckoned from samples.
type Rule struct {
	ID          string
	Hits, Tried int64
	Took        time.Duration
}

// Enriched is how often one enrichment knew what it was asked for.
type Enriched struct {
	Name         string
	Hits, Misses int64
}

// Threat is one file or feed of threat indicators.
type Threat struct {
	Source     string
	Indicators int
	Age        time.Duration
}

// Position is how far a stage of this process has taken a partition.
type Position struct {
	Stage, Topic string
	Partition    int32
	Offset       int64
}

// Lag is how many records of a topic a stage of this process has not taken, over the partitions that it was given.
type Lag struct {
	Stage, Topic string
	Records      int64
}

// Ledger is what is known of the ledger for sure.
type Ledger struct {
	At               time.Time
	Archive, Elastic Hop
	HasElastic       bool                        // somebody counts there
	Dead             map[string]map[string]int64 // by stage and reason
}

// Hop is the way up to one store.
type Hop struct {
	Difference int64 // records that nothing explains, missing or too many
	InFlight   int64
}

// Archive is how the archive of this process seals.
type Archive struct {
	Sealed   time.Time // the last epoch; zero: none was
	Rows     int       // in memory
	Began    time.Time // the oldest of them; zero: there are none
	EpochAge time.Duration
}

// Alerts is how many there are, and what people and weir did with them.
type Alerts struct {
	Open                                    map[string]int64 // by level
	Acknowledged, ByPeople, ByWeir, Waiting int64
	RiskEntities, RiskAbove, Forgotten      int64
}

// Correlation is what rules hold of the events that they combine, and counted since the process began.
type Correlation struct {
	Groups, Bytes                int64
	Matches, Late, Evicted, Held int64
}

// Channel is one way in which people are told of alerts. Sent, Failed and Silenced are since its store was made.
type Channel struct {
	Name                                  string
	Sent, Failed, Silenced, Waiting, Dead int64
	Up                                    bool
}

// Elastic is what the sink has done since the process began.
type Elastic struct {
	Indexed, Conflict, Refused, Differing int64
	Held                                  int // conditions that keep documents from the server
}

// Spool is what one topic has in the spool.
type Spool struct {
	Topic           string
	Bytes, MaxBytes int64
	Used            float64 // of the fullest partition
}

// Retention is how much of what Kafka keeps of a topic a group is behind by; at 1 it loses records.
type Retention struct {
	Topic, Group string
	Used         float64
}

// Settle makes one reading of balances that were made one after the other, the newest last; there is at least one.
//
// Hops are not asked at the same moment, so under load a batch may be counted by one and not yet by the next. Such a
// difference is gone or another one a moment later, and a real one stays: of each source the smallest one counts, and none
// where a balance has none, or one of the other sign.
func Settle(tries []ledger.Balance) Ledger {
	last := &tries[len(tries)-1]
	out := Ledger{At: last.At, HasElastic: last.Elastic.On, Dead: map[string]map[string]int64{"normalise": {}}}
	stays := map[string]int64{}
	elastic := last.Elastic.Difference
	for i := range last.Rows {
		r := &last.Rows[i]
		stays[r.Source] = r.Difference
		out.Archive.InFlight += r.InFlight
		for reason, n := range r.DeadBy {
			out.Dead["normalise"][reason] += n
		}
	}
	for _, b := range tries[:len(tries)-1] {
		then := map[string]int64{}
		for i := range b.Rows {
			then[b.Rows[i].Source] = b.Rows[i].Difference
		}
		for source, d := range stays {
			stays[source] = smaller(d, then[source])
		}
		elastic = smaller(elastic, b.Elastic.Difference)
	}
	// Without signs: what one source lacks and another has too much of is two faults, not none.
	for _, d := range stays {
		out.Archive.Difference += max(d, -d)
	}
	out.Elastic = Hop{Difference: max(elastic, -elastic), InFlight: last.Elastic.Waiting}
	if len(last.DeadElastic) > 0 {
		out.Dead["elastic"] = last.DeadElastic
	}
	return out
}

// smaller returns what two differences have in common.
func smaller(a, b int64) int64 {
	switch {
	case a > 0 && b > 0:
		return min(a, b)
	case a < 0 && b < 0:
		return max(a, b)
	}
	return 0
}
