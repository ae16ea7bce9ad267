package bind

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"weir/internal/fault"
	"weir/internal/testkit"
)

func wantFault(t *testing.T, err error, code string) *fault.Error {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != code || f.Exit != fault.ExitMissing || f.Cause == nil {
		t.Fatalf("%#v, want %s", err, code)
	}
	return f
}

func TestInUse_NamesTheHolder(t *testing.T) {
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		testkit.Skip(t, "machine", "no /proc")
	}
	for _, network := range []string{"tcp", "udp"} {
		t.Run(network, func(t *testing.T) {
			p := Place{Name: "syslog " + network, Network: network, Address: "127.0.0.1:0", Key: "inputs.syslog.listen"}
			open := func(p Place) (string, error) {
				if network == "tcp" {
					l, err := TCP(p)
					if err != nil {
						return "", err
					}
					t.Cleanup(func() { l.Close() })
					return l.Addr().String(), nil
				}
				s, err := UDPs(p, 2, 1<<16)
				if err != nil {
					return "", err
				}
				for _, u := range s {
					t.Cleanup(func() { u.Close() })
				}
				return s[0].LocalAddr().String(), nil
			}
			addr, err := open(p)
			if err != nil {
				t.Fatal(err)
			}
			p.Address = addr
			_, err = open(p)
			f := wantFault(t, err, CodeInUse)
			_, port, _ := net.SplitHostPort(addr)
			if want := "port " + port + " is taken"; f.What != want {
				t.Errorf("what: %q, want %q", f.What, want)
			}
			if want := "syslog " + network + " " + addr; f.Where != want {
				t.Errorf("where: %q, want %q", f.Where, want)
			}
			if want := fmt.Sprintf("%s (pid %d) listens there", strings.TrimSpace(string(comm)), os.Getpid()); f.Why != want {
				t.Errorf("why: %q, want %q", f.Why, want)
			}
			if !strings.HasPrefix(f.Do, "stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:") || !strings.HasSuffix(f.Do, " weir up`") {
				t.Errorf("do: %q", f.Do)
			}
		})
	}
}

func TestFault_Texts(t *testing.T) {
	for _, tt := range []struct {
		name, addr, key string
		err             error
		code, what, why string
		do              string
	}{
		{"not permitted, standard port", "0.0.0.0:514", "inputs.syslog.listen", syscall.EACCES, CodeNotPermitted, "not allowed to listen on port 514", "ports below 1024 need a right that user",
			"`sudo setcap cap_net_bind_service=+ep ./weir` (not with `go run`), or leave out `--standard-ports`"},
		{"not permitted, own port", "0.0.0.0:601", "inputs.syslog.tls.listen", syscall.EACCES, CodeNotPermitted, "not allowed to listen on port 601", "ports below 1024",
			"`sudo setcap cap_net_bind_service=+ep ./weir` (not with `go run`), or `WEIR_INPUTS_SYSLOG_TLS_LISTEN=0.0.0.0:5601 weir up`"},
		{"no such address", "192.0.2.1:5514", "inputs.syslog.listen", syscall.EADDRNOTAVAIL, CodeNoAddress, "this machine cannot listen on 192.0.2.1:5514", "192.0.2.1 is not an address of this machine",
			"give `inputs.syslog.listen` an address of this machine; 127.0.0.1 and 0.0.0.0 always are"},
		{"no such name", "nowhere.invalid:5514", "inputs.syslog.listen", &net.DNSError{}, CodeNoAddress, "this machine cannot listen on nowhere.invalid:5514", "no address is known for nowhere.invalid", "give `inputs"},
		{"in use by nobody to be seen", "[::1]:1", "inputs.syslog.listen", syscall.EADDRINUSE, CodeInUse, "port 1 is taken", "another program listens there; which one, only root can see: `sudo ss -ltnp`",
			"stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=[::1]:5001 weir up`"},
		{"highest port", "127.0.0.1:65535", "inputs.syslog.listen", syscall.EADDRINUSE, CodeInUse, "port 65535 is taken", "another program", "stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:65534 weir up`"},
		{"anything else", "127.0.0.1:5514", "inputs.syslog.listen", syscall.EMFILE, CodeNoAddress, "this machine cannot listen on 127.0.0.1:5514", "too many open files", "give"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Place{Name: "syslog tcp", Network: "tcp", Address: tt.addr, Key: tt.key}
			f := wantFault(t, p.fault(fmt.Errorf("listen: %w", tt.err)), tt.code)
			if f.What != tt.what || !strings.HasPrefix(f.Why, tt.why) || !strings.HasPrefix(f.Do, tt.do) || f.Where != "syslog tcp "+tt.addr {
				t.Errorf("what %q\nwhere %q\nwhy %q\ndo %q", f.What, f.Where, f.Why, f.Do)
			}
		})
	}
}

func TestNotHere(t *testing.T) {
	_, err := TCP(Place{Name: "syslog tcp", Network: "tcp", Address: "192.0.2.1:0", Key: "inputs.syslog.listen"})
	_ = wantFault(t, err, CodeNoAddress)
	_, err = UDPs(Place{Name: "syslog udp", Network: "udp", Address: "192.0.2.1:0", Key: "inputs.syslog.listen"}, 1, 1<<16)
	_ = wantFault(t, err, CodeNoAddress)
}

func TestUDPs_ShareAPort(t *testing.T) {
	socks, err := UDPs(Place{Name: "syslog udp", Network: "udp", Address: "127.0.0.1:0", Key: "inputs.syslog.listen"}, 3, 100<<10)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range socks {
		defer s.Close()
		if s.LocalAddr().String() != socks[0].LocalAddr().String() {
			t.Errorf("%s and %s", s.LocalAddr(), socks[0].LocalAddr())
		}
		if s.Granted != 100<<10 {
			t.Errorf("granted %d", s.Granted)
		}
	}
}
