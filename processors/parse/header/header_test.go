package header

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var received = time.Date(2024, 12, 25, 12, 0, 0, 0, time.UTC)

// show writes what was read in one line, so that a table says everything.
func show(line string) string {
	var h Header
	Read(line, &h)
	stamp := "-"
	if h.Stamp.Has {
		stamp = h.Stamp.Time(received, time.UTC).Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%d|%s|%s|%s|%s|%s|%s|%s", h.Priority, h.Version, stamp, h.Host, h.Program, h.PID, h.MsgID, h.Message)
}

// TestRead_Again shows that nothing of one line is left in the next.
func TestRead_Again(t *testing.T) {
	var h Header
	Read(`<165>1 2022-01-11T22:14:15.003Z h app 1024 ID47 [a@1 b="c"] text`, &h)
	Read("plain", &h)
	if h.Priority != NoPriority || h.Version != "" || h.Stamp.Has || h.Host != "" || h.Program != "" || h.PID != "" || h.MsgID != "" || len(h.Data) != 0 || h.Message != "plain" {
		t.Errorf("left over: %+v", h)
	}
}

// FuzzRead: the message is a suffix of the line, every field is a part of it, and reading is repeatable.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"", "<", "<1>", "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
		`<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [exampleSDID@32473 iut="3" e="a\"b"] x`,
		"<189>25: *Mar  1 00:00:01.123 UTC: %SYS-5-CONFIG_I: x", "Mar 1 2024 10:00:00 fw1 : %ASA-6-302013: Built",
		"<134>1 1374543213.342705328 MX84 urls x", "2021-03-01 10:00:00,250 h p: x", "<13>Mar  1 10:00:00 [::1] p[1]: x",
		"<190>Jul 13 08:23:43 192.168.100.2 sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %F-6-B: x", "\ufeff \t<1>1 - - - - - [a b=\"\"]\ufeff",
		"<189>1: RP/0/RSP0/CPU0:Mar  1 10:00:00.1 UTC: config[65731]: %MGBL: x", "Feb 29 10:00:00 h p: x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var h, again Header
		Read(line, &h)
		if !strings.HasSuffix(line, h.Message) {
			t.Fatalf("message %q is no suffix of %q", h.Message, line)
		}
		head := line[:len(line)-len(h.Message)]
		for _, s := range []string{h.Host, h.Program, h.PID, h.MsgID, h.Version} {
			if !strings.Contains(head, s) {
				t.Fatalf("%q is not before the message of %q", s, line)
			}
		}
		if h.Priority < NoPriority || h.Priority > 191 {
			t.Fatalf("priority %d of %q", h.Priority, line)
		}
		h.Stamp.Time(received, time.UTC)
		Read(line, &again)
		Read(line, &again)
		if fmt.Sprint(h.Host, h.Program, h.PID, h.MsgID, h.Priority, h.Message, h.Stamp, h.Data) != fmt.Sprint(again.Host, again.Program, again.PID, again.MsgID, again.Priority, again.Message, again.Stamp, again.Data) {
			t.Fatalf("read again, %q differs", line)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"rfc3164", "<38>Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2"},
		{"iso3164", "<38>2024-12-10T06:55:46.123456+09:00 LabSZ sshd[24200]: Failed password for root from 173.234.31.186 port 38926 ssh2"},
		{"rfc5424", "<38>1 2024-12-10T06:55:46.123456+09:00 LabSZ sshd 24200 - - Failed password for root from 173.234.31.186 port 38926 ssh2"},
		{"rfc5424-sd", `<38>1 2024-12-10T06:55:46.123456+09:00 LabSZ root - - [timeQuality tzKnown="1" isSynced="1" syncAccuracy="284000"] hello`},
		{"rfc5424-sd-escaped", `<38>1 2024-12-10T06:55:46.123456+09:00 LabSZ root - - [a@1 b="x\"y" c="1"] hello`},
		{"asa", "<166>Mar 01 2024 10:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:192.168.205.1/80"},
		{"ios", "<189>000025: sw01: *Mar  1 00:00:01.123 UTC: %SYS-5-CONFIG_I: Configured from console by vty0"},
		{"plain", "<13>there is nothing here that could be a header, only words and words"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.line)))
			var h Header
			for b.Loop() {
				Read(c.line, &h)
				h.Stamp.Time(received, time.UTC)
			}
		})
	}
}

