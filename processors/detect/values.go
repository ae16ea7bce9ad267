package detect

import (
	"strings"
	"time"

	"weir/event"
)

// groupOf returns the values of the group's fields; of a field with several values, the first. False is for a strict
// rule whose event lacks one.
func (c *compiled) groupOf(e *event.Event) ([]string, bool) {
	out := make([]string, len(c.group))
	for i, ref := range c.group {
		s, ok := textOf(ref.Of(e))
		if !ok && c.strict {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// valuesOf copies the fields that an alert shows. Fields that the event lacks are left out: an empty text would look
// like a value.
func (c *compiled) valuesOf(e *event.Event) map[string]string {
	out := make(map[string]string, len(c.values))
	for _, ref := range c.values {
		v := ref.Of(e)
		if v.Kind() == event.List && v.Len() == 1 {
			v = v.Item(0)
		}
		if v.Kind() != event.Absent && v.Kind() != event.Null {
			out[ref.Path()] = copyText(v)
		}
	}
	return out
}

// textOf returns a copy of the value's text; ok is false if there is none.
func textOf(v event.Value) (string, bool) {
	if v.Kind() == event.List {
		if v.Len() == 0 {
			return "", false
		}
		v = v.Item(0)
	}
	s := copyText(v)
	return s, s != ""
}

// copyText returns the value's text in memory of its own: signals outlive the event, whose strings alias the record.
func copyText(v event.Value) string {
	if v.Kind() == event.String {
		return strings.Clone(v.Str())
	}
	var buf [64]byte
	return string(v.AppendText(buf[:0]))
}

// timeOf is weir.time; an event that normalise has not seen has only its own time.
func timeOf(e *event.Event) time.Time {
	for _, f := range []event.Field{event.WeirTime, event.Timestamp} {
		if v := e.Get(f); v.Kind() == event.Time {
			return v.Time()
		}
	}
	return time.Time{}
}
