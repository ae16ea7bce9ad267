package geo

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/testkit"
	"weir/processors/enrich/role"
)

// base returns the path of a test database.
func base(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(testkit.Shared(t), "data", "geoip", name)
}

// copyOf puts a test database into a folder of the test, under a name that tests replace.
func copyOf(t testing.TB, name, to string) {
	t.Helper()
	data, err := os.ReadFile(base(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func full(t testing.TB) *Databases {
	t.Helper()
	d, faults := Open(Options{City: base(t, "GeoLite2-City-Test.mmdb"), ASN: base(t, "GeoLite2-ASN-Test.mmdb")})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return d
}

// enriched returns the document of an event with one address.
func enriched(t testing.TB, d *Databases, f event.Field, addr string) (doc string, found, missed int) {
	t.Helper()
	var e event.Event
	e.SetStr(f, addr)
	a := role.Read(&e)
	found, missed = d.Add(&e, &a)
	e.Delete(f)
	return string(e.AppendJSON(nil)), found, missed
}

func TestOptions(t *testing.T) {
	d, faults := Open(Options{Country: base(t, "GeoLite2-Country-Test.mmdb")})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if doc, _, _ := enriched(t, d, event.SourceIP, "81.2.69.142"); doc != `{"source":{"geo":{"continent_name":"Europe","country_iso_code":"GB","country_name":"United Kingdom"}}}` {
		t.Errorf("country alone: %s", doc)
	}
	d, _ = Open(Options{City: base(t, "GeoLite2-City-Test.mmdb"), Details: true})
	if doc, _, _ := enriched(t, d, event.SourceIP, "216.160.83.56"); !strings.Contains(doc, `"postal_code":"98354"`) || !strings.Contains(doc, `"timezone":"America/Los_Angeles"`) {
		t.Errorf("details: %s", doc)
	}
	if !(&Options{}).None() || (&Options{ASN: "x"}).None() {
		t.Error("None")
	}
	d, faults = Open(Options{})
	if doc, found, missed := enriched(t, d, event.SourceIP, "81.2.69.142"); doc != "{}" || found+missed != 0 || len(faults) != 0 || len(d.Files()) != 0 {
		t.Errorf("no database at all: %s %v", doc, faults)
	}
}

// TestReload: a new file counts from the next look-up on, also for addresses that were looked up before; a broken one is
// refused and the old one goes on.
func TestReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "geo.mmdb")
	copyOf(t, "GeoLite2-Country-Test.mmdb", path)
	d, faults := Open(Options{Country: path})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	city := func() bool {
		doc, found, _ := enriched(t, d, event.SourceIP, "81.2.69.142")
		if found != 1 || !strings.Contains(doc, `"GB"`) {
			t.Fatalf("nothing is known any more: %s", doc)
		}
		return strings.Contains(doc, "London")
	}
	if city() {
		t.Fatal("a country database knows a city")
	}
	if n, faults := d.Reload(); n != 0 || len(faults) != 0 {
		t.Errorf("nothing changed: %d, %v", n, faults)
	}
	touch := func(name string, at time.Time) {
		if name != "" {
			copyOf(t, name, path)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	touch("GeoIP2-City-Test-Broken-Double-Format.mmdb", time.Unix(1e9, 0))
	if n, faults := d.Reload(); n != 0 || fault.Code(faults) != "geoip-broken" || !strings.Contains(faults[0].Why, "goes on") || city() {
		t.Errorf("a broken file was taken: %d, %v", n, faults)
	}
	if err := os.Truncate(path, 5000); err != nil { // in place
		t.Fatal(err)
	}
	if n, faults := d.Reload(); n != 0 || len(faults) != 1 || city() {
		t.Errorf("a cut file was taken: %d, %v", n, faults)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if n, faults := d.Reload(); n != 0 || fault.Code(faults) != "geoip-unreadable" || city() {
		t.Errorf("a file that is gone: %d, %v", n, faults)
	}
	touch("GeoLite2-City-Test.mmdb", time.Unix(1e9+5, 0))
	if n, faults := d.Reload("another"); n != 0 || len(faults) != 0 || city() {
		t.Errorf("a file that was not asked for is read: %d, %v", n, faults)
	}
	if n, faults := d.Reload(); n != 1 || len(faults) != 0 || !city() {
		t.Errorf("the new file does not count: %d, %v", n, faults)
	}
	if len(d.Built()) != 1 || d.Built()["GeoLite2-City"].Year() < 2018 {
		t.Errorf("%v", d.Built())
	}
}

// TestReload_WhileRead: look-ups go on while files come, are cut and go, and never say anything that is in neither
// database.
func TestReload_WhileRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "geo.mmdb")
	copyOf(t, "GeoLite2-City-Test.mmdb", path)
	d, faults := Open(Options{City: path})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if doc, found, _ := enriched(t, d, event.SourceIP, "81.2.69.142"); found != 1 || !strings.Contains(doc, `"London"`) {
					t.Errorf("%s", doc)
					return
				}
			}
		})
	}
	for i := range 6 {
		switch i % 3 {
		case 0:
			_ = os.Truncate(path, int64(1000*i))
		case 1:
			copyOf(t, "GeoIP2-City-Test-Invalid-Node-Count.mmdb", path)
		case 2:
			copyOf(t, "GeoLite2-City-Test.mmdb", path+".new")
			if err := os.Rename(path+".new", path); err != nil {
				t.Error(err)
			}
		}
		_, _ = d.Reload()
	}
	close(stop)
	wg.Wait()
}

func BenchmarkAdd(b *testing.B) {
	d := full(b)
	var e event.Event
	e.SetStr(event.SourceIP, "81.2.69.142")
	e.SetStr(event.DestinationIP, "1.128.0.0")
	a := role.Read(&e)
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		d.Add(&e, &a)
	}
}
