package linux

import (
	"testing"

	"weir/event"
)

func TestNetfilter(t *testing.T) {
	check(t, "kernel", Netfilter, []row{
		{
			name: "ufw",
			msg:  "[100.5] [UFW BLOCK] IN=eth0 OUT= MAC=dc:a6:32:bd:54:fb:64:9e:f3:ce:a4:48:08:00 SRC=10.10.10.18 DST=10.10.10.34 LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=31214 DF PROTO=TCP SPT=443 DPT=40702 WINDOW=0 RES=0x00 RST URGP=0 ",
			want: `{"destination":{"address":"10.10.10.34","ip":"10.10.10.34","mac":"DC-A6-32-BD-54-FB","port":40702},
			"event":{"action":"drop","category":["network"],"type":["denied","connection"]},
			"iptables":{"ether_type":2048,"fragment_flags":["DF"],"id":31214,"input_device":"eth0","length":40,"output_device":"","precedence_bits":0,"tcp":{"flags":["RST"],"reserved_bits":0,"window":0},"tos":0,"ttl":63},
			"network":{"community_id":"1:FGZIlgTb0n6hTV5PN067Q4sCbzA=","iana_number":"6","transport":"tcp","type":"ipv4"},
			"observer":{"ingress":{"interface":{"name":"eth0"}}},
			"related":{"ip":["10.10.10.18","10.10.10.34"]},"rule":{"name":"UFW BLOCK"},
			"source":{"address":"10.10.10.18","ip":"10.10.10.18","mac":"64-9E-F3-CE-A4-48","port":443}}`,
		},
		{
			name: "the packet inside an ICMP error is not ours",
			msg:  "drop: IN=eth0 OUT= SRC=10.0.0.1 DST=10.0.0.2 LEN=56 PROTO=ICMP TYPE=3 CODE=3 [SRC=6.6.6.6 DST=7.7.7.7 PROTO=UDP SPT=1 DPT=2 ]",
			want: `{"destination":{"address":"10.0.0.2","ip":"10.0.0.2"},
			"event":{"action":"drop","category":["network"],"type":["denied","connection"]},
			"iptables":{"icmp":{"code":3,"type":3},"input_device":"eth0","length":56,"output_device":""},
			"network":{"community_id":"1:sn6MAmXQ6UD1gYE1XbV3XTNewrk=","iana_number":"1","transport":"icmp","type":"ipv4"},
			"observer":{"ingress":{"interface":{"name":"eth0"}}},
			"related":{"ip":["10.0.0.1","10.0.0.2"]},"rule":{"name":"drop"},
			"source":{"address":"10.0.0.1","ip":"10.0.0.1"}}`,
		},
	})
}

func TestLooksNetfilter(t *testing.T) {
	for msg, want := range map[string]bool{
		"[UFW BLOCK] IN=eth0 OUT= SRC=1.1.1.1 DST=2.2.2.2": true,
		"[LAN-1-A]IN=eth0 OUT= SRC=1.1.1.1":                true,
		"IN=eth0 OUT= SRC=1.1.1.1":                         true,
		"MAIN=1 OUT= SRC=1.1.1.1":                          false,
		"usb 1-1: New USB device":                          false,
		"":                                                 false,
	} {
		if got := LooksNetfilter(msg); got != want {
			t.Errorf("%q: got %v", msg, got)
		}
	}
}

func FuzzNetfilter(f *testing.F) {
	fuzz(f, "kernel", Netfilter, "[A-B-1-D]IN=eth0 OUT=eth1 MAC=dc:a6:32:bd:54:fb:64:9e:f3:ce:a4:48:08:00 SRC=::1 DST=::2 LEN=40 TOS=0x00 HOPLIMIT=63 DF PROTO=TCP SPT=443 DPT=40702 WINDOW=0 RES=0x00 RST", "IN= OUT= SRC=x DST=y LEN=1 LEN=2 LEN=3")
}

