package parse

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

func TestParse_Always(t *testing.T) {
	e := parseOne(t, Options{}, `<38>Mar 10 11:59:58 web1 /usr/sbin/sshd[24200]: Failed password for root from 203.0.113.5 port 5 ssh2`+"\n")
	want := `{"@timestamp":"2024-03-10T11:59:58.000Z","ecs":{"version":"8.11.0"},` +
		`"event":{"action":"ssh_login","category":["authentication"],"created":"2024-03-10T12:00:00.000Z","dataset":"system.auth","kind":"event","module":"system",` +
		`"original":"<38>Mar 10 11:59:58 web1 /usr/sbin/sshd[24200]: Failed password for root from 203.0.113.5 port 5 ssh2\n","outcome":"failure","timezone":"+00:00","type":["info"]},` +
		`"host":{"hostname":"web1","name":"web1"},` +
		`"log":{"source":{"address":"192.0.2.7"},"syslog":{"appname":"/usr/sbin/sshd","facility":{"code":4,"name":"auth"},"hostname":"web1","priority":38,"procid":"24200","severity":{"code":6,"name":"Informational"}}},` +
		`"message":"Failed password for root from 203.0.113.5 port 5 ssh2","process":{"name":"sshd","pid":24200},` +
		`"source":{"address":"203.0.113.5","ip":"203.0.113.5","port":5},"system":{"auth":{"ssh":{"event":"Failed","method":"password"}}},"user":{"name":"root"},` +
		`"weir":{"input":"syslog","time":"2024-03-10T11:59:58.000Z","transport":"udp"}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParse_RFC5424(t *testing.T) {
	e := parseOne(t, Options{ECSVersion: "9.4.0"}, `<165>1 2024-03-10T20:59:58.003+09:00 h app id7 ID47 [z@1 b="2" a="1"][y x="\""] text`)
	for path, want := range map[string]string{
		"@timestamp": "2024-03-10T11:59:58.003Z", "event.timezone": "+09:00", "ecs.version": "9.4.0", "log.syslog.version": "1", "log.syslog.msgid": "ID47",
		"log.syslog.procid": "id7", "process.pid": "", "log.syslog.facility.name": "local4", "log.syslog.severity.name": "Notice",
		"log.syslog.structured_data": `{"y":{"x":"\""},"z@1":{"a":"1","b":"2"}}`, "message": "text", "event.dataset": "system.syslog", "event.module": "system",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestParse_Time(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	zone := func(peer netip.Addr, host string) *time.Location {
		if host == "seoul" && peer == netip.MustParseAddr("192.0.2.7") {
			return seoul
		}
		return nil
	}
	for _, c := range []struct {
		name, line, timestamp, weir, timezone string
		tagged, history                       bool
	}{
		{"no time", "<13>hello", "2024-03-10T12:00:00.000Z", "2024-03-10T12:00:00.000Z", "", false, false},
		{"default zone", "<13>Mar 10 11:00:00 h p: x", "2024-03-10T11:00:00.000Z", "2024-03-10T11:00:00.000Z", "+00:00", false, false},
		{"zone of the source", "<13>Mar 10 20:00:00 seoul p: x", "2024-03-10T11:00:00.000Z", "2024-03-10T11:00:00.000Z", "+09:00", false, false},
		{"zone of the line", "<13>2024-03-10T11:00:00Z seoul p: x", "2024-03-10T11:00:00.000Z", "2024-03-10T11:00:00.000Z", "", false, false},
		{"zone of the line, not UTC", "<13>2024-03-10T06:00:00-05:00 seoul p: x", "2024-03-10T11:00:00.000Z", "2024-03-10T11:00:00.000Z", "-05:00", false, false},
		{"a week old", "<13>Mar  3 12:00:00 h p: x", "2024-03-03T12:00:00.000Z", "2024-03-03T12:00:00.000Z", "+00:00", false, false},
		{"older", "<13>Mar  3 11:59:59 h p: x", "2024-03-03T11:59:59.000Z", "2024-03-10T12:00:00.000Z", "+00:00", true, false},
		{"older, but history", "<13>Mar  3 11:59:59 h p: x", "2024-03-03T11:59:59.000Z", "2024-03-03T11:59:59.000Z", "+00:00", false, true},
		{"a minute ahead", "<13>Mar 10 12:01:00 h p: x", "2024-03-10T12:01:00.000Z", "2024-03-10T12:01:00.000Z", "+00:00", false, false},
		{"further ahead", "<13>Mar 10 12:01:01 h p: x", "2024-03-10T12:01:01.000Z", "2024-03-10T12:00:00.000Z", "+00:00", true, false},
		{"a year that no clock holds", "<13>1 0001-01-01T00:00:00Z h p - - - x", "2024-03-10T12:00:00.000Z", "2024-03-10T12:00:00.000Z", "", false, false},
		{"time of the message", `<13>{"@timestamp":"2024-03-09T00:00:00Z"}`, "2024-03-09T00:00:00.000Z", "2024-03-09T00:00:00.000Z", "", false, false},
		{"no time in the message", `<13>{"@timestamp":"yesterday"}`, "2024-03-10T12:00:00.000Z", "2024-03-10T12:00:00.000Z", "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parseOne(t, Options{Zone: zone, History: c.history}, c.line)
			tagged := strings.Contains(e.Get(event.Tags).Text(), TagTime)
			if e.Get(event.Timestamp).Text() != c.timestamp || e.Get(event.WeirTime).Text() != c.weir || e.Str(event.EventTimezone) != c.timezone || tagged != c.tagged {
				t.Errorf("@timestamp %s, weir.time %s, timezone %s, tagged %v", e.Get(event.Timestamp).Text(), e.Get(event.WeirTime).Text(), e.Str(event.EventTimezone), tagged)
			}
		})
	}
}

func TestParse_NotUTF8(t *testing.T) {
	line := "<13>Mar 10 11:00:00 h p: caf\xe9 \x00\xff x\x00\n"
	e := parseOne(t, Options{}, line)
	decoded, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if err != nil || string(decoded) != line || e.Has(event.EventOriginal) {
		t.Errorf("original %q %v, event.original %q", decoded, err, e.Str(event.EventOriginal))
	}
	if got := e.Str(event.Message); got != "caf\ufffd \x00\ufffd x" {
		t.Errorf("message %q", got)
	}
}

func TestParse_Repeated(t *testing.T) {
	e := parseOne(t, Options{}, "<38>Mar 10 11:00:00 h sshd[1]: message repeated 5 times: [ Failed password for root from 1.1.1.1 port 2 ssh2]")
	if e.Str(event.SourceIP) != "1.1.1.1" || e.GetPath("weir.data.repeated").Int() != 5 || e.Str(event.EventOutcome) != "failure" {
		t.Errorf("got %s", e.AppendJSON(nil))
	}
	if !strings.HasPrefix(e.Str(event.Message), "message repeated") {
		t.Errorf("message %q", e.Str(event.Message))
	}
}

func TestParse_Tags(t *testing.T) {
	raw, e := rawOf("<13>x"), new(event.Event)
	raw.Tags = []string{"truncated", "lab"}
	if err := newParser(t, Options{}).Parse(&raw, e, func(*event.Event) error { return nil }); err != nil || e.Get(event.Tags).Text() != `["truncated","lab"]` {
		t.Errorf("tags %s, %v", e.Get(event.Tags).Text(), err)
	}
}

// TestParse_Foreign: a message that can name any field cannot say where it comes from.
func TestParse_Foreign(t *testing.T) {
	line := `<13>{"event":{"id":"x","created":"2001-01-01T00:00:00Z","original":"y","ingested":"2001-01-01T00:00:00Z"},"log":{"source":{"address":"6.6.6.6"}},` +
		`"weir":{"class":"short","input":"z","transport":"z","src":"z","time":"2001-01-01T00:00:00Z","original_base64":"eA=="},"ecs":{"version":"1"}}`
	e := parseOne(t, Options{}, line)
	for path, want := range map[string]string{
		"event.id": "", "event.created": "2024-03-10T12:00:00.000Z", "event.original": line, "event.ingested": "", "log.source.address": "192.0.2.7",
		"weir.class": "", "weir.input": "syslog", "weir.transport": "udp", "weir.src": "", "weir.time": "2024-03-10T12:00:00.000Z", "weir.original_base64": "", "ecs.version": "8.11.0",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestParse_Memory: the way from bytes to ECS JSON costs next to no memory once the Parser is warm.
func TestParse_Memory(t *testing.T) {
	for name, line := range map[string]string{
		"sshd":  "<38>Mar 10 11:00:00 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2",
		"sudo":  "<85>Mar 10 11:00:00 LabSZ sudo[6040]: kim : TTY=pts/0 ; PWD=/var/log ; USER=root ; COMMAND=/bin/tail secure",
		"plain": "<13>Mar 10 11:00:00 LabSZ app[1]: there is nothing here that any format would know",
	} {
		raw, e, p := rawOf(line), new(event.Event), newParser(t, Options{})
		var doc []byte
		encode := func(e *event.Event) error { doc = e.AppendJSON(doc[:0]); return nil }
		run := func() {
			if err := p.Parse(&raw, e, encode); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if n := testing.AllocsPerRun(200, run); n > 5 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestParse_HostOfTheLine: the device is the host of the header, which may be an address; without one it is the
// address of the socket; without that, nothing is known.
func TestParse_HostOfTheLine(t *testing.T) {
	for _, c := range []struct{ name, line, host, hostname, ip string }{
		{"name", "<13>Mar 10 11:00:00 web1 p: x", "web1", "web1", ""},
		{"address", "<13>Mar 10 11:00:00 198.51.100.1 p: x", "198.51.100.1", "198.51.100.1", `["198.51.100.1"]`},
		{"IPv6", "<13>Mar 10 11:00:00 2001:db8::1 p: x", "2001:db8::1", "2001:db8::1", `["2001:db8::1"]`},
		{"none", "<13>x", "192.0.2.7", "", `["192.0.2.7"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parseOne(t, Options{}, c.line)
			if e.Str(event.HostName) != c.host || e.Str(event.HostHostname) != c.hostname || e.Get(event.HostIP).Text() != c.ip {
				t.Errorf("got %s", e.AppendJSON(nil))
			}
		})
	}
	raw, e := record.Raw{Value: []byte("x"), Received: received}, new(event.Event)
	if err := newParser(t, Options{}).Parse(&raw, e, func(*event.Event) error { return nil }); err != nil || e.Has(event.HostName) || e.Has(event.LogSourceAddress) {
		t.Errorf("no socket: %v, %s", err, e.AppendJSON(nil))
	}
}

