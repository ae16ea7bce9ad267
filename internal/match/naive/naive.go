// Package naive evaluates the tree of a condition straight from what each test is said to mean: nothing is folded ahead,
// remembered, reordered, indexed or left out. It is slow, and it is what everything faster is compared with.
package naive

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// Env is what a tree needs beside the event.
type Env struct {
	// InList tells whether a value is in the list of a name; nil: there are no lists.
	InList func(name, value string) bool
	// Code runs a part that is source; nil: such parts hold for no event.
	Code func(src string, e *event.Event) bool
}

// Holds tells whether the tree holds for the event. Each of lists tells whether a value is in the list of a name.
func Holds(n *tree.Node, e *event.Event, lists ...func(name, value string) bool) bool {
	return Env{InList: func(name, value string) bool {
		return slices.ContainsFunc(lists, func(l func(name, value string) bool) bool { return l(name, value) })
	}}.Holds(n, e)
}

// Holds tells whether the tree holds for the event.
func (env Env) Holds(n *tree.Node, e *event.Event) bool {
	switch n.Op {
	case tree.And:
		for _, k := range n.Kids {
			if !env.Holds(k, e) {
				return false
			}
		}
		return true
	case tree.Or:
		for _, k := range n.Kids {
			if env.Holds(k, e) {
				return true
			}
		}
		return false
	case tree.Not:
		return !env.Holds(n.Kids[0], e)
	}
	return env.test(n.Test, e)
}

// test evaluates a leaf: some value of the field satisfies it. Values are looked up each time, by path.
func (env Env) test(t *tree.Test, e *event.Event) bool {
	switch t.Kind {
	case kind.Constant:
		return len(t.Values) > 0
	case kind.Code:
		return env.Code != nil && env.Code(t.Values[0], e)
	case kind.Exists:
		return exists(e.GetPath(t.Field))
	case kind.Absent:
		return !exists(e.GetPath(t.Field))
	}
	// Also of a test that could not hold: what is compared with nothing here is false by itself.
	for _, v := range values(t.Field, e) {
		if env.value(t, v, e) {
			return true
		}
	}
	return false
}

// exists: null is no value, and a list of nothing else is none.
func exists(v event.Value) bool {
	if v.Kind() == event.List {
		for i := range v.Len() {
			if v.Item(i).Kind() != event.Null {
				return true
			}
		}
		return false
	}
	return v.Kind() != event.Absent && v.Kind() != event.Null
}

// single is one value of a field. deep: it stands in a list within a list, or in an object, where operators do not look.
type single struct {
	event.Value
	deep bool
}

// values returns the single values of a field.
func values(field string, e *event.Event) (out []single) {
	if field != tree.Any {
		if v := e.GetPath(field); v.Kind() != event.Absent && v.Kind() != event.Null && v.Kind() != event.Object {
			collect(v, 0, &out)
			return out
		}
		e.Each(func(f event.Field, v event.Value) bool { reached(f.Path(), v, field, &out); return true })
		e.EachExtra(func(path string, v event.Value) bool { reached(path, v, field, &out); return true })
		return out
	}
	e.Each(func(f event.Field, v event.Value) bool {
		if !ours(f.Path()) {
			collect(v, 0, &out)
		}
		return true
	})
	e.EachExtra(func(_ string, v event.Value) bool { collect(v, 0, &out); return true })
	return out
}

// reached takes what lies at the field or below it out of a value that lies at a path, whatever objects and lists of objects
// are on the way. No operator looks there.
func reached(path string, v event.Value, field string, out *[]single) {
	if path == field || strings.HasPrefix(path, field+".") {
		collect(v, 2, out)
		return
	}
	if !strings.HasPrefix(field, path+".") {
		return
	}
	// The path of a member is longer, so this ends.
	switch v.Kind() {
	case event.List:
		for i := range v.Len() {
			reached(path, v.Item(i), field, out)
		}
	case event.Object:
		for i := range v.Len() {
			key, m := v.Member(i)
			reached(path+"."+key, m, field, out)
		}
	}
}

// collect takes a value apart, however deep: that is what functions see. What lies in an object is deep.
func collect(v event.Value, depth int, out *[]single) {
	switch v.Kind() {
	case event.Absent, event.Null:
	case event.List:
		for i := range v.Len() {
			collect(v.Item(i), depth+1, out)
		}
	case event.Object:
		for i := range v.Len() {
			_, m := v.Member(i)
			collect(m, depth+2, out)
		}
	default:
		*out = append(*out, single{v, depth > 1})
	}
}

