package signal

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecode(t *testing.T) {
	cases := []struct {
		name, in, err string
		want          Signal
	}{
		{"mark", `{"kind":"watermark","time":"2026-11-21T07:00:00Z","src":"t/0/1/0","dataset":"sshd"}`, "",
			Signal{Kind: Watermark, Time: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC), Src: "t/0/1/0", Dataset: "sshd"}},
		{"unknown keys are passed over", `{"kind":"idle","more":1}`, "", Signal{Kind: Idle}},
		{"no rule", `{"kind":"match"}`, "names no rule", Signal{}},
		{"unknown kind", `{"kind":"x"}`, `kind "x" is not known`, Signal{}},
		{"no kind", `{}`, `kind "" is not known`, Signal{}},
		{"no object", `[]`, "reading a signal", Signal{}},
		{"cut", `{"kind":"idle"`, "reading a signal", Signal{}},
		{"bad time", `{"kind":"idle","time":"noon"}`, "reading a signal", Signal{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := *full() // what was there before must go
			err := Decode([]byte(c.in), &got)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

// fast tells whether the reader by hand reads in, without help.
func fast(in string) bool {
	var s Signal
	r := reader{in: in}
	return r.signal(&s)
}

func TestDecode_byHand(t *testing.T) {
	whole, _ := Encode(full())
	cases := []struct {
		name, in string
		fast     bool
	}{
		{"as AppendTo writes it", string(whole), true},
		{"a mark", `{"kind":"watermark","time":"2026-11-21T07:00:00Z","src":"t/0/1/0"}`, true},
		{"escapes", `{"kind":"match","rule":"a\\b\u00e9","time":"2026-11-21T07:00:00.5Z","src":"","values":{"k":"\"\/\b\f\n\r\t\u0026"}}`, true},
		{"29 February", `{"kind":"idle","time":"2024-02-29T23:59:59Z","src":""}`, true},
		{"year 0", `{"kind":"idle","time":"0000-01-01T00:00:00Z","src":""}`, true},
		{"no 29 February", `{"kind":"idle","time":"1900-02-29T23:59:59Z","src":""}`, false},
		{"31 April", `{"kind":"idle","time":"2024-04-31T23:59:59Z","src":""}`, false},
		{"a point without digits", `{"kind":"idle","time":"2024-04-30T23:59:59.Z","src":""}`, false},
		{"finer than nanoseconds", `{"kind":"idle","time":"2024-04-30T23:59:59.0123456789Z","src":""}`, false},
		{"another zone", `{"kind":"idle","time":"2026-11-21T07:00:00+09:00","src":"t"}`, false},
		{"another order", `{"kind":"idle","src":"t","time":"2026-11-21T07:00:00Z"}`, false},
		{"blanks", `{"kind": "idle","time":"2026-11-21T07:00:00Z","src":"t"}`, false},
		{"a key twice", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"a":"1","a":"2"}}`, false},
		{"the empty key twice", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"":"1","":"2"}}`, false},
		{"the empty key", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"":"1","a":"2"}}`, true},
		{"keys that go down", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"b":"1","a":"2"}}`, false},
		{"a key with an escape", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"\u0061":"1"}}`, false},
		{"a surrogate pair", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"\ud83d\ude00"}`, false},
		{"half a surrogate pair", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":{"a":"\ud83d"}}`, false},
		{"no UTF-8", "{\"kind\":\"match\",\"rule\":\"r\",\"time\":\"2026-11-21T07:00:00Z\",\"src\":\"\",\"values\":{\"a\":\"long enough \xff\"}}", false},
		{"no UTF-8 at the end", "{\"kind\":\"match\",\"rule\":\"\xc3\",\"time\":\"2026-11-21T07:00:00Z\",\"src\":\"\"}", false},
		{"null", `{"kind":"match","rule":"r","time":"2026-11-21T07:00:00Z","src":"","values":null}`, false},
		{"an empty group", `{"kind":"match","rule":"r","group":[],"time":"2026-11-21T07:00:00Z","src":""}`, false},
		{"an empty value in the group", `{"kind":"match","rule":"r","group":[""],"time":"2026-11-21T07:00:00Z","src":""}`, true},
		{"a control character", "{\"kind\":\"match\",\"rule\":\"a\tb\",\"time\":\"2026-11-21T07:00:00Z\",\"src\":\"\"}", false},
		{"an escape that is none", `{"kind":"match","rule":"a\x","time":"2026-11-21T07:00:00Z","src":""}`, false},
		{"more behind it", `{"kind":"idle","time":"2026-11-21T07:00:00Z","src":""} `, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := fast(c.in); got != c.fast {
				t.Errorf("read by hand: %v, want %v", got, c.fast)
			}
			alike(t, []byte(c.in))
			for i := range c.in { // cut anywhere, it is refused
				if strings.TrimSpace(c.in) == c.in && fast(c.in[:i]) {
					t.Errorf("cut after %d bytes, it is still a signal", i)
				}
			}
		})
	}
}

