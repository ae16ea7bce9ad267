package expression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/match/source"
)

// document is an Env over one JSON document: slots are the places in the order in which they were resolved.
type document struct {
	doc    event.Value
	places []string
}

// newDocument reads a document; $time in it is a time.
func newDocument(tb testing.TB, text string) *document {
	tb.Helper()
	v, err := event.ParseValue([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return &document{doc: v}
}

func (d *document) resolve(path string) (int, error) {
	if path == "unknown.place" {
		return 0, errors.New("there is no field unknown.place")
	}
	d.places = append(d.places, path)
	return len(d.places) - 1, nil
}

func (d *document) Value(slot int) event.Value {
	v := d.doc
	for _, part := range splitPlace(d.places[slot]) {
		if n, err := strconv.Atoi(part); err == nil && v.Kind() == event.List {
			v = memberOf(v, event.Num(int64(n)))
			continue
		}
		v = memberOf(v, event.Str(part))
	}
	if s, ok := strings.CutPrefix(v.Str(), "$time "); ok {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			panic(err)
		}
		return event.At(t)
	}
	return v
}

func splitPlace(path string) []string {
	var out []string
	for path != "" {
		if path[0] == '"' {
			end := strings.IndexByte(path[1:], '"') + 1
			out, path = append(out, path[1:end]), strings.TrimPrefix(path[end+1:], ".")
			continue
		}
		part, rest, _ := strings.Cut(path, ".")
		out, path = append(out, part), rest
	}
	return out
}

func (d *document) compile(tb testing.TB, src string) *Program {
	tb.Helper()
	p, err := Compile(src, d.resolve)
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	return p
}

// spell writes a value with its kind, so that 1, 1.0 and "1" differ.
func spell(v event.Value) string {
	switch v.Kind() {
	case event.Absent:
		return "absent"
	case event.Null:
		return "nil"
	case event.Time:
		return "time " + v.Text()
	case event.Float:
		return "float " + v.Text()
	}
	return string(v.AppendJSON(nil))
}

const sample = `{
	"source": {"ip": "10.1.2.3", "port": 443}, "event": {"type": ["start", "info"], "code": 4625}, "message": "user root denied",
	"@timestamp": "$time 2024-05-01T10:00:00Z", "start": "$time 2024-05-01T09:59:58.5Z",
	"_t": "abc", "_n": "80", "_f": "2.5", "_neg": "-3", "_empty": "", "_null": null, "_yes": true, "_no": false, "_true": "True",
	"_list": ["a", "b", "c"], "_nums": [1, 2, 3], "_one": ["x"], "_big": 9223372036854775807, "_port": 8080, "_real": 1.5,
	"_o": {"a": {"b": "deep"}, "a b": "blank", "x.y": "dotted", "0": "zero", "list": [{"n": "first", "v": 1}, {"n": "second", "v": 2, "w": "W"}]},
	"_key": "a", "_at": 1
}`

// FuzzCompile holds that no text of an expression and no document make trouble: the same value twice, and none that is larger
// than allowed.
func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		`_t == "abc" and source.port in [80, 443]`, `$["@timestamp"] - start`, `_list.0 + _o.list.n[0]`, `map(filter(_o.list, .v > 1), .n)`, `replace(_t, "a", _t)`, `_x + _x + _x`, `_o["a\"b"] ?? _o?.a.b`,
		`find(message, "(\\w+) denied$") + unescape("\\u0041\\n") + hex(_port)`, `split(join(_list, ","), ",")[1:-1]`, `object(_o.list, "n", "v")`, `if _yes { 1 } else { -_big * _big }`, `date("01/02", "MM/dd")`, `cidr(source.ip, "10.0.0.0/8")`, `duration("1d 2h") + seconds(_f)`, `_t[1:2] | upper()`,
	} {
		f.Add(src, sample)
	}
	f.Fuzz(func(t *testing.T, src, doc string) {
		v, err := event.ParseValue([]byte(strings.ReplaceAll(doc, "$time", "")))
		if err != nil || len(doc) > 1<<16 {
			return
		}
		d := &document{doc: v}
		p, err := Compile(src, d.resolve)
		if err != nil {
			e, ok := errors.AsType[*source.Error](err)
			if !ok || e.Line < 1 || e.Col < 1 || e.Msg == "" {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		a, b := p.Eval(d), p.Eval(d)
		first, second := p.Holds(d), p.Holds(d)
		if spell(a) != spell(b) || first != second {
			t.Fatalf("%q: %s, then %s", src, spell(a), spell(b))
		}
		if a.Kind() == event.String && len(a.Str()) > maxText+len(src)+len(doc) {
			t.Fatalf("%q: a text of %d bytes", src, len(a.Str()))
		}
	})
}

// BenchmarkHolds is what every event pays for conditions: no memory.
func BenchmarkHolds(b *testing.B) {
	for _, src := range []string{
		`_t == "abc"`, `source.ip != nil`, `_t == "abc" and source.port in [80, 443] and source.ip != nil`, `_n > 79`, `message contains "denied"`, `_t in ["x", "y", "abc"]`, `event.type == "info"`,
		`message matches "^user \\w+ denied$"`, `cidr(source.ip, "10.0.0.0/8")`, `ieq(_t, "ABC")`, `glob(message, "user*")`, `(_absent ?? _t) == "abc"`, `has(_list, "c")`,
	} {
		b.Run(src, func(b *testing.B) {
			d := newDocument(b, sample)
			p := d.compile(b, src)
			// The values are looked up before: it is the expression that is measured.
			env := d.slots()
			b.ReportAllocs()
			for b.Loop() {
				p.Holds(env)
			}
		})
	}
}

// slots is an Env of values that are there already.
type slots []event.Value

// slots looks all places up.
func (d *document) slots() Env {
	env := make(slots, len(d.places))
	for i := range env {
		env[i] = d.Value(i)
	}
	return env
}

func (s slots) Value(slot int) event.Value { return s[slot] }

// TestHoldsAllocates holds the benchmark's promise.
func TestHoldsAllocates(t *testing.T) {
	for _, src := range []string{
		`_t == "abc" and source.port in [80, 443] and source.ip != nil`, `_n > 79 or _t matches "^a"`, `_t in ["x", "abc"] and event.type == "info"`, `cidr(source.ip, "10.0.0.0/8") and ieq(_t, "ABC")`, `message contains "denied" ? _yes : _no`, `_n * 2 == 160`, `lower(_t) == "abc"`,
	} {
		d := newDocument(t, sample)
		p := d.compile(t, src)
		env := d.slots()
		if n := testing.AllocsPerRun(100, func() { p.Holds(env) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}

func Example() {
	places := map[string]int{}
	p, err := Compile(`_kv.action == "deny" ? "denied" : "allowed"`, func(path string) (int, error) {
		places[path] = len(places)
		return places[path], nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(places, p.Eval(slots{event.Str("deny")}))
	// Output: map[_kv.action:0] denied
}
