package selfwatch

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/app/metrics"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/ledger"
	"weir/internal/watchdog"
	"weir/internal/watchdog/rhythm"
	"weir/processors/detect"
	"weir/processors/enrich/asset"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// doing is a process with some stages.
func doing(stages ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(stages, s) }
}

func TestRuleTimes(t *testing.T) {
	got := RuleTimes([]detect.Count{{Rule: "a", Took: time.Second}, {Rule: "b"}, {Rule: "a", Took: time.Minute}})
	if want := map[string]time.Duration{"a": 61 * time.Second, "b": 0}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCertificates(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*config.Config)
		does   func(string) bool
		want   string // names and files
	}{
		{"the own one of syslog", nil, doing("ingest"), "syslog TLS: /data/tls/syslog.crt"},
		{"without an input", nil, doing("archive"), ""},
		{"without TLS", func(c *config.Config) { c.Inputs.Syslog.TLS.Listen = "" }, doing("ingest"), ""},
		{"given ones", func(c *config.Config) {
			c.Inputs.Syslog.TLS.Cert, c.Inputs.Syslog.TLS.ClientCA = "/etc/fw.crt", "/etc/ca.pem"
		}, doing("ingest"), "syslog TLS: /etc/fw.crt, the CA of syslog senders: /etc/ca.pem"},
		{"Kafka and Elasticsearch", func(c *config.Config) {
			c.Bus.Brokers, c.Bus.TLS = []string{"k:9092"}, config.BusTLS{Enabled: true, CA: "/etc/kafka.pem", Cert: "/etc/weir.crt"}
			c.Elastic.URLs, c.Elastic.CA = []string{"https://es:9200"}, "/etc/es.pem"
		}, doing("elastic"), "weir at Kafka: /etc/weir.crt, the CA of Kafka: /etc/kafka.pem, the CA of Elasticsearch: /etc/es.pem"},
	} {
		cfg := config.Default()
		if tc.change != nil {
			tc.change(&cfg)
		}
		var got []string
		for _, c := range Certificates(&cfg, "/data", tc.does) {
			if c.Err == nil {
				t.Errorf("%s: %s was read", tc.name, c.File)
			}
			got = append(got, c.Name+": "+c.File)
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got, tc.want)
		}
	}
}

func TestDisks(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	if got := Disks(&cfg, cfg.Data, true); len(got) != 1 || got[0].Path != cfg.Data || got[0].Guard <= 0 {
		t.Errorf("an archive in the data folder: %+v", got)
	}
	cfg.Archive.Folder = t.TempDir()
	if got := Disks(&cfg, cfg.Data, true); len(got) != 2 || got[1].Path != cfg.Archive.Folder {
		t.Errorf("an archive elsewhere: %+v", got)
	}
	if got := Disks(&cfg, cfg.Data, false); len(got) != 1 {
		t.Errorf("an archive of another process: %+v", got)
	}
	cfg.Archive.Folder = filepath.Join(t.TempDir(), "gone")
	if got := Disks(&cfg, cfg.Data, true); len(got) != 1 {
		t.Errorf("a folder that is not there: %+v", got)
	}
}

func TestRefusals(t *testing.T) {
	got := Refusals(fault.List{{What: "unknown key", Where: "rules/vpn.yaml:12:5"}, {What: "another", Where: "rules/vpn.yaml:20:1"}, {What: "doubtful", Where: "rules/x.yaml:1:1", Warn: true}, {What: "no list", Where: "rules/y.yaml"}})
	if !slices.Equal(got, []watchdog.Refusal{{Where: "rules/vpn.yaml", Why: "unknown key"}, {Where: "rules/y.yaml", Why: "no list"}}) {
		t.Errorf("%+v", got)
	}
}

// TestLedger: before the ledger was read nothing is known; then its sure numbers are.
func TestLedger(t *testing.T) {
	if _, ok := Differences(nil); ok {
		t.Error("differences are known")
	}
	if _, ok := Dead(nil); ok {
		t.Error("dead letters are known")
	}
	l := &metrics.Ledger{Archive: metrics.Hop{Difference: 5}, Elastic: metrics.Hop{Difference: -2}, Dead: map[string]map[string]int64{"normalise": {"bad-json": 3, "too-large": 1}, "elastic": {"bad-json": 4}}}
	if got, ok := Differences(l); !ok || !maps.Equal(got, map[string]int64{"archive": 5}) {
		t.Errorf("%v", got)
	}
	l.HasElastic = true
	if got, _ := Differences(l); !maps.Equal(got, map[string]int64{"archive": 5, "elastic": -2}) {
		t.Errorf("%v", got)
	}
	if got, ok := Dead(l); !ok || !maps.Equal(got, map[string]int64{"bad-json": 7, "too-large": 1}) {
		t.Errorf("%v", got)
	}
	if Unclean(nil) != nil {
		t.Error("unclean stops are known")
	}
	if got := Unclean(&[]ledger.Unclean{{Start: "a/1", At: noon, Found: 2, Most: 7}}); !slices.Equal(got, []watchdog.Unclean{{Start: "a/1", At: noon, Most: 7}}) {
		t.Errorf("%+v", got)
	}
}

func TestHeard(t *testing.T) {
	// The fold of a ledger is its file; a store that has just read it answers from it.
	file := filepath.Join(t.TempDir(), "ledger.json")
	fold := ledger.NewFold()
	rec, err := json.Marshal(ledger.Record{Hop: ledger.HopIngest, Instance: "a", Start: 1, At: noon, Sources: map[string]*ledger.Counts{"syslog/192.0.2.1": {Received: 7, Last: noon}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := fold.Apply(rec); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(fold)
	if err != nil {
		t.Fatal(err)
	}
	if err := keep.WriteFile(file, doc); err != nil {
		t.Fatal(err)
	}
	s, err := ledger.OpenStore(file, keep.WriteFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	at, list := Heard(s)
	if !at.Equal(noon) || !slices.Equal(list, []rhythm.Heard{{Source: "syslog/192.0.2.1", Count: 7, Last: noon}}) {
		t.Errorf("%s %+v", at, list)
	}
}

// inventory reads one of these lines.
func inventory(t *testing.T, lines string) *asset.Inventory {
	t.Helper()
	file := filepath.Join(t.TempDir(), "inventory.csv")
	if err := os.WriteFile(file, []byte("name,addresses,presence,time_zone\n"+lines), 0o600); err != nil {
		t.Fatal(err)
	}
	inv, err := asset.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestDevice(t *testing.T) {
	inv := inventory(t, "fw-1,192.0.2.1,expected,Asia/Seoul\nlaptops,10.1.0.0/16,ephemeral,\nweb,2001:db8::1,,\n")
	for _, tc := range []struct {
		source, name, zone string
		presence           rhythm.Presence
	}{
		{"syslog/192.0.2.1", "fw-1", "Asia/Seoul", rhythm.Expected},
		{"snmptrap/192.0.2.1", "fw-1", "Asia/Seoul", rhythm.Expected},
		{"syslog/10.1.7.7", "laptops", "UTC", rhythm.Ephemeral},
		{"syslog/2001:db8::1", "web", "UTC", rhythm.Unknown},
		{"syslog/203.0.113.9", "", "UTC", rhythm.Unknown},
		{"file/var/log/app-*.log", "", "UTC", rhythm.Unknown},
		{"other", "", "UTC", rhythm.Unknown},
	} {
		if d := Device(inv, time.UTC, tc.source); d.Name != tc.name || d.Zone.String() != tc.zone || d.Presence != tc.presence {
			t.Errorf("%s: %+v", tc.source, d)
		}
	}
}
