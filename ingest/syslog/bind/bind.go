// Package bind opens listening sockets and explains in the user's words why one cannot be opened.
package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"weir/internal/fault"
)

// Codes of the faults of this package.
const (
	CodeInUse        = "port-in-use"
	CodeNotPermitted = "port-not-permitted"
	CodeNoAddress    = "address-not-here"
)

// Place is a listener's address and where it stands in the configuration.
type Place struct {
	Name    string // what listens: syslog udp, syslog tls
	Network string // tcp or udp
	Address string // host:port as configured
	Key     string // configuration key: inputs.syslog.tls.listen
}

// TCP opens a stream listener. An address without a host, or with 0.0.0.0, is open for IPv4 and IPv6.
func TCP(p Place) (*net.TCPListener, error) {
	var lc net.ListenConfig
	// Opening a socket does not wait, so there is nothing to cancel.
	l, err := lc.Listen(context.Background(), "tcp", p.Address)
	if err != nil {
		return nil, p.fault(err)
	}
	return l.(*net.TCPListener), nil
}

// UDP is one datagram socket with what the kernel granted it.
type UDP struct {
	*net.UDPConn
	Granted int // bytes of receive buffer, as net.core.rmem_max counts them
}

// UDPs opens n datagram sockets that share one port, each with a receive buffer of buffer bytes if the kernel lets it.
// A port that anybody else has is refused, although the kernel would let programs of one user share it: they would
// take each other's datagrams.
func UDPs(p Place, n, buffer int) ([]UDP, error) {
	var lc net.ListenConfig
	// Without SO_REUSEPORT the kernel refuses a port that any other socket has, shared or not.
	probe, err := lc.ListenPacket(context.Background(), "udp", p.Address)
	if err != nil {
		return nil, p.fault(err)
	}
	address := probe.LocalAddr().String() // a port, where 0 was asked for
	if host, _, err := net.SplitHostPort(p.Address); err == nil {
		_, port, _ := net.SplitHostPort(address)
		address = net.JoinHostPort(host, port)
	}
	if err := probe.Close(); err != nil {
		return nil, fmt.Errorf("closing the probe of %s: %w", p.Address, err)
	}
	out := make([]UDP, 0, n)
	for range n {
		s, err := openUDP(address, buffer)
		if err != nil {
			for _, o := range out {
				err = errors.Join(err, o.Close())
			}
			return nil, p.fault(err)
		}
		out = append(out, s)
	}
	return out, nil
}

// openUDP opens one socket that shares its port. Options have to be set between the making of the socket and its
// binding, which is when Control is called.
func openUDP(address string, buffer int) (UDP, error) {
	var granted int
	lc := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var inner error
		err := raw.Control(func(fd uintptr) { granted, inner = prepare(int(fd), buffer) })
		return errors.Join(err, inner)
	}}
	c, err := lc.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		return UDP{}, err
	}
	return UDP{c.(*net.UDPConn), granted}, nil
}

// prepare sets the options of a socket before it is bound and returns the granted buffer. A smaller buffer than asked
// for is no error: the caller reports it.
func prepare(fd, buffer int) (granted int, err error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return 0, fmt.Errorf("sharing the port: %w", err)
	}
	// The first needs CAP_NET_ADMIN and may go beyond net.core.rmem_max, the second is cut to it in silence.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return 0, fmt.Errorf("asking for a receive buffer: %w", err)
		}
	}
	// With this every datagram brings the socket's count of drops with it.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1); err != nil {
		return 0, fmt.Errorf("asking for the count of drops: %w", err)
	}
	doubled, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		return 0, fmt.Errorf("reading the receive buffer: %w", err)
	}
	return doubled / 2, nil // the kernel doubles what it grants, for its own bookkeeping
}

// fault explains an error of opening p. The three reasons that users meet have texts of their own; whatever else the
// system says is passed on in its words.
func (p Place) fault(err error) error {
	_, port, _ := net.SplitHostPort(p.Address)
	f := &fault.Error{Where: p.Name + " " + p.Address, Exit: fault.ExitMissing, Cause: err}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		f.Code, f.What = CodeInUse, "port "+port+" is taken"
		f.Why = p.holder(port)
		f.Do = "stop it, or `" + p.variable() + "=" + p.nextPort() + " weir up`"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		f.Code, f.What = CodeNotPermitted, "not allowed to listen on port "+port
		f.Why = "ports below 1024 need a right that user " + userName() + " does not have"
		f.Do = "`sudo setcap cap_net_bind_service=+ep ./weir` (not with `go run`), or leave out `--standard-ports`"
		if port != "514" {
			f.Do = "`sudo setcap cap_net_bind_service=+ep ./weir` (not with `go run`), or `" + p.variable() + "=" + p.nextPort() + " weir up`"
		}
	default:
		host, _, _ := net.SplitHostPort(p.Address)
		f.Code, f.What = CodeNoAddress, "this machine cannot listen on "+p.Address
		f.Why = reason(err, host)
		f.Do = "give `" + p.Key + "` an address of this machine; 127.0.0.1 and 0.0.0.0 always are"
	}
	return f
}

// reason says in a few words why an address cannot be had.
func reason(err error, host string) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return host + " is not an address of this machine"
	case errors.As(err, &dns):
		return "no address is known for " + host
	}
	if inner, ok := errors.AsType[syscall.Errno](err); ok {
		return inner.Error()
	}
	return err.Error()
}

// holder says who has the port, as far as this user may see it.
func (p Place) holder(port string) string {
	n, _ := strconv.Atoi(port)
	if name, pid, ok := Holder("/proc", p.Network, n); ok {
		return fmt.Sprintf("%s (pid %d) listens there", name, pid)
	}
	flag := "t"
	if p.Network == "udp" {
		flag = "u"
	}
	return "another program listens there; which one, only root can see: `sudo ss -l" + flag + "np`"
}

// variable is the environment variable of the configuration key.
func (p Place) variable() string {
	return "WEIR_" + strings.ToUpper(strings.ReplaceAll(p.Key, ".", "_"))
}

// nextPort is the address with a port that is probably free, for a command that works as pasted.
func (p Place) nextPort() string {
	host, port, _ := net.SplitHostPort(p.Address)
	n, err := strconv.Atoi(port)
	switch {
	case err != nil:
		return p.Address
	case n < 1024:
		n += 5000 // 514 -> 5514, the usual stand-in
	case n < 65535:
		n++
	default:
		n--
	}
	return net.JoinHostPort(host, strconv.Itoa(n))
}

// userName is who runs this process.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "of this process"
}
