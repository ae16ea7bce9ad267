package parse

import (
	"net/netip"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

// BenchmarkParse is the whole way from a raw record to ECS JSON.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"sshd", "<38>Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2"},
		{"sshd-5424", "<38>1 2024-12-10T06:55:46.123456+09:00 LabSZ sshd 24200 - - Accepted publickey for kim from 173.234.31.186 port 38926 ssh2: RSA SHA256:abc"},
		{"pam", "<38>Dec 10 06:55:46 LabSZ sshd[24200]: pam_unix(sshd:session): session opened for user root by (uid=0)"},
		{"sudo", "<85>Dec 10 06:55:46 LabSZ sudo[6040]: ec2-user : TTY=pts/0 ; PWD=/var/log ; USER=root ; COMMAND=/bin/tail secure"},
		{"cron", "<78>Dec 10 06:55:46 LabSZ CRON[6040]: (root) CMD (cd / && run-parts /etc/cron.hourly)"},
		{"netfilter", "<4>Dec 10 06:55:46 fw kernel: [UFW BLOCK] IN=eth0 OUT= MAC=90:10:92:6e:ea:a7:90:10:73:ba:d6:77:08:00 SRC=192.168.48.137 DST=81.2.69.143 LEN=540 TOS=0x1C PREC=0xE0 TTL=64 ID=27223 PROTO=UDP SPT=48689 DPT=48689 LEN=520"},
		{"asa", "<166>Dec 10 2024 06:55:46 fw1 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:192.168.205.1/80 (192.168.205.1/80) to inside:172.31.98.44/1772 (172.31.98.44/1772)"},
		{"json", `<14>1 2024-12-10T06:55:46Z h app 1 - - {"@timestamp":"2024-12-10T06:55:46Z","event":{"action":"login"},"user":{"name":"kim"},"source":{"ip":"192.0.2.1"}}`},
		{"plain", "<13>Dec 10 06:55:46 LabSZ app[1]: there is nothing here that any format would know"},
	} {
		b.Run(c.name, func(b *testing.B) {
			raw := record.Raw{Value: []byte(c.line), Received: time.Date(2024, 12, 10, 7, 0, 0, 0, time.UTC), Peer: netip.MustParseAddrPort("192.0.2.7:514"), Proto: "udp", Input: "syslog"}
			p, err := New(Options{DefaultZone: time.UTC})
			if err != nil {
				b.Fatal(err)
			}
			var e event.Event
			var doc []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(c.line)))
			for b.Loop() {
				if err := p.Parse(&raw, &e, func(e *event.Event) error { doc = e.AppendJSON(doc[:0]); return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode is the last part of that way alone.
func BenchmarkEncode(b *testing.B) {
	raw := record.Raw{Value: []byte("<38>Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2"), Received: time.Date(2024, 12, 10, 7, 0, 0, 0, time.UTC), Peer: netip.MustParseAddrPort("192.0.2.7:514"), Proto: "udp", Input: "syslog"}
	p, err := New(Options{DefaultZone: time.UTC})
	if err != nil {
		b.Fatal(err)
	}
	var e event.Event
	if err := p.Parse(&raw, &e, func(*event.Event) error { return nil }); err != nil {
		b.Fatal(err)
	}
	var doc []byte
	b.ReportAllocs()
	for b.Loop() {
		doc = e.AppendJSON(doc[:0])
	}
}
