package asa

import "testing"

func TestMessages_Aaa(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-6-109001: Auth start for user 'bob' from 192.0.2.1/1 to 198.51.100.2/2`,
			[]string{
				"user.name=bob", "source.port=1",
			},
		},
		{
			`%ASA-6-109005: Authentication succeeded for user 'bob' from 192.0.2.1/1 to 198.51.100.2/80 on interface inside`,
			[]string{
				"event.outcome=success", "user.name=bob", "destination.port=80",
			},
		},
		{
			`%ASA-6-109006: Authentication failed for user 'bob' from 192.0.2.1/1 to 198.51.100.2/80 on interface inside`,
			[]string{
				"event.outcome=failure", "user.name=bob",
			},
		},
		{
			`%ASA-6-109025: Authorization denied (acl=x) for user 'bob' from 192.0.2.1/1 to 198.51.100.2/80 on interface inside using TCP`,
			[]string{
				"cisco.asa.rule_name=x", "user.name=bob",
			},
		},
		{
			`%ASA-6-113003: AAA group policy for user bob is being set to vpn-users`,
			[]string{
				"cisco.asa.group_policy=vpn-users", "user.name=bob",
			},
		},
		{
			`%ASA-6-113004: AAA user authentication Successful : server =  198.51.100.9 : user = alice`,
			[]string{
				"event.action=logged-in", "user.name=alice", "destination.ip=198.51.100.9",
				"cisco.asa.aaa_type=authentication",
			},
		},
		{
			`%ASA-6-113004: AAA user authorization Successful: server = 198.51.100.9, User = alice`,
			[]string{
				"user.name=alice", "event.outcome=success",
			},
		},
		{
			`%ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 198.51.100.9 : user = alice : user IP = 192.0.2.1`,
			[]string{
				"event.action=logon-failed", "event.outcome=failure", "source.ip=192.0.2.1",
				"cisco.asa.rejection_reason=Invalid password",
			},
		},
		{
			`%ASA-6-113006: User alice locked out on exceeding 3 successive failed authentication attempts`,
			[]string{
				"user.name=alice", "event.action=user-locked",
			},
		},
		{
			`%ASA-6-113007: User bob unlocked by admin`,
			[]string{
				"user.name=bob", "event.action=user-unlocked",
			},
		},
		{
			`%ASA-6-113008: AAA transaction status ACCEPT : user = alice`,
			[]string{
				"user.name=alice",
			},
		},
		{
			`%ASA-6-113009: AAA retrieved default group policy (DfltGrpPolicy) for user = alice`,
			[]string{
				"cisco.asa.group_policy=DfltGrpPolicy", "user.name=alice",
			},
		},
		{
			`%ASA-6-113011: AAA retrieved user specific group policy (gp) for user = bob`,
			[]string{
				"cisco.asa.group_policy=gp",
			},
		},
		{
			`%ASA-6-113012: AAA user authentication Successful : local database : user = alice`,
			[]string{
				"user.name=alice", "event.outcome=success",
			},
		},
		{
			`%ASA-6-113013: AAA unable to complete the request Error : reason = Simultaneous logins exceeded for user : user = bob`,
			[]string{
				"user.name=bob", "cisco.asa.rejection_reason=Simultaneous logins exceeded for user",
			},
		},
		{
			`%ASA-6-113014: AAA authentication server not accessible : server = 198.51.100.9 : user = alice`,
			[]string{
				"event.outcome=failure",
			},
		},
		{
			`%ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : local database : user = bob : user IP = 192.0.2.1`,
			[]string{
				"user.name=bob", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-113016: AAA credentials rejected : reason = Account has been disabled : server = 198.51.100.9 : user = bob : user IP = 192.0.2.1`,
			[]string{
				"user.name=bob", "source.ip=192.0.2.1", "destination.ip=198.51.100.9",
			},
		},
		{
			`%ASA-4-113019: Group = g, Username = bob, IP = 192.0.2.1, Session disconnected. Session Type: SSL, Duration: 1d 2h:03m:04s, Bytes xmt: 5, Bytes rcv: 6, Reason: Idle Timeout`,
			[]string{
				"event.duration=93784000000000", "source.bytes=5", "destination.bytes=6", "event.reason=Idle Timeout",
			},
		},
		{
			`%ASA-3-113021: Attempted console login failed. User alice did NOT have appropriate Admin Rights.`,
			[]string{
				"user.name=alice", "event.action=logon-failed",
			},
		},
		{
			`%ASA-4-113038: Group g User bob IP 192.0.2.1 Unable to create AnyConnect parent session.`,
			[]string{
				"event.action=client-vpn-error", "user.name=bob",
			},
		},
		{
			`%ASA-3-308001: console enable password incorrect for 3 tries (from 192.0.2.1)`,
			[]string{
				"source.ip=192.0.2.1", "event.outcome=failure",
			},
		},
		{
			`%ASA-6-605004: Login denied from 192.0.2.1/2201 to inside:198.51.100.2/https for user "al ice"`,
			[]string{
				"user.name=al ice", "event.outcome=failure",
			},
		},
		{
			`%ASA-6-605004: Login denied from serial to console for user "bob"`,
			[]string{
				"event.action=logon-failed",
			},
		},
		{
			`%ASA-6-605005: Login permitted from 192.0.2.1/2201 to inside:198.51.100.2/ssh for user "alice"`,
			[]string{
				"user.name=alice", "event.outcome=success", "network.protocol=ssh", "destination.port=22",
				"source.port=2201",
			},
		},
		{
			`%ASA-6-611101: User authentication succeeded: IP address: 192.0.2.1, Uname: alice`,
			[]string{
				"source.ip=192.0.2.1", "user.name=alice", "event.action=logged-in",
			},
		},
		{
			`%ASA-6-611101: User authentication succeeded: Uname: alice`,
			[]string{
				"user.name=alice",
			},
		},
		{
			`%ASA-6-611102: User authentication failed: IP = 192.0.2.1, Uname: alice`,
			[]string{
				"source.ip=192.0.2.1", "event.outcome=failure",
			},
		},
		{
			`%ASA-4-746012: user-identity: Add IP-User mapping 192.0.2.1 - CORP\alice Succeeded - VPN user`,
			[]string{
				"source.ip=192.0.2.1", "user.name=alice", "user.domain=CORP",
			},
		},
		{
			`%ASA-5-746014: user-identity: [FQDN] h.example address 198.51.100.2 obsolete`,
			[]string{
				"destination.domain=h.example", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-3-772004: PASSWORD: session login failed, user alice, IP 192.0.2.1, cause: password expired`,
			[]string{
				"event.reason=password expired", "source.ip=192.0.2.1",
			},
		},
	})
}
