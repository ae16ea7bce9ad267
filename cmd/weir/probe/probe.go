// Package probe tries whether a machine has what weir needs, for weir doctor.
package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/term"
)

// Finding is the result of one probe.
// Do is one command that can be pasted; where there is none to give, it says what to change.
type Finding struct {
	State string `json:"state"`
	Name  string `json:"name"`
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"` // one command that helps
}

// States of a finding.
const (
	OK   = "ok"
	Warn = "warn"
	Fail = "fail"
	Skip = "skip" // not needed by this configuration
)

// All runs every probe. running is the weir that runs on the data folder, nil if none does. Nothing is changed.
//
// The order is that in which a start would meet them: folder, disk, ports, then what costs quality and not the start.
func All(cfg config.Config, running *control.Status, now time.Time) []Finding {
	list := []Finding{probeFolder(cfg.Data), probeDisk(cfg, running)}
	list = append(list, probePorts(cfg, running)...)
	return append(list, probeBuffer(cfg), probeFiles(cfg), probeZone(cfg, now), probePlaces(cfg, now))
}

// probeFolder tries whether this user can use the data folder, or make it.
//
// Rights are asked of the kernel and not read out of the mode: groups, capabilities and read-only mounts count too.
func probeFolder(dir string) Finding {
	f := Finding{Name: "data folder"}
	fi, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		parent := filepath.Dir(filepath.Clean(dir))
		if unix.Access(parent, unix.W_OK) != nil {
			f.State, f.Text, f.Do = Fail, dir+" is not there and cannot be made", "sudo install -d -m 0700 -o "+userName()+" "+term.ShellWord(dir)
			return f
		}
		f.State, f.Text = OK, dir+" is not there yet; weir up makes it"
	case err != nil:
		f.State, f.Text, f.Do = Fail, dir+": "+plainError(err), "give user "+userName()+" the folder, or name another with --data"
	case !fi.IsDir():
		f.State, f.Text, f.Do = Fail, dir+" is a file", "name a folder with --data"
	case unix.Access(dir, unix.W_OK|unix.R_OK|unix.X_OK) != nil:
		f.State, f.Text, f.Do = Fail, dir+" is not readable and writable for user "+userName(), "sudo chown -R "+userName()+" "+term.ShellWord(dir)
	case fi.Mode().Perm()&0o077 != 0:
		f.State, f.Text, f.Do = Warn, fmt.Sprintf("%s is open to other users (%04o)", dir, fi.Mode().Perm()), "chmod 0700 "+term.ShellWord(dir)
	default:
		f.State, f.Text = OK, fmt.Sprintf("%s, readable only by you (%04o)", dir, fi.Mode().Perm())
	}
	return f
}

// Probes try instead of asking: a port is bound, a buffer is requested, a right is used. What a file says about a
// machine and what the machine does are not always the same.

// probeDisk compares free room with what the embedded broker keeps free, and says how long it lasts at today's rate.
// The rate is that since the start: a peak of today would promise a full disk too early.
func probeDisk(cfg config.Config, running *control.Status) Finding {
	f := Finding{Name: "disk", State: OK}
	dir := existing(cfg.Data)
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Finding{Name: "disk", State: Warn, Text: "the free room of " + dir + " is not known: " + plainError(err)}
	}
	free := int64(st.Bavail) * int64(st.Bsize) //nolint:unconvert // the types differ between systems
	need := int64(cfg.Bus.Embedded.MinFree) + int64(cfg.Bus.Embedded.MaxBytes)
	f.Text = term.Bytes(free) + " free"
	if running != nil && running.Stored > 0 && running.DiskBytes > 0 {
		if age := time.Since(running.Started); age > time.Hour {
			perDay := float64(running.DiskBytes) / age.Hours() * 24
			f.Text += fmt.Sprintf(", full in about %d days at the rate since its start", int(float64(free)/perDay))
		}
	}
	switch {
	case free < int64(cfg.Bus.Embedded.MinFree):
		f.State, f.Do = Fail, "free "+term.Bytes(int64(cfg.Bus.Embedded.MinFree)-free)+": below bus.embedded.min_free senders wait"
	case free < need:
		f.State, f.Do = Warn, "free "+term.Bytes(need-free)+", or lower bus.embedded.max_bytes: the log may grow to "+term.Bytes(int64(cfg.Bus.Embedded.MaxBytes))
	}
	return f
}

// existing is the nearest folder above path that is there.
// It ends at the root, which is always there.
func existing(path string) string {
	for p := filepath.Clean(path); ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); err == nil || p == filepath.Dir(p) {
			return p
		}
	}
}

