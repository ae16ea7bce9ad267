// Package ledger is what every hop counted, side by side, so that nothing can be lost without a word.
//
// Three hops count. Ingest counts what it read from the wire, refused, and saw acknowledged; its numbers are
// cumulative for one start of one ingester. Normalise counts what it made of each stretch of a raw partition; a
// stretch's counts are published before its offset is committed, so over a crash the stretch is counted again or not
// at all, and the reader can tell. The archive counts rows in the manifest record that publishes them. The last two
// are exact over any crash; the first is exact up to its last publication, and the ledger says what it found after it.
package ledger

import "time"

// Hops that publish counts to weir.ledger.
const (
	HopIngest    = "ingest"
	HopNormalise = "normalise"
	HopArchive   = "archive"
)

// Counts are the numbers of one source at one hop. Which are filled depends on the hop.
type Counts struct {
	Received  int64            `json:"received,omitempty"` // ingest: frames read, before any limit; normalise: raw records taken
	Bytes     int64            `json:"bytes,omitempty"`    // of the frames
	Published int64            `json:"published,omitempty"`
	Refused   map[string]int64 `json:"refused,omitempty"` // by reason
	Split     int64            `json:"split,omitempty"`   // events made beyond the first of a record
	Duplicate int64            `json:"duplicate,omitempty"`
	Filtered  int64            `json:"filtered,omitempty"`
	Failed    int64            `json:"failed,omitempty"`   // of Duplicate: originals that could not be read again, whose document stays as it is
	Repeated  int64            `json:"repeated,omitempty"` // copies that a producer's retry made of a raw record; not in Received
	Dead      map[string]int64 `json:"dead,omitempty"`     // by reason
	Events    int64            `json:"events,omitempty"`   // handed on to the archive
	Stored    int64            `json:"stored,omitempty"`   // archive: rows
	First     time.Time        `json:"first,omitzero"`     // oldest receipt time of this start
	Last      time.Time        `json:"last,omitzero"`      // newest receipt time
}

// add adds o to c.
func (c *Counts) add(o *Counts) {
	c.Received += o.Received
	c.Bytes += o.Bytes
	c.Published += o.Published
	c.Split += o.Split
	c.Duplicate += o.Duplicate
	c.Filtered += o.Filtered
	c.Failed += o.Failed
	c.Repeated += o.Repeated
	c.Events += o.Events
	c.Stored += o.Stored
	c.Refused = addMap(c.Refused, o.Refused)
	c.Dead = addMap(c.Dead, o.Dead)
	c.First, c.Last = span(c.First, c.Last, o.First, o.Last)
}

// span joins two spans of time; a zero time is no end.
func span(first, last, otherFirst, otherLast time.Time) (time.Time, time.Time) {
	if first.IsZero() || !otherFirst.IsZero() && otherFirst.Before(first) {
		first = otherFirst
	}
	if otherLast.After(last) {
		last = otherLast
	}
	return first, last
}

// Merge adds c to the row of source.
func Merge(rows map[string]*Counts, source string, c *Counts) {
	if rows[source] == nil {
		rows[source] = &Counts{}
	}
	rows[source].add(c)
}

// addMap adds from to to, which is made where there is something to add, and returns it.
func addMap(to, from map[string]int64) map[string]int64 {
	for k, n := range from {
		if to == nil {
			to = map[string]int64{}
		}
		to[k] += n
	}
	return to
}

// sum adds up counts by reason.
func sum(m map[string]int64) int64 {
	var n int64
	for _, v := range m {
		n += v
	}
	return n
}

// Record is one value of weir.ledger.
type Record struct {
	Hop      string    `json:"hop"`
	Instance string    `json:"instance"` // ingester id
	Start    uint32    `json:"start"`
	At       time.Time `json:"at"`

	// Ingest: cumulative counts of this start by source. Clean marks the last record of a start that ended cleanly.
	Sources map[string]*Counts `json:"sources,omitempty"`
	Clean   bool               `json:"clean,omitempty"`
	Kernel  map[string]int64   `json:"kernel_drops,omitempty"` // by input
	// Waiting are records at the front door that Kafka has not acknowledged.
	Waiting int64 `json:"waiting,omitempty"`

	// Archive: Sources hold the rows of the archive whose name is Instance, and Read up to where they cover weir.events,
	// by "topic/partition": the next offset.
	Read map[string]int64 `json:"read,omitempty"`

	// Stages are those of a process that says that it runs, and the one that is asked or answers.
	Stages []string `json:"stages,omitempty"`
	// ID is the question that is asked or answered.
	ID string `json:"id,omitempty"`

	// Normalise: counts of the stretch [From, To) of one raw partition, by the ingester's start that the records
	// carry ("ingester/start"), then by source.
	Topic     string                        `json:"topic,omitempty"`
	Partition int32                         `json:"partition,omitempty"`
	From      int64                         `json:"from,omitempty"`
	To        int64                         `json:"to,omitempty"`
	Starts    map[string]map[string]*Counts `json:"starts,omitempty"`
}

// Other is the source into which all sources beyond the configured number fold.
const Other = "other"
