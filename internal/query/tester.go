package query

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/event/ecs"
)

// tester is the condition on one value, which is never absent, null, a list or an object.
// A value is compared in the type of its field, and read into it where the sender wrote another: numbers and booleans
// come as texts from many devices, and must be found all the same.
type tester interface {
	test(v event.Value) bool
}

// termTester returns the test of one value for a field of type t, or why the field cannot have such a value.
func termTester(t ecs.Type, l Lit, now time.Time) (tester, string) {
	switch t {
	case ecs.Text:
		return newTextTester(l), ""
	case ecs.Long, ecs.Double:
		if n, ok := parseNumber(l.Text); ok && !l.Wild() {
			return numberTester{n, "="}, ""
		}
		return nil, "is a number"
	case ecs.Date:
		if m := momentOf(l.Text, now); m.ok && !l.Wild() {
			return spanTester{m.from, m.to}, ""
		}
		return nil, "is a date (2026-11-21, now-15m)"
	case ecs.Boolean:
		if l.Text == "true" || l.Text == "false" {
			return boolTester(l.Text == "true"), ""
		}
		return nil, "is true or false"
	case ecs.IP:
		return addrTest(l)
	case ecs.GeoPoint:
		return nil, "is a point on the map and has no text"
	case ecs.Flattened, ecs.Nested:
		if n, ok := parseNumber(l.Text); ok && !l.Wild() {
			return openTester{keywordTester{l}, numberTester{n, "="}}, ""
		}
	}
	return keywordTester{l}, "" // keywords, and open keys whose value is no number
}

// rangeTester returns the test of an order for a field of type t, or why the field has none.
func rangeTester(t ecs.Type, r *Range) (tester, string) {
	switch t {
	case ecs.Text:
		return nil, "is text, which has no order"
	case ecs.Long, ecs.Double:
		if n, ok := parseNumber(r.Value.Text); ok {
			return numberTester{n, r.Op}, ""
		}
		return nil, "is a number"
	case ecs.Date:
		if r.ok {
			return timeTester{r.bound(), r.Op[0] == '>'}, ""
		}
		return nil, "is a date (2026-11-21, now-15m)"
	case ecs.IP:
		if a, err := netip.ParseAddr(r.Value.Text); err == nil {
			return addrOrder{a.WithZone("").As16(), r.Op}, ""
		}
		return nil, "is an address; a network is written as `source.ip: 10.0.0.0/8`"
	case ecs.Boolean, ecs.GeoPoint:
		return nil, "has no order"
	case ecs.Flattened, ecs.Nested:
		if n, ok := parseNumber(r.Value.Text); ok {
			return openTester{textOrder{r.Value.Text, r.Op}, numberTester{n, r.Op}}, ""
		}
	}
	return textOrder{r.Value.Text, r.Op}, ""
}

// within tells what an order says of a comparison's result.
func within(c int, op string) bool {
	switch op {
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	}
	return c == 0
}

// presence is true for any value: absent ones, nulls and empty lists never come to a test.
type presence struct{}

// test is true: that there is a value is all that was asked.
func (presence) test(event.Value) bool { return true }

// keywordTester compares the whole value as text.
type keywordTester struct{ l Lit }

// test compares without a copy: values of keyword fields are texts, all but always.
func (t keywordTester) test(v event.Value) bool {
	if v.Kind() == event.String {
		return t.l.Match(v.Str())
	}
	var buf [64]byte // numbers and times fit: they are compared without a copy on the heap
	text := v.AppendText(buf[:0])
	if t.l.Parts == nil {
		return string(text) == t.l.Text
	}
	return t.l.Match(string(text))
}

// textOrder compares the bytes of the whole value.
type textOrder struct {
	text string
	op   string
}

// test compares bytes, which for UTF-8 is the order of code points: the same on every machine, in no language's order.
func (t textOrder) test(v event.Value) bool {
	if v.Kind() == event.String {
		return within(strings.Compare(v.Str(), t.text), t.op)
	}
	var buf [64]byte
	text := v.AppendText(buf[:0])
	return within(strings.Compare(string(text), t.text), t.op)
}

// openTester is for values of no known type, as they stand below weir.data and labels: as numbers where they are
// numbers, else as text.
type openTester struct {
	text   tester
	number numberTester
}

// test tries the number first: "0800" and 800 are the same count, and no sender says which of its keys are counts.
func (t openTester) test(v event.Value) bool {
	if c, ok := t.number.n.compare(v); ok {
		return within(c, t.number.op)
	}
	return t.text.test(v)
}

// number is a number of a query: exact as an integer where it is one.
type number struct {
	i     int64
	f     float64
	whole bool
}

// parseNumber takes what strconv takes but for its special words and forms: 0x10, 1_000, inf and NaN are texts in a log.
func parseNumber(s string) (number, bool) {
	digits := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits = true
		case c == '-', c == '+', c == '.', c == 'e', c == 'E':
		default:
			return number{}, false
		}
	}
	if !digits || len(s) > 64 { // what is longer is no number that a log holds, and would cost time
		return number{}, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number{i, float64(i), true}, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return number{f: f}, err == nil
}

// compare orders v against n; ok is false if v is no number.
func (n number) compare(v event.Value) (c int, ok bool) {
	var m number
	switch v.Kind() {
	case event.Int:
		m = number{v.Int(), v.Float(), true}
	case event.Float:
		m = number{f: v.Float()}
	case event.String:
		if m, ok = parseNumber(v.Str()); !ok {
			return 0, false
		}
	default:
		return 0, false
	}
	switch {
	case m.whole && n.whole && m.i != n.i:
		if m.i < n.i {
			return -1, true
		}
		return 1, true
	case m.whole && n.whole:
		return 0, true
	case m.f < n.f:
		return -1, true
	case m.f > n.f:
		return 1, true
	}
	return 0, true
}

// numberTester compares as numbers; what is no number fails it, whatever the order.
type numberTester struct {
	n  number
	op string
}

// test is false for what is no number, and so is its opposite: > and <= are both false for a text.
func (t numberTester) test(v event.Value) bool {
	c, ok := t.n.compare(v)
	return ok && within(c, t.op)
}

// boolTester takes a boolean, or the word for it: not every sender writes JSON booleans.
type boolTester bool

// test takes no numbers: 1 may be a count.
func (t boolTester) test(v event.Value) bool {
	switch v.Kind() {
	case event.Bool:
		return v.Bool() == bool(t)
	case event.String:
		return v.Str() == strconv.FormatBool(bool(t))
	}
	return false
}

// timeOf reads the value of a date field: a number is milliseconds, as Elasticsearch takes it.
func timeOf(v event.Value) (ns int64, ok bool) {
	switch v.Kind() {
	case event.Time:
		return v.Int(), true
	case event.Int:
		return nanos(time.UnixMilli(v.Int())), true
	case event.String:
		if from, _, ok := dateSpan(v.Str(), time.UTC); ok {
			return nanos(from), true
		}
	}
	return 0, false
}

// spanTester is true within a span of time.
type spanTester struct{ from, to int64 }

// test takes the begin of the span and not its end, so that two spans side by side share no event.
func (t spanTester) test(v event.Value) bool {
	ns, ok := timeOf(v)
	return ok && ns >= t.from && ns < t.to
}

// timeTester is true from a moment on, or before it.
type timeTester struct {
	at    int64
	after bool
}

// test is false without a time, both before and after.
func (t timeTester) test(v event.Value) bool {
	ns, ok := timeOf(v)
	return ok && (ns >= t.at) == t.after
}
