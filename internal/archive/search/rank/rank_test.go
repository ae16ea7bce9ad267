package rank

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
)

// Values in the order in which they come first, by field. What is missing is last in both directions.
func TestOrder_Compare(t *testing.T) {
	for path, list := range map[string][]event.Value{
		"user.name":        {event.Str(""), event.Str("Zoe"), event.Str("adam"), event.Str("adam2"), event.Str("김")},
		"source.port":      {event.Num(-5), event.Num(22), event.Num(443), event.Num(2200)},
		"event.sequence":   {event.Num(1<<60 - 1), event.Num(1 << 60), event.Num(1<<60 + 1)},
		"event.risk_score": {event.Real(math.Inf(-1)), event.Real(-0.5), event.Num(0), event.Real(47), event.Real(47.5), event.Real(1e300)},
		"source.ip":        {event.Str("9.1.1.1"), event.Str("10.0.0.1"), event.Str("10.0.0.10"), event.Str("203.0.113.5"), event.Str("2001:db8::1"), event.Str("2001:db8::10")},
		"event.created":    {event.At(time.Unix(0, 1)), event.At(time.Unix(0, 2)), event.At(time.Unix(5, 0))},
		"labels.n":         {event.Str("9"), event.Str("10"), event.Str("10.5"), event.Str("1e3"), event.Str("abc"), event.Str("nan")},
		"no.such":          {event.Num(2), event.Str("10"), event.Str("x")},
	} {
		for _, ascending := range []bool{true, false} {
			o := By(path, ascending)
			for i := range list {
				if o.Compare(None(), o.Key(list[i])) <= 0 || o.Compare(o.Key(event.Nil()), None()) != 0 {
					t.Errorf("%s: what is missing is not last", o)
				}
				for j := range list {
					want := i - j
					// What is no number stands behind the numbers in both directions.
					if !ascending && o.Key(list[i]).class == o.Key(list[j]).class {
						want = -want
					}
					if got := o.Compare(o.Key(list[i]), o.Key(list[j])); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
						t.Errorf("%s: %v and %v: %d", o, list[i], list[j], got)
					}
				}
			}
		}
	}
}

func TestKey_OneValueHasOne(t *testing.T) {
	ip := Parse("source.ip")
	if a, b := ip.Key(event.Str("10.0.0.1")), ip.Key(event.Str("::ffff:10.0.0.1")); a != b {
		t.Error("an address in two forms has two keys")
	}
	up, down := Parse("host.ip"), Parse("-host.ip")
	list := event.Strs("10.0.0.5", "10.0.0.1", "10.0.0.9")
	if up.Key(list) != up.Key(event.Str("10.0.0.1")) || down.Key(list) != down.Key(event.Str("10.0.0.9")) {
		t.Error("of a list not the item that comes first")
	}
	if up.Key(event.Strs()) != None() {
		t.Error("an empty list has a value")
	}
	name := Parse("user.name")
	if a, b := name.Key(event.Str(strings.Repeat("x", 5000))), name.Key(event.Str(strings.Repeat("x", 6000))); a != b || len(a.text) != maxText {
		t.Error("a long text is kept whole")
	}
	if name.Key(event.Str("10")).class != isText {
		t.Error("a keyword is taken for a number")
	}
}

func TestParse_String(t *testing.T) {
	for in, want := range map[string]string{"": "-@timestamp", "@timestamp": "@timestamp", "-@timestamp": "-@timestamp", "user.name": "user.name", "-labels.x": "-labels.x"} {
		if o := Parse(in); o.String() != want || Parse(want) != o {
			t.Errorf("%q: %s", in, o)
		}
	}
	if o := Parse(""); !o.Time() || o.Ascending() || o != (Order{}) {
		t.Error("the usual order is not the newest first")
	}
}

func places(o Order) []Place {
	var out []Place
	for _, v := range []event.Value{event.Str("root"), event.Num(7), event.Num(math.MinInt64), event.Real(0.1), event.Real(1e308), event.Nil(), event.Str("\xff\x00"), event.Str("10.0.0.1")} {
		out = append(out, Place{Key: o.Key(v), Time: int64(len(out)) - 3, ID: fmt.Sprintf("id/%d\"", len(out)), Same: len(out)})
	}
	return out
}

func TestCursor_ComesBack(t *testing.T) {
	for _, s := range []string{"user.name", "-source.port", "source.ip", "-labels.x", "", "@timestamp"} {
		o := Parse(s)
		for _, p := range places(o) {
			if o.Time() {
				p.Key = Key{}
			}
			c := o.Cursor(p)
			if strings.ContainsAny(c, "+/= \"'") {
				t.Errorf("%s needs quotes", c)
			}
			if got, err := o.Place(c); err != nil || got != p {
				t.Errorf("%s: %+v, want %+v (%v)", s, got, p, err)
			}
		}
	}
}

func TestPlace_RefusesWhatIsNone(t *testing.T) {
	o := Parse("user.name")
	good := o.Cursor(places(o)[0])
	for name, c := range map[string]string{
		"empty":            "",
		"words":            "the next page",
		"no base64":        version + "??",
		"no JSON":          version + "AAAA",
		"cut":              good[:len(good)-5],
		"another order":    Parse("-user.name").Cursor(places(o)[0]),
		"of time":          Parse("").Cursor(Place{}),
		"of another kind":  version + "eyJvIjoidXNlci5uYW1lIiwiYyI6OSwidCI6MX0",
		"far too long":     version + strings.Repeat("A", 1<<20),
		"a negative count": version + "eyJvIjoidXNlci5uYW1lIiwibSI6LTEsInQiOjF9",
	} {
		if _, err := o.Place(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestComparePlaces(t *testing.T) {
	o := Parse("user.name")
	root, kim := o.Key(event.Str("root")), o.Key(event.Str("kim"))
	want := []Place{{Key: kim, Time: 9, ID: "b"}, {Key: kim, Time: 5, ID: "a"}, {Key: kim, Time: 5, ID: "b"}, {Key: root, Time: 99, ID: "a"}, {Key: None(), Time: 100}}
	if !slices.IsSortedFunc(want, o.ComparePlaces) {
		t.Error("value, then the newest, then the id")
	}
	old := Parse("@timestamp")
	if !slices.IsSortedFunc([]Place{{Time: 1, ID: "z"}, {Time: 2, ID: "a"}, {Time: 2, ID: "b"}}, old.ComparePlaces) {
		t.Error("the oldest first")
	}
}

// FuzzPlace holds that whatever is read as a place is written as one that reads the same.
func FuzzPlace(f *testing.F) {
	o := Parse("-source.port")
	for _, p := range places(o) {
		f.Add("-source.port", o.Cursor(p))
	}
	f.Add("", Parse("").Cursor(Place{Time: 5, ID: "x"}))
	f.Add("a", "w1_e30")
	f.Fuzz(func(t *testing.T, order, cursor string) {
		o := Parse(order)
		p, err := o.Place(cursor)
		if err != nil {
			return
		}
		again, err := o.Place(o.Cursor(p))
		if err != nil || again != p {
			t.Fatalf("%+v, again %+v (%v)", p, again, err)
		}
		if o.ComparePlaces(p, again) != 0 {
			t.Fatal("a place does not equal itself")
		}
	})
}

func BenchmarkKey(b *testing.B) {
	o := Parse("source.ip")
	v := event.Str("203.0.113.5")
	b.ReportAllocs()
	for b.Loop() {
		o.Key(v)
	}
}
