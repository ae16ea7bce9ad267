package asset

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const goodCSV = `# devices of two sites
name,addresses,site,group,service,owner,criticality,time_zone,presence,class
fw1,192.0.2.1 2001:db8::1,seoul,firewalls,,"Kim, Min-su",critical,Asia/Seoul,expected,network
web1,192.0.2.10;192.0.2.11,seoul,servers,shop,web team,HIGH,,,
office,198.51.100.0/24,busan,,,,,Asia/Seoul,ephemeral,
site-wide,198.51.0.0/16,busan,,,,low,,,
서버1,,seoul,,,,,,,
`

const goodYAML = `# the same
- name: fw1
  addresses: [192.0.2.1, "2001:db8::1"]
  site: seoul
  group: firewalls
  owner: Kim, Min-su
  criticality: critical
  time_zone: Asia/Seoul
  presence: expected
  class: network
- name: web1
  addresses: 192.0.2.10 192.0.2.11
  site: seoul
  group: servers
  service: shop
  owner: web team
  criticality: HIGH
- {name: office, addresses: [198.51.100.0/24], site: busan, time_zone: Asia/Seoul, presence: ephemeral}
- name: site-wide
  addresses:
    - 198.51.0.0/16
  site: busan
  criticality: low
- name: 서버1
  site: seoul
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, name, text string) *Inventory {
	t.Helper()
	inv, err := Load(write(t, name, text))
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// show writes a device in one line.
func show(d *Device) string {
	if d == nil {
		return "none"
	}
	return fmt.Sprint(d.Name, d.Addresses, "|", d.Site, "|", d.Group, "|", d.Service, "|", d.Owner, "|", d.Criticality, "|", d.Zone, "|", d.Expected, d.Ephemeral, "|", d.Class)
}

func TestFind(t *testing.T) {
	inv := load(t, "inventory.csv", goodCSV)
	for _, c := range []struct{ name, peer, host, want string }{
		{"exact address", "192.0.2.1", "", "fw1"},
		{"mapped address", "::ffff:192.0.2.1", "", "fw1"},
		{"IPv6", "2001:db8::1", "", "fw1"},
		{"address with a zone", "2001:db8::1%eth0", "", "fw1"},
		{"longest network", "198.51.100.7", "", "office"},
		{"shorter network", "198.51.7.7", "", "site-wide"},
		{"unknown address", "203.0.113.1", "", "none"},
		{"name of the header wins", "192.0.2.1", "web1", "web1"},
		{"name in other case", "203.0.113.1", "WEB1", "web1"},
		{"name in Korean", "203.0.113.1", "서버1", "서버1"},
		{"unknown name", "192.0.2.1", "other", "fw1"},
		{"address in the header", "203.0.113.1", "192.0.2.11", "web1"},
		{"unknown address in the header", "192.0.2.1", "203.0.113.9", "fw1"},
		{"name like an address", "192.0.2.1", "1x1", "fw1"},
		{"no address at all", "", "", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var peer netip.Addr
			if c.peer != "" {
				peer = netip.MustParseAddr(c.peer)
			}
			got := "none"
			if d := inv.Find(peer, c.host, 0); d != nil {
				got = d.Name
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if z := inv.Zone(netip.MustParseAddr("192.0.2.1"), ""); z == nil || z.String() != "Asia/Seoul" {
		t.Errorf("zone %v", z)
	}
	if z := inv.Zone(netip.MustParseAddr("192.0.2.10"), ""); z != nil {
		t.Errorf("zone %v of a device without one", z)
	}
}

func TestLoad_Missing(t *testing.T) {
	inv, err := Load(filepath.Join(t.TempDir(), "none.csv"))
	if err != nil || len(inv.Devices()) != 0 || inv.Find(netip.MustParseAddr("192.0.2.1"), "x", 0) != nil {
		t.Errorf("got %v, %v", inv, err)
	}
}

func TestLoad_Empty(t *testing.T) {
	for _, name := range []string{"i.csv", "i.yaml", "i.yml"} {
		if inv, err := Load(write(t, name, "")); err != nil || len(inv.Devices()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHolder: a good file takes the place of the one before at once, a bad one does not; readers never wait.
func TestHolder(t *testing.T) {
	path := write(t, "i.csv", "name,addresses\na,192.0.2.1\n")
	h, err := NewHolder(path)
	if err != nil {
		t.Fatal(err)
	}
	peer := netip.MustParseAddr("192.0.2.1")
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 1000 {
				if h.Inventory().Find(peer, "", 0) == nil {
					t.Error("no device")
					return
				}
			}
		})
	}
	for _, c := range []struct {
		text, want string
		bad        bool
	}{
		{"name,addresses\nb,192.0.2.1\n", "b", false},
		{"name,addresses\nc,nope\n", "b", true},
		{"name,addresses\nd,192.0.2.1\n", "d", false},
	} {
		next := path + ".new"
		if err := os.WriteFile(next, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
		if err := h.Reload(); (err != nil) != c.bad {
			t.Errorf("%q: %v", c.text, err)
		}
		if got := h.Inventory().Find(peer, "", 0).Name; got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
	wg.Wait()
	bad, err := NewHolder(write(t, "i.csv", "nope\n"))
	if err == nil || bad.Inventory() == nil || len(bad.Inventory().Devices()) != 0 {
		t.Errorf("a holder of a bad file: %v", err)
	}
}

func BenchmarkFind(b *testing.B) {
	var text strings.Builder
	text.WriteString("name,addresses\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "dev%d,10.%d.%d.1 172.%d.%d.0/24\n", i, i/250, i%250, i/250, i%250)
	}
	path := filepath.Join(b.TempDir(), "i.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	inv, err := Load(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, peer, host string }{
		{"name", "10.1.1.1", "dev77"}, {"address", "10.1.1.1", "unknown"}, {"network", "172.1.1.9", "unknown"}, {"none", "203.0.113.1", "unknown"},
	} {
		b.Run(c.name, func(b *testing.B) {
			peer := netip.MustParseAddr(c.peer)
			b.ReportAllocs()
			for b.Loop() {
				inv.Find(peer, c.host, 0)
			}
		})
	}
}
