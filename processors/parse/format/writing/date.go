package writing

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/layout"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// dateOp is the step date.
type dateOp struct {
	from   []*step.Place
	to     *step.Place
	set    *layout.Set
	zone   *time.Location // fixed
	zoneAt *step.Place    // or from the event
}

// compileDate compiles the layouts once; what a zone is, a name or a place that has one, is told apart here, so that a message
// with a name of a zone in it costs a look at a map and no more.
// compileDate compiles the step date. Layouts are compiled here, so that one that is none is a fault of the file and not of each event.
func compileDate(c *step.Compiler, n ast.Node) step.Op {
	o := &dateOp{}
	layouts := []string{}
	at := n
	c.Keys("date", n, map[string]func(ast.Node){
		"from": func(n ast.Node) {
			for _, it := range step.ListOf(n) {
				if p := c.Reads(it); p != nil {
					o.from = append(o.from, p)
				}
			}
		},
		"to": func(n ast.Node) { o.to = c.Writes(n) }, "layouts": func(n ast.Node) { at = n; c.Texts("layouts", &layouts)(n) },
		"zone": func(n ast.Node) { zoneOf(c, n, &o.zone, &o.zoneAt) },
	})
	if len(o.from) == 0 && !c.Refused() {
		c.Refuse(n, "add `from: place`", "`date` does not say what is read")
	}
	if o.to == nil {
		o.to = c.At(n, event.Timestamp.Path())
		c.Fills(n, o.to)
	}
	if len(layouts) == 0 {
		layouts = []string{"ISO8601"}
	}
	var err error
	if o.set, err = layout.Compile(layouts); err != nil {
		c.Fail(at, "format-pattern", "", "%s", err.Error())
	}
	return o
}

// zoneOf reads a zone: its name, or the place that has it.
//
// What is the name of a zone is one, though a place could be called so too: no field and no scratch place is called Asia/Seoul.
func zoneOf(c *step.Compiler, n ast.Node, fixed **time.Location, at **step.Place) {
	name, ok := yamlfile.Text(n)
	if !ok {
		c.Refuse(n, "write a name such as Asia/Seoul or +09:00, or a place", "`zone` needs a zone")
		return
	}
	if loc := step.ZoneNamed(name); loc != nil {
		*fixed = loc
		return
	}
	*at = c.Reads(n)
}

// Run reads the text by the layouts in order. A value that is a time already goes on as it is, so that a format may read a date
// that an agent has read before. A year far from ours is refused: it is a number that is no time.
// Run reads the time. Nothing to read is no failure: a line without its time keeps the time of its header or of its receipt. A year
// that no event can be of is one, since such a time would be in no index that anybody searches.
func (o *dateOp) Run(m *step.Machine) error {
	var s string
	if len(o.from) == 1 {
		v := m.Get(o.from[0])
		if v.Kind() == event.Time {
			m.Put(o.to, v)
			return nil
		}
		s, _ = m.Text(v)
	} else {
		s = m.Build(func(b []byte) []byte {
			from := len(b)
			for _, p := range o.from {
				v := m.Get(p)
				if v.Kind() == event.Absent || v.Kind() == event.Null {
					continue
				}
				if len(b) > from {
					b = append(b, ' ')
				}
				b = v.AppendText(b)
			}
			return b
		})
	}
	if s = strings.TrimSpace(s); m.Nothing(s) {
		return nil
	}
	loc := o.location(m)
	t, hasZone, err := o.set.Parse(s, m.Received(), loc)
	if err != nil {
		return step.Failed(o.from[0].Path, err.Error())
	}
	if y := t.Year(); y < 1700 || y > 2250 {
		return step.Failed(o.from[0].Path, "the year "+strconv.Itoa(y)+" is no time of an event")
	}
	m.Put(o.to, event.At(t))
	// What the clock of the device showed is a part of the event: it says what "at night" means there.
	if o.to.Is(event.Timestamp) && !hasZone && !m.Event().Has(event.EventTimezone) {
		if _, east := t.In(loc).Zone(); east != 0 {
			m.Event().Set(event.EventTimezone, event.Str(t.In(loc).Format("-07:00")))
		}
	}
	return nil
}

// location is the zone of a time that names none: the step's own, the event's, the format's, the device's.
func (o *dateOp) location(m *step.Machine) *time.Location {
	if o.zone != nil {
		return o.zone
	}
	if o.zoneAt != nil {
		if s, ok := m.TextOf(o.zoneAt); ok {
			if loc := m.ZoneNamed(s); loc != nil {
				return loc
			}
		}
	}
	return m.Location()
}
