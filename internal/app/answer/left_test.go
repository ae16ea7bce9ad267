package answer

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"weir/internal/state"
	"weir/rules/coverage"
)

// TestLeftCoverage: what a weir that was killed had open is read from its files.
func TestLeftCoverage(t *testing.T) {
	dir := t.TempDir()
	left := coverage.Stretch{Topic: "weir.raw.syslog", Partition: 3, From: 5, To: 9, Set: "A", Began: time.Unix(1, 0).UTC(), Ended: time.Unix(2, 0).UTC(),
		Spans: []coverage.Span{{Dataset: "d", Events: 4, First: time.Unix(0, 0).UTC(), Last: time.Unix(1, 0).UTC()}}}
	open, err := json.Marshal(map[string]any{"open": left, "closing": []coverage.Stretch{{Topic: "weir.raw.syslog", Partition: 3, To: 5, Set: "A"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"raw.syslog": string(open), "raw.file": "{", "rulesets": "x"} {
		store, err := state.Folder(filepath.Join(dir, CoverageFolder), slog.New(slog.DiscardHandler)).Open(name, 3)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := state.SaveAndWait(t.Context(), store, []state.Change{{Key: "stretch", Value: []byte(value)}}); err != nil {
			t.Fatal(err)
		}
		store.Close()
	}
	if err := os.WriteFile(filepath.Join(dir, CoverageFolder, "raw.odd-x.state"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := LeftCoverage(t.Context(), dir, slog.New(slog.DiscardHandler)); len(got) != 2 || got[0].To != 5 || !reflect.DeepEqual(got[1], left) {
		t.Errorf("%+v", got)
	}
	if got := LeftCoverage(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler)); len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}
