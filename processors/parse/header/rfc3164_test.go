package header

import (
	"strings"
	"testing"
)

func TestRead_Shapes(t *testing.T) {
	// want: priority|version|time|host|program|pid|msgid|message
	for _, c := range []struct{ name, line, want string }{
		{
			name: "empty",
			line: "",
			want: "-1|||||||",
		},
		{
			name: "plain text",
			line: "hello world",
			want: "-1||-||||| hello world",
		},
		{
			name: "rfc3164",
			line: "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
			want: "34||2024-10-11T22:14:15Z|mymachine|su|||'su root' failed",
		},
		{
			name: "pid",
			line: "<85>Jan 24 15:50:41 ip-172 sudo[6040]: ec2-user",
			want: "85||2024-01-24T15:50:41Z|ip-172|sudo|6040||ec2-user",
		},
		{
			name: "no tag",
			line: "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
			want: "13||2024-02-05T17:32:18Z|10.0.0.99||||Use the BFG!",
		},
		{
			name: "no priority",
			line: "Mar  1 10:00:00 host cron[1]: x",
			want: "-1||2024-03-01T10:00:00Z|host|cron|1||x",
		},
		{
			name: "no host",
			line: "<13>Mar  1 10:00:00 sshd[77]: x y",
			want: "13||2024-03-01T10:00:00Z||sshd|77||x y",
		},
		{
			name: "no host, no pid",
			line: "<13>Mar  1 10:00:00 su: x y",
			want: "13||2024-03-01T10:00:00Z||su|||x y",
		},
		{
			name: "no time",
			line: "<13>myprog[3]: x",
			want: "13||-||myprog|3||x",
		},
		{
			name: "no time, no pid",
			line: "<13>myprog: x",
			want: "13||-||myprog|||x",
		},
		{
			name: "sentence",
			line: "<13>so it is: x",
			want: "13||-|||||so it is: x",
		},
		{
			name: "nothing but a tag",
			line: "Mar  1 10:00:00 host prog:",
			want: "-1||2024-03-01T10:00:00Z|host|prog|||",
		},
		{
			name: "level behind the host",
			line: "May  5 20:46:45 gw user.info kernel: x",
			want: "14||2024-05-05T20:46:45Z|gw|kernel|||x",
		},
		{
			name: "level behind the host, priority",
			line: "<4>May  5 20:46:45 gw local0.warning p[1]: x",
			want: "4||2024-05-05T20:46:45Z|gw|p|1||x",
		},
		{
			name: "no level",
			line: "May  5 20:46:45 gw www.info kernel: x",
			want: "-1||2024-05-05T20:46:45Z|gw||||www.info kernel: x",
		},
		{
			name: "dash for a host",
			line: "Mar  1 10:00:00 - p: x",
			want: "-1||2024-03-01T10:00:00Z||p|||x",
		},
		{
			name: "nothing but a host",
			line: "Mar  1 10:00:00 host",
			want: "-1||2024-03-01T10:00:00Z|host||||",
		},
		{
			name: "repeated",
			line: "Mar  1 10:00:00 last message repeated 3 times",
			want: "-1||2024-03-01T10:00:00Z|||||last message repeated 3 times",
		},
		{
			name: "tag with module",
			line: "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: x",
			want: "-1||2024-06-14T15:16:01Z|combo|sshd(pam_unix)|19939||x",
		},
		{
			name: "tag with path",
			line: "Mar  1 10:00:00 h /usr/sbin/cron[9]: x",
			want: "-1||2024-03-01T10:00:00Z|h|/usr/sbin/cron|9||x",
		},
		{
			name: "pid, no blank",
			line: "Mar  1 10:00:00 h p[9]:x",
			want: "-1||2024-03-01T10:00:00Z|h|p|9||x",
		},
		{
			name: "url is no tag",
			line: "Mar  1 10:00:00 h http://x/ y",
			want: "-1||2024-03-01T10:00:00Z|h||||http://x/ y",
		},
		{
			name: "json",
			line: `<13>Mar  1 10:00:00 h {"a": 1}`,
			want: `13||2024-03-01T10:00:00Z|h||||{"a": 1}`,
		},
		{
			name: "json without host",
			line: `<13>Mar  1 10:00:00 {"a": 1}`,
			want: `13||2024-03-01T10:00:00Z|||||{"a": 1}`,
		},
		{
			name: "cef",
			line: "Mar  1 10:00:00 h CEF:0|a|b",
			want: "-1||2024-03-01T10:00:00Z|h||||CEF:0|a|b",
		},
		{
			name: "cef with a blank",
			line: "Mar  1 10:00:00 h CEF: 0|a|b",
			want: "-1||2024-03-01T10:00:00Z|h||||CEF: 0|a|b",
		},
		{
			name: "cef without host",
			line: "Mar  1 10:00:00 CEF:0|a b|c",
			want: "-1||2024-03-01T10:00:00Z|||||CEF:0|a b|c",
		},
		{
			name: "tabs",
			line: "<13>Mar  1 10:00:00\thost\tprog:\tx",
			want: "13||2024-03-01T10:00:00Z|host|prog|||x",
		},
		{
			name: "byte order mark",
			line: "\ufeff<13>Mar  1 10:00:00 h p: x",
			want: "13||2024-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "milliseconds",
			line: "Mar  1 10:00:00.123 h p: x",
			want: "-1||2024-03-01T10:00:00.123Z|h|p|||x",
		},
		{
			name: "comma",
			line: "Mar  1 10:00:00,5 h p: x",
			want: "-1||2024-03-01T10:00:00.5Z|h|p|||x",
		},
		{
			name: "one digit day",
			line: "Mar 1 10:00:00 h p: x",
			want: "-1||2024-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "zero day",
			line: "Mar 01 10:00:00 h p: x",
			want: "-1||2024-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "weekday",
			line: "Fri Mar  1 10:00:00 2024 h p: x",
			want: "-1||2024-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "year before clock",
			line: "Mar  1 2021 10:00:00 h p: x",
			want: "-1||2021-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "year behind clock",
			line: "Mar  1 10:00:00 2021 h p: x",
			want: "-1||2021-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "year behind zone",
			line: "Mar  1 10:00:00 UTC 2021 h p: x",
			want: "-1||2021-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "year first",
			line: "2021 Mar  1 10:00:00 h p: x",
			want: "-1||2021-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "zone name",
			line: "Mar  1 10:00:00 KST h p: x",
			want: "-1||2024-03-01T01:00:00Z|h|p|||x",
		},
		{
			name: "iso",
			line: "<13>2021-03-01T10:00:00.5+09:00 h p[1]: x",
			want: "13||2021-03-01T01:00:00.5Z|h|p|1||x",
		},
		{
			name: "iso without colon",
			line: "2021-03-01T10:00:00-0130 h p: x",
			want: "-1||2021-03-01T11:30:00Z|h|p|||x",
		},
		{
			name: "iso without zone",
			line: "2021-03-01T10:00:00.912134 h sudo: x",
			want: "-1||2021-03-01T10:00:00.912134Z|h|sudo|||x",
		},
		{
			name: "iso with blank",
			line: "2021-03-01 10:00:00,250 h p: x",
			want: "-1||2021-03-01T10:00:00.25Z|h|p|||x",
		},
		{
			name: "iso, blank, offset",
			line: "2021-03-01 10:00:00 +0100 h p: x",
			want: "-1||2021-03-01T09:00:00Z|h|p|||x",
		},
		{
			name: "iso, blank, name",
			line: "2021/03/01 10:00:00 UTC h p: x",
			want: "-1||2021-03-01T10:00:00Z|h|p|||x",
		},
		{
			name: "ipv6 host",
			line: "Mar  1 10:00:00 2001:db8::1 p: x",
			want: "-1||2024-03-01T10:00:00Z|2001:db8::1|p|||x",
		},
		{
			name: "ipv6 host ends in colons",
			line: "Mar  1 10:00:00 2001:db8:: p: x",
			want: "-1||2024-03-01T10:00:00Z|2001:db8::|p|||x",
		},
		{
			name: "ipv6 host in brackets",
			line: "Mar  1 10:00:00 [2001:db8::1] p: x",
			want: "-1||2024-03-01T10:00:00Z|2001:db8::1|p|||x",
		},
		{
			name: "host in Korean",
			line: "Mar  1 10:00:00 서버1 p[1]: x",
			want: "-1||2024-03-01T10:00:00Z|서버1|p|1||x",
		},
		{
			name: "priority too big",
			line: "<192>Mar  1 10:00:00 h p: x",
			want: "-1||-|||||<192>Mar  1 10:00:00 h p: x",
		},
		{
			name: "no such day",
			line: "Feb 30 10:00:00 h p: x",
			want: "-1||-|||||Feb 30 10:00:00 h p: x",
		},
		{
			name: "no such hour",
			line: "Feb 20 25:00:00 h p: x",
			want: "-1||-|||||Feb 20 25:00:00 h p: x",
		},
		{
			name: "message keeps its indent",
			line: "Mar  1 10:00:00 h p:   x",
			want: "-1||2024-03-01T10:00:00Z|h|p|||  x",
		},
		{
			name: "lines",
			line: "May 21 21:54:44 h foo[1]: This\n spans",
			want: "-1||2024-05-21T21:54:44Z|h|foo|1||This\n spans",
		},
	} {
		want := strings.Replace(c.want, "||||| ", "|||||", 1)
		if c.name == "empty" {
			want = "-1||-|||||"
		}
		if got := show(c.line); got != want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.line, got, want)
		}
	}
}
