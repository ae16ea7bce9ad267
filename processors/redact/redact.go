// Package redact takes personal data and secrets out of events before anything stores them.
//
// A rule says where (fields, classes, a condition, or a pattern anywhere) and how: mask, hash, encrypt or drop. What is
// taken out of one place is taken out of all: the message, the original, related.* and every other text of the event hold
// the same replacement, so that neither the archive's index nor Elasticsearch ever sees the value.
package redact

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding/korean"

	"weir/event"
	"weir/internal/match/regexguard"
)

// Tag marks an event of which something was taken out. Which fields it was stands in weir.redacted.
const Tag = "redacted"

// Rules are rules of redaction, ready for use. Immutable but for their counts; safe for many goroutines.
type Rules struct {
	list        []rule
	key         *key
	hits, tried atomic.Int64
}

// rule is one rule, compiled.
type rule struct {
	name    string
	fields  []event.Ref
	classes []string
	when    func(*event.Event) bool // nil: always
	pattern *regexguard.Regex       // nil: the fields' whole values
	how     string
	keep    int
	count   *atomic.Int64
}

// change is one text that gives way to another wherever it stands in the event.
type change struct{ from, to string }

// Len returns how many rules there are.
func (r *Rules) Len() int {
	if r == nil {
		return 0
	}
	return len(r.list)
}

// Counts returns, by rule, in how many events it took something out.
func (r *Rules) Counts() map[string]int64 {
	out := map[string]int64{}
	for i := range r.list {
		out[r.list[i].name] = r.list[i].count.Load()
	}
	return out
}

// Hits returns in how many events something was taken out, and how many were looked at.
func (r *Rules) Hits() (hits, tried int64) {
	if r == nil {
		return 0, 0
	}
	return r.hits.Load(), r.tried.Load()
}

// Apply takes out of e what the rules of its class say. The class must be set.
func (r *Rules) Apply(e *event.Event) {
	if r == nil || len(r.list) == 0 {
		return
	}
	r.tried.Add(1)
	var changes []change
	var paths []string
	for i := range r.list {
		l := &r.list[i]
		if !l.holds(e) {
			continue
		}
		before := len(changes) + len(paths)
		if l.pattern != nil {
			changes = r.patterns(e, l, changes)
		} else {
			changes, paths = r.fields(e, l, changes, paths)
		}
		if len(changes)+len(paths) > before {
			l.count.Add(1)
		}
	}
	if len(changes) == 0 && len(paths) == 0 {
		return
	}
	r.hits.Add(1)
	// Longer texts first: one that holds another must go as a whole.
	slices.SortStableFunc(changes, func(a, b change) int { return len(b.from) - len(a.from) })
	rewriteEvent(e, changes, &paths)
	original(e, changes)
	slices.Sort(paths)
	for _, p := range slices.Compact(paths) {
		e.Append(event.WeirRedacted, p)
	}
	e.Append(event.Tags, Tag)
}

func (l *rule) holds(e *event.Event) bool {
	if len(l.classes) > 0 && !slices.Contains(l.classes, e.Str(event.WeirClass)) {
		return false
	}
	return l.when == nil || l.when(e)
}

// fields gathers the values of the rule's fields.
func (r *Rules) fields(e *event.Event, l *rule, changes []change, paths []string) ([]change, []string) {
	for _, ref := range l.fields {
		v := ref.Of(e)
		if v.Kind() == event.Absent {
			continue
		}
		texts := leaves(v, nil)
		for _, s := range texts {
			if slices.ContainsFunc(changes, func(c change) bool { return c.from == s }) {
				continue
			}
			if to, ok := r.replace(l, s); ok && to != s {
				changes = append(changes, change{s, to})
			}
		}
		if l.how == Drop {
			e.SetPath(ref.Path(), event.Value{})
			paths = append(paths, ref.Path())
			continue
		}
		if out, ok := r.value(e, ref, l, v, changes); ok {
			e.SetPath(ref.Path(), out)
			paths = append(paths, ref.Path())
		}
	}
	return changes, paths
}

