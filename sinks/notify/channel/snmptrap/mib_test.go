package snmptrap

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"

	"weir/internal/testkit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

// sending is a sender that is never connected.
func sending() *sender {
	at := channeltest.Message().Time
	return &sender{enterprise: enterprise, begun: at, now: func() time.Time { return at.Add(time.Second) }}
}

// TestMIB: the file that is shipped has the numbers, types and order of what is sent.
func TestMIB(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testkit.Root(t), "deploy", "mibs", "WEIR-MIB.txt"))
	if err != nil {
		t.Fatal(err)
	}
	mib := string(data)
	if !strings.Contains(mib, "weirEnterprise OBJECT IDENTIFIER ::= { enterprises "+strings.TrimPrefix(enterprise, "1.3.6.1.4.1.")+" }") {
		t.Error("the enterprise is another")
	}
	types := map[string]gosnmp.Asn1BER{"SnmpAdminString": gosnmp.OctetString, "DateAndTime": gosnmp.OctetString, "Gauge32": gosnmp.Gauge32, "INTEGER": gosnmp.Integer}
	sent := sending().variables(channeltest.Message(), &channeltest.Message().Alerts[0])[2:]
	objects := regexp.MustCompile(`(?s)(weir\w+) OBJECT-TYPE\s+SYNTAX\s+(\w+).*?::= \{ weirObjects (\d+) \}`).FindAllStringSubmatch(mib, -1)
	if len(objects) != len(sent) {
		t.Fatalf("%d objects, %d are sent", len(objects), len(sent))
	}
	var names []string
	for i, o := range objects {
		names = append(names, o[1])
		if want := "." + enterprise + ".1.1." + o[3] + ".0"; sent[i].Name != want || sent[i].Type != types[o[2]] {
			t.Errorf("%s: %s of type %v is sent, want %s", o[1], sent[i].Name, sent[i].Type, want)
		}
	}
	list := strings.Join(names, ", ")
	kinds := regexp.MustCompile(`(?s)(weir\w+) NOTIFICATION-TYPE\s+OBJECTS \{(.*?)\}.*?::= \{ weirNotifications (\d+) \}`).FindAllStringSubmatch(mib, -1)
	if len(kinds) != len(notifications) {
		t.Fatalf("%d notifications, %d kinds", len(kinds), len(notifications))
	}
	for _, k := range kinds {
		if got := strings.Join(strings.Fields(k[2]), " "); got != list {
			t.Errorf("%s has %s", k[1], got)
		}
		kind := channel.Kind(strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(k[1], "weirAlert"), "weir")))
		if notifications[kind] != k[3] {
			t.Errorf("%s is %s, the kind %s is %s", k[1], k[3], kind, notifications[kind])
		}
	}
	for name, numbers := range map[string]map[string]int{"weirAlertLevel": levels, "weirAlertState": states} {
		enum := regexp.MustCompile(`(?s)` + name + ` OBJECT-TYPE\s+SYNTAX\s+INTEGER \{(.*?)\}`).FindStringSubmatch(mib)
		if enum == nil || strings.Count(enum[1], "(") != len(numbers)+1 {
			t.Fatalf("%s: %v", name, enum)
		}
		for word, n := range numbers {
			if !strings.Contains(enum[1], word+"("+strconv.Itoa(n)+")") {
				t.Errorf("%s has no %s(%d)", name, word, n)
			}
		}
	}
}

// TestVariables: texts are clean, whole letters and of at most 255 bytes; numbers are those of the MIB.
func TestVariables(t *testing.T) {
	m := channeltest.Message()
	a := &m.Alerts[0]
	a.What, a.Title, a.Group, a.Level, a.State, a.Count = strings.Repeat("가", 300), "a\x1bb\n", map[string]string{"b": "2", "a": "1"}, "sev1", "lost", -1
	got := sending().variables(m, a)
	for _, v := range got {
		if b, ok := v.Value.([]byte); ok && v.Name != "."+enterprise+".1.1.8.0" && v.Name != "."+enterprise+".1.1.9.0" && (len(b) > 255 || !utf8.Valid(b) || strings.ContainsAny(string(b), "\x1b\n")) {
			t.Errorf("%s: %q", v.Name, b)
		}
	}
	if got[0].Value != uint32(100) || string(got[4].Value.([]byte)) != `a\x1bb\n` || got[5].Value != 0 || got[7].Value != 0 || got[8].Value != uint32(0) || string(got[11].Value.([]byte)) != "a=1 b=2" {
		t.Errorf("got %v", got)
	}
	if n := len(got[6].Value.([]byte)); n != 255 {
		t.Errorf("the text has %d bytes", n)
	}
}

func TestDateAndTime(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	for name, tc := range map[string]struct {
		at, zone time.Time
		want     string
	}{
		"Seoul":    {at, at.In(channeltest.Seoul), "\x07\xea\x02\x03\x0d\x05\x06\x07+\x09\x00"},
		"UTC":      {at, at, "\x07\xea\x02\x03\x04\x05\x06\x07+\x00\x00"},
		"St. John": {at, at.In(time.FixedZone("NST", -(3*3600 + 1800))), "\x07\xea\x02\x03\x00\x23\x06\x07-\x03\x1e"},
		"none":     {time.Time{}, at, "\x00\x00\x00\x00\x00\x00\x00\x00"},
	} {
		if got := string(dateAndTime(tc.at, tc.zone)); got != tc.want {
			t.Errorf("%s: got %x, want %x", name, got, tc.want)
		}
	}
}

// TestEngine: the sender's name as an engine is made of enterprise and host, and is one.
func TestEngine(t *testing.T) {
	s := sending()
	if err := s.engineID(""); err != nil {
		t.Fatal(err)
	}
	if len(s.engine) < 5 || len(s.engine) > 32 || !strings.HasPrefix(s.engine, "\x80\x00\x7e\xd9\x04weir-") {
		t.Errorf("%x", s.engine)
	}
	s.enterprise = "1.3.6.1.4.1.99999.7"
	if err := s.engineID(""); err != nil || !strings.HasPrefix(s.engine, "\x80\x01\x86\x9f\x04") {
		t.Errorf("%x, %v", s.engine, err)
	}
}

func BenchmarkVariables(b *testing.B) {
	s, m := sending(), channeltest.Message()
	b.ReportAllocs()
	for b.Loop() {
		s.traps(m)
	}
}
