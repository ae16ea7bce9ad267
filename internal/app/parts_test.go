package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/control/redo"
	"weir/internal/fault"
)

// partsFormat reads records of a gateway: the envelope names the gateway, each item is an event.
const partsFormat = `dataset: orbit_gateway.access
id: v1
title: Orbit Gateway
%smatch: {contains: [['"gateway":', '"events":']]}
split: {json: events}
steps:
  - json: {from: message, to: _json}
  - set: {event.category: [web], event.type: [access]}
  - copy: {_json.user: user.name, _json.src: source.ip}
%stests:
  - {name: two, raw: '{"gateway":"g","events":[{"user":"a"},{"user":"b"}]}', expect: [{user.name: a}, {user.name: b}]}
`

// writeFormat puts the format into the data folder, with other keys and steps.
func writeFormat(t *testing.T, cfg config.Config, keys, steps string) {
	t.Helper()
	dir := filepath.Join(cfg.Data, "formats")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "orbit.yaml"), fmt.Appendf(nil, partsFormat, keys, steps), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReparse_Parts: the events of a record that was split have only their item as original. It does not say any more whose it is,
// nor does it have the header: read again it makes the same documents, and a mended format makes better ones of them.
func TestReparse_Parts(t *testing.T) {
	for name, keys := range map[string]string{"a host": "", "a device that watches others": "observer: {vendor: Orbit}\n"} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			writeFormat(t, cfg, keys, "")
			a := start(t, cfg)
			b := backend(t, cfg)
			send(t, cfg, "<134>1 "+time.Now().UTC().Format(time.RFC3339)+` gw7 orbit 77 - - {"gateway":"gw-eu-1","events":[{"user":"ann","src":"192.0.2.1"},{"user":"bob","src":"192.0.2.2"},{"user":"cy","src":"192.0.2.3"}]}`)
			waitHits(t, b, "event.dataset: orbit_gateway.access", 3)
			for _, r := range []redo.Request{{Query: "user.name: *"}, {Query: "user.name: *", As: "orbit_gateway.access"}, {Query: "user.name: *", As: "orbit_gateway.access/v1"}} {
				sum, _ := rerun(t, b, r)
				if got := tells(sum); got != "tried 3 stored 0 unchanged 3 failed 0 filtered 0 skipped 0" {
					t.Errorf("nothing was mended: %s\n%s", got, strings.Join(hits(t, b, "user.name: *"), "\n"))
				}
			}
			if _, err := b.(redo.Redoer).Redo(t.Context(), redo.Request{As: "orbit_gateway.access/v2"}, nil); fault.Code(err) != "dataset-unknown" {
				t.Errorf("a format that there is not: %v", err)
			}
			stop(t, a)
			writeFormat(t, cfg, keys, "  - set: {event.action: passed}\n")
			a = start(t, cfg)
			b = backend(t, cfg)
			sum, _ := rerun(t, b, redo.Request{Query: "user.name: *"})
			if got := tells(sum); got != "tried 3 stored 3 unchanged 0 failed 0 filtered 0 skipped 0" {
				t.Errorf("mended: %s", got)
			}
			host := "host.name"
			if keys != "" {
				host = "observer.name"
			}
			if n := len(hits(t, b, "event.action: passed and log.syslog.hostname: gw7 and process.pid: 77 and "+host+": gw7 and weir.revision: 2")); n != 3 {
				t.Errorf("%d of 3 kept their header:\n%s", n, strings.Join(hits(t, b, "user.name: *"), "\n"))
			}
			stop(t, a)
		})
	}
}

// TestReparse_PartsOfFiles: what comes from a file is of the host whose file it is, and stands where it stood.
func TestReparse_PartsOfFiles(t *testing.T) {
	cfg := settings(t)
	writeFormat(t, cfg, "", "")
	logs := filepath.Join(t.TempDir(), "gw.log")
	if err := os.WriteFile(logs, []byte(`{"gateway":"gw-eu-1","events":[{"user":"ann"},{"user":"bob"}]}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg.Inputs.File.Paths, cfg.Inputs.File.Start = []string{logs}, "beginning"
	a := start(t, cfg)
	defer func() { stop(t, a) }()
	b := backend(t, cfg)
	waitHits(t, b, "event.dataset: orbit_gateway.access", 2)
	sum, _ := rerun(t, b, redo.Request{Query: "user.name: *"})
	if got := tells(sum); got != "tried 2 stored 0 unchanged 2 failed 0 filtered 0 skipped 0" {
		t.Errorf("nothing was mended: %s\n%s", got, strings.Join(hits(t, b, "user.name: *"), "\n"))
	}
}
