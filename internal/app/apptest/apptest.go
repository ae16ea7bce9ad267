// Package apptest is what the tests of the process and of its commands share: data folders and events.
package apptest

import (
	"os"
	"path/filepath"
	"testing"

	"weir/event"
	"weir/internal/config"
)

// Data makes a data folder with files in it and the configuration of it.
func Data(t testing.TB, files map[string]string) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data = t.TempDir()
	for name, text := range files {
		path := filepath.Join(cfg.Data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// Decode makes an event of an ECS document.
func Decode(t testing.TB, doc string) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return &e
}

// OneRule is a rule that hits what says kilroy.
const OneRule = "id: mine\ntitle: Mine\nlevel: low\nwhen: message contains \"kilroy\"\n"
