package asa

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
)

func TestSecurityEvent(t *testing.T) {
	tests := []struct {
		name, line string
		want       map[string]string
	}{
		{"connection ends", `%FTD-1-430003: AccessControlRuleAction: Block with reset, SrcIP: 192.0.2.1, DstIP: 198.51.100.2, SrcPort: 5, DstPort: 443, Protocol: tcp, Prefilter Policy: Default, Policy, User: CORP\eve, Client: SSL client, ConnectionDuration: 3, InitiatorBytes: 10, ResponderBytes: 20, URL: https://h.example/x`,
			map[string]string{
				"event.action": "connection-finished", "event.type": `["connection","end","denied"]`, "source.ip": "192.0.2.1", "destination.port": "443", "user.name": "eve", "user.domain": "CORP",
				"event.duration": "3000000000", "network.bytes": "30", "url.domain": "h.example", "network.application": "ssl client", "cisco.ftd.security.prefilter_policy": "Default, Policy",
				"event.outcome": "success", "network.transport": "tcp",
			}},
		{"connection begins", `%FTD-1-430002: AccessControlRuleAction: Allow, SrcIP: 192.0.2.1, User: No Authentication Required`,
			map[string]string{"event.type": `["connection","start","allowed"]`, "user.name": ""}},
		{"intrusion", `%FTD-0-430001: SID: 17279, Revision: 12, Message: SERVER-WEBAPP x, y attempt, Classification: Bad`,
			map[string]string{"rule.id": "17279", "rule.version": "12", "message": "SERVER-WEBAPP x, y attempt", "event.category": `["intrusion_detection"]`, "event.kind": "alert"}},
		{"a question", `%FTD-1-430003: SrcIP: 192.0.2.1, DstIP: 192.0.2.53, Protocol: udp, DNSQuery: h.example, DNSRecordType: ip6 address, DNSResponseType: Non-Existent Domain, User: CORP\eve`,
			map[string]string{"dns.question.type": "AAAA", "dns.response_code": "NXDOMAIN", "user.id": `CORP\eve`, "event.kind": "event"}},
		{"a record of an unknown type", `%FTD-1-430003: DNSRecordType: something else`, map[string]string{"dns.question.type": "something else"}},
		{"an echo", `%FTD-1-430002: SrcIP: 192.0.2.1, DstIP: 198.51.100.2, ICMPType: Echo Request, ICMPCode: No Code, Protocol: icmp`,
			map[string]string{"network.transport": "icmp", "network.community_id": "1:zFLKq9oekfjLhmre/zOf0XYYjVE="}},
		{"an endpoint", `%FTD-1-430003: Endpoint Profile: Workstation:Microsoft-Workstation:Windows10-Workstation, SrcIP: 192.0.2.1`,
			map[string]string{"device.manufacturer": "Microsoft", "device.model.name": "Windows10"}},
		{"malware", `%FTD-1-430005: FileName: a.exe, FileSize: 7, FileSHA256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
			map[string]string{"file.name": "a.exe", "file.size": "7", "related.hash": `["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]`, "event.action": "malware-detected"}},
		{"odd pieces", `%FTD-1-430002: , , lower: x, SrcIP: 192.0.2.1, Empty: ,DstIP: nope, SrcPort: 99999`,
			map[string]string{"source.ip": "192.0.2.1", "source.port": "", "destination.domain": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.line); err != nil {
				t.Fatal(err)
			}
			for path, want := range tt.want {
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
		})
	}
}

func TestSecurityEvent_Bounded(t *testing.T) {
	line := "%FTD-1-430002: "
	for i := range 2 * maxPairs {
		line += fmt.Sprintf("K%d: v, ", i)
	}
	var e event.Event
	if err := Parse(&e, line); err != nil {
		t.Fatal(err)
	}
	got := e.Get(event.CiscoFtdSecurity)
	if got.Len() != maxPairs+1 || !strings.Contains(got.Get("rest").Str(), "K1023: v") {
		t.Errorf("%d keys", got.Len())
	}
}

func TestNextPair(t *testing.T) {
	tests := []struct{ text, key, value, rest string }{
		{"A: b", "A", "b", ""}, {"A: b, C: d", "A", "b", ", C: d"}, {"A: b, c, D: e", "A", "b, c", ", D: e"}, {"A:", "A", "", ""},
		{", A: b", "A", "b", ""}, {"no key, A: b", "", "", ", A: b"}, {"", "", "", ""}, {"nothing", "", "", ""}, {"Time: 2024-01-01T00:00:00Z, B: x", "Time", "2024-01-01T00:00:00Z", ", B: x"},
	}
	for _, tt := range tests {
		if key, value, rest := nextPair(tt.text); key != tt.key || value != tt.value || rest != tt.rest {
			t.Errorf("%q: %q, %q, %q", tt.text, key, value, rest)
		}
	}
}