// TestNetfilter_Verdict reads what became of the packet from the administrator's words.
func TestNetfilter_Verdict(t *testing.T) {
	for _, c := range []struct{ name, prefix, action, rule string }{
		{"ufw", "[UFW BLOCK] ", "drop", "UFW BLOCK"},
		{"ufw allows", "[UFW ALLOW] ", "accept", "UFW ALLOW"},
		{"chain", "iptables DROP_INPUT: ", "drop", "iptables DROP_INPUT"},
		{"lower case", "denied by policy: ", "drop", "denied by policy"},
		{"reject", "REJECT ", "reject", "REJECT"},
		{"accept", "ACCEPT-ssh: ", "accept", "ACCEPT-ssh"},
		{"nothing to tell", "watched: ", "", "watched"},
		{"no words", "", "", ""},
		{"ubiquiti allows", "[WAN_IN-2000-A]", "accept", "WAN_IN"},
		{"ubiquiti drops", "[WAN_IN-default-D]", "drop", "WAN_IN"},
		{"ubiquiti rejects", "[WAN_IN-1-R]", "reject", "WAN_IN"},
		{"ubiquiti, newer", `[WAN_LOCAL-D-4000] DESCR="Drop all" `, "drop", "WAN_LOCAL"},
		{"ubiquiti of another day", "[WAN_IN-1-X]", "", "WAN_IN"},
		{"seconds since the start", "[ 12.5] [UFW BLOCK] ", "drop", "UFW BLOCK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			read(&e, "kernel", c.prefix+"IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=2", Netfilter)
			if e.Str(event.EventAction) != c.action || e.Str(event.RuleName) != c.rule || e.Str(event.SourceIP) != "192.0.2.1" {
				t.Errorf("action %q, rule %q, source %q", e.Str(event.EventAction), e.Str(event.RuleName), e.Str(event.SourceIP))
			}
		})
	}
}

// TestNetfilter_Fields has the fields that only some packets have.
func TestNetfilter_Fields(t *testing.T) {
	for _, c := range []struct{ name, line, path, want string }{
		{"IPv6", "IN=e OUT= SRC=2001:db8::1 DST=2001:db8::2 HOPLIMIT=64 PROTO=ICMPv6 TYPE=128 CODE=0", "network.type", "ipv6"},
		{"hops", "IN=e OUT= SRC=2001:db8::1 DST=2001:db8::2 HOPLIMIT=64 PROTO=ICMPv6 TYPE=128 CODE=0", "iptables.ttl", "64"},
		{"IPv6 ICMP", "IN=e OUT= SRC=2001:db8::1 DST=2001:db8::2 HOPLIMIT=64 PROTO=ICMPv6 TYPE=128 CODE=0", "network.transport", "ipv6-icmp"},
		{"length of the datagram", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 PROTO=UDP SPT=1 DPT=2 LEN=40", "iptables.udp.length", "40"},
		{"length of the packet", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 PROTO=UDP SPT=1 DPT=2 LEN=40", "iptables.length", "60"},
		{"flags", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=2 ECE ACK SYN URGP=0", "iptables.tcp.flags", `["ECE","ACK","SYN"]`},
		{"protocol by number", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=47", "network.iana_number", "47"},
		{"hardware address cut short", "IN=e OUT= MAC=dc:a6:32 SRC=192.0.2.1 DST=192.0.2.2", "source.mac", ""},
		{"type of service", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 TOS=0x1C PREC=0xE0", "iptables.tos", "28"},
		{"broken number", "IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 TOS=0xZZ", "iptables.tos", ""},
		{"broken address", "IN=e OUT= SRC=192.0.2.999 DST=192.0.2.2", "source.ip", ""},
		{"zones", "[in-out-5-D]IN=e OUT=f SRC=192.0.2.1 DST=192.0.2.2", "observer.egress.zone", "out"},
		{"interfaces", "IN=e OUT=f SRC=192.0.2.1 DST=192.0.2.2", "observer.egress.interface.name", "f"},
		{"line whose beginning was lost", "TL=126 ID=1 DF PROTO=TCP SPT=389 DPT=49209 WINDOW=8192", "destination.port", "49209"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			read(&e, "kernel", c.line, Netfilter)
			e.Conform()
			if got := e.GetPath(c.path).Text(); got != c.want {
				t.Errorf("%s is %q in %s", c.path, got, e.AppendJSON(nil))
			}
		})
	}
}
