package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/enrich"
	"weir/processors/enrich/asset"
	"weir/processors/enrich/geo"
	"weir/processors/enrich/network"
	"weir/processors/enrich/threat"
	"weir/processors/enrich/users"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// How long the lists are that enrichments look into.
const (
	devices    = 2000
	people     = 1000
	indicators = 100_000
)

// enriched is a line that has something for each enrichment: a device and a user that lists know, an address with a place, a
// program.
const enriched = `<134>Mar 10 11:00:00 host-7 nginx: 10.0.0.7 - user7 [10/Mar/2024:11:00:00 +0000] "GET /a/b?c=d HTTP/1.1" 200 512 "https://www.example.org/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
<166>Mar 10 11:00:00 host-7 %ASA-6-302013: Built outbound TCP connection 11757 for outside:81.2.69.142/443 (81.2.69.142/443) to inside:10.0.0.7/51234 (10.0.0.7/51234) (user7)`

// enrichments measures a line with and without all enrichments, in turn, and writes what they add.
func enrichments(set *format.Set, places string, d time.Duration, out io.Writer) error {
	dir, err := os.MkdirTemp("", "parsebench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	step, err := chain(dir, places)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nall enrichments: inventory (%d devices), users (%d), community id, direction, places%s, user agent, threat table (%d), related.*\n",
		devices, people, map[bool]string{true: " (no databases: -geoip)"}[places == ""], indicators)
	for line := range strings.SplitSeq(enriched, "\n") {
		plain, err := enrichedLine(set, line, func(*event.Event, *record.Raw) {}, d)
		if err != nil {
			return err
		}
		with, err := enrichedLine(set, line, step, d)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%.40s...: %.1f us without, %.1f us with: %.1f us more (best %.1f us more), %.0f allocations more; the longer document included\n",
			line, plain.ns/1e3, with.ns/1e3, (with.ns-plain.ns)/1e3, (with.best-plain.best)/1e3, with.allocs-plain.allocs)
	}
	return nil
}

// enrichedLine measures one line, from its bytes to JSON, with a step between.
func enrichedLine(set *format.Set, line string, step processors.Step, d time.Duration) (result, error) {
	p, err := parse.New(parse.Options{DefaultZone: time.UTC, Formats: set, History: true})
	if err != nil {
		return result{}, err
	}
	raw := rawOf(line)
	var e event.Event
	var doc []byte
	return timed(func() error {
		return p.Parse(&raw, &e, func(e *event.Event) error {
			step(e, &raw)
			doc = e.AppendJSON(doc[:0])
			return nil
		})
	}, d)
}

// rawOf makes a record of a line.
func rawOf(line string) record.Raw {
	return record.Raw{Value: []byte(line), Received: time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC), Input: "syslog", Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "udp"}
}

// chain makes all enrichments with lists in dir.
func chain(dir, places string) (processors.Step, error) {
	inventory, list, feed := []byte("name,addresses,site,criticality\n"), []byte("name,aliases,privileged\n"), []byte("type,value\n")
	for i := range devices {
		inventory = fmt.Appendf(inventory, "host-%d,10.0.%d.%d,seoul,high\n", i, i>>8, i&255)
	}
	for i := range people {
		list = fmt.Appendf(list, "person.%d,user%d,no\n", i, i)
	}
	for i := range indicators {
		feed = fmt.Appendf(feed, "ip,11.%d.%d.%d\n", i>>16, i>>8&255, i&255)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		_ = os.WriteFile(path, text, 0o600) // who reads it says what is wrong
		return path
	}
	devicesFile, usersFile := write("inventory.csv", inventory), write("users.csv", list)
	inv, err := asset.NewHolder(devicesFile)
	if err != nil {
		return nil, err
	}
	known, err := users.NewHolder(usersFile)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(dir, "threat"), 0o700); err != nil {
		return nil, err
	}
	write("threat/addresses.csv", feed)
	store, err := threat.New(threat.Options{Folder: filepath.Join(dir, "threat"), Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return nil, err
	}
	if n := store.Table().Len(); n != indicators {
		return nil, fmt.Errorf("the threat table has %d indicators of %d", n, indicators)
	}
	o := enrich.Options{Internal: []string{network.Private}, Inventory: inv.Inventory, Users: known.List, UserAgent: true, More: []processors.Step{store.Enrich}}
	if places != "" {
		dbs, faults := geo.Open(geo.Options{City: filepath.Join(places, "GeoLite2-City-Test.mmdb"), ASN: filepath.Join(places, "GeoLite2-ASN-Test.mmdb")})
		if len(faults) > 0 {
			return nil, faults
		}
		o.Geo = dbs
	}
	c, err := enrich.New(o)
	if err != nil {
		return nil, err
	}
	return c.Step, nil
}
