package ledger

import (
	"slices"
	"strings"
	"time"
)

// Row is one source of the ledger. Received + Split = Stored + Duplicate + Dead + Refused + Filtered + InFlight +
// Difference, and Difference must be 0.
//
// Received counts before any limit, so Refused is on the other side of the sum. Split is what makes several events of one
// record come out even.
type Row struct {
	Source     string
	Received   int64
	Split      int64
	Stored     int64
	Duplicate  int64
	Dead       int64
	Refused    int64
	Filtered   int64
	InFlight   int64
	Difference int64
	DeadBy     map[string]int64
	RefusedBy  map[string]int64
	Bytes      int64
	Indexed    int64     // documents in Elasticsearch
	Unindexed  int64     // events that are not there yet; 0 where no Elasticsearch is fed
	Repeated   int64     // copies that a producer's retry left in a raw topic; dropped, and on no side of the sum
	First      time.Time // oldest receipt
	Last       time.Time // newest receipt
}

// Unclean is a start of an ingester that ended without its last count.
type Unclean struct {
	Start string    // ingester/start
	At    time.Time // of the last count
	// Found is how many records were found in the log beyond the last count; they are in Received.
	Found int64
	// Most is how many records, at the most, had been read and were not yet acknowledged at the last count, and are
	// not in the log: a sender that can be answered has sent them again.
	Most int64
}

// Balance is the ledger of one moment.
type Balance struct {
	At      time.Time
	Rows    []Row
	Unclean []Unclean
	Kernel  int64 // datagrams dropped by the kernel before weir could read them
	Ring    int64 // connections that the ring between the kernel and weir had no room for
	OK      bool  // no row has a difference, and none is in Elastic
	Elastic Elastic
	// DeadElastic are the dead letters on the way to Elasticsearch by reason, alerts among them; those of normalise are in
	// the rows.
	DeadElastic map[string]int64
}

// Elastic lays what normalise handed on beside what became of it on the way to Elasticsearch: Events = Indexed + Dead +
// Waiting + Difference, and Difference must be 0.
type Elastic struct {
	On                                         bool // somebody counts there
	Events, Indexed, Dead, Waiting, Difference int64
	Differing                                  int64 // documents that were there already and hold something else
}

// ringInput is the input that loses in a ring of its own what others lose in the socket's buffer.
const ringInput = "ebpf"

// State is what the live hops say of this moment, beside the fold.
type State struct {
	Now    time.Time
	Self   string           // start that is running, "" if none
	Stored map[string]int64 // rows in the archive by source, the memory tail included
	// Waiting are records that are known to wait between two hops: at the front door and in raw topics, and in the
	// events topic. They bound what may be called in flight; anything beyond it is a difference.
	WaitingRaw, WaitingEvents int64
	// WaitingElastic are records of the events topic that were not taken on the way to Elasticsearch.
	WaitingElastic int64
	// Alerts is the whole name of the topic of alerts: documents in Elasticsearch too, and never received.
	Alerts string
	Max    int // sources kept apart
	// Live is how old the last count of a start may be that is not Self and still runs; 0: Self alone runs.
	Live time.Duration
}

// Balance lays the hops side by side. It changes nothing, so it may be asked as often as anybody likes.
func (f *Fold) Balance(st State) Balance {
	b := Balance{At: st.Now}
	rows := map[string]*Row{}
	at := func(source string) *Row {
		if rows[source] == nil {
			rows[source] = &Row{Source: source}
		}
		return rows[source]
	}
	made := f.made()
	taken, events := map[string]int64{}, map[string]int64{}
	for _, sources := range made {
		for s, c := range sources {
			r := at(s)
			r.Split += c.Split
			r.Duplicate += c.Duplicate
			r.Filtered += c.Filtered
			r.Repeated += c.Repeated
			r.Dead += sum(c.Dead)
			r.DeadBy = addMap(r.DeadBy, c.Dead)
			taken[s] += c.Received
			events[s] += c.Events
		}
	}
	for start, rec := range f.Ingest {
		u := f.receive(at, start, rec, made[start], f.live(start, rec, st))
		if u != nil {
			b.Unclean = append(b.Unclean, *u)
		}
		for input, n := range rec.Kernel {
			if input == ringInput {
				b.Ring += n
			} else {
				b.Kernel += n
			}
		}
	}
	for start, sources := range made { // starts that crashed before their first count
		if f.Ingest[start] != nil || start == st.Self {
			continue
		}
		u := Unclean{Start: start}
		for s, c := range sources {
			at(s).Received += c.Received
			u.Found += c.Received
		}
		if start != foreignStart {
			b.Unclean = append(b.Unclean, u)
		}
	}
	for s, n := range st.Stored {
		at(s).Stored = n
	}
	b.Elastic = f.indexed(rows, events, st)
	b.DeadElastic = f.deadElastic()
	b.Rows, b.OK = settle(rows, taken, events, st)
	b.OK = b.OK && b.Elastic.Difference == 0
	slices.SortFunc(b.Unclean, func(x, y Unclean) int { return strings.Compare(x.Start, y.Start) })
	return b
}

