package event

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendJSON_Order(t *testing.T) {
	var a, b Event
	fill(&a)
	paths := []string{}
	a.Each(func(f Field, _ Value) bool { paths = append(paths, f.Path()); return true })
	for _, path := range slices.Backward(paths) {
		b.SetPath(path, a.GetPath(path))
	}
	if got, want := string(b.AppendJSON(nil)), string(a.AppendJSON(nil)); got != want {
		t.Errorf("equal events differ:\n%s\n%s", got, want)
	}
	if got := string(b.AppendJSON(nil)); got != string(a.AppendJSON(nil)) {
		t.Errorf("the second time: %s", got)
	}
}

// The quick encoder and the one for events with unknown paths must agree.
func TestAppendJSON_Mixed(t *testing.T) {
	var e Event
	fill(&e)
	plain := string(e.AppendJSON(nil))
	e.SetPath("zzz", Num(1))
	want := strings.TrimSuffix(plain, "}") + `,"zzz":1}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendJSON_Conflicts(t *testing.T) {
	tests := []struct {
		name, want string
		paths      []string
	}{
		{"known below known", `{"dns":{"answers":1,"answers.data":1,"question":{"name":1}}}`, []string{"dns.answers.data", "dns.answers", "dns.question.name"}},
		{"unknown below unknown", `{"a":1,"a.b":1,"a.b.c":1,"b":1}`, []string{"a.b.c", "a", "a.b", "b"}},
		{"a name that begins like another", `{"a":{"b":1},"a-b":1,"a0":1}`, []string{"a0", "a-b", "a.b"}},
		{"deep and flat", `{"a":{"b":{"c":{"d":1}},"e":1},"f":1}`, []string{"f", "a.e", "a.b.c.d"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			for _, p := range tt.paths {
				if f, ok := Lookup(p); ok {
					e.Set(f, Num(1))
				} else {
					e.setExtra(p, Num(1))
				}
			}
			if got := string(e.AppendJSON(nil)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAppendJSON_Appends(t *testing.T) {
	var e Event
	if got := string(e.AppendJSON([]byte("x"))); got != "x{}" {
		t.Error(got)
	}
	e.Set(Message, Str("m"))
	if got := string(e.AppendJSON([]byte("x"))); got != `x{"message":"m"}` {
		t.Error(got)
	}
}

func TestAppendString(t *testing.T) {
	for i := range 300 { // each byte at each place of a word of eight
		for _, s := range []string{string(rune(i)), string([]byte{byte(i)}), strings.Repeat("a", i%20) + string([]byte{byte(i)}) + strings.Repeat("b", i%13)} {
			got := appendString(nil, s)
			var back string
			if err := json.Unmarshal(got, &back); err != nil {
				t.Fatalf("%q: %s: %v", s, got, err)
			}
			if want := strings.ToValidUTF8(s, "�"); back != want {
				t.Errorf("%q: got %q", s, back)
			}
		}
	}
}

// FuzzAppendString: the text reads back the same, but for bytes that are no UTF-8, each of which is one U+FFFD.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "12345678\"", "\x00\x1f\x7f\x80", "한국어 text \\ \"x\"", "\xed\xa0\x80", "1234567\xff89"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		want := string([]rune(s))
		if back != want || !utf8.ValidString(back) {
			t.Fatalf("%q became %q", s, back)
		}
	})
}

func TestAppendFloat(t *testing.T) {
	for _, x := range []float64{0, 1, -1, 0.1, 1e-6, 9.99e-7, 1e20, 1e21, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53} {
		text := string(appendFloat(nil, x))
		if !strings.ContainsAny(text, ".e") {
			t.Errorf("%g was written %s: it would read back as a whole number", x, text)
		}
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != x || !json.Valid([]byte(text)) {
			t.Errorf("%g was written %s, which is %g, %v", x, text, back, err)
		}
	}
}

// A field below the plain value of another stands beside it, however often the shape comes.
func TestAppendJSON_BelowAValue(t *testing.T) {
	var e Event
	e.Set(DNSAnswers, Str("plain"))
	e.Set(DNSAnswersData, Str("x"))
	for range 4 { // the third time a shape would have a plan
		if got := string(e.AppendJSON(nil)); got != `{"dns":{"answers":"plain","answers.data":"x"}}` {
			t.Errorf("got %s", got)
		}
	}
}
