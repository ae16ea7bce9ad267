package asa

import (
	"strings"
	"testing"

	"weir/event"
)

// The texts are those of the vendor's list of messages, with addresses for documentation. Each case names the fields
// that matter; "-field" must be absent.
func TestMessages(t *testing.T) {
	tests := []struct {
		line string
		want []string
	}{
		// access
		{`%ASA-2-106001: Inbound TCP connection denied from 192.0.2.1/45321 to 198.51.100.2/443 flags SYN  on interface outside`,
			[]string{"event.action=firewall-rule", "network.direction=inbound", "network.transport=tcp", "source.ip=192.0.2.1", "source.port=45321", "destination.port=443", "observer.ingress.interface.name=outside", "cisco.asa.tcp_flags=SYN"}},
		{`%ASA-2-106002: tcp Connection denied by outbound list 11 src 192.0.2.1 dest 198.51.100.2`, []string{"cisco.asa.rule_name=11", "destination.ip=198.51.100.2"}},
		{`%ASA-3-106010: Deny inbound tcp src outside:192.0.2.1/2000 dst inside:198.51.100.2/25`, []string{"network.direction=inbound", "destination.port=25", "observer.egress.interface.name=inside"}},
		{`%ASA-3-106010: Deny inbound protocol 47 src outside:192.0.2.1 dst inside:198.51.100.2`, []string{"network.transport=gre", "network.iana_number=47", "source.ip=192.0.2.1"}},
		{`%ASA-3-106014: Deny inbound icmp src outside:192.0.2.1 dst inside:198.51.100.2 (type 8, code 0)`, []string{"cisco.asa.icmp_type=8", "cisco.asa.icmp_code=0", "network.transport=icmp", "-source.port"}},
		{`%ASA-1-106021: Deny UDP reverse path check from 192.0.2.1 to 198.51.100.2 on interface outside`, []string{"network.transport=udp", "destination.ip=198.51.100.2"}},
		{`%ASA-1-106022: Deny tcp connection spoof from 192.0.2.1 to 198.51.100.2 on interface outside`, []string{"source.ip=192.0.2.1"}},
		{`%ASA-4-106023: Deny protocol 50 src outside:192.0.2.1 dst inside:198.51.100.2 by access-group "in out" [0x0, 0x0]`, []string{"network.transport=esp", "cisco.asa.rule_name=in out"}},
		{`%ASA-4-106023: Deny icmp src outside:192.0.2.1(LOCAL\bob, 12:blue) dst inside:198.51.100.2 (type 8, code 0) by access-group "x" [0x0, 0x0]`,
			[]string{"source.user.name=bob", "cisco.asa.source_user_security_group_tag=12", "cisco.asa.source_user_security_group_tag_name=blue", "cisco.asa.icmp_type=8"}},
		{`%ASA-4-106023: Deny udp src outside:2001:db8::1/53 dst inside:2001:db8::2/5353 by access-group "v6" [0x0, 0x0]`, []string{"source.ip=2001:db8::1", "destination.port=5353"}},
		{`%ASA-4-106100: access-list acl denied icmp outside/192.0.2.1(8) -> inside/198.51.100.2(0) hit-cnt 3 300-second interval [0x1, 0x0]`, []string{`event.type=["connection","denied"]`, "cisco.asa.hit_count=3"}},
		{`%ASA-6-106100: access-list acl est-allowed tcp in side/192.0.2.1(1)(CORP\eve) -> outside/198.51.100.2(2) hit-cnt 1 first hit [0x1, 0x0]`,
			[]string{`event.type=["connection","allowed"]`, "source.user.domain=CORP", "source.user.name=eve", "observer.ingress.interface.name=in side"}},
		{`%ASA-4-106102: access-list a permitted tcp for user 'o hara' inside/192.0.2.1(1) -> outside/198.51.100.2(2) hit-cnt 1 first hit [0x1, 0x0]`, []string{"user.name=o hara"}},
		{`%ASA-6-110003: Routing failed to locate next hop for TCP from inside:192.0.2.1/1 to outside:198.51.100.2/2`, []string{"event.outcome=failure", "source.port=1", "destination.ip=198.51.100.2", "network.transport=tcp"}},
		{`%ASA-6-110002: Failed to locate egress interface for UDP from inside:192.0.2.1/68 to 255.255.255.255/67`, []string{"event.reason=Failed to locate egress interface", "destination.ip=255.255.255.255", "destination.port=67"}},
		{`%ASA-6-303002: FTP connection from inside:192.0.2.1/5 to outside:198.51.100.2/21, user alice Stored file report.doc`, []string{"user.name=alice", "event.reason=Stored", "file.name=report.doc", "network.protocol=ftp"}},
		{`%ASA-5-304001: bob@192.0.2.1 Accessed JAVA URL 198.51.100.2:http://h.example:8080/a/b.class?q=1#f`,
			[]string{"source.user.name=bob", "url.domain=h.example", "url.port=8080", "url.path=/a/b.class", "url.extension=class", "url.query=q=1", "url.fragment=f"}},
		{`%ASA-5-304001: 2001:db8::1 Accessed URL 2001:db8::2:http://h/`, []string{"source.ip=2001:db8::1", "destination.ip=2001:db8::2", "url.domain=h"}},
		{`%ASA-3-304003: URL Server 198.51.100.9 timed out URL http://h/x`, []string{"event.outcome=failure", "event.reason=timed out", "url.original=http://h/x"}},
		{`%ASA-3-313001: Denied ICMP type=8, code=0 from 192.0.2.1 on interface outside`, []string{"source.ip=192.0.2.1", "cisco.asa.icmp_type=8"}},
		{`%ASA-4-338006: Dynamic Filter dropped blacklisted TCP traffic from in:192.0.2.1/1 (192.0.2.9/2) to out:198.51.100.2/80 (198.51.100.2/80), destination 198.51.100.2 resolved from local list: bad.example, threat-level: high, category: spyware`,
			[]string{`event.type=["connection","denied"]`, "destination.domain=bad.example", "cisco.asa.rule_name=local", "cisco.asa.threat_level=high", "source.nat.ip=192.0.2.9"}},
		{`%ASA-4-338001: Dynamic filter monitored blacklisted UDP traffic from in:192.0.2.1/1 (192.0.2.1/1) to out:198.51.100.2/80 (198.51.100.2/80), source 192.0.2.1 resolved from dynamic list: evil.example, threat-level: low, category: bots`, []string{"source.domain=evil.example", "-destination.domain"}},
		{`%ASA-3-710003: TCP access denied by ACL from 192.0.2.1/4000 to outside:198.51.100.2/ssh`, []string{"network.protocol=ssh", "destination.port=22", `event.type=["connection","denied"]`}},
		{`%ASA-7-710005: UDP request discarded from 192.0.2.1/137 to outside:192.0.2.255/137`, []string{"destination.port=137", "network.transport=udp"}},
		{`%ASA-7-710002: TCP access permitted from 192.0.2.1/4000 to outside:198.51.100.2/https`, []string{`event.type=["connection","allowed"]`, "destination.port=443"}},
		// connections and translations
		{`%ASA-6-302013: Built outbound TCP connection 1 for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (203.0.113.1/2)`,
			[]string{"source.ip=192.0.2.1", "source.nat.ip=203.0.113.1", "source.nat.port=2", "destination.ip=198.51.100.2", "-destination.nat.ip", "network.direction=outbound", "observer.ingress.interface.name=inside"}},
		{`%ASA-6-302013: Built inbound Probe TCP connection 1 for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (192.0.2.1/1)`, []string{"source.ip=198.51.100.2", "network.transport=tcp"}},
		{`%ASA-6-302014: Teardown TCP connection 1 for outside:198.51.100.2/80 to inside:192.0.2.1/1 duration 1:02:03 bytes 5 Flow closed by inspection`, []string{"event.duration=3723000000000", "event.reason=Flow closed by inspection", "network.bytes=5"}},
		{`%ASA-6-302017: Built inbound GRE connection 5 from outside:198.51.100.2 (198.51.100.2) to inside:192.0.2.1/7 (192.0.2.1/7)`, []string{"network.transport=gre", "source.ip=198.51.100.2", "-destination.port"}},
		{`%ASA-6-302018: Teardown GRE connection 5 from outside:198.51.100.2 (198.51.100.2) to inside:192.0.2.1/7 (192.0.2.1/7) duration 0:00:10 bytes 9`, []string{"event.duration=10000000000", "network.bytes=9", "event.action=flow-expiration"}},
		{`%ASA-6-302022: Built director stub TCP connection for outside:198.51.100.2/80 (198.51.100.2/80) to inside:192.0.2.1/1 (192.0.2.1/1)`, []string{"event.action=flow-creation", "destination.ip=192.0.2.1"}},
		{`%ASA-6-302023: Teardown director stub TCP connection for outside:198.51.100.2/80 to inside:192.0.2.1/1 duration 0:00:01 forwarded bytes 7 Cluster flow with CLU closed on owner`, []string{"network.bytes=7", "event.reason=Cluster flow with CLU closed on owner"}},
		{`%ASA-6-302303: Built TCP state-bypass connection 9 from in:192.0.2.1/1 (192.0.2.1/1) to out:198.51.100.2/2 (198.51.100.2/2)`, []string{"cisco.asa.connection_id=9", "destination.port=2"}},
		{`%ASA-3-305005: No translation group found for udp src inside:192.0.2.1/1 dst outside:198.51.100.2/2`, []string{"event.action=nat-failed", "source.port=1"}},
		{`%ASA-3-305006: portmap translation creation failed for icmp src inside:192.0.2.1 dst outside:198.51.100.2 (type 8, code 0)`, []string{"cisco.asa.icmp_type=8", "event.reason=portmap translation creation failed"}},
		{`%ASA-6-305009: Built dynamic translation from inside:192.0.2.1 to outside:203.0.113.1`, []string{"event.action=nat-slot", "source.ip=192.0.2.1", "destination.ip=203.0.113.1"}},
		{`%ASA-6-305010: Teardown static translation from inside:192.0.2.1 to outside:203.0.113.1 duration 0:10:00`, []string{"event.duration=600000000000"}},
		{`%ASA-5-305013: Asymmetric NAT rules matched for forward and reverse flows; Connection for tcp src outside:192.0.2.1/1 dst inside:198.51.100.2/2 denied due to NAT reverse path failure`, []string{"source.ip=192.0.2.1", "network.transport=tcp", "destination.port=2"}},
		{`%ASA-7-609001: Built local-host inside:192.0.2.1`, []string{"source.ip=192.0.2.1", "event.action=host-creation"}},
		{`%ASA-7-609002: Teardown local-host inside:192.0.2.1 duration 0:00:05`, []string{"event.duration=5000000000"}},
		{`%ASA-6-607001: Pre-allocate SIP Via UDP secondary channel for out:192.0.2.1/5060 to in:198.51.100.2 from REGISTER message`, []string{"network.protocol=sip", "source.port=5060", "event.reason=REGISTER"}},
		// attacks and limits
		{`%ASA-4-400014: IPS:2004 ICMP echo request from 192.0.2.1 to 198.51.100.2 on interface outside`, []string{"rule.id=2004", "rule.name=ICMP echo request", "event.action=intrusion-detected"}},
		{`%ASA-4-401004: Shunned packet: 192.0.2.1 ==> 198.51.100.2 on interface outside`, []string{"source.ip=192.0.2.1", "destination.ip=198.51.100.2"}},
		{`%ASA-4-405001: Received ARP response collision from 192.0.2.1/0011.2233.4455 on interface inside with existing ARP entry 192.0.2.1/6677.8899.aabb`, []string{"source.mac=00-11-22-33-44-55", "destination.mac=66-77-88-99-AA-BB", "event.action=spoofing-detected"}},
		{`%ASA-3-322001: Deny MAC address 0011.2233.4455, possible spoof attempt on interface inside`, []string{"source.mac=00-11-22-33-44-55"}},
		{`%ASA-4-419002: Duplicate TCP SYN from inside:192.0.2.1/1 to outside:198.51.100.2/2 with different initial sequence number`, []string{"event.reason=Duplicate TCP SYN", "destination.port=2"}},
		{`%ASA-4-500004: Invalid transport field for protocol=UDP, from 192.0.2.1/1 to 198.51.100.2/0`, []string{"network.transport=udp", "destination.port=0"}},
		{`%ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 4 per second, max configured rate is 10; Current average rate is 5 per second, max configured rate is 6; Cumulative total count is 7`,
			[]string{"cisco.asa.burst.object=Scanning", "cisco.asa.burst.id=rate-1", "cisco.asa.burst.current_rate=4", "cisco.asa.burst.configured_rate=10", "cisco.asa.burst.avg_rate=5", "cisco.asa.burst.configured_avg_rate=6", "cisco.asa.burst.cumulative_count=7"}},
		{`%ASA-4-733102: Threat-detection adds host 192.0.2.1 to shun list`, []string{"source.ip=192.0.2.1", "event.action=shun-list-changed"}},
		{`%ASA-3-201011: Connection limit exceeded 5/5 for input packet from 192.0.2.1/1 to 198.51.100.2/2 on interface inside`, []string{"event.reason=Connection limit exceeded", "source.ip=192.0.2.1"}},
		// users
		{`%ASA-6-113004: AAA user authentication Successful : server =  198.51.100.9 : user = alice`, []string{"event.action=logged-in", "user.name=alice", "destination.ip=198.51.100.9", "cisco.asa.aaa_type=authentication"}},
		{`%ASA-6-113004: AAA user authorization Successful: server = 198.51.100.9, User = alice`, []string{"user.name=alice", "event.outcome=success"}},
		{`%ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 198.51.100.9 : user = alice : user IP = 192.0.2.1`, []string{"event.action=logon-failed", "event.outcome=failure", "source.ip=192.0.2.1", "cisco.asa.rejection_reason=Invalid password"}},
		{`%ASA-6-113006: User alice locked out on exceeding 3 successive failed authentication attempts`, []string{"user.name=alice", "event.action=user-locked"}},
		{`%ASA-6-113008: AAA transaction status ACCEPT : user = alice`, []string{"user.name=alice"}},
		{`%ASA-6-113009: AAA retrieved default group policy (DfltGrpPolicy) for user = alice`, []string{"cisco.asa.group_policy=DfltGrpPolicy", "user.name=alice"}},
		{`%ASA-6-113012: AAA user authentication Successful : local database : user = alice`, []string{"user.name=alice", "event.outcome=success"}},
		{`%ASA-6-113014: AAA authentication server not accessible : server = 198.51.100.9 : user = alice`, []string{"event.outcome=failure"}},
		{`%ASA-3-113021: Attempted console login failed. User alice did NOT have appropriate Admin Rights.`, []string{"user.name=alice", "event.action=logon-failed"}},
		{`%ASA-6-605005: Login permitted from 192.0.2.1/2201 to inside:198.51.100.2/ssh for user "alice"`, []string{"user.name=alice", "event.outcome=success", "network.protocol=ssh", "destination.port=22", "source.port=2201"}},
		{`%ASA-6-605004: Login denied from 192.0.2.1/2201 to inside:198.51.100.2/https for user "al ice"`, []string{"user.name=al ice", "event.outcome=failure"}},
		{`%ASA-6-611101: User authentication succeeded: IP address: 192.0.2.1, Uname: alice`, []string{"source.ip=192.0.2.1", "user.name=alice", "event.action=logged-in"}},
		{`%ASA-6-611101: User authentication succeeded: Uname: alice`, []string{"user.name=alice"}},
		{`%ASA-6-611102: User authentication failed: IP = 192.0.2.1, Uname: alice`, []string{"source.ip=192.0.2.1", "event.outcome=failure"}},
		{`%ASA-6-315011: SSH session from 192.0.2.1 on interface inside for user "alice" disconnected by SSH server, reason: "TCP connection closed" (0x03)`, []string{"user.name=alice", "event.reason=TCP connection closed"}},
		{`%ASA-4-746012: user-identity: Add IP-User mapping 192.0.2.1 - CORP\alice Succeeded - VPN user`, []string{"source.ip=192.0.2.1", "user.name=alice", "user.domain=CORP"}},
		{`%ASA-3-772004: PASSWORD: session login failed, user alice, IP 192.0.2.1, cause: password expired`, []string{"event.reason=password expired", "source.ip=192.0.2.1"}},
		// administrators
		{`%ASA-5-111004: 192.0.2.1 end configuration: OK`, []string{"source.ip=192.0.2.1", "event.reason=OK"}},
		{`%ASA-5-111008: User 'enable_15' executed the 'write memory' command.`, []string{"user.name=enable_15", "process.command_line=write memory"}},
		{`%ASA-7-111009: User 'alice' executed cmd: show running-config`, []string{"process.command_line=show running-config"}},
		{`%ASA-5-111010: User 'alice', running 'CLI' from IP 192.0.2.1, executed 'no access-list x'`, []string{"source.ip=192.0.2.1", "process.command_line=no access-list x", "process.name=CLI"}},
		{`%ASA-5-502103: User priv level changed: Uname: alice From: 1 To: 15`, []string{"user.name=alice", "cisco.asa.privilege.old=1", "cisco.asa.privilege.new=15"}},
		{`%ASA-6-606001: ASDM session number 0 from 192.0.2.1 started`, []string{"source.ip=192.0.2.1", "event.action=session-started"}},
		{`%ASA-5-771002: CLOCK: System clock set, source: NTP, IP: 198.51.100.9, before: 1, after: 2`, []string{"event.action=clock-changed", "source.ip=198.51.100.9"}},
		// private networks
		{`%ASA-6-716001: Group <g> User <alice> IP <192.0.2.1> WebVPN session started.`, []string{"event.action=client-vpn-connected", "source.user.group.name=g"}},
		{`%ASA-6-716002: Group <g> User <alice> IP <192.0.2.1> WebVPN session terminated: User Requested.`, []string{"event.reason=User Requested.", "event.action=client-vpn-disconnected"}},
		{`%ASA-6-716039: Authentication: rejected, group = g user = alice, Session Type: WebVPN`, []string{"event.outcome=failure", "cisco.asa.session_type=WebVPN"}},
		{`%ASA-5-722051: Group <g> User <alice> IP <192.0.2.1> IPv4 Address <198.51.100.2> IPv6 address <::> assigned to session`, []string{"cisco.asa.assigned_ip=198.51.100.2"}},
		{`%ASA-6-725002: Device completed SSL handshake with client outside:192.0.2.1/5 to 198.51.100.2/443 for TLSv1.2 session`, []string{"tls.version_protocol=TLSv1.2", "source.port=5", "destination.port=443"}},
		{`%ASA-6-725007: SSL session with client outside:192.0.2.1/5 to 198.51.100.2/443 terminated.`, []string{"source.ip=192.0.2.1", "event.action=ssl-session-terminated"}},
		{`%ASA-5-713049: Group = 203.0.113.5, IP = 203.0.113.5, Security negotiation complete for LAN-to-LAN Group (203.0.113.5)  Initiator, Inbound SPI = 0xa, Outbound SPI = 0xb`, []string{"event.action=tunnel-established", "source.ip=203.0.113.5", "cisco.asa.spi=0xa"}},
		{`%ASA-3-713902: Group = g, Username = alice, IP = 203.0.113.5, Removing peer from correlator table failed, no match!`, []string{"user.name=alice", "event.reason=Removing peer from correlator table failed, no match!"}},
		{`%ASA-6-602303: IPSEC: An inbound LAN-to-LAN SA (SPI= 0x1F) between 192.0.2.1 and 198.51.100.2 (user= peer) has been created.`, []string{"network.direction=inbound", "network.type=ipsec", "user.name=peer", "cisco.asa.spi=0x1F"}},
		{`%ASA-4-402117: IPSEC: Received a non-IPSec packet (protocol= ICMP) from 192.0.2.1 to 198.51.100.2.`, []string{"network.transport=icmp", "destination.ip=198.51.100.2"}},
		{`%ASA-5-750006: Local:198.51.100.2:4500 Remote:192.0.2.1:4500 Username:alice SA UP. Reason: New Connection Established`, []string{"source.ip=192.0.2.1", "destination.port=4500", "event.reason=New Connection Established"}},
		{`%ASA-6-734001: DAP: User a@b.example, Addr 192.0.2.1, Connection AnyConnect: The following DAP records were selected for this connection: x, y`, []string{`cisco.asa.dap_records=["x","y"]`, "user.email=a@b.example"}},
		{`%ASA-4-717009: Certificate validation failed. Reason: certificate expired`, []string{"event.reason=certificate expired", "event.outcome=failure"}},
		// the device
		{`%ASA-1-104001: (Primary) Switching to ACTIVE - Other unit wants me Active.`, []string{"observer.name=Primary", "event.action=failover"}},
		{`%ASA-4-411002: Line protocol on Interface GigabitEthernet0/1, changed state to down`, []string{"cisco.asa.interface_name=GigabitEthernet0/1", "event.reason=changed state to down"}},
		{`%ASA-3-414003: TCP Syslog Server inside:198.51.100.9/1470 not responding. New connections are permitted`, []string{"destination.ip=198.51.100.9", "destination.port=1470", "event.outcome=failure"}},
		{`%ASA-6-604103: DHCP daemon interface inside: address granted 0011.2233.4455 (192.0.2.77)`, []string{"client.ip=192.0.2.77", "client.mac=00-11-22-33-44-55"}},
	}
	for _, tt := range tests {
		_, name, _ := strings.Cut(tt.line, "-")
		t.Run(name[:8], func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.line); err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				path, want, _ := strings.Cut(w, "=")
				if path, ok := strings.CutPrefix(path, "-"); ok {
					if v := e.GetPath(path); v.Kind() != event.Absent {
						t.Errorf("%s is %s", path, v)
					}
					continue
				}
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s\n%s: got %q, want %q", tt.line, path, got, want)
				}
			}
			before := e.Len()
			e.Conform()
			if e.Has(event.WeirOther) || e.Len() != before {
				t.Errorf("types do not fit: %s", e.Get(event.WeirOther))
			}
		})
	}
}
