package gen

import (
	"fmt"
	"slices"

	"weir/rules"
	"weir/rules/correlation"
)

// chain makes a correlation of correlations, up to three deep.
func (m *maker) chain() *rules.Correlate { return m.around(m.between(1, 2)) }

// around makes a correlation with depth others in it.
func (m *maker) around(depth int) *rules.Correlate {
	kind := m.one(correlation.Count, correlation.Distinct, correlation.AnyOrder, correlation.Sequence, correlation.Absence, correlation.NewValue)
	c := &rules.Correlate{Kind: kind, Window: correlation.Sliding, Within: m.seconds(10, 60)}
	n := 1
	switch kind {
	case correlation.AnyOrder, correlation.Sequence, correlation.Absence:
		n = 2
	}
	for i := range n {
		if i > 0 && m.chance(2) {
			c.Steps = append(c.Steps, rules.Step{When: m.condition(), AtLeast: 1})
			continue
		}
		in := m.inner(depth)
		c.Inner = append(c.Inner, in)
		c.Steps = append(c.Steps, rules.Step{When: in.Name, AtLeast: 1})
	}
	switch kind {
	case correlation.Count:
		c.Bounds = []rules.Bound{{Op: "gte", Value: float64(m.between(1, 4))}}
		if m.chance(4) {
			c.Bounds = []rules.Bound{{Op: "lt", Value: float64(m.between(2, 4))}}
		}
	case correlation.Distinct:
		c.Field, c.Bounds = []string{fieldHost}, []rules.Bound{{Op: "gte", Value: float64(m.between(1, 2))}}
	case correlation.NewValue:
		c.Field, c.Learn = []string{fieldHost}, m.seconds(1, 10)
	case correlation.AnyOrder, correlation.Sequence:
		if m.chance(4) {
			c.Logic = &rules.Logic{And: []*rules.Logic{{Step: c.Steps[0].When}, {Not: &rules.Logic{Step: c.Steps[1].When}}}}
		}
	}
	// Of what the inner ones group by, of the event that completes them, or by an alias.
	c.By = m.some(fieldIP, fieldUser)
	if m.chance(4) {
		fields := map[string]string{}
		for _, s := range c.Steps {
			fields[s.When] = []string{fieldIP, fieldPeer}[m.rnd.IntN(2)]
		}
		c.Alias = map[string]map[string]string{aliasName + "-outer": fields}
		c.By = append(c.By, aliasName+"-outer")
	}
	return c
}

// inner makes a correlation that another one names.
func (m *maker) inner(depth int) *rules.Correlate {
	var c *rules.Correlate
	if depth > 1 {
		c = m.around(depth - 1)
	} else {
		forms := Forms()
		leaves := slices.DeleteFunc(forms, func(f Form) bool { return f.Name == "one event" || f.Name == "chain" })
		c = leaves[m.rnd.IntN(len(leaves))].make(m)
	}
	m.inners++
	c.Name = fmt.Sprintf("inner%d", m.inners)
	return c
}
