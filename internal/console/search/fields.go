package search

import (
	"cmp"
	"slices"
	"strings"

	"weir/internal/console/site"
	"weir/internal/control/searching"
)

// Field is one row of the field list.
type Field struct {
	Name   string
	Events int64 // that have it
	Values []Value
	Column string // address of the page with it as a column, or without
	Shown  bool   // as a column by choice
	Exists string // address of the page with only the events that have it
	Of     int64
}

// Value is one of its most frequent values.
type Value struct {
	Text          string
	Count         int64
	With, Without string // addresses; "" where it cannot be filtered by
}

// Bounds of the list.
const (
	fieldSample = 1000
	fieldValues = 5
	maxValue    = 60 // characters of a value in the list
)

// first are the fields that people look at first; all others follow by name.
var first = []string{"event.dataset", "host.name", "source.ip", "destination.ip", "user.name", "event.action", "event.outcome", "event.category", "process.name", "log.level"}

// fields fills the list: only fields that have a value in what was found, with the values that are there most. Where
// nobody answers the question they are counted on the page itself.
func (h *handler) fields(v *site.View, s State, a *Answer, lines []line) {
	if len(lines) == 0 {
		return
	}
	scope := searching.Scope{Query: s.Q, From: a.From, To: a.To}
	got, err := site.Answer[searching.Fields](v, searching.AskFields, searching.FieldsRequest{Scope: scope, Sample: fieldSample, Values: fieldValues}, nil)
	if err != nil {
		if !site.Missing(err) {
			v.Log.Warn("listing fields", "component", "console", "err", err)
		}
		got = counted(lines)
	}
	a.Sampled = got.Events
	var names []string
	for _, f := range got.Rows {
		if f.Events == 0 {
			continue
		}
		x := Field{Name: f.Name, Events: f.Events, Of: got.Events, Column: s.Column(f.Name), Shown: s.Has(f.Name), Exists: s.Ask(also(s.Q, exists(f.Name)))}
		for _, val := range f.Values {
			y := Value{Text: val.Text, Count: val.Count}
			if filters(val.Text) {
				y.With, y.Without = s.With(f.Name, val.Text), s.Without(f.Name, val.Text)
			}
			x.Values = append(x.Values, y)
		}
		a.Fields = append(a.Fields, x)
		names = append(names, f.Name)
	}
	rank := func(name string) int {
		if i := slices.Index(first, name); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortStableFunc(a.Fields, func(x, y Field) int {
		return cmp.Or(cmp.Compare(rank(x.Name), rank(y.Name)), strings.Compare(x.Name, y.Name))
	})
	a.Names = strings.Join(names, " ")
}

// rare are fields whose values hardly ever repeat.
var rare = []string{"@timestamp", "message", "event.original", "event.id", "event.created", "event.ingested", "event.hash", "weir.src", "weir.time", "weir.original_base64"}

// counted lists the fields of the events that are shown.
func counted(lines []line) searching.Fields {
	out := searching.Fields{Events: int64(len(lines)), Sampled: true}
	by := map[string]map[string]int64{}
	for _, l := range lines {
		for path, value := range l.values {
			if by[path] == nil {
				by[path] = map[string]int64{}
			}
			by[path][value]++
		}
	}
	for path, values := range by {
		f := searching.Field{Name: path, Distinct: int64(len(values))}
		for value, n := range values {
			f.Events += n
			if !slices.Contains(rare, path) && !strings.Contains(value, `\`) { // what was made harmless is not the value any more
				f.Values = append(f.Values, searching.Value{Text: value, Count: n})
			}
		}
		slices.SortFunc(f.Values, func(a, b searching.Value) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
		})
		f.Values = f.Values[:min(len(f.Values), fieldValues)]
		out.Rows = append(out.Rows, f)
	}
	return out
}
