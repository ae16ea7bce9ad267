// Package ruletest runs a rule's tests through the code that runs live: parse, detect and correlate, in memory.
package ruletest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/match"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/processors/enrich"
	"weir/processors/parse"
	"weir/rules"
	"weir/rules/pipelines"
	"weir/rules/ruletest"
)

// Options are the parts that differ from the defaults. The zero value works.
type Options struct {
	// Parse are the options of the parser. Lines without a zone are taken as UTC unless it says otherwise, so that tests come
	// to the same result anywhere.
	Parse parse.Options
	// Steps are the enrichment of live; nil: that of a weir without a configuration. They must stand being called by several
	// tests at once.
	Steps []processors.Step
	// Lists are those that conditions name.
	Lists match.Lists
	// Pipes say of which log source an event is; nil: the shipped ones.
	Pipes *pipelines.Set
}

// New makes the factory of pipelines. Each test has engines of its own, so tests do not see one another.
func New(o Options) (ruletest.Factory, error) {
	if o.Parse.DefaultZone == nil {
		o.Parse.DefaultZone = time.UTC
	}
	o.Parse.History = true
	if o.Steps == nil {
		o.Steps = []processors.Step{enrich.Default().Step}
	}
	if _, err := parse.New(o.Parse); err != nil {
		return nil, fmt.Errorf("making the parser of rule tests: %w", err)
	}
	return o.pipeline, nil
}

// pipeline makes the engines of one test. The conditions are compiled a second time, apart from the engine, to tell which
// of them came nearest.
func (o Options) pipeline(r *rules.Rule) (ruletest.Pipeline, error) {
	set := &rules.Set{Rules: []*rules.Rule{r}, Hash: r.Hash}
	engine, faults := detect.New(set, o.Lists, o.Pipes)
	if len(faults) > 0 {
		return nil, faults[0]
	}
	parser, err := parse.New(o.Parse)
	if err != nil {
		return nil, fmt.Errorf("making a parser: %w", err)
	}
	p := &pipeline{steps: o.Steps, parser: parser, engine: engine, correlate: correlate.New(correlate.Options{}), alerts: map[string]int{}, horizon: correlate.Horizon(r)}
	p.correlate.SetRules(set.Rules)
	for _, when := range r.When {
		c, err := match.Compiler{Lists: o.Lists}.Compile(when.Expr)
		if err != nil {
			return nil, fmt.Errorf("condition %s: %w", when.Name, err)
		}
		p.near = append(p.near, near{cond: c, Near: ruletest.Near{When: when.Name}})
	}
	return p, nil
}

// pipeline is one run of one test. It belongs to one goroutine and is thrown away afterwards: what a test leaves in the
// engines must not reach the next.
type pipeline struct {
	steps     []processors.Step
	parser    *parse.Parser
	engine    *detect.Engine
	correlate *correlate.Engine
	near      []near
	event     event.Event
	number    int // of events so far
	order     []alert.Alert
	alerts    map[string]int // by id: place in order
	clock     ruletest.Clock
	// latest is the time of the latest event, horizon how long after it the rule has decided everything.
	latest  time.Time
	horizon time.Duration
}

// near keeps the event that came nearest to a condition: the one that missed the smallest share of it. Of two that came
// equally near the first is kept.
type near struct {
	cond *match.Cond
	met  bool
	ruletest.Near
}

// peer is where the lines of tests come from, an address kept for documentation (RFC 5737).
var peer = netip.MustParseAddrPort("192.0.2.10:514")