// value is the replacement of a field's value, of the field's own type where that is possible.
func (r *Rules) value(e *event.Event, ref event.Ref, l *rule, v event.Value, changes []change) (event.Value, bool) {
	if v.Kind() == event.List {
		items := make([]event.Value, 0, v.Len())
		changed := false
		for i := range v.Len() {
			item, ok := r.value(e, ref, l, v.Item(i), changes)
			if !ok {
				item = v.Item(i)
			}
			changed = changed || ok
			if item.Kind() != event.Absent {
				items = append(items, item)
			}
		}
		return event.Items(items...), changed
	}
	if v.Kind() == event.Object {
		return event.Value{}, true // of an object nothing is left; its texts give way elsewhere too
	}
	s := v.Text()
	at := slices.IndexFunc(changes, func(c change) bool { return c.from == s })
	if at < 0 {
		return v, false
	}
	to := changes[at].to // the same as elsewhere: a cipher text is another one each time
	if f, known := ref.Field(); known {
		if _, fits := f.Fit(event.Str(to)); !fits {
			e.SetMember(event.WeirOther, ref.Path(), event.Str(to)) // a cipher text is no number and no address
			return event.Value{}, true
		}
	}
	return event.Str(to), true
}

// patterns gathers what the pattern finds in any text of the event.
func (r *Rules) patterns(e *event.Event, l *rule, changes []change) []change {
	look := func(v event.Value) {
		for _, s := range leaves(v, nil) {
			for rest := s; rest != ""; {
				start, end, ok := l.pattern.Find(rest)
				if !ok || start == end {
					break
				}
				found := rest[start:end]
				if to, ok := r.replace(l, found); ok && to != found && !slices.ContainsFunc(changes, func(c change) bool { return c.from == found }) {
					changes = append(changes, change{found, to})
				}
				rest = rest[end:]
			}
		}
	}
	e.Each(func(f event.Field, v event.Value) bool {
		if !kept[f] {
			look(v)
		}
		return true
	})
	e.EachExtra(func(_ string, v event.Value) bool {
		look(v)
		return true
	})
	if text, ok := decoded(e); ok {
		look(event.Str(text))
	}
	return changes
}

// kept are fields that hold nothing of the message: they stay as they are whatever they look like.
var kept = map[event.Field]bool{
	event.EventID: true, event.WeirSrc: true, event.WeirClass: true, event.WeirRevision: true, event.WeirOriginalBase64: true, event.ECSVersion: true,
	event.EventDataset: true, event.EventModule: true, event.EventKind: true, event.WeirInput: true, event.WeirTransport: true,
	event.Timestamp: true, event.WeirTime: true, event.EventCreated: true, event.EventIngested: true, event.WeirRedacted: true,
}

// leaves appends the texts within a value; a number or an address is text as it is written.
func leaves(v event.Value, dst []string) []string {
	switch v.Kind() {
	case event.Absent:
	case event.List:
		for i := range v.Len() {
			dst = leaves(v.Item(i), dst)
		}
	case event.Object:
		for i := range v.Len() {
			_, m := v.Member(i)
			dst = leaves(m, dst)
		}
	default:
		if s := v.Text(); s != "" {
			dst = append(dst, s)
		}
	}
	return dst
}

// decoded returns the text of an original that is not UTF-8: as CP949 if it is that.
func decoded(e *event.Event) (string, bool) {
	raw, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if err != nil || len(raw) == 0 {
		return "", false
	}
	text, err := korean.EUCKR.NewDecoder().Bytes(raw)
	if err != nil {
		text = raw
	}
	return strings.ToValidUTF8(string(text), "\ufffd"), true
}

// original rewrites the bytes of an original that is not UTF-8: the values as UTF-8 and as CP949.
func original(e *event.Event, changes []change) {
	raw, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if err != nil || len(raw) == 0 {
		return
	}
	s := string(raw)
	for _, c := range changes {
		s, _ = substitute(s, c.from, c.to)
		if from, err := korean.EUCKR.NewEncoder().String(c.from); err == nil && from != c.from {
			to, err := korean.EUCKR.NewEncoder().String(c.to)
			if err != nil {
				to = "***"
			}
			s = strings.ReplaceAll(s, from, to)
		}
	}
	if s != string(raw) {
		e.Set(event.WeirOriginalBase64, event.Str(base64.StdEncoding.EncodeToString([]byte(s))))
	}
}
