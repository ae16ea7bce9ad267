package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match"
	"weir/rules"
)

// name is a name under which a signal carries a value, and the fields that it stands for: the first that the event has.
type name struct {
	text string
	refs []event.Ref
}

// condition decides once what the signals of a condition carry. conds are those of the rule, compiled.
func (c *compiled) condition(when *rules.Condition, conds []*match.Cond) condition {
	r := c.rule
	out := condition{of: c, when: when.Name, source: r.Source(when)}
	out.idle = r.Correlate != nil
	by := r.Fold.By
	var values []name
	if path := r.Correlate.PathTo(when.Name); path != nil {
		node := path[len(path)-1]
		by, out.idle = node.By, false
		for _, n := range append(slices.Clone(node.By), node.Field...) {
			values = append(values, nameOf(n, node.Reads(n, when.Name)))
		}
		// What outer correlations read of the completion, for which the match that completes it stands.
		for i, outer := range path[:len(path)-1] {
			for _, n := range append(slices.Clone(outer.By), outer.Field...) {
				if n = outer.Reads(n, path[i+1].Name); !slices.Contains(path[i+1].By, n) {
					values = append(values, nameOf(n, n))
				}
			}
		}
		for _, n := range by {
			out.group = append(out.group, nameOf(n, node.Reads(n, when.Name)))
		}
	} else {
		for _, n := range by {
			out.group = append(out.group, nameOf(n, n))
		}
	}
	// Names come before paths: an alias may be called as a field is, and means what the rule says.
	var paths []string
	for i, cond := range conds {
		if r.When[i].Name == when.Name {
			out.cond = cond
		}
		// Fields of the others too: an alert shows each of its events by what matters in any of them.
		paths = append(paths, cond.Fields()...)
	}
	paths = append(append(append(paths, r.ExplainFields()...), r.Fold.By...), "message")
	// What names stand for is shown under its own path too: that is what searches, exceptions and risk know.
	for _, v := range values {
		for _, ref := range v.refs {
			paths = append(paths, ref.Path())
		}
	}
	for _, path := range paths {
		values = append(values, nameOf(path, path))
	}
	for i, n := range values {
		if !slices.ContainsFunc(values[:i], func(o name) bool { return o.text == n.text }) {
			out.values = append(out.values, n)
		}
	}
	return out
}

// nameOf makes a name of the fields that it stands for, with blanks between them.
func nameOf(text, paths string) name {
	n := name{text: text}
	for path := range strings.FieldsSeq(paths) {
		n.refs = append(n.refs, refOf(path))
	}
	return n
}

// refOf makes a path that no list knows known first: a format that is loaded later may fill it.
func refOf(path string) event.Ref {
	if !match.Known(path) {
		_, _ = event.Register(ecs.Asked, path) // a full table leaves it among the values that no list knows
	}
	return event.MakeRef(path)
}

// of returns the value of the first of the name's fields that has one.
func (n *name) of(e *event.Event) event.Value {
	// In the order in which the rule lists them.
	for i := range n.refs {
		v := n.refs[i].Of(e)
		if v.Kind() == event.List && v.Len() == 1 {
			v = v.Item(0)
		}
		// An empty text is a value, unless another field may have a better one.
		if k := v.Kind(); k == event.Absent || k == event.Null || k == event.List && v.Len() == 0 || k == event.String && v.Str() == "" && i < len(n.refs)-1 {
			continue
		}
		return v
	}
	return event.Value{}
}

// groupOf returns the values of the group's fields; of a field with several values, the first. False is for a strict
// rule whose event lacks one.
func (c *condition) groupOf(e *event.Event) ([]string, bool) {
	out := make([]string, len(c.group))
	for i := range c.group {
		s, ok := textOf(c.group[i].of(e))
		if !ok && c.of.strict {
			return nil, false
		}
		out[i] = keyed(s)
	}
	return out, true
}

// maxKey bounds a value by which groups are told apart, and cutKey is how much of a longer one stays.
const (
	maxKey = 1024
	cutKey = 960
)

// keyed returns a value as it stands in the key of a group. Senders choose how long their texts are, and a key is kept as
// long as its group and goes with each signal; a hash keeps two long ones apart.
func keyed(s string) string {
	if len(s) <= maxKey {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:cutKey], "") + "…" + hex.EncodeToString(sum[:8])
}

// valuesOf copies the fields that an alert shows. Fields that the event lacks are left out: an empty text would look
// like a value.
func (c *condition) valuesOf(e *event.Event) map[string]string {
	out := make(map[string]string, len(c.values))
	for i := range c.values {
		if v := c.values[i].of(e); v.Kind() != event.Absent && v.Kind() != event.Null {
			out[c.values[i].text] = copyText(v)
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
