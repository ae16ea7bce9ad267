package signal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func full() *Signal {
	return &Signal{Kind: Match, Rule: "r", Hash: "h", When: "failed", Group: []string{"203.0.113.5", ""}, EventID: "a/1/2",
		Time: time.Date(2026, 11, 21, 7, 0, 0, 123456789, time.UTC), Src: "weir.raw.syslog/1/2/3", Dataset: "sshd",
		Values: map[string]string{"user.name": "김민수", "message": "a \"b\"\n"}}
}

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

func TestEncode_roundTrip(t *testing.T) {
	b, err := Encode(full())
	if err != nil {
		t.Fatal(err)
	}
	var got Signal
	if err := Decode(b, &got); err != nil || !reflect.DeepEqual(&got, full()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestEncode_AsTheLibraryWould: what is written by hand reads as what encoding/json writes, with each member there and missing.
func TestEncode_AsTheLibraryWould(t *testing.T) {
	whole := reflect.ValueOf(full()).Elem()
	for i := range whole.NumField() + 1 {
		s := *full()
		if i < whole.NumField() {
			f := reflect.ValueOf(&s).Elem().Field(i)
			f.Set(reflect.Zero(f.Type()))
		}
		want, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := AppendTo([]byte("before"), &s)
		if err != nil || string(got) != "before"+string(want) {
			t.Errorf("got  %s (%v)\nwant before%s", got, err, want)
		}
	}
	bad := *full()
	bad.Time = time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, err := AppendTo([]byte("before"), &bad); err == nil || string(got) != "before" {
		t.Errorf("a year that RFC 3339 has not: %s, %v", got, err)
	}
}

func BenchmarkEncode(b *testing.B) {
	s, dst := full(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = AppendTo(dst[:0], s)
	}
}

// What Decode takes, Encode writes so that it reads the same again.
func FuzzDecode(f *testing.F) {
	b, _ := Encode(full())
	f.Add(b)
	f.Add([]byte(`{"kind":"watermark","time":"2026-11-21T07:00:00+09:00","src":"t/0/1/0"}`))
	f.Add([]byte(`{"kind":"match","rule":"r","group":null,"values":{"":""}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
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
		if !s.Time.Equal(again.Time) || s.Rule != again.Rule || len(s.Group) != len(again.Group) || len(s.Values) != len(again.Values) {
			t.Fatalf("%+v became %+v", s, again)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	in, _ := Encode(full())
	var s Signal
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(in, &s); err != nil {
			b.Fatal(err)
		}
	}
}
