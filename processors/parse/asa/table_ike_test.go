package asa

import "testing"

func TestMessages_Ike(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-4-402116: IPSEC: Received an ESP packet (SPI= 0x1, sequence number= 0x2) from 192.0.2.1 (user= peer) to 198.51.100.2.  The decapsulated inner packet doesn't match`,
			[]string{
				"cisco.asa.spi=0x1", "user.name=peer",
			},
		},
		{
			`%ASA-4-402117: IPSEC: Received a non-IPSec packet (protocol= ICMP) from 192.0.2.1 to 198.51.100.2.`,
			[]string{
				"network.transport=icmp", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-4-402119: IPSEC: Received an ESP packet (SPI= 0x1, sequence number= 0x2) from 192.0.2.1 (user= peer) to 198.51.100.2 that failed anti-replay checking.`,
			[]string{
				"destination.ip=198.51.100.2", "network.protocol=ESP",
			},
		},
		{
			`%ASA-6-602303: IPSEC: An inbound LAN-to-LAN SA (SPI= 0x1F) between 192.0.2.1 and 198.51.100.2 (user= peer) has been created.`,
			[]string{
				"network.direction=inbound", "network.type=ipsec", "user.name=peer", "cisco.asa.spi=0x1F",
			},
		},
		{
			`%ASA-6-602304: IPSEC: An outbound LAN-to-LAN SA (SPI= 0x1) between 192.0.2.1 and 198.51.100.2 (peer) has been deleted.`,
			[]string{
				"user.name=peer", "event.action=sa-deleted",
			},
		},
		{
			`%ASA-5-713049: Group = 203.0.113.5, IP = 203.0.113.5, Security negotiation complete for LAN-to-LAN Group (203.0.113.5)  Initiator, Inbound SPI = 0xa, Outbound SPI = 0xb`,
			[]string{
				"event.action=tunnel-established", "source.ip=203.0.113.5", "cisco.asa.spi=0xa",
			},
		},
		{
			`%ASA-5-713050: Group = g, Username = bob, IP = 192.0.2.1, Connection terminated for peer bob.  Reason: Peer Terminate  Remote Proxy 198.51.100.2, Local Proxy 0.0.0.0`,
			[]string{
				"user.name=bob", "event.action=tunnel-terminated",
			},
		},
		{
			`%ASA-5-713120: Group = 192.0.2.1, IP = 192.0.2.1, PHASE 2 COMPLETED (msgid=1)`,
			[]string{
				"event.action=tunnel-established",
			},
		},
		{
			`%ASA-6-713172: Group = g, IP = 192.0.2.1, Automatic NAT Detection Status:     Remote end is NOT behind a NAT device`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-713228: Group = g, Username = bob, IP = 192.0.2.1, Assigned private IP address 198.51.100.2 to remote user`,
			[]string{
				"cisco.asa.assigned_ip=198.51.100.2", "user.name=bob",
			},
		},
		{
			`%ASA-5-713259: Group = g, Username = bob, IP = 192.0.2.1, Session is being torn down. Reason: User Requested`,
			[]string{
				"event.reason=User Requested",
			},
		},
		{
			`%ASA-3-713902: Group = g, Username = alice, IP = 203.0.113.5, Removing peer from correlator table failed, no match!`,
			[]string{
				"user.name=alice", "event.reason=Removing peer from correlator table failed, no match!",
			},
		},
		{
			`%ASA-4-750003: Local:198.51.100.2:500 Remote:192.0.2.1:500 Username:Unknown Negotiation aborted due to ERROR: Auth exchange failed`,
			[]string{
				"event.reason=Auth exchange failed", "event.outcome=failure",
			},
		},
		{
			`%ASA-5-750006: Local:198.51.100.2:4500 Remote:192.0.2.1:4500 Username:alice SA UP. Reason: New Connection Established`,
			[]string{
				"source.ip=192.0.2.1", "destination.port=4500", "event.reason=New Connection Established",
			},
		},
		{
			`%ASA-6-751025: Local:198.51.100.2:4500 Remote:192.0.2.1:4500 Username:bob Group:gp IPv4 Address=203.0.113.5 IPv6 address=:: assigned to session`,
			[]string{
				"cisco.asa.assigned_ip=203.0.113.5",
			},
		},
	})
}
