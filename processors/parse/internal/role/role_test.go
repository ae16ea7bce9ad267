package role

import (
	"strings"
	"testing"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

func TestApply(t *testing.T) {
	tests := []struct {
		name  string
		key   Key
		value string
		want  string // "" where the value must not fit
	}{
		{"keyword", Key{Field: event.EventAction}, "deny", `{"event":{"action":"deny"}}`},
		{"number", Key{Field: event.SourceBytes}, " 12 ", `{"source":{"bytes":12}}`},
		{"no number", Key{Field: event.SourceBytes}, "many", ""},
		{"nothing", Key{Field: event.EventAction}, "", ""},
		{"address", Key{Role: Address, Side: &ends.Source}, "192.0.2.1", `{"related":{"ip":["192.0.2.1"]},"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`},
		{"translated", Key{Role: NAT, Side: &ends.Source}, "192.0.2.1", `{"related":{"ip":["192.0.2.1"]},"source":{"nat":{"ip":"192.0.2.1"}}}`},
		{"translated, no address", Key{Role: NAT, Side: &ends.Source}, "x", ""},
		{"port", Key{Role: Port, Field: event.SourcePort}, "80", `{"source":{"port":80}}`},
		{"no port", Key{Role: Port, Field: event.SourcePort}, "http", ""},
		{"user", Key{Role: User, Side: &ends.Destination}, "bob", `{"destination":{"user":{"name":"bob"}},"related":{"user":["bob"]}}`},
		{"root user", Key{Role: RootUser}, "bob", `{"related":{"user":["bob"]},"user":{"name":"bob"}}`},
		{"transport", Key{Role: Transport}, "6", `{"network":{"iana_number":"6","transport":"tcp"}}`},
		{"no transport", Key{Role: Transport}, "HTTPS", ""},
		{"lower", Key{Role: Lower, Field: event.NetworkProtocol}, "HTTPS", `{"network":{"protocol":"https"}}`},
		{"protocol", Key{Role: Protocol}, "HTTP", `{"network":{"protocol":"http"}}`},
		{"name of an application", Key{Role: Protocol}, "BOOTPS (UDP)", `{"network":{"application":"BOOTPS (UDP)"}}`},
		{"url", Key{Role: URL}, "/x", `{"url":{"original":"/x","path":"/x"}}`},
		{"hash", Key{Role: Hash}, strings.Repeat("aB", 16), `{"file":{"hash":{"md5":"` + strings.Repeat("aB", 16) + `"}},"related":{"hash":["` + strings.Repeat("aB", 16) + `"]}}`},
		{"no hash", Key{Role: Hash}, strings.Repeat("xy", 16), ""},
		{"hash of an odd length", Key{Role: Hash}, "abcd", ""},
		{"time", Key{Role: Time, Field: event.EventStart}, "2024-01-01 00:00:00", `{"event":{"start":"2024-01-01T00:00:00.000Z"}}`},
		{"no time", Key{Role: Time, Field: event.EventStart}, "yesterday", ""},
		{"seconds", Key{Role: Seconds, Field: event.EventDuration}, "5", `{"event":{"duration":5000000000}}`},
		{"negative seconds", Key{Role: Seconds, Field: event.EventDuration}, "-5", ""},
		{"direction", Key{Role: Direction}, "1", `{"network":{"direction":"outbound"}}`},
		{"no direction", Key{Role: Direction}, "sideways", ""},
		{"host", Key{Role: Host, Field: event.HostName}, "h", `{"host":{"name":"h"},"related":{"hosts":["h"]}}`},
		{"list of addresses", Key{Role: IP, Field: event.ObserverIP}, "192.0.2.1", `{"observer":{"ip":["192.0.2.1"]}}`},
		{"one address", Key{Role: IP, Field: event.ClientIP}, "192.0.2.1", `{"client":{"ip":"192.0.2.1"},"related":{"ip":["192.0.2.1"]}}`},
		{"outcome", Key{Role: Outcome}, "FAILED", `{"event":{"outcome":"failure"}}`},
		{"no outcome", Key{Role: Outcome}, "maybe", ""},
		{"mac", Key{Role: MAC, Field: event.SourceMAC}, "00:1b:2c:3d:4e:5f", `{"source":{"mac":"00-1B-2C-3D-4E-5F"}}`},
		{"mac of Cisco", Key{Role: MAC, Field: event.SourceMAC}, "001b.2c3d.4e5f", `{"source":{"mac":"00-1B-2C-3D-4E-5F"}}`},
		{"list of macs", Key{Role: MAC, Field: event.HostMAC}, "001b2c3d4e5f", `{"host":{"mac":["00-1B-2C-3D-4E-5F"]}}`},
		{"mac too long", Key{Role: MAC, Field: event.SourceMAC}, "00:1b:2c:3d:4e:5f:60", ""},
		{"mac too short", Key{Role: MAC, Field: event.SourceMAC}, "00:1b", ""},
		{"no mac", Key{Role: MAC, Field: event.SourceMAC}, "host", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			ok := tt.key.Apply(&e, tt.value)
			if tt.want == "" {
				if ok || e.Len() != 0 {
					t.Errorf("%t, %s", ok, e.AppendJSON(nil))
				}
				return
			}
			if got := string(e.AppendJSON(nil)); !ok || got != tt.want {
				t.Errorf("%t\ngot  %s\nwant %s", ok, got, tt.want)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	for in, want := range map[string]string{
		"0": "inbound", "1": "outbound", "IN": "inbound", "Incoming": "inbound", "egress": "outbound", "OUT": "outbound", "Internal": "internal",
		"external": "external", "unknown": "unknown", "": "", "2": "", "in ": "", "both": "",
	} {
		var e event.Event
		if ok := direction(&e, in); ok != (want != "") || e.Str(event.NetworkDirection) != want {
			t.Errorf("%q: %t, %q", in, ok, e.Str(event.NetworkDirection))
		}
	}
}

// TestOutcome knows words for how something went, and none for what a device decided.
func TestOutcome(t *testing.T) {
	for in, want := range map[string]string{
		"Success": "success", "OK": "success", "passed": "success", "1": "success", "TRUE": "success", "failed": "failure", "Denied": "failure", "0": "failure",
		"error": "failure", "Unknown": "unknown", "allow": "", "blocked": "", "": "", "2": "",
	} {
		var e event.Event
		if ok := outcome(&e, in); ok != (want != "") || e.Str(event.EventOutcome) != want {
			t.Errorf("%q: %t, %q", in, ok, e.Str(event.EventOutcome))
		}
	}
}

// TestHash tells the kind by the length, and keeps letters as they came.
func TestHash(t *testing.T) {
	for n, f := range map[int]event.Field{32: event.FileHashMd5, 40: event.FileHashSha1, 64: event.FileHashSha256, 128: event.FileHashSha512} {
		var e event.Event
		s := strings.Repeat("aB", n/2)
		if !hash(&e, s) || e.Str(f) != s || e.Str(event.RelatedHash) != s || e.Len() != 2 {
			t.Errorf("%d digits: %s", n, e.AppendJSON(nil))
		}
	}
	for _, s := range []string{"", "ab", strings.Repeat("a", 33), strings.Repeat("g", 32), strings.Repeat("a", 31) + "-", strings.Repeat("ab:", 21) + "a"} {
		var e event.Event
		if hash(&e, s) || e.Len() != 0 {
			t.Errorf("%q: %s", s, e.AppendJSON(nil))
		}
	}
}

// FuzzApply: a key either takes a value or leaves the event as it was, and what it sets fits ECS.
func FuzzApply(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "host.example", "80", "bob@x.example", "tcp", "http://h/x", "2024-01-01 00:00:00", "00:1b:2c:3d:4e:5f", "", "\xff", "-1"} {
		f.Add(s)
	}
	keys := []Key{
		{Field: event.SourceBytes}, {Role: Address, Side: &ends.Source}, {Role: NAT, Side: &ends.Source}, {Role: Port, Field: event.SourcePort}, {Role: User, Side: &ends.Destination},
		{Role: RootUser}, {Role: Transport}, {Role: Protocol}, {Role: URL}, {Role: Hash}, {Role: Time, Field: event.EventStart}, {Role: Seconds, Field: event.EventDuration},
		{Role: Direction}, {Role: Host, Field: event.HostName}, {Role: IP, Field: event.ObserverIP}, {Role: IP, Field: event.ClientIP}, {Role: Lower, Field: event.NetworkProtocol},
		{Role: Outcome}, {Role: MAC, Field: event.SourceMAC},
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range keys {
			var e event.Event
			if !k.Apply(&e, s) {
				if e.Len() != 0 {
					t.Errorf("role %d refused %q and left %s", k.Role, s, e.AppendJSON(nil))
				}
				continue
			}
			before := string(e.AppendJSON(nil))
			if e.Conform(); string(e.AppendJSON(nil)) != before {
				t.Errorf("role %d, %q: %s does not fit ECS", k.Role, s, before)
			}
		}
	})
}
