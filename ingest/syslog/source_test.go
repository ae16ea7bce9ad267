package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/ingest"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit"
	"weir/internal/testkit/relpclient"
)

// frontDoor takes batches over as the real one does: done comes from another goroutine, and the values are not looked
// at after it. It copies what it got, so that memory used again too early shows.
type frontDoor struct {
	mu     sync.Mutex
	recs   []record.Raw
	hold   bool // keep what comes until release
	held   []func()
	refuse error         // what Emit returns
	fail   error         // what done gets
	block  chan struct{} // Emit waits for it
	delay  time.Duration // before done
	tail   chan struct{} // closed when the newest batch is done
	wg     sync.WaitGroup
}

func (d *frontDoor) emit(ctx context.Context, batch []record.Raw, done func(error)) error {
	d.mu.Lock()
	block, refuse, fail, hold, delay := d.block, d.refuse, d.fail, d.hold, d.delay
	d.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ingest.ErrRefused, ctx.Err())
		}
	}
	if refuse != nil {
		return refuse
	}
	take := func() {
		time.Sleep(delay)
		d.mu.Lock()
		for _, r := range batch {
			r.Value = slices.Clone(r.Value)
			if fail == nil {
				d.recs = append(d.recs, r)
			}
		}
		d.mu.Unlock()
		if done != nil {
			done(fail)
		}
	}
	if hold {
		d.mu.Lock()
		d.held = append(d.held, take)
		d.mu.Unlock()
		return nil
	}
	// In order, as the batches of one partition are.
	d.mu.Lock()
	before, mine := d.tail, make(chan struct{})
	d.tail = mine
	d.mu.Unlock()
	d.wg.Go(func() {
		if before != nil {
			<-before
		}
		take()
		close(mine)
	})
	return nil
}

func (d *frontDoor) release() {
	d.mu.Lock()
	held := d.held
	d.held, d.hold = nil, false
	d.mu.Unlock()
	for _, take := range held {
		take()
	}
}

func (d *frontDoor) set(change func(d *frontDoor)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// values returns what came, of one protocol or of all.
func (d *frontDoor) values(proto string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, r := range d.recs {
		if proto == "" || r.Proto == proto {
			out = append(out, string(r.Value))
		}
	}
	return out
}

func (d *frontDoor) find(value string) *record.Raw {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.recs {
		if string(d.recs[i].Value) == value {
			return &d.recs[i]
		}
	}
	return nil
}

// counts is a Counter that can be looked at.
type counts struct {
	mu       sync.Mutex
	received map[string]int
	bytes    int
	refused  map[string]int // source + reason
	kernel   int
}

func newCounts() *counts { return &counts{received: map[string]int{}, refused: map[string]int{}} }

func (c *counts) Received(source string, records, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received[source] += records
	c.bytes += bytes
}

func (c *counts) Refused(source, reason string, records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[source+" "+reason] += records
}

func (c *counts) KernelDrops(input string, records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if input == Input {
		c.kernel += records
	}
}

func (c *counts) get(f func(c *counts) int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f(c)
}

// running is a source under test.
type running struct {
	*Source
	door   *frontDoor
	counts *counts
	log    *logText
	stop   func() error // once; also at the test's end
}

// logText is a log that can be looked at.
type logText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// local is the default configuration on free ports.
func local() config.Syslog {
	cfg := config.Default().Inputs.Syslog
	cfg.Listen, cfg.TLS.Listen, cfg.RELP.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Sockets = 2
	cfg.ReceiveBuffer = 1 << 20
	return cfg
}

func start(t testing.TB, cfg config.Syslog, prepare ...func(*Source)) *running {
	t.Helper()
	r := &running{door: &frontDoor{}, counts: newCounts(), log: &logText{}}
	log := slog.New(slog.NewTextHandler(r.log, nil))
	s, err := New(cfg, Options{Log: log, Counter: r.counts, Dir: filepath.Join(t.TempDir(), "tls")})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(s)
	}
	r.Source = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, r.door.emit) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		r.door.wg.Wait()
		return err
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r
}

// addr returns where a protocol listens.
func (r *running) addr(proto string) string {
	for _, l := range r.Listening() {
		if l.Proto == proto {
			return l.Addr.String()
		}
	}
	return "no " + proto
}

func (r *running) dial(t testing.TB, proto string) net.Conn {
	t.Helper()
	network := "tcp"
	if proto == "udp" {
		network = "udp"
	}
	c, err := net.Dial(network, r.addr(proto))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t testing.TB, c io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what another goroutine or the kernel will make true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func (r *running) wantValues(t testing.TB, proto string, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d records of %s", len(want), proto), func() bool { return len(r.door.values(proto)) >= len(want) })
	if got := r.door.values(proto); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", proto, got, want)
	}
}

func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	// Every goroutine has an owner that waited for it; the runtime needs a moment to notice.
	for end := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before && code == 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines are left over:\n", n-before)
		buf := make([]byte, 1<<16)
		_, _ = os.Stderr.Write(buf[:runtime.Stack(buf, true)])
		code = 1
	}
	os.Exit(code)
}

