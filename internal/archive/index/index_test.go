package index_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/query"
)

var sha = [32]byte{1, 2, 3}

func view(t testing.TB, docs [][]byte) (*column.View, []int) {
	t.Helper()
	var tb column.Table
	var e event.Event
	var buf []byte
	order := make([]int, len(docs))
	for i, doc := range docs {
		order[i] = i
		ok := false
		if e.Decode(doc) == nil {
			ok, buf = column.Canonical(&e, doc, buf)
		}
		tb.Add(&e, doc, ok)
	}
	return tb.View(), order
}

func build(t testing.TB, docs [][]byte) []byte {
	t.Helper()
	v, order := view(t, docs)
	var b bytes.Buffer
	if err := index.Build(&b, v, order, sha); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reader(t testing.TB, docs [][]byte) *index.Reader {
	t.Helper()
	b := build(t, docs)
	r, err := index.NewReader(bytes.NewReader(b), int64(len(b)), index.Of(sha), len(docs))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rows(t testing.TB, r *index.Reader, n int, space index.Space, text string) []int {
	t.Helper()
	set := column.NewBits(n)
	if err := r.Rows(space, text, set); err != nil {
		t.Fatal(err)
	}
	return set.Rows()
}

// Every token of every message leads to exactly the rows that hold it.
func TestRows_AllTokens(t *testing.T) {
	docs := slices.Concat(sample.Docs(1, 1500), sample.Ugly())
	want := map[string][]int{}
	var e event.Event
	for i, d := range docs {
		_ = e.Decode(d)
		v := e.Get(event.Message)
		ok, _ := column.Canonical(&e, d, nil)
		if v.Kind() != event.String || !ok {
			continue // what stands in Rest or Raw is not in the space of messages
		}
		for tok := range query.Tokens(v.Str()) {
			key := string(query.Fold(nil, tok))
			if n := len(want[key]); n == 0 || want[key][n-1] != i {
				want[key] = append(want[key], i)
			}
		}
	}
	r := reader(t, docs)
	for tok, list := range want {
		if got := rows(t, r, len(docs), index.Message, tok); !slices.Equal(got, list) {
			t.Fatalf("token %q: rows %v, want %v", tok, got, list)
		}
	}
	for _, tok := range []string{"", "zzzz", "\xff", "Failed"} {
		if got := rows(t, r, len(docs), index.Message, tok); len(got) != 0 {
			t.Errorf("token %q: rows %v", tok, got)
		}
	}
	seen := map[string]bool{}
	set := column.NewBits(len(docs))
	err := r.Each(index.Message, func(tok string) bool { seen[tok] = true; return strings.HasPrefix(tok, "fail") }, set)
	if err != nil || len(seen) != len(want) {
		t.Fatalf("%d tokens, want %d: %v", len(seen), len(want), err)
	}
	var union []int
	for tok, list := range want {
		if strings.HasPrefix(tok, "fail") {
			union = append(union, list...)
		}
	}
	slices.Sort(union)
	if got := set.Rows(); !slices.Equal(got, slices.Compact(union)) {
		t.Errorf("prefix: %d rows, want %d", len(got), len(union))
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
}

func TestRows_Rest(t *testing.T) {
	docs := [][]byte{
		[]byte(`{"labels":{"env":"Blue Green"},"message":"x"}`),
		[]byte(`{"message":"blue","weir":{"data":{"n":80.0,"l":["a","Blue"],"o":{"k":"80"}}}}`),
		[]byte(`{ "message":"raw blue" }`),
		[]byte(`{"other":{"path":true}}`),
	}
	r := reader(t, docs)
	cases := []struct {
		space index.Space
		text  string
		want  []int
	}{
		{index.Other, "blue", []int{0, 1, 2}}, {index.Other, "green", []int{0}}, {index.Other, "true", []int{3}},
		{index.Number, "80", []int{1}}, {index.Path, "labels", []int{0}}, {index.Path, "weir.data", []int{1}},
		{index.Path, "message", []int{2}}, {index.Path, "other.path", []int{3}}, {index.Message, "blue", []int{1}},
	}
	for _, c := range cases {
		if got := rows(t, r, len(docs), c.space, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%c %s: %v, want %v", c.space, c.text, got, c.want)
		}
	}
}

func TestHas(t *testing.T) {
	docs := sample.Docs(2, 3000)
	docs = append(docs, []byte(`{"@timestamp":"2026-11-21T08:00:00.000Z","source":{"ip":"::FFFF:198.51.100.7"},"tags":["only-here"]}`))
	r := reader(t, docs)
	there := [][2]string{{"", "root"}, {"user.name", "root"}, {"related.user", "root"}, {"source.ip", "198.51.100.7"}, {"", "198.51.100.7"}, {"source.ip", "::FFFF:198.51.100.7"},
		{"tags", "only-here"}, {"", "only-here"}, {"event.id", "q7f3kx2m/3/1"}, {"event.id", "q7f3kx2m/3/3000"}, {"", "김민수"}, {"event.dataset", "system.sshd"}}
	for _, s := range there {
		if ok, err := r.Has(s[0], s[1]); !ok || err != nil {
			t.Errorf("%q: %v, %v", s, ok, err)
		}
	}
	wrong := 0
	for i := range 2000 {
		ok, err := r.Has("user.name", "not there "+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			wrong++
		}
	}
	if wrong > 100 {
		t.Errorf("%d of 2000 values that are not there may be there", wrong)
	}
}

func TestOpen(t *testing.T) {
	docs := sample.Docs(3, 50)
	b := build(t, docs)
	path := filepath.Join(t.TempDir(), "s.idx")
	write := func(b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(b)
	r, err := index.Open(path, sha, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		bytes []byte
		sha   [32]byte
		rows  int
	}{
		"another segment":  {b, [32]byte{9}, 50},
		"other row count":  {b, sha, 51},
		"empty":            {nil, sha, 50},
		"cut at the end":   {b[:len(b)-1], sha, 50},
		"cut at the start": {b[1:], sha, 50},
		"bytes behind":     {append(bytes.Clone(b), 0), sha, 50},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			write(c.bytes)
			if _, err := index.Open(path, c.sha, c.rows); !errors.Is(err, index.ErrDamaged) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := index.Open(path+".none", sha, 50); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestTerms(t *testing.T) {
	for in, want := range map[string]string{"80": "80", "80.0": "80", "8e1": "80", "-0": "0", "0.5": "0.5"} {
		f, ok := index.ParseNumber(in)
		if got := index.NumberTerm(f); !ok || got != want {
			t.Errorf("number %s: %s %v, want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "x", "NaN", "Inf", "1e999"} {
		if _, ok := index.ParseNumber(in); ok {
			t.Errorf("%q is a number", in)
		}
	}
	for in, want := range map[string]string{"203.0.113.5": "203.0.113.5", "::ffff:203.0.113.5": "203.0.113.5", "2001:DB8::1": "2001:db8::1", "fe80::1%eth0": "fe80::1"} {
		if got, ok := index.AddrTerm(in); !ok || got != want {
			t.Errorf("address %s: %s %v", in, got, ok)
		}
	}
	if _, ok := index.AddrTerm("10.0.0.0/8"); ok {
		t.Error("a network is an address")
	}
}

// A changed byte anywhere is noticed, or changes nothing: no look-up ever gives other rows than the whole index does.
func FuzzReader(f *testing.F) {
	docs := slices.Concat(sample.Docs(4, 120), sample.Ugly())
	whole := build(f, docs)
	good := reader(f, docs)
	terms := []string{"failed", "root", "443", "zzz"}
	want := map[string]string{}
	for _, s := range terms {
		want[s] = fmt.Sprint(rows(f, good, len(docs), index.Message, s))
	}
	f.Add(10, byte(1), len(whole))
	f.Add(len(whole)-60, byte(0xff), len(whole))
	f.Add(len(whole)-20, byte(4), len(whole))
	f.Add(0, byte(7), len(whole)/2)
	f.Fuzz(func(t *testing.T, at int, flip byte, size int) {
		b := bytes.Clone(whole[:min(max(size, 0), len(whole))])
		if at >= 0 && at < len(b) {
			b[at] ^= flip
		}
		r, err := index.NewReader(bytes.NewReader(b), int64(len(b)), index.Of(sha), len(docs))
		if err != nil {
			return
		}
		for _, s := range terms {
			set := column.NewBits(len(docs))
			if err := r.Rows(index.Message, s, set); err != nil {
				if !errors.Is(err, index.ErrDamaged) {
					t.Fatal(err)
				}
				continue
			}
			if got := fmt.Sprint(set.Rows()); got != want[s] {
				t.Fatalf("%s: rows %s, want %s", s, got, want[s])
			}
		}
		for _, s := range [][2]string{{"", "root"}, {"event.id", "q7f3kx2m/3/7"}} {
			if ok, err := r.Has(s[0], s[1]); err == nil && !ok {
				t.Fatalf("%s is said not to be there", s)
			}
		}
		_ = r.Check()
	})
}

// FuzzNewReader gives the reader any bytes: it never panics, and never sets a row that is not there.
func FuzzNewReader(f *testing.F) {
	f.Add(build(f, sample.Docs(5, 20)), 20)
	f.Add([]byte("weirIDX1"), 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n = min(max(n, 0), 1000)
		r, err := index.NewReader(bytes.NewReader(b), int64(len(b)), index.Of(sha), n)
		if err != nil {
			return
		}
		set := column.NewBits(n)
		_ = r.Each(index.Message, func(string) bool { return true }, set)
		for _, row := range set.Rows() {
			if row >= n {
				t.Fatalf("row %d of %d", row, n)
			}
		}
		_, _ = r.Has("", "x")
		_ = r.Check()
	})
}

func BenchmarkBuild(b *testing.B) {
	docs := sample.Docs(1, 65536)
	v, order := view(b, docs)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		var out bytes.Buffer
		if err := index.Build(&out, v, order, sha); err != nil {
			b.Fatal(err)
		}
		size = out.Len()
	}
	b.ReportMetric(float64(size)/float64(len(docs)), "B/event")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(docs)), "ns/event")
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.idx")
	if err := os.WriteFile(path, build(b, sample.Docs(1, 65536)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := index.Open(path, sha, 65536)
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkRows(b *testing.B) {
	docs := sample.Docs(1, 65536)
	r := reader(b, docs)
	for _, tok := range []string{"failed", "zzzz", "203.0.0.7"} {
		b.Run(tok, func(b *testing.B) {
			b.ReportAllocs()
			set := column.NewBits(len(docs))
			for b.Loop() {
				if err := r.Rows(index.Message, tok, set); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// V4 and netip agree about every text that V4 reads, and V4 reads every IPv4 address.
func FuzzV4(f *testing.F) {
	for _, s := range []string{"0.0.0.0", "10.20.30.40", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.", "01.2.3.4", "1..2.3", "", ".", "1.2.3.4.5", "::ffff:1.2.3.4", "1.2.3.1000", "00.0.0.0", "4294967296.0.0.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := index.V4(s)
		a, err := netip.ParseAddr(s)
		if ok != (err == nil && a.Is4()) {
			t.Fatalf("%q: read %v, netip says %v", s, ok, err)
		}
		if ok && netip.AddrFrom4([4]byte{byte(got >> 24), byte(got >> 16), byte(got >> 8), byte(got)}) != a {
			t.Fatalf("%q is %x", s, got)
		}
	})
}