// ours tells which fields $env leaves out: what weir and agents say about a record, the words of ECS for kinds of events and
// of formats for levels and makers, the copies in related.*, and the record as it came.
func ours(path string) bool {
	// Written down once more, and not taken from what is tested.
	top, rest, _ := strings.Cut(path, ".")
	next, deep, _ := strings.Cut(rest, ".")
	switch top {
	case "related", "ecs", "agent", "input", "elastic_agent", "data_stream":
		return rest != ""
	case "weir":
		return rest != "" && next != "data" && next != "other" && next != "tcp"
	case "event":
		return slices.Contains(strings.Fields("id ingested created original sequence hash kind category type outcome dataset module"), rest)
	case "observer":
		return rest == "type" || rest == "vendor" || rest == "product"
	case "log":
		switch next {
		case "offset", "level":
			return deep == ""
		case "file":
			return deep != ""
		case "source":
			return deep == "address"
		case "syslog":
			name, sub, _ := strings.Cut(deep, ".")
			return deep == "priority" || deep == "version" || sub != "" && (name == "facility" || name == "severity")
		}
	}
	return false
}

// value tells whether one value satisfies the test.
func (env Env) value(t *tree.Test, v single, e *event.Event) bool {
	// Numbers first: Equal with a form is one of them.
	if numeric(t) {
		n, ok := number(t, v, e)
		return ok && slices.ContainsFunc(t.Values, func(want string) bool { return compares(t.Kind, n, want) })
	}
	// Operators see the type of a value, and no lists within lists.
	text := v.Kind() == event.String && !v.deep
	operator := !t.Fold && (t.Kind == kind.Equal || t.Kind == kind.Contains || t.Kind == kind.StartsWith || t.Kind == kind.EndsWith) || t.Operator
	if t.Kind == kind.Equal && operator && v.Kind() == event.Time && !v.deep && t.Field != tree.Any {
		return slices.ContainsFunc(t.Values, func(want string) bool { return moment(v.Value, want) })
	}
	if operator && !text && t.Field != tree.Any {
		return false
	}
	// Another field gives texts as functions see them, each of which is as good as a constant.
	wanted := t.Values
	if t.Other != "" {
		wanted = nil
		for _, o := range values(t.Other, e) {
			wanted = append(wanted, o.Text())
		}
	}
	for _, want := range wanted {
		if env.text(t, v.Text(), want) {
			return true
		}
	}
	return false
}

// moment tells whether a text is another way to write a time.
func moment(v event.Value, want string) bool {
	at, err := time.Parse(time.RFC3339Nano, want)
	return err == nil && at.Equal(v.Time())
}

// text tells whether one text satisfies the test with one of its values.
func (env Env) text(t *tree.Test, s, want string) bool {
	switch t.Kind {
	case kind.Equal:
		return same(s, want, t.Fold)
	case kind.Contains:
		// Every part of s that has as many letters as what is looked for.
		for i := 0; ; {
			if beginsWith(s[i:], want, t.Fold) {
				return true
			}
			if i == len(s) {
				return false
			}
			i += step(s[i:], t.Fold)
		}
	case kind.StartsWith:
		return beginsWith(s, want, t.Fold)
	case kind.EndsWith:
		// From every place on: where case does not count, what is left may have another length than what is looked for.
		for i := 0; i <= len(s); i += step(s[i:], t.Fold) {
			if same(s[i:], want, t.Fold) {
				return true
			}
			if i == len(s) {
				break
			}
		}
		return false
	case kind.Glob:
		return glob([]rune(valid(s)), pattern(want), t.Fold)
	case kind.Regex:
		return regexp.MustCompile(want).MatchString(s)
	case kind.CIDR:
		return inNetwork(s, want)
	case kind.InList:
		return env.InList != nil && env.InList(want, s)
	}
	return false
}

