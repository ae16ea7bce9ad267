package asa

import "testing"

func TestMessages_Attack(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-6-201010: Embryonic connection limit exceeded 5/5 for inbound packet from 192.0.2.1/1 to 198.51.100.2/2 on interface outside`,
			[]string{
				"event.action=connection-limit", "network.direction=inbound",
			},
		},
		{
			`%ASA-3-201011: Connection limit exceeded 5/5 for input packet from 192.0.2.1/1 to 198.51.100.2/2 on interface inside`,
			[]string{
				"event.reason=Connection limit exceeded", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-4-209005: Discard IP fragment set with more than 24 elements: src = 192.0.2.1, dest = 198.51.100.2, proto = UDP, id = 9`,
			[]string{
				"network.transport=udp", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-3-322001: Deny MAC address 0011.2233.4455, possible spoof attempt on interface inside`,
			[]string{
				"source.mac=00-11-22-33-44-55",
			},
		},
		{
			`%ASA-3-322002: ARP inspection check failed for arp response received from host 0011.2233.4455 on interface in. This host is advertising MAC Address 0011.2233.4455 for IP Address 192.0.2.1, which is statically bound to MAC Address 6677.8899.aabb`,
			[]string{
				"source.mac=00-11-22-33-44-55", "source.ip=192.0.2.1", "destination.mac=66-77-88-99-AA-BB",
			},
		},
		{
			`%ASA-4-400014: IPS:2004 ICMP echo request from 192.0.2.1 to 198.51.100.2 on interface outside`,
			[]string{
				"rule.id=2004", "rule.name=ICMP echo request", "event.action=intrusion-detected",
			},
		},
		{
			`%ASA-4-401002: Shun added: 192.0.2.1 198.51.100.2 10 20`,
			[]string{
				"source.ip=192.0.2.1", "destination.port=20",
			},
		},
		{
			`%ASA-4-401004: Shunned packet: 192.0.2.1 ==> 198.51.100.2 on interface outside`,
			[]string{
				"source.ip=192.0.2.1", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-4-405001: Received ARP response collision from 192.0.2.1/0011.2233.4455 on interface inside with existing ARP entry 192.0.2.1/6677.8899.aabb`,
			[]string{
				"source.mac=00-11-22-33-44-55", "destination.mac=66-77-88-99-AA-BB", "event.action=spoofing-detected",
			},
		},
		{
			`%ASA-4-405003: IP address collision detected between host 192.0.2.1 at 0011.2233.4455 and interface inside, 6677.8899.aabb.`,
			[]string{
				"source.ip=192.0.2.1", "observer.ingress.interface.name=inside",
			},
		},
		{
			`%ASA-4-407001: Deny traffic for local-host inside:192.0.2.1, license limit of 10 exceeded`,
			[]string{
				"source.ip=192.0.2.1", "event.action=connection-limit",
			},
		},
		{
			`%ASA-5-415006: HTTP - matched Class 21: in policy-map 4, URI matched - Resetting connection from outside:192.0.2.1/1 to inside:198.51.100.2/80`,
			[]string{
				"source.ip=192.0.2.1", "destination.port=80",
			},
		},
		{
			`%ASA-4-419001: Dropping TCP packet from outside:192.0.2.1/80 to inside:198.51.100.2/5, reason: MSS exceeded, MSS 460, data 1440`,
			[]string{
				"event.reason=MSS exceeded, MSS 460, data 1440",
			},
		},
		{
			`%ASA-4-419002: Duplicate TCP SYN from inside:192.0.2.1/1 to outside:198.51.100.2/2 with different initial sequence number`,
			[]string{
				"event.reason=Duplicate TCP SYN", "destination.port=2",
			},
		},
		{
			`%ASA-4-434002: SFR requested to drop TCP packet from inside:192.0.2.1/1 to outside:198.51.100.2/2`,
			[]string{
				"event.action=packet-dropped", "destination.port=2",
			},
		},
		{
			`%ASA-5-500003: Bad TCP hdr length (hdrlen=4, pktlen=20) from 192.0.2.1/1 to 198.51.100.2/2, flags: SYN, on interface outside`,
			[]string{
				"cisco.asa.tcp_flags=SYN", "source.port=1",
			},
		},
		{
			`%ASA-4-500004: Invalid transport field for protocol=UDP, from 192.0.2.1/1 to 198.51.100.2/0`,
			[]string{
				"network.transport=udp", "destination.port=0",
			},
		},
		{
			`%ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 4 per second, max configured rate is 10; Current average rate is 5 per second, max configured rate is 6; Cumulative total count is 7`,
			[]string{
				"cisco.asa.burst.object=Scanning", "cisco.asa.burst.id=rate-1", "cisco.asa.burst.current_rate=4",
				"cisco.asa.burst.configured_rate=10", "cisco.asa.burst.avg_rate=5",
				"cisco.asa.burst.configured_avg_rate=6", "cisco.asa.burst.cumulative_count=7",
			},
		},
		{
			`%ASA-4-733101: Host 192.0.2.1 is attacking. Current burst rate is 1 per second, max configured rate is 2`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-4-733101: Subnet 198.51.100.0 is targeted. Current burst rate is 1 per second, max configured rate is 2`,
			[]string{
				"destination.ip=198.51.100.0",
			},
		},
		{
			`%ASA-4-733102: Threat-detection adds host 192.0.2.1 to shun list`,
			[]string{
				"source.ip=192.0.2.1", "event.action=shun-list-changed",
			},
		},
	})
}
