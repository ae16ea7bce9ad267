package build

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"weir/event"
	"weir/internal/app/apptest"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit"
)

func TestLoadEnrichment(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{config.Default().Normalise.Inventory: devices, config.Default().Enrich.Users: "name,department\nana,sales\n"})
	base := filepath.Join(testkit.Shared(t), "data", "geoip")
	cfg.Enrich.GeoIP.City, cfg.Enrich.GeoIP.ASN = filepath.Join(base, "GeoLite2-City-Test.mmdb"), filepath.Join(base, "GeoLite2-ASN-Test.mmdb")
	n, faults, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err != nil || len(faults) != 0 || !n.HasGeo() {
		t.Fatal(err, faults)
	}
	var e event.Event
	e.SetStr(event.SourceIP, "81.2.69.142")
	e.SetStr(event.DestinationIP, "192.0.2.11")
	e.SetStr(event.UserName, "ana")
	n.Step(&e, &record.Raw{Peer: netip.MustParseAddrPort("192.0.2.11:514")})
	for path, want := range map[string]string{
		"host.name": "web-1", "labels.site": "seoul", "weir.asset.destination.name": "web-1", "weir.user.department": "sales", "source.geo.city_name": "London", "network.direction": "external",
		"related.user": `["ana"]`,
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if len(n.Counts()) != 8 {
		t.Errorf("%v", n.Counts())
	}
	names := map[string]int{}
	for _, f := range n.Files() {
		if _, err := f.Reload(); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		names[f.Name]++
	}
	if names["inventory"] != 1 || names["users"] != 1 || names["geoip"] != 2 || names["redact"] != 1 {
		t.Errorf("watched are %v", names)
	}
}

// TestEnrichment_Class: the class of a device is that of its events, but for those that a class of the file took.
func TestEnrichment_Class(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		config.Default().Normalise.Inventory: "name,addresses,class\nfw,192.0.2.1,network\n",
		config.Default().Normalise.Classes:   "- {name: access, when: event.category == \"authentication\"}\n",
	})
	n, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	classes, err := Classes(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ peer, doc, want string }{
		{"192.0.2.1:1", `{"message":"x"}`, "network"}, {"192.0.2.2:1", `{"message":"x"}`, "standard"},
		{"192.0.2.1:1", `{"event":{"category":["authentication"]}}`, "access"}, {"192.0.2.1:1", `{"weir":{"class":"audit"}}`, "audit"},
	} {
		e := apptest.Decode(t, tt.doc)
		classes(e)
		if n.Class(e, &record.Raw{Peer: netip.MustParseAddrPort(tt.peer)}); e.Str(event.WeirClass) != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.peer, tt.doc, e.Str(event.WeirClass), tt.want)
		}
	}
}

func TestLoadEnrichment_Failure(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{config.Default().Normalise.Inventory: "nme\n"})
	if _, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler)); fault.Code(err) != "inventory-invalid" {
		t.Errorf("%v", err)
	}
	cfg = apptest.Data(t, map[string]string{config.Default().Enrich.Users: "name,boss\n"})
	if _, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler)); fault.Code(err) != "users-invalid" {
		t.Errorf("%v", err)
	}
	cfg = apptest.Data(t, nil)
	cfg.Enrich.InternalNetworks = []string{"x"}
	if _, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a network that is none is taken")
	}
	// A broken database is a fault and no error, and may be mended while weir runs.
	cfg = apptest.Data(t, map[string]string{"places.mmdb": "x"})
	cfg.Enrich.GeoIP.Country = "places.mmdb"
	n, faults, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err != nil || fault.Code(faults) != "geoip-broken" {
		t.Fatal(err, faults)
	}
	data, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "geoip", "GeoLite2-Country-Test.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Data, "places.mmdb"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if in, err := n.reloadGeo(filepath.Join(cfg.Data, "places.mmdb")); err != nil || in != 1 {
		t.Errorf("%d databases, %v", in, err)
	}
}

// What the rules of redaction say is taken out, an address on a list of threats is marked, and a broken file changes nothing.
func TestLoadEnrichment_ThreatAndRedact(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		"threat/bad.csv": "192.0.2.66\n", "redact.yaml": "rules: [{fields: [user.name], how: mask}]\n",
	})
	n, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	look := func() *event.Event {
		var e event.Event
		e.SetStr(event.SourceIP, "192.0.2.66")
		e.SetStr(event.UserName, "ana")
		n.Step(&e, &record.Raw{})
		n.Redact(&e, nil)
		return &e
	}
	e := look()
	if e.Str(event.UserName) != "***" || !e.Has(event.ThreatEnrichments) {
		t.Errorf("%s", e.AppendJSON(nil))
	}
	file := Within(cfg, cfg.Normalise.Redact)
	if err := os.WriteFile(file, []byte("rules: [{how: x}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range n.Files() {
		if _, err := f.Reload(); f.Name == "redact" && fault.Code(err) != "redact-file" {
			t.Errorf("%v", err)
		}
	}
	if e := look(); e.Str(event.UserName) != "***" {
		t.Error("a broken file took the rules away")
	}
	if err := os.WriteFile(filepath.Join(cfg.Data, "threat", "feeds.yaml"), []byte("- {name: a, url: b}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler)); fault.Code(err) != "threat-feeds" {
		t.Errorf("a list of feeds with a mistake: %v", err)
	}
}

// TestOriginal: a class may say that the bytes of its records are not stored; those of other classes stay.
func TestOriginal(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"classes.yaml": "- {name: secret, when: event.module == 'crm', keep_at_least: 1 year, original: drop}\n"})
	n, _, err := LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	policies, _, err := Policy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for module, want := range map[string]string{"crm": "", "sshd": "the bytes"} {
		var e event.Event
		e.SetStr(event.EventModule, module)
		e.SetStr(event.EventOriginal, "the bytes")
		Class(policies)(&e)
		n.Original(policies)(&e, nil)
		if got := e.Str(event.EventOriginal); got != want {
			t.Errorf("%s: %q", module, got)
		}
	}
}
