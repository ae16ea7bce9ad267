package event

import (
	"math"
	"testing"
	"time"
)

func TestValue(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 5e6, time.FixedZone("", 3600))
	tests := []struct {
		name       string
		v          Value
		kind       Kind
		text, json string
		len        int
	}{
		{"absent", Value{}, Absent, "", "null", 0},
		{"null", Nil(), Null, "", "null", 1},
		{"string", Str("a\"b"), String, `a"b`, `"a\"b"`, 1},
		{"empty string", Str(""), String, "", `""`, 1},
		{"int", Num(-5), Int, "-5", "-5", 1},
		{"float", Real(1.5), Float, "1.5", "1.5", 1},
		{"whole float", Real(2), Float, "2.0", "2.0", 1},
		{"large float", Real(1e22), Float, "1e+22", "1e+22", 1},
		{"no number", Real(math.NaN()), Float, "null", "null", 1},
		{"infinite", Real(math.Inf(-1)), Float, "null", "null", 1},
		{"true", Truth(true), Bool, "true", "true", 1},
		{"false", Truth(false), Bool, "false", "false", 1},
		{"time", At(at), Time, "2024-02-29T11:00:00.005Z", `"2024-02-29T11:00:00.005Z"`, 1},
		{"list", Items(Num(1), Str("x")), List, `[1,"x"]`, `[1,"x"]`, 2},
		{"empty list", Items(), List, "[]", "[]", 0},
		{"strings", Strs("a", "b"), List, `["a","b"]`, `["a","b"]`, 2},
		{"object", Members(Str("k"), Num(1)), Object, `{"k":1}`, `{"k":1}`, 1},
		{"empty object", Members(), Object, "{}", "{}", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.v.Kind() != tt.kind || tt.v.Len() != tt.len {
				t.Errorf("kind %d, len %d", tt.v.Kind(), tt.v.Len())
			}
			if got := tt.v.Text(); got != tt.text {
				t.Errorf("Text = %q, want %q", got, tt.text)
			}
			if got := tt.v.String(); got != tt.text {
				t.Errorf("String = %q, want %q", got, tt.text)
			}
			if got := string(tt.v.AppendJSON(nil)); got != tt.json {
				t.Errorf("JSON = %s, want %s", got, tt.json)
			}
		})
	}
}

// The accessors of one kind answer with nothing for another, whatever the words of the value hold.
func TestValue_WrongKind(t *testing.T) {
	for _, v := range []Value{{}, Nil(), Str("long enough"), Items(Num(1)), Members(Str("k"), Num(1))} {
		if v.Int() != 0 || v.Bool() || v.Float() != 0 || !v.Time().Equal(time.Unix(0, 0)) {
			t.Errorf("%s: %d %t %g %s", v, v.Int(), v.Bool(), v.Float(), v.Time())
		}
	}
	for _, v := range []Value{Num(3), Real(3), Truth(true), At(time.Unix(3, 0))} {
		if v.Str() != "" || v.items() != nil || v.Get("k").Kind() != Absent {
			t.Errorf("%s: %q %v", v, v.Str(), v.items())
		}
	}
	if v := Str("x").Item(0); v.Str() != "x" {
		t.Error("item 0 of a plain value is the value")
	}
}

func TestValue_Numbers(t *testing.T) {
	if Num(7).Float() != 7 || Real(2.5).Float() != 2.5 || Num(math.MinInt64).Int() != math.MinInt64 {
		t.Error("numbers changed")
	}
	if !Truth(true).Bool() || Truth(false).Bool() {
		t.Error("truth changed")
	}
}

func TestValue_Get(t *testing.T) {
	v := Members(Str("a"), Num(1), Str("b"), Str("x"))
	if v.Get("b").Str() != "x" || v.Get("none").Kind() != Absent {
		t.Error(v)
	}
	if key, val := v.Member(0); key != "a" || val.Int() != 1 {
		t.Error(key, val)
	}
}

func TestAt_Clamps(t *testing.T) {
	for _, year := range []int{1, 1677, 2262, 9999} {
		got := At(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)).Time().Year()
		if want := min(max(year, minYear), maxYear); got != want {
			t.Errorf("year %d became %d, want %d", year, got, want)
		}
	}
}

// Item and Member reach into lists and objects; of a plain value item 0 is the value itself, whatever kind it has.
func TestValue_Items(t *testing.T) {
	for _, v := range []Value{Str("x"), Num(1), Truth(true), Nil(), Real(1.5)} {
		if v.Len() != 1 || v.Item(0).Kind() != v.Kind() {
			t.Errorf("%s: %d items, the first is %s", v, v.Len(), v.Item(0))
		}
	}
	list := Items(Num(1), Items(Str("a")), Members(Str("k"), Truth(true)))
	if list.Item(1).Item(0).Str() != "a" || !list.Item(2).Get("k").Bool() || list.Len() != 3 {
		t.Errorf("got %s", list)
	}
	if got := list.Text(); got != `[1,["a"],{"k":true}]` {
		t.Errorf("got %s", got)
	}
}

// AppendText writes what people read, AppendJSON what machines do; both append.
func TestValue_AppendText(t *testing.T) {
	at := At(time.Unix(0, 0))
	for _, tt := range []struct {
		v          Value
		text, json string
	}{
		{Str("a\nb"), "a\nb", `"a\nb"`}, {Value{}, "", "null"}, {Nil(), "", "null"}, {at, "1970-01-01T00:00:00.000Z", `"1970-01-01T00:00:00.000Z"`},
		{Num(math.MinInt64), "-9223372036854775808", "-9223372036854775808"}, {Strs(), "[]", "[]"},
	} {
		if got := string(tt.v.AppendText([]byte("x="))); got != "x="+tt.text {
			t.Errorf("text %q, want %q", got, tt.text)
		}
		if got := string(tt.v.AppendJSON([]byte("x="))); got != "x="+tt.json {
			t.Errorf("JSON %q, want %q", got, tt.json)
		}
	}
}

// Text of a string is the string itself, without a copy.
func TestValue_TextAllocatesNothing(t *testing.T) {
	v := Str("some text")
	if n := testing.AllocsPerRun(100, func() { _ = v.Text(); _ = v.Str() }); n > 0 {
		t.Errorf("%g allocations", n)
	}
}
