package syslog

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/record"
	"weir/internal/testkit"
)

func TestUDP_Datagrams(t *testing.T) {
	cfg := local()
	cfg.MaxRecord = 1024
	cfg.Sockets = 1 // order
	r := start(t, cfg)
	c := r.dial(t, "udp")
	long := strings.Repeat("x", 2000)
	for _, d := range []string{"<13>a", "<13>b\n", "<13>c\r\n\x00", "", "\n", "\x00\x00", "<13>d\ne\n<13>f", long, long[:1024] + "\n", "<13>\xff\x00z"} {
		write(t, c, d)
	}
	r.wantValues(t, "udp", "<13>a", "<13>b", "<13>c", "<13>d\ne\n<13>f", long[:1024], long[:1024], "<13>\xff\x00z")
	if got := r.Counts(); got.Empty != 3 || got.Truncated != 1 {
		t.Errorf("%+v", got)
	}
	r.door.mu.Lock()
	defer r.door.mu.Unlock()
	for i, rec := range r.door.recs {
		if tagged := slices.Equal(rec.Tags, []string{record.TagTruncated}); tagged != (i == 4) || rec.Peer.String() != c.LocalAddr().String() {
			t.Errorf("record %d: tags %q, peer %s", i, rec.Tags, rec.Peer)
		}
	}
	if s := r.Stats(); len(s) != 1 || s[0].Packets != 10 || s[0].Addr.String() != r.addr("udp") || s[0].Asked != 1<<20 || s[0].Granted < 1<<16 {
		t.Errorf("%+v", s)
	}
}

func TestUDP_LargestDatagram(t *testing.T) {
	r := start(t, local())
	big := "<13>" + strings.Repeat("y", 65507-4)
	write(t, r.dial(t, "udp"), big)
	r.wantValues(t, "udp", big)
	if raw := r.door.find(big); len(raw.Tags) > 0 {
		t.Errorf("tags %q", raw.Tags)
	}
}

func TestUDP_IPv6(t *testing.T) {
	cfg := local()
	cfg.Listen = "[::]:0"
	s, err := New(cfg, Options{Log: start(t, local()).Source.opts.Log, Counter: newCounts(), Dir: t.TempDir()})
	if err != nil {
		testkit.Skip(t, "machine", "no IPv6 here: "+err.Error())
	}
	s.Close()
	r := start(t, cfg)
	port := netip.MustParseAddrPort(r.addr("udp")).Port()
	for _, to := range []string{"::1", "127.0.0.1"} {
		c, err := net.Dial("udp", net.JoinHostPort(to, strconv.Itoa(int(port))))
		if err != nil {
			testkit.Skip(t, "machine", "no IPv6 here: "+err.Error())
		}
		defer c.Close()
		write(t, c, "<13>from "+to)
		eventually(t, to, func() bool { return r.door.find("<13>from "+to) != nil })
		if raw := r.door.find("<13>from " + to); raw.Peer.Addr().String() != to {
			t.Errorf("peer %s, want %s", raw.Peer, to)
		}
	}
}

// TestUDP_DropsAreCounted lets the kernel drop: what was sent is what came and what was counted, and the kernel's own
// table says the same.
func TestUDP_DropsAreCounted(t *testing.T) {
	cfg := local()
	cfg.ReceiveBuffer = 16 << 10
	r := start(t, cfg)
	block := make(chan struct{})
	r.door.set(func(d *frontDoor) { d.block = block })
	const n = 3000
	c := r.dial(t, "udp")
	for i := range n {
		fmt.Fprintf(c, "<13>number %d", i)
	}
	close(block)
	dropped := func() int { return r.counts.get(func(c *counts) int { return c.kernel }) }
	eventually(t, "every datagram is accounted for", func() bool { return len(r.door.values("udp"))+dropped() == n })
	if dropped() == 0 {
		t.Fatal("nothing was dropped: the test tests nothing")
	}
	stats := uint64(0)
	for _, s := range r.Stats() {
		stats += s.Drops
	}
	if want := procDrops(t, r.Listening()[0].Addr.Port()); stats != want || dropped() != int(want) {
		t.Errorf("counted %d, in the sockets %d, /proc/net/udp says %d", dropped(), stats, want)
	}
}

