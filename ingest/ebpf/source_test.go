package ebpf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/bpf"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/record"
	"weir/internal/testkit"
)

// counts is a Counter that remembers.
type counts struct {
	mu              sync.Mutex
	records, bytes  int
	drops           int
	sources, inputs map[string]bool
}

func newCounts() *counts {
	return &counts{sources: map[string]bool{}, inputs: map[string]bool{}}
}

func (c *counts) Received(source string, records, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records, c.bytes = c.records+records, c.bytes+bytes
	c.sources[source] = true
}

func (c *counts) Refused(string, string, int) {}

func (c *counts) KernelDrops(input string, records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops += records
	c.inputs[input] = true
}

// door is a front door that keeps what it gets and answers when it is told to.
type door struct {
	mu      sync.Mutex
	values  []string
	raws    []record.Raw
	waiting []func(error)
	hold    bool  // answers wait for answer
	err     error // of Emit
}

func (d *door) emit(_ context.Context, batch []record.Raw, done func(error)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	for _, r := range batch {
		d.values = append(d.values, string(r.Value)) // the memory is ours only until done
		r.Value = nil
		d.raws = append(d.raws, r)
	}
	if d.hold {
		d.waiting = append(d.waiting, done)
		return nil
	}
	go done(nil)
	return nil
}

func (d *door) answer() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = false
	for _, done := range d.waiting {
		go done(nil)
	}
	d.waiting = nil
}

func (d *door) has() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.values)
}

// fakeKernel is a ring of connections that are there already.
type fakeKernel struct {
	mu       sync.Mutex
	ring     []bpf.Conn
	late     []bpf.Conn // come into the ring when the programs are taken out
	counts   bpf.Counts
	bad      int // so many records cannot be read
	err      error
	reports  []uint64
	detached bool
	closed   int
}

func (k *fakeKernel) Next(c *bpf.Conn, deadline time.Time) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return false, k.err
	}
	if k.bad > 0 {
		k.bad--
		return true, errors.New("odd")
	}
	if len(k.ring) == 0 {
		if wait := time.Until(deadline); wait > 0 {
			k.mu.Unlock()
			time.Sleep(min(wait, time.Millisecond))
			k.mu.Lock()
		}
		return false, nil
	}
	*c, k.ring = k.ring[0], k.ring[1:]
	return true, nil
}

func (k *fakeKernel) Rest(c *bpf.Conn) (bool, error) { return k.Next(c, time.Unix(1, 0)) }

func (k *fakeKernel) Reports(before uint64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reports = append(k.reports, before)
	return errors.New("no iterator")
}

func (k *fakeKernel) Counts() (bpf.Counts, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.counts, nil
}

func (k *fakeKernel) Exec(uint32) (bpf.Exec, bool) { return bpf.Exec{}, false }

func (k *fakeKernel) Detach() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ring = append(k.ring, k.late...)
	k.counts.Lost += uint64(len(k.late))
	k.late, k.detached = nil, true
}

func (k *fakeKernel) Close() { k.closed++ }

// source makes one on a kernel of ours, which may be nil.
func source(k *fakeKernel, cfg config.EBPF, c *counts, log *bytes.Buffer) *Source {
	s := &Source{cfg: cfg, opts: Options{Counter: c, Config: "inputs.ebpf"}, log: slog.New(slog.NewTextHandler(log, nil)), host: "web-1"}
	s.opts.Log = s.log
	s.pool.New = func() any { return new(batch) }
	if k != nil {
		s.kernel = k
	}
	return s
}

// run runs a source until until holds, and stops it.
func run(t *testing.T, s *Source, d *door, until func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, d.emit) }()
	for give := time.Now().Add(time.Minute); !until(); time.Sleep(time.Millisecond) {
		if time.Now().After(give) {
			cancel()
			t.Fatal("it does not come")
		}
	}
	cancel()
	d.answer()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// conns makes n different connections.
func conns(n, from int) []bpf.Conn {
	out := make([]bpf.Conn, n)
	for i := range out {
		out[i] = *fullConn()
		out[i].Cookie = uint64(from + i)
	}
	return out
}

// TestRunWaitsForTheFrontDoor: what was read is acknowledged before Run returns.
func TestRunWaitsForTheFrontDoor(t *testing.T) {
	k := &fakeKernel{ring: conns(3, 1)}
	d := &door{hold: true}
	s := source(k, config.EBPF{}, newCounts(), new(bytes.Buffer))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, d.emit) }()
	for d.has() < 3 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	d.answer()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// TestRunOutlivesItsRing: a ring that cannot be read is said, and is no reason to stop the rest of weir.
