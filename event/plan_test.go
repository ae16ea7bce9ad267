package event

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event/ecs"
)

// randomEvent sets some fields in some order, among them ones that lie below others. Few seeds make few shapes.
func randomEvent(e *Event, r *rand.Rand) {
	e.Reset()
	fields := load().order
	for range r.IntN(40) {
		f := fields[r.IntN(len(fields))]
		switch r.IntN(6) {
		case 0:
			e.SetInt(f, r.Int64()>>r.IntN(63)-1000)
		case 1:
			e.Set(f, At(time.Unix(r.Int64N(8e9)-4e9, r.Int64N(1e9)/[]int64{1, 1e3, 1e6, 1e9}[r.IntN(4)])))
		case 2:
			e.Set(f, Items(Str("a"), Num(2), Nil(), Items(Str("x\"y"))))
		case 3:
			e.Delete(f)
		default:
			e.SetStr(f, strings.Repeat("é\n\\x ", r.IntN(3))+strings.Repeat("abcdefg", r.IntN(5)))
		}
	}
}

// TestPlans_AreTheSame holds what is written by plan to what is written without one, for shapes that come often, shapes
// that share a place, and shapes that come once.
func TestPlans_AreTheSame(t *testing.T) {
	var e Event
	planned := 0
	for i := range 30_000 {
		seed := uint64(i % 700) // comes again: gets a plan
		if i%3 == 0 {
			seed = uint64(i) + 1000
		}
		randomEvent(&e, rand.New(rand.NewPCG(seed, 1)))
		want := string(e.appendOrdered(nil, load()))
		got := string(e.AppendJSON([]byte("before ")))
		if got != "before "+want {
			t.Fatalf("seed %d:\ngot  %s\nwant before %s", seed, got, want)
		}
		if _, ok := e.planned(nil, load()); ok {
			planned++
		}
	}
	if planned < 10_000 {
		t.Errorf("only %d events went by a plan: the test says little", planned)
	}
}

// TestPlans_OnePlace: two shapes whose hashes have one place do not write each other's documents.
func TestPlans_OnePlace(t *testing.T) {
	var a, b Event
	a.SetStr(Message, "m")
	a.SetInt(SourcePort, 1)
	for range 3 {
		a.AppendJSON(nil)
	}
	p := a.plan(load())
	for name, fill := range map[string]func(){
		"another order":    func() { b.SetInt(SourcePort, 1); b.SetStr(Message, "m") },
		"another field":    func() { b.SetStr(Message, "m"); b.SetInt(DestinationPort, 1) },
		"more fields":      func() { b.SetStr(Message, "m"); b.SetInt(SourcePort, 1); b.SetInt(DestinationPort, 2) },
		"fewer fields":     func() { b.SetStr(Message, "m") },
		"nothing":          func() {},
		"fields of no use": func() { b.SetStr(DNSAnswersData, "x"); b.Set(DNSAnswers, Members()) },
	} {
		b.Reset()
		fill()
		tab := *load()
		tab.plans = new(plans)
		h := b.shape()
		tab.plans.made[h%maxPlans].Store(p)
		if got, ok := b.planned(nil, &tab); ok || len(got) > 0 {
			t.Errorf("%s: written as %s", name, got)
		}
	}
}

// TestPlans_TooLong: an event whose names are longer than a plan has room for is written all the same.
func TestPlans_TooLong(t *testing.T) {
	f, err := Register(ecs.Keyword, "test.plan."+strings.Repeat("long", 20_000))
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	e.SetStr(f, "value")
	e.SetStr(Message, "m")
	want := string(e.appendOrdered(nil, load()))
	for range 3 {
		if got := string(e.AppendJSON(nil)); got != want || e.plan(load()) != nil {
			t.Fatalf("%d bytes, not %d", len(got), len(want))
		}
	}
}

// TestPlans_OfManyAtOnce: plans are shared by all goroutines.
func TestPlans_OfManyAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var e Event
			for i := range 500 {
				e.Reset()
				e.SetStr(Message, fmt.Sprint(g, i))
				e.SetInt(load().order[200+i%7], int64(i))
				want := string(e.appendOrdered(nil, load()))
				if got := string(e.AppendJSON(nil)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestClock(t *testing.T) {
	var c clock
	for _, at := range []string{
		"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z", "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:58.5Z", "1678-01-01T00:00:00Z",
		"2261-12-31T23:59:59.999999999Z", "2026-11-21T09:00:00.123Z", "2026-11-21T09:00:00.123456Z", "2026-11-21T09:00:04.000001Z", "2026-11-21T09:00:00.120000001Z",
	} {
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			want := string(append(appendTime([]byte{'"'}, when.UnixNano()), '"'))
			if got := string(c.append(nil, when.UnixNano())); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

// FuzzString: what is written quickly reads back as encoding/json would have it, wherever the odd byte stands.
func FuzzString(f *testing.F) {
	for i := range 20 {
		f.Add(strings.Repeat("a", i) + "\"" + strings.Repeat("b", 20-i))
		f.Add(strings.Repeat("a", i) + "\x1f")
	}
	f.Add("héllo wörld, and more of it \\ \x80 \n")
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for n < len(s) && plain[s[n]] {
			n++
		}
		if got := plainLen(s); got != n {
			t.Fatalf("%q: %d bytes are plain, not %d", s, n, got)
		}
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil || back != string([]rune(s)) {
			t.Fatalf("%q became %q (%v)", s, back, err)
		}
	})
}
