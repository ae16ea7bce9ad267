// Package syslog sends alerts as syslog: RFC 5424 over UDP, TCP or TLS, also with CEF or LEEF inside.
package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
)

// Config is what notify.yaml says of a syslog receiver.
type Config struct {
	Address   string        `yaml:"address" doc:"host:port of the receiver"`
	Protocol  string        `yaml:"protocol" doc:"tcp (default), tls or udp" enum:"tcp,tls,udp"`
	Format    string        `yaml:"format" doc:"rfc5424 (default): text with the alert's values as structured data; cef or leef: these in the message" enum:"rfc5424,cef,leef"`
	Facility  string        `yaml:"facility" doc:"facility (default local0)"`
	Hostname  string        `yaml:"hostname" doc:"name in the header (default: this machine's)"`
	SDID      string        `yaml:"sd_id" doc:"name of the structured data (default weir@32473; 32473 is the number for examples, write your own after the @)"`
	MaxBytes  int           `yaml:"max_bytes" doc:"longest message (default 8192, over udp 2048); of a longer one the text is cut"`
	Unchecked bool          `yaml:"unchecked" doc:"over tcp and tls: do not wait until the receiver has closed its side, which says that it has read all"`
	CA        string        `yaml:"ca" doc:"file of certificates (PEM) that sign the receiver's, beside those of the system"`
	Cert      string        `yaml:"cert" doc:"certificate file (PEM) for a receiver that asks for one"`
	Key       string        `yaml:"key" doc:"its key file (PEM)"`
	Timeout   unit.Duration `yaml:"timeout" doc:"how long a message may take (default 10s)"`
}

// The private enterprise number that is set aside for documentation (RFC 5612).
const sdID = "weir@32473"

// How long to wait for word that nobody listens: a host sends it back at once, and a network that drops
// it says nothing.
const refusal = 100 * time.Millisecond

// maxAnswer bounds what is read of a receiver, which has nothing to say.
const maxAnswer = 64 << 10

// receiver is a syslog receiver. It never changes after New; each Send has a connection of its own,
// since the end of one is the only answer that syslog has.
type receiver struct {
	address, network string
	tls              *tls.Config
	checked          bool
	form             form
	timeout          time.Duration
	deps             channel.Deps
	sends            life.Sends
}

// New makes a channel to a syslog receiver.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	r := &receiver{address: c.Address, network: "tcp", checked: !c.Unchecked, timeout: channel.Span(c.Timeout), deps: d}
	host, port, err := net.SplitHostPort(c.Address)
	if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || n == 0 || host == "" {
		return nil, channel.Bad("address", "is no host:port", "write it as siem.example.com:6514")
	}
	if r.form, err = newForm(c, d.Version); err != nil {
		return nil, err
	}
	switch c.Protocol {
	case "", "tcp":
	case "udp":
		r.network = "udp"
	case "tls":
		if r.tls, err = secure(c, d, host); err != nil {
			return nil, err
		}
	default:
		return nil, channel.Bad("protocol", "is none of tcp, tls, udp", "leave it out for tcp")
	}
	if r.tls == nil && (c.CA != "" || c.Cert != "") {
		return nil, channel.Bad("ca", "is for tls only", "write protocol: tls, or remove it")
	}
	return r, nil
}

// secure is how the receiver is known, and who weir is to it. Receivers that write a record for law
// often want a certificate of whoever sends.
func secure(c Config, d channel.Deps, host string) (*tls.Config, error) {
	roots, err := d.Roots("ca", c.CA)
	if err != nil {
		return nil, err
	}
	out := &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	if c.Cert == "" && c.Key == "" {
		return out, nil
	}
	pair, err := tls.LoadX509KeyPair(d.File(c.Cert), d.File(c.Key))
	if err != nil {
		return nil, &channel.ConfigError{
			Code: "certificate-bad", Key: "cert", What: "`cert` and `key` cannot be used together", Why: err.Error(),
			Do: "name the matching pair of PEM files, or remove both", Cause: err,
		}
	}
	out.Certificates = []tls.Certificate{pair}
	return out, nil
}

