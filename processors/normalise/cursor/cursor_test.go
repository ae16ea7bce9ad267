package cursor

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unsafe"

	"weir/internal/state"
)

func open(t testing.TB, store state.Store, start int64) *Cursors {
	t.Helper()
	c, err := Open(t.Context(), store, start, &Stats{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// saved makes a checkpoint durable.
func saved(t testing.TB, c *Cursors, to int64) {
	t.Helper()
	c.Save(t.Context(), to, c.Take(), func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestFresh(t *testing.T) {
	c := open(t, &memory{values: map[string][]byte{}, left: -1}, 0)
	for i, tc := range []struct {
		key   string
		line  int64
		after time.Duration
		want  bool
	}{
		{"a", 0, 0, true}, {"a", 1, 0, true}, {"a", 1, 0, false}, {"a", 0, 0, false}, {"b", 0, 0, true}, {"a", 5, 0, true},
		{"a", 5, Idle, false}, {"a", 5, 2 * Idle, false}, // a copy is a sign of life too
		{"a", 5, 3*Idle + 2*time.Second, true}, {"b", 0, 3 * Idle, true},
	} {
		// The key aliases the record, whose memory is somebody else's afterwards.
		key := []byte(tc.key)
		got := c.Fresh(unsafe.String(&key[0], len(key)), tc.line, begin.Add(tc.after))
		key[0] = 'z'
		if got != tc.want {
			t.Errorf("step %d: %s/%d fresh: %v", i, tc.key, tc.line, got)
		}
	}
}

func TestOpen_ChoosesWhatWasTrueAtTheStart(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	for _, step := range []struct {
		key  string
		line int64
		to   int64
	}{{"a", 3, 10}, {"b", 7, 20}, {"a", 9, 30}} {
		c.Fresh(step.key, step.line, begin)
		saved(t, c, step.to)
	}
	for _, tc := range []struct {
		start  int64
		behind int
		high   map[string]int64 // -1: not known
	}{
		{0, 0, map[string]int64{"a": -1, "b": -1}}, {10, 0, map[string]int64{"a": 3, "b": -1}}, {15, 5, map[string]int64{"a": 3, "b": -1}},
		{20, 0, map[string]int64{"a": 3, "b": 7}}, {29, 9, map[string]int64{"a": 3, "b": 7}}, {30, 0, map[string]int64{"a": 9, "b": 7}}, {99, 69, map[string]int64{"a": 9, "b": 7}},
	} {
		c := open(t, store, tc.start)
		if c.Behind() != tc.behind {
			t.Errorf("start at %d: %d behind, want %d", tc.start, c.Behind(), tc.behind)
		}
		for key, high := range tc.high {
			if high >= 0 && c.Fresh(key, high, begin) {
				t.Errorf("start at %d: %s/%d counts as new", tc.start, key, high)
			}
			if !c.Fresh(key, high+1, begin) {
				t.Errorf("start at %d: %s/%d counts as a copy", tc.start, key, high+1)
			}
		}
	}
}

// TestOpen_BeforeEveryBoundary: an offset that somebody set back by hand is older than all checkpoints that are kept.
func TestOpen_BeforeEveryBoundary(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	c.Fresh("quiet", 4, begin)
	saved(t, c, 10)
	for i := range int64(boundaries + 5) {
		c.Fresh("busy", i, begin)
		saved(t, c, 20+i)
	}
	var log bytes.Buffer
	c, err := Open(t.Context(), store, 12, &Stats{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if c.Fresh("quiet", 4, begin) || !c.Fresh("busy", 0, begin) {
		t.Error("what was quiet since then is not known any more, or what came since is known already")
	}
	if !strings.Contains(log.String(), "offset=12") {
		t.Errorf("said %q", log.String())
	}
}

func TestSave_HistoryIsBounded(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	for i := range int64(1000) {
		c.Fresh("file", i, begin.Add(time.Duration(i)*time.Second))
		saved(t, c, i+1)
	}
	if n := len(store.values[objectPrefix+"file"]); n > 5*(boundaries+2) {
		t.Errorf("the history of one object has %d bytes", n)
	}
	if n := len(store.values[boundsKey]); n > 3*boundaries {
		t.Errorf("the boundaries have %d bytes", n)
	}
	if len(store.values) != 2 {
		t.Errorf("%d keys", len(store.values))
	}
}

func TestSave_WithoutObjectsThereIsNothingToSave(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	saved(t, c, 10)
	if len(store.values) != 0 {
		t.Errorf("saved %v", store.values)
	}
}

func TestSweep_IdleObjectsAreForgotten(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	c.Fresh("old", 1, begin)
	c.Fresh("new", 1, begin.Add(10*24*time.Hour))
	saved(t, c, 10)
	for i := range int64(boundaries) - 1 {
		c.Fresh("new", 2+i, begin.Add(Idle+25*time.Hour+time.Duration(i)*time.Hour))
		if store.values[objectPrefix+"old"] == nil {
			t.Fatal("it is forgotten while a worker could still start before its record")
		}
		saved(t, c, 20+i)
	}
	if store.values[objectPrefix+"old"] != nil || store.values[objectPrefix+"new"] == nil || len(c.objects) != 1 {
		t.Errorf("kept: %v", store.values)
	}
	if c.stats.Objects.Load() != 1 || c.stats.Forgotten.Load() != 0 {
		t.Errorf("counted %d objects, %d forgotten before their time", c.stats.Objects.Load(), c.stats.Forgotten.Load())
	}
}

func TestSweep_TooManyObjects(t *testing.T) {
	store := &memory{values: map[string][]byte{}, left: -1}
	c := open(t, store, 0)
	c.max = 100
	for i := range 130 {
		c.Fresh(fmt.Sprintf("o%03d", i), 5, begin.Add(time.Duration(i)*time.Second))
		if i%10 == 9 {
			saved(t, c, int64(i+1))
		}
	}
	if n := len(c.objects); n > 100 || n < 90 {
		t.Fatalf("%d objects are kept", n)
	}
	if got := c.stats.Forgotten.Load(); got != 130-int64(len(c.objects)) {
		t.Errorf("%d are counted as forgotten", got)
	}
	if len(store.values) != len(c.objects)+1 {
		t.Errorf("%d keys are stored for %d objects", len(store.values), len(c.objects))
	}
	if c.Fresh("o129", 5, begin) || !c.Fresh("o000", 5, begin) {
		t.Error("the newest was forgotten, or the oldest not")
	}
}

// TestSweep_WhatIsUnderWayStays: an object with a mark that no checkpoint has yet is not forgotten, however many there are.
func TestSweep_WhatIsUnderWayStays(t *testing.T) {
	c := open(t, &memory{values: map[string][]byte{}, left: -1}, 0)
	c.max = 4
	for i := range 20 {
		c.Fresh(fmt.Sprint(i), 1, begin)
	}
	held := c.Take()
	c.Save(t.Context(), 10, nil, func(error) {})
	if len(c.objects) != 20 {
		t.Errorf("%d objects are left", len(c.objects))
	}
	c.Save(t.Context(), 20, held, func(error) {})
	if len(c.objects) > 4 {
		t.Errorf("%d objects are left after their checkpoint", len(c.objects))
	}
}

func TestOpen_BrokenValues(t *testing.T) {
	good := encodeHistory([]entry{{1, 5, 100}})
	for name, values := range map[string]map[string][]byte{
		"history": {boundsKey: encodeBounds([]int64{5}), objectPrefix + "a": {9, 9}, objectPrefix + "b": good},
		"other":   {boundsKey: encodeBounds([]int64{5}), "unknown/a": good, objectPrefix + "b": good},
	} {
		c := open(t, &memory{values: values, left: -1}, 5)
		if !c.Fresh("a", 0, begin) || c.Fresh("b", 1, time.Unix(100, 0)) {
			t.Errorf("%s: one broken value harms another, or is believed", name)
		}
	}
	if _, err := Open(t.Context(), &memory{err: errors.New("away")}, 0, &Stats{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a store that cannot be read counts as empty")
	}
}

func BenchmarkFresh(b *testing.B) {
	c := open(b, &memory{values: map[string][]byte{}, left: -1}, 0)
	key := "s3/trail-bucket/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/21/123456789012_CloudTrail_eu-west-1_20261121T0000Z_abcdefghijklmnop.json.gz/etag"
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		c.Fresh(key, i, begin)
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	c := open(b, &memory{values: map[string][]byte{}, left: -1}, 0)
	b.ReportAllocs()
	for i := int64(1); b.Loop(); i++ {
		for o := range 100 {
			c.Fresh(fmt.Sprint("object ", o), i, begin)
		}
		c.checkpoint(i, c.Take())
	}
}
