//go:build linux && (amd64 || arm64)

package bpf

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"weir/internal/testkit"
)

// helperEnv turns this test binary into one of the programs that tests watch.
const helperEnv = "WEIR_BPF_TEST_HELPER"

func TestMain(m *testing.M) {
	if role, arg, ok := strings.Cut(os.Getenv(helperEnv), " "); ok {
		os.Exit(helper(role, arg))
	}
	os.Exit(m.Run())
}

// helper is the program: connect says a word and ends at once; serve answers one connection on the socket it inherits.
func helper(role, arg string) int {
	switch role {
	case "connect":
		c, err := net.Dial("tcp", arg)
		if err != nil {
			return 1
		}
		_, err = c.Write([]byte("bye"))
		if err != nil {
			return 1
		}
	case "open": // with the rights that this process was given
		tr, err := Open(Options{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		for _, h := range tr.Hooks() {
			if h.Err != nil {
				fmt.Fprintln(os.Stderr, h.Name, h.Err)
				return 1
			}
		}
		tr.Close()
	case "serve":
		l, err := net.FileListener(os.NewFile(3, "listener"))
		if err != nil {
			return 1
		}
		c, err := l.Accept()
		if err != nil {
			return 1
		}
		_, _ = io.Copy(c, c) // until the client is done
		_ = c.Close()
	}
	return 0
}

// start starts the helper.
func start(t *testing.T, role, arg string, files ...*os.File) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-its=argument")
	cmd.Env = append(os.Environ(), helperEnv+"="+role+" "+arg)
	cmd.ExtraFiles = files
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// watch opens a tracer, or skips where this machine does not let us.
func watch(t testing.TB, o Options) *Tracer {
	t.Helper()
	tr, err := Open(o)
	if errors.Is(err, ErrNotPermitted) || errors.Is(err, ErrNoBTF) {
		testkit.Skip(t, "ebpf", fmt.Sprintf("CAP_BPF, CAP_PERFMON (run as root) and BTF: %v", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

// watcher opens a tracer that sees this process too, with every hook.
func watcher(t testing.TB) *Tracer {
	t.Helper()
	tr := watch(t, Options{Own: true, Ring: 1 << 20})
	for _, h := range tr.Hooks() {
		if h.Err != nil {
			t.Errorf("%s: %v", h.Name, h.Err)
		}
	}
	return tr
}

// read reads until want records have port at one of their ends. Other programs of this machine make connections, too.
func read(t testing.TB, tr *Tracer, port uint16, want int) []Conn {
	t.Helper()
	var out []Conn
	for until := time.Now().Add(20 * time.Second); len(out) < want; {
		var c Conn
		ok, err := tr.Next(&c, time.Now().Add(10*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if ok && (c.Local.Port() == port || c.Remote.Port() == port) {
			out = append(out, c)
		}
		if time.Now().After(until) {
			t.Fatalf("%d of %d records for port %d: %+v", len(out), want, port, out)
		}
	}
	return out
}

// side returns the record of the end that has a flag.
func side(t testing.TB, list []Conn, f Flags) *Conn {
	t.Helper()
	for i := range list {
		if list[i].Flags&f != 0 {
			return &list[i]
		}
	}
	t.Fatalf("no record with flag %d: %+v", f, list)
	return nil
}

func listen(t testing.TB, addr string) (*net.TCPListener, uint16) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener), uint16(l.Addr().(*net.TCPAddr).Port)
}

// pair makes a connection and returns both ends.
func pair(t testing.TB, l net.Listener) (client, server *net.TCPConn) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// path writes the states of a record.
func path(c *Conn) string {
	var names []string
	for _, s := range c.Steps() {
		names = append(names, s.State.String())
	}
	return strings.Join(names, " ")
}

// TestRecordHasTheLayoutOfTheProgram: Decode counts bytes by hand; the generated type is what the compiler made.
func TestRecordHasTheLayoutOfTheProgram(t *testing.T) {
	var e tcpEvent
	if n := unsafe.Sizeof(e); n != recordSize {
		t.Fatalf("a record has %d bytes, Decode reads %d", n, recordSize)
	}
	for name, at := range map[string][2]uintptr{
		"spent": {unsafe.Offsetof(e.Spent), 56}, "owner": {unsafe.Offsetof(e.Owner), 120}, "netns": {unsafe.Offsetof(e.Netns), 160},
		"ends": {unsafe.Offsetof(e.Ends), 192}, "flags": {unsafe.Offsetof(e.Flags), 232}, "path": {unsafe.Offsetof(e.Path), 234}, "states": {unsafe.Offsetof(e.States), 242},
	} {
		if at[0] != at[1] {
			t.Errorf("%s is at %d, Decode reads it at %d", name, at[0], at[1])
		}
	}
}

func TestTracer_openEchoClose(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		tr := watcher(t)
		l, port := listen(t, addr)
		c, s := pair(t, l)
		buf := make([]byte, 1000)
		if _, err := c.Write(buf[:100]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(s, buf[:100]); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(buf); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf); err != nil {
			t.Fatal(err)
		}
		c.Close() // the client is the first to be done
		if _, err := s.Read(buf); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		s.Close()
		got := read(t, tr, port, 2)
		out, in := side(t, got, Outbound), side(t, got, Inbound)
		if p := path(out); p != "syn_sent established fin_wait1 fin_wait2" {
			t.Errorf("outbound states: %s", p)
		}
		if p := path(in); p != "syn_recv established close_wait last_ack" {
			t.Errorf("inbound states: %s", p)
		}
		// No end counts SYN or FIN.
		if out.Sent != 100 || out.Received != 1000 || in.Sent != 1000 || in.Received != 100 {
			t.Errorf("bytes: out %d and %d, in %d and %d", out.Sent, out.Received, in.Sent, in.Received)
		}
		if out.Local != in.Remote || out.Remote != in.Local || out.Remote.Port() != port {
			t.Errorf("ends: %v %v, %v %v", out.Local, out.Remote, in.Local, in.Remote)
		}
		for _, c := range []*Conn{out, in} {
			if c.Owner.PID != uint32(os.Getpid()) || c.Owner.UID != uint32(os.Getuid()) || c.Owner.PPID != uint32(os.Getppid()) || c.Flags&Owned == 0 {
				t.Errorf("owner %+v", c.Owner)
			}
			if c.RTT == 0 || c.MinRTT == 0 || c.Retransmits != 0 || c.Err != 0 || c.Netns == 0 || c.Cookie == 0 || c.SegsIn < 3 || c.SegsOut < 3 {
				t.Errorf("figures %+v", c)
			}
			total := time.Duration(0)
			for _, s := range c.Steps() {
				total += s.Spent
			}
			if c.Start == 0 || c.End <= c.Start || total != time.Duration(c.End-c.Start) {
				t.Errorf("from %d to %d, %v in states", c.Start, c.End, total)
			}
		}
		tr.Close()
	}
}

func TestTracer_reset(t *testing.T) {
	tr := watcher(t)
	l, port := listen(t, "127.0.0.1:0")
	c, s := pair(t, l)
	defer s.Close()
	if err := c.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.Close()
	got := read(t, tr, port, 2)
	out, in := side(t, got, Outbound), side(t, got, Inbound)
	if in.Flags&ResetReceived == 0 || unix.Errno(in.Err) != unix.ECONNRESET || path(in) != "syn_recv established" {
		t.Errorf("the end that was reset: flags %d, error %d, %s", in.Flags, in.Err, path(in))
	}
	// The kernel sends the reset when the socket is closed already: only the missing FIN tells.
	if out.Flags&(ResetReceived|FINReceived) != 0 || out.Err != 0 || path(out) != "syn_sent established" {
		t.Errorf("the end that reset: flags %d, error %d, %s", out.Flags, out.Err, path(out))
	}
}

func TestTracer_closedPort(t *testing.T) {
	tr := watcher(t)
	l, port := listen(t, "127.0.0.1:0")
	l.Close()
	if _, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))); err == nil {
		t.Fatal("somebody listens")
	}
	c := side(t, read(t, tr, port, 1), Outbound)
	if unix.Errno(c.Err) != unix.ECONNREFUSED || path(c) != "syn_sent" || c.Owner.PID != uint32(os.Getpid()) || c.Sent+c.Received != 0 {
		t.Errorf("%+v: %s", c, path(c))
	}
}

// TestTracer_processThatIsGone: a process that ends at once is known by name, path and arguments all the same.
func TestTracer_processThatIsGone(t *testing.T) {
	tr := watch(t, Options{}) // without our own connections
	l, port := listen(t, "127.0.0.1:0")
	cmd := start(t, "connect", l.Addr().String())
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, s) // it may be reset, when the process ends
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	c := side(t, read(t, tr, port, 1), Outbound)
	if c.Owner.PID != uint32(cmd.Process.Pid) || c.Sent != 3 {
		t.Errorf("%+v, want pid %d", c, cmd.Process.Pid)
	}
	e, ok := tr.Exec(c.Owner.PID)
	if !ok || e.Path != cmd.Path || !slices.Equal(e.Args, cmd.Args) || e.Start != c.Owner.Start {
		t.Errorf("%+v, %t; want %s %q since %d", e, ok, cmd.Path, cmd.Args, c.Owner.Start)
	}
	if !strings.HasPrefix(filepath.Base(cmd.Path), c.Owner.Comm) {
		t.Errorf("name %s of %s", c.Owner.Comm, cmd.Path)
	}
	// Our own end of it is left out, however long one waits: it would come before a later one of somebody else.
	again := start(t, "connect", l.Addr().String())
	if s, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, s)
	s.Close()
	if err := again.Wait(); err != nil {
		t.Fatal(err)
	}
	if c := read(t, tr, port, 1)[0]; c.Owner.PID != uint32(again.Process.Pid) {
		t.Errorf("%+v is recorded, but is our own", c)
	}
	if _, ok := tr.Exec(1 << 30); ok {
		t.Error("a process that never was is known")
	}
}

