// Package cursor knows, for one raw partition, how far each object or file has been read: the highest line of each. A
// source that can be replayed sends an object again, whole, when it is not sure; what is not above the highest line has
// been had.
//
// A source sends the lines of an object in order and without holes, and sends none before those below it are in Kafka;
// so all lines up to the highest are there.
//
// # Over a crash
//
// Let H(o, x) be the highest line of object o among the records of the partition at offsets below x. It follows from the
// log alone. A worker that starts at offset s needs H(o, s) for every o, neither less, or an object that comes again
// makes second events, nor more, or records that the worker has to make again look like copies of themselves.
//
// A checkpoint at offset x writes, for each object that a record since the checkpoint before touched, an entry (H(o, x),
// x) beside the entries of earlier checkpoints, and then x itself as a boundary; only then is x committed. So if x is a
// boundary, every object has its entry for the last checkpoint that touched it. A worker that starts at s takes the
// highest boundary b <= s, and of each object the newest entry that is not above b: that is H(o, b), whatever later
// checkpoints wrote before their commit was lost, and whatever part of an unfinished one is there. Mostly b is s; if a
// commit fell between two boundaries, the records of [b, s) are read once more, to look at and not to make events of.
//
// Which records count is decided by their own times, not by the clock, so that it comes out the same each time: an object
// of which nothing came for Idle is forgotten.
package cursor

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/state"
)

const (
	// Idle is how long an object is remembered after its last record: as long as a queue keeps a message that nobody
	// has deleted.
	Idle = 14 * 24 * time.Hour
	// maxObjects bounds the objects of one partition, some 200 bytes each. Beyond it those are forgotten that were quiet
	// for the longest.
	maxObjects = 200_000
	// boundaries is how many checkpoints back a start can be: commits come every second, so few are needed; many come in
	// a second when a worker catches up.
	boundaries = 64
)

// Stats counts what cursors hold; safe to read at any time.
type Stats struct {
	Objects atomic.Int64
	// Forgotten counts objects that were dropped before their time because there were too many.
	Forgotten atomic.Int64
}

// Cursors are the cursors of one partition. Fresh and Take come from the worker's goroutine, Save from any, one at a
// time.
type Cursors struct {
	store state.Store
	stats *Stats
	log   *slog.Logger
	max   int

	mu      sync.Mutex
	objects map[string]*object
	bounds  []int64 // of the last checkpoints, ascending; never empty
	start   int64
	newest  int64              // newest time of any record, seconds since 1970
	swept   int64              // newest, when objects were last looked through
	touched map[string]*object // since the last Take
	last    *object            // of the record before: they come in runs
	lastKey string
}

// object is one object or file. Its memory is guarded by the lock of its Cursors.
type object struct {
	key     string
	line    int64
	seen    int64 // time of its newest record, seconds since 1970
	history []entry
}

// entry says that line was the highest below offset upTo.
type entry struct {
	line, upTo, seen int64
}

// Mark is where one object stood at the end of a batch.
type Mark struct {
	object     *object
	line, seen int64
}

// Open loads the cursors of a partition that is read from offset start. The store is theirs from here on.
func Open(ctx context.Context, store state.Store, start int64, stats *Stats, log *slog.Logger) (*Cursors, error) {
	saved, err := store.Load(ctx)
	if err != nil {
		store.Close()
		return nil, err
	}
	c := &Cursors{store: store, stats: stats, log: log, max: maxObjects, start: start, objects: map[string]*object{}, touched: map[string]*object{}}
	all := decodeBounds(saved[boundsKey])
	c.bounds = upTo(all, start)
	if len(c.bounds) == 0 {
		// The first start, or one before all that is kept: what is known of objects that were quiet since still holds.
		c.bounds = []int64{start}
		if len(all) > 0 {
			log.Warn("the offset to start at is older than the checkpoints that are kept; objects that come again may make second events", "component", "normalise", "offset", start, "oldest", all[0])
		}
	}
	base := c.bounds[len(c.bounds)-1]
	for key, value := range saved {
		name, ok := strings.CutPrefix(key, objectPrefix)
		if !ok {
			continue
		}
		history, err := decodeHistory(value)
		if err != nil {
			log.Warn("a cursor cannot be read; its object counts as new", "component", "normalise", "source", name, "err", err)
			continue
		}
		history = slices.DeleteFunc(history, func(e entry) bool { return e.upTo > base })
		if len(history) == 0 {
			continue // all that is known of it comes again
		}
		e := history[len(history)-1]
		c.objects[name] = &object{key: name, line: e.line, seen: e.seen, history: history}
		c.newest = max(c.newest, e.seen)
	}
	c.swept = c.newest
	stats.Objects.Add(int64(len(c.objects)))
	return c, nil
}

// upTo returns the boundaries that are not above start.
func upTo(bounds []int64, start int64) []int64 {
	n, _ := slices.BinarySearch(bounds, start+1)
	return bounds[:n]
}

// Behind is how many records before the start must be shown to Fresh before the first of the start: they are in no
// checkpoint. More is no harm.
func (c *Cursors) Behind() int {
	return int(c.start - c.bounds[len(c.bounds)-1])
}

