package asa

import "testing"

func TestMessages_Connection(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-3-202010: NAT pool exhausted. Unable to create TCP connection from inside:192.0.2.1/1 to outside:198.51.100.2/2`,
			[]string{
				"event.reason=NAT pool exhausted.", "destination.port=2",
			},
		},
		{
			`%ASA-6-302003: Built H245 connection for foreign_address 198.51.100.2/1720 local_address 192.0.2.1/5`,
			[]string{
				"network.protocol=h245", "destination.port=1720",
			},
		},
		{
			`%ASA-6-302004: Pre-allocate H323 UDP backconnection for foreign_address 198.51.100.2 to local_address 192.0.2.1/5`,
			[]string{
				"network.transport=udp", "source.port=5",
			},
		},
		{
			`%ASA-6-302009: Rebuilt TCP connection 7 for foreign_address 198.51.100.2/80 global_address 203.0.113.1/9 local_address 192.0.2.1/5`,
			[]string{
				"cisco.asa.connection_id=7", "source.nat.ip=203.0.113.1",
			},
		},
		{
			`%ASA-6-302010: 10 in use, 20 most used`,
			[]string{
				"event.reason=10 in use, 20 most used",
			},
		},
		{
			`%ASA-6-302012: Pre-allocate H225 Call Signalling Connection for faddr 198.51.100.2/1720 to laddr 192.0.2.1`,
			[]string{
				"network.protocol=h225", "destination.port=1720",
			},
		},
		{
			`%ASA-6-302013: Built outbound TCP connection 1 for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (203.0.113.1/2)`,
			[]string{
				"source.ip=192.0.2.1", "source.nat.ip=203.0.113.1", "source.nat.port=2", "destination.ip=198.51.100.2",
				"-destination.nat.ip", "network.direction=outbound", "observer.ingress.interface.name=inside",
			},
		},
		{
			`%ASA-6-302013: Built inbound Probe TCP connection 1 for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (192.0.2.1/1)`,
			[]string{
				"source.ip=198.51.100.2", "network.transport=tcp",
			},
		},
		{
			`%ASA-6-302014: Teardown TCP connection 1 for outside:198.51.100.2/80 to inside:192.0.2.1/1 duration 1:02:03 bytes 5 Flow closed by inspection`,
			[]string{
				"event.duration=3723000000000", "event.reason=Flow closed by inspection", "network.bytes=5",
			},
		},
		{
			`%ASA-6-302015: Built inbound UDP connection 8 for outside:192.0.2.1/53 (192.0.2.1/53)(LOCAL\a(b), 7:x) to inside:198.51.100.2/9 (198.51.100.2/9)`,
			[]string{
				"source.user.name=a(b)", "cisco.asa.source_user_security_group_tag=7",
			},
		},
		{
			`%ASA-6-302016: Teardown UDP connection 8 for outside:192.0.2.1/53 to inside:198.51.100.2/9 duration 100:00:01 bytes 1`,
			[]string{
				"event.duration=360001000000000", "-event.reason",
			},
		},
		{
			`%ASA-6-302017: Built inbound GRE connection 5 from outside:198.51.100.2 (198.51.100.2) to inside:192.0.2.1/7 (192.0.2.1/7)`,
			[]string{
				"network.transport=gre", "source.ip=198.51.100.2", "-destination.port",
			},
		},
		{
			`%ASA-6-302018: Teardown GRE connection 5 from outside:198.51.100.2 (198.51.100.2) to inside:192.0.2.1/7 (192.0.2.1/7) duration 0:00:10 bytes 9`,
			[]string{
				"event.duration=10000000000", "network.bytes=9", "event.action=flow-expiration",
			},
		},
		{
			`%ASA-6-302020: Built outbound ICMP connection for faddr 198.51.100.2/0 gaddr 203.0.113.1/1 laddr 192.0.2.1/1 type 8 code 0`,
			[]string{
				"source.ip=192.0.2.1", "source.nat.ip=203.0.113.1", "network.direction=outbound", "-source.port",
			},
		},
		{
			`%ASA-6-302021: Teardown ICMP connection for faddr 198.51.100.2/0 gaddr 192.0.2.1/1 laddr 192.0.2.1/1 (bob)`,
			[]string{
				"source.user.name=bob", "event.action=flow-expiration",
			},
		},
		{
			`%ASA-6-302022: Built director stub TCP connection for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (192.0.2.1/1)`,
			[]string{
				"event.action=flow-creation", "destination.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-302023: Teardown director stub TCP connection for outside:198.51.100.2/80 to inside:192.0.2.1/1 duration 0:00:01 forwarded bytes 7 Cluster flow with CLU closed on owner`,
			[]string{
				"network.bytes=7", "event.reason=Cluster flow with CLU closed on owner",
			},
		},
		{
			`%ASA-6-302035: Built outbound SCTP connection 9 for outside:198.51.100.2/2905 (198.51.100.2/2905) to inside:192.0.2.1/1 (192.0.2.1/1)`,
			[]string{
				"network.transport=sctp", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-302303: Built TCP state-bypass connection 9 from in:192.0.2.1/1 (192.0.2.1/1) to out:198.51.100.2/2 (198.51.100.2/2)`,
			[]string{
				"cisco.asa.connection_id=9", "destination.port=2",
			},
		},
		{
			`%ASA-6-302304: Teardown TCP state-bypass connection 9 from in:192.0.2.1/1 to out:198.51.100.2/2 duration 0:00:05 bytes 6 TCP FINs`,
			[]string{
				"network.bytes=6", "event.duration=5000000000",
			},
		},
		{
			`%ASA-3-305005: No translation group found for udp src inside:192.0.2.1/1 dst outside:198.51.100.2/2`,
			[]string{
				"event.action=nat-failed", "source.port=1",
			},
		},
		{
			`%ASA-3-305006: portmap translation creation failed for icmp src inside:192.0.2.1 dst outside:198.51.100.2 (type 8, code 0)`,
			[]string{
				"cisco.asa.icmp_type=8", "event.reason=portmap translation creation failed",
			},
		},
		{
			`%ASA-6-305009: Built dynamic translation from inside:192.0.2.1 to outside:203.0.113.1`,
			[]string{
				"event.action=nat-slot", "source.ip=192.0.2.1", "destination.ip=203.0.113.1",
			},
		},
		{
			`%ASA-6-305010: Teardown static translation from inside:192.0.2.1 to outside:203.0.113.1 duration 0:10:00`,
			[]string{
				"event.duration=600000000000",
			},
		},
		{
			`%ASA-6-305011: Built dynamic TCP translation from inside:192.0.2.1/1(LOCAL\bob) to outside(acl):203.0.113.1/2`,
			[]string{
				"source.user.name=bob", "destination.port=2",
			},
		},
		{
			`%ASA-5-305013: Asymmetric NAT rules matched for forward and reverse flows; Connection for tcp src outside:192.0.2.1/1 dst inside:198.51.100.2/2 denied due to NAT reverse path failure`,
			[]string{
				"source.ip=192.0.2.1", "network.transport=tcp", "destination.port=2",
			},
		},
		{
			`%ASA-6-305014: Allocated TCP block of ports for translation from inside:192.0.2.1 to outside:203.0.113.1/1024-1535`,
			[]string{
				"destination.ip=203.0.113.1", "event.action=nat-slot",
			},
		},
		{
			`%ASA-6-607001: Pre-allocate SIP Via UDP secondary channel for out:192.0.2.1/5060 to in:198.51.100.2 from REGISTER message`,
			[]string{
				"network.protocol=sip", "source.port=5060", "event.reason=REGISTER",
			},
		},
		{
			`%ASA-6-608001: Pre-allocate Skinny UDP secondary channel for in:192.0.2.1 to out:198.51.100.2/1 from SKINNY message`,
			[]string{
				"network.protocol=skinny", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-7-609001: Built local-host inside:192.0.2.1`,
			[]string{
				"source.ip=192.0.2.1", "event.action=host-creation",
			},
		},
		{
			`%ASA-7-609002: Teardown local-host inside:192.0.2.1 duration 0:00:05`,
			[]string{
				"event.duration=5000000000",
			},
		},
	})
}
