package manifest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/manifest"
)

// TestNewAction: what an action says is read back as it was said, in UTC, and one that no leaf could hold is refused.
func TestNewAction(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.FixedZone("KST", 9*3600))
	h := manifest.Hold{ID: "h1", Query: "user.name: 김민수", Owner: "ana", Reason: "case 7"}
	a, err := manifest.NewAction(manifest.KindHold, "ana", at, h)
	if err != nil || a.Kind != "hold" || a.At.Location() != time.UTC || !a.At.Equal(at) {
		t.Fatalf("%+v, %v", a, err)
	}
	var back manifest.Hold
	if err := json.Unmarshal(a.Body, &back); err != nil || back != h {
		t.Errorf("%+v, %v", back, err)
	}
	h.Reason = strings.Repeat("x", manifest.MaxAction)
	if _, err := manifest.NewAction(manifest.KindHold, "ana", at, h); err == nil {
		t.Error("an action that fits no leaf was made")
	}
}
