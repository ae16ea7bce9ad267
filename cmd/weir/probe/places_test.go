package probe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/testkit"
)

func TestPlaces(t *testing.T) {
	base := filepath.Join(testkit.Shared(t), "data", "geoip")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "broken.mmdb"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Data = dir
	now := time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, path, state, text string
		now                     time.Time
	}{
		{"none", "", OK, "no database", now},
		{"broken", "broken.mmdb", Warn, "broken", now},
		{"not there", "none.mmdb", Warn, "cannot be read", now},
		{"old", filepath.Join(base, "GeoLite2-City-Test.mmdb"), Warn, "GeoLite2-City of 20", now},
		{"new", filepath.Join(base, "GeoLite2-City-Test.mmdb"), OK, "GeoLite2-City of 20", time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		cfg.Enrich.GeoIP.City = tt.path
		if f := probePlaces(cfg, tt.now); f.State != tt.state || !strings.Contains(f.Text, tt.text) || (f.Do == "") != (tt.name == "new") {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}