// TestParse_Reuse: nothing of one record is left in the events of the next.
func TestParse_Reuse(t *testing.T) {
	p, e := newParser(t, Options{}), new(event.Event)
	fresh := func(line string) string { return string(parseOne(t, Options{}, line).AppendJSON(nil)) }
	lines := []string{
		`<165>1 2024-03-10T11:00:00Z h app 1 ID [a@1 b="c"] {"user":{"name":"kim"},"tags":["x"]}`, "plain",
		"<38>Mar 10 11:00:00 LabSZ sshd[1]: Failed password for root from 1.1.1.1 port 2 ssh2", "caf\xe9", "<13>Mar 10 11:00:00 h app: hello",
		`[{"a":1},{"b":2}]`, "<166>Mar 10 2024 11:00:00 fw1 : %ASA-6-302013: Built", "",
	}
	for range 2 {
		for _, line := range lines {
			raw, last := rawOf(line), ""
			if err := p.Parse(&raw, e, func(e *event.Event) error { last = string(e.AppendJSON(nil)); return nil }); err != nil {
				t.Fatal(err)
			}
			if line[:min(1, len(line))] != "[" && last != fresh(line) {
				t.Errorf("%q\n got %s\nwant %s", line, last, fresh(line))
			}
		}
	}
}

// TestFill_LinesOfFiles: where a line stands is a part of its event, and the machine of the file stands in for a host that
// the line does not name.
func TestFill_LinesOfFiles(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, line, key, host string }{
		{"no header", "just a line", "file/web-1/abc", "web-1"},
		{"a header", "Nov 21 16:50:08 fw-2 sshd[1]: hello", "file/web-1/abc", "fw-2"},
		{"a line that claims another place", `{"log":{"file":{"path":"/etc/shadow"},"offset":1}}`, "file/web-1/abc", "web-1"},
		{"a key of another form", "just a line", "abc", "/var/log/a.log"},
	} {
		raw := &record.Raw{Value: []byte(tt.line), Received: time.Now(), Input: "file", Proto: "file", Origin: "/var/log/a.log", Key: tt.key, Line: 42}
		var e event.Event
		if err := p.Parse(raw, &e, func(e *event.Event) error {
			if path, offset, host := e.Str(event.LogFilePath), e.Get(event.LogOffset).Int(), e.Str(event.HostName); path != "/var/log/a.log" || offset != 42 || host != tt.host {
				t.Errorf("%s: %s at %d of %s, want %s", tt.name, path, offset, host, tt.host)
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
