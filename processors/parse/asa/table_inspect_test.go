package asa

import "testing"

func TestMessages_Inspect(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-4-405101: Unable to Pre-allocate H225 Call Signalling Connection for foreign_address 198.51.100.2/1 to local_address 192.0.2.1`,
			[]string{
				"destination.port=1",
			},
		},
		{
			`%ASA-4-410001: Dropped UDP DNS reply from outside:192.0.2.1/53 to inside:198.51.100.2/5; packet length 600 bytes exceeds configured limit of 512 bytes`,
			[]string{
				"source.port=53", "destination.port=5",
			},
		},
		{
			`%ASA-3-416001: Dropped UDP SNMP packet from outside:192.0.2.1/1 to inside:198.51.100.2/161; version (1) is not allowed through the firewall`,
			[]string{
				"network.protocol=snmp", "network.transport=udp",
			},
		},
		{
			`%ASA-4-507003: tcp flow from inside:192.0.2.1/1 to outside:198.51.100.2/2 terminated by inspection engine, reason - inspector disconnected, dropped packet.`,
			[]string{
				"event.reason=inspector disconnected, dropped packet.",
			},
		},
		{
			`%ASA-6-775001: Scansafe: TCP connection 5 from inside:192.0.2.1/1 to outside:198.51.100.2/80 redirected to 203.0.113.1`,
			[]string{
				"cisco.asa.connection_id=5", "destination.port=80",
			},
		},
	})
}