// TestRead_NoMemory: the shapes that nearly all lines have cost no memory.
func TestRead_NoMemory(t *testing.T) {
	for _, line := range []string{
		"<38>Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 173.234.31.186 port 38926 ssh2",
		"<38>2024-12-10T06:55:46.123456+09:00 LabSZ sshd[24200]: Failed password",
		`<38>1 2024-12-10T06:55:46.123456+09:00 LabSZ root - - [timeQuality tzKnown="1" isSynced="1"] hello`,
		"<166>Mar 01 2024 10:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 11757",
		"<189>000025: sw01: *Mar  1 00:00:01.123 UTC: %SYS-5-CONFIG_I: Configured from console by vty0",
		"<13>words and words",
	} {
		var h Header
		Read(line, &h) // makes room for structured data
		if n := testing.AllocsPerRun(100, func() {
			Read(line, &h)
			h.Stamp.Time(received, time.UTC)
		}); n > 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

// TestHeader_Priority takes the number apart.
func TestHeader_Priority(t *testing.T) {
	for line, want := range map[string][2]int{"<0>x": {0, 0}, "<7>x": {0, 7}, "<165>x": {20, 5}, "<191>x": {23, 7}, "<013>x": {1, 5}} {
		var h Header
		Read(line, &h)
		if got := [2]int{h.Facility(), h.Severity()}; got != want {
			t.Errorf("%s: got %v, want %v", line, got, want)
		}
	}
	for _, line := range []string{"<>x", "<-1>x", "<1", "<1x>", "<1234>x", "< 1>x", "<192>x"} {
		var h Header
		if Read(line, &h); h.Priority != NoPriority || h.Message != line {
			t.Errorf("%s: priority %d, message %q", line, h.Priority, h.Message)
		}
	}
}

// TestRead_Hostile: long and broken lines end quickly and lose nothing.
func TestRead_Hostile(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for name, line := range map[string]string{
		"a long word":             "<13>Mar  1 10:00:00 " + long,
		"a long tag":              "<13>Mar  1 10:00:00 h " + long + ": x",
		"a long pid":              "<13>Mar  1 10:00:00 h p[" + long + "]: x",
		"many brackets":           "<13>1 - - - - - " + strings.Repeat("[", 1<<20),
		"many elements":           "<13>1 - - - - - " + strings.Repeat(`[a b="c"]`, 1<<10) + "x",
		"a value without an end":  `<13>1 - - - - - [a b="` + long,
		"many blanks":             strings.Repeat(" ", 1<<20),
		"many digits":             "<13>" + strings.Repeat("1", 1<<20) + ": x",
		"many sequence numbers":   "<13>" + strings.Repeat("1: ", 1<<18) + "x",
		"NUL bytes":               "<13>Mar  1 10:00:00 h p\x00[1]: \x00",
		"control characters":      "<13>Mar  1 10:00:00 h\x1b[31m p: x",
		"half a UTF-8 character":  "<13>Mar  1 10:00:00 h\xec\x84 p: x",
		"priority and nothing":    "<13>",
		"version and nothing":     "<13>1 ",
		"version, time, nothing":  "<13>1 - ",
		"another priority inside": "<13><14>Mar  1 10:00:00 h p: x",
	} {
		var h Header
		Read(line, &h)
		if !strings.HasSuffix(line, h.Message) {
			t.Errorf("%s: the message is no suffix", name)
		}
		if n := len(h.Host) + len(h.Program) + len(h.PID); n > 1024 {
			t.Errorf("%s: %d bytes of header", name, n)
		}
	}
}
