package keeping

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/control/archiving"
	"weir/internal/retention"
)

// TestChecks: what the last check said is known after a restart, and a check of a copy does not take its place.
func TestChecks(t *testing.T) {
	data := t.TempDir()
	c := checksOf(data)
	if f := c.facts(); f != (retention.VerifyFacts{}) {
		t.Errorf("nobody has checked anything: %+v", f)
	}
	at := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	if err := c.set(&archiving.Verified{OK: true, Segments: 7, At: at, Until: at.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	want := retention.VerifyFacts{At: at, OK: true, Segments: 7, Anchored: at.Add(-time.Hour)}
	for name, v := range map[string]*archiving.Verified{"nothing": nil, "a copy": {Copy: 2, Found: 3, At: at.Add(time.Hour)}} {
		if err := c.set(v); err != nil || checksOf(data).facts() != want {
			t.Errorf("%s: %+v, %v", name, checksOf(data).facts(), err)
		}
	}
	if err := c.set(&archiving.Verified{Copy: 1, Found: 2, At: at.Add(time.Hour)}); err != nil || c.facts().Findings != 2 || c.facts().OK {
		t.Errorf("%+v, %v", c.facts(), err)
	}
	if err := os.WriteFile(filepath.Join(data, "archive-verified.json"), []byte(`{"at":"2026-11-22T00:00:00Z","ok":tr`), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := c.facts(); f != (retention.VerifyFacts{}) {
		t.Errorf("half a file: %+v", f)
	}
}
