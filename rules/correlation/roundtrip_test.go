package correlation

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRoundTrip makes correlations of every kind by chance, writes them as people would, in one of the forms that there
// are for each, and reads them: they come back as they were made.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	kindsSeen := map[Kind]int{}
	for seed := range uint64(3000) {
		m := &maker{rnd: rand.New(rand.NewPCG(seed, 7))}
		want := m.node("", 0)
		text := m.text(want, 0)
		got, faults := read(t, text, m.conds...)
		for _, f := range faults {
			if !f.Warn {
				t.Fatalf("seed %d: %s %s\n%s", seed, f.Where, f.What, text)
			}
		}
		if tell(got) != tell(want) {
			t.Fatalf("seed %d:\n%s\ngot  %s\nwant %s", seed, text, tell(got), tell(want))
		}
		for _, n := range got.Nodes() {
			kindsSeen[n.Kind]++
		}
	}
	for _, k := range kinds {
		if kindsSeen[k] < 100 {
			t.Errorf("%s was made %d times", k, kindsSeen[k])
		}
	}
}

// maker makes correlations by chance.
type maker struct {
	rnd   *rand.Rand
	conds []string
	inner int
}

func (m *maker) chance(n int) bool { return m.rnd.IntN(n) == 0 }

// cond makes a condition that nobody else uses.
func (m *maker) cond() string {
	name := fmt.Sprintf("c%d", len(m.conds))
	m.conds = append(m.conds, name)
	return name
}

var someFields = []string{"source.ip", "user.name", "host.name", "destination.port", "process.name"}

// node makes one correlation.
func (m *maker) node(name string, depth int) *Correlate {
	c := &Correlate{Name: name, Kind: kinds[m.rnd.IntN(len(kinds))], Window: Sliding, Within: time.Duration(1+m.rnd.IntN(600)) * time.Minute}
	steps := 1 + m.rnd.IntN(2)
	if c.Kind == AnyOrder || c.Kind == Sequence {
		steps = 2 + m.rnd.IntN(3)
	}
	for range steps {
		s := Step{AtLeast: 1}
		if depth < 2 && m.chance(4) {
			m.inner++
			in := m.node(fmt.Sprintf("in%d", m.inner), depth+1)
			c.Inner = append(c.Inner, in)
			s.When = in.Name
		} else {
			s.When = m.cond()
		}
		if (c.Kind == AnyOrder || c.Kind == Sequence) && m.chance(3) {
			s.AtLeast = 2 + m.rnd.IntN(5)
		}
		c.Steps = append(c.Steps, s)
	}
	if c.Kind == Absence && steps == 1 {
		c.Steps = append(c.Steps, c.Steps[0])
	}
	m.numbers(c)
	if (c.Kind == AnyOrder || c.Kind == Sequence) && m.chance(2) {
		c.Logic = m.logic(c.Steps)
	}
	if !slices.Contains([]Kind{Sequence, Absence, NewValue}, c.Kind) && m.chance(3) {
		c.Window = []Window{Tumbling, Session}[m.rnd.IntN(2)]
	}
	m.names(c)
	return c
}

// numbers gives a correlation what it counts to.
func (m *maker) numbers(c *Correlate) {
	switch c.Kind {
	case NewValue:
		c.Learn = c.Within / time.Duration(1+m.rnd.IntN(3))
		c.Learn = max(c.Learn.Truncate(time.Minute), time.Minute)
		return
	case AnyOrder, Sequence, Absence:
		return
	case Percentile:
		c.Percent = float64(m.rnd.IntN(1000)) / 10
		fallthrough
	case Avg, Median:
		c.MinValues = 1 + m.rnd.IntN(3)
	}
	value := float64(2 + m.rnd.IntN(1000))
	if c.Kind != Count && c.Kind != Distinct && m.chance(2) {
		value += 0.25
	}
	switch m.rnd.IntN(3) {
	case 0:
		c.Bounds = []Bound{{"gte", value}}
	case 1:
		c.Bounds = []Bound{{"gt", value}, {"lte", value + 10}}
	default:
		c.Bounds = []Bound{{ops[m.rnd.IntN(len(ops))], value}}
	}
}

// logic makes a text that names each step and that something must happen for.
func (m *maker) logic(steps []Step) *Logic {
	for {
		parts := make([]*Logic, len(steps))
		for i, s := range steps {
			parts[i] = &Logic{Step: s.When}
			if s.AtLeast == 1 && m.chance(4) {
				parts[i] = &Logic{Not: parts[i]}
			}
		}
		for len(parts) > 1 {
			pair := []*Logic{parts[0], parts[1]}
			joined := &Logic{And: pair}
			if m.chance(2) {
				joined = &Logic{Or: pair}
			}
			parts = append([]*Logic{joined}, parts[2:]...)
		}
		l := parts[0].pushed(false)
		if why, _ := l.Unsound(Sequence); why == "" {
			return l
		}
	}
}

