package enrich

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/record"
	"weir/internal/testkit"
	"weir/processors"
	"weir/processors/enrich/asset"
	"weir/processors/enrich/geo"
	"weir/processors/enrich/network"
	"weir/processors/enrich/users"
)

// line is a line of a firewall, as a parser makes it.
const line = `{"@timestamp":"2024-05-01T10:00:00Z","event":{"kind":"event","category":["network"],"action":"connection"},"observer":{"type":"firewall","hostname":"fw-1"},` +
	`"log":{"syslog":{"hostname":"fw-1"}},"source":{"address":"10.1.0.11","ip":"10.1.0.11","port":51234},"destination":{"address":"81.2.69.142","ip":"81.2.69.142","port":443},` +
	`"network":{"transport":"tcp"},"user":{"name":"ana"},"user_agent":{"original":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.109 Safari/537.36"}}`

// full makes a chain with everything.
func full(t testing.TB, more ...processors.Step) *Chain {
	t.Helper()
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	inv, err := asset.NewHolder(write("inventory.csv", "name,addresses,site,criticality\nfw-1,192.0.2.1,seoul,high\nweb-1,10.1.0.11,seoul,critical\n"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := users.NewHolder(write("users.csv", "name,aliases,privileged\nana.kim,ana,yes\n"))
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(testkit.Shared(t), "data", "geoip")
	dbs, faults := geo.Open(geo.Options{City: filepath.Join(base, "GeoLite2-City-Test.mmdb"), ASN: filepath.Join(base, "GeoLite2-ASN-Test.mmdb")})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	c, err := New(Options{Internal: []string{network.Private}, Inventory: inv.Inventory, Users: list.List, Geo: dbs, UserAgent: true, More: more})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decode(t testing.TB, doc string) *event.Event {
	t.Helper()
	e := &event.Event{}
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestChain: one line has everything that is known of it, and related.* has what the inventory and the users added.
func TestChain(t *testing.T) {
	c := full(t, func(e *event.Event, _ *record.Raw) { e.SetStr(event.FileHashMd5, "added by another step") })
	e := decode(t, line)
	c.Step(e, &record.Raw{Peer: netip.MustParseAddrPort("192.0.2.1:514")})
	for path, want := range map[string]string{
		"labels.site": "seoul", "observer.name": "fw-1", "weir.asset.source.name": "web-1", "weir.asset.source.criticality": "critical", "weir.user.name": "ana.kim", "weir.user.privileged": "true",
		"network.type": "ipv4", "network.iana_number": "6", "network.direction": "outbound",
		"destination.geo.city_name": "London", "destination.geo.country_iso_code": "GB", "user_agent.name": "Chrome", "user_agent.os.full": "Windows 10",
		"related.ip": `["81.2.69.142","10.1.0.11"]`, "related.hosts": `["fw-1","web-1"]`, "related.user": `["ana.kim","ana"]`, "related.hash": `["added by another step"]`,
		"source.geo.city_name": "",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if id := e.Str(event.NetworkCommunityID); !strings.HasPrefix(id, "1:") {
		t.Errorf("the community id is %q", id)
	}
	for _, f := range []string{"message", "labels.name"} {
		if e.GetPath(f).Kind() != event.Absent {
			t.Errorf("%s is there", f)
		}
	}
	want := "inventory 2/1 users 1/0 community_id 1/0 direction 1/0 geoip 1/0 user_agent 1/0"
	if got := shown(c); got != want {
		t.Errorf("counts are %s, want %s", got, want)
	}
}

// shown writes the counts in one line.
func shown(c *Chain) string {
	var out []string
	for _, n := range c.Counts() {
		out = append(out, fmt.Sprintf("%s %d/%d", n.Name, n.Hits, n.Misses))
	}
	return strings.Join(out, " ")
}

// TestDefault: without any file there is what needs none.
func TestDefault(t *testing.T) {
	c := Default()
	e := decode(t, line)
	c.Step(e, &record.Raw{})
	if e.Str(event.NetworkDirection) != "outbound" || e.Str(event.UserAgentName) != "Chrome" || e.Has(event.DestinationGeoCityName) || e.Get(event.RelatedIP).Len() != 2 {
		t.Errorf("%s", e.AppendJSON(nil))
	}
	if got := shown(c); got != "community_id 1/0 direction 1/0 user_agent 1/0" {
		t.Errorf("counts are %s", got)
	}
	c.Step(decode(t, `{"message":"x"}`), &record.Raw{})
	c.Step(decode(t, `{"source":{"ip":"1.1.1.1"},"destination":{"ip":"2.2.2.2"},"network":{"transport":"tcp"},"user_agent":{"original":"?"}}`), &record.Raw{})
	if got := shown(c); got != "community_id 1/1 direction 2/0 user_agent 1/1" {
		t.Errorf("counts are %s", got)
	}
}

func TestNew_Failure(t *testing.T) {
	if _, err := New(Options{Internal: []string{"10.0.0.0/40"}}); err == nil || !strings.Contains(err.Error(), "10.0.0.0/40") {
		t.Errorf("%v", err)
	}
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := decode(t, line)
	if c.Step(e, &record.Raw{}); e.Has(event.NetworkDirection) || e.Has(event.UserAgentName) || !e.Has(event.RelatedUser) || shown(c) != "community_id 1/0" {
		t.Errorf("%s %s", e.AppendJSON(nil), shown(c))
	}
}

// BenchmarkStep is what all enrichments cost for an event that has something for each of them.
func BenchmarkStep(b *testing.B) {
	c := full(b)
	from := decode(b, line)
	raw := &record.Raw{Peer: netip.MustParseAddrPort("192.0.2.1:514")}
	var e event.Event
	for _, run := range []struct {
		name string
		step func()
	}{{"copy", func() {}}, {"step", func() { c.Step(&e, raw) }}} {
		b.Run(run.name, func(b *testing.B) {
			b.ReportAllocs()
			from.CopyTo(&e)
			run.step() // the first one reads the patterns of user agents
			for b.Loop() {
				from.CopyTo(&e)
				run.step()
			}
		})
	}
}