// foreignStart stands for records that another Kafka client wrote: no ingester counts them, and none stopped.
var foreignStart = StartKey("", 0)

// receive adds what one start received. Of a start that ended without its last count, the log knows better than the
// count: what normalise took is what was received.
func (f *Fold) receive(at func(string) *Row, start string, rec *Record, made map[string]*Counts, live bool) *Unclean {
	u := &Unclean{Start: start, At: rec.At}
	for s, c := range rec.Sources {
		r := at(s)
		refused := sum(c.Refused)
		r.Refused += refused
		r.RefusedBy = addMap(r.RefusedBy, c.Refused)
		r.Bytes += c.Bytes
		r.First, r.Last = span(r.First, r.Last, c.First, c.Last)
		var took int64
		if m := made[s]; m != nil {
			took = m.Received
		}
		if live || rec.Clean {
			// normalise may have counted later than ingest.
			r.Received += max(c.Received, took+refused)
			continue
		}
		r.Received += took + refused
		if d := took + refused - c.Received; d > 0 {
			u.Found += d
		} else {
			u.Most -= d
		}
	}
	if live || rec.Clean {
		return nil
	}
	for s, m := range made {
		if rec.Sources[s] == nil {
			at(s).Received += m.Received
			u.Found += m.Received
		}
	}
	return u
}

// settle finds what is in flight per source and what is not explained. In flight is never more than what is known to
// wait: a record that vanished between two hops shows as a difference as soon as the topic between them is read.
//
// ok is decided before sources are folded: in one row a source that lost five and one that has five too many would look
// like two that are well.
func settle(rows map[string]*Row, taken, events map[string]int64, st State) (out []Row, ok bool) {
	waitingRaw, waitingEvents := st.WaitingRaw, st.WaitingEvents
	grant := func(want int64, room *int64) int64 {
		got := min(max(want, 0), *room)
		*room -= got
		return got
	}
	names := make([]string, 0, len(rows))
	for s := range rows {
		names = append(names, s)
	}
	slices.Sort(names)
	ok = true
	for _, s := range names {
		r := rows[s]
		r.InFlight = grant(r.Received-r.Refused-taken[s], &waitingRaw) + grant(events[s]-r.Stored, &waitingEvents)
		r.Difference = r.Received + r.Split - r.Stored - r.Duplicate - r.Dead - r.Refused - r.Filtered - r.InFlight
		ok = ok && r.Difference == 0
		out = append(out, *r)
	}
	if st.Max > 0 && len(out) > st.Max {
		out = foldOther(out, st.Max)
	}
	return out, ok
}

// foldOther joins the quietest sources beyond limit into one row.
func foldOther(rows []Row, limit int) []Row {
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch { // Other itself stays last, so that it takes in the rest
		case a.Source == Other:
			return 1
		case b.Source == Other:
			return -1
		}
		return int(min(max(b.Received-a.Received, -1), 1))
	})
	rest := Row{Source: Other}
	for _, r := range rows[limit:] {
		rest.Received += r.Received
		rest.Split += r.Split
		rest.Stored += r.Stored
		rest.Duplicate += r.Duplicate
		rest.Dead += r.Dead
		rest.Refused += r.Refused
		rest.Filtered += r.Filtered
		rest.InFlight += r.InFlight
		rest.Difference += r.Difference
		rest.DeadBy = addMap(rest.DeadBy, r.DeadBy)
		rest.RefusedBy = addMap(rest.RefusedBy, r.RefusedBy)
		rest.Bytes += r.Bytes
		rest.Repeated += r.Repeated
		rest.Indexed += r.Indexed
		rest.Unindexed += r.Unindexed
		rest.First, rest.Last = span(rest.First, rest.Last, r.First, r.Last)
	}
	return append(rows[:limit:limit], rest)
}
