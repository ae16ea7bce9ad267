// Package gen makes rules and streams of signals by chance, for tests that hold correlation against its oracle. The same
// source of chance gives the same rule and the same stream.
package gen

import (
	"fmt"
	"math/rand/v2"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

// Form is what a rule is a test of.
type Form struct {
	Name string
	make func(*maker) *rules.Correlate
}

// Forms returns all of them, in the order in which they are explained.
func Forms() []Form {
	return []Form{
		{"one event", func(*maker) *rules.Correlate { return nil }},
		{"count", func(m *maker) *rules.Correlate { return m.counted(correlation.Count) }},
		{"distinct", func(m *maker) *rules.Correlate { return m.counted(correlation.Distinct) }},
		{"sum", func(m *maker) *rules.Correlate { return m.counted(correlation.Sum) }},
		{"any_order", func(m *maker) *rules.Correlate { return m.stepped(correlation.AnyOrder, m.between(2, 3)) }},
		{"any_order, condition", func(m *maker) *rules.Correlate { return m.reasoned(correlation.AnyOrder, false) }},
		{"sequence", func(m *maker) *rules.Correlate { return m.stepped(correlation.Sequence, m.between(1, 3)) }},
		{"sequence, condition", func(m *maker) *rules.Correlate { return m.reasoned(correlation.Sequence, false) }},
		{"fewer than", func(m *maker) *rules.Correlate {
			return m.limited(m.counted(m.one(correlation.Count, correlation.Distinct, correlation.Sum)))
		}},
		{"avg", func(m *maker) *rules.Correlate { return m.computed(correlation.Avg) }},
		{"median", func(m *maker) *rules.Correlate { return m.computed(correlation.Median) }},
		{"percentile", func(m *maker) *rules.Correlate { return m.computed(correlation.Percentile) }},
		{"any_order, not", func(m *maker) *rules.Correlate { return m.reasoned(correlation.AnyOrder, true) }},
		{"sequence, not", func(m *maker) *rules.Correlate { return m.reasoned(correlation.Sequence, true) }},
		{"absence", (*maker).absence},
		{"new_value", (*maker).newValue},
		{"tumbling", func(m *maker) *rules.Correlate { return m.windowed(correlation.Tumbling) }},
		{"session", func(m *maker) *rules.Correlate { return m.windowed(correlation.Session) }},
		{"chain", (*maker).chain},
	}
}

// Fields of the events; a rule groups by some of them, or by an alias of two.
const (
	fieldIP    = "source.ip"
	fieldPeer  = "destination.ip"
	fieldUser  = "user.name"
	fieldHost  = "host.name"
	fieldBytes = "source.bytes"
	aliasName  = "who"
)

// Rule makes a rule of a form.
func Rule(rnd *rand.Rand, f Form) *rules.Rule {
	m := &maker{rnd: rnd, rule: &rules.Rule{ID: "proof", Hash: "1", Enabled: true, Title: "proof", Level: rules.High}}
	r := m.rule
	if r.Correlate = f.make(m); r.Correlate == nil {
		m.condition()
		r.Fold.By = m.some(fieldIP, fieldUser)
	} else if m.chance(2) {
		r.Fold.By = m.some(r.Correlate.By...)
	} else {
		r.Fold.By = r.Correlate.By
	}
	r.Fold.For = m.seconds(0, 30)
	return r
}

// maker makes one rule.
type maker struct {
	rnd    *rand.Rand
	rule   *rules.Rule
	inners int
}

// chance is true once in n times.
func (m *maker) chance(n int) bool { return m.rnd.IntN(n) == 0 }

func (m *maker) between(low, high int) int { return low + m.rnd.IntN(high-low+1) }

func (m *maker) seconds(low, high int) time.Duration {
	return time.Duration(m.between(low, high)) * time.Second
}

func (m *maker) one(kinds ...correlation.Kind) correlation.Kind { return kinds[m.rnd.IntN(len(kinds))] }

// some returns some of names in their order, mostly at least one.
func (m *maker) some(names ...string) []string {
	var out []string
	for _, n := range names {
		if m.chance(2) {
			out = append(out, n)
		}
	}
	if len(out) == 0 && len(names) > 0 && !m.chance(4) {
		out = append(out, names[m.rnd.IntN(len(names))])
	}
	return out
}

// condition adds a condition to the rule and returns its name.
func (m *maker) condition() string {
	name := string(rune('a' + len(m.rule.When)))
	m.rule.When = append(m.rule.When, rules.Condition{Name: name, Expr: fmt.Sprintf("event.action == %q", name)})
	return name
}

// node makes a correlation of n steps, each a condition of its own.
func (m *maker) node(kind correlation.Kind, n int) *rules.Correlate {
	c := &rules.Correlate{Kind: kind, Window: correlation.Sliding, Within: m.seconds(4, 20), By: m.some(fieldIP, fieldUser)}
	for range n {
		c.Steps = append(c.Steps, rules.Step{When: m.condition(), AtLeast: 1})
	}
	m.alias(c)
	return c
}

// alias lets a name stand for another field in each step, sometimes.
func (m *maker) alias(c *rules.Correlate) {
	if !m.chance(4) {
		return
	}
	c.By = append(c.By, aliasName)
	fields := map[string]string{}
	for _, s := range c.Steps {
		fields[s.When] = fieldIP
		if m.chance(2) {
			fields[s.When] = fieldPeer
		}
	}
	c.Alias = map[string]map[string]string{aliasName: fields}
}

// counted makes a correlation of what only grows.
func (m *maker) counted(kind correlation.Kind) *rules.Correlate {
	c := m.node(kind, m.between(1, 2))
	least := float64(m.between(1, 5))
	switch kind {
	case correlation.Distinct:
		least = float64(m.between(1, 3))
		c.Field = []string{fieldHost}
		if m.chance(3) {
			least++
			c.Field = []string{fieldHost, fieldUser}
		}
	case correlation.Sum:
		least = float64(m.between(5, 60))
		c.Field = []string{fieldBytes}
	}
	c.Bounds = []rules.Bound{{Op: "gte", Value: least}}
	if m.chance(3) {
		c.Bounds[0].Op = "gt"
	}
	return c
}

// limited lets a count be too high.
func (m *maker) limited(c *rules.Correlate) *rules.Correlate {
	n := c.Bounds[0].Value
	switch m.rnd.IntN(5) {
	case 0:
		c.Bounds = []rules.Bound{{Op: "lt", Value: n + 1}}
	case 1:
		c.Bounds = []rules.Bound{{Op: "lte", Value: n}}
	case 2:
		c.Bounds = []rules.Bound{{Op: "eq", Value: n}}
	case 3:
		c.Bounds = []rules.Bound{{Op: "neq", Value: n}}
	case 4:
		c.Bounds = []rules.Bound{{Op: "gte", Value: n}, {Op: "lt", Value: n + 3}}
	}
	return c
}

// computed makes a correlation of what can go up and down.
func (m *maker) computed(kind correlation.Kind) *rules.Correlate {
	c := m.node(kind, m.between(1, 2))
	c.Field, c.MinValues = []string{fieldBytes}, m.between(1, 4)
	c.Percent = []float64{0, 7, 25, 50, 90, 95, 99.9, 100}[m.rnd.IntN(8)]
	if kind != correlation.Percentile {
		c.Percent = 0
	}
	c.Bounds = []rules.Bound{{Op: []string{"gt", "gte", "lt", "lte", "neq"}[m.rnd.IntN(5)], Value: float64(m.between(2, 14))}}
	return c
}

// stepped makes a correlation of n steps, each of which must be there.
func (m *maker) stepped(kind correlation.Kind, n int) *rules.Correlate {
	c := m.node(kind, n)
	for i := range c.Steps {
		if m.chance(3) {
			c.Steps[i].AtLeast = m.between(2, 3)
		}
	}
	if kind == correlation.Sequence && n == 3 && m.chance(3) {
		c.Steps[2].When = c.Steps[0].When // a, b, and a again
		m.rule.When = m.rule.When[:len(m.rule.When)-1]
	}
	return c
}

// reasoned makes a correlation with a condition over its steps.
func (m *maker) reasoned(kind correlation.Kind, not bool) *rules.Correlate {
	n := m.between(2, 4)
	if not {
		n = 3
	}
	c := m.node(kind, n)
	for i := range c.Steps {
		if m.chance(4) {
			c.Steps[i].AtLeast = 2
		}
	}
	step := func(i int) *rules.Logic { return &rules.Logic{Step: c.Steps[i].When} }
	if not {
		no := &rules.Logic{Not: step(2)}
		switch m.rnd.IntN(4) {
		case 0: // a and b and not c
			c.Logic = &rules.Logic{And: []*rules.Logic{step(0), step(1), no}}
		case 1: // (a or b) and not c
			c.Logic = &rules.Logic{And: []*rules.Logic{{Or: []*rules.Logic{step(0), step(1)}}, no}}
		case 2: // a or (b and not c)
			c.Logic = &rules.Logic{Or: []*rules.Logic{step(0), {And: []*rules.Logic{step(1), no}}}}
		case 3: // a and not b and not c
			c.Logic = &rules.Logic{And: []*rules.Logic{step(0), {Not: step(1)}, no}}
		}
		return c
	}
	list := []*rules.Logic{}
	for i := range c.Steps {
		list = append(list, step(i))
	}
	cut := m.between(1, n-1)
	if m.chance(2) {
		c.Logic = &rules.Logic{And: append(list[:cut:cut], either(list[cut:]))}
	} else {
		c.Logic = &rules.Logic{Or: []*rules.Logic{both(list[:cut]), both(list[cut:])}}
	}
	return c
}

func either(list []*rules.Logic) *rules.Logic {
	if len(list) == 1 {
		return list[0]
	}
	return &rules.Logic{Or: list}
}

func both(list []*rules.Logic) *rules.Logic {
	if len(list) == 1 {
		return list[0]
	}
	return &rules.Logic{And: list}
}

func (m *maker) absence() *rules.Correlate {
	c := m.node(correlation.Absence, m.between(1, 2))
	if len(c.Steps) == 1 {
		c.Steps = append(c.Steps, c.Steps[0]) // nothing more of the same
	}
	return c
}

func (m *maker) newValue() *rules.Correlate {
	c := m.node(correlation.NewValue, m.between(1, 2))
	c.Field = []string{fieldHost}
	c.Within = m.seconds(20, 60)
	c.Learn = m.seconds(1, 15)
	return c
}

// windowed makes a correlation that looks at windows side by side, or at sessions.
func (m *maker) windowed(w correlation.Window) *rules.Correlate {
	var c *rules.Correlate
	switch m.rnd.IntN(5) {
	case 0:
		c = m.counted(m.one(correlation.Count, correlation.Distinct, correlation.Sum))
	case 1:
		c = m.limited(m.counted(m.one(correlation.Count, correlation.Distinct, correlation.Sum)))
	case 2:
		c = m.computed(m.one(correlation.Avg, correlation.Median, correlation.Percentile))
	case 3:
		c = m.stepped(correlation.AnyOrder, 2)
	case 4:
		c = m.reasoned(correlation.AnyOrder, false)
	}
	c.Window = w
	if w == correlation.Session {
		c.Within = m.seconds(1, 6)
	}
	return c
}
