package syslog

import (
	"strings"
	"testing"

	"weir/internal/alert"
	"weir/sinks/notify/channel/channeltest"
)

// TestCEF compares the whole message: it is what a SIEM is set up for.
func TestCEF(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].Title, m.Alerts[0].What = `a|b\c`, "x=1\ny|z"
	m.Alerts[0].Group["destination.ip"], m.Alerts[0].Group["url.path"] = "2001:db8::1", "/a b"
	got := *read(t, formOf(t, Config{Format: "cef"}).lines(m)[0]).Message
	want := `CEF:0|weir|weir|1.2|ssh-brute-force|a\|b\\c|8|externalId=3f9c12ab77e04d51a1b2c3d4e5f60718 act=firing cat=high cnt=17 start=1795247403120 end=1795247458120` +
		` src=203.0.113.5 duser=root cs1Label=state cs1=open cs2Label=group cs2=destination.ip\=2001:db8::1 url.path\=/a b msg=[high] x\=1\\ny|z`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	m.Alerts[1].Verdict = alert.Benign
	got = *read(t, formOf(t, Config{Format: "cef"}).lines(m)[1]).Message
	if !strings.Contains(got, "|5|") || !strings.Contains(got, "dhost=fw-1") || !strings.Contains(got, "cs3Label=verdict cs3=benign cs4Label=assignee cs4=김민수") {
		t.Errorf("got %s", got)
	}
}

// TestLEEF compares the whole message.
func TestLEEF(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].Rule = "a|b"
	m.Alerts[0].Group["url.path"] = "a\tb"
	got := *read(t, formOf(t, Config{Format: "leef"}).lines(m)[0]).Message
	want := "LEEF:2.0|weir|weir|1.2|a_b|x09|alertId=3f9c12ab77e04d51a1b2c3d4e5f60718\taction=firing\tcat=high\teventCount=17\tfirstTime=1795247403120\tlastTime=1795247458120" +
		"\tsrc=203.0.113.5\tusrName=root\tstate=open\tgroup=url.path=a\\tb\tsev=8\tmsg=[high] 203.0.113.5 guessed root's password on web-1"
	if got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestGrade: the same for CEF and LEEF.
func TestGrade(t *testing.T) {
	for level, want := range map[string]int{"critical": 10, "high": 8, "medium": 5, "low": 3, "informational": 1, "": 1, "sev1": 1} {
		if got := grade(level); got != want {
			t.Errorf("%q: %d, want %d", level, got, want)
		}
	}
}