// probePorts binds every port of the configuration for a moment. What the weir that runs here has itself is well.
// Between the probe and a start another program may still take the port; up then says the same in its own words.
func probePorts(cfg config.Config, running *control.Status) []Finding {
	s := cfg.Inputs.Syslog
	type port struct{ name, network, address string }
	list := []port{{"console", "tcp", cfg.Console.Listen}, {"kafka", "tcp", cfg.Bus.Embedded.KafkaListen}}
	if s.Enabled {
		list = append(list, port{"syslog udp", "udp", s.Listen}, port{"syslog tcp", "tcp", s.Listen}, port{"syslog tls", "tcp", s.TLS.Listen}, port{"syslog relp", "tcp", s.RELP.Listen})
	}
	var out []Finding
	for _, p := range list {
		f := Finding{Name: p.name, State: OK, Text: p.address + " is free"}
		switch {
		case p.address == "":
			f.State, f.Text = Skip, "off"
		case running != nil:
			f.Text = p.address + ", in use by the weir that runs here (pid " + strconv.Itoa(running.PID) + ")"
		default:
			if err := tryPort(p.network, p.address); err != nil {
				f = portFault(p.name, p.address, err)
			}
		}
		out = append(out, f)
	}
	return out
}

// tryPort binds and lets go.
// Nothing is accepted in between: a listener without accept answers nobody.
func tryPort(network, address string) error {
	if network == "udp" {
		c, err := net.ListenPacket("udp", address)
		if err != nil {
			return fmt.Errorf("binding: %w", err)
		}
		return c.Close()
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("binding: %w", err)
	}
	return l.Close()
}

// portFault says why a port cannot be had. The command that helps differs by the reason.
func portFault(name, address string, err error) Finding {
	f := Finding{Name: name, State: Fail}
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		f.Text, f.Do = address+" is taken", "sudo ss -lnp 'sport = :"+port+"'"
	case errors.Is(err, fs.ErrPermission):
		f.Text, f.Do = "port "+port+" is not permitted for user "+userName(), "sudo setcap cap_net_bind_service=+ep ./weir"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		f.Text, f.Do = address+" is no address of this machine", "use 127.0.0.1, 0.0.0.0, or one of: ip -br address"
	default:
		f.Text = address + ": " + plainError(err)
	}
	return f
}

// probeBuffer asks for the receive buffer and reads what the kernel granted. Linux doubles what is asked for.
// A socket of its own on any free port is asked, so that nothing of a running weir is touched.
func probeBuffer(cfg config.Config) Finding {
	f := Finding{Name: "receive buffer", State: OK}
	if !cfg.Inputs.Syslog.Enabled || cfg.Inputs.Syslog.Listen == "" {
		f.State, f.Text = Skip, "no UDP input"
		return f
	}
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return Finding{Name: f.Name, State: Warn, Text: "no UDP socket can be opened: " + plainError(err)}
	}
	defer c.Close()
	want := int(cfg.Inputs.Syslog.ReceiveBuffer)
	granted := 0
	raw, err := c.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			// As the input does it: who has the right is not bound by the limit.
			if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, want) != nil {
				_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, want) // what was granted shows below
			}
			granted, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
		})
	}
	if err != nil {
		return Finding{Name: f.Name, State: Warn, Text: "it cannot be measured: " + plainError(err)}
	}
	granted /= 2
	f.Text = term.Bytes(int64(want)) + " granted"
	if granted < want {
		f.State = Warn
		f.Text = fmt.Sprintf("asked %s, the kernel grants %s: bursts may be lost", term.Bytes(int64(want)), term.Bytes(int64(granted)))
		f.Do = fmt.Sprintf("sudo sysctl -w net.core.rmem_max=%d", want)
	}
	return f
}

// probeFiles compares the limit of open files with the connections that may be open.
// The hard limit counts: Go raises the soft one by itself when a program starts.
func probeFiles(cfg config.Config) Finding {
	f := Finding{Name: "open files", State: OK}
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return Finding{Name: f.Name, State: Warn, Text: "the limit is not known: " + plainError(err)}
	}
	need := uint64(cfg.Inputs.Syslog.MaxConnections) + 500
	f.Text = term.Count(int64(min(lim.Cur, 1<<40))) + " allowed" //nolint:gosec // bounded
	if lim.Max < need {
		f.State, f.Do = Warn, fmt.Sprintf("ulimit -n %d, or lower inputs.syslog.max_connections", need)
	}
	return f
}

// probeZone says which zone devices without one are taken to be in: a wrong one shifts every event by hours.
// No zone at all is a warning and not a failure: weir runs, and every event may be hours off.
func probeZone(cfg config.Config, now time.Time) Finding {
	f := Finding{Name: "clock zone", State: OK}
	if name := cfg.Inputs.Syslog.TimeZone; name != "" {
		f.Text = "devices without a zone are in " + name
		return f
	}
	f.Text = "devices without a zone are in this machine's, " + now.Format("-07:00")
	if _, err := os.Stat("/etc/localtime"); err != nil && os.Getenv("TZ") == "" {
		f.State, f.Text, f.Do = Warn, "this machine has no zone: devices without one are taken to be in UTC", "set inputs.syslog.time_zone, such as Asia/Seoul"
	}
	return f
}

// userName is the name for messages and for commands that change owners; a number does there too.
// USER may be anything: it is shown and never trusted.
func userName() string {
	if u := os.Getenv("USER"); u != "" {
		return u
	}
	return strconv.Itoa(os.Getuid())
}

// plainError is the innermost reason, as the system says it.
// The Go chain names functions; the reason is what a search engine knows.
func plainError(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
