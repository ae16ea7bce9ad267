package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSeries_median(t *testing.T) {
	for name, c := range map[string]struct {
		s    series
		want spent
	}{
		"nothing":       {nil, spent{}},
		"one":           {series{{wall: 3, cpu: 2}}, spent{wall: 3, cpu: 2}},
		"each its own":  {series{{wall: 1, cpu: 9}, {wall: 2, cpu: 8}, {wall: 3, cpu: 7}}, spent{wall: 2, cpu: 8}},
		"one that lags": {series{{wall: 1, cpu: 1}, {wall: 1000, cpu: 1000}, {wall: 2, cpu: 2}}, spent{wall: 2, cpu: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.s.median(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestClocks holds the three ways to read this process's CPU time against each other.
func TestClocks(t *testing.T) {
	for began := now(); now().since(began).cpu < 60*time.Millisecond; {
	}
	own, fine, coarse := now().cpu, threads(os.Getpid()), ticks(os.Getpid())
	if fine <= 0 || fine > own+time.Second || coarse < own-time.Second || coarse > own+time.Second {
		t.Errorf("own %v, threads %v, ticks %v", own, fine, coarse)
	}
	if ticks(-1) != 0 || threads(-1) != 0 {
		t.Error("a process that is not there has worked")
	}
}

func TestResident(t *testing.T) {
	forget()
	before := resident()
	b := make([]byte, 64<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	if after := resident(); before <= 0 || after < before+32<<20 || b[0] != 1 {
		t.Errorf("%d MB, then %d MB", before>>20, after>>20)
	}
}

func TestSizes(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "class=a", "day=b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"class=a/day=b/s.parquet": 100, "class=a/day=b/s.idx": 20, "manifest.jsonl": 3} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("x", n)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if sealed, beside, err := sizes(dir); err != nil || sealed != 100 || beside != 23 {
		t.Errorf("got %d, %d, %v", sealed, beside, err)
	}
	if _, _, err := sizes(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there has a size")
	}
}

func TestLoad(t *testing.T) {
	if l := load(); len(strings.Fields(l)) != 3 && l != "unknown" {
		t.Errorf("got %q", l)
	}
}
