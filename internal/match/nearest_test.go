package match

import (
	"testing"
)

func TestNearestField(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"source.ipp":   "source.ip",
		"sorce.ip":     "source.ip",
		"usr.nam":      "user.name",
		"event.datset": "event.dataset",
		"Source.IP":    "source.ip",
		"source.ip":    "source.ip",
		"flavour":      "",
		"":             "",
	} {
		if got := NearestField(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
