package archive

import (
	"math"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/search"
)

// epoch is the rows that will be published together. Its owner's lock guards it; once it is closed and nobody is adding
// to it any more, the sealing goroutine reads its tables without the lock.
type epoch struct {
	tables  map[tableKey]*column.Table
	keys    []tableKey           // in order of first use
	claims  map[tableKey]*claims // of revisions among the rows
	rows    int
	bytes   int64
	records int // rows and duplicates
	began   time.Time
	last    time.Time
	adding  int // calls of Append that are adding rows
	marks   Marks
	first   map[Partition]int64 // first consumed offset
	counts  map[string]Count
	waiting []func(error) // done functions, in the order of their calls
	sealed  chan struct{} // closed when it is published, or given up
	err     error         // why it was given up; read after sealed
	trouble error         // why it is not published yet
}

// tableKey is what a file is for.
type tableKey struct{ class, day string }

// newEpoch returns an epoch without rows; it begins with the first call that adds some.
func newEpoch() *epoch {
	return &epoch{tables: map[tableKey]*column.Table{}, claims: map[tableKey]*claims{}, marks: newMarks(), first: map[Partition]int64{}, counts: map[string]Count{}, sealed: make(chan struct{})}
}

// claims are what revisions in one table say of earlier ones. of stands for the table where it is remembered what they
// hide: the table itself must not live as long as that.
type claims struct {
	of   *int
	list []search.Claim
	// Bounds of the sort times that they name.
	lo, hi int64
}

// add takes one in.
func (c *claims) add(one search.Claim) {
	c.list = append(c.list, one)
	c.lo, c.hi = min(c.lo, slices.Min(one.At)), max(c.hi, slices.Max(one.At))
}

// empty tells whether there is nothing to publish.
func (e *epoch) empty() bool { return e.records == 0 }

// account takes the position and the count of a row.
func (e *epoch) account(r *Row) {
	p := partitionOf(r.Consumed)
	if _, ok := e.first[p]; !ok {
		e.first[p] = r.Consumed.Offset
	}
	e.marks.add(r)
	c := e.counts[r.Account]
	if r.Doc == nil {
		c.Duplicates++
	} else {
		c.Stored++
	}
	e.counts[r.Account] = c
	e.records++
}

// store puts an event into the table of its class and day.
func (e *epoch) store(k tableKey, ev *event.Event, doc []byte, canonical bool) {
	t := e.tables[k]
	if t == nil {
		t = &column.Table{}
		e.tables[k] = t
		e.keys = append(e.keys, k)
	}
	t.Add(ev, doc, canonical)
	if ev.Has(event.WeirRevisedAt) {
		if c, ok := search.ClaimOf(ev); ok {
			if e.claims[k] == nil {
				e.claims[k] = &claims{of: new(int), lo: math.MaxInt64, hi: math.MinInt64}
			}
			e.claims[k].add(c)
		}
	}
	e.rows++
	e.bytes += int64(len(doc))
}

// addCounts adds the epoch's counts to those of others.
func (e *epoch) addCounts(to map[string]Count) {
	for name, c := range e.counts {
		sum := to[name]
		sum.Stored += c.Stored
		sum.Duplicates += c.Duplicates
		to[name] = sum
	}
}

// finish tells everybody who waits. It is called once, without the lock.
func (e *epoch) finish(err error) {
	for _, done := range e.waiting {
		if done != nil {
			done(err)
		}
	}
	e.err = err
	close(e.sealed)
}

// defaultClass is the class of events that have none.
const defaultClass = "default"

// keyOf returns the file that an event goes to: its class, and the UTC day of weir.time, else of @timestamp, else of
// the moment it came in.
func keyOf(e *event.Event, now time.Time) tableKey {
	t := now
	if v := e.Get(event.WeirTime); v.Kind() == event.Time {
		t = v.Time()
	} else if v := e.Get(event.Timestamp); v.Kind() == event.Time {
		t = v.Time()
	}
	class := e.Str(event.WeirClass)
	if class == "" {
		class = defaultClass
	}
	return tableKey{class, t.UTC().Format(time.DateOnly)}
}

// folder returns the folder of a class and day. Classes are names from a configuration; whatever else a name holds is
// written as %XX, so that it stays one folder below the archive's.
func (k tableKey) folder() string {
	var b strings.Builder
	b.WriteString("class=")
	for i := 0; i < len(k.class); i++ {
		c := k.class[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && i > 0 && k.class[i-1] != '.':
			b.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String() + "/day=" + k.day
}
