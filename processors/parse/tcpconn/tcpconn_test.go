package tcpconn

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
)

// closed is a connection of which everything is known.
const closed = `{"end":"closed","direction":"outbound","local":{"ip":"192.0.2.1","port":37868},"remote":{"ip":"198.51.100.7","port":443},` +
	`"start":"2026-11-21T12:00:01Z","time":"2026-11-21T12:00:03.0000005Z","states":[["syn_sent",18000],["established",1900000],["fin_wait1",0],["fin_wait2",82000]],` +
	`"sent":80,"received":205,"segments_out":7,"segments_in":4,"retransmits":2,"resent":3,"rtt_us":22000,"rtt_var_us":9000,"rtt_min_us":18000,` +
	`"pid":4073,"tid":4074,"ppid":1,"uid":1000,"comm":"curl","process_start":"2026-11-21T12:00:00.5Z","exe":"/usr/bin/curl","args":["curl","-A","a b","https://example.org/"],` +
	`"container":"abab","cookie":7,"netns":4026531833,"cgroup":25}`

// served is the other side of a connection, seen by its server.
const served = `{"end":"reset","direction":"inbound","local":{"ip":"2001:db8::1","port":22},"remote":{"ip":"2001:db8::2","port":50000},"start":"2026-11-21T12:00:00Z","time":"2026-11-21T12:00:00.25Z",` +
	`"states":[["syn_recv",5],["established",249000]],"sent":1000,"received":64,"segments_out":3,"segments_in":5,"retransmits":0,"resent":0,` +
	`"reset_by":"remote","error":"ECONNRESET","errno":104,"pid":1,"tid":1,"uid":0,"comm":"sshd","listener":true}`

const refused = `{"end":"refused","direction":"outbound","local":{"ip":"127.0.0.1","port":51804},"remote":{"ip":"127.0.0.1","port":1},"start":"2026-11-21T12:00:00Z","time":"2026-11-21T12:00:00.00002Z",` +
	`"states":[["syn_sent",20]],"sent":0,"received":0,"segments_out":1,"segments_in":1,"retransmits":0,"resent":0,"error":"ECONNREFUSED","errno":111,"pid":9,"tid":9,"uid":0,"comm":"curl"}`

const open = `{"end":"open","direction":"outbound","local":{"ip":"192.0.2.1","port":1},"remote":{"ip":"192.0.2.2","port":2},"time":"2026-11-21T12:00:00Z","states":[["established",60000000]],` +
	`"sent":9,"received":9,"segments_out":1,"segments_in":1,"retransmits":0,"resent":0,"partial":true}`

