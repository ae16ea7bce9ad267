package expression

import (
	"testing"
)

func TestNetFunctions(t *testing.T) {
	evals(t, `{"_l":["10.0.0.1","x","fe80::1%eth0"]}`, [][2]string{
		{`ip("10.0.0.1")`, `"10.0.0.1"`},
		{`ip(" 10.0.0.1 ")`, `"10.0.0.1"`},
		{`ip("10.0.0.1:80")`, `absent`},
		{`ip("host")`, `absent`},
		{`ip("1.2.3")`, `absent`},
		{`ip("FE80:0::1")`, `"fe80::1"`},
		{`ip("[::1]")`, `"::1"`},
		{`ip("::ffff:10.0.0.1")`, `"10.0.0.1"`},
		{`ip(_l)`, `["10.0.0.1","fe80::1"]`},
		{`ip("")`, `absent`},
		{`mac("00:1a:2b:3c:4d:5e")`, `"00-1A-2B-3C-4D-5E"`},
		{`mac("001a.2b3c.4d5e")`, `"00-1A-2B-3C-4D-5E"`},
		{`mac("001a2b3c4d5e6f70")`, `"00-1A-2B-3C-4D-5E-6F-70"`},
		{`mac("001a2b")`, `absent`},
		{`mac("zz")`, `absent`},
		{`mac("001a2b3c4d5e6f7080")`, `absent`},
		{`cidr("10.1.2.3", "10.0.0.0/8")`, `true`},
		{`cidr("11.1.2.3", "10.0.0.0/8", "11.1.2.3")`, `true`},
		{`cidr("x", "0.0.0.0/0")`, `false`},
		{`cidr(_l, ["192.168.0.0/16", "10.0.0.0/8"])`, `true`},
		{`cidr("fe80::1%eth0", "fe80::/10")`, `true`},
		{`cidr("::ffff:10.0.0.1", "10.0.0.0/8")`, `true`},
		{`host_of("a:80")`, `"a"`},
		{`host_of("a")`, `"a"`},
		{`host_of("[::1]:80")`, `"::1"`},
		{`host_of("::1")`, `"::1"`},
		{`host_of("a:b")`, `"a:b"`},
		{`bits("0x12", 0x10)`, `true`},
		{`bits(18, 1)`, `false`},
		{`bits("18", "2")`, `true`},
		{`bits(["1", "4"], 4)`, `true`},
		{`bits("x", 4)`, `false`},
		{`bits(4, nil)`, `false`},
		{`community("128.232.110.120", 34855, "66.35.250.204", "80", "tcp")`, `"1:LQU9qZlK+B5F3KDmev6m5PMibrg="`},
		{`community("66.35.250.204", 80, "128.232.110.120", 34855, 6)`, `"1:LQU9qZlK+B5F3KDmev6m5PMibrg="`},
		{`community("x", 80, "128.232.110.120", 34855, "tcp")`, `""`},
		{`community("66.35.250.204", 80, "128.232.110.120", 34855, "none")`, `""`},
		{`port_of("a:80")`, `80`},
		{`port_of("a")`, `absent`},
		{`port_of("[::1]:443")`, `443`},
		{`port_of("[::1]")`, `absent`},
		{`port_of("::1")`, `absent`},
		{`port_of("a:99999")`, `absent`},
		{`port_of("a:-1")`, `absent`},
	})
}