// TestTracer_whoAnswers: behind one listening socket the process counts that uses the connection, and where nobody does,
// the one that listens.
func TestTracer_whoAnswers(t *testing.T) {
	tr := watcher(t)
	l, port := listen(t, "127.0.0.1:0")
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	worker := start(t, "serve", "-", f)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := worker.Wait(); err != nil {
		t.Fatal(err)
	}
	in := side(t, read(t, tr, port, 2), Inbound)
	if in.Owner.PID != uint32(worker.Process.Pid) || in.Flags&Owned == 0 {
		t.Errorf("owner %+v, want the worker %d", in.Owner, worker.Process.Pid)
	}
	c, err = net.Dial("tcp", l.Addr().String()) // nobody takes it
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l.Close()
	f.Close()
	in = side(t, read(t, tr, port, 2), Inbound)
	if in.Owner.PID != uint32(os.Getpid()) || in.Flags&Owned != 0 {
		t.Errorf("owner %+v, flags %d, want the listener", in.Owner, in.Flags)
	}
}

// TestTracer_retransmits: a listener whose queue is full drops SYN, and the kernel sends it again after a second.
func TestTracer_retransmits(t *testing.T) {
	tr := watcher(t)
	ls, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ls)
	if err := unix.Bind(ls, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(ls, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(ls)
	if err != nil {
		t.Fatal(err)
	}
	port := name.(*unix.SockaddrInet4).Port
	first, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)) // the queue holds one
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(fd, name); err != unix.EINPROGRESS {
		t.Fatalf("the queue is not full: %v", err)
	}
	s, _, err := unix.Accept(ls) // now there is room for the second SYN
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	if n, err := unix.Poll(poll, 20_000); n != 1 || err != nil {
		t.Fatalf("not connected: %d, %v", n, err)
	}
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	c := side(t, read(t, tr, uint16(port), 1), Outbound)
	if c.Retransmits == 0 || c.Steps()[0].State != SynSent || c.Steps()[0].Spent < 500*time.Millisecond {
		t.Errorf("%d retransmits, states %v", c.Retransmits, c.Steps())
	}
}

