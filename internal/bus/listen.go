package bus

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
)

// listener accepts from the private Unix socket, whose clients may do anything, and from an optional TCP port, whose
// clients pass a gate. Addr is the address that the broker advertises: that of the port, or a stand-in without one.
type listener struct {
	// tcp and gate are nil without a port.
	unix, tcp net.Listener
	gate      *gate
	// Accepted connections on their way to the broker. Not buffered: one that nobody takes is closed by its pump.
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
}

// standIn is advertised where there is no port. Our clients dial the socket whatever is advertised.
var standIn = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9092}

// listen opens the socket, and the port if there is an address for one, and starts a goroutine for each; Close ends
// them. A socket of that name is taken for one that a killed process left: the lock on the data folder says that nobody
// listens on it.
func listen(socket, tcpAddr, passwordFile, prefix string) (*listener, error) {
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the broker's old socket: %w", err)
	}
	var err error
	if l.unix, err = net.Listen("unix", socket); err != nil {
		return nil, fmt.Errorf("opening the broker's socket: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("closing the broker's socket to others: %w", err), l.unix.Close())
	}
	if tcpAddr != "" {
		if l.tcp, err = net.Listen("tcp", tcpAddr); err != nil {
			return nil, errors.Join(fmt.Errorf("opening the Kafka port: %w", err), l.unix.Close())
		}
		if l.gate, err = newGate(passwordFile, prefix); err != nil {
			return nil, errors.Join(err, l.tcp.Close(), l.unix.Close())
		}
		l.wg.Go(func() { l.pump(l.tcp, l.gate.wrap) })
	}
	l.wg.Go(func() { l.pump(l.unix, func(c net.Conn) net.Conn { return c }) })
	return l, nil
}

// pump passes accepted connections on until its listener is closed.
func (l *listener) pump(from net.Listener, wrap func(net.Conn) net.Conn) {
	for {
		c, err := from.Accept()
		if err != nil {
			return
		}
		select {
		case l.conns <- wrap(c):
		case <-l.closed:
			_ = c.Close()
			return
		}
	}
}

// Accept returns the next connection of either listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close closes both listeners and waits for their goroutines.
func (l *listener) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		close(l.closed)
		err = l.unix.Close()
		if l.tcp != nil {
			err = errors.Join(err, l.tcp.Close())
		}
		l.wg.Wait()
	})
	return err
}

// Addr returns the address that the broker advertises.
func (l *listener) Addr() net.Addr {
	if l.tcp != nil {
		return l.tcp.Addr()
	}
	return standIn
}
