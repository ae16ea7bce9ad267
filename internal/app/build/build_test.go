package build

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/internal/app/apptest"
	"weir/internal/canary"
	"weir/processors/parse"

	"weir/event"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/rules"
	"weir/rules/pipelines"
)

// TestDatasets: the path of a file says its format where a setting does, and else the inventory is asked.
func TestDatasets(t *testing.T) {
	asked := 0
	inputs := config.Inputs{File: config.File{Datasets: []string{"/var/log/nginx/access*=nginx.access", "/srv/**/*.log=app.log", "*.eve=suricata.eve"}}}
	of := datasets(inputs, func(*record.Raw, string) string { asked++; return "other.log" })
	for _, c := range []struct{ input, path, want string }{
		{"file", "/var/log/nginx/access.log.1", "nginx.access"}, {"file", "/srv/a/b/c.log", "app.log"}, {"file", "/var/log/syslog", "other.log"}, {"file", "/x/y/a.eve", "suricata.eve"}, {"syslog", "/srv/a.log", "other.log"},
	} {
		if got := of(&record.Raw{Input: c.input, Origin: c.path}, ""); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.input, c.path, got, c.want)
		}
	}
	if asked != 2 {
		t.Errorf("the inventory was asked %d times", asked)
	}
	inputs.Syslog.Dataset = "acme.log"
	of = datasets(inputs, func(_ *record.Raw, host string) string { return map[string]string{"fw1": "cisco_asa.log"}[host] })
	if got := of(&record.Raw{Input: "syslog"}, "fw1"); got != "cisco_asa.log" {
		t.Errorf("the inventory knows a device better than the setting of the input: %s", got)
	}
	if got := of(&record.Raw{Input: "syslog"}, "fw2"); got != "acme.log" {
		t.Errorf("the setting of the input: %s", got)
	}
	if got := of(&record.Raw{Input: "syslog", Value: canary.Line("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "vm", time.Unix(0, 0))}, "fw2"); got != "" {
		t.Errorf("a canary is read as %s", got)
	}
}

// A setting that names no format is said, with the name that was meant.
func TestNamedFormats(t *testing.T) {
	set, err := parse.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var cfg config.Config
	cfg.Inputs.Syslog.Dataset = "cisco_asa.lgo"
	cfg.Inputs.File.Datasets = []string{"*.log=nginx.access", "*.txt=nowhere.at.all"}
	faults := NamedFormats(cfg, set)
	if len(faults) != 2 || !strings.Contains(faults[0].Do, "cisco_asa.log") || faults[1].Where != "inputs.file.datasets" {
		t.Errorf("%v", faults)
	}
}

func TestWithin(t *testing.T) {
	cfg := config.Config{Data: "/var/lib/weir"}
	for name, want := range map[string]string{
		"rules": "/var/lib/weir/rules", "a/../b": "/var/lib/weir/b", "/etc/weir/rules": "/etc/weir/rules", "": "/var/lib/weir",
	} {
		if got := Within(cfg, name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestLoadSet(t *testing.T) {
	find := func(set *rules.Set, id string) *rules.Rule {
		for _, r := range set.Rules {
			if r.ID == id {
				return r
			}
		}
		return nil
	}
	cfg := apptest.Data(t, map[string]string{"rules/mine.yaml": apptest.OneRule, "rules/below/bad.yaml": "id: bad\n"})
	cfg.Rules.Disable = []string{"mine", "ssh-brute-force"}
	set, _, _, err := Rules(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range cfg.Rules.Disable {
		if r := find(set, id); r == nil || r.Enabled {
			t.Errorf("%s should be there and off: %+v", id, r)
		}
	}
	if r := find(set, "ssh-many-failures"); r == nil || !r.Enabled {
		t.Errorf("another shipped rule is off: %+v", r)
	}
	if !rules.HasErrors(set.Faults) {
		t.Error("the broken file is not reported")
	}
	cfg.Rules.Disable = nil
	if set, _, _, err = Rules(cfg); err != nil || !find(set, "ssh-brute-force").Enabled {
		t.Errorf("turning a shipped rule off outlived its configuration (%v)", err)
	}
	cfg.Rules.Shipped = false
	if set, _, _, err = Rules(cfg); err != nil || len(set.Rules) != 1 || set.Rules[0].ID != "mine" {
		t.Errorf("without the shipped rules: %d rules (%v)", len(set.Rules), err)
	}
}

func TestLoadSet_Folders(t *testing.T) {
	cfg := apptest.Data(t, nil)
	if set, _, _, err := Rules(cfg); err != nil || len(set.Rules) == 0 || len(set.Faults) != 0 {
		t.Errorf("no folder of rules: %v", err)
	}
	cfg = apptest.Data(t, map[string]string{"rules": "a file"})
	if _, _, _, err := Rules(cfg); err == nil || !strings.Contains(err.Error(), "rules folder") {
		t.Errorf("a file in place of the folder: %v", err)
	}
	cfg = apptest.Data(t, map[string]string{"rules/x.yaml": strings.Replace(apptest.OneRule, "mine", "ssh-brute-force", 1)})
	set, _, _, err := Rules(cfg)
	if err != nil || !rules.HasErrors(set.Faults) {
		t.Errorf("an id of a shipped rule was taken over: %v (%v)", set.Faults, err)
	}
}

func TestPipelines(t *testing.T) {
	cfg := apptest.Data(t, nil)
	source := pipelines.LogSource{Product: "linux", Category: "process_creation"}
	if set, faults := Pipelines(cfg); set != pipelines.Shipped() || len(faults) != 0 {
		t.Errorf("without a folder of pipelines: %v", faults)
	}
	cfg = apptest.Data(t, map[string]string{
		"pipelines/mine.yaml": "name: mine\nlogsources: [{product: linux}]\nfields: {Image: process.name}\n",
		"pipelines/bad.yaml":  "name: bad\nlogsources: 1\n",
	})
	set, faults := Pipelines(cfg)
	if got := set.Paths(source, "Image"); len(got) != 1 || got[0] != "process.name" {
		t.Errorf("the user's mapping does not count: %v", got)
	}
	if got := set.Paths(source, "CommandLine"); len(got) == 0 || got[0] != "process.command_line" {
		t.Errorf("the shipped mapping is gone: %v", got)
	}
	if len(faults) != 1 || faults[0].Code != "pipeline-value" || !strings.Contains(faults[0].Where, "bad.yaml:2:13") {
		t.Errorf("%v", faults)
	}
	loaded, _, pipes, err := Rules(cfg)
	if err != nil || pipes.Paths(source, "Image")[0] != "process.name" || !rules.HasErrors(loaded.Faults) {
		t.Errorf("rules are not read with the user's pipelines: %v (%v)", loaded.Faults, err)
	}
}

const devices = "name,addresses,site,time_zone,dataset\nweb-1,192.0.2.11 2001:db8::11,seoul,Asia/Seoul,cisco_asa.log\n"

func TestInventory(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{config.Default().Normalise.Inventory: devices})
	inv, err := LoadInventory(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"192.0.2.11": "web-1", "2001:db8::11": "web-1", "192.0.2.12": "", "web-1": "", "": "", "192.0.2.11:514": "",
	} {
		if got := inv.NameOf(address); got != want {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
	raw := &record.Raw{Peer: netip.MustParseAddrPort("192.0.2.11:5140")}
	if zone := inv.Zone(raw.Peer.Addr(), ""); zone == nil || zone.String() != "Asia/Seoul" {
		t.Errorf("zone %v", zone)
	}
	if got := inv.Dataset(raw, ""); got != "cisco_asa.log" || inv.Dataset(raw, "web-2") != "cisco_asa.log" {
		t.Errorf("dataset %q", got)
	}
	if inv, err := LoadInventory(apptest.Data(t, nil)); err != nil || inv.NameOf("192.0.2.11") != "" || inv.Zone(raw.Peer.Addr(), "") != nil {
		t.Errorf("without a file: %v", err)
	}
	if _, err := LoadInventory(apptest.Data(t, map[string]string{config.Default().Normalise.Inventory: "nme\nx\n"})); err == nil {
		t.Error("a file with a mistake was taken")
	}
}

func TestDeviceZone(t *testing.T) {
	var cfg config.Config
	if got := Zone(cfg); got != time.Local {
		t.Errorf("none: %s", got)
	}
	cfg.Inputs.Syslog.TimeZone = "Asia/Seoul"
	if got := Zone(cfg); got.String() != "Asia/Seoul" {
		t.Errorf("one: %s", got)
	}
	if o := ParseOptions(cfg, Inventory{}, true); o.DefaultZone.String() != "Asia/Seoul" || !o.History || o.Zone == nil {
		t.Errorf("the parser gets %+v", o)
	}
}

func TestZoneName(t *testing.T) {
	for tz, want := range map[string]string{"Asia/Seoul": "Asia/Seoul", ":Europe/Berlin": "Europe/Berlin"} {
		t.Setenv("TZ", tz)
		if got := ZoneName(time.Local); got != want {
			t.Errorf("TZ=%s: %s", tz, got)
		}
	}
	if got := ZoneName(time.UTC); got != "UTC" {
		t.Errorf("UTC is called %s", got)
	}
	if got := ZoneName(time.FixedZone("office", 3600)); got != "office" {
		t.Errorf("got %s", got)
	}
	t.Setenv("TZ", "")
	if got := ZoneName(time.Local); got == "" || strings.HasPrefix(got, "/") {
		t.Errorf("this machine's zone is called %q", got)
	}
}

func TestClassOf(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{config.Default().Normalise.Classes: "- {name: access, when: event.category == \"authentication\"}\n"})
	of, err := Classes(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]string{
		`{"event":{"category":["authentication"]}}`:                          "access",
		`{"event":{"category":["network"]}}`:                                 "standard",
		`{"event":{"category":["authentication"]},"weir":{"class":"audit"}}`: "audit",
	} {
		e := apptest.Decode(t, doc)
		if of(e); e.Str(event.WeirClass) != want {
			t.Errorf("%s: %s, want %s", doc, e.Str(event.WeirClass), want)
		}
	}
	if _, err := Classes(apptest.Data(t, map[string]string{config.Default().Normalise.Classes: "- {name: ../up, when: true}\n"})); fault.Code(err) != "class-file" {
		t.Errorf("a name that is no folder: %v", err)
	}
}