// TestTracer_fullRing: what a small ring cannot hold is counted, to the last record.
func TestTracer_fullRing(t *testing.T) {
	tr := watch(t, Options{Own: true, Ring: 1})
	l, port := listen(t, "127.0.0.1:0")
	const n = 200
	for range n {
		c, s := pair(t, l)
		c.Close()
		s.Close()
	}
	tr.Detach()
	read, ours := uint64(0), 0
	for {
		var c Conn
		ok, err := tr.Rest(&c)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if read++; c.Local.Port() == port || c.Remote.Port() == port {
			ours++
		}
	}
	got, err := tr.Counts()
	if err != nil {
		t.Fatal(err)
	}
	if got.Seen != read+got.Lost || got.Lost == 0 || read == 0 || got.Seen < 2*n {
		t.Errorf("seen %d, read %d (%d ours), lost %d", got.Seen, read, ours, got.Lost)
	}
	// Nothing is written any more.
	c, s := pair(t, l)
	c.Close()
	s.Close()
	if again, err := tr.Counts(); err != nil || again != got {
		t.Errorf("counts went on after Detach: %+v, %v", again, err)
	}
}

// TestTracer_openBefore: a connection that was there first is known by its process and side, and reported while it lasts.
func TestTracer_openBefore(t *testing.T) {
	l, port := listen(t, "127.0.0.1:0")
	c, s := pair(t, l)
	tr := watcher(t)
	if err := tr.Reports(1<<63 - 1); err != nil {
		t.Fatal(err)
	}
	got := read(t, tr, port, 2)
	for _, f := range []Flags{Inbound, Outbound} {
		r := side(t, got, f)
		if r.Flags&(OpenBefore|StillOpen|Owned) != OpenBefore|StillOpen|Owned || r.Start != 0 || r.Owner.PID != uint32(os.Getpid()) || path(r) != "established" {
			t.Errorf("%+v: %s", r, path(r))
		}
	}
	if err := tr.Reports(1); err != nil { // nothing is that old
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := io.Copy(io.Discard, s); err != nil {
		t.Fatal(err)
	}
	s.Close()
	got = read(t, tr, port, 2)
	out := side(t, got, Outbound)
	if out.Flags&StillOpen != 0 || out.Sent != 1 || path(out) != "established fin_wait1 fin_wait2" {
		t.Errorf("%+v: %s", out, path(out))
	}
}

func TestTracer_leavesOut(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    func(port uint16) Options
	}{
		{"loopback", func(uint16) Options { return Options{Own: true, IgnoreLoopback: true} }},
		{"a port", func(port uint16) Options { return Options{Own: true, IgnorePorts: []uint16{9, port}} }},
		{"this process", func(uint16) Options { return Options{} }},
	} {
		l, port := listen(t, "[::]:0") // its clients of IPv4 are mapped
		tr := watch(t, tc.o(port))
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		s.Close()
		tr.Detach()
		var r Conn
		for ok := true; ok; {
			if ok, err = tr.Rest(&r); err != nil {
				t.Fatal(err)
			}
			if ok && (r.Local.Port() == port || r.Remote.Port() == port) {
				t.Errorf("%s is not left out: %+v", tc.name, r)
			}
		}
		tr.Close()
	}
	if _, err := Open(Options{IgnorePorts: make([]uint16, 300)}); err == nil || !strings.Contains(err.Error(), "300 ports") {
		t.Errorf("too many ports: %v", err)
	}
}

