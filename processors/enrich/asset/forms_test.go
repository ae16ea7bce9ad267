package asset

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
)

func TestPrefixes(t *testing.T) {
	for s, want := range map[string]string{
		"192.0.2.1": "192.0.2.1/32", "192.0.2.9/24": "192.0.2.0/24", "192.0.2.1/32": "192.0.2.1/32", "0.0.0.0/0": "0.0.0.0/0",
		"2001:DB8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32", "fe80::1%eth0": "fe80::1/128",
		"::ffff:192.0.2.1": "192.0.2.1/32", "::ffff:192.0.2.0/120": "192.0.2.0/24", "::ffff:0:0/96": "0.0.0.0/0", "::/0": "::/0",
		"": "", "nope": "", "192.0.2.300": "", "192.0.2.0/33": "", "192.0.2/24": "", "192.0.2.1-9": "", "/24": "",
	} {
		p, err := prefix(s)
		got := ""
		if err == nil {
			got = p.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", s, got, want, err)
		}
	}
}

// TestLookup_Written: however an address or a network is written, an address in it is found, and no other.
func TestLookup_Written(t *testing.T) {
	for _, c := range []struct{ written, in, out string }{
		{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"192.0.2.0/24", "::ffff:192.0.2.77", "192.0.3.1"},
		{"::ffff:192.0.2.0/120", "192.0.2.77", "192.0.3.1"},
		{"fe80::1", "fe80::1%eth1", "fe80::2"},
		{"2001:db8::/32", "2001:db8:1::1", "2001:db9::1"},
		{"0.0.0.0/0", "203.0.113.1", "2001:db8::1"},
		{"::/0", "2001:db8::1", "203.0.113.1"},
	} {
		inv := load(t, "i.csv", "name,addresses\na,"+c.written+"\n")
		if d := inv.Lookup(netip.MustParseAddr(c.in), 0); d == nil || d.Name != "a" {
			t.Errorf("%s does not hold %s", c.written, c.in)
		}
		if d := inv.Lookup(netip.MustParseAddr(c.out), 0); d != nil {
			t.Errorf("%s holds %s", c.written, c.out)
		}
	}
	inv := load(t, "i.csv", "name,addresses\nwide,10.0.0.0/8\nmiddle,10.1.0.0/16\nnarrow,10.1.2.0/24\nhost,10.1.2.3\n")
	for ip, want := range map[string]string{"10.1.2.3": "host", "10.1.2.4": "narrow", "10.1.3.1": "middle", "10.2.0.1": "wide", "11.0.0.1": "none"} {
		got := "none"
		if d := inv.Lookup(netip.MustParseAddr(ip), 0); d != nil {
			got = d.Name
		}
		if got != want {
			t.Errorf("%s belongs to %s, want %s", ip, got, want)
		}
	}
	if inv.Lookup(netip.Addr{}, 0) != nil {
		t.Error("no address belongs to somebody")
	}
}

func TestLoad_Forms(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"columns in another order and case", "i.csv", "Addresses, NAME ,Site\n192.0.2.1,a,x\n", "a[192.0.2.1/32]|x"},
		{"fewer values than columns", "i.csv", "name,addresses,site\na\n", "a[]|"},
		{"a mark of byte order", "i.csv", "\ufeffname,site\na,x\n", "a[]|x"},
		{"Windows lines", "i.csv", "name,site\r\na,x\r\n", "a[]|x"},
		{"comments and empty lines", "i.csv", "# c\nname,site\n\n# d\na,x\n", "a[]|x"},
		{"a mark of byte order in YAML", "i.yaml", "\ufeff- name: a\n  site: x\n", "a[]|x"},
		{"names that YAML takes for something else", "i.yaml", "- name: 10\n  site: true\n- name: 1.50\n  site: 2026-01-02\n", "10[]|true 1.50[]|2026-01-02"},
		{"an empty value in YAML", "i.yaml", "- name: a\n  site:\n  owner: ~\n", "a[]|"},
		{"several documents", "i.yaml", "- name: a\n---\n- name: b\n", "a[]| b[]|"},
		{"comments alone", "i.yaml", "# nothing yet\n", ""},
		{"addresses in every way", "i.csv", "name,addresses\na,\"192.0.2.1, 192.0.2.2;192.0.2.3\t192.0.2.4  192.0.2.5\"\n", "a[192.0.2.1/32 192.0.2.2/32 192.0.2.3/32 192.0.2.4/32 192.0.2.5/32]|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range load(t, c.file, c.text).Devices() {
				s := show(d)
				got = append(got, strings.Join(strings.SplitN(s, "|", 3)[:2], "|"))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s", strings.Join(got, " "), c.want)
			}
		})
	}
}

