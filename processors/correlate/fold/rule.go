// Package fold joins the hits of rules into alerts: one for each fold group as long as its hits follow each other, with
// revisions that are bounded in number and size, and the suppression of alerts by earlier ones.
package fold

import (
	"slices"
	"strings"
	"time"

	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// Rule is what a rule says of its alerts. It is immutable.
type Rule struct {
	rule *rules.Rule
	// by are the names whose values fold, at their places among those of a hit's group.
	by []string
	at []int
	// named are all names of a hit's group.
	named []string
	needs []int // matches that are needed, per condition; 0: it is for nothing
	gap   int64 // no neighbours of one alert are further apart
	// Of suppression: places among by, and for how long; 0: none.
	entity []int
	quiet  int64
}

// NewRule reads a rule.
func NewRule(r *rules.Rule) Rule {
	f := Rule{rule: r, by: Fields(r), named: r.Fold.By, gap: Span(r.Fold.For), needs: make([]int, len(r.When))}
	if r.Correlate == nil {
		for i := range f.needs {
			f.needs[i] = 1
		}
	} else {
		f.named = r.Correlate.By
		f.gap = max(f.gap, Span(r.Correlate.Within))
		for i, c := range r.When {
			for _, n := range r.Correlate.Nodes() {
				f.needs[i] += needed(n, c.Name)
			}
		}
	}
	for _, name := range f.by {
		f.at = append(f.at, slices.Index(f.named, name))
	}
	if s := r.Suppress; s != nil && s.For > 0 {
		for _, name := range s.By {
			if i := slices.Index(f.by, name); i >= 0 {
				f.entity = append(f.entity, i)
			}
		}
		f.quiet = Span(s.For)
	}
	return f
}

// needed returns how many matches of a condition a correlation asks for.
func needed(c *rules.Correlate, when string) int {
	n := 0
	for _, s := range c.Steps {
		if s.When == when {
			n += max(s.AtLeast, 1)
		}
	}
	if n == 0 || c.Kind != correlation.Count {
		return n
	}
	for _, b := range c.Bounds {
		switch {
		case b.Value < 0 || b.Value > 1<<40:
		case b.Op == "gte" || b.Op == "eq":
			n = max(n, int(b.Value))
		case b.Op == "gt":
			n = max(n, int(b.Value)+1)
		}
	}
	return n
}

// Span returns a time in nanoseconds that sums of times can take.
func Span(d time.Duration) int64 { return min(max(int64(d), 0), kind.Farthest/16) }

// Fields returns the names that fold the hits of a rule: of a correlation, those of fold.by by which it groups, else all
// by which it groups.
func Fields(r *rules.Rule) []string {
	if r.Correlate == nil {
		return r.Fold.By
	}
	var out []string
	for _, f := range r.Fold.By {
		if slices.Contains(r.Correlate.By, f) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return r.Correlate.By
	}
	return out
}

// Key appends the key of the fold group that a group belongs to.
func (f *Rule) Key(dst []byte, group string) []byte { return pick(dst, group, f.at) }

// pick appends the values of a key that stand at some places.
func pick(dst []byte, key string, at []int) []byte {
	var list [8]string
	values := Values(list[:0], key)
	for _, i := range at {
		v := ""
		if i >= 0 && i < len(values) {
			v = values[i]
		}
		dst = AppendValue(dst, v)
	}
	return dst
}

// AppendValue appends a value to a key, such that no two lists of values give the same key.
func AppendValue(dst []byte, value string) []byte {
	n := uint(len(value))
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(append(dst, byte(n)), value...)
}

// Values appends the values of a key, which they are parts of. It ends where the key is none.
func Values(dst []string, key string) []string {
	for len(key) > 0 {
		n, i := 0, 0
		for ; i < len(key) && i < 5; i++ {
			n |= int(key[i]&0x7f) << (7 * i)
			if key[i] < 0x80 {
				break
			}
		}
		if i++; i > len(key) || n > len(key)-i {
			return dst
		}
		dst = append(dst, key[i:i+n])
		key = key[i+n:]
	}
	return dst
}

// Value is what Distinct tells apart of some values: none where one is missing.
func Value(values ...string) string {
	if len(values) == 1 {
		return values[0]
	}
	if slices.Contains(values, "") {
		return ""
	}
	var b []byte
	for _, v := range values {
		b = AppendValue(b, v)
	}
	return strings.Clone(string(b))
}
