package syslog

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/bind"
	"weir/ingest/syslog/frame"
	"weir/internal/record"
	"weir/internal/testkit/relpclient"
)

const benchLine = "<134>1 2024-05-06T07:08:09.123Z fw-1 asa 812 ID47 - %ASA-6-302013: Built outbound TCP connection 112233 for outside:203.0.113.5/443"

// sink takes everything at once and counts.
type sink struct {
	records atomic.Int64
	reached chan struct{}
	want    int64
}

func (s *sink) emit(_ context.Context, batch []record.Raw, done func(error)) error {
	n := int64(len(batch))
	if done != nil {
		done(nil)
	}
	if now := s.records.Add(n); now >= s.want && now-n < s.want {
		close(s.reached)
	}
	return nil
}

type noCounts struct{}

func (noCounts) Received(string, int, int)       {}
func (noCounts) Refused(string, string, int)     {}
func (noCounts) KernelDrops(input string, n int) {}

func benchSource(b *testing.B) (*Source, *sink) {
	b.Helper()
	s, err := New(local(), Options{Log: slog.New(slog.DiscardHandler), Counter: noCounts{}, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	to := &sink{reached: make(chan struct{}), want: int64(b.N)}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Run(ctx, to.emit); err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return s, to
}

// BenchmarkTCP is one record over the loopback, sending included.
func BenchmarkTCP(b *testing.B) {
	for _, bb := range []struct{ name, record string }{{"lf", benchLine + "\n"}, {"counted", fmt.Sprintf("%d %s", len(benchLine), benchLine)}} {
		b.Run(bb.name, func(b *testing.B) {
			s, to := benchSource(b)
			c, err := net.Dial("tcp", s.Listening()[1].Addr.String())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			const chunk = 512
			data := bytes.Repeat([]byte(bb.record), chunk)
			b.SetBytes(int64(len(bb.record)))
			b.ReportAllocs()
			b.ResetTimer()
			for left := b.N; left > 0; left -= chunk {
				if _, err := c.Write(data[:min(left, chunk)*len(bb.record)]); err != nil {
					b.Fatal(err)
				}
			}
			<-to.reached
		})
	}
}

// BenchmarkRELP is one record over the loopback until its answer is back, with our test client.
func BenchmarkRELP(b *testing.B) {
	s, to := benchSource(b)
	c, err := relpclient.Dial(b.Context(), s.Listening()[3].Addr.String(), 1000)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := c.Send(b.Context(), i, []byte(benchLine)); err != nil {
			b.Fatal(err)
		}
	}
	<-to.reached
	b.StopTimer()
	if err := c.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUDP is the path of one datagram from the kernel to the front door; sending is not timed.
func BenchmarkUDP(b *testing.B) {
	socks, err := bind.UDPs(bind.Place{Name: "syslog udp", Network: "udp", Address: "127.0.0.1:0"}, 1, 4<<20)
	if err != nil {
		b.Fatal(err)
	}
	u := newUDPSocket(socks[0], 4<<20)
	defer u.conn.Close()
	in, err := newReceiver(u.conn)
	if err != nil {
		b.Fatal(err)
	}
	defer in.close()
	cfg := local()
	to := &sink{want: -1}
	s := &Source{cfg: cfg, opts: Options{Counter: noCounts{}}, pool: arena.NewPool(arena.DefaultBudget)}
	d := &datagrams{Source: s, u: u, emit: to.emit, in: in, out: s.pool.NewWriter(), names: map[netip.Addr]string{}}
	c, err := net.Dial("udp", u.addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	line := []byte(benchLine)
	b.ReportAllocs()
	b.ResetTimer()
	for got := 0; got < b.N; {
		b.StopTimer()
		for range batchDatagrams {
			if _, err := c.Write(line); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		n, err := in.wait()
		if err != nil || !d.handOver(b.Context(), n) {
			b.Fatal(n, err)
		}
		got += n
	}
}

// BenchmarkDeliver is the path of one record of a stream behind the socket: framing, stamping, handing over.
func BenchmarkDeliver(b *testing.B) {
	s := &Source{cfg: local(), opts: Options{Counter: noCounts{}}, pool: arena.NewPool(arena.DefaultBudget)}
	to := &sink{want: -1}
	framer := frame.New(64 << 10)
	l := &lines{Source: s, c: &conn{source: "syslog/192.0.2.1"}, emit: to.emit, framer: framer, reader: s.pool.NewReader(framer.Room())}
	data := bytes.Repeat([]byte(benchLine+"\n"), 400)
	src := bytes.NewReader(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(data)
		for src.Len() > 0 {
			if _, err := l.reader.Fill(src); err != nil || !l.handOver(b.Context(), time.Time{}, false) {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/400, "ns/record")
}