// fields are the values of an event as text, without the long ones that other tests hold.
func fields(t testing.TB, msg string) map[string]string {
	t.Helper()
	var e event.Event
	if err := Parse(&e, msg); err != nil {
		t.Fatalf("%v of %s", err, msg)
	}
	e.Conform()
	out := map[string]string{}
	e.Each(func(f event.Field, v event.Value) bool {
		out[f.Path()] = v.Text()
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		t.Errorf("%s is no known field", path)
		return true
	})
	return out
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, msg string
		want      map[string]string
	}{
		{"a client", closed, map[string]string{
			"@timestamp": "2026-11-21T12:00:03.000000500Z", "event.start": "2026-11-21T12:00:01.000Z", "event.end": "2026-11-21T12:00:03.000000500Z", "event.duration": "2000000500",
			"event.action": "connection-closed", "event.outcome": "success", "event.category": `["network"]`, "event.type": `["connection","end"]`,
			"source.ip": "192.0.2.1", "source.address": "192.0.2.1", "source.port": "37868", "source.bytes": "80", "source.packets": "7",
			"destination.ip": "198.51.100.7", "destination.address": "198.51.100.7", "destination.port": "443", "destination.bytes": "205", "destination.packets": "4",
			"network.direction": "egress", "network.transport": "tcp", "network.type": "ipv4", "network.iana_number": "6", "network.bytes": "285", "network.packets": "11",
			"network.community_id": "1:OCL1KGFNCCXkywm3w5x1fi917K0=",
			"process.pid":          "4073", "process.thread.id": "4074", "process.parent.pid": "1", "process.name": "curl", "process.executable": "/usr/bin/curl",
			"process.start": "2026-11-21T12:00:00.500Z", "process.args": `["curl","-A","a b","https://example.org/"]`, "process.args_count": "4",
			"process.command_line": `curl -A "a b" https://example.org/`, "user.id": "1000", "container.id": "abab",
			"related.ip":   `["192.0.2.1","198.51.100.7"]`,
			"weir.tcp.end": "closed", "weir.tcp.retransmits": "2", "weir.tcp.resent_bytes": "3", "weir.tcp.rtt.smoothed_us": "22000", "weir.tcp.rtt.variation_us": "9000",
			"weir.tcp.rtt.min_us": "18000", "weir.tcp.socket": "7", "weir.tcp.netns": "4026531833", "weir.tcp.cgroup": "25",
			"weir.tcp.states":           `["syn_sent","established","fin_wait1","fin_wait2"]`,
			"weir.tcp.time.syn_sent_us": "18000", "weir.tcp.time.established_us": "1900000", "weir.tcp.time.fin_wait1_us": "0", "weir.tcp.time.fin_wait2_us": "82000",
			"message": "curl[4073] 192.0.2.1:37868 -> 198.51.100.7:443 closed after 2s, sent 80 B, received 205 B, retransmits 2, rtt 22ms",
		}},
		{"a server", served, map[string]string{
			"@timestamp": "2026-11-21T12:00:00.250Z", "event.start": "2026-11-21T12:00:00.000Z", "event.end": "2026-11-21T12:00:00.250Z", "event.duration": "250000000",
			"event.action": "connection-reset", "event.outcome": "success", "event.category": `["network"]`, "event.type": `["connection","end"]`,
			"source.ip": "2001:db8::2", "source.address": "2001:db8::2", "source.port": "50000", "source.bytes": "64", "source.packets": "5",
			"destination.ip": "2001:db8::1", "destination.address": "2001:db8::1", "destination.port": "22", "destination.bytes": "1000", "destination.packets": "3",
			"network.direction": "ingress", "network.transport": "tcp", "network.type": "ipv6", "network.iana_number": "6", "network.bytes": "1064", "network.packets": "8",
			"network.community_id": "1:?",
			"process.pid":          "1", "process.thread.id": "1", "process.name": "sshd", "user.id": "0",
			"related.ip":   `["2001:db8::1","2001:db8::2"]`,
			"weir.tcp.end": "reset", "weir.tcp.reset_by": "remote", "weir.tcp.error": "ECONNRESET", "weir.tcp.owner": "listener", "weir.tcp.retransmits": "0", "weir.tcp.resent_bytes": "0",
			"weir.tcp.states": `["syn_recv","established"]`, "weir.tcp.time.syn_recv_us": "5", "weir.tcp.time.established_us": "249000",
			"message": "sshd[1] [2001:db8::1]:22 <- [2001:db8::2]:50000 reset by the other end after 250ms, sent 1000 B, received 64 B",
		}},
		{"nobody listens", refused, map[string]string{
			"@timestamp": "2026-11-21T12:00:00.000020Z", "event.start": "2026-11-21T12:00:00.000Z", "event.end": "2026-11-21T12:00:00.000020Z", "event.duration": "20000",
			"event.action": "connection-refused", "event.outcome": "failure", "event.category": `["network"]`, "event.type": `["connection","end"]`,
			"source.ip": "127.0.0.1", "source.address": "127.0.0.1", "source.port": "51804", "source.bytes": "0", "source.packets": "1",
			"destination.ip": "127.0.0.1", "destination.address": "127.0.0.1", "destination.port": "1", "destination.bytes": "0", "destination.packets": "1",
			"network.direction": "egress", "network.transport": "tcp", "network.type": "ipv4", "network.iana_number": "6", "network.bytes": "0", "network.packets": "2",
			"network.community_id": "1:?",
			"process.pid":          "9", "process.thread.id": "9", "process.name": "curl", "user.id": "0", "related.ip": `["127.0.0.1"]`,
			"weir.tcp.end": "refused", "weir.tcp.error": "ECONNREFUSED", "weir.tcp.retransmits": "0", "weir.tcp.resent_bytes": "0",
			"weir.tcp.states": `["syn_sent"]`, "weir.tcp.time.syn_sent_us": "20",
			"message": "curl[9] 127.0.0.1:51804 -> 127.0.0.1:1 refused after 20µs, sent 0 B, received 0 B",
		}},
		{"still open, of a process that nobody knows", open, map[string]string{
			"@timestamp": "2026-11-21T12:00:00.000Z", "event.action": "connection-open", "event.outcome": "success", "event.category": `["network"]`, "event.type": `["connection","info"]`,
			"source.ip": "192.0.2.1", "source.address": "192.0.2.1", "source.port": "1", "source.bytes": "9", "source.packets": "1",
			"destination.ip": "192.0.2.2", "destination.address": "192.0.2.2", "destination.port": "2", "destination.bytes": "9", "destination.packets": "1",
			"network.direction": "egress", "network.transport": "tcp", "network.type": "ipv4", "network.iana_number": "6", "network.bytes": "18", "network.packets": "2",
			"network.community_id": "1:?", "related.ip": `["192.0.2.1","192.0.2.2"]`,
			"weir.tcp.end": "open", "weir.tcp.partial": "true", "weir.tcp.retransmits": "0", "weir.tcp.resent_bytes": "0",
			"weir.tcp.states": `["established"]`, "weir.tcp.time.established_us": "60000000",
			"message": "192.0.2.1:1 -> 192.0.2.2:2 open, sent 9 B, received 9 B",
		}},
	} {
		got := fields(t, tc.msg)
		if id := got["network.community_id"]; !strings.HasPrefix(id, "1:") {
			t.Errorf("%s: community id %q", tc.name, id)
		} else if tc.want["network.community_id"] == "1:?" {
			tc.want["network.community_id"] = id // package community has the specification's own cases
		}
		for _, path := range slices.Sorted(maps.Keys(tc.want)) {
			if got[path] != tc.want[path] {
				t.Errorf("%s: %s is %q, want %q", tc.name, path, got[path], tc.want[path])
			}
			delete(got, path)
		}
		for path, v := range got {
			t.Errorf("%s: %s is %q, want nothing", tc.name, path, v)
		}
	}
}