func TestEveryProtocol(t *testing.T) {
	before := time.Now()
	r := start(t, local())
	protos := []string{}
	for _, l := range r.Listening() {
		protos = append(protos, l.Proto)
		if l.Addr.Port() == 0 || !l.Addr.Addr().IsLoopback() {
			t.Errorf("%s listens on %s", l.Proto, l.Addr)
		}
	}
	if want := []string{"udp", "tcp", "tls", "relp"}; !slices.Equal(protos, want) {
		t.Fatalf("listening: %v, want %v", protos, want)
	}
	peers := map[string]string{}
	for _, proto := range []string{"udp", "tcp"} {
		c := r.dial(t, proto)
		write(t, c, "<13>by "+proto+"\n")
		peers[proto] = c.LocalAddr().String()
	}
	tc := tls.Client(r.dial(t, "tls"), &tls.Config{InsecureSkipVerify: true})
	write(t, tc, "10 <13>by tls")
	peers["tls"] = tc.LocalAddr().String()
	rc, err := relpclient.Dial(t.Context(), r.addr("relp"), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(rc.Send(t.Context(), 0, []byte("<13>by relp")), rc.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, proto := range protos {
		r.wantValues(t, proto, "<13>by "+proto)
		raw := r.door.find("<13>by " + proto)
		if raw.Input != "syslog" || raw.Received.Before(before) || raw.Received.After(time.Now()) || len(raw.Tags) > 0 || raw.TLSName != "" || raw.ID != "" || raw.Key != "" {
			t.Errorf("%s: %+v", proto, raw)
		}
		if want, known := peers[proto]; known && raw.Peer.String() != want {
			t.Errorf("%s: peer %s, want %s", proto, raw.Peer, want)
		}
	}
	if n := r.counts.get(func(c *counts) int { return c.received["syslog/127.0.0.1"] }); n != 4 {
		t.Errorf("%d records counted", n)
	}
	if n := r.counts.get(func(c *counts) int { return c.bytes }); n != 10+10+10+11 {
		t.Errorf("%d bytes counted", n)
	}
}

func TestNew_PortInUse(t *testing.T) {
	for _, proto := range []string{"udp", "tcp", "tls", "relp"} {
		t.Run(proto, func(t *testing.T) {
			cfg := local()
			key := map[string]*string{"udp": &cfg.Listen, "tcp": &cfg.Listen, "tls": &cfg.TLS.Listen, "relp": &cfg.RELP.Listen}[proto]
			*key = testkit.FreePort(t)
			var other io.Closer
			var err error
			if proto == "udp" {
				other, err = net.ListenPacket("udp", *key)
			} else {
				other, err = net.Listen("tcp", *key)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			_, err = New(cfg, Options{Log: slog.New(slog.DiscardHandler), Counter: newCounts(), Dir: t.TempDir()})
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "port-in-use" || fault.Exit(err) != fault.ExitMissing {
				t.Fatalf("%v", err)
			}
			if want := "syslog " + proto + " " + *key; f.Where != want {
				t.Errorf("where %q, want %q", f.Where, want)
			}
		})
	}
}

func TestNew_FailureLeavesNothingOpen(t *testing.T) {
	r := start(t, local())
	cfg := local()
	cfg.RELP.Listen = r.addr("relp")
	cfg.Listen = testkit.FreePort(t)
	if _, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Counter: newCounts(), Dir: t.TempDir()}); err == nil {
		t.Fatal("no error")
	}
	again, err := New(config.Syslog{Listen: cfg.Listen, MaxConnections: 1, Sockets: 1, ReceiveBuffer: 1 << 16, MaxRecord: 1024}, Options{Log: slog.New(slog.DiscardHandler), Counter: newCounts()})
	if err != nil {
		t.Fatalf("what was bound before the failure is still bound: %v", err)
	}
	again.Close()
}

func TestStop_HandsOverWhatWasRead(t *testing.T) {
	r := start(t, local())
	c := r.dial(t, "tcp")
	write(t, c, "<13>whole\n<13>no end yet")
	u := r.dial(t, "udp")
	write(t, u, "<13>datagram")
	r.wantValues(t, "tcp", "<13>whole")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r.wantValues(t, "tcp", "<13>whole", "<13>no end yet")
	r.wantValues(t, "udp", "<13>datagram")
	if _, err := net.Dial("tcp", r.addr("tcp")); err == nil {
		t.Error("still listening after the stop")
	}
}

func TestStop_WaitsForTheFrontDoor(t *testing.T) {
	r := start(t, local())
	r.door.set(func(d *frontDoor) { d.hold = true })
	rc, err := relpclient.Dial(t.Context(), r.addr("relp"), 10)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Abort()
	if err := rc.Send(t.Context(), 0, []byte("<13>slow")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the batch is at the front door", func() bool { r.door.mu.Lock(); defer r.door.mu.Unlock(); return len(r.door.held) == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	select {
	case err := <-stopped:
		t.Errorf("stopped while a batch was not done: %v", err)
	case <-time.After(3 * stopReading):
	}
	r.door.release()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer came in spite of the stop", func() bool { return rc.Report().Acked == 1 })
}

func TestFrontDoorRefuses(t *testing.T) {
	r := start(t, local())
	r.door.set(func(d *frontDoor) { d.refuse = fmt.Errorf("%w: spool full", ingest.ErrRefused) })
	c := r.dial(t, "tcp")
	write(t, c, "<13>lost\n")
	eventually(t, "the refusal is in the log", func() bool { return strings.Contains(r.log.String(), "spool full") })
	r.door.set(func(d *frontDoor) { d.refuse = nil })
	write(t, c, "<13>taken\n")
	r.wantValues(t, "tcp", "<13>taken")
}
