package geo

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/fault"
)

// TestOpen_Faults: what cannot be used is said in words, and the other databases are used.
func TestOpen_Faults(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(base(t, "GeoLite2-City-Test.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	middle := append([]byte(nil), whole...)
	clear(middle[len(middle)/3 : len(middle)/2])
	for _, tt := range []struct{ name, path, code string }{
		{"broken double", base(t, "GeoIP2-City-Test-Broken-Double-Format.mmdb"), "geoip-broken"},
		{"invalid node count", base(t, "GeoIP2-City-Test-Invalid-Node-Count.mmdb"), "geoip-broken"},
		{"empty", write("empty.mmdb", nil), "geoip-broken"},
		{"text", write("text.mmdb", []byte("name,addresses\n")), "geoip-broken"},
		{"cut at its end", write("cut.mmdb", whole[:len(whole)-100]), "geoip-broken"},
		{"without its beginning", write("tail.mmdb", whole[1000:]), "geoip-broken"},
		{"holes", write("holes.mmdb", middle), "geoip-broken"},
		{"not there", filepath.Join(dir, "none.mmdb"), "geoip-unreadable"},
		{"a folder", dir, "geoip-unreadable"},
		{"another kind", base(t, "GeoLite2-ASN-Test.mmdb"), "geoip-kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, faults := Open(Options{City: tt.path, ASN: base(t, "GeoLite2-ASN-Test.mmdb")})
			if len(faults) != 1 || fault.Code(faults) != tt.code || faults[0].Do == "" || faults[0].Where != tt.path {
				t.Fatalf("%v", faults)
			}
			if doc, _, _ := enriched(t, d, event.SourceIP, "1.128.0.0"); !strings.Contains(doc, "Telstra") {
				t.Errorf("the other database is not used: %s", doc)
			}
		})
	}
}

// FuzzCheck: a database with a few bytes changed is refused, or every address in it can be looked up.
func FuzzCheck(f *testing.F) {
	whole, err := os.ReadFile(base(f, "GeoLite2-ASN-Test.mmdb"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(100), byte(0xff), uint16(0))
	f.Add(uint16(9000), byte(1), uint16(500))
	f.Fuzz(func(t *testing.T, at uint16, with byte, cut uint16) {
		data := append([]byte(nil), whole[:len(whole)-int(cut)%len(whole)]...)
		data[int(at)%len(data)] ^= with
		db, err := check(data)
		if err != nil {
			return
		}
		s := &snapshot{}
		s.dbs[asn] = db
		for _, a := range []string{"1.128.0.0", "81.2.69.142", "2600:6000::1", "255.255.255.255"} {
			p := s.look(netip.MustParseAddr(a))
			if p != nil && p.hasGeo {
				t.Errorf("%s: the operators know a place", a)
			}
		}
	})
}
