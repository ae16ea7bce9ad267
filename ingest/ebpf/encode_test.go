package ebpf

import (
	"encoding/json"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"weir/bpf"
)

// fullConn is a connection of which everything is known.
func fullConn() *bpf.Conn {
	c := &bpf.Conn{
		Cookie: 7, Start: 1_000_000_000, End: 3_000_000_500, Cgroup: 25, Sent: 80, Received: 205, Resent: 3,
		Owner: bpf.Owner{Start: 500_000_000, PID: 4073, TID: 4074, PPID: 1, UID: 1000, Comm: "curl"},
		Netns: 4026531833, Retransmits: 2, SegsOut: 7, SegsIn: 4, RTT: 22_000, RTTVar: 9_000, MinRTT: 18_000,
		Local: netip.MustParseAddrPort("192.0.2.1:37868"), Remote: netip.MustParseAddrPort("[2001:db8::7]:443"),
		Flags: bpf.Outbound | bpf.Owned | bpf.FINReceived,
	}
	c.Set(bpf.Step{State: bpf.SynSent, Spent: 18 * time.Millisecond}, bpf.Step{State: 1, Spent: 1900 * time.Millisecond}, bpf.Step{State: 4}, bpf.Step{State: bpf.FinWait2, Spent: 82_000_500})
	return c
}

var (
	curl = &process{exe: "/usr/bin/curl", args: []string{"curl", "-s", "https://example.org/"}, container: strings.Repeat("ab", 32)}
	// noon is a clock for which the machine was started at noon.
	noon = clock{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()}
)

const fullJSON = `{"end":"closed","direction":"outbound","local":{"ip":"192.0.2.1","port":37868},"remote":{"ip":"2001:db8::7","port":443},` +
	`"start":"2026-11-21T12:00:01Z","time":"2026-11-21T12:00:03.0000005Z",` +
	`"states":[["syn_sent",18000],["established",1900000],["fin_wait1",0],["fin_wait2",82000]],` +
	`"sent":80,"received":205,"segments_out":7,"segments_in":4,"retransmits":2,"resent":3,"rtt_us":22000,"rtt_var_us":9000,"rtt_min_us":18000,` +
	`"pid":4073,"tid":4074,"ppid":1,"uid":1000,"comm":"curl","process_start":"2026-11-21T12:00:00.5Z",` +
	`"exe":"/usr/bin/curl","args":["curl","-s","https://example.org/"],"container":"abababababababababababababababababababababababababababababababab",` +
	`"cookie":7,"netns":4026531833,"cgroup":25}`

// TestAppendConn holds the record to its text: it is what other programs read on the topic.
func TestAppendConn(t *testing.T) {
	if got := string(appendConn(nil, fullConn(), curl, noon)); got != fullJSON {
		t.Errorf("got\n%s\nwant\n%s", got, fullJSON)
	}
}

func TestAppendConnLeavesOutWhatIsNotKnown(t *testing.T) {
	c := &bpf.Conn{End: 1, Flags: bpf.Inbound | bpf.OpenBefore, Local: netip.MustParseAddrPort("192.0.2.1:1"), Remote: netip.MustParseAddrPort("192.0.2.2:2"), Err: uint32(syscall.ECONNRESET)}
	want := `{"end":"reset","direction":"inbound","local":{"ip":"192.0.2.1","port":1},"remote":{"ip":"192.0.2.2","port":2},"time":"2026-11-21T12:00:00.000000001Z",` +
		`"sent":0,"received":0,"segments_out":0,"segments_in":0,"retransmits":0,"resent":0,"reset_by":"remote","error":"ECONNRESET","errno":104,"partial":true}`
	if got := string(appendConn(nil, c, nil, noon)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAppendConnMarksAListener(t *testing.T) {
	c := fullConn()
	c.Flags = bpf.Inbound
	got := string(appendConn(nil, c, &process{}, noon))
	if !strings.Contains(got, `"listener":true`) || strings.Contains(got, `"exe"`) || strings.Contains(got, `"args"`) {
		t.Error(got)
	}
}

// TestAppendConnAppends: several records share one piece of memory.
func TestAppendConnAppends(t *testing.T) {
	b := appendConn([]byte("{}"), fullConn(), curl, noon)
	b = appendConn(b, fullConn(), curl, noon)
	if string(b) != "{}"+fullJSON+fullJSON {
		t.Errorf("%s", b)
	}
}

// FuzzAppendConn holds records to this: whatever names and arguments a process gives itself, the record is one JSON object
// in UTF-8 that says the same.
func FuzzAppendConn(f *testing.F) {
	f.Add("curl", "/usr/bin/curl", "a b", uint16(1))
	f.Add("x\"}", "/tmp/\x1b[31m", "\xff\xfe", uint16(0xffff))
	f.Add("\x00", "", "\u2028", uint16(0))
	f.Fuzz(func(t *testing.T, comm, exe, arg string, flags uint16) {
		c := fullConn()
		c.Owner.Comm, c.Flags = comm, bpf.Flags(flags)
		b := appendConn(nil, c, &process{exe: exe, args: []string{arg, exe}}, noon)
		var got struct {
			Comm, Exe string
			Args      []string
			Sent      uint64
			PID       uint32
			Cgroup    uint64
		}
		if err := json.Unmarshal(b, &got); err != nil || !utf8.Valid(b) {
			t.Fatalf("%v in %q", err, b)
		}
		if got.Sent != c.Sent || got.PID != c.Owner.PID || got.Cgroup != c.Cgroup || len(got.Args) != 2 {
			t.Fatalf("%+v of %q", got, b)
		}
		if utf8.ValidString(comm) && got.Comm != comm || utf8.ValidString(exe) && got.Exe != exe || utf8.ValidString(arg) && got.Args[0] != arg {
			t.Fatalf("%+v of %q %q %q", got, comm, exe, arg)
		}
	})
}

func BenchmarkAppendConn(b *testing.B) {
	c := fullConn()
	buf := appendConn(nil, c, curl, noon)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = appendConn(buf[:0], c, curl, noon)
	}
}
