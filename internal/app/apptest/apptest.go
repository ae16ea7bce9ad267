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

// Gate is a user's own format, with a test that holds and one that does not.
const Gate = `dataset: acme_gate.log
title: Acme Gate
observer: {vendor: Acme}
match: {starts: ["GATE|"]}
steps:
  - dissect: 'GATE|%{_action}|%{source.ip}'
  - choose: {on: _action, cases: {OPEN: {event.type: [allowed]}, SHUT: {event.type: [denied]}, QUIET: {event.type: [info]}}}
  - {drop: true, if: '_action == "QUIET"'}
tests:
  - {name: opened, raw: 'GATE|OPEN|192.0.2.1', expect: {source.ip: 192.0.2.1, event.type: allowed}}
  - {name: wrong on purpose, raw: 'GATE|SHUT|192.0.2.1', expect: {event.type: [allowed]}}
  - {name: filtered, raw: 'GATE|QUIET|192.0.2.1', dropped: true}
`
