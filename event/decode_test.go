package event

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event/ecs"
)

func TestDecode_Success(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"empty", `{}`, `{}`},
		{"blanks", " \t\r\n{ \"message\" : \"x\" } \n", `{"message":"x"}`},
		{"nested", `{"source":{"ip":"192.0.2.1","port":80}}`, `{"source":{"ip":"192.0.2.1","port":80}}`},
		{"dotted", `{"source.ip":"192.0.2.1","source":{"nat.ip":"192.0.2.2"}}`, `{"source":{"ip":"192.0.2.1","nat":{"ip":"192.0.2.2"}}}`},
		{"order", `{"message":"m","@timestamp":"2024-01-01T00:00:00Z"}`, `{"@timestamp":"2024-01-01T00:00:00.000Z","message":"m"}`},
		{"time with zone", `{"event":{"created":"2024-01-01T09:00:00.5+09:00"}}`, `{"event":{"created":"2024-01-01T00:00:00.500Z"}}`},
		{"no time", `{"event":{"created":"yesterday"}}`, `{"event":{"created":"yesterday"}}`},
		{"escapes", `{"message":"a\"\\\/\b\f\n\r\té\ud83d\ude00"}`, `{"message":"a\"\\/\u0008\u000c\n\r\té😀"}`},
		{"half a pair", `{"message":"\ud83d-\ude00-\ud83dA\ud83d\ud83d\ude00"}`, `{"message":"�-�-�A�😀"}`},
		{"bytes outside UTF-8", "{\"message\":\"a\xffb\"}", `{"message":"a�b"}`},
		{"unknown", `{"foo":{"bar":[1,{"x":null}],"baz":true}}`, `{"foo":{"bar":[1,{"x":null}],"baz":true}}`},
		{"open object", `{"labels":{"a":{"b":[]}}}`, `{"labels":{"a":{"b":[]}}}`},
		{"open object, dotted", `{"labels.a":1,"labels":{"b":2},"labels.c":3}`, `{"labels":{"a":1,"b":2,"c":3}}`},
		{"object in a plain field", `{"message":{"a":1}}`, `{"message":{"a":1}}`},
		{"plain value for a parent", `{"source":"x"}`, `{"source":"x"}`},
		{"objects in a list", `{"dns":{"answers":[{"data":"a"},{}]}}`, `{"dns":{"answers":[{"data":"a"},{}]}}`},
		{"a name twice", `{"message":"a","message":"b"}`, `{"message":"b"}`},
		{"numbers", `{"a":[0,-1,1.5,1e3,1E-7,-0.0,9223372036854775807]}`, `{"a":[0,-1,1.5,1000.0,1e-07,-0.0,9223372036854775807]}`},
		{"numbers beyond", `{"a":[9223372036854775808,1e999]}`, `{"a":["9223372036854775808","1e999"]}`},
		{"empty names", `{"":{"":1,"x":2}}`, `{"":{"":1,"x":2}}`},
		{"an empty object says nothing", `{"source":{},"foo":{}}`, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Event
			for range 2 { // the second time with a trail and used memory
				if err := e.Decode([]byte(tt.doc)); err != nil {
					t.Fatal(err)
				}
				if got := string(e.AppendJSON(nil)); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			}
		})
	}
}

