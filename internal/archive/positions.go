package archive

import (
	"maps"
	"strconv"
	"strings"

	"weir/internal/archive/manifest"
	"weir/internal/record"
)

// Partition names one partition of one topic.
type Partition struct {
	Topic string
	ID    int32
}

// String returns topic/partition.
func (p Partition) String() string { return p.Topic + "/" + strconv.FormatInt(int64(p.ID), 10) }

// parsePartition reads topic/partition. The topic may contain slashes.
func parsePartition(s string) (Partition, bool) {
	at := strings.LastIndexByte(s, '/')
	if at <= 0 {
		return Partition{}, false
	}
	n, err := strconv.ParseInt(s[at+1:], 10, 32)
	return Partition{s[:at], int32(n)}, err == nil && n >= 0
}

// partitionOf returns the partition that a position lies in.
func partitionOf(p record.Pos) Partition { return Partition{p.Topic, p.Partition} }

// Marks are positions in the topics.
type Marks struct {
	Next   map[Partition]int64                    // by consumed partition: the offset after the last one
	Source map[Partition]map[Partition]record.Pos // by consumed and source partition: the highest source position
}

// Positions are how far the archive is.
type Positions struct {
	Durable Marks // published in the manifest
	Tail    Marks // including rows that are only in memory
}

// Positions returns how far the archive is.
func (a *Archive) Positions() Positions {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := Positions{Durable: a.durable.clone(), Tail: a.durable.clone()}
	for _, e := range a.epochs() {
		p.Tail.merge(e.marks)
	}
	return p
}

// next returns the offset after the last one of a partition that is in memory or durable. The lock is held.
func (a *Archive) next(p Partition) (off int64, ok bool) {
	off, ok = a.durable.Next[p]
	for _, e := range a.epochs() {
		if n, have := e.marks.Next[p]; have {
			off, ok = max(off, n), true
		}
	}
	return off, ok
}

// Mark returns the positions of one consumed partition, with rows that are only in memory: the offset after the last
// one, and the highest source position by source partition. ok is false if it was never consumed.
func (a *Archive) Mark(p Partition) (next int64, source map[Partition]record.Pos, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next, ok = a.next(p)
	source = maps.Clone(a.durable.Source[p])
	if source == nil {
		source = map[Partition]record.Pos{}
	}
	for _, e := range a.epochs() {
		for s, pos := range e.marks.Source[p] {
			raise(source, s, pos)
		}
	}
	return next, source, ok
}

// newMarks returns marks of nothing.
func newMarks() Marks {
	return Marks{Next: map[Partition]int64{}, Source: map[Partition]map[Partition]record.Pos{}}
}

// clone copies the maps too: a caller may keep and change them.
func (m Marks) clone() Marks {
	out := newMarks()
	out.merge(m)
	return out
}

// raise sets a position if it is above the one that is there.
func raise(m map[Partition]record.Pos, p Partition, pos record.Pos) {
	if have, ok := m[p]; !ok || pos.Compare(have) > 0 {
		m[p] = pos
	}
}

// merge raises the marks to those of o. Marks never go back.
func (m Marks) merge(o Marks) {
	for p, n := range o.Next {
		m.Next[p] = max(m.Next[p], n)
	}
	for p, sources := range o.Source {
		for s, pos := range sources {
			m.source(p, s, pos)
		}
	}
}

// source raises the mark of one source partition.
func (m Marks) source(p, s Partition, pos record.Pos) {
	if m.Source[p] == nil {
		m.Source[p] = map[Partition]record.Pos{}
	}
	raise(m.Source[p], s, pos)
}

// add takes the position of one row.
func (m Marks) add(r *Row) {
	p := partitionOf(r.Consumed)
	m.Next[p] = max(m.Next[p], r.Consumed.Offset+1)
	if r.Source.Topic != "" {
		m.source(p, partitionOf(r.Source), r.Source)
	}
}

// addRecord takes the positions of a manifest record.
func (m Marks) addRecord(r *manifest.Record) {
	for name, span := range r.Sources {
		if p, ok := parsePartition(name); ok {
			m.Next[p] = max(m.Next[p], span[1])
		}
	}
	for name, sources := range r.Marks {
		p, ok := parsePartition(name)
		if !ok {
			continue
		}
		for src, at := range sources {
			if s, ok := parsePartition(src); ok {
				m.source(p, s, record.Pos{Topic: s.Topic, Partition: s.ID, Offset: at[0], Sub: int32(at[1])})
			}
		}
	}
}

// toRecord writes the positions into a manifest record.
func (m Marks) toRecord(r *manifest.Record, first map[Partition]int64) {
	r.Sources = map[string][2]int64{}
	for p, next := range m.Next {
		r.Sources[p.String()] = [2]int64{first[p], next}
	}
	r.Marks = map[string]map[string][2]int64{}
	for p, sources := range m.Source {
		at := map[string][2]int64{}
		for s, pos := range sources {
			at[s.String()] = [2]int64{pos.Offset, int64(pos.Sub)}
		}
		r.Marks[p.String()] = at
	}
}
