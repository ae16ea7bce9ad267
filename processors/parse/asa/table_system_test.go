package asa

import "testing"

func TestMessages_System(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-1-104001: (Primary) Switching to ACTIVE - Other unit wants me Active.`,
			[]string{
				"observer.name=Primary", "event.action=failover",
			},
		},
		{
			`%ASA-1-105005: (Secondary) Lost Failover communications with mate on interface inside`,
			[]string{
				"observer.name=Secondary",
			},
		},
		{
			`%ASA-1-107001: RIP auth failed from 192.0.2.1: version=2, type=x, mode=y, sequence=5 on interface inside`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-5-321001: Resource 'conns' limit of 100 reached for system`,
			[]string{
				"cisco.asa.resource=conns",
			},
		},
		{
			`%ASA-4-411001: Line protocol on Interface inside, changed state to up`,
			[]string{
				"cisco.asa.interface_name=inside",
			},
		},
		{
			`%ASA-4-411002: Line protocol on Interface GigabitEthernet0/1, changed state to down`,
			[]string{
				"cisco.asa.interface_name=GigabitEthernet0/1", "event.reason=changed state to down",
			},
		},
		{
			`%ASA-6-425001: Redundant interface Redundant1 created.`,
			[]string{
				"event.action=interface-changed",
			},
		},
		{
			`%ASA-6-604101: DHCP client interface outside: Allocated ip = 192.0.2.7, mask = 255.255.255.0, gw = 192.0.2.254`,
			[]string{
				"cisco.asa.assigned_ip=192.0.2.7",
			},
		},
		{
			`%ASA-6-604103: DHCP daemon interface inside: address granted 0011.2233.4455 (192.0.2.77)`,
			[]string{
				"client.ip=192.0.2.77", "client.mac=00-11-22-33-44-55",
			},
		},
		{
			`%ASA-6-604104: DHCP daemon interface inside: address released 0011.2233.4455 (192.0.2.77)`,
			[]string{
				"client.ip=192.0.2.77", "event.action=address-released",
			},
		},
		{
			`%ASA-6-622001: Adding tracked route 0.0.0.0 0.0.0.0 192.0.2.1, distance 1, table Default-IP-Routing-Table, on interface outside`,
			[]string{
				"event.action=routing-changed",
			},
		},
		{
			`%ASA-6-720032: (VPN-Primary) HA status callback: id=3`,
			[]string{
				"event.action=failover",
			},
		},
	})
}
