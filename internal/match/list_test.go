package match

import (
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	t.Parallel()
	l, err := ReadList(strings.NewReader("\ufeff# hosts\n 203.0.113.5  # a comment\n\n10.0.0.0/8\n10.1.0.0/16\n2001:DB8::/32\nFE80::1\nbad.example\n/etc/passwd\n::ffff:192.0.2.1\n"))
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
	if _, err := ReadList(strings.NewReader(strings.Repeat("x", 1<<17))); err == nil {
		t.Error("a line of 128 KiB was read")
	}
}
