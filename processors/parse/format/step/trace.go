package step

import (
	"slices"

	"weir/event"
)

// Trace is what one step did, for people.
type Trace struct {
	Kind  string // of the step
	File  string
	Line  int
	Depth int // of steps within steps
	// Outcome is ran, skipped (its `if` is false), or failed, with the reason in Why.
	Outcome string
	Why     string
	// Reads and Writes are the places that it looked at and wrote, in order. A write of an Absent value is a removal.
	Reads, Writes []Access
}

// Access is one place and the value that was found or written there.
type Access struct {
	Place string
	Value event.Value
}

// tracer collects what steps do. It exists only while somebody looks.
type tracer struct {
	m     *Machine
	emit  func(Trace)
	at    *Trace
	depth int
}

// read notes a place that was looked at.
func (t *tracer) read(p *Place, v event.Value) {
	if t.at != nil {
		t.at.Reads = append(t.at.Reads, Access{p.Path, v})
	}
}

// wrote notes a place that was written.
func (t *tracer) wrote(p *Place, v event.Value) {
	if t.at != nil {
		t.at.Writes = append(t.at.Writes, Access{p.Path, v})
	}
}

// traced is step with a record of it. Blocks are told before what is within them.
func (m *Machine) traced(s *Step) error {
	t := m.tracer
	rec := &Trace{Kind: s.kind.Name, File: s.file, Line: s.line, Depth: t.depth, Outcome: "ran"}
	outer := t.at
	defer func() { t.at = outer }()
	t.at = rec
	if s.cond != nil && !s.cond.Holds(m) {
		rec.Outcome = "skipped"
		t.send(rec)
		return m.inner(s.otherwise)
	}
	if s.block {
		t.send(rec)
		t.at = nil
		t.depth++
		err := m.run(s)
		t.depth--
		if err == nil {
			return nil
		}
		t.send(&Trace{Kind: s.kind.Name, File: s.file, Line: s.line, Depth: t.depth, Outcome: "failed", Why: err.Error()})
		return m.failed(s, err)
	}
	var before event.Event
	calls := s.kind.Name == "call" // it writes to the event itself
	if calls {
		m.e.CopyTo(&before)
	}
	err := m.run(s)
	if calls {
		rec.Writes = changes(&before, m.e)
	}
	if err != nil {
		rec.Outcome, rec.Why = "failed", err.Error()
	}
	t.send(rec)
	if err == nil {
		return nil
	}
	t.depth++
	defer func() { t.depth-- }()
	return m.failed(s, err)
}

// inner runs steps one level deeper.
func (m *Machine) inner(list []Step) error {
	m.tracer.depth++
	defer func() { m.tracer.depth-- }()
	return m.Exec(list)
}

// send hands a record on, with each place that was read once.
func (t *tracer) send(rec *Trace) {
	var seen []string
	rec.Reads = slices.DeleteFunc(rec.Reads, func(a Access) bool {
		if slices.Contains(seen, a.Place) {
			return true
		}
		seen = append(seen, a.Place)
		return false
	})
	t.emit(*rec)
	t.at = nil
}

// changes lists what an event has now and had not before.
func changes(before, after *event.Event) (out []Access) {
	after.Each(func(f event.Field, v event.Value) bool {
		if old := before.Get(f); old.Kind() != v.Kind() || old.Text() != v.Text() {
			out = append(out, Access{f.Path(), v})
		}
		return true
	})
	after.EachExtra(func(path string, v event.Value) bool {
		out = append(out, Access{path, v})
		return true
	})
	slices.SortFunc(out, func(a, b Access) int {
		if a.Place < b.Place {
			return -1
		}
		return 1
	})
	return out
}
