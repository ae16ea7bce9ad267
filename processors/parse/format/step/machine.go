// Package step compiles the steps of formats and runs them. The steps that read and write are in packages of their own, which use
// what Compiler and Machine offer; those that say which steps run are here.
package step

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"weir/event"
	"weir/processors"
	"weir/processors/enrich/community"
	"weir/processors/parse/format/convert"
)

// Limits of one event.
const (
	// maxErrors bounds weir.parse_errors.
	maxErrors = 20
	// maxRuns bounds the steps that run for one event: foreach within foreach over a long list would stand still.
	maxRuns = 100_000
	// keepText and keepStates bound the memory that a machine keeps from one event to the next.
	keepText   = 1 << 20
	keepStates = 512
)

// Machine runs formats. It belongs to one goroutine and keeps its memory from one event to the next: texts and lists in
// the event alias it until the next Run.
type Machine struct {
	in     Input
	prog   *Program
	e      *event.Event
	st     *state
	states map[*Program]*state
	raw    string

	mem   arena
	trees event.Reader // of JSON
	texts []byte
	buf   []byte        // of texts that are being made
	stack []event.Value // of lists that are being made
	outs  []string      // of patterns
	zones map[string]*time.Location

	strict       int // a failing step ends the list that it is in
	errors       int
	runs         int
	ended        bool // stop or drop
	dropped      bool
	wroteMessage bool
	given        string // the zone that an agent or a setting gave
	tracer       *tracer
}

// state is what a machine keeps for one format.
type state struct {
	slots []event.Value
	hints []int32
	ops   []any // of steps that keep something
}

// Input is what a machine needs to know beside the event.
type Input struct {
	// Raw is the text of the record, Received the time of its receipt.
	Raw      string
	Received time.Time
	// Zone returns the zone of times that name none; nil: UTC.
	Zone func() *time.Location
	// Doc is the document that an agent put the message into: members whose names begin with _, and those that no list knows,
	// are scratch places. Absent without any.
	Doc event.Value
	// Trace is called after each step, nil in live.
	Trace func(Trace)
}

// NewMachine makes a machine.
func NewMachine() *Machine {
	return &Machine{states: map[*Program]*state{}}
}

// Run runs the steps of a format on an event, which has message and all that is known from outside. dropped tells that
// Run format filters the event on purpose. An error is a *processors.DeadLetter: no event can be made of the message.
// What else goes wrong is in weir.parse_errors.
func (m *Machine) Run(f *Program, e *event.Event, in Input) (dropped bool, err error) {
	m.begin(f, e, in)
	if m.tracer != nil {
		defer func() { m.tracer = nil }()
	}
	before := e.Get(event.Message)
	err = m.Exec(f.steps)
	if dead, ok := errors.AsType[*processors.DeadLetter](err); ok {
		return false, dead
	}
	if !f.Keep && !m.wroteMessage && e.Str(event.Message) == before.Str() {
		e.Delete(event.Message)
	}
	if f.icmp >= 0 {
		m.community(m.st.slots[f.icmp])
	}
	return m.dropped, nil
}

// community makes the id of a flow of ICMP, whose type and code no field of ECS has: formats write them to _icmp.
func (m *Machine) community(v event.Value) {
	typ, ok := convert.To("int", v.Get("type"))
	if !ok {
		return
	}
	code, _ := convert.To("int", v.Get("code"))
	community.ICMP(m.e, typ.Int(), code.Int())
}

// docPlace is the name of the whole document of an agent, icmpPlace that of what only the machine can use.
const (
	docPlace  = "_doc"
	icmpPlace = "_icmp"
)

// ReadsDoc tells whether steps look at a member of an agent's document that no list knows.
func (p *Program) ReadsDoc(name string) bool {
	_, whole := p.names[docPlace]
	_, one := p.names[name]
	return whole || one
}

// begin makes the machine ready for an event. What the last one left is let go of.
func (m *Machine) begin(f *Program, e *event.Event, in Input) {
	if m.prog != f {
		m.st = m.states[f]
		if m.st == nil {
			if len(m.states) >= keepStates { // formats were loaded again and again
				clear(m.states)
			}
			m.st = &state{slots: make([]event.Value, f.slots), hints: make([]int32, f.hints), ops: make([]any, f.states)}
			m.states[f] = m.st
		}
	}
	m.prog, m.e, m.in, m.raw = f, e, in, in.Raw
	clear(m.st.slots)
	m.mem.release()
	m.trees.Reset()
	clear(m.stack[:cap(m.stack)])
	m.stack, m.buf = m.stack[:0], m.buf[:0]
	if cap(m.texts) > keepText {
		m.texts = nil
	}
	m.texts = m.texts[:0]
	m.strict, m.errors, m.runs = 0, 0, 0
	m.ended, m.dropped, m.wroteMessage = false, false, false
	m.tracer = nil
	if in.Trace != nil {
		m.tracer = &tracer{m: m, emit: in.Trace}
	}
	m.given = e.Str(event.EventTimezone)
	if in.Doc.Kind() == event.Object {
		m.take(in.Doc)
	}
}