func TestRunOutlivesItsRing(t *testing.T) {
	k := &fakeKernel{err: errors.New("epoll is gone")}
	log := &safeBuffer{}
	s := source(k, config.EBPF{}, newCounts(), new(bytes.Buffer))
	s.log = slog.New(slog.NewTextHandler(log, nil))
	run(t, s, &door{}, func() bool { return strings.Contains(log.String(), "epoll is gone") })
	if k.closed != 1 {
		t.Error("not closed")
	}
}

// safeBuffer is read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestRunAsksForReports: with the age that the configuration says, and on when one question fails.
func TestRunAsksForReports(t *testing.T) {
	k := &fakeKernel{}
	log := &safeBuffer{}
	s := source(k, config.EBPF{Report: unit.Duration(time.Millisecond)}, newCounts(), new(bytes.Buffer))
	s.log = slog.New(slog.NewTextHandler(log, nil))
	run(t, s, &door{}, func() bool { k.mu.Lock(); defer k.mu.Unlock(); return len(k.reports) > 1 })
	if k.reports[0] == 0 || int64(k.reports[0]) > bootNow() || k.reports[1] <= k.reports[0] {
		t.Errorf("asked for what is before %v", k.reports)
	}
	if n := strings.Count(log.String(), "no iterator"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log)
	}
}

// TestRunWithoutAKernel: it waits for the end, so that the rest of weir runs.
func TestRunWithoutAKernel(t *testing.T) {
	s := source(nil, config.EBPF{}, newCounts(), new(bytes.Buffer))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, (&door{}).emit) }()
	select {
	case err := <-ended:
		t.Fatalf("ended: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// TestAnnounce: what is watched, each hook that is missing and what that means, and pids that are not those of /proc.
func TestAnnounce(t *testing.T) {
	log := new(bytes.Buffer)
	s := source(nil, config.EBPF{}, newCounts(), log)
	s.announce([]bpf.Hook{{Name: "inet_sock_set_state"}, {Name: "sock_send_length", Without: "a guess", Err: errors.New("no type (MEMLOCK may be too low)")}}, os.Getpid())
	text := log.String()
	for _, part := range []string{"hooks=1", "hook=sock_send_length", `effect="a guess"`, `err="no type"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	if strings.Count(text, "\n") != 2 || strings.Contains(text, "MEMLOCK") {
		t.Errorf("%s", text)
	}
	log.Reset()
	if s.announce(nil, 1<<22+1); !strings.Contains(log.String(), "hostPID") {
		t.Errorf("%s", log)
	}
}

func TestPorts(t *testing.T) {
	if got := fmt.Sprint(ports([]string{"22", "65535", "x", "70000"})); got != "[22 65535]" {
		t.Error(got)
	}
	if hostname() == "" {
		t.Error("no name")
	}
}

// TestNew: on a machine that lets us, a real connection becomes a record; on any other, a warning.
func TestNew(t *testing.T) {
	log := new(bytes.Buffer)
	s, err := New(config.EBPF{Ring: 1 << 20, Connections: 4096, Own: true}, Options{Log: slog.New(slog.NewTextHandler(log, nil)), Counter: newCounts()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.kernel == nil {
		if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "the eBPF input is off") {
			t.Fatalf("nothing says that it is off:\n%s", text)
		}
		testkit.Skip(t, "ebpf", "CAP_BPF, CAP_PERFMON (run as root) and BTF: "+log.String())
	}
	if !strings.Contains(log.String(), "recording TCP connections") {
		t.Error(log)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	a.Close()
	l.Close()
	d := &door{}
	var found []string
	mark := fmt.Sprintf(`"port":%d}`, l.Addr().(*net.TCPAddr).Port)
	run(t, s, d, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		found = found[:0]
		for _, v := range d.values {
			if strings.Contains(v, mark) {
				found = append(found, v)
			}
		}
		return len(found) == 2
	})
	for _, text := range found {
		var got struct {
			PID       int
			Exe       string
			Args      []string
			Time      time.Time
			Direction string
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if exe, _ := os.Executable(); got.PID != os.Getpid() || got.Exe != exe || len(got.Args) != min(len(os.Args), maxArgs) || got.Direction == "" {
			t.Errorf("%+v of %s", got, text)
		}
		if age := time.Since(got.Time); age < -time.Second || age > time.Minute {
			t.Errorf("ended %v ago", age)
		}
	}
}
