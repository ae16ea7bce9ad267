package correlate

import (
	"strings"
	"testing"
)

func TestFoldGroup(t *testing.T) {
	r := bruteForce()
	cases := []struct {
		name string
		fold []string
		want string
	}{
		{"coarser", []string{"source.ip"}, "ip"},
		{"the same, other order", []string{"user.name", "source.ip"}, "root ip"},
		{"with a field that is not grouped by", []string{"user.name", "host.name"}, "root"},
		{"nothing in common", []string{"host.name"}, "ip root"},
		{"none", nil, "ip root"},
	}
	for _, c := range cases {
		r.Fold.By = c.fold
		if got := strings.Join(FoldGroup(r, []string{"ip", "root"}), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
