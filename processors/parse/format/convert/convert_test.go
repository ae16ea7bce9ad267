package convert

import (
	"testing"

	"weir/event"
)

func TestTo(t *testing.T) {
	const none = "\x00"
	for _, c := range []struct {
		to   string
		v    event.Value
		want string
	}{
		{"int", event.Str(" 42 "), "42"}, {"int", event.Str("-7"), "-7"}, {"int", event.Str("0xff"), "255"}, {"int", event.Str("3.9"), "3"}, {"int", event.Real(2.5), "2"}, {"int", event.Truth(true), "1"},
		{"int", event.Str("4x"), none}, {"int", event.Str(""), none}, {"int", event.Str("inf"), none}, {"int", event.Str("99999999999999999999"), none}, {"int", event.Real(1e300), none}, {"int", event.Nil(), none},
		{"float", event.Str("1.5"), "1.5"}, {"float", event.Num(2), "2.0"}, {"float", event.Str("nan"), none}, {"float", event.Str("0x1p4"), none},
		{"bool", event.Str("Yes"), "true"}, {"bool", event.Str("off"), "false"}, {"bool", event.Num(1), "true"}, {"bool", event.Num(2), none}, {"bool", event.Str("maybe"), none},
		{"string", event.Num(5), "5"}, {"string", event.Truth(false), "false"}, {"string", event.Members(event.Str("a"), event.Num(1)), none},
		{"ip", event.Str("192.0.2.1"), "192.0.2.1"}, {"ip", event.Str("[2001:db8::1]"), "2001:db8::1"}, {"ip", event.Str("fe80::1%eth0"), "fe80::1"}, {"ip", event.Str("::ffff:192.0.2.1"), "192.0.2.1"}, {"ip", event.Str("host"), none}, {"ip", event.Str("192.0.2.1:80"), none}, {"ip", event.Str(""), none},
		{"mac", event.Str("00:1a:2b:3c:4d:5e"), "00-1A-2B-3C-4D-5E"}, {"mac", event.Str("001a.2b3c.4d5e"), "00-1A-2B-3C-4D-5E"}, {"mac", event.Str("00-1A-2B-3C-4D-5E-6F-70"), "00-1A-2B-3C-4D-5E-6F-70"}, {"mac", event.Str("00:1a"), none}, {"mac", event.Str("zz:1a:2b:3c:4d:5e"), none},
		{"hex", event.Str("0xFF"), "255"}, {"hex", event.Str("ff"), "255"}, {"hex", event.Str("0xffffffffffffffff"), none}, {"hex", event.Str("g"), none},
		{"upper", event.Str("ab"), "AB"}, {"lower", event.Str("AB"), "ab"}, {"trim", event.Str(" a "), "a"},
	} {
		got, ok := To(c.to, c.v)
		if ok != (c.want != none) || ok && got.Text() != c.want {
			t.Errorf("%s of %s: got %s, %v", c.to, c.v, got, ok)
		}
	}
	for _, w := range Words() {
		if w == "list" {
			continue // the machine's
		}
		if _, ok := To(w, event.Items()); ok && w != "string" && w != "upper" && w != "lower" && w != "trim" {
			t.Errorf("an empty list is taken for %s", w)
		}
	}
}

func TestSnake(t *testing.T) {
	for s, want := range map[string]string{
		"eventName": "event_name", "EventName": "event_name", "HTTPServer": "http_server", "userID2Name": "user_id2_name", "Device IP Address": "device_ip_address", "a-b.c": "a_b.c", "already_snake": "already_snake",
		"  x  ": "x", "URL": "url", "": "", "한글Key": "한글key", "@timestamp": "@timestamp",
	} {
		if got := Snake(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	plain, snake := Names{}, Names{Naming: Naming("snake")}
	if plain.Of("aB") != "aB" || snake.Of("aB") != "a_b" || snake.Of("aB") != "a_b" || (&Names{Naming: Naming("lower")}).Of("AB") != "ab" {
		t.Error("names are written otherwise")
	}
	for i := range maxNames + 100 {
		snake.Of(string(rune('a'+i%26)) + "X" + string(rune(0x4e00+i)))
	}
	if len(snake.known) > maxNames {
		t.Errorf("%d names are remembered", len(snake.known))
	}
}

func TestURL(t *testing.T) {
	for s, want := range map[string]string{"a%20b+c": "a b c", "%zz": "%zz", "": ""} {
		if got := URL(s); got != want {
			t.Errorf("%q: got %q", s, got)
		}
	}
}

// FuzzTo: what is converted is of its type, and converting it again changes nothing.
func FuzzTo(f *testing.F) {
	for _, s := range []string{"42", "0x1f", "192.0.2.1", "::1", "00:1a:2b:3c:4d:5e", "true", "1e5", "-", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range Words() {
			v, ok := To(w, event.Str(s))
			if !ok || w == "list" || w == "hex" {
				continue
			}
			again, ok := To(w, v)
			if !ok || again.Kind() != v.Kind() || again.Text() != v.Text() {
				t.Fatalf("%s of %q: %s, and again %s", w, s, v, again)
			}
		}
	})
}

// TestTo_Edges: the ends of what numbers, addresses and words can be.
func TestTo_Edges(t *testing.T) {
	for _, c := range []struct {
		to, s, want string // "" none
	}{
		{"int", "9223372036854775807", "9223372036854775807"},
		{"int", "9223372036854775808", ""},
		{"int", "-9223372036854775808", "-9223372036854775808"},
		{"int", "+5", "5"},
		{"int", "1e3", "1000"},
		{"int", "1e30", ""},
		{"int", "0x7fffffffffffffff", "9223372036854775807"},
		{"int", "0x8000000000000000", ""},
		{"int", "0x", ""},
		{"int", "nan", ""},
		{"int", "1_000", ""},
		{"int", "٣", ""},
		{"long", "7", "7"},
		{"float", "1e308", "1e+308"},
		{"float", "1e309", ""},
		{"float", ".5", "0.5"},
		{"float", "-", ""},
		{"float", "Infinity", ""},
		{"boolean", " TRUE ", "true"},
		{"boolean", "N", "false"},
		{"boolean", "2", ""},
		{"ip", " 192.0.2.1 ", "192.0.2.1"},
		{"ip", "192.0.2.01", ""},
		{"ip", "192.0.2.256", ""},
		{"ip", "192.0.2.0/24", ""},
		{"ip", "::", "::"},
		{"ip", "[::1", "::1"}, // cut off, and no other address can be meant
		{"mac", "AA-BB-CC-DD-EE-FF", "AA-BB-CC-DD-EE-FF"},
		{"mac", "aabbccddeeff", "AA-BB-CC-DD-EE-FF"},
		{"mac", "aa bb cc dd ee ff", "AA-BB-CC-DD-EE-FF"},
		{"mac", "aabbccddeef", ""},
		{"hex", "7fffffffffffffff", "9223372036854775807"},
		{"hex", "0x", ""},
		{"hex", "-1", ""},
		{"unknown", "x", ""},
	} {
		got, ok := To(c.to, event.Str(c.s))
		if ok != (c.want != "") || ok && got.Text() != c.want {
			t.Errorf("%s of %q: %s, %v", c.to, c.s, got, ok)
		}
	}
}

// BenchmarkTo is what grok's types and the step convert cost.
func BenchmarkTo(b *testing.B) {
	number, address := event.Str("54190"), event.Str("192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		To("int", number)
		To("ip", address)
	}
}
