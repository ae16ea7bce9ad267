package threat

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

// TestEnrich_Fields: each field that is compared, alone and in a list, and what the event says of it.
func TestEnrich_Fields(t *testing.T) {
	const sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "type,value\nip,203.0.113.9\ncidr,2001:db8::/32\ndomain,evil.example\nurl,http://a.example/x\nsha1,"+sha1+"\n")
	s := open(t, Options{Folder: dir})
	for _, c := range []struct {
		field event.Field
		v     event.Value
		want  string // "" nothing
	}{
		{event.SourceIP, event.Str("203.0.113.9"), `"type":"ipv4-addr","provider":"a.csv","ip":"203.0.113.9"`},
		{event.DestinationIP, event.Str("2001:db8::7"), `"type":"ipv6-addr","provider":"a.csv","name":"2001:db8::/32"`},
		{event.DNSResolvedIP, event.Items(event.Str("192.0.2.1"), event.Str("203.0.113.9")), `"atomic":"203.0.113.9","field":"dns.resolved_ip"`},
		{event.URLDomain, event.Str("www.evil.example"), `"url":{"domain":"evil.example"}`},
		{event.TLSClientServerName, event.Str("evil.example"), `"field":"tls.client.server_name"`},
		{event.URLOriginal, event.Str("https://a.example/x#top"), `"url":{"original":"a.example/x"}`},
		{event.ProcessHashSha1, event.Str(strings.ToUpper(sha1)), `"file":{"hash":{"sha1":"` + sha1 + `"}}`},
		{event.SourceIP, event.Str("203.0.113.10"), ""},
		{event.SourceIP, event.Str("not an address"), ""},
		{event.HostName, event.Str("evil.example"), ""}, // one's own host is no indicator
		{event.DNSResolvedIP, event.Items(), ""},
	} {
		var e event.Event
		e.Set(c.field, c.v)
		s.Enrich(&e, &record.Raw{Received: time.Unix(1_700_000_000, 0)})
		got := string(e.Get(event.ThreatEnrichments).AppendJSON(nil))
		if c.want == "" && e.Has(event.ThreatEnrichments) || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s", c.field.Path(), c.v, got)
		}
	}
}

// TestEnrich_Bounded: an event of which everything is known gets a bounded list.
func TestEnrich_Bounded(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "10.0.0.0/8\n10.1.0.0/16\n10.1.2.0/24\n10.1.2.3\n")
	s := open(t, Options{Folder: dir})
	var e event.Event
	var list []event.Value
	for range 100 {
		list = append(list, event.Str("10.1.2.3"))
	}
	e.Set(event.DNSResolvedIP, event.Items(list...))
	s.Enrich(&e, nil)
	if n := e.Get(event.ThreatEnrichments).Len(); n != maxMatches {
		t.Errorf("%d enrichments, want %d", n, maxMatches)
	}
}

func TestLevel(t *testing.T) {
	for confidence, want := range map[int]string{0: "None", 1: "Low", 29: "Low", 30: "Medium", 69: "Medium", 70: "High", 100: "High"} {
		if got := level(confidence); got != want {
			t.Errorf("%d: %s", confidence, got)
		}
	}
	for n, want := range map[int]string{32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"} {
		if got := hashName(strings.Repeat("a", n)); got != want {
			t.Errorf("%d letters: %s", n, got)
		}
	}
}