// TestTracer_otherNamespace: the connections of other network namespaces are seen, too.
func TestTracer_otherNamespace(t *testing.T) {
	// Before anything moves elsewhere: the thread that does may be the one that /proc/self shows.
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/net", &st); err != nil {
		t.Fatal(err)
	}
	tr := watcher(t)
	ends := make(chan any, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		ends <- connectElsewhere()
	}()
	var port uint16
	switch r := (<-ends).(type) {
	case error:
		testkit.Skip(t, "root", fmt.Sprintf("no network namespace: %v", r))
	case netip.AddrPort:
		port = r.Port()
	}
	for _, c := range read(t, tr, port, 2) {
		if c.Netns == 0 || uint64(c.Netns) == st.Ino {
			t.Errorf("namespace %d is ours", c.Netns)
		}
	}
}

// connectElsewhere makes a connection in a network namespace of this thread's own.
func connectElsewhere() any {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	s, err := l.Accept()
	if err != nil {
		return err
	}
	c.Close()
	s.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// TestTracer_missingHooks: what a kernel does not have is named, and all else works.
func TestTracer_missingHooks(t *testing.T) {
	watch(t, Options{}).Close() // it can work here
	spec, err := loadTcp()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range optional {
		if p.program != "exec" {
			spec.Programs[p.program].AttachTo = "weir_no_such_hook"
		}
	}
	o := Options{Own: true}
	if err := configure(spec, o); err != nil {
		t.Fatal(err)
	}
	tr := &Tracer{}
	defer tr.Close()
	if err := tr.start(spec, o); err != nil {
		t.Fatal(err)
	}
	for _, h := range tr.Hooks() {
		if has := h.Name == "inet_sock_set_state" || h.Name == "sched_process_exec"; (h.Err == nil) != has || h.Without == "" {
			t.Errorf("%s: %v", h.Name, h.Err)
		}
	}
	l, port := listen(t, "127.0.0.1:0")
	c, s := pair(t, l)
	c.Close()
	_, _ = io.Copy(io.Discard, s) // until the client is done
	s.Close()
	in := side(t, read(t, tr, port, 2), Inbound)
	// Whoever closes is known without the hooks for its bytes.
	if in.Owner.PID != uint32(os.Getpid()) || in.Flags&Owned == 0 || path(in) != "syn_recv established close_wait last_ack" {
		t.Errorf("%+v: %s", in, path(in))
	}
	if err := tr.Reports(1); err != nil || tr.Self() != os.Getpid() {
		t.Errorf("without the iterator: %v, pid %d", err, tr.Self())
	}
}

func TestOpen_withoutBTF(t *testing.T) {
	if _, err := open(Options{}, filepath.Join(t.TempDir(), "vmlinux")); !errors.Is(err, ErrNoBTF) || errors.Is(err, ErrNotPermitted) {
		t.Errorf("got %v", err)
	}
}

// TestOpen_withoutRights: a thread without capabilities is refused, and told so.
func TestOpen_withoutRights(t *testing.T) {
	watch(t, Options{}).Close() // there is BTF, and with rights it works
	refused := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its rights
		head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&head, &none[0]); err != nil {
			refused <- err
			return
		}
		tr, err := Open(Options{})
		if err == nil {
			tr.Close()
		}
		refused <- err
	}()
	if err := <-refused; !errors.Is(err, ErrNotPermitted) {
		t.Errorf("got %v", err)
	}
}

