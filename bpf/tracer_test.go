package bpf

import (
	"slices"
	"testing"
	"time"
)

func TestParseArgs(t *testing.T) {
	for in, want := range map[string][]string{
		"": nil, "a\x00": {"a"}, "a\x00b c\x00": {"a", "b c"}, "a\x00\x00": {"a", ""}, "a\x00cut": {"a", "cut"}, "title": {"title"}, "\x00": {""},
	} {
		if got := parseArgs([]byte(in)); !slices.Equal(got, want) {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestPowerOfTwo(t *testing.T) {
	for _, tc := range []struct {
		n, least int
		want     uint32
	}{{1, 4096, 4096}, {4096, 4096, 4096}, {4097, 4096, 8192}, {4 << 20, 4096, 4 << 20}, {5_000_000, 16384, 8 << 20}, {1 << 40, 4096, 1 << 30}, {-1, 4096, 4096}} {
		if got := powerOfTwo(tc.n, tc.least); got != tc.want {
			t.Errorf("%d: %d, want %d", tc.n, got, tc.want)
		}
	}
	if !past.Before(time.Now()) {
		t.Error("the past is not over")
	}
}
