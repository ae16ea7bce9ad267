package pattern

import (
	"strings"
	"testing"
)

// Each name is matched with whole texts that it means and some that it does not.
func TestLibrary(t *testing.T) {
	for _, c := range []struct{ name, yes, no string }{ // texts are separated by |
		{"USERNAME", "bob|a.b-c_1", "a b|a@b"},
		{"EMAILADDRESS", "a.b+c@mail.example.com", "a.example.com|a b@c"},
		{"INT", "5|-5|+17", "5.1|a"},
		{"NUMBER", "5|-5.25|.5", "1e5|x"},
		{"BASE16NUM", "ff|0xFF|-0a1", "xyz"},
		{"BASE16FLOAT", "0x1.8|ff", "g"},
		{"POSINT", "1|80", "0|-1"},
		{"NONNEGINT", "0|12", "-1"},
		{"WORD", "abc_1", "a-b|"},
		{"NOTSPACE", "a:b-c", "a b"},
		{"QUOTEDSTRING", `"a b"|'x'|""|"a \" b"|` + "`x`", `"a|a`},
		{"UUID", "123e4567-e89b-12d3-a456-426614174000", "123e4567"},
		{"URN", "urn:isbn:0451450523", "isbn:1"},
		{"MAC", "00:11:22:aa:bb:cc|00-11-22-AA-BB-CC|0011.22aa.bbcc", "00:11:22|001122aabbcc"},
		{"IPV4", "192.0.2.1|255.255.255.255|0.0.0.0", "256.1.1.1|1.2.3|1.2.3.4.5"},
		{"IPV6", "2001:db8::1|::|::1|fe80::1%eth0|1:2:3:4:5:6:7:8|::ffff:192.0.2.1|1:2:3:4:5:6:192.0.2.1|64:ff9b::192.0.2.1|2001:db8::", "1:2:3|12345::1|g::1"},
		{"IP", "192.0.2.1|2001:db8::1", "host"},
		{"HOSTNAME", "host|a.example.com|a.example.com.|under_score", "-a|a..b"},
		{"IPORHOST", "192.0.2.1|::1|host1", "a b"},
		{"HOSTPORT", "host:80|192.0.2.1:443", "host"},
		{"PATH", `/var/log/x.log|C:\dir\file|/`, "var/log"},
		{"TTY", "/dev/pts/0|/dev/tty1", "/dev/null"},
		{"URI", "http://h|https://u:p@h.example.com:8080/a/b?c=d|ftp://192.0.2.1/x", "h/a"},
		{"URIPATHPARAM", "/a/b?c=d&e", "a"},
		{"MONTH", "Jan|february|SEP|Sept|December", "Foo"},
		{"MONTHNUM", "1|01|12", "13|0"},
		{"MONTHDAY", "1|01|31", "32|0"},
		{"DAY", "Mon|Thursday", "Foo"},
		{"YEAR", "2024|24", "202"},
		{"TIME", "10:00:00|9:59:60|10:00:00.123|10:00:00,5", "24:00:00|10:00"},
		{"TIMESTAMP_ISO8601", "2024-05-01T10:00:00Z|2024-05-01 10:00:00,123|2024-05-01T10:00:00.5+09:00|2024-05-01T10:00:00+09", "2024-05-01"},
		{"SYSLOGTIMESTAMP", "May  1 10:00:00|Oct 11 22:14:15", "2024 May 1"},
		{"HTTPDATE", "01/May/2024:10:00:00 +0000", "01-May-2024"},
		{"DATESTAMP_RFC822", "Wed May 1 2024 10:00:00 UTC", "x"},
		{"DATESTAMP_RFC2822", "Wed, 1 May 2024 10:00:00 +0200", "x"},
		{"DATESTAMP", "05/01/2024 10:00:00|01.05.2024-10:00:00", "x"},
		{"CISCOTIMESTAMP", "May  1 2024 10:00:00|May 1 10:00:00.123", "x"},
		{"LOGLEVEL", "info|WARN|Error|emergency|crit", "loud"},
		{"SYSLOGPROG", "sshd[12]|kernel", "a b"},
		{"HTTPMETHOD", "GET|VERSION-CONTROL", "get"},
		{"JAVACLASS", "org.example.Main$1", "1a"},
		{"SYSLOG5424SD", `[a@1 b="c]d"][e]|[x]`, "x"},
		{"BOOLEAN", "true|No", "maybe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := CompileGrok([]string{`^%{` + c.name + `:x}$`}, nil)
			if err != nil {
				t.Fatal(err)
			}
			out := make([]string, len(g.Names()))
			for text := range strings.SplitSeq(c.yes, "|") {
				if _, ok := g.Match(text, out); !ok || out[0] != text {
					t.Errorf("%q is no %s (%q)", text, c.name, out[0])
				}
			}
			for text := range strings.SplitSeq(c.no, "|") {
				if _, ok := g.Match(text, out); ok {
					t.Errorf("%q is taken for a %s", text, c.name)
				}
			}
		})
	}
}

// Every name of the library compiles, and uses only names that there are.
func TestLibraryCompiles(t *testing.T) {
	for name := range library {
		if _, err := CompileGrok([]string{"%{" + name + ":x}"}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An address of version 6 inside a text is taken whole.
func TestAddressInText(t *testing.T) {
	g, err := CompileGrok([]string{`from %{IP:a} port`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []string{"2001:db8::1", "2001:db8::1:2:3", "::1", "1::", "fe80::aa:bb%eth0", "192.0.2.1", "2001:db8:1:2:3:4:5:6"} {
		if got := captured(t, g, "from "+ip+" port 22"); len(got) != 1 || got[0] != "a="+ip {
			t.Errorf("%s: %q", ip, got)
		}
	}
}
