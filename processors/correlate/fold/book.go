package fold

import (
	"cmp"
	"slices"
	"strings"

	"weir/processors/correlate/clock"
	"weir/processors/correlate/kind"
)

// Hit is a hit, and whose arrival showed it.
type Hit struct {
	Match *kind.Match
	Event string // id of the event that showed it, and its time
	At    int64
	Group string // key of the group that it is of
	Seen  bool   // the match was evidence before
	Warm  bool   // nobody is to be told because of it
	// Approximate says in words which numbers behind it are estimates.
	Approximate string
	// In is the fold group that a hit of the same group went to before, nil if that is not known.
	In *Group
}

// Book holds the alerts of one rule that may still take hits. One goroutine at a time.
type Book struct {
	Rule
	desk     *Desk
	byKey    map[string]*Group
	first    *Group // longest untouched
	last     *Group
	ends     clock.Queue[*Group]
	speakers map[string]*open // alerts that speak for those that follow them, by entity
	bytes    int
	scratch  []byte
	cursor   *Group   // the next that a snapshot writes
	read     []*Group // by a restore that is not finished
}

// NewBook makes the book of a rule.
func NewBook(d *Desk, r Rule) *Book {
	b := &Book{Rule: r, desk: d, byKey: map[string]*Group{}}
	if len(r.entity) > 0 {
		b.speakers = map[string]*open{}
	}
	return b
}

// Describe takes over the texts of a rule of the same hash.
func (b *Book) Describe(r Rule) { b.Rule = r }

// Len returns how many fold groups there are.
func (b *Book) Len() int { return len(b.byKey) }

// Bytes is about how much memory they hold.
func (b *Book) Bytes() int { return b.bytes }

// Group holds the open alerts of one fold group, ordered, further apart than the fold time.
type Group struct {
	book       *Book // nil: it was let go
	key        string
	alerts     []*open
	prev, next *Group // by touch
	touched    uint64 // number of the touch, by which a snapshot keeps that order
	epoch      uint32 // of the snapshot that has it
	place      int32  // in the queue of those that end
	bytes      int
	counted    int // of bytes, those that the book knows of
}

// overhead is about what a fold group and an alert take beside their texts and evidence.
const (
	foldOverhead  = 160
	alertOverhead = 320
)

// Place implements clock.Waiting.
func (f *Group) Place() *int32 { return &f.place }

// Before implements clock.Waiting.
func (f *Group) Before(o *Group) bool { return f.key < o.key }

// Hit puts a hit into the alert that it belongs to, making or merging alerts, and returns its fold group. Alerts of one
// fold group are apart by more than the fold time, so a hit can close one gap at the most: one merge is enough.
func (b *Book) Hit(h *Hit) *Group {
	f := h.In
	if f == nil || f.book != b {
		f = b.group(h.Group)
	}
	b.desk.before(f)
	b.unlink(f)
	b.push(f)
	if a := f.hit(h); a != nil { // else it came before
		if a.approx == "" && h.Approximate != "" {
			a.approx = strings.Clone(h.Approximate)
		}
		b.desk.touch(a)
		b.settle(f)
	}
	return f
}

// group returns the fold group of a group, making it known.
func (b *Book) group(key string) *Group {
	b.scratch = b.Key(b.scratch[:0], key)
	f := b.byKey[string(b.scratch)]
	if f == nil {
		f = &Group{book: b, key: string(b.scratch), epoch: b.desk.epoch, bytes: foldOverhead + len(b.scratch)}
		b.byKey[f.key] = f
		b.push(f)
		b.ends.Add(f, kind.Farthest)
	}
	return f
}

// hit returns the alert that took the hit, nil if it had it already.
func (f *Group) hit(h *Hit) *open {
	t, gap := h.Match.T, f.book.gap
	at, _ := slices.BinarySearchFunc(f.alerts, t, func(a *open, t int64) int { return cmp.Compare(a.to+gap, t) })
	if at == len(f.alerts) || f.alerts[at].from-gap > t {
		a := f.create(h)
		f.alerts = slices.Insert(f.alerts, at, a)
		return a
	}
	a := f.alerts[at]
	if f.book.rule.Correlate == nil && !a.heard.add(h.Match, a.count) {
		return nil
	}
	a.from, a.to = min(a.from, t), max(a.to, t)
	a.count++
	if !h.Seen {
		a.take(h.Match)
	}
	if a.warm && !h.Warm {
		a.fire(&f.book.Rule, h)
		f.book.speak(a)
	}
	return f.join(at)
}

// join merges the alert at a place with the one behind it if they are no further apart than the fold time. An alert of
// which somebody may have heard is the one that stays.
func (f *Group) join(at int) *open {
	a := f.alerts[at]
	if at+1 == len(f.alerts) || f.alerts[at+1].from-f.book.gap > a.to {
		return a
	}
	b := f.alerts[at+1]
	if a.warm && !b.warm {
		a, b = b, a
		f.alerts[at] = a
	}
	f.alerts = slices.Delete(f.alerts, at+1, at+2)
	a.merge(b)
	b.gone, b.into = true, a.id
	f.bytes -= alertOverhead
	if b.warm {
		return a
	}
	if key, ok := f.book.speaks(b); ok {
		f.book.speakers[key] = a
	}
	f.book.desk.touch(b)
	return a
}