// Fresh tells whether a record of an object is above all that came before it, and remembers it. at is when it was
// received. key may alias memory of the record.
func (c *Cursors) Fresh(key string, line int64, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, now := c.last, at.Unix()
	if o == nil || c.lastKey != key {
		if o = c.objects[key]; o == nil {
			o = &object{key: strings.Clone(key), line: -1}
			c.objects[o.key] = o
			c.stats.Objects.Add(1)
		}
		c.last, c.lastKey = o, o.key
		c.touched[o.key] = o
	}
	if o.seen != 0 && now-o.seen > int64(Idle/time.Second) {
		o.line = -1
	}
	o.seen = max(o.seen, now)
	c.newest = max(c.newest, now)
	if line <= o.line {
		return false
	}
	o.line = line
	return true
}

// Take returns where the objects stand that were touched since the last Take. It comes at the end of each batch.
func (c *Cursors) Take() []Mark {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.touched) == 0 {
		return nil
	}
	out := make([]Mark, 0, len(c.touched))
	for _, o := range c.touched {
		out = append(out, Mark{o, o.line, o.seen})
	}
	clear(c.touched)
	c.last = nil // the next record touches its object anew
	return out
}

// Save makes a checkpoint at offset to durable: marks are those of its batches, in their order. done is called once, in
// the order of the calls, and may be called before Save returns.
func (c *Cursors) Save(ctx context.Context, to int64, marks []Mark, done func(error)) {
	c.store.Save(ctx, c.checkpoint(to, marks), done)
}

// checkpoint puts marks into the histories and returns what changed, the boundary last: where it is, all of them are.
func (c *Cursors) checkpoint(to int64, marks []Mark) []state.Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(marks) == 0 && len(c.objects) == 0 {
		return nil
	}
	c.bounds = append(c.bounds, to)
	if n := len(c.bounds) - boundaries; n > 0 {
		c.bounds = append(c.bounds[:0], c.bounds[n:]...)
	}
	changed := make(map[*object]struct{}, len(marks))
	for _, m := range marks {
		o := m.object
		if n := len(o.history); n > 0 && o.history[n-1].upTo == to { // of an earlier batch of this checkpoint
			o.history = o.history[:n-1]
		}
		o.history = trim(append(o.history, entry{m.line, to, m.seen}), c.bounds[0])
		changed[o] = struct{}{}
	}
	out := make([]state.Change, 0, len(changed)+1)
	for o := range changed {
		out = append(out, state.Change{Key: objectPrefix + o.key, Value: encodeHistory(o.history)})
	}
	out = append(out, c.sweep()...)
	return append(out, state.Change{Key: boundsKey, Value: encodeBounds(c.bounds)})
}

// trim drops entries that no start can choose any more: of those not above the oldest boundary, all but the newest.
func trim(history []entry, oldest int64) []entry {
	n := 0
	for n+1 < len(history) && history[n+1].upTo <= oldest {
		n++
	}
	return slices.Delete(history, 0, n)
}

// sweepEvery is how much time of records passes between two looks through all objects.
const sweepEvery = 3600

// sweep forgets objects that were idle for long, a day later than Fresh does, and, where there are too many, those that
// were quiet for the longest.
func (c *Cursors) sweep() []state.Change {
	full := len(c.objects) > c.max
	if !full && c.newest-c.swept < sweepEvery {
		return nil
	}
	c.swept = c.newest
	before := c.newest - int64((Idle+24*time.Hour)/time.Second)
	var out []state.Change
	forget := func(o *object) {
		delete(c.objects, o.key)
		out = append(out, state.Change{Key: objectPrefix + o.key})
	}
	for _, o := range c.objects {
		// Not while a start could come before its last record: it would have to be known again.
		settled := len(c.bounds) == boundaries && c.idle(o) && o.history[len(o.history)-1].upTo <= c.bounds[0]
		if settled && o.seen < before {
			forget(o)
		}
	}
	if len(c.objects) > c.max {
		c.evict(forget)
	}
	c.stats.Objects.Add(-int64(len(out)))
	return out
}

// idle tells whether everything that is known of an object is in a checkpoint.
func (c *Cursors) idle(o *object) bool {
	n := len(o.history)
	return n > 0 && o.history[n-1].line == o.line && o.history[n-1].seen == o.seen && c.touched[o.key] == nil && c.last != o
}

// evict forgets a tenth more than must be, so that it is not done at every checkpoint.
func (c *Cursors) evict(forget func(*object)) {
	all := make([]*object, 0, len(c.objects))
	for _, o := range c.objects {
		if c.idle(o) {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *object) int {
		if a.seen != b.seen {
			return int(max(-1, min(1, a.seen-b.seen)))
		}
		return strings.Compare(a.key, b.key)
	})
	n := min(len(all), len(c.objects)-c.max*9/10)
	for _, o := range all[:n] {
		forget(o)
	}
	c.stats.Forgotten.Add(int64(n))
	c.log.Warn("more objects are under way than are remembered; if one of those comes again, its records count as new", "component", "normalise", "objects", c.max, "forgotten", n)
}

// Close lets go of the store.
func (c *Cursors) Close() {
	c.mu.Lock()
	c.stats.Objects.Add(-int64(len(c.objects)))
	c.mu.Unlock()
	c.store.Close()
}
