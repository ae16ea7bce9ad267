package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestConform_Repair(t *testing.T) {
	at := At(time.UnixMilli(1700000000123))
	tests := []struct {
		name  string
		field Field
		v     Value
		want  string
	}{
		{"text in a number", SourcePort, Str("80"), `80`},
		{"text with blanks in a number", SourcePort, Str(" 80\t"), `80`},
		{"negative text in a number", EventSeverity, Str("-1"), `-1`},
		{"whole float in a number", SourceBytes, Real(1e6), `1000000`},
		{"text of a whole float in a number", SourceBytes, Str("12.0"), `12`},
		{"number in a keyword", EventCode, Num(4624), `"4624"`},
		{"float in a keyword", EventCode, Real(1.5), `"1.5"`},
		{"truth in a keyword", EventCode, Truth(true), `"true"`},
		{"time in a keyword", EventCode, at, `"2023-11-14T22:13:20.123Z"`},
		{"number in a text", Message, Num(1), `"1"`},
		{"text in a truth", ProcessInteractive, Str("true"), `true`},
		{"text in a truth, capitals", ProcessInteractive, Str(" False "), `false`},
		{"text in a float", EventRiskScore, Str("4.5"), `4.5`},
		{"whole number in a float", EventRiskScore, Num(4), `4`},
		{"text in a date", EventCreated, Str("2023-11-14T22:13:20.123Z"), `"2023-11-14T22:13:20.123Z"`},
		{"milliseconds in a date", EventCreated, Num(1700000000123), `"2023-11-14T22:13:20.123Z"`},
		{"milliseconds as text in a date", EventCreated, Str("1700000000123"), `"2023-11-14T22:13:20.123Z"`},
		{"milliseconds as float in a date", EventCreated, Real(1700000000123), `"2023-11-14T22:13:20.123Z"`},
		{"address with blanks", SourceIP, Str(" 192.0.2.1 "), `"192.0.2.1"`},
		{"one value for a list", Tags, Str("a"), `["a"]`},
		{"one number for a list of keywords", Tags, Num(1), `["1"]`},
		{"one address for a list", HostIP, Str("192.0.2.1"), `["192.0.2.1"]`},
		{"list with a number", Tags, Items(Str("a"), Num(1), Nil()), `["a","1"]`},
		{"list in a field of one", SourcePort, Items(Str("1"), Num(2)), `[1,2]`},
		{"object for a list of objects", DNSAnswers, Members(Str("data"), Str("x")), `[{"data":"x"}]`},
		{"IPv6", SourceIP, Str("2001:db8::1"), `"2001:db8::1"`},
		{"IPv4 in IPv6", SourceIP, Str("::ffff:192.0.2.1"), `"::ffff:192.0.2.1"`},
		{"place", SourceGeoLocation, Members(Str("lat"), Real(1), Str("lon"), Num(2)), `{"lat":1.0,"lon":2}`},
		{"place as list", SourceGeoLocation, Items(Num(2), Num(1)), `[2,1]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			e.Set(tt.field, tt.v)
			for range 2 { // the second time nothing is left to do
				e.Conform()
				if got := string(e.Get(tt.field).AppendJSON(nil)); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				if e.Len() != 1 {
					t.Errorf("more was set: %s", e.AppendJSON(nil))
				}
			}
		})
	}
}

func TestConform_Other(t *testing.T) {
	tests := []struct {
		name  string
		field Field
		v     Value
		want  string // below weir.other
	}{
		{"word in a number", SourcePort, Str("http"), `"http"`},
		{"broken number", SourcePort, Str("1.5"), `"1.5"`},
		{"number with exponent", SourcePort, Str("1e3"), `"1e3"`},
		{"hexadecimal", SourcePort, Str("0x50"), `"0x50"`},
		{"empty text in a number", SourcePort, Str(""), `""`},
		{"number beyond", SourceBytes, Str("9223372036854775808"), `"9223372036854775808"`},
		{"float beyond", SourceBytes, Real(1e300), `"1e+300"`},
		{"truth in a number", SourcePort, Truth(true), `"true"`},
		{"time in a number", SourcePort, At(time.Unix(0, 0)), `"1970-01-01T00:00:00.000Z"`},
		{"one in a truth", ProcessInteractive, Num(1), `"1"`},
		{"yes in a truth", ProcessInteractive, Str("yes"), `"yes"`},
		{"object in a keyword", EventAction, Members(Str("a"), Num(1)), `"{\"a\":1}"`},
		{"object in a text", Message, Members(Str("a"), Num(1)), `"{\"a\":1}"`},
		{"list with an object in a keyword", EventAction, Items(Str("x"), Members(Str("a"), Num(1))), `["x","{\"a\":1}"]`},
		{"text for an object", Labels, Str("x"), `"x"`},
		{"name for an address", SourceIP, Str("host.example"), `"host.example"`},
		{"address with a zone", SourceIP, Str("fe80::1%eth0"), `"fe80::1%eth0"`},
		{"address with a port", SourceIP, Str("192.0.2.1:80"), `"192.0.2.1:80"`},
		{"address with leading zeros", SourceIP, Str("192.0.2.01"), `"192.0.2.01"`},
		{"number above 255", SourceIP, Str("192.0.2.256"), `"192.0.2.256"`},
		{"three numbers", SourceIP, Str("192.0.2"), `"192.0.2"`},
		{"seconds in a date", EventCreated, Num(1700000000), `"1700000000"`},
		{"milliseconds of no whole number", EventCreated, Real(1700000000123.5), `"1700000000123.5"`},
		{"date without a zone", EventCreated, Str("2024-01-01 00:00:00"), `"2024-01-01 00:00:00"`},
		{"place as text", SourceGeoLocation, Str("1,2"), `"1,2"`},
		{"place with a name", SourceGeoLocation, Members(Str("lat"), Num(1), Str("name"), Str("x")), `"{\"lat\":1,\"name\":\"x\"}"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			e.Set(EventKind, Str("event"))
			e.Set(tt.field, tt.v)
			for range 2 {
				e.Conform()
				if e.Has(tt.field) {
					t.Errorf("still there: %s", e.Get(tt.field))
				}
				if got := string(e.Get(WeirOther).Get(tt.field.Path()).AppendJSON(nil)); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				if got := e.Get(Tags).Text(); got != `["type-mismatch"]` {
					t.Errorf("tags %s", got)
				}
				if e.Str(EventKind) != "event" {
					t.Error("another field is gone")
				}
			}
		})
	}
}

