package fold

import (
	"cmp"
	"slices"
	"strings"

	"weir/processors/correlate/keep"
	"weir/processors/correlate/kind"
)

// Shoot begins a snapshot: from here on, what changes is given to write before it does, as Append writes it. Nil ends it.
func (d *Desk) Shoot(epoch uint32, write func(b *Book, e func(*keep.Encoder))) {
	d.epoch, d.encode = epoch, nil
	if write != nil {
		d.encode = func(f *Group) {
			f.epoch = epoch
			write(f.book, f.append)
		}
	}
}

// Append writes how far the desk is; alerts are written by their books.
func (d *Desk) Append(e *keep.Encoder) {
	e.Int(d.second)
	e.Count(d.said)
	e.Int(d.flushed)
}

// Read reads what Append wrote.
func (d *Desk) Read(from *keep.Decoder) {
	d.second, d.said, d.flushed = from.Int(), from.Number(), from.Int()
}

// Rewind begins to go through the fold groups of the book for a snapshot.
func (b *Book) Rewind() { b.cursor = b.first }

// Next writes the next fold group that the snapshot does not have, and tells whether there was one.
func (b *Book) Next(e *keep.Encoder) bool {
	for b.cursor != nil {
		f := b.cursor
		b.cursor = f.next
		if f.epoch != b.desk.epoch {
			f.epoch = b.desk.epoch
			f.append(e)
			return true
		}
	}
	return false
}

// append writes a fold group.
func (f *Group) append(e *keep.Encoder) {
	e.Count(int(f.touched))
	e.Text(f.key)
	e.Count(len(f.alerts))
	for _, a := range f.alerts {
		a.append(e)
	}
}

// append writes an alert whose texts are filled; what they were filled from is not needed again.
func (a *open) append(e *keep.Encoder) {
	e.Text(a.id)
	e.Count(a.revision)
	e.Text(a.what)
	e.Text(a.whatKo)
	for _, t := range []int64{a.created, a.from, a.to, a.first, a.last, a.saidAt} {
		e.Int(t)
	}
	e.Count(a.count)
	e.Text(a.approx)
	e.Count(int(a.turn))
	_, speaks := a.in.book.speaks(a)
	for _, on := range []bool{a.dirty, a.warm, speaks} {
		e.Flag(on)
	}
	e.Text(a.quietBy)
	e.Count(a.quieted)
	e.Count(len(a.heard))
	for _, h := range a.heard {
		e.Int(int64(h))
	}
	for i := range a.parts {
		e.Count(a.parts[i].matched)
		appendMatches(e, a.parts[i].head)
		appendMatches(e, a.parts[i].tail)
	}
}

// appendMatches writes an ordered list of evidence.
func appendMatches(e *keep.Encoder, list []*kind.Match) {
	e.Count(len(list))
	for _, m := range list {
		e.Int(m.T)
		e.Text(m.Src)
		e.Text(m.ID)
		e.Text(m.Shown)
	}
}

// Read reads a fold group that Append wrote. Everything that the code relies on, such as order, is checked: a state is a
// file that anybody may have changed. Finish must follow the last one.
func (b *Book) Read(d *keep.Decoder) {
	f := &Group{book: b, touched: uint64(d.Number()), key: d.Text(), epoch: b.desk.epoch}
	f.bytes = foldOverhead + len(f.key)
	n := d.Count()
	if b.byKey[f.key] != nil || n == 0 || d.Failed {
		d.Fail()
		return
	}
	for i := range n {
		a := f.read(d)
		if i > 0 && !d.Failed && f.alerts[i-1].to+b.gap >= a.from {
			d.Fail()
		}
		if d.Failed {
			return
		}
		f.alerts = append(f.alerts, a)
	}
	b.byKey[f.key] = f
	b.ends.Add(f, f.end())
	b.settle(f)
	b.read = append(b.read, f)
}

// Finish puts what Read has read into the order in which it was touched, and tells the desk what is unsaid of it. A
// snapshot has its parts in the order in which they were written, which says nothing.
func (b *Book) Finish() {
	slices.SortFunc(b.read, func(x, y *Group) int {
		return cmp.Or(cmp.Compare(x.touched, y.touched), strings.Compare(x.key, y.key))
	})
	most := b.desk.touches
	for _, f := range b.read {
		touched := f.touched
		b.push(f)
		f.touched = touched
		most = max(most, touched)
		for _, a := range f.alerts {
			if a.turn > 0 {
				b.desk.queue = append(b.desk.queue, a)
				b.desk.turns = max(b.desk.turns, a.turn)
			}
		}
	}
	b.read, b.desk.touches = nil, most
}

// Finish puts the queue into its order when all books are read.
func (d *Desk) Finish(from *keep.Decoder) {
	slices.SortFunc(d.queue, func(x, y *open) int { return cmp.Compare(x.turn, y.turn) })
	for i := 1; i < len(d.queue); i++ {
		if d.queue[i-1].turn == d.queue[i].turn {
			from.Fail()
		}
	}
}

// read reads an alert.
func (f *Group) read(d *keep.Decoder) *open {
	a := &open{in: f, id: d.Text(), revision: d.Number(), what: d.Text(), whatKo: d.Text()}
	for _, t := range []*int64{&a.created, &a.from, &a.to, &a.first, &a.last, &a.saidAt} {
		*t = d.Between(kind.LongAgo, kind.Farthest)
	}
	a.count, a.approx, a.turn = d.Number(), d.Text(), uint64(d.Number())
	var speaks bool
	for _, on := range []*bool{&a.dirty, &a.warm, &speaks} {
		*on = d.Flag()
	}
	a.quietBy, a.quieted = d.Text(), d.Number()
	if n := d.Count(); n > maxHeard {
		d.Fail()
	} else {
		for range n {
			a.heard = append(a.heard, uint64(d.Int()))
		}
	}
	a.parts = make([]part, len(f.book.rule.When))
	shown := 0
	for i := range a.parts {
		p := &a.parts[i]
		p.matched, p.head, p.tail = d.Number(), readMatches(d, i, headEvidence), readMatches(d, i, tailEvidence)
		shown += len(p.head) + len(p.tail)
		for _, m := range slices.Concat(p.head, p.tail) {
			f.bytes += sizeOf(m)
		}
	}
	if a.from > a.to || a.first > a.last || shown == 0 || a.dirty && a.turn == 0 {
		d.Fail()
	}
	if speaks && !d.Failed {
		if len(f.book.entity) == 0 {
			d.Fail()
			return a
		}
		f.book.speakers[string(pick(nil, f.key, f.book.entity))] = a
	}
	f.bytes += alertOverhead + len(a.what) + len(a.whatKo)
	return a
}

// readMatches reads an ordered list of at most so many matches of a condition.
func readMatches(d *keep.Decoder, cond, most int) []*kind.Match {
	n := d.Count()
	if n > most {
		d.Fail()
	}
	var list []*kind.Match
	for i := 0; i < n && !d.Failed; i++ {
		m := &kind.Match{T: d.Between(kind.LongAgo, kind.Farthest), Cond: uint16(cond), Src: d.Text(), ID: d.Text(), Shown: d.Text()}
		if i > 0 && kind.Compare(list[i-1], m) >= 0 {
			d.Fail()
		}
		list = append(list, m)
	}
	return list
}
