package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// wire is a record of the ring before it is bytes, field by field as in tcp.bpf.c.
type wire struct {
	Cookie, Start, End, Cgroup, Sent, Received, Resent uint64
	Spent                                              [8]uint64
	OwnerStart                                         uint64
	PID, TID, PPID, UID                                uint32
	Comm                                               [16]byte
	Netns, Retrans, SegsOut, SegsIn                    uint32
	RTT, RTTVar, MinRTT, Err                           uint32
	Local, Remote                                      [16]byte
	LocalPort, RemotePort, Family, Zero, Flags         uint16
	Path                                               [8]byte
	States                                             uint8
	Pad                                                [5]byte
}

func (w wire) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, w); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sample is the record of a client that got an answer and closed.
func sample() wire {
	w := wire{
		Cookie: 7, Start: 1_000, End: 9_000, Cgroup: 25, Sent: 80, Received: 205, Resent: 3,
		Spent:      [8]uint64{100, 7_000, 500, 400},
		OwnerStart: 77, PID: 4073, TID: 4074, PPID: 1, UID: 1000,
		Netns: 4026531833, Retrans: 2, SegsOut: 7, SegsIn: 4, RTT: 22, RTTVar: 9, MinRTT: 5,
		LocalPort: 37868, RemotePort: 443, Family: 2, Flags: uint16(Outbound | Owned | FINReceived),
		Path: [8]byte{2, 1, 4, 5}, States: 4,
	}
	copy(w.Comm[:], "curl")
	copy(w.Local[:], []byte{192, 0, 2, 1})
	copy(w.Remote[:], []byte{198, 51, 100, 7})
	return w
}

func TestDecode(t *testing.T) {
	var c Conn
	if err := c.Decode(sample().bytes(t)); err != nil {
		t.Fatal(err)
	}
	want := Conn{
		Cookie: 7, Start: 1_000, End: 9_000, Cgroup: 25, Sent: 80, Received: 205, Resent: 3,
		Owner: Owner{Start: 77, PID: 4073, TID: 4074, PPID: 1, UID: 1000, Comm: "curl"},
		Netns: 4026531833, Retransmits: 2, SegsOut: 7, SegsIn: 4, RTT: 22, RTTVar: 9, MinRTT: 5,
		Local: netip.MustParseAddrPort("192.0.2.1:37868"), Remote: netip.MustParseAddrPort("198.51.100.7:443"),
		Flags: Outbound | Owned | FINReceived,
	}
	want.Set(Step{SynSent, 100}, Step{1, 7_000}, Step{4, 500}, Step{FinWait2, 400})
	if c != want {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestDecodeCases(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*wire)
		check  func(*Conn) bool
	}{
		{"a listener for both families has IPv4 in IPv6", func(w *wire) {
			w.Family = 10
			w.Remote = [16]byte{10: 0xff, 11: 0xff, 12: 192, 13: 0, 14: 2, 15: 9}
		}, func(c *Conn) bool { return c.Remote == netip.MustParseAddrPort("192.0.2.9:443") }},
		{"IPv6", func(w *wire) {
			w.Family, w.Local = 10, netip.MustParseAddr("2001:db8::1").As16()
		}, func(c *Conn) bool { return c.Local == netip.MustParseAddrPort("[2001:db8::1]:37868") }},
		{"no round trip was measured", func(w *wire) { w.RTT, w.RTTVar, w.MinRTT = 0, 250_000, 4294967295 },
			func(c *Conn) bool { return c.RTT == 0 && c.RTTVar == 0 && c.MinRTT == 0 }},
		{"a name of 15 bytes", func(w *wire) { copy(w.Comm[:], "abcdefghijklmno") }, func(c *Conn) bool { return c.Owner.Comm == "abcdefghijklmno" }},
		{"a name without an end", func(w *wire) { copy(w.Comm[:], "abcdefghijklmnop") }, func(c *Conn) bool { return c.Owner.Comm == "abcdefghijklmnop" }},
		{"more states than there is room for", func(w *wire) { w.States = 200 }, func(c *Conn) bool { return len(c.Steps()) == 8 }},
		{"no state", func(w *wire) { w.States = 0 }, func(c *Conn) bool { return len(c.Steps()) == 0 }},
		{"a time that no machine was up for", func(w *wire) { w.Spent[0] = 1<<64 - 1 }, func(c *Conn) bool { return c.Steps()[0].Spent > 0 }},
	} {
		w := sample()
		tc.change(&w)
		var c Conn
		if err := c.Decode(w.bytes(t)); err != nil || !tc.check(&c) {
			t.Errorf("%s: %+v, %v", tc.name, c, err)
		}
	}
}