// step is how far the next place is at which something may begin: a letter, or where case counts a byte.
func step(s string, fold bool) int {
	if !fold {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// same is the one comparison of texts that there is: EqualFold of the library decides what case is.
func same(a, b string, fold bool) bool {
	if fold {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// beginsWith compares as many letters of s as want has, or as many bytes.
func beginsWith(s, want string, fold bool) bool {
	n := len(want)
	if fold {
		n = 0
		for range utf8.RuneCountInString(want) {
			if n == len(s) {
				return false
			}
			n += step(s[n:], true)
		}
	}
	return n <= len(s) && same(s[:n], want, fold)
}

// valid writes bytes that are no UTF-8 in a way in which they stay different from each other as runes.
func valid(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			r = 0xf700 + rune(s[i]) // of the letters that nobody uses
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// letter is one character of a pattern: a letter, or a wildcard.
type letter struct {
	r    rune
	wild bool
}

// pattern reads a glob into its characters, so that glob has no escapes to think of.
func pattern(s string) (out []letter) {
	rs := []rune(valid(s))
	for i := 0; i < len(rs); i++ {
		switch {
		case rs[i] == '\\' && i+1 < len(rs):
			i++
			out = append(out, letter{r: rs[i]})
		default:
			out = append(out, letter{rs[i], rs[i] == '*' || rs[i] == '?'})
		}
	}
	return out
}

// glob fills the table of which beginnings of the text match which beginnings of the pattern.
func glob(s []rune, p []letter, fold bool) bool {
	// May[i]: the first i letters match the characters so far. Each character makes the next row of the table.
	may := make([]bool, len(s)+1)
	may[0] = true
	for _, l := range p {
		next := make([]bool, len(s)+1)
		for i := range next {
			switch {
			case l.wild && l.r == '*':
				next[i] = may[i] || i > 0 && next[i-1]
			case i > 0 && may[i-1]:
				next[i] = l.wild || same(string(s[i-1]), string(l.r), fold) || fold && wrong(s[i-1]) && wrong(l.r)
			}
		}
		may = next
	}
	return may[len(s)]
}

// wrong tells whether a rune stands for a byte that is no UTF-8, all of which are alike where case does not count.
func wrong(r rune) bool { return r >= 0xf700 && r <= 0xf7ff || r == utf8.RuneError }

// inNetwork parses both sides for every value. An IPv4 address within IPv6 is one of IPv4, and so is a network of them.
func inNetwork(s, network string) bool {
	ip, err := netip.ParseAddr(s)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	if one, err := netip.ParseAddr(network); err == nil {
		return one.Unmap() == ip
	}
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return false
	}
	if ip.Is4() && p.Addr().Is4In6() && p.Bits() >= 96 { // 10.0.0.0/8 written as ::ffff:10.0.0.0/104
		return p.Contains(netip.AddrFrom16(ip.As16()))
	}
	return p.Contains(ip)
}

// numeric tells whether the test compares numbers.
func numeric(t *tree.Test) bool {
	return t.Kind >= kind.Less && t.Kind <= kind.GreaterEqual || t.Kind == kind.Equal && t.Form != form.Plain
}

// number returns what the form of the test makes of a value, written as a decimal number.
func number(t *tree.Test, v single, e *event.Event) (string, bool) {
	switch t.Form {
	case form.Plain:
		if t.Field != tree.Any && (v.deep || v.Kind() != event.Int && v.Kind() != event.Float) {
			return "", false
		}
		return tree.Canonical(v.Text())
	case form.Number:
		return tree.Canonical(v.Text())
	}
	// The rest are forms of times. A text that is no time gives no number.
	at, err := time.Parse(time.RFC3339Nano, v.Text())
	if err != nil {
		return "", false
	}
	at = at.UTC()
	if t.Form != form.Age { // the clock where the event was logged
		at = at.In(zone(e.GetPath("event.timezone").Str()))
	}
	_, week := at.ISOWeek()
	switch t.Form {
	case form.Minute:
		return strconv.Itoa(at.Minute()), true
	case form.Hour:
		return strconv.Itoa(at.Hour()), true
	case form.Day:
		return strconv.Itoa(at.Day()), true
	case form.Week:
		return strconv.Itoa(week), true
	case form.Weekday:
		return strconv.Itoa(map[time.Weekday]int{time.Monday: 1, time.Tuesday: 2, time.Wednesday: 3, time.Thursday: 4, time.Friday: 5, time.Saturday: 6, time.Sunday: 7}[at.Weekday()]), true
	case form.Month:
		return strconv.Itoa(int(at.Month())), true
	case form.Year:
		return strconv.Itoa(at.Year()), true
	case form.Age:
		now := e.GetPath("weir.time")
		if now.Kind() != event.Time {
			now = e.GetPath("@timestamp")
		}
		return strconv.FormatFloat(now.Time().Sub(at).Seconds(), 'f', -1, 64), now.Kind() == event.Time
	}
	return "", false
}

// zone is what event.timezone says: an offset or a name, UTC where it says neither.
func zone(name string) *time.Location {
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if at, err := time.Parse(layout, name); err == nil {
			_, seconds := at.Zone()
			return time.FixedZone(name, seconds)
		}
	}
	if loc, err := time.LoadLocation(name); err == nil && name != "Local" {
		return loc
	}
	return time.UTC
}

// compares tells whether a number is to another one as the kind says. Whole numbers are compared as such.
func compares(k kind.Kind, a, b string) bool {
	// Both sides as text, so that nothing is lost before it is known what they are.
	c := 0
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		c = order(x, y)
	} else {
		fx, _ := strconv.ParseFloat(a, 64)
		fy, _ := strconv.ParseFloat(b, 64)
		c = order(fx, fy)
	}
	switch k {
	case kind.Equal:
		return c == 0
	case kind.Less:
		return c < 0
	case kind.LessEqual:
		return c <= 0
	case kind.Greater:
		return c > 0
	case kind.GreaterEqual:
		return c >= 0
	}
	return false
}

// order is cmp.Compare without its order for what is no number: there is none.
func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
