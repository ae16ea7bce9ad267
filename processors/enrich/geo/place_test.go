package geo

import (
	"strings"
	"testing"

	"weir/event"
	"weir/processors/enrich/role"
)

func TestAdd(t *testing.T) {
	d := full(t)
	for _, tt := range []struct {
		name  string
		field event.Field
		addr  string
		want  string
		found int
		lost  int
	}{
		{"a city with its region", event.SourceIP, "81.2.69.142",
			`{"source":{"geo":{"city_name":"London","continent_name":"Europe","country_iso_code":"GB","country_name":"United Kingdom","location":{"lat":51.5142,"lon":-0.0931},"region_iso_code":"GB-ENG","region_name":"England"}}}`, 1, 0},
		{"an operator", event.DestinationIP, "1.128.0.0", `{"destination":{"as":{"number":1221,"organization":{"name":"Telstra Pty Ltd"}}}}`, 1, 0},
		{"a client", event.ClientIP, "175.16.199.1",
			`{"client":{"geo":{"city_name":"Changchun","continent_name":"Asia","country_iso_code":"CN","country_name":"China","location":{"lat":43.88,"lon":125.3228},"region_iso_code":"CN-22","region_name":"Jilin Sheng"}}}`, 1, 0},
		{"a server of version 6", event.ServerIP, "2001:218::1", `{"server":{"as":{"number":0,"organization":{}},"geo":{}}}`, 1, 0},
		{"unknown", event.SourceIP, "203.0.113.9", `{}`, 0, 1},
		{"private", event.SourceIP, "10.1.2.3", `{}`, 0, 0},
		{"none", event.SourceIP, "x", `{}`, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // looked up, and from memory
				doc, found, missed := enriched(t, d, tt.field, tt.addr)
				if found != tt.found || missed != tt.lost {
					t.Errorf("%d found, %d missed", found, missed)
				}
				if strings.Contains(tt.want, "{}}") { // what exactly is not the point
					if !strings.Contains(doc, `"server"`) {
						t.Error(doc)
					}
				} else if doc != tt.want {
					t.Errorf("got %s\nwant %s", doc, tt.want)
				}
			}
		})
	}
}

func TestAdd_Anonymous(t *testing.T) {
	d, faults := Open(Options{Anonymous: base(t, "GeoIP2-Anonymous-IP-Test.mmdb")})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	doc, found, _ := enriched(t, d, event.SourceIP, "1.2.0.1")
	if found != 1 || !strings.Contains(doc, `"anonymous":{"source":["vpn"]}`) {
		t.Errorf("%d %s", found, doc)
	}
	if doc, _, _ = enriched(t, d, event.DestinationIP, "81.2.69.142"); !strings.Contains(doc, `"destination":["vpn","hosting","public_proxy","residential_proxy","tor_exit_node"]`) {
		t.Errorf("%s", doc)
	}
}

// TestAdd_Device: what the device says stays, and another country than its own is not added.
func TestAdd_Device(t *testing.T) {
	d := full(t)
	for _, tt := range []struct{ name, code, want, not string }{
		{"the same country", "GB", `"city_name":"London"`, "\x00"},
		{"another country", "FR", `"country_iso_code":"FR"`, "London"},
	} {
		var e event.Event
		e.SetStr(event.SourceIP, "81.2.69.142")
		e.SetStr(event.SourceGeoCountryIsoCode, tt.code)
		e.SetStr(event.SourceGeoCountryName, "as the device calls it")
		a := role.Read(&e)
		d.Add(&e, &a)
		doc := string(e.AppendJSON(nil))
		if !strings.Contains(doc, tt.want) || strings.Contains(doc, tt.not) || !strings.Contains(doc, "as the device calls it") {
			t.Errorf("%s: %s", tt.name, doc)
		}
	}
}
