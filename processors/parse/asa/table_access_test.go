package asa

import "testing"

func TestMessages_Access(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-4-106103: access-list a denied udp for user o hara inside/192.0.2.1(1) -> outside/198.51.100.2(2) hit-cnt 1 first hit [0x1, 0x0]`,
			[]string{
				"user.name=o hara", "observer.ingress.interface.name=inside", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-2-106001: Inbound TCP connection denied from 192.0.2.1/45321 to 198.51.100.2/443 flags SYN  on interface outside`,
			[]string{
				"event.action=firewall-rule", "network.direction=inbound", "network.transport=tcp", "source.ip=192.0.2.1",
				"source.port=45321", "destination.port=443", "observer.ingress.interface.name=outside",
				"cisco.asa.tcp_flags=SYN",
			},
		},
		{
			`%ASA-2-106002: tcp Connection denied by outbound list 11 src 192.0.2.1 dest 198.51.100.2`,
			[]string{
				"cisco.asa.rule_name=11", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-2-106006: Deny inbound UDP from 192.0.2.1/137(CORP\eve) to 198.51.100.2/137 on interface inside`,
			[]string{
				"source.user.name=eve", "destination.port=137", "network.direction=inbound",
			},
		},
		{
			`%ASA-2-106007: Deny inbound UDP from 192.0.2.1/1 to 198.51.100.2/53 due to DNS Response`,
			[]string{
				"network.protocol=dns", "destination.port=53",
			},
		},
		{
			`%ASA-3-106010: Deny inbound tcp src outside:192.0.2.1/2000 dst inside:198.51.100.2/25`,
			[]string{
				"network.direction=inbound", "destination.port=25", "observer.egress.interface.name=inside",
			},
		},
		{
			`%ASA-3-106010: Deny inbound protocol 47 src outside:192.0.2.1 dst inside:198.51.100.2`,
			[]string{
				"network.transport=gre", "network.iana_number=47", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-3-106011: Deny inbound (No xlate) udp src inside:192.0.2.1/1 dst inside:198.51.100.2/2`,
			[]string{
				"source.port=1", "network.transport=udp",
			},
		},
		{
			`%ASA-6-106012: Deny IP from 192.0.2.1 to 198.51.100.2, IP options: "Router Alert"`,
			[]string{
				"destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-3-106013: Dropping echo request from 192.0.2.1 to PAT address 198.51.100.2`,
			[]string{
				"destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-3-106014: Deny inbound icmp src outside:192.0.2.1 dst inside:198.51.100.2 (type 8, code 0)`,
			[]string{
				"cisco.asa.icmp_type=8", "cisco.asa.icmp_code=0", "network.transport=icmp", "-source.port",
			},
		},
		{
			`%ASA-6-106015: Deny TCP (no connection) from 192.0.2.1/80 to 198.51.100.2/5 flags FIN ACK  on interface outside`,
			[]string{
				"cisco.asa.tcp_flags=FIN ACK", "observer.ingress.interface.name=outside",
			},
		},
		{
			`%ASA-2-106016: Deny IP spoof from (192.0.2.1) to 198.51.100.2 on interface dmz`,
			[]string{
				"source.ip=192.0.2.1", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-2-106018: ICMP packet type 8 denied by outbound list 11 src 192.0.2.1 dest 198.51.100.2`,
			[]string{
				"cisco.asa.icmp_type=8", "cisco.asa.rule_name=11",
			},
		},
		{
			`%ASA-2-106020: Deny IP teardrop fragment (size = 36, offset = 0) from 192.0.2.1 to 198.51.100.2`,
			[]string{
				"event.reason=size = 36, offset = 0", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-1-106021: Deny UDP reverse path check from 192.0.2.1 to 198.51.100.2 on interface outside`,
			[]string{
				"network.transport=udp", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-1-106022: Deny tcp connection spoof from 192.0.2.1 to 198.51.100.2 on interface outside`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-4-106023: Deny protocol 50 src outside:192.0.2.1 dst inside:198.51.100.2 by access-group "in out" [0x0, 0x0]`,
			[]string{
				"network.transport=esp", "cisco.asa.rule_name=in out",
			},
		},
		{
			`%ASA-4-106023: Deny icmp src outside:192.0.2.1(LOCAL\bob, 12:blue) dst inside:198.51.100.2 (type 8, code 0) by access-group "x" [0x0, 0x0]`,
			[]string{
				"source.user.name=bob", "cisco.asa.source_user_security_group_tag=12",
				"cisco.asa.source_user_security_group_tag_name=blue", "cisco.asa.icmp_type=8",
			},
		},
		{
			`%ASA-4-106023: Deny udp src outside:2001:db8::1/53 dst inside:2001:db8::2/5353 by access-group "v6" [0x0, 0x0]`,
			[]string{
				"source.ip=2001:db8::1", "destination.port=5353",
			},
		},
		{
			`%ASA-4-106027: Deny src 0011.2233.4455 dst 6677.8899.aabb by access-group "eth"`,
			[]string{
				"source.mac=00-11-22-33-44-55", "cisco.asa.rule_name=eth",
			},
		},
		{
			`%ASA-4-106100: access-list acl denied icmp outside/192.0.2.1(8) -> inside/198.51.100.2(0) hit-cnt 3 300-second interval [0x1, 0x0]`,
			[]string{
				`event.type=["connection","denied"]`, "cisco.asa.hit_count=3",
			},
		},
		{
			`%ASA-6-106100: access-list acl est-allowed tcp in side/192.0.2.1(1)(CORP\eve) -> outside/198.51.100.2(2) hit-cnt 1 first hit [0x1, 0x0]`,
			[]string{
				`event.type=["connection","allowed"]`, "source.user.domain=CORP", "source.user.name=eve",
				"observer.ingress.interface.name=in side",
			},
		},
		{
			`%ASA-1-106101: Number of cached deny-flows for ACL log has reached limit (4096).`,
			[]string{
				"event.action=resource-exhausted",
			},
		},
		{
			`%ASA-4-106102: access-list a permitted tcp for user 'o hara' inside/192.0.2.1(1) -> outside/198.51.100.2(2) hit-cnt 1 first hit [0x1, 0x0]`,
			[]string{
				"user.name=o hara",
			},
		},
		{
			`%ASA-2-108003: Terminating ESMTP/SMTP connection; malicious pattern detected in the mail address from inside:192.0.2.1/1 to outside:198.51.100.2/25. Data:`,
			[]string{
				"source.ip=192.0.2.1", "destination.port=25",
			},
		},
		{
			`%ASA-6-110002: Failed to locate egress interface for UDP from inside:192.0.2.1/68 to 255.255.255.255/67`,
			[]string{
				"event.reason=Failed to locate egress interface", "destination.ip=255.255.255.255", "destination.port=67",
			},
		},
		{
			`%ASA-6-110003: Routing failed to locate next hop for TCP from inside:192.0.2.1/1 to outside:198.51.100.2/2`,
			[]string{
				"event.outcome=failure", "source.port=1", "destination.ip=198.51.100.2", "network.transport=tcp",
			},
		},
		{
			`%ASA-6-303002: FTP connection from inside:192.0.2.1/5 to outside:198.51.100.2/21, user alice Stored file report.doc`,
			[]string{
				"user.name=alice", "event.reason=Stored", "file.name=report.doc", "network.protocol=ftp",
			},
		},
		{
			`%ASA-5-304001: bob@192.0.2.1 Accessed JAVA URL 198.51.100.2:http://h.example:8080/a/b.class?q=1#f`,
			[]string{
				"source.user.name=bob", "url.domain=h.example", "url.port=8080", "url.path=/a/b.class",
				"url.extension=class", "url.query=q=1", "url.fragment=f",
			},
		},
		{
			`%ASA-5-304001: 2001:db8::1 Accessed URL 2001:db8::2:http://h/`,
			[]string{
				"source.ip=2001:db8::1", "destination.ip=2001:db8::2", "url.domain=h",
			},
		},
		{
			`%ASA-3-304003: URL Server 198.51.100.9 timed out URL http://h/x`,
			[]string{
				"event.outcome=failure", "event.reason=timed out", "url.original=http://h/x",
			},
		},
		{
			`%ASA-3-313001: Denied ICMP type=8, code=0 from 192.0.2.1 on interface outside`,
			[]string{
				"source.ip=192.0.2.1", "cisco.asa.icmp_type=8",
			},
		},
		{
			`%ASA-4-313004: Denied ICMP type=0, from 192.0.2.1 on interface inside to 198.51.100.2:no matching session`,
			[]string{
				"destination.ip=198.51.100.2", "event.reason=no matching session",
			},
		},
		{
			`%ASA-4-338001: Dynamic filter monitored blacklisted UDP traffic from in:192.0.2.1/1 (192.0.2.1/1) to out:198.51.100.2/80 (198.51.100.2/80), source 192.0.2.1 resolved from dynamic list: evil.example, threat-level: low, category: bots`,
			[]string{
				"source.domain=evil.example", "-destination.domain",
			},
		},
		{
			`%ASA-4-338006: Dynamic Filter dropped blacklisted TCP traffic from in:192.0.2.1/1 (192.0.2.9/2) to out:198.51.100.2/80 (198.51.100.2/80), destination 198.51.100.2 resolved from local list: bad.example, threat-level: high, category: spyware`,
			[]string{
				`event.type=["connection","denied"]`, "destination.domain=bad.example", "cisco.asa.rule_name=local",
				"cisco.asa.threat_level=high", "source.nat.ip=192.0.2.9",
			},
		},
		{
			`%ASA-4-338301: Intercepted DNS reply for domain bad.example from outside:192.0.2.1/53 to inside:198.51.100.2/5, matched dynamic list`,
			[]string{
				"dns.question.name=bad.example", "source.port=53",
			},
		},
		{
			`%ASA-4-418001: Through-the-device packet to/from management-only network is denied: udp src inside:192.0.2.1/1 dst mgmt:198.51.100.2/161`,
			[]string{
				"destination.port=161", "observer.egress.interface.name=mgmt",
			},
		},
		{
			`%ASA-7-710002: TCP access permitted from 192.0.2.1/4000 to outside:198.51.100.2/https`,
			[]string{
				`event.type=["connection","allowed"]`, "destination.port=443",
			},
		},
		{
			`%ASA-3-710003: TCP access denied by ACL from 192.0.2.1/4000 to outside:198.51.100.2/ssh`,
			[]string{
				"network.protocol=ssh", "destination.port=22", `event.type=["connection","denied"]`,
			},
		},
		{
			`%ASA-3-710004: TCP connection limit exceeded from 192.0.2.1/1 to inside:198.51.100.2/22 (current connections/connection limit = 5/5)`,
			[]string{
				"event.action=connection-limit", "destination.port=22",
			},
		},
		{
			`%ASA-7-710005: UDP request discarded from 192.0.2.1/137 to outside:192.0.2.255/137`,
			[]string{
				"destination.port=137", "network.transport=udp",
			},
		},
		{
			`%ASA-7-710006: ICMP request discarded from 192.0.2.1 to outside:198.51.100.2`,
			[]string{
				"network.transport=icmp", "destination.ip=198.51.100.2",
			},
		},
	})
}
