package jsonmsg

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
	"weir/event/ecs"
)

func split(msg string) (objs []string, err error) {
	err = Each(msg, func(obj string) error {
		objs = append(objs, obj)
		return nil
	})
	return objs, err
}

func TestEach_Success(t *testing.T) {
	tests := []struct{ name, msg, want string }{
		{"one", `{"a":1}`, `{"a":1}`},
		{"blanks", " \n{\"a\":1}\r\n ", `{"a":1}`},
		{"an array", `[{"a":1},{"b":[{"c":2}]}]`, `{"a":1}|{"b":[{"c":2}]}`},
		{"an array over lines", "[\n{\"a\":1},\n{\"b\":2}\n]\n", `{"a":1}|{"b":2}`},
		{"an empty array", `[]`, ``},
		{"lines", "{\"a\":1}\n{\"b\":2}\n", `{"a":1}|{"b":2}`},
		{"nothing between", `{"a":1}{"b":2}`, `{"a":1}|{"b":2}`},
		{"record separators", "\x1e{\"a\":1}\n\x1e{\"b\":2}\n", `{"a":1}|{"b":2}`},
		{"brackets in text", `{"a":"}]\"{"}{"b":"\\"}`, `{"a":"}]\"{"}|{"b":"\\"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objs, err := split(tt.msg)
			if got := strings.Join(objs, "|"); err != nil || got != tt.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestEach_Failure(t *testing.T) {
	tests := []struct {
		name, msg string
		before    int // objects that are handed out all the same
	}{
		{"nothing", "", 0}, {"blanks", " \n", 0}, {"no JSON", "hello", 0}, {"a number", "5", 0}, {"a text", `"x"`, 0}, {"open", `{"a":1`, 0}, {"open text", `{"a":"}`, 0},
		{"open array", `[{"a":1}`, 1}, {"array of numbers", `[1,2]`, 0}, {"a number in an array", `[{"a":1},2]`, 1}, {"text behind", `{"a":1} x`, 1}, {"text behind an array", `[{"a":1}] x`, 1},
		{"too deep", `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, 0}, {"too many", strings.Repeat("{}", maxObjects+1), maxObjects}, {"too long", strings.Repeat(" ", maxBytes+1), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objs, err := split(tt.msg)
			if err == nil || len(objs) != tt.before {
				t.Errorf("%d objects, %v", len(objs), err)
			}
		})
	}
}

func TestEach_StopsAtError(t *testing.T) {
	stop := errors.New("stop")
	n := 0
	if err := Each(`{}{}{}`, func(string) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestFill_Failure(t *testing.T) {
	for _, obj := range []string{"", "x", "[]", "5", `{"a":}`, `{"a":1`, `{"a":1}{}`} {
		var e event.Event
		if err := Fill(&e, obj); err == nil || e.Len() != 0 {
			t.Errorf("%q: %v, %s", obj, err, e.AppendJSON(nil))
		}
	}
}

// FuzzEach: objects lie in the message one after the other, and a message that is JSON comes apart whole.
func FuzzEach(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `[{"a":"}"},{"b":2}]`, "{\"a\":1}\n{\"b\":2}", `[1]`, `{"a":[[{}]]}{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		at := 0
		objs := 0
		err := Each(msg, func(obj string) error {
			i := strings.Index(msg[at:], obj)
			if i < 0 || obj[0] != '{' || obj[len(obj)-1] != '}' && obj[len(obj)-1] != ']' {
				t.Fatalf("%q: object %q", msg, obj)
			}
			at += i + len(obj)
			objs++
			return nil
		})
		var v any
		if json.Unmarshal([]byte(msg), &v) != nil {
			return
		}
		switch v := v.(type) {
		case map[string]any:
			if err == nil && objs != 1 {
				t.Fatalf("%q: %d objects", msg, objs)
			}
		case []any:
			if err == nil && objs != len(v) {
				t.Fatalf("%q: %d objects of %d", msg, objs, len(v))
			}
		}
	})
}

// FuzzFill: what weir decides itself is never taken from a message, addresses are addresses, and the event conforms
// and encodes.
func FuzzFill(f *testing.F) {
	for _, s := range []string{
		`{"@timestamp":"2024-01-01T00:00:00Z","source":{"ip":"1.2.3.4","port":"80"},"event.id":"x","level":"info","msg":"hi","labels":{"a":1},"x":{"y":[1,2]},"destination.ip":"nope","weir":{"class":"z"}}`,
		`{"event":{"id":1,"original":"x","created":"y"},"ecs":{"version":"0"},"observer":{"name":"liar","type":"t"},"time":1700000000,"ts":5,"host":{"name":"h"},"user":"bob","src_ip":"::1","proto":"tcp"}`,
		`{"":{"":1},"a.b":{"c":null},"tags":"x","dns":{"answers":[{"data":1}]},"process":{"args":[1,"b"]},"log":{"level":5}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, obj string) {
		var e event.Event
		mine := map[event.Field]string{event.EventID: "id", event.EventOriginal: "original", event.ECSVersion: "8.11.0", event.ObserverName: "fw", event.WeirClass: "class"}
		for f, v := range mine {
			e.Set(f, event.Str(v))
		}
		if Fill(&e, obj) != nil {
			return
		}
		for f, want := range mine {
			if got := e.Str(f); got != want {
				t.Fatalf("%q: %s became %q", obj, f, got)
			}
		}
		e.Each(func(f event.Field, v event.Value) bool {
			if strings.HasPrefix(f.Path(), "weir.") && f != event.WeirData && f != event.WeirClass {
				t.Fatalf("%q: %s = %s", obj, f, v)
			}
			for i := range v.Len() {
				if f.Type() == ecs.IP {
					if _, err := netip.ParseAddr(v.Item(i).Str()); err != nil {
						t.Fatalf("%s is %q", f, v.Item(i).Str())
					}
				}
			}
			return true
		})
		e.Conform()
		if doc := e.AppendJSON(nil); !json.Valid(doc) || !utf8.Valid(doc) {
			t.Fatalf("%q: %q", obj, doc)
		}
	})
}

func BenchmarkFill(b *testing.B) {
	b.ReportAllocs()
	obj := `{"@timestamp":"2024-01-01T00:00:00.123Z","level":"info","msg":"request done","service":{"name":"api"},"source":{"ip":"192.0.2.1","port":54190},"http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/x"},"took_ms":12,"ctx":{"tenant":"a","shard":3}}`
	var e event.Event
	var buf []byte
	for b.Loop() {
		e.Reset()
		if err := Fill(&e, obj); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendJSON(buf[:0])
	}
}

func BenchmarkEach(b *testing.B) {
	b.ReportAllocs()
	msg := "[" + strings.Repeat(`{"@timestamp":"2024-01-01T00:00:00.123Z","level":"info","msg":"request \"done\""},`, 99) + `{}]`
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		if err := Each(msg, func(string) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