func TestDecode_Failure(t *testing.T) {
	for _, doc := range []string{
		``, ` `, `[]`, `1`, `"x"`, `null`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a":1}x`, `{"a":1}{}`, `{a:1}`, `{'a':1}`,
		`{"a" 1}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":+1}`, `{"a":1e}`, `{"a":-}`, `{"a":0x1}`, `{"a":tru}`, `{"a":nul}`, `{"a":falsey}`,
		`{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, "{\"a\":\"\n\"}", "{\"a\":\"\\n\n\"}", `{"a":"`, `{"a":"\`, `{"a":[1,]}`, `{"a":[1`, `{"a":[`, `{"a":{"b":1]}`,
		`{"labels":{"a":1,}}`, `{"labels":{"a"}}`, `{"labels":{`, `{"labels":{"a":1`, `{"a":NaN}`, `{"a":1 2}`,
		`{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`,
		strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat("}", 70),
	} {
		var e Event
		if err := e.Decode([]byte(doc)); err == nil {
			t.Errorf("%s was accepted as %s", doc, e.AppendJSON(nil))
		} else if !strings.Contains(err.Error(), "byte ") {
			t.Errorf("%s: %v does not say where", doc, err)
		}
	}
}

// A document that breaks off inside lists must leave nothing behind for the next one.
func TestDecode_AfterFailure(t *testing.T) {
	var e Event
	if e.Decode([]byte(`{"foo":{"bar":[1,[2,{"a":`)) == nil {
		t.Fatal("accepted")
	}
	if err := e.Decode([]byte(`{"x":{"y":[[3]]}}`)); err != nil {
		t.Fatal(err)
	}
	if got := string(e.AppendJSON(nil)); got != `{"x":{"y":[[3]]}}` {
		t.Error(got)
	}
}

// Documents of different shapes in turn: the trail of one must not put values of the next in a wrong place.
func TestDecode_Trail(t *testing.T) {
	docs := []string{
		`{"destination":{"ip":"192.0.2.9"},"source":{"ip":"192.0.2.1","port":1}}`,
		`{"source":{"port":2},"user":{"name":"a"}}`,
		`{"source":{"ip":"192.0.2.2","nat":{"ip":"192.0.2.3"}}}`,
		`{"client":{"ip":"192.0.2.4","nat":{"ip":"192.0.2.5"}},"foo":{"ip":"x"},"server":{"nat":{"ip":"192.0.2.6"}}}`,
	}
	var e Event
	for range 5 {
		for _, doc := range docs {
			if err := e.Decode([]byte(doc)); err != nil {
				t.Fatal(err)
			}
			if got := string(e.AppendJSON(nil)); got != doc {
				t.Fatalf("got %s, want %s", got, doc)
			}
		}
	}
	// More shapes than the trail has room for.
	for _, f := range Fields() {
		if f.Type() != ecs.Keyword {
			continue
		}
		doc := `{"` + f.Path() + `":"v"}`
		if err := e.Decode([]byte(doc)); err != nil || e.Str(f) != "v" {
			t.Fatalf("%s: %v, %s", doc, err, e.AppendJSON(nil))
		}
	}
}

func TestDecode_NoAllocations(t *testing.T) {
	var e Event
	fill(&e)
	doc := e.AppendJSON(nil)
	var buf []byte
	run := func() {
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		buf = e.AppendJSON(buf[:0])
	}
	run()
	if n := testing.AllocsPerRun(100, run); n > 0 {
		t.Errorf("%g allocations", n)
	}
	if !bytes.Equal(buf, doc) {
		t.Errorf("got %s, want %s", buf, doc)
	}
}

func TestParseValue(t *testing.T) {
	v, err := ParseValue([]byte(` [1, {"a": "b\n"}, null] `))
	if err != nil || string(v.AppendJSON(nil)) != `[1,{"a":"b\n"},null]` {
		t.Errorf("%s, %v", v, err)
	}
	for _, doc := range []string{``, `1 2`, `[`, `{"a":}`} {
		if v, err := ParseValue([]byte(doc)); err == nil {
			t.Errorf("%q was accepted as %s", doc, v)
		}
	}
}

// same compares what encoding/json reads from two documents, with numbers as the nearest float64.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !same(a[k], b[k]) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	return a == b
}

// TestDecode_AgainstStandard: what an event writes is the document that it read, as encoding/json sees both.
func TestDecode_AgainstStandard(t *testing.T) {
	for _, doc := range []string{
		`{"source":{"ip":"192.0.2.1","geo":{"location":{"lat":1.5,"lon":-2}}},"tags":["a","b"],"foo":{"a":{"b":[1,2,{"c":[]}]}},"labels":{"x":"y"}}`,
		`{"process":{"args":["a\\b","c\"d"],"pid":12,"parent":{"pid":1}},"weir":{"data":{"k":{"n":[true,false,null]}}}}`,
		`{"a":{"b":{"c":{"d":{"e":1.25e-3}}}},"a-b":1,"a b":2,"ab":3}`,
	} {
		var e Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := json.Unmarshal([]byte(doc), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(e.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		if !same(got, want) {
			t.Errorf("got  %s\nwant %s", e.AppendJSON(nil), doc)
		}
	}
}

// depth returns the deepest nesting of a document that json.Valid accepts.
func depth(doc []byte) (most int) {
	n := 0
	dec := json.NewDecoder(bytes.NewReader(doc))
	for {
		tok, err := dec.Token()
		if err != nil {
			return most
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			if n++; n > most {
				most = n
			}
		case json.Delim('}'), json.Delim(']'):
			n--
		}
	}
}

// FuzzDecode: a document is accepted if and only if encoding/json takes it for an object, but for the limit of depth;
// what is written is valid, and from then on stays the same byte for byte and value for value.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"source":{"ip":"192.0.2.1","port":80},"foo":[1,2.5,"x\n",null,true]}`, `{"a.b":1,"a":{"b":2},"":{"":3}}`, `{"labels":{"a":{"b":1}},"labels.c":2}`,
		`{"@timestamp":"2024-01-01T00:00:00.123456789+09:00","event":{"created":5}}`, `{"message":"\ud83d\ude00\ud83d"}`, `{"a":1e400,"b":-0,"c":123456789012345678901234567890}`,
		`{"source":"x","source.ip":"y","tags":{"a":1}}`, "{\"\xff\":\"\xfe\"}", `{"dns":{"answers":{"data":1}},"dns.answers":[{"a":1}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var e, back Event
		err := e.Decode(doc)
		valid := json.Valid(doc) && bytes.HasPrefix(bytes.TrimLeft(doc, " \t\r\n"), []byte("{"))
		switch {
		case err == nil && !valid:
			t.Fatalf("%q was accepted", doc)
		case err != nil && valid && depth(doc) < maxDepth:
			t.Fatalf("%q was refused: %v", doc, err)
		case err != nil:
			return
		}
		if !utf8.Valid(doc) {
			return // names that differ only in what is not UTF-8 become one
		}
		first := e.AppendJSON(nil)
		if !json.Valid(first) {
			t.Fatalf("%q was written as %q", doc, first)
		}
		if err := back.Decode(first); err != nil {
			t.Fatalf("%q: %v", first, err)
		}
		second := back.AppendJSON(nil)
		if !bytes.Equal(first, second) {
			t.Fatalf("%q became %q", first, second)
		}
		back.Each(func(f Field, v Value) bool {
			if got := e.Get(f); got.Kind() != v.Kind() && !(got.Kind() == Float && math.IsInf(got.Float(), 0)) {
				t.Fatalf("%s: kind %d became %d in %q", f, got.Kind(), v.Kind(), first)
			}
			return true
		})
		e.Conform()
		if out := e.AppendJSON(nil); !json.Valid(out) {
			t.Fatalf("%q conforms to %q", doc, out)
		}
	})
}
