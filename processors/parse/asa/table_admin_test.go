package asa

import "testing"

func TestMessages_Admin(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-5-111001: Begin configuration: console writing to memory`,
			[]string{
				"event.action=configuration",
			},
		},
		{
			`%ASA-5-111003: 192.0.2.1 Erase configuration`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-5-111004: 192.0.2.1 end configuration: OK`,
			[]string{
				"source.ip=192.0.2.1", "event.reason=OK",
			},
		},
		{
			`%ASA-5-111008: User 'enable_15' executed the 'write memory' command.`,
			[]string{
				"user.name=enable_15", "process.command_line=write memory",
			},
		},
		{
			`%ASA-7-111009: User 'alice' executed cmd: show running-config`,
			[]string{
				"process.command_line=show running-config",
			},
		},
		{
			`%ASA-5-111010: User 'alice', running 'CLI' from IP 192.0.2.1, executed 'no access-list x'`,
			[]string{
				"source.ip=192.0.2.1", "process.command_line=no access-list x", "process.name=CLI",
			},
		},
		{
			`%ASA-5-199001: Reload command executed from telnet (remote 192.0.2.1).`,
			[]string{
				"source.ip=192.0.2.1", "event.action=system-reloaded",
			},
		},
		{
			`%ASA-4-214001: Terminating manager session from 192.0.2.1 on interface inside. Reason: incoming encrypted data too long`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-315011: SSH session from 192.0.2.1 on interface inside for user "alice" disconnected by SSH server, reason: "TCP connection closed" (0x03)`,
			[]string{
				"user.name=alice", "event.reason=TCP connection closed",
			},
		},
		{
			`%ASA-6-315011: SSH session from 192.0.2.1 on interface inside for user bob disconnected by SSH server, reason: Internal error (0x00)`,
			[]string{
				"user.name=bob", "event.reason=Internal error",
			},
		},
		{
			`%ASA-3-414003: TCP Syslog Server inside:198.51.100.9/1470 not responding. New connections are permitted`,
			[]string{
				"destination.ip=198.51.100.9", "destination.port=1470", "event.outcome=failure",
			},
		},
		{
			`%ASA-5-502101: New user added to local dbase: Uname: bob Priv: 15 Encpass: *****`,
			[]string{
				"user.name=bob", "event.action=user-added", "cisco.asa.privilege.new=15",
			},
		},
		{
			`%ASA-5-502102: User deleted from local dbase: Uname: bob Priv: 1 Encpass: *****`,
			[]string{
				"user.name=bob", "event.action=user-deleted",
			},
		},
		{
			`%ASA-5-502103: User priv level changed: Uname: alice From: 1 To: 15`,
			[]string{
				"user.name=alice", "cisco.asa.privilege.old=1", "cisco.asa.privilege.new=15",
			},
		},
		{
			`%ASA-5-502111: New group policy added: name: gp Type: internal`,
			[]string{
				"group.name=gp",
			},
		},
		{
			`%ASA-6-606001: ASDM session number 0 from 192.0.2.1 started`,
			[]string{
				"source.ip=192.0.2.1", "event.action=session-started",
			},
		},
		{
			`%ASA-6-606002: ASDM session number 0 from 192.0.2.1 ended`,
			[]string{
				"source.ip=192.0.2.1", "event.action=session-ended",
			},
		},
		{
			`%ASA-6-606003: ASDM logging session number 0 from 192.0.2.1 started`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-5-769002: UPDATE: ASA image disk0:/x was deleted`,
			[]string{
				"event.action=configuration",
			},
		},
		{
			`%ASA-5-771001: CLOCK: System clock set, source: manual, before: 1, after: 2`,
			[]string{
				"event.reason=manual",
			},
		},
		{
			`%ASA-5-771002: CLOCK: System clock set, source: NTP, IP: 198.51.100.9, before: 1, after: 2`,
			[]string{
				"event.action=clock-changed", "source.ip=198.51.100.9",
			},
		},
	})
}
