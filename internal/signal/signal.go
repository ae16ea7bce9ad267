// Package signal is what travels on weir.signals: what a condition matched, and the marks by which correlate knows the
// time of the stream. Everything that correlate decides, it decides from these records and nothing else, so a restart,
// a rebalance and a replay come to the same alerts.
package signal

import "time"

// Kind of a record on weir.signals.
type Kind string

// The kinds.
const (
	Match     Kind = "match"     // one condition of one rule matched one event
	Watermark Kind = "watermark" // a dataset of one worker has been read up to this event time
	Idle      Kind = "idle"      // a worker has nothing to read
	Ruleset   Kind = "ruleset"   // from here on the rules are those of Hash
)

// Signal is one record. Matches go to the partition of their rule and group, marks to every partition.
type Signal struct {
	Kind    Kind      `json:"kind"`
	Rule    string    `json:"rule,omitempty"`
	Hash    string    `json:"hash,omitempty"`  // rules.Rule.Hash, or the hash of the rule set
	When    string    `json:"when,omitempty"`  // name of the condition
	Group   []string  `json:"group,omitempty"` // values of Correlate.By in its order; of Fold.By for a rule without Correlate
	EventID string    `json:"event_id,omitempty"`
	Time    time.Time `json:"time"` // weir.time of the event; of a mark, the event time it vouches for
	Src     string    `json:"src"`  // record.Pos of the raw record; also ends the ordering of equal times
	Dataset string    `json:"dataset,omitempty"`
	// Warm is a match of the past, by which a rule that is new learns what it would know. It raises no alert.
	Warm bool `json:"warm,omitempty"`
	// Values are the fields that the alert shows: those that the condition reads, that Explain and Fold name, and
	// message.
	Values map[string]string `json:"values,omitempty"`
	// Packed is what a Decoder leaves of the values instead of a map: a JSON object of texts, keys ascending, none twice;
	// empty: no values. Get and Each read it.
	Packed string `json:"-"`
}