// TestFault_Mark_FirstLine: a mark of byte order does not move the caret.
func TestFault_Mark_FirstLine(t *testing.T) {
	_, err := Load(write(t, "i.csv", "\ufeffname,adress\n"))
	var list fault.List
	if !errors.As(err, &list) || list[0].Text != "name,adress" || list[0].Mark != 6 || list[0].Width != 6 {
		t.Errorf("got %+v", list)
	}
}

func TestLoad_Unreadable(t *testing.T) {
	dir := t.TempDir() + "/i.csv"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); fault.Code(err) != "inventory-unreadable" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("%v", err)
	}
}

// TestReload_KeepsWhatEventsHold: a device of an older inventory is unchanged when a newer one has taken its place.
func TestReload_KeepsWhatEventsHold(t *testing.T) {
	path := write(t, "i.csv", "name,addresses,site\na,192.0.2.1,old\n")
	h, err := NewHolder(path)
	if err != nil {
		t.Fatal(err)
	}
	before, held := h.Inventory(), h.Inventory().ByName("a", 0)
	if err := os.WriteFile(path, []byte("name,addresses,site\na,192.0.2.1,new\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if held.Site != "old" || before.ByName("A", 0) != held || h.Inventory().ByName("a", 0).Site != "new" {
		t.Errorf("the older device says %s, the newer %s", held.Site, h.Inventory().ByName("a", 0).Site)
	}
	// A file that is gone is an empty inventory: whoever removed it meant it.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(); err != nil || len(h.Inventory().Devices()) != 0 {
		t.Errorf("%d devices (%v)", len(h.Inventory().Devices()), err)
	}
}

func TestParseMAC(t *testing.T) {
	for in, want := range map[string]mac{
		"00-00-5E-00-53-23": 0x5e005323, "00:00:5e:00:53:23": 0x5e005323, "0000.5e00.5323": 0x5e005323, "00005e005323": 0x5e005323,
		"": 0, "00:00:5e:00:53": 0, "00:00:5e:00:53:23:01": 0, "0:0:5e:0:53:23": 0, "00-00-5E-00-53-2g": 0, ":": 0, "000.05e005323": 0,
	} {
		m, ok := parseMAC(in)
		if ok != (want != 0) || ok && m != want {
			t.Errorf("%q: %x %t", in, m, ok)
		}
	}
}

// TestLookup_ChangedHands: an address, a name and a network belong to one device after the other.
func TestLookup_ChangedHands(t *testing.T) {
	inv := load(t, "i.csv", "name,addresses,site,valid_from,valid_to,time_zone\na,192.0.2.1,one,,2024-03-31,Asia/Seoul\na,192.0.2.1,two,2024-04-01,,Asia/Seoul\nb,192.0.2.0/24,three,2024-01-01T00:00:00Z,2024-02-01T00:00:00Z,\n")
	at := func(s string) int64 {
		m, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return m.UnixNano()
	}
	for _, tt := range []struct{ addr, when, want string }{
		{"192.0.2.1", "2024-03-31T23:59:59+09:00", "one"}, {"192.0.2.1", "2024-04-01T00:00:00+09:00", "two"}, {"192.0.2.1", "1999-01-01T00:00:00Z", "one"},
		{"192.0.2.2", "2024-01-01T00:00:00Z", "three"}, {"192.0.2.2", "2024-02-01T00:00:00Z", ""}, {"192.0.2.2", "2023-12-31T00:00:00Z", ""},
	} {
		got := ""
		if d := inv.Lookup(netip.MustParseAddr(tt.addr), at(tt.when)); d != nil {
			got = d.Site
		}
		if got != tt.want {
			t.Errorf("%s at %s: %q, want %q", tt.addr, tt.when, got, tt.want)
		}
	}
	if d := inv.ByName("A", at("2024-01-01T00:00:00Z")); d == nil || d.Site != "one" {
		t.Errorf("%+v", d)
	}
	if d := inv.ByName("A", 0); d == nil || d.Site != "two" {
		t.Errorf("now: %+v", d)
	}
}

func TestDataset(t *testing.T) {
	inv := load(t, "i.csv", "name,addresses,dataset,snmp_profile\nfw,192.0.2.1,cisco_asa.log,core\n")
	if got := inv.Dataset(netip.MustParseAddr("192.0.2.1"), ""); got != "cisco_asa.log" {
		t.Error(got)
	}
	if got := inv.Dataset(netip.MustParseAddr("192.0.2.2"), "x"); got != "" {
		t.Error(got)
	}
	if inv.Devices()[0].SNMPProfile != "core" {
		t.Error("the profile is lost")
	}
}