// TestParse_BothEndsMeet: the two records of one connection within a machine have one community id, one source and one
// destination.
func TestParse_BothEndsMeet(t *testing.T) {
	in := strings.NewReplacer(`"direction":"outbound"`, `"direction":"inbound"`, `"local"`, `"remote"`, `"remote"`, `"local"`,
		`"sent"`, `"received"`, `"received"`, `"sent"`, `"segments_out"`, `"segments_in"`, `"segments_in"`, `"segments_out"`).Replace(closed)
	a, b := fields(t, closed), fields(t, in)
	for _, path := range []string{"network.community_id", "source.ip", "source.port", "source.bytes", "source.packets", "destination.ip", "destination.port", "destination.bytes", "network.bytes"} {
		if a[path] != b[path] || a[path] == "" {
			t.Errorf("%s: %q and %q", path, a[path], b[path])
		}
	}
	if b["network.direction"] != "ingress" {
		t.Errorf("direction %q", b["network.direction"])
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, msg := range []string{"", "{", "curl closed", "[]", "{}", `{"end":"slept"}`, `{"end":7}`, closed[:len(closed)-1]} {
		var e event.Event
		if err := Parse(&e, msg); err == nil {
			t.Errorf("%q was taken", msg)
		}
		if e.Len() != 0 {
			t.Errorf("%q left %d fields", msg, e.Len())
		}
	}
}

// TestParse_OddValues: what another program wrote on the topic is left out where it cannot be.
func TestParse_OddValues(t *testing.T) {
	for _, tc := range []struct{ name, old, new, path, want string }{
		{"a port", `"port":443`, `"port":70000`, "destination.port", ""},
		{"a negative count", `"sent":80`, `"sent":-1`, "source.bytes", ""},
		{"a count as text", `"sent":80`, `"sent":"80"`, "source.bytes", ""},
		{"sums that overflow", `"sent":80`, `"sent":9223372036854775807`, "network.bytes", "0"},
		{"a name as address", `"ip":"198.51.100.7"`, `"ip":"db-1"`, "destination.domain", "db-1"},
		{"a time", `"start":"2026-11-21T12:00:01Z"`, `"start":"yesterday"`, "event.start", ""},
		{"a start after the end", `"start":"2026-11-21T12:00:01Z"`, `"start":"2027-11-21T12:00:01Z"`, "event.duration", ""},
		{"a year", `"time":"2026-`, `"time":"9999-`, "@timestamp", ""},
		{"states", `"states":[["syn_sent",18000],["established",1900000],["fin_wait1",0],["fin_wait2",82000]]`, `"states":"all"`, "event.outcome", "unknown"},
		{"a state of another protocol", `["fin_wait1",0]`, `["dreaming",5]`, "weir.tcp.states", `["syn_sent","established","dreaming","fin_wait2"]`},
		{"a time in a state", `["fin_wait1",0]`, `["fin_wait1","x"]`, "weir.tcp.time.fin_wait1_us", ""},
		{"arguments", `"args":["curl","-A","a b","https://example.org/"]`, `"args":{}`, "process.args", ""},
	} {
		msg := strings.Replace(closed, tc.old, tc.new, 1)
		if msg == closed {
			t.Fatalf("%s: nothing was replaced", tc.name)
		}
		if got := fields(t, msg)[tc.path]; got != tc.want {
			t.Errorf("%s: %s is %q, want %q", tc.name, tc.path, got, tc.want)
		}
	}
}

func TestProcessName(t *testing.T) {
	for _, tc := range []struct{ comm, exe, want string }{
		{"curl", "/usr/bin/curl", "curl"},
		{"wget", "/bin/busybox", "wget"},
		{"systemd-resolve", "/usr/lib/systemd/systemd-resolved", "systemd-resolved"},
		{"systemd-resolve", "", "systemd-resolve"},
		{"", "/usr/bin/curl", "curl"},
		{"java", "", "java"},
		{"", "", ""},
	} {
		if got := processName(tc.comm, tc.exe); got != tc.want {
			t.Errorf("%s of %s: %q, want %q", tc.comm, tc.exe, got, tc.want)
		}
	}
}

func TestRounded(t *testing.T) {
	for in, want := range map[time.Duration]string{
		0: "0s", 1234 * time.Nanosecond: "1µs", 123456 * time.Nanosecond: "123µs", 4188123 * time.Nanosecond: "4.188ms", 61234567 * time.Microsecond: "1m1.235s",
	} {
		if got := rounded(in).String(); got != want {
			t.Errorf("%d: %s, want %s", in, got, want)
		}
	}
}

// FuzzParse holds the parser to this: whatever stands on the topic, the event is JSON, its counts are none below zero, its
// end is one that is known, and text that is no record leaves nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{closed, served, refused, open, "{}", `{"end":"open","states":[[]]}`, `{"end":"closed","local":[],"args":[1,null,{"a":2}],"states":[["established"]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		if err := Parse(&e, msg); err != nil {
			if e.Len() != 0 {
				t.Fatalf("%d fields beside %v", e.Len(), err)
			}
			return
		}
		e.Conform()
		if _, ok := endings[e.Str(event.WeirTcpEnd)]; !ok || e.Str(event.EventAction) == "" || e.Str(event.Message) == "" {
			t.Fatalf("end %q of %q", e.Str(event.WeirTcpEnd), msg)
		}
		for _, field := range []event.Field{event.SourceBytes, event.DestinationBytes, event.NetworkBytes, event.SourcePort, event.EventDuration, event.WeirTcpRetransmits} {
			if e.Get(field).Int() < 0 {
				t.Fatalf("%s is %d", field.Path(), e.Get(field).Int())
			}
		}
		if doc := e.AppendJSON(nil); !json.Valid(doc) {
			t.Fatalf("%s of %q", doc, msg)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var e event.Event
	b.SetBytes(int64(len(closed)))
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if err := Parse(&e, closed); err != nil {
			b.Fatal(err)
		}
	}
}