// create makes the alert that a hit fires.
func (f *Group) create(h *Hit) *open {
	t := h.Match.T
	a := &open{in: f, from: t, to: t, first: t, last: t, count: 1, parts: make([]part, len(f.book.rule.When)), warm: h.Warm}
	f.bytes += alertOverhead
	if f.book.rule.Correlate == nil {
		a.heard.add(h.Match, 0)
	}
	a.take(h.Match)
	if !a.warm {
		a.fire(&f.book.Rule, h)
		f.book.speak(a)
	}
	return a
}

// More says that n further hits followed one in the group of key, up to last, too many to keep.
func (b *Book) More(group string, m *kind.Match, n int, last int64) {
	if f, a := b.of(group, m); a != nil {
		a.to, a.last = max(a.to, last), max(a.last, last)
		a.count += n
		a.parts[m.Cond].matched += n
		at := slices.Index(f.alerts, a)
		b.desk.touch(f.join(at))
		b.settle(f)
	}
}

// Part adds evidence of a hit.
func (b *Book) Part(group string, m, hit *kind.Match) {
	if f, a := b.of(group, hit); a != nil {
		a.take(m)
		b.desk.touch(a)
		b.settle(f)
	}
}

// of returns the alert that holds the hit m. It may be gone: evidence can come after the alert of its hit has ended.
func (b *Book) of(group string, m *kind.Match) (*Group, *open) {
	b.scratch = b.Key(b.scratch[:0], group)
	f := b.byKey[string(b.scratch)]
	if f == nil {
		return nil, nil
	}
	for _, a := range f.alerts {
		if a.from <= m.T && m.T <= a.to {
			b.desk.before(f)
			return f, a
		}
	}
	return nil, nil
}

// settle takes note of the size and the end of a fold group. The queue is only told of an earlier end: a later one is
// found when the old turn comes.
func (b *Book) settle(f *Group) {
	b.bytes += f.bytes - f.counted
	f.counted = f.bytes
	if end := f.end(); end < b.ends.Due(f) {
		b.ends.Move(f, end)
	}
}

// end is the time that the cut must pass for the first alert to end.
func (f *Group) end() int64 {
	end := kind.Farthest
	for _, a := range f.alerts {
		end = min(end, f.book.endOf(a))
	}
	return end
}

// endOf is the time from which an alert takes no more hits and speaks for no others.
func (b *Book) endOf(a *open) int64 {
	end := a.to + b.gap
	if _, ok := b.speaks(a); ok {
		end = max(end, a.created+b.quiet)
	}
	return end
}

// Advance ends the alerts that can take no more hits if none comes before cut; what is unsaid of them is said.
func (b *Book) Advance(cut int64) {
	for b.ends.Len() > 0 {
		f, due := b.ends.First()
		if due >= cut {
			return
		}
		if f.end() < cut {
			b.desk.before(f)
			f.alerts = slices.DeleteFunc(f.alerts, func(a *open) bool {
				if b.endOf(a) >= cut {
					return false
				}
				b.close(a, true)
				return true
			})
		}
		if len(f.alerts) == 0 {
			b.drop(f)
			continue
		}
		b.bytes += f.bytes - f.counted
		f.counted = f.bytes
		b.ends.Move(f, f.end())
	}
}

// Evict lets the fold group go that was not touched for the longest time, and tells whether there was one to spare: what
// has just come must not push itself out.
func (b *Book) Evict() bool {
	f := b.first
	if f == nil || f.next == nil {
		return false
	}
	b.desk.before(f)
	for _, a := range f.alerts {
		b.close(a, false)
	}
	b.drop(f)
	return true
}

// Close ends all alerts and says what is unsaid of them.
func (b *Book) Close() {
	for b.first != nil {
		f := b.first
		b.desk.before(f)
		for _, a := range f.alerts {
			b.close(a, true)
		}
		b.drop(f)
	}
}

// close ends an alert that takes no more hits.
func (b *Book) close(a *open, must bool) {
	b.desk.close(a, must)
	if key, ok := b.speaks(a); ok {
		delete(b.speakers, key)
	}
	for i := range a.parts {
		for _, list := range [][]*kind.Match{a.parts[i].head, a.parts[i].tail} {
			for _, m := range list {
				a.in.bytes -= sizeOf(m)
			}
		}
	}
	a.in.bytes -= alertOverhead
}

// push puts a fold group at the end of the list, as the one touched last.
// A list of its own, and not container/list, saves an allocation for each hit: a fold group is moved with every one.
func (b *Book) push(f *Group) {
	b.desk.touches++
	f.touched = b.desk.touches
	f.prev, f.next = b.last, nil
	if b.last != nil {
		b.last.next = f
	} else {
		b.first = f
	}
	b.last = f
}

// unlink takes a fold group out of the list; it stays known.
func (b *Book) unlink(f *Group) {
	if b.cursor == f {
		b.cursor = f.next
	}
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		b.first = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	} else {
		b.last = f.prev
	}
	f.prev, f.next = nil, nil
}

// drop lets a fold group go. Its alerts must be closed before.
func (b *Book) drop(f *Group) {
	b.unlink(f)
	b.ends.Remove(f)
	delete(b.byKey, f.key)
	b.bytes -= f.counted
	f.book, f.alerts = nil, nil // somebody may still know it
}
