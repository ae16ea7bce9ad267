package config

import (
	"strings"
	"testing"
)

// TestYAML_RoundTrip: what `config show` prints is a configuration that gives the same.
func TestYAML_RoundTrip(t *testing.T) {
	text := "data: \"a: b #c\"\nbus:\n  brokers: [k1:9092, k2:9092]\n  prefix: \"123\"\ninputs:\n  syslog:\n    limit: 10/m\n    drop_if: 'user.name == \"x\"'\n"
	l, err := Load(write(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, origins := range []bool{false, true} {
		again, err := Load(write(t, l.YAML(origins)), nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, l.YAML(origins))
		}
		if a, b := again.YAML(false), l.YAML(false); a != b {
			t.Errorf("got\n%s\nwant\n%s", a, b)
		}
	}
}

func TestYAML_Origins(t *testing.T) {
	path := write(t, "console:\n  listen: 127.0.0.1:1\n")
	l, err := Load(path, []string{"WEIR_LOG_LEVEL=debug"})
	if err != nil {
		t.Fatal(err)
	}
	out := l.YAML(true)
	for _, want := range []string{"# " + path + ":2\n", "# environment WEIR_LOG_LEVEL\n", "# default\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31m\u202eb\n"); got != "a?[31m?b?" {
		t.Errorf("got %q", got)
	}
}

// defaults is the configuration of a weir without a file, as `config show` prints it. A default that changes here changes
// what every site without that key does: it belongs into the notes of the release.
const defaults = `data: ./weir-data
console:
  listen: 127.0.0.1:8514
inputs:
  syslog:
    enabled: true
    listen: 127.0.0.1:5514
    tls:
      listen: 127.0.0.1:6514
      cert: ""
      key: ""
      client_ca: ""
    relp:
      listen: 127.0.0.1:2514
      window: 1024
    max_record: 64 KiB
    max_connections: 2000
    idle_timeout: 30m
    limit: 0
    drop_if: ""
    sockets: 0
    receive_buffer: 32 MiB
    time_zone: ""
bus:
  brokers: []
  prefix: weir.
  partitions: 0
  key: spread
  compression: snappy
  linger: 5ms
  in_flight: 64 MiB
  embedded:
    max_bytes: 1 GiB
    segment_bytes: 16 MiB
    sync: true
    min_free: 512 MiB
    kafka_listen: ""
  spool:
    max_bytes: 1 GiB
    after: 2s
normalise:
  inventory: inventory.csv
  classes: classes.yaml
  ecs_version: 8.11.0
rules:
  folder: rules
  lists: lists
  shipped: true
  disable: []
correlate:
  lateness: 5m
  snapshot: 30s
  max_groups: 100000
archive:
  epoch_rows: 65536
  epoch_bytes: 64 MiB
  epoch_age: 1h
ledger:
  interval: 10s
  max_sources: 10000
log:
  level: info
`

func TestYAML_Defaults(t *testing.T) {
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.YAML(false); got != defaults {
		t.Errorf("got\n%s\nwant\n%s", got, defaults)
	}
	if again, err := Load(write(t, defaults), nil); err != nil || again.YAML(false) != defaults {
		t.Errorf("the defaults, written down, are something else: %v", err)
	}
}

// TestYAML_aligned: origins stand in one column, but for lines that are longer than it.
func TestYAML_aligned(t *testing.T) {
	long := strings.Repeat("x", 80)
	l, err := Load("", []string{"WEIR_DATA=./" + long, "WEIR_RULES_FOLDER=규칙"})
	if err != nil {
		t.Fatal(err)
	}
	columns := map[int]int{}
	for line := range strings.Lines(l.YAML(true)) {
		key, _, found := strings.Cut(line, "# ")
		if found && !strings.Contains(line, long) {
			columns[len([]rune(key))]++
		}
	}
	if len(columns) != 1 {
		t.Errorf("origins stand in %d columns:\n%s", len(columns), l.YAML(true))
	}
}
