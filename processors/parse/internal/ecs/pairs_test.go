package ecs

import (
	"strings"
	"testing"
	"time"

	"weir/event"
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
		{"address", Key{Role: RoleAddress, Side: &Source}, "192.0.2.1", `{"related":{"ip":["192.0.2.1"]},"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`},
		{"translated", Key{Role: RoleNAT, Side: &Source}, "192.0.2.1", `{"related":{"ip":["192.0.2.1"]},"source":{"nat":{"ip":"192.0.2.1"}}}`},
		{"translated, no address", Key{Role: RoleNAT, Side: &Source}, "x", ""},
		{"port", Key{Role: RolePort, Field: event.SourcePort}, "80", `{"source":{"port":80}}`},
		{"no port", Key{Role: RolePort, Field: event.SourcePort}, "http", ""},
		{"user", Key{Role: RoleUser, Side: &Destination}, "bob", `{"destination":{"user":{"name":"bob"}},"related":{"user":["bob"]}}`},
		{"root user", Key{Role: RoleRootUser}, "bob", `{"related":{"user":["bob"]},"user":{"name":"bob"}}`},
		{"transport", Key{Role: RoleTransport}, "6", `{"network":{"iana_number":"6","transport":"tcp"}}`},
		{"no transport", Key{Role: RoleTransport}, "HTTPS", ""},
		{"lower", Key{Role: RoleLower, Field: event.NetworkProtocol}, "HTTPS", `{"network":{"protocol":"https"}}`},
		{"protocol", Key{Role: RoleProtocol}, "HTTP", `{"network":{"protocol":"http"}}`},
		{"name of an application", Key{Role: RoleProtocol}, "BOOTPS (UDP)", `{"network":{"application":"BOOTPS (UDP)"}}`},
		{"url", Key{Role: RoleURL}, "/x", `{"url":{"original":"/x","path":"/x"}}`},
		{"hash", Key{Role: RoleHash}, strings.Repeat("aB", 16), `{"file":{"hash":{"md5":"` + strings.Repeat("aB", 16) + `"}},"related":{"hash":["` + strings.Repeat("aB", 16) + `"]}}`},
		{"no hash", Key{Role: RoleHash}, strings.Repeat("xy", 16), ""},
		{"hash of an odd length", Key{Role: RoleHash}, "abcd", ""},
		{"time", Key{Role: RoleTime, Field: event.EventStart}, "2024-01-01 00:00:00", `{"event":{"start":"2024-01-01T00:00:00.000Z"}}`},
		{"no time", Key{Role: RoleTime, Field: event.EventStart}, "yesterday", ""},
		{"seconds", Key{Role: RoleSeconds, Field: event.EventDuration}, "5", `{"event":{"duration":5000000000}}`},
		{"negative seconds", Key{Role: RoleSeconds, Field: event.EventDuration}, "-5", ""},
		{"direction", Key{Role: RoleDirection}, "1", `{"network":{"direction":"outbound"}}`},
		{"no direction", Key{Role: RoleDirection}, "sideways", ""},
		{"host", Key{Role: RoleHost, Field: event.HostName}, "h", `{"host":{"name":"h"},"related":{"hosts":["h"]}}`},
		{"list of addresses", Key{Role: RoleIP, Field: event.ObserverIP}, "192.0.2.1", `{"observer":{"ip":["192.0.2.1"]}}`},
		{"one address", Key{Role: RoleIP, Field: event.ClientIP}, "192.0.2.1", `{"client":{"ip":"192.0.2.1"},"related":{"ip":["192.0.2.1"]}}`},
		{"outcome", Key{Role: RoleOutcome}, "FAILED", `{"event":{"outcome":"failure"}}`},
		{"no outcome", Key{Role: RoleOutcome}, "maybe", ""},
		{"mac", Key{Role: RoleMAC, Field: event.SourceMAC}, "00:1b:2c:3d:4e:5f", `{"source":{"mac":"00-1B-2C-3D-4E-5F"}}`},
		{"mac of Cisco", Key{Role: RoleMAC, Field: event.SourceMAC}, "001b.2c3d.4e5f", `{"source":{"mac":"00-1B-2C-3D-4E-5F"}}`},
		{"list of macs", Key{Role: RoleMAC, Field: event.HostMAC}, "001b2c3d4e5f", `{"host":{"mac":["00-1B-2C-3D-4E-5F"]}}`},
		{"mac too long", Key{Role: RoleMAC, Field: event.SourceMAC}, "00:1b:2c:3d:4e:5f:60", ""},
		{"mac too short", Key{Role: RoleMAC, Field: event.SourceMAC}, "00:1b", ""},
		{"no mac", Key{Role: RoleMAC, Field: event.SourceMAC}, "host", ""},
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

func TestParseTime(t *testing.T) {
	tests := map[string]string{
		"2024-01-02T03:04:05Z": "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.5+09:00": "2024-01-01T18:04:05.5Z", "1704164645": "2024-01-02T03:04:05Z", "1704164645.25": "2024-01-02T03:04:05.25Z",
		"1704164645123": "2024-01-02T03:04:05.123Z", "1704164645123456": "2024-01-02T03:04:05.123456Z", "1704164645123456789": "2024-01-02T03:04:05.123456789Z", "1704164645123.5": "2024-01-02T03:04:05.1235Z",
		"2024-01-02 03:04:05.5": "2024-01-02T03:04:05.5Z", "2024-01-02 03:04:05+0200": "2024-01-02T01:04:05Z", "Jan 02 2024 03:04:05": "2024-01-02T03:04:05Z", "Jan  2 2024 03:04:05.123 UTC": "2024-01-02T03:04:05.123Z",
		"02/Jan/2024:03:04:05 +0000": "2024-01-02T03:04:05Z", "Tue Jan  2 03:04:05 2024": "2024-01-02T03:04:05Z", "2024/01/02 03:04:05": "2024-01-02T03:04:05Z",
		"": "", "12": "", "123456789": "", "99999999999999999999": "", "Jan 02 03:04:05": "", "03:04:05 x": "", "1704164645.x": "",
	}
	for in, want := range tests {
		got, ok := ParseTime(in)
		switch {
		case want != "":
			if text := got.UTC().Format(time.RFC3339Nano); !ok || text != want {
				t.Errorf("%q: %s, %t, want %s", in, text, ok, want)
			}
		case ok:
			t.Errorf("%q was read as %s", in, got)
		}
	}
}

func TestFlowID(t *testing.T) {
	var e event.Event
	FlowID(&e)
	Address(&e, &Source, "128.232.110.120")
	Address(&e, &Destination, "66.35.250.204")
	Transport(&e, "tcp")
	if FlowID(&e); e.Has(event.NetworkCommunityID) {
		t.Error("an id without ports")
	}
	e.SetInt(event.SourcePort, 34855)
	e.SetInt(event.DestinationPort, 80)
	if FlowID(&e); e.Str(event.NetworkCommunityID) != "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}
