package lists

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	t.Parallel()
	l, err := Read(strings.NewReader("\ufeff# hosts\n 203.0.113.5  # a comment\n\n10.0.0.0/8\n10.1.0.0/16\n2001:DB8::/32\nFE80::1\nbad.example\n/etc/passwd\n::ffff:192.0.2.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() != 8 {
		t.Errorf("%d values", l.Len())
	}
	for s, want := range map[string]bool{
		"203.0.113.5": true, "203.0.113.6": false, "10.200.0.1": true, "11.0.0.1": false, "2001:db8:1::1": true, "2001:db9::1": false,
		"fe80::1": true, "bad.example": true, "BAD.example": false, "/etc/passwd": true, "": false, "# hosts": false, "::ffff:10.0.0.1": true,
		"192.0.2.1": true,
	} {
		if got := l.Has(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	if _, err := Read(strings.NewReader(strings.Repeat("x", 1<<17))); err == nil {
		t.Error("a line of 128 KiB was read")
	}
}

func TestListsOfAnySize(t *testing.T) {
	t.Parallel()
	l := New("10.0.0.0/8", "10.0.0.0/8", "a", "a", "10.1.0.0/16", "0.0.0.0/0")
	if l.Len() != 4 {
		t.Errorf("%d values", l.Len())
	}
	if !slices.IsSortedFunc(l.bits, func(a, b prefixLen) int { return b.bits - a.bits }) {
		t.Errorf("lengths are tried in the order %v", l.bits)
	}
	if l.Has("2001:db8::1") || !l.Has("8.8.8.8") || !l.Has("::ffff:8.8.8.8") {
		t.Error("a network of one family holds addresses of the other")
	}
	if New("a/b").Has("10.0.0.1") || !New("a/b").Has("a/b") {
		t.Error("a path is taken for a network")
	}
	if _, err := Read(&endless{line: "10.0.0.1\n"}); err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") {
		t.Errorf("a list without end: %v", err)
	}
	if _, err := Read(io.MultiReader(strings.NewReader("a\n"), broken{})); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("a list that breaks off: %v", err)
	}
}

// endless repeats a line.
type endless struct {
	line string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[e.at]
		e.at = (e.at + 1) % len(e.line)
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }
