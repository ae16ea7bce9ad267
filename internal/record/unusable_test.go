package record

import (
	"strings"
	"testing"
)

func TestUnusable(t *testing.T) {
	for _, tc := range []struct {
		tags           []string
		reason, detail string
		ok             bool
	}{
		{nil, "", "", false},
		{[]string{TagTruncated, "unusable"}, "", "", false},
		{[]string{TagUnusable("object-cut", "it ends early")}, "object-cut", "it ends early", true},
		{[]string{TagTruncated, TagUnusable("r", "a, b: c")}, "r", "a; b: c", true},
		{[]string{"unusable:"}, "", "", true},
	} {
		// As it travels: tags are joined by commas.
		raw := Raw{}
		if joined := strings.Join(tc.tags, ","); joined != "" {
			raw.Tags = strings.Split(joined, ",")
		}
		if reason, detail, ok := raw.Unusable(); reason != tc.reason || detail != tc.detail || ok != tc.ok {
			t.Errorf("%q: %q, %q, %v", tc.tags, reason, detail, ok)
		}
	}
}