// MaxAlerts tells that each alert is a syslog message of its own.
func (r *receiver) MaxAlerts() int { return 100 }

// Send implements channel.Channel. Over UDP nobody says whether a message arrived. Over TCP and TLS the
// receiver closes its side when it has read all, which is as much as syslog can tell.
func (r *receiver) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	ctx, done, err := r.sends.Begin(ctx, r.timeout)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Err: err}
	}
	defer done()
	lines := r.form.lines(m)
	err = r.deliver(ctx, lines)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Err: r.trouble(ctx, err)}
	}
	said := "sent " + strconv.Itoa(len(lines)) + " to " + r.address
	if r.network == "tcp" && r.checked {
		said += ", all was read"
	}
	return channel.Receipt{Said: said}, nil
}

// deliver makes a connection and writes the messages. It runs on the caller's goroutine; ctx closes the
// connection, which wakes whatever waits on it.
func (r *receiver) deliver(ctx context.Context, lines [][]byte) error {
	conn, err := r.deps.Dial(ctx, r.network, r.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what matters was said before
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if r.network == "udp" {
		return datagrams(conn, lines)
	}
	stream := conn
	if r.tls != nil {
		secure := tls.Client(conn, r.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return err
		}
		stream = secure
	}
	for _, line := range lines {
		frame := append(strconv.AppendInt(nil, int64(len(line)), 10), ' ')
		if _, err := stream.Write(append(frame, line...)); err != nil {
			return r.last(stream, err)
		}
	}
	if !r.checked {
		return nil
	}
	if err := finish(stream, conn); err != nil {
		return r.last(stream, err)
	}
	return nil
}

// last is what the receiver said before it closed the connection that we were writing to, such as that
// it wants a certificate; err if it said nothing. A kernel may throw its word away with the connection: who
// showed no certificate is then told that one may be wanted.
func (r *receiver) last(stream net.Conn, err error) error {
	closed := errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	if e := stream.SetReadDeadline(time.Now().Add(refusal)); e != nil || !closed {
		return err
	}
	if _, said := stream.Read(make([]byte, 1)); said != nil && strings.Contains(said.Error(), "remote error") {
		return said
	}
	if r.tls != nil && len(r.tls.Certificates) == 0 {
		return fmt.Errorf("it closed the connection without a word, as receivers do that want a certificate (cert, key): %w", err)
	}
	return err
}

// datagrams writes one message a datagram, each as long as a datagram may be without being cut on its
// way through most networks, and listens for a moment whether the host says that nobody takes them.
func datagrams(conn net.Conn, lines [][]byte) error {
	for _, line := range lines {
		if _, err := conn.Write(line); err != nil {
			return err
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(refusal)); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// finish says that nothing more comes, and waits until the receiver has read to that end and closes its
// side.
func finish(stream, conn net.Conn) error {
	type half interface{ CloseWrite() error }
	if h, ok := stream.(half); ok {
		if err := h.CloseWrite(); err != nil {
			return err
		}
	}
	if h, ok := conn.(half); ok && stream != conn {
		_ = h.CloseWrite() // the receiver may have closed all on the word of TLS
	}
	n, err := io.Copy(io.Discard, io.LimitReader(stream, maxAnswer))
	if err == nil && n == maxAnswer {
		return errors.New("it talks on and on, as no syslog receiver does")
	}
	return err
}

// trouble says in words why the messages may not have arrived. None of it is for good: syslog has no
// answer that says no.
func (r *receiver) trouble(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, context.DeadlineExceeded):
		return fmt.Errorf("%s had not read all after %s: %w", r.address, r.timeout, context.DeadlineExceeded)
	case cause != nil:
		return fmt.Errorf("%s: %w", r.address, cause)
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("the certificate of %s is not accepted: %w", r.address, bad.Err)
	}
	return fmt.Errorf("%s: %w", r.address, err)
}

// Close implements channel.Channel.
func (r *receiver) Close() error { return r.sends.Close() }

// facilities are the names of RFC 5424's facilities, by their number. Some systems call 10 security and
// 13 and 14 log audit and log alert; these are the words of the manual pages.
var facilities = strings.Fields("kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
	"local0 local1 local2 local3 local4 local5 local6 local7")
