package archive

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/archive/search/fields"
	"weir/internal/query"
)

// spoil changes one byte of a segment's file, at a place that is counted from its end if it is negative.
func spoil(t testing.TB, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x40
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Damage that is found only by reading is found by the first search, named once, and said in every answer; the rest is
// found, by search and scan and replay alike.
func TestQuarantine_FoundByReading(t *testing.T) {
	for name, at := range map[string]int{"a page of a column": 200, "the footer's length": -6, "the end mark": -1} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a, docs := filled(t, dir, 3, Options{})
			spoil(t, a.segments[1].path, at)
			a.Close()
			if len(find(t, open(t, t.TempDir(), Options{}), "")) != 0 {
				t.Fatal("an empty archive")
			}
			a = open(t, dir, Options{})
			if len(a.Problems()) != 0 {
				t.Fatal("nothing was read yet")
			}
			rest := append(append([][]byte(nil), docs[:10]...), docs[20:]...)
			for range 2 {
				got, bad := findBut(t, a, "")
				same(t, got, rest...)
				if len(bad) != 1 || !strings.Contains(bad[0].Error(), a.segments[1].path) {
					t.Fatalf("unreadable: %v", bad)
				}
			}
			if p := a.Problems(); len(p) != 1 || p[0].Code != "archive-segment" || p[0].Where != a.segments[1].path || p[0].Do == "" {
				t.Errorf("problems: %v", p)
			}
			s := a.Segments()
			if s[0].Quarantined != "" || !strings.Contains(s[1].Quarantined, "10 events of 2026-11-21") {
				t.Errorf("%+v", s)
			}
			events, errs := 0, 0
			for e, err := range a.Scan(context.Background(), search.ScanOptions{}) {
				if err != nil {
					errs++
				} else if e != nil {
					events++
				}
			}
			if events != 20 || errs != 1 {
				t.Errorf("%d events, %d errors", events, errs)
			}
			n := 0
			if err := a.Replay(context.Background(), Partition{"weir.events", 1}, 0, 30, func([]byte) error { n++; return nil }); err != nil || n != 20 {
				t.Errorf("replay: %d, %v", n, err)
			}
			if _, err := os.Stat(s[1].Path); err == nil {
				t.Error("it was moved")
			}
			// It may expire all the same.
			if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[1])}); err != nil {
				t.Fatal(err)
			}
			same(t, find(t, a, ""), rest...)
		})
	}
}

// An answer that does not reach a damaged segment does not speak of it.
func TestQuarantine_OnlyOfItsTimeAndClass(t *testing.T) {
	a, _ := filled(t, t.TempDir(), 2, Options{})
	spoil(t, a.segments[1].path, 200)
	_, bad := findBut(t, a, "")
	if len(bad) != 1 {
		t.Fatal(bad)
	}
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	s := a.Segments()[1]
	for name, c := range map[string]struct {
		req search.Request
		bad int
	}{
		"its time":      {search.Request{From: s.Min, To: s.Max}, 1},
		"before":        {search.Request{To: s.Min}, 0},
		"after":         {search.Request{From: s.Max.Add(time.Nanosecond)}, 0},
		"its class":     {search.Request{Classes: []string{s.Class}}, 1},
		"another class": {search.Request{Classes: []string{"access"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c.req.Query = q
			sum, err := a.Search(context.Background(), c.req, nil)
			if err != nil || len(sum.Unreadable) != c.bad {
				t.Errorf("%v, %v", sum, err)
			}
			counted, err := a.FieldCounts(context.Background(), fields.Request{Request: c.req})
			if err != nil || len(counted.Unreadable) != c.bad {
				t.Errorf("counting fields: %v, %v", counted, err)
			}
		})
	}
}

// Damage in a column that only documents need does not end the search that comes upon it, and the next does without.
func TestQuarantine_FoundByDocuments(t *testing.T) {
	a, docs := filled(t, t.TempDir(), 2, Options{})
	path := a.segments[0].path
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	q, err := query.Parse("event.kind: event")
	if err != nil {
		t.Fatal(err)
	}
	hit := false
	for at := 4; at < len(b)-2000; at += len(b) / 40 {
		a.Close()
		changed := bytes.Clone(b)
		changed[at] ^= 0x40
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		a = open(t, a.Folder(), Options{})
		n := 0
		sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 100}, func([]byte, *event.Event) error { n++; return nil })
		if err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		if n != sum.Returned || n != 20 && (n != 10 || len(sum.Unreadable) != 1) {
			t.Fatalf("byte %d: %d documents of %d, %v", at, n, len(docs), sum.Unreadable)
		}
		if sum, err = a.Search(context.Background(), search.Request{Query: q}, nil); err != nil || sum.Total != n {
			t.Fatalf("byte %d, again: %+v, %v", at, sum, err)
		}
		hit = hit || n == 10
	}
	if !hit {
		t.Error("no damage was found: the test says nothing")
	}
}

func TestSuspect_WhatPasses(t *testing.T) {
	a, _ := filled(t, t.TempDir(), 1, Options{})
	for _, err := range passing {
		if got := a.suspect(a.segments[0], err); !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
	if len(a.Problems()) != 0 || a.Segments()[0].Quarantined != "" {
		t.Error("a segment was blamed for what is not its fault")
	}
}

// The scrub finds a changed byte that no search has come upon, and what went missing.
func TestScrub(t *testing.T) {
	a, _ := filled(t, t.TempDir(), 4, Options{})
	round := func() error {
		n := 0
		return a.Scrub(context.Background(), func(context.Context) error {
			if n++; n == 4 {
				return errors.New("enough")
			}
			return nil
		})
	}
	if err := round(); err == nil || len(a.Problems()) != 0 {
		t.Fatalf("%v %v", err, a.Problems())
	}
	spoil(t, a.segments[1].path, 300)
	if err := os.Remove(a.segments[2].path); err != nil {
		t.Fatal(err)
	}
	for range 2 { // each is named once
		if err := round(); err == nil {
			t.Fatal("it ended without being told")
		}
	}
	p := a.Problems()
	if len(p) != 2 || !strings.Contains(p[0].What, "SHA-256") || !strings.Contains(p[1].What, "missing") {
		t.Errorf("%v", p)
	}
	if got, bad := findBut(t, a, ""); len(got) != 20 || len(bad) != 2 {
		t.Errorf("%d found, %v", len(got), bad)
	}
	ctx, stop := context.WithCancel(context.Background())
	if err := a.Scrub(ctx, func(context.Context) error { stop(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	empty := open(t, t.TempDir(), Options{})
	if err := empty.Scrub(ctx, func(ctx context.Context) error { return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("empty: %v", err)
	}
}