// TestOpen_withTwoCapabilities: CAP_BPF and CAP_PERFMON are enough for every hook, and one of them is not.
func TestOpen_withTwoCapabilities(t *testing.T) {
	watch(t, Options{}).Close()
	if os.Getuid() != 0 {
		testkit.Skip(t, "root", "gives rights to a process of another user: run as root")
	}
	for _, tc := range []struct {
		name string
		caps []uintptr
		ok   bool
	}{{"both", []uintptr{unix.CAP_BPF, unix.CAP_PERFMON}, true}, {"no CAP_PERFMON", []uintptr{unix.CAP_BPF}, false}, {"no CAP_BPF", []uintptr{unix.CAP_PERFMON}, false}} {
		self, err := os.Open("/proc/self/exe") // its folder is closed to others
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/fd/3")
		cmd.ExtraFiles, cmd.Env = []*os.File{self}, []string{helperEnv + "=open -"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: tc.caps}
		out, err := cmd.CombinedOutput()
		if (err == nil) != tc.ok || !tc.ok && !strings.Contains(string(out), ErrNotPermitted.Error()) {
			t.Errorf("%s: %v\n%s", tc.name, err, out)
		}
		self.Close()
	}
}

// BenchmarkConnection is what watching costs a connection of one byte each way, the worst case.
func BenchmarkConnection(b *testing.B) {
	for _, watched := range []bool{false, true} {
		b.Run(fmt.Sprintf("watched=%t", watched), func(b *testing.B) {
			l, _ := listen(b, "127.0.0.1:0")
			if watched {
				tr := watch(b, Options{Own: true})
				ended := make(chan struct{})
				defer func() { tr.Detach(); <-ended }()
				stop := make(chan struct{})
				defer close(stop)
				go func() {
					defer close(ended)
					for c := new(Conn); ; {
						if ok, err := tr.Next(c, time.Now().Add(20*time.Millisecond)); err != nil || !ok {
							select {
							case <-stop:
								return
							default:
							}
						}
					}
				}()
			}
			one := make([]byte, 1)
			b.ReportAllocs()
			for b.Loop() {
				c, s := pair(b, l)
				_, _ = c.Write(one) // a failure shows in the next
				_, _ = io.ReadFull(s, one)
				_, _ = s.Write(one)
				if _, err := io.ReadFull(c, one); err != nil {
					b.Fatal(err)
				}
				c.Close()
				s.Close()
			}
		})
	}
}

func TestTracer_closesTwice(t *testing.T) {
	tr := watch(t, Options{})
	tr.Detach()
	tr.Close()
	tr.Close()
}
