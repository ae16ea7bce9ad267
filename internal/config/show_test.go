package config

import (
	"reflect"
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
  hosts: []
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
    dataset: ""
    sockets: 0
    receive_buffer: 32 MiB
    time_zone: ""
  snmptrap:
    enabled: true
    listen: 127.0.0.1:1162
    credentials: snmp.yaml
    limit: 0
    drop_if: ""
    receive_buffer: 4 MiB
  ebpf:
    enabled: false
    ring: 4 MiB
    connections: 65536
    report: 0
    ignore_loopback: false
    ignore_ports: []
    own: false
    drop_if: ""
  file:
    paths: []
    exclude: []
    datasets: []
    start: end
    max_record: 1 MiB
    max_files: 10000
    drop_if: ""
  aws:
    queue: ""
    region: ""
    endpoint: ""
    wait: 20s
    workers: 4
    drop_if: ""
bus:
  brokers: []
  prefix: weir.
  topics:
    raw_syslog: ""
    raw_snmp: ""
    raw_ebpf: ""
    raw_file: ""
    raw_cloud: ""
    raw_audit: ""
    raw_reparse: ""
    events: ""
    signals: ""
    alerts: ""
    changes: ""
    state: ""
    cursors: ""
    deadletters: ""
    ledger: ""
  partitions: 0
  replication: 0
  min_insync_replicas: 0
  key: spread
  compression: snappy
  linger: 5ms
  batch_bytes: 1 MiB
  fetch_wait: 500ms
  fetch_min_bytes: 1
  max_record: 4 MiB
  in_flight: 64 MiB
  tls:
    enabled: false
    ca: ""
    cert: ""
    key: ""
    server_name: ""
  sasl:
    mechanism: none
    user: ""
    password: ""
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
  redact: redact.yaml
  ecs_version: 8.11.0
enrich:
  internal_networks: [private]
  users: users.csv
  user_agent: true
  threat: threat
  geoip:
    city: ""
    country: ""
    asn: ""
    anonymous: ""
    details: false
rules:
  folder: rules
  lists: lists
  pipelines: pipelines
  exceptions: exceptions.yaml
  shipped: true
  disable: []
correlate:
  lateness: 5m
  snapshot: 30s
  max_groups: 100000
  max_bytes: 256 MiB
  dataset_lateness: [aws.*=1h, azure.*=1h, gcp.*=1h, google_workspace.*=1h, o365.*=1h, okta.*=1h]
notify:
  file: notify.yaml
  url: ""
alerts:
  keep: 400d
  risk:
    half_life: 1d
    threshold: 100
    rules: 2
    weights:
      informational: 1
      low: 5
      medium: 15
      high: 40
      critical: 80
watchdog:
  enabled: true
  disable: []
  silence:
    enabled: true
    after: 10m
    quiet_days: []
  canary: 5m
archive:
  folder: archive
  epoch_rows: 65536
  epoch_bytes: 64 MiB
  epoch_age: 1h
  bucket: ""
  local: 0
  copies: []
  s3:
    region: ""
    endpoint: ""
    lock: 0
  log:
    key_folder: ""
    publish: ""
    channels: []
    stamp: ""
    stamp_ca: ""
retention:
  systems: privacy/systems.yaml
  zone: ""
  enforce: true
  settle: 7d
reports:
  file: reports.yaml
elastic:
  urls: []
  api_key: ""
  user: ""
  password: ""
  ca: ""
  flavour: auto
  prefix: logs-weir.
  keep: 90d
  shards: 1
  replicas: -1
  refresh: 5s
  workers: 4
  bulk_bytes: 4 MiB
  compression: auto
  shard_budget: 80
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
	again, err := Load(write(t, defaults), nil)
	if err != nil || again.YAML(false) != defaults {
		t.Errorf("the defaults, written down, are something else: %v", err)
	}
	// An empty list and none are the same.
	if err == nil && !reflect.DeepEqual(normal(again.Config), normal(Default())) {
		t.Errorf("the defaults read back as\n%+v, want\n%+v", again.Config, Default())
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
		if found && !strings.Contains(line, long) && !strings.Contains(line, "dataset_lateness") {
			columns[len([]rune(key))]++
		}
	}
	if len(columns) != 1 {
		t.Errorf("origins stand in %d columns:\n%s", len(columns), l.YAML(true))
	}
}