// alike holds Decode and Decoder to what encoding/json reads.
func alike(t *testing.T, in []byte) {
	t.Helper()
	var want, own Signal
	errWant := slow(in, &want)
	err := Decode(in, &own)
	if fmt.Sprint(err) != fmt.Sprint(errWant) {
		t.Fatalf("%s\nerror %v, encoding/json has %v", in, err, errWant)
	}
	var d Decoder
	reused := Signal{Kind: Match, Rule: "before", Group: []string{"before", "this"}, Warm: true, Packed: `{"before":"this"}`, Values: map[string]string{"be": "fore"}}
	if err := d.Decode(in, &reused); fmt.Sprint(err) != fmt.Sprint(errWant) {
		t.Fatalf("%s\nerror %v of a Decoder, encoding/json has %v", in, err, errWant)
	}
	if errWant != nil {
		return
	}
	if reused.Values != nil {
		t.Fatalf("%s\na Decoder made a map", in)
	}
	if reused.Packed != "" {
		reused.Values = map[string]string{}
		last := ""
		Each(reused.Packed, func(k, v string) {
			if got, ok := Get(reused.Packed, k); !ok || got != v || len(reused.Values) > 0 && k <= last {
				t.Fatalf("%s\n%q is %q, %v by Get, %q by Each, after %q", in, k, got, ok, v, last)
			}
			last = k
			reused.Values[k] = v
		})
		reused.Packed = ""
	}
	for _, got := range []*Signal{&own, &reused} {
		if !maps.Equal(got.Values, want.Values) || len(got.Group) != len(want.Group) || len(got.Group) > 0 && !reflect.DeepEqual(got.Group, want.Group) {
			t.Fatalf("%s\nread as %+v\nencoding/json: %+v", in, got, want)
		}
		got.Values, got.Group = want.Values, want.Group // empty ones may be nil
		if !reflect.DeepEqual(*got, want) {
			t.Fatalf("%s\nread as %+v\nencoding/json: %+v", in, got, want)
		}
	}
}

func TestDecode_keepsNothing(t *testing.T) {
	b, _ := Encode(full())
	var s Signal
	if err := Decode(b, &s); err != nil {
		t.Fatal(err)
	}
	clear(b)
	if !reflect.DeepEqual(&s, full()) {
		t.Errorf("the signal changed with the bytes it was read from: %+v", s)
	}
}

func TestDecoder_reuse(t *testing.T) {
	var d Decoder
	var s Signal
	for i := range 3 {
		in := full()
		in.Group = in.Group[:2-i]
		b, _ := Encode(in)
		if err := d.Decode(b, &s); err != nil || len(s.Group) != 2-i || s.EventID != "a/1/2" {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	b, _ := Encode(full())
	if n := testing.AllocsPerRun(100, func() { _ = d.Decode(b, &s) }); n != 0 {
		t.Errorf("%v allocations for a signal", n)
	}
	if err := d.Decode([]byte(`{"kind":"x"}`), &s); err == nil {
		t.Error("no error")
	}
}

func FuzzDecode(f *testing.F) {
	b, _ := Encode(full())
	f.Add(b)
	f.Add([]byte(`{"kind":"watermark","time":"2026-11-21T07:00:00+09:00","src":"t/0/1/0"}`))
	f.Add([]byte(`{"kind":"match","rule":"r","group":null,"values":{"":""}}`))
	f.Add([]byte(`{"kind":"match","rule":"\u0041\n","time":"2026-02-28T23:59:59.9Z","src":"t/0/1/0","warm":true,"values":{"a":"\\","b":"é"}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		alike(t, in)
		var s, again Signal
		if Decode(in, &s) != nil {
			return
		}
		b, err := Encode(&s)
		if err != nil {
			return // a year beyond 9999 cannot be written
		}
		if err := Decode(b, &again); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !s.Time.Equal(again.Time) || s.Rule != again.Rule || len(s.Group) != len(again.Group) || !maps.Equal(s.Values, again.Values) {
			t.Fatalf("%+v became %+v", s, again)
		}
	})
}

// FuzzInstant holds the reader of times to time.Time's own.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2026-11-21T07:00:00.123456789Z", "0000-02-29T00:00:00Z", "9999-12-31T23:59:59.999Z", "2100-02-29T00:00:00Z", "1969-12-31T23:59:60Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, n := instant(s + `"`)
		var want time.Time
		err := json.Unmarshal([]byte(`"`+s+`"`), &want)
		if n == 0 {
			return
		}
		if n != len(s)+1 { // it ended at an earlier quotation mark
			return
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is %v, the library has %v, %v", s, got, want, err)
		}
	})
}

func TestInstant_everyDay(t *testing.T) {
	for day := time.Date(0, 1, 1, 12, 30, 15, 7, time.UTC); day.Year() < 2800; day = day.AddDate(0, 0, 1) {
		text := day.Format(time.RFC3339Nano) + `"`
		if got, n := instant(text); n != len(text) || !got.Equal(day) {
			t.Fatalf("%s is %v, %d", text, got, n)
		}
	}
}

// typical is a signal of an sshd rule as detect writes it.
func typical() []byte {
	b, err := Encode(&Signal{Kind: Match, Rule: "ssh-brute-force", Hash: "5d41402abc4b2a76", When: "failed", Group: []string{"203.0.113.5"},
		EventID: "k3v9q1xw/3/1843222", Time: time.Date(2026, 11, 21, 7, 0, 0, 123456789, time.UTC), Src: "weir.raw.syslog/2/1843222/0", Dataset: "sshd",
		Values: map[string]string{"event.outcome": "failure", "host.name": "web-01", "message": "Failed password for invalid user admin from 203.0.113.5 port 51234 ssh2",
			"source.ip": "203.0.113.5", "user.name": "admin"}})
	if err != nil {
		panic(err)
	}
	return b
}

func BenchmarkDecode(b *testing.B) {
	in := typical()
	var s Signal
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(in, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	in := typical()
	var s Signal
	var d Decoder
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(in, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	var s Signal
	var d Decoder
	if err := d.Decode(typical(), &s); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Get(s.Packed, "user.name"); !ok {
			b.Fatal("not there")
		}
	}
}

func TestDecode_errors(t *testing.T) {
	if err := Decode([]byte(`{"kind":"match","time":"2026-11-21T07:00:00Z","src":""}`), &Signal{}); err == nil || !strings.Contains(err.Error(), "names no rule") {
		t.Errorf("error %v", err)
	}
}
