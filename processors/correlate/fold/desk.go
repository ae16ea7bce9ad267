package fold

import (
	"log/slog"
	"slices"

	"weir/internal/alert"
	"weir/processors/correlate/clock"
)

const (
	// revisionEvery is the least event time between two revisions of an alert.
	revisionEvery = int64(1e9)
	// maxRevisions is how many revisions a second of event time has, of all rules of an engine.
	maxRevisions = 1000
)

// Counts is what a desk did since it was made. No decision rests on it.
type Counts struct {
	Alerts    uint64 // alerts made
	Revisions uint64 // records made of them
	Held      uint64 // times that a revision waited because too many others went out
	Unsaid    uint64 // alerts that were pushed out in such a storm before their last revision was said
}

// Desk says what became of the alerts of all rules of an engine: each alert at most once a second, and all together at
// most a thousand times. What is left unsaid waits, in the order in which it happened, until the clock of the stream has
// moved on. No timer is involved, so a replay says the same. One goroutine at a time.
type Desk struct {
	Counts
	clock   *clock.Clock
	log     *slog.Logger
	emit    func(*alert.Alert)
	news    []*open // alerts that the signal at hand touched
	queue   []*open // alerts with something unsaid, in the order in which it happened
	turns   uint64
	touches uint64
	second  int64 // of the clock, and how many revisions it had
	said    int
	flushed int64 // second of the last flush
	minute  int64 // when the log was told last that revisions wait

	epoch  uint32 // of the last snapshot
	encode func(*Group)
}

// NewDesk makes a desk whose time is that of a clock.
func NewDesk(c *clock.Clock, log *slog.Logger) *Desk {
	return &Desk{clock: c, log: log, second: -1, flushed: -1, minute: -1}
}

// Clock sets the clock, as it was read from a snapshot.
func (d *Desk) Clock(c *clock.Clock) { d.clock = c }

// Begin sets where revisions go until the next call.
func (d *Desk) Begin(emit func(*alert.Alert)) { d.emit = emit }

// before is asked before a fold group changes: a snapshot that runs writes it as it was.
func (d *Desk) before(f *Group) {
	if d.encode != nil && f.epoch != d.epoch {
		d.encode(f)
	}
}

// touch remembers an alert until the signal at hand is done. Its fold group was announced to before.
func (d *Desk) touch(a *open) {
	if !a.news {
		a.news = true
		d.news = append(d.news, a)
	}
}

// room tells whether a further revision may go out in this second.
func (d *Desk) room() bool {
	if now := d.clock.Now() / 1e9; now != d.second {
		d.second, d.said = now, 0
	}
	if d.said < maxRevisions {
		return true
	}
	if now := d.second / 60; now != d.minute {
		d.minute = now
		d.log.Warn("an alert storm: more revisions of alerts than go out in a second; they wait and are said when their turn comes",
			"component", "correlate", "per_second", maxRevisions, "waiting", len(d.queue))
	}
	return false
}

// Deliver says what the signal at hand has changed: at once where the last revision is old enough, else later.
func (d *Desk) Deliver() {
	for _, a := range d.news {
		a.news = false
		if a.firing != nil {
			a.render(&a.in.book.Rule)
			a.in.bytes += len(a.what) + len(a.whatKo)
			d.Alerts++
		}
		switch {
		case a.warm, a.gone && a.revision == 0: // nobody has seen it
		case a.gone:
			d.say(a)
		case (a.revision == 0 || d.clock.Passed(a.saidAt, revisionEvery)) && d.room():
			d.say(a)
		default:
			if d.said >= maxRevisions {
				d.Held++
			}
			d.wait(a)
		}
	}
	clear(d.news)
	d.news = d.news[:0]
}

// wait puts an alert into the queue. One that stands in it keeps its place.
func (d *Desk) wait(a *open) {
	a.dirty = true
	if a.turn == 0 {
		d.turns++
		a.turn = d.turns
		d.queue = append(d.queue, a)
	}
}

// say hands out a revision; the number of the next one is one higher whether or not it arrives anywhere.
func (d *Desk) say(a *open) {
	d.said++
	d.Revisions++
	a.saidAt, a.dirty = d.clock.Now(), false
	d.emit(a.revise(&a.in.book.Rule))
}

// close says what is unsaid of an alert that takes no more hits. In a storm it is left unsaid, unless it must be.
func (d *Desk) close(a *open, must bool) {
	if a.dirty && !a.warm {
		if must || d.room() {
			d.say(a)
		} else {
			d.Unsaid++
		}
	}
	a.gone, a.dirty = true, false
}

// Flush says what is unsaid and old enough, once in a second; idle: all of it.
// Idle is said when a worker has nothing to read: then nobody's clock moves on, and what waits would wait for ever.
func (d *Desk) Flush(idle bool) {
	second := d.clock.Now() / 1e9
	if !idle && second == d.flushed {
		return
	}
	d.flushed = second
	full := false
	d.queue = slices.DeleteFunc(d.queue, func(a *open) bool {
		if a.gone {
			return true
		}
		if a.dirty && !idle {
			if full || !d.clock.Passed(a.saidAt, revisionEvery) {
				return false
			}
			if full = !d.room(); full {
				return false
			}
		}
		d.before(a.in)
		a.turn = 0
		if a.dirty {
			d.say(a)
		}
		return true
	})
}

// Forget takes alerts out of the queue of which gone says that their book is no more.
func (d *Desk) Forget(gone func(*Book) bool) {
	d.queue = slices.DeleteFunc(d.queue, func(a *open) bool { return gone(a.in.book) })
}