// take gives scratch places what an agent's document has for them.
func (m *Machine) take(doc event.Value) {
	for i := range doc.Len() {
		key, v := doc.Member(i)
		name, below, deep := strings.Cut(key, ".")
		slot, ok := m.prog.names[name]
		switch {
		case !ok:
		case deep:
			m.st.slots[slot] = m.setBelow(m.st.slots[slot], []seg{{name: below}}, v)
		default:
			m.st.slots[slot] = v
		}
	}
	if slot, ok := m.prog.names[docPlace]; ok {
		m.st.slots[slot] = doc
	}
	// Where agents and pipelines keep the setting of the zone.
	for _, name := range []string{"_conf", "_tmp"} {
		for _, v := range []event.Value{doc.Get(name).Get("tz_offset"), doc.Get(name + ".tz_offset")} {
			if s := v.Str(); s != "" && s != "local" {
				m.given = s
			}
		}
	}
}

// Keep copies bytes into the memory of the event and returns them as text.
func (m *Machine) Keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(m.texts)+len(b) > cap(m.texts) {
		// The old memory stays alive through the texts in it.
		m.texts = make([]byte, 0, max(2*cap(m.texts), len(b), 1024))
	}
	from := len(m.texts)
	m.texts = append(m.texts, b...)
	return unsafe.String(&m.texts[from], len(b))
}

// Value gives an expression the value of a place.
func (m *Machine) Value(slot int) event.Value { return m.Get(m.prog.places[slot]) }

// failure is why a step failed, and at which place.
type failure struct{ place, why string }

// Failed is the error of a step that could not do what it should at a place.
func Failed(place, why string) error { return &failure{place, why} }

// Error returns the reason.
func (f *failure) Error() string { return f.place + ": " + f.why }

// Exec runs steps. An error ends the list: a dead letter, or a failed step where m.strict asks for that.
func (m *Machine) Exec(list []Step) error {
	for i := range list {
		if m.ended {
			return nil
		}
		if err := m.step(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// errRuns ends an event whose steps run too often.
var errRuns = &failure{"message", "more than " + strconv.Itoa(maxRuns) + " steps ran for one event"}

// step runs one step and does with its failure what the format says.
func (m *Machine) step(s *Step) error {
	if m.runs++; m.runs > maxRuns {
		m.ended = true
		m.report(s, errRuns)
		return nil
	}
	if m.tracer != nil {
		return m.traced(s)
	}
	if s.cond != nil && !s.cond.Holds(m) {
		return m.Exec(s.otherwise)
	}
	err := m.run(s)
	if err == nil {
		return nil
	}
	return m.failed(s, err)
}

// run runs the step itself. A block whose failure the format handles ends at its first failing step.
func (m *Machine) run(s *Step) error {
	if s.block && (s.optional || s.onError != nil) {
		m.strict++
		err := s.op.Run(m)
		m.strict--
		return err
	}
	return s.op.Run(m)
}

// failed handles the failure of a step.
func (m *Machine) failed(s *Step, err error) error {
	if _, dead := errors.AsType[*processors.DeadLetter](err); dead {
		return err
	}
	switch {
	case s.onError != nil:
		return m.Exec(s.onError)
	case s.optional:
		return nil
	case m.strict > 0:
		return err
	}
	m.report(s, err)
	return nil
}

// report adds a failure to weir.parse_errors.
func (m *Machine) report(s *Step, err error) {
	if m.errors++; m.errors > maxErrors {
		return
	}
	m.e.Append(event.WeirParseErrors, fmt.Sprintf("%s: %s at line %d: %v", m.prog.Dataset, s.kind.Name, s.line, err))
}

// Event returns the event under way.
func (m *Machine) Event() *event.Event { return m.e }

// State returns where a step keeps something from one event to the next; i is what the compiler gave it.
func (m *Machine) State(i int) *any { return &m.st.ops[i] }

// Out returns room for the parts of a text, until the next call.
func (m *Machine) Out(n int) []string {
	if cap(m.outs) < n {
		m.outs = make([]string, max(n, 32))
	}
	out := m.outs[:n]
	clear(out)
	return out
}

// Build makes a text in the memory of the event. fn appends it to what it gets.
func (m *Machine) Build(fn func(b []byte) []byte) string {
	from := len(m.buf)
	m.buf = fn(m.buf)
	s := m.Keep(m.buf[from:])
	m.buf = m.buf[:from]
	return s
}

// JSON reads a JSON value into the memory of the event.
func (m *Machine) JSON(s string) (event.Value, error) { return m.trees.Value(s) }

// Take returns an empty list with room for n values, in the memory of the event.
func (m *Machine) Take(n int) []event.Value { return m.mem.take(n) }

// Copy returns a list of the event's own with the values of vs.
func (m *Machine) Copy(vs []event.Value) []event.Value { return append(m.mem.take(len(vs)), vs...) }

// End ends the steps of the event; drop filters it on purpose.
func (m *Machine) end(drop bool) { m.ended, m.dropped = true, drop }

// arena hands out the memory of lists and objects of one event.
type arena struct {
	block []event.Value
	used  int
}

// arenaSize is the memory that is kept from one event to the next, in values; arenaMax is where it stops to grow.
const (
	arenaSize = 256
	arenaMax  = 16384
)

// take returns an empty list with room for n values.
func (a *arena) take(n int) []event.Value {
	if a.used+n > len(a.block) {
		if n > arenaMax {
			return make([]event.Value, 0, n)
		}
		a.block, a.used = make([]event.Value, min(max(2*len(a.block), arenaSize, n), arenaMax)), 0
	}
	from := a.used
	a.used += n
	return a.block[from : from : from+n]
}

// release takes everything back. Older blocks are garbage already.
func (a *arena) release() {
	clear(a.block[:a.used])
	a.used = 0
}