// Feed implements ruletest.Pipeline. A document goes past the parser and the enrichment: its author wrote what is in it. A
// line goes through both, as the dataset that it names or as the one that is recognised.
func (p *pipeline) Feed(ev *rules.TestEvent) ([]string, error) {
	var ids []string
	received := p.clock.Now()
	p.event.Reset()
	if ev.Doc != nil {
		if err := p.event.Decode(ev.Doc); err != nil {
			return nil, fmt.Errorf("reading the document: %w", err)
		}
		id, err := p.take(&p.event, ev, received)
		return []string{id}, err
	}
	raw := &record.Raw{Value: []byte(ev.Raw), Received: received, Peer: peer, Proto: "udp", Input: "syslog"}
	each := func(e *event.Event) error {
		for _, step := range p.steps {
			step(e, raw)
		}
		id, err := p.take(e, ev, received)
		ids = append(ids, id)
		return err
	}
	read := p.parser.Parse
	if ev.Dataset != "" {
		read = func(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
			return p.parser.ParseDataset(ev.Dataset, raw, e, emit)
		}
	}
	if err := read(raw, &p.event, each); err != nil {
		return nil, fmt.Errorf("parsing the line: %w", err)
	}
	return ids, nil
}

// take gives the event what normalise would, identity and time, and runs detection on it.
func (p *pipeline) take(e *event.Event, ev *rules.TestEvent, received time.Time) (id string, err error) {
	p.number++
	id = fmt.Sprintf("test-%05d", p.number)
	e.Set(event.EventID, event.Str(id))
	at := p.clock.Set(ev, said(e, received))
	if at.After(p.latest) {
		p.latest = at
	}
	e.Set(event.WeirTime, event.At(at))
	if !e.Has(event.Timestamp) {
		e.Set(event.Timestamp, event.At(at))
	}
	return id, p.look(e, id)
}

// said returns the time that the event itself says, zero if it says none: the parser then takes that of the receipt.
func said(e *event.Event, received time.Time) time.Time {
	for _, f := range []event.Field{event.WeirTime, event.Timestamp} {
		if v := e.Get(f); v.Kind() == event.Time && !v.Time().Equal(received) {
			return v.Time()
		}
	}
	return time.Time{}
}

// look runs detection on one event and notes how near each condition came. A condition that was met once is never reported
// as near, whatever other events lacked.
func (p *pipeline) look(e *event.Event, id string) error {
	src := record.Pos{Topic: "test", Offset: int64(p.number)}
	for _, sig := range p.engine.Signals(e, src) {
		if err := p.correlate.Apply(&sig, p.keep); err != nil {
			return fmt.Errorf("correlating: %w", err)
		}
	}
	for i := range p.near {
		n := &p.near[i]
		if n.met {
			continue
		}
		misses, of := n.cond.Explain(e)
		if len(misses) == 0 {
			n.met = true
			continue
		}
		if n.Of == 0 || len(misses)*n.Of < len(n.Misses)*of {
			n.Misses, n.Of, n.ID = misses, of, id
		}
	}
	return nil
}

// keep keeps the last revision of each alert, at the place of its first: tests name alerts in the order in which they were
// raised.
func (p *pipeline) keep(a *alert.Alert) {
	if i, ok := p.alerts[a.ID]; ok {
		p.order[i] = *a
		return
	}
	p.alerts[a.ID] = len(p.order)
	p.order = append(p.order, *a)
}

// Finish implements ruletest.Pipeline: what waits for more events is decided, and correlate says what it has not said yet.
// Alerts that became part of others do not count.
func (p *pipeline) Finish(until time.Duration) ([]alert.Alert, error) {
	end := p.latest.Add(p.horizon + time.Second)
	if until > 0 {
		end = p.clock.First().Add(until)
	}
	p.correlate.Finish(end, p.keep)
	return slices.DeleteFunc(p.order, func(a alert.Alert) bool { return a.MergedInto != "" }), nil
}

// Nearest implements ruletest.Pipeline. It is for a test that failed; in one that passed nobody asks.
func (p *pipeline) Nearest() []ruletest.Near {
	var out []ruletest.Near
	for _, n := range p.near {
		if !n.met && n.Of > 0 {
			out = append(out, n.Near)
		}
	}
	return out
}
