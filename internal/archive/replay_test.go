package archive

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

var replayNumber = regexp.MustCompile(`"id":"n(\d+)"`)

// replayed returns the numbers of the documents that a replay gives, sorted.
func replayed(t *testing.T, a *Archive, p Partition, from, to int64) []int {
	t.Helper()
	var got []int
	err := a.Replay(t.Context(), p, from, to, func(doc []byte) error {
		m := replayNumber.FindSubmatch(doc)
		if m == nil {
			return fmt.Errorf("no number in %s", doc)
		}
		n, err := strconv.Atoi(string(m[1]))
		got = append(got, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

// TestReplay gives the epochs that hold what is asked for, sealed ones and the rows in memory, and no others.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	p := Partition{Topic: "weir.events", ID: 1}
	put := func(from, to int) {
		var docs [][]byte
		for i := from; i < to; i++ {
			docs = append(docs, fmt.Appendf(nil, `{"@timestamp":"2026-05-01T12:00:%02d.000Z","event":{"id":"n%d"},"weir":{"class":"standard"}}`, i%60, i))
		}
		add(t, a, rowsOf(docs, int64(from)))
	}
	put(0, 10)
	seal(t, a)
	put(10, 20)
	seal(t, a)
	put(20, 30)
	numbers := func(from, to int) (out []int) {
		for i := from; i < to; i++ {
			out = append(out, i)
		}
		return out
	}
	for _, tc := range []struct {
		name     string
		p        Partition
		from, to int64
		want     []int
	}{
		{"one sealed epoch", p, 3, 7, numbers(0, 10)},
		{"its end is not in it", p, 10, 11, numbers(10, 20)},
		{"two", p, 9, 11, numbers(0, 20)},
		{"what is only in memory", p, 25, 26, numbers(20, 30)},
		{"everything", p, 0, 100, numbers(0, 30)},
		{"another partition", Partition{Topic: "weir.events", ID: 0}, 0, 5, numbers(20, 30)}, // nobody knows what is in memory without looking
	} {
		if got := replayed(t, a, tc.p, tc.from, tc.to); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	seal(t, a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := replayed(t, r, p, 22, 23); !slices.Equal(got, numbers(20, 30)) {
		t.Errorf("from the files alone: %v", got)
	}
	enough := errors.New("enough")
	if err := r.Replay(t.Context(), p, 0, 30, func([]byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("who reads has had enough: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Replay(gone, p, 0, 30, func([]byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
}

// TestReplay_Empty: an archive that has sealed nothing has nothing to give.
func TestReplay_Empty(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	if got := replayed(t, a, Partition{Topic: "weir.events", ID: 0}, 0, 5); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
