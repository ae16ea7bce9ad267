package demo

import (
	"testing"
	"time"
)

func TestRecord(t *testing.T) {
	at := time.Date(2026, 11, 3, 4, 5, 6, 789e6, seoul)
	for _, tc := range []struct {
		name     string
		h        host
		severity int
		program  string
		pid      int
		want     string
	}{
		{"ASA", fw1, 4, "106023", 0, "<164>Nov  3 2026 04:05:06 fw-1 : %ASA-4-106023: text"},
		{"RFC 5424", web1, 6, "sshd", 77, "<38>1 2026-11-03T04:05:06.789+09:00 web-1 sshd 77 - - text"},
		{"RFC 5424 without a process", db1, 6, "postgres", 0, "<30>1 2026-11-03T04:05:06.789+09:00 db-1 postgres - - - text"},
		{"RFC 3164", web2, 5, "sudo", 0, "<85>Nov  3 04:05:06 web-2 sudo: text"},
		{"RFC 3164 with a process", mail1, 6, "postfix/smtpd", 9, "<22>Nov  3 04:05:06 mail-1 postfix/smtpd[9]: text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.h.record(at, tc.severity, tc.program, tc.pid, "text"); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
