package match

import (
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"within", "by", "count", "sequence", "user.name", "to"}
	for name, want := range map[string]string{
		"withn": "within", "wihtin": "within", "WITHIN": "within", "b": "by", "yb": "by", "xx": "", "cuont": "count", "seqence": "sequence",
		"user.nmae": "user.name", "entirely": "", "": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for path, want := range map[string]string{"source.ipp": "source.ip", "sorce.ip": "source.ip", "usr.nam": "user.name", "event.datset": "event.dataset"} {
		if got := NearestField(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