// procDrops adds up the last column of /proc/net/udp for a port.
func procDrops(t *testing.T, port uint16) (sum uint64) {
	t.Helper()
	f, err := os.Open("/proc/net/udp")
	if err != nil {
		testkit.Skip(t, "machine", "no /proc/net/udp")
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 13 || !strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			continue
		}
		d, err := strconv.ParseUint(fields[len(fields)-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += d
	}
	return sum
}

func TestSawDrops(t *testing.T) {
	c := newCounts()
	var u udpSocket
	for _, n := range []uint32{5, 3, 5, 9, 1<<32 - 1} { // late news, no news, news; the last is older by one round
		u.sawDrops(n, c)
	}
	if c.kernel != 9 || u.dropped.Load() != 9 {
		t.Errorf("%d, %d", c.kernel, u.dropped.Load())
	}
	u.seen.Store(1<<32 - 2)
	u.sawDrops(3, c) // the kernel's number has wrapped
	if c.kernel != 14 {
		t.Errorf("%d after the wrap", c.kernel)
	}
}

func TestUDP_Rate(t *testing.T) {
	cfg := local()
	cfg.Limit = 5
	r, began := start(t, cfg), time.Now()
	c := r.dial(t, "udp")
	for range 100 {
		write(t, c, "<13>x")
	}
	eventually(t, "all are read", func() bool { return r.counts.get(func(c *counts) int { return c.received["syslog/127.0.0.1"] }) == 100 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	most := 5 * (2 + int(time.Since(began).Seconds())) // those of the first second, and of each one that has begun since
	refused := r.counts.get(func(c *counts) int { return c.refused["syslog/127.0.0.1 rate"] })
	if kept := len(r.door.values("udp")); kept+refused != 100 || kept < 5 || kept > most {
		t.Errorf("%d kept of %d at the most, %d refused", kept, most, refused)
	}
}

func TestUDP_StopReadsWhatIsThere(t *testing.T) {
	for range 5 {
		began := time.Now()
		got, want := stopped(t)
		if got == want {
			return
		}
		// A stop reads on for a while and no longer: one that was as long in itself, on a machine that stood still, shows nothing.
		if time.Since(began) < drainTime {
			t.Fatalf("%d of %d", got, want)
		}
	}
	t.Error("however often it is stopped, what is there is not read")
}

// stopped stops a source whose socket is full, and returns how many datagrams came or were dropped, and how many were sent.
func stopped(t *testing.T) (came, sent int) {
	t.Helper()
	cfg := local()
	cfg.Sockets = 1
	r := start(t, cfg)
	block := make(chan struct{})
	r.door.set(func(d *frontDoor) { d.block = block })
	c := r.dial(t, "udp")
	const n = 1500
	for i := range n {
		fmt.Fprintf(c, "<13>%d", i)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	close(block)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return len(r.door.values("udp")) + r.counts.get(func(c *counts) int { return c.kernel }), n
}

// TestUDP_RealCaptures sends the payloads of real captures and expects them byte for byte, but for ends of line.
func TestUDP_RealCaptures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "syslog", "pcap", "*.pcap"))
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	cfg := local()
	cfg.Sockets = 1
	r := start(t, cfg)
	c := r.dial(t, "udp")
	var want []string
	for _, f := range files {
		for _, p := range udpPayloads(t, f) {
			write(t, c, p)
			if p = strings.TrimRight(p, "\r\n\x00"); p != "" {
				want = append(want, p)
			}
		}
	}
	if len(want) < 20 {
		t.Fatalf("only %d payloads", len(want))
	}
	r.wantValues(t, "udp", want...)
}

// udpPayloads returns the UDP payloads of an Ethernet capture.
func udpPayloads(t *testing.T, file string) (out []string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	order := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 | int(b[3])<<24 }
	if len(b) < 24 || b[0] == 0xa1 {
		t.Fatal(file, errors.New("not a little-endian capture"))
	}
	for b = b[24:]; len(b) >= 16; {
		size := order(b[8:])
		p := b[16 : 16+size]
		b = b[16+size:]
		for len(p) > 18 && p[12] == 0x81 && p[13] == 0 { // VLAN
			p = append(slices.Clone(p[:12]), p[16:]...)
		}
		if len(p) < 42 || p[12] != 8 || p[13] != 0 || p[23] != 17 {
			continue
		}
		udp := p[14+int(p[14]&15)*4:]
		if n := int(udp[4])<<8 | int(udp[5]); n >= 8 && n <= len(udp) {
			out = append(out, string(udp[8:n]))
		}
	}
	return out
}