func TestConform_Unknown(t *testing.T) {
	var e Event
	if err := e.Decode([]byte(`{"message":"m","foo":{"bar":1,"baz":[true,{"x":1}],"none":null},"source":"x"}`)); err != nil {
		t.Fatal(err)
	}
	e.Conform()
	want := `{"message":"m","weir":{"other":{"foo.bar":"1","foo.baz":["true","{\"x\":1}"],"source":"x"}}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if e.Has(Tags) {
		t.Error("an unknown path is no mismatch")
	}
}

func TestConform_Null(t *testing.T) {
	var e Event
	e.Set(Message, Nil())
	e.Set(Tags, Items(Nil()))
	e.Set(EventCategory, Items())
	e.Conform()
	if e.Has(Message) || e.Get(EventCategory).Len() != 0 {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

func TestConform_FieldBelowField(t *testing.T) {
	var e Event
	e.Set(DNSAnswers, Items(Members(Str("data"), Str("x"))))
	e.Set(DNSAnswersData, Str("y"))
	e.Set(Message, Str("m"))
	e.Conform()
	want := `{"dns":{"answers":{"data":"y"}},"message":"m","tags":["type-mismatch"],"weir":{"other":{"dns.answers":["{\"data\":\"x\"}"]}}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestConform_Bounded(t *testing.T) {
	var e Event
	for i := range maxOther + 500 {
		e.SetPath(fmt.Sprintf("x%d", i), Num(int64(i)))
	}
	e.Conform()
	other := e.Get(WeirOther)
	if other.Len() != maxOther+1 {
		t.Fatalf("%d keys", other.Len())
	}
	all := string(other.AppendJSON(nil))
	for i := range maxOther + 500 {
		if !strings.Contains(all, fmt.Sprintf(`"x%d":"%d"`, i, i)) && !strings.Contains(all, fmt.Sprintf("x%d=%d", i, i)) {
			t.Fatalf("x%d is lost", i)
		}
	}
}

// TestConform_Members: an open field keeps so many keys and the rest as one text, and who conforms it again changes nothing.
func TestConform_Members(t *testing.T) {
	var e Event
	kv := make([]Value, 0, 2*(maxMembers+500))
	for i := range maxMembers + 500 {
		kv = append(kv, Str(fmt.Sprintf("k%d", i)), Num(int64(i)))
	}
	e.SetMembers(WeirData, kv...)
	e.Conform()
	v := e.Get(WeirData)
	rest := v.Get("rest").Str()
	if v.Len() != maxMembers+1 || v.Get("k5").Int() != 5 || !strings.HasPrefix(rest, fmt.Sprintf("k%d=%d ", maxMembers, maxMembers)) || !strings.HasSuffix(rest, fmt.Sprintf("=%d", maxMembers+499)) {
		t.Errorf("%d members, rest %.60q", v.Len(), rest)
	}
	deep := Members(Str("a"), Num(1), Str("b"), Members(Str("c"), Members(kv...), Str("list"), Strs(make([]string, maxMembers)...)), Str("z"), Num(2))
	e.Reset()
	e.SetMembers(WeirData, Str("x"), deep)
	e.Conform()
	v = e.Get(WeirData)
	if rest := v.Get("rest").Str(); weightOf(v) != maxMembers+1 || !strings.Contains(rest, "x.b.list=[") || !strings.HasPrefix(rest, "x.b.c.k999=999") || !strings.HasSuffix(rest, "x.z=2") {
		t.Errorf("%d values, rest %.60q", weightOf(v), v.Get("rest").Str())
	}
	e.Reset()
	e.SetMembers(WeirData, kv...)
	e.Conform()
	if e.Conform(); e.Get(WeirData).Len() != maxMembers+1 {
		t.Errorf("%d members after a second time", e.Get(WeirData).Len())
	}
}

func TestConform_SharedListStays(t *testing.T) {
	shared := Items(Num(1), Str("a"))
	var e Event
	e.Set(Tags, shared)
	e.Conform()
	if shared.Item(0).Kind() != Int || e.Get(Tags).Item(0).Str() != "1" {
		t.Errorf("%s, %s", shared, e.Get(Tags))
	}
}

func TestConform_NoAllocations(t *testing.T) {
	var e Event
	fill(&e)
	before := string(e.AppendJSON(nil))
	if n := testing.AllocsPerRun(100, e.Conform); n > 0 {
		t.Errorf("%g allocations", n)
	}
	if after := string(e.AppendJSON(nil)); after != before {
		t.Errorf("a fitting event was changed:\n%s\n%s", before, after)
	}
}

func TestFit(t *testing.T) {
	if v, ok := SourcePort.Fit(Str("80")); !ok || v.Int() != 80 {
		t.Errorf("%s, %t", v, ok)
	}
	if v, ok := Tags.Fit(Str("a")); !ok || v.Kind() != List {
		t.Errorf("%s, %t", v, ok)
	}
	if _, ok := SourceIP.Fit(Str("x")); ok {
		t.Error("a name fits no address")
	}
	if v, ok := Message.Fit(Str("m")); !ok || v.Str() != "m" {
		t.Errorf("%s, %t", v, ok)
	}
}

// FuzzConform: afterwards every value is of its field's type, no path is unknown, a second time changes nothing, and
// the document is valid.
func FuzzConform(f *testing.F) {
	for _, s := range []string{
		`{"source":{"port":"80","ip":"x"},"event":{"created":1700000000123,"category":"a"},"tags":5,"foo":{"bar":1}}`,
		`{"message":{"a":1},"labels":"x","source":1,"dns":{"answers":[{"data":1},2]},"weir":{"other":7}}`,
		`{"source":{"geo":{"location":[1,2]}},"event":{"duration":1e300},"process":{"io":{"text":5}},"log":{"syslog":"x"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var e Event
		if e.Decode(doc) != nil {
			return
		}
		e.Conform()
		specs := load().specs
		e.Each(func(f Field, v Value) bool {
			if !fits(&specs[f], v) {
				t.Errorf("%s = %s does not fit", f, v)
			}
			return true
		})
		e.EachExtra(func(path string, v Value) bool {
			t.Errorf("%s = %s is left", path, v)
			return true
		})
		once := e.AppendJSON(nil)
		if !json.Valid(once) {
			t.Errorf("%q", once)
		}
		e.Conform()
		if twice := e.AppendJSON(nil); string(once) != string(twice) {
			t.Errorf("%q became %q", once, twice)
		}
	})
}

// TestQuick holds the one look of Conform to what it stands for: a kind that it lets pass fits with every value.
func TestQuick(t *testing.T) {
	values := []Value{Str(""), Str("x"), Str("192.0.2.1"), Num(0), Num(-5), Real(1.5), Truth(true), At(time.Unix(5, 5)), Nil(), Items(), Strs("a"),
		Members(), Members(Str("a"), Num(1)), Members(Str("lat"), Num(1), Str("lon"), Num(2))}
	tab := load()
	passed := 0
	for f := range tab.specs {
		for _, v := range values {
			if tab.quick[f]&(1<<v.kind) == 0 {
				continue
			}
			passed++
			if !fits(&tab.specs[f], v) {
				t.Errorf("%s: %s passes and does not fit", tab.specs[f].path, v)
			}
		}
	}
	if passed < len(tab.specs) {
		t.Errorf("%d values of %d fields passed", passed, len(tab.specs))
	}
	if tab.quick[DNSAnswers]&quickUpper == 0 || tab.quick[Message]&quickUpper != 0 {
		t.Error("which fields have others below them")
	}
}