// names gives a correlation what it groups by and computes with.
func (m *maker) names(c *Correlate) {
	wants := m.rnd.IntN(3)
	fields := 0
	switch c.Kind {
	case Distinct, NewValue:
		fields = 1 + m.rnd.IntN(2)
	case Sum, Avg, Median, Percentile:
		fields = 1
	}
	for i := range wants + fields {
		name := someFields[i%len(someFields)]
		if m.chance(3) {
			name = fmt.Sprintf("alias%d", i)
			if c.Alias == nil {
				c.Alias = map[string]map[string]string{}
			}
			c.Alias[name] = map[string]string{}
			for _, s := range c.Steps {
				c.Alias[name][s.When] = someFields[m.rnd.IntN(len(someFields))]
				if !strings.HasPrefix(s.When, "in") && m.chance(3) {
					c.Alias[name][s.When] += " " + someFields[m.rnd.IntN(len(someFields))]
				}
			}
		}
		if i < wants {
			c.By = append(c.By, name)
		} else {
			c.Field = append(c.Field, name)
		}
	}
}

// text writes a correlation as YAML.
func (m *maker) text(c *Correlate, depth int) string {
	var lines []string
	put := func(format string, args ...any) {
		lines = append(lines, strings.Repeat("  ", depth)+fmt.Sprintf(format, args...))
	}
	put("%s: %s", c.Kind, m.kindText(c))
	if len(c.By) > 0 {
		put("by: %s", m.nameText(c, c.By))
	}
	put("within: %s", spanText(c.Within))
	if c.Window != Sliding || m.chance(4) {
		put("window: %s", c.Window)
	}
	if len(c.Inner) > 0 {
		put("of:")
		for _, in := range c.Inner {
			lines = append(lines, strings.Repeat("  ", depth+1)+in.Name+":", m.text(in, depth+2))
		}
	}
	return strings.Join(lines, "\n")
}

func spanText(d time.Duration) string { return strings.TrimSuffix(d.String(), "0s") }

// nameText writes names, with the aliases among them.
func (m *maker) nameText(c *Correlate, names []string) string {
	var out []string
	for _, n := range names {
		if c.Alias[n] == nil {
			out = append(out, n)
			continue
		}
		var of []string
		for _, step := range slices.Sorted(maps.Keys(c.Alias[n])) {
			fields := strings.Fields(c.Alias[n][step])
			if len(fields) == 1 {
				of = append(of, step+": "+fields[0])
			} else {
				of = append(of, step+": ["+strings.Join(fields, ", ")+"]")
			}
		}
		out = append(out, "{"+n+": {"+strings.Join(of, ", ")+"}}")
	}
	if len(out) == 1 && m.chance(2) {
		return out[0]
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// kindText writes what stands below the kind.
func (m *maker) kindText(c *Correlate) string {
	var names, steps []string
	for _, s := range c.Steps {
		names = append(names, s.When)
		if s.AtLeast == 1 && m.chance(2) {
			steps = append(steps, "{when: "+s.When+"}")
		} else {
			steps = append(steps, fmt.Sprintf("{at_least: %d, when: %s}", s.AtLeast, s.When))
		}
	}
	list := "[" + strings.Join(steps, ", ") + "]"
	switch c.Kind {
	case AnyOrder, Sequence:
		if c.Logic == nil {
			return list
		}
		return "{steps: " + list + ", condition: " + c.Logic.String() + "}"
	case Absence:
		if names[0] == names[1] {
			return "{after: " + names[0] + "}"
		}
		return "{after: " + names[0] + ", of: " + names[1] + "}"
	}
	keys := []string{"when: [" + strings.Join(names, ", ") + "]"}
	if len(names) == 1 && m.chance(2) {
		keys[0] = "when: " + names[0]
	}
	if c.Field != nil {
		keys = append(keys, "of: "+m.nameText(c, c.Field))
	}
	switch {
	case c.Kind == NewValue:
		keys = append(keys, "learn: "+spanText(c.Learn))
	case len(c.Bounds) == 1 && c.Bounds[0].Op == "gte" && m.chance(2):
		keys = append(keys, fmt.Sprintf("at_least: %v", c.Bounds[0].Value))
	default:
		var is []string
		for _, b := range c.Bounds {
			is = append(is, fmt.Sprintf("%s: %v", b.Op, b.Value))
		}
		keys = append(keys, "is: {"+strings.Join(is, ", ")+"}")
	}
	if c.Kind == Percentile {
		keys = append(keys, fmt.Sprintf("percent: %v", c.Percent))
	}
	if c.MinValues > 1 {
		keys = append(keys, fmt.Sprintf("min_values: %d", c.MinValues))
	}
	// The order of keys means nothing.
	m.rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return "{" + strings.Join(keys, ", ") + "}"
}
