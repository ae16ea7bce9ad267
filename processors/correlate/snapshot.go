package correlate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
)

// stateMagic begins the state of an engine; the byte after it is the version of the form.
const (
	stateMagic   = "weir correlate state\n"
	stateVersion = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Snapshot writes the state: restored into an engine with the same rules and options, the same signals give the same
// alerts from then on. Counts of Stats are no part of it.
func (en *Engine) Snapshot(w io.Writer) error {
	_, err := w.Write(sealed(stateMagic, stateVersion, en.encode()))
	if err != nil {
		return fmt.Errorf("writing state: %w", err)
	}
	return nil
}

// Restore reads a snapshot into an engine whose rules are set. The state of rules, or versions of rules, that do not
// run any more is left out. After an error the engine is as it was before.
func (en *Engine) Restore(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("reading state: %w", err)
	}
	body, err := unsealed(stateMagic, stateVersion, data)
	if err != nil {
		return fmt.Errorf("reading state: %w", err)
	}
	if err := en.decode(body); err != nil {
		return fmt.Errorf("reading state: %w", err)
	}
	return nil
}

// sealed puts a magic, a version and a checksum around a body.
// The checksum covers the magic and version too: a file that was cut together from two is no file.
func sealed(magic string, version byte, body []byte) []byte {
	out := make([]byte, 0, len(magic)+1+len(body)+4)
	out = append(append(append(out, magic...), version), body...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

// unsealed checks magic, version and checksum and returns the body.
func unsealed(magic string, version byte, data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte(magic)) || len(data) < len(magic)+5 {
		return nil, fmt.Errorf("%w: it does not begin as it must", errBroken)
	}
	end := len(data) - 4
	if crc32.Checksum(data[:end], castagnoli) != binary.LittleEndian.Uint32(data[end:]) {
		return nil, fmt.Errorf("%w: the checksum is wrong, it was cut off or changed", errBroken)
	}
	if v := data[len(magic)]; v != version {
		return nil, fmt.Errorf("%w: version %d is not known here, only %d is", errBroken, v, version)
	}
	return data[len(magic)+1 : end], nil
}

// encode writes the state in one order, so that equal states are equal bytes: tests compare them, and so can whoever
// doubts.
func (en *Engine) encode() []byte {
	var e encoder
	e.clock(&en.clock)
	e.int(en.swept)
	places := map[*open][3]int{}
	ordered := en.ordered()
	e.count(len(ordered))
	for i, rs := range ordered {
		e.text(rs.rule.ID)
		e.text(rs.rule.Hash)
		var inner encoder
		inner.rule(rs, i, places)
		e.count(len(inner.b))
		e.b = append(e.b, inner.b...)
	}
	var dirty [][3]int
	for _, d := range en.dirty {
		if at, ok := places[d.a]; ok { // else it takes no more hits
			dirty = append(dirty, at)
		}
	}
	e.count(len(dirty))
	for _, at := range dirty {
		for _, n := range at {
			e.count(n)
		}
	}
	return e.b
}

// clock writes workers and datasets in the order of their names.
func (e *encoder) clock(c *clock) {
	e.int(c.latest)
	e.int(c.low)
	e.count(len(c.marks))
	for _, worker := range slices.Sorted(maps.Keys(c.marks)) {
		e.text(worker)
		sets := c.marks[worker]
		e.count(len(sets))
		for _, name := range slices.Sorted(maps.Keys(sets)) {
			e.text(name)
			e.int(sets[name])
		}
	}
}

// rule writes groups and folds in the order in which they were touched, and notes where each alert stands.
func (e *encoder) rule(rs *ruleState, at int, places map[*open][3]int) {
	e.count(len(rs.groups.byKey))
	for i := range rs.groups.lists {
		for g := rs.groups.lists[i].first; g != nil; g = g.next {
			e.count(g.level)
			e.texts(g.values)
			if g.count != nil {
				e.counter(g.count)
			} else {
				e.sequence(g.seq)
			}
		}
	}
	e.count(len(rs.folds))
	n := 0
	for f := rs.foldFirst; f != nil; f = f.next {
		e.text(f.key)
		e.count(len(f.alerts))
		for i, a := range f.alerts {
			e.alert(a)
			places[a] = [3]int{at, n, i}
		}
		n++
	}
}

// counter writes what counter of the decoder checks.
func (e *encoder) counter(c *counter) {
	e.matches(c.cold)
	e.count(len(c.runs))
	for _, r := range c.runs {
		e.int(r.first)
		e.int(r.last)
		e.count(len(r.heads))
		for _, t := range r.heads {
			e.int(t)
		}
	}
}

// sequence writes each match once: steps that name the same condition share theirs.
func (e *encoder) sequence(q *sequence) {
	place := map[*match]int{}
	var all []*match
	for _, list := range q.steps {
		for _, m := range list {
			if _, ok := place[m]; !ok {
				place[m] = len(all)
				all = append(all, m)
			}
		}
	}
	e.count(len(all))
	for _, m := range all {
		e.match(m)
	}
	for _, list := range q.steps {
		e.count(len(list))
		for _, m := range list {
			e.count(place[m])
		}
	}
}

// alert writes an alert whose texts are filled; what they were filled from is not needed again.
func (e *encoder) alert(a *open) {
	e.text(a.id)
	e.count(a.revision)
	e.table(a.group)
	e.text(a.what)
	e.text(a.whatKo)
	for _, t := range []int64{a.created, a.from, a.to, a.first, a.last, a.saidAt} {
		e.int(t)
	}
	e.count(a.count)
	e.flag(a.dirty)
	for i := range a.parts {
		e.count(a.parts[i].matched)
		e.matches(a.parts[i].head)
		e.matches(a.parts[i].tail)
	}
}
