package header

import "testing"

func TestRead_Cisco(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{
			name: "sequence number",
			line: "<189>25: *Mar  1 00:00:01.123 UTC: %SYS-5-CONFIG_I: x",
			want: "189||2024-03-01T00:00:01.123Z|||||%SYS-5-CONFIG_I: x",
		},
		{
			name: "sequence number and message",
			line: "<189>25: %SYS-5-CONFIG_I: x",
			want: "189||-|||||%SYS-5-CONFIG_I: x",
		},
		{
			name: "leading zeros",
			line: "<189>000025: *Mar  1 00:00:01 UTC: %SYS-5-X: x",
			want: "189||2024-03-01T00:00:01Z|||||%SYS-5-X: x",
		},
		{
			name: "name",
			line: "<189>25: sw01: 000024: Mar  1 2021 00:00:01: %SYS-5-X: x",
			want: "189||2021-03-01T00:00:01Z|sw01||||%SYS-5-X: x",
		},
		{
			name: "name alone",
			line: "<189>sw01: Jul 14 2023 08:23:43.398 UTC: %F-6-B: x",
			want: "189||2023-07-14T08:23:43.398Z|sw01||||%F-6-B: x",
		},
		{
			name: "address",
			line: "<190>3132517: 192.168.100.2 3132513: Jul 14 2023 08:23:43.398 UTC: %F-6-B: x",
			want: "190||2023-07-14T08:23:43.398Z|192.168.100.2||||%F-6-B: x",
		},
		{
			name: "ipv6 address",
			line: "<190>3132783: 2a02:cf40::: 3132779: Jul 14 2023 08:23:43.398 UTC: %F-6-B: x",
			want: "190||2023-07-14T08:23:43.398Z|2a02:cf40::||||%F-6-B: x",
		},
		{
			name: "colon first",
			line: "<190>: 2023 Jul 14 08:23:43.398 UTC: %F-6-B: x",
			want: "190||2023-07-14T08:23:43.398Z|||||%F-6-B: x",
		},
		{
			name: "emblem",
			line: "<166>:Jun  4 15:55:01 EDT: %ASA-6-302013: x",
			want: "166||2024-06-04T19:55:01Z|||||%ASA-6-302013: x",
		},
		{
			name: "uptime",
			line: "<165>7433: ASR920: 007439: 2y10w: %SEC_LOGIN-5-L: x",
			want: "165||-|ASR920||||%SEC_LOGIN-5-L: x",
		},
		{
			name: "unknown zone",
			line: "<165>1: Mar  1 10:00:00 VIENNA: %A-5-L: x",
			want: "165||2024-03-01T10:00:00Z|||||%A-5-L: x",
		},
		{
			name: "behind a relay",
			line: "<190>Jul 13 08:23:43 192.168.100.2 sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %F-6-B: x",
			want: "190||2023-07-14T08:23:43.398Z|sw01||||%F-6-B: x",
		},
		{
			name: "behind a relay, no name",
			line: "<190>Jul 13 08:23:43 192.168.100.2 585917: Jul 14 2023 08:23:43 UTC: %F-6-B: x",
			want: "190||2023-07-14T08:23:43Z|192.168.100.2||||%F-6-B: x",
		},
		{
			name: "behind a relay, number without colon",
			line: "Jul 13 08:23:43 sw01 1663410: Jul 14 2023 08:23:43 UTC: %F-6-B: x",
			want: "-1||2023-07-14T08:23:43Z|sw01||||%F-6-B: x",
		},
		{
			name: "IOS XR",
			line: "<189>1: RP/0/RSP0/CPU0:Mar  1 10:00:00.1 UTC: config[65731]: %MGBL-CONFIG-6-DB : x",
			want: "189||2024-03-01T10:00:00.1Z||config|65731||%MGBL-CONFIG-6-DB : x",
		},
		{
			name: "firewall without header",
			line: "%ASA-6-302013: Built",
			want: "-1||-|||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, priority",
			line: "<166>%ASA-6-302013: Built",
			want: "166||-|||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, blank before the colon",
			line: "Mar 1 2024 10:00:00 fw1 : %ASA-6-302013: Built",
			want: "-1||2024-03-01T10:00:00Z|fw1||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, no host",
			line: "<166>Mar 01 2024 10:00:00: %ASA-6-302013: Built",
			want: "166||2024-03-01T10:00:00Z|||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, no host, blank before the colon",
			line: "Aug 15 2012 23:30:09 : %ASA-6-302016 Teardown",
			want: "-1||2012-08-15T23:30:09Z|||||%ASA-6-302016 Teardown",
		},
		{
			name: "firewall, no host, many blanks",
			line: "2023-03-27T08:41:37Z   %FTD-1-430003: EventPriority: Low",
			want: "-1||2023-03-27T08:41:37Z|||||%FTD-1-430003: EventPriority: Low",
		},
		{
			name: "NX-OS behind a relay",
			line: "<187>May  3 13:55:35 10.100.0.35 2023 May  3 13:55:35.928 AEST: %AUTHPRIV-3-SYSTEM_MSG: x",
			want: "187||2023-05-03T03:55:35.928Z|10.100.0.35||||%AUTHPRIV-3-SYSTEM_MSG: x",
		},
		{
			name: "NX-OS behind a relay, colon",
			line: "<189>May  2 15:21:27 AC2018 : 2023 May  2 15:21:27.206 UTC: %ETHPORT-5-IF_DUPLEX: x",
			want: "189||2023-05-02T15:21:27.206Z|AC2018||||%ETHPORT-5-IF_DUPLEX: x",
		},
		{
			name: "sequence number of the relay",
			line: "<190>3132517: Jul 13 08:23:43 192.168.100.2 sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %FOO-6-BAR: x",
			want: "190||2023-07-14T08:23:43.398Z|sw01||||%FOO-6-BAR: x",
		},
		{
			name: "a percentage in a message",
			line: "<13>Mar  1 10:00:00 h 42: disk is 90 % full",
			want: "13||2024-03-01T10:00:00Z|h|42|||disk is 90 % full",
		},
		{
			name: "firewall, no colon",
			line: "<166>Mar 01 2024 10:00:00 fw1 %ASA-6-302013: Built",
			want: "166||2024-03-01T10:00:00Z|fw1||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, host and colon",
			line: "Oct 10 2019 10:21:36 localhost: %ASA-6-302021: x",
			want: "-1||2019-10-10T10:21:36Z|localhost||||%ASA-6-302021: x",
		},
		{
			name: "firewall, iso",
			line: "<166>2024-03-01T10:00:00Z fw1 : %ASA-6-302013: Built",
			want: "166||2024-03-01T10:00:00Z|fw1||||%ASA-6-302013: Built",
		},
		{
			name: "firewall, program",
			line: "Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-6-305011: Built",
			want: "-1||2018-10-10T12:34:56Z|localhost|CiscoASA|999||%ASA-6-305011: Built",
		},
		{
			name: "meraki",
			line: "<134>1 1374543213.342705328 MX84 urls src=192.0.2.1:63735",
			want: "134|1|2013-07-23T01:33:33.342705328Z|MX84||||urls src=192.0.2.1:63735",
		},
	} {
		if got := show(c.line); got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.line, got, c.want)
		}
	}
}