func TestDecodeRefusesWhatIsNoRecord(t *testing.T) {
	good := sample().bytes(t)
	odd := sample()
	odd.Family = 1
	for name, b := range map[string][]byte{"nothing": nil, "short": good[:len(good)-1], "long": append(slices.Clone(good), 0)} {
		if err := new(Conn).Decode(b); !errors.Is(err, errSize) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := new(Conn).Decode(odd.bytes(t)); err == nil || !strings.Contains(err.Error(), "family 1") {
		t.Errorf("a Unix socket: %v", err)
	}
}

// TestDecodeLeavesNothingOfTheOneBefore: one Conn serves for all records.
func TestDecodeLeavesNothingOfTheOneBefore(t *testing.T) {
	var again, fresh Conn
	if err := again.Decode(sample().bytes(t)); err != nil {
		t.Fatal(err)
	}
	next := wire{Family: 2, States: 1, Path: [8]byte{2}}
	if err := errors.Join(again.Decode(next.bytes(t)), fresh.Decode(next.bytes(t))); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Steps(), fresh.Steps()) {
		t.Errorf("states %v", again.Steps())
	}
	again.Set()
	fresh.Set()
	again.steps, fresh.steps = [8]Step{}, [8]Step{}
	if again != fresh {
		t.Errorf("got  %+v\nwant %+v", again, fresh)
	}
}

func TestStateNames(t *testing.T) {
	for s, want := range map[State]string{0: "unknown", 1: "established", SynSent: "syn_sent", SynRecv: "syn_recv", FinWait2: "fin_wait2", 8: "close_wait", LastAck: "last_ack", Closing: "closing", 12: "unknown", 255: "unknown"} {
		if got := s.String(); got != want {
			t.Errorf("%d: %s, want %s", s, got, want)
		}
	}
}

// FuzzDecode holds the decoder to this: a record has one size; what is read of it has addresses of one of two families,
// no mapped ones, at most eight states, and no time that runs backwards.
func FuzzDecode(f *testing.F) {
	f.Add(sample().bytes(f))
	v6 := sample()
	v6.Family = 10
	f.Add(v6.bytes(f))
	f.Add([]byte{})
	f.Add(make([]byte, recordSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Conn
		before := slices.Clone(b)
		if err := c.Decode(b); err != nil {
			if len(b) == recordSize && !errors.Is(err, errors.ErrUnsupported) {
				t.Fatalf("a whole record: %v", err)
			}
			return
		}
		if len(b) != recordSize || !bytes.Equal(b, before) {
			t.Fatalf("%d bytes were taken, or changed", len(b))
		}
		if !c.Local.IsValid() || !c.Remote.IsValid() || c.Local.Addr().Is4In6() || c.Remote.Addr().Is4In6() {
			t.Fatalf("ends %v and %v", c.Local, c.Remote)
		}
		if len(c.Steps()) > maxSteps || len(c.Owner.Comm) > 16 || strings.Contains(c.Owner.Comm, "\x00") || c.MinRTT == noRTT {
			t.Fatalf("%+v", c)
		}
		for _, s := range c.Steps() {
			if s.Spent < 0 || s.Spent > 1<<62 || s.State.String() == "" {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	rec := sample().bytes(b)
	var c Conn
	b.SetBytes(int64(len(rec)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Decode(rec); err != nil {
			b.Fatal(err)
		}
	}
}
