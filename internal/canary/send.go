package canary

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Transports by which a canary can go.
const (
	UDP  = "udp"
	TCP  = "tcp"
	TLS  = "tls"
	RELP = "relp"
)

// sendWithin bounds a send: the front door is on this machine, or near.
const sendWithin = 10 * time.Second

// Send sends a line by a transport, and returns the address that it came from. By RELP it returns when weir has said that
// the line is durable; by the others nothing is answered.
func Send(ctx context.Context, via, to string, line []byte) (from netip.Addr, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	network := "tcp"
	if via == UDP {
		network = "udp"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, to)
	if err != nil {
		return from, fmt.Errorf("connecting to the front door: %w", err)
	}
	defer conn.Close()
	if at, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(at); err != nil {
			return from, fmt.Errorf("connecting to the front door: %w", err)
		}
	}
	// The address as which the ledger will know the record.
	if at, err := netip.ParseAddrPort(conn.LocalAddr().String()); err == nil {
		from = at.Addr().Unmap()
	}
	switch via {
	case UDP:
		_, err = conn.Write(line)
	case TCP:
		_, err = conn.Write(append(bytes.Clone(line), '\n'))
	case TLS:
		// Who it is does not matter here: the line holds nothing, and whether it arrives is told by weir itself.
		c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
		if _, err = c.Write(append(append(strconv.AppendInt(nil, int64(len(line)), 10), ' '), line...)); err == nil {
			err = c.Close()
		}
	case RELP:
		err = relp(conn, line)
	default:
		err = fmt.Errorf("there is no transport %s", via)
	}
	if err != nil {
		return from, fmt.Errorf("sending a canary by %s: %w", via, err)
	}
	return from, nil
}

// relp sends one line as a session of the reliable event logging protocol.
func relp(conn net.Conn, line []byte) error {
	r := bufio.NewReader(conn)
	for txn, frame := range []struct {
		command string
		data    []byte
	}{{"open", []byte("relp_version=0\nrelp_software=weir canary\ncommands=syslog")}, {"syslog", line}} {
		out := append(fmt.Appendf(nil, "%d %s %d ", txn+1, frame.command, len(frame.data)), frame.data...)
		if _, err := conn.Write(append(out, '\n')); err != nil {
			return err
		}
		if err := answered(r, txn+1); err != nil {
			return fmt.Errorf("answer to %s: %w", frame.command, err)
		}
	}
	_, err := conn.Write([]byte("3 close 0\n"))
	return err
}

// maxAnswer bounds an answer of RELP.
const maxAnswer = 64 << 10

// answered reads an answer: TXN rsp LENGTH CODE TEXT.
func answered(r *bufio.Reader, txn int) error {
	var words [3]string
	for i := range words {
		word, err := r.ReadString(' ')
		if err != nil {
			return err
		}
		if words[i] = strings.TrimLeft(strings.TrimSuffix(word, " "), "\n"); len(words[i]) > 20 {
			return errors.New("it is none of RELP")
		}
	}
	n, err := strconv.Atoi(words[2])
	if err != nil || n < 0 || n > maxAnswer || words[0] != strconv.Itoa(txn) || words[1] != "rsp" {
		return errors.New("it is none of RELP")
	}
	// Bounded above: what answers may be anything.
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	if code, text, _ := strings.Cut(string(data), " "); code != "200" {
		first, _, _ := strings.Cut(text, "\n")
		return fmt.Errorf("%.3s %.200s", code, first)
	}
	return nil
}

// Reach is the address by which this machine reaches a listener: one that listens everywhere is reached by loopback.
func Reach(listen string) string {
	at, err := netip.ParseAddrPort(listen)
	if err != nil || !at.Addr().IsUnspecified() {
		return listen
	}
	if at.Addr().Is4() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()).String()
}
