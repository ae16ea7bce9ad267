package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
	"weir/sinks/notify/channel/text"
)

// maxSaid bounds what a server may say in one connection: hundreds of recipients are answered with far
// less.
const maxSaid = 1 << 20

// Send implements channel.Channel. The ticket of a group is the Message-ID of the first mail about it.
func (m *mailer) Send(ctx context.Context, msg *channel.Message) (channel.Receipt, error) {
	sending, done, err := m.sends.Begin(ctx, m.timeout)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Err: err}
	}
	defer done()
	mail, id, err := m.compose(msg)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf("composing the mail: %w", err)}
	}
	// Of an earlier attempt some may have the mail already, and all may: then only its end is missing.
	said := ""
	left := m.results.Left(msg.ID, m.addresses)
	if len(left) > 0 {
		if said, err = m.deliver(sending, msg.ID, left, mail); err != nil {
			return channel.Receipt{}, m.judge(sending, err)
		}
		if left = m.results.Left(msg.ID, m.addresses); len(left) > 0 {
			return channel.Receipt{}, &channel.Error{Err: fmt.Errorf("%s does not take the mail for %s yet", m.host, strings.Join(left, ", "))}
		}
	}
	refused, taken := m.results.Finish(msg.ID)
	if len(refused) > 0 {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf(
			"%s refuses %d of %d recipients: %s", m.host, len(refused), len(refused)+taken, m.mask(strings.Join(refused, "; ")))}
	}
	receipt := channel.Receipt{Said: text.Clip(text.Clean(m.mask(said)), 200)}
	if msg.Kind != channel.Resolved && msg.Kind != channel.Digest && msg.Kind != channel.Notice {
		receipt.Ticket = thread(msg, id) // after all is over there is none: the next incident begins a thread of its own
	}
	return receipt, nil
}

// deliver makes one connection and hands the mail to who is left. What becomes of each recipient is
// settled on the way; the error is of the mail as a whole. A recipient that is to be tried again is
// simply not settled.
func (m *mailer) deliver(ctx context.Context, id string, left []string, mail *gomail.Msg) (said string, err error) {
	// The connection is ours: the library leaves it open on some of its errors, and knows no context
	// once it is connected. Closing it is what ends whatever waits on it.
	end := func() {}
	defer func() { end() }()
	dial := func(dialling context.Context, network, _ string) (net.Conn, error) {
		conn, err := m.dial(dialling, network)
		if err != nil {
			return nil, err
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // the reason is in ctx
		end = func() { stop(); _ = conn.Close() }                   // the mail was answered, or the error is known already
		return conn, nil
	}
	client, err := gomail.NewClient(m.host, append([]gomail.Option{gomail.WithTimeout(m.timeout), gomail.WithDialContextFunc(dial)}, m.options...)...)
	if err != nil {
		return "", err
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return "", err
	}
	if err := m.who.signIn(talk); err != nil {
		return "", fmt.Errorf("signing in: %w", err)
	}
	if said, err = m.hand(talk, id, left, mail); err == nil {
		_ = talk.Quit() // it has the mail, whatever it says to this
	}
	return said, err
}

// hand speaks with the server from MAIL to the answer to the last dot. The library could do so itself,
// but gives up a whole mail for one recipient that is refused. Until that last answer nobody has the
// mail; a connection that breaks off before it leaves the question open, and the next attempt is then a
// copy with the same Message-ID.
func (m *mailer) hand(talk *smtp.Client, id string, left []string, mail *gomail.Msg) (said string, err error) {
	// The sender of the envelope is where a server that took the mail sends its complaint when it
	// cannot deliver.
	if err := talk.Mail("<" + m.from.Address + ">"); err != nil {
		return "", err
	}
	var taken []string
	for _, to := range left {
		err := talk.Rcpt("<" + to + ">")
		reply, answered := errors.AsType[*textproto.Error](err)
		switch {
		case err == nil:
			taken = append(taken, to)
		case !answered:
			return "", err
		case reply.Code >= 500:
			m.results.Settle(id, to, words(reply))
		}
	}
	if len(taken) == 0 {
		return "", nil
	}
	w, err := talk.Data()
	if err != nil {
		return "", err
	}
	if _, err := mail.WriteTo(w); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	for _, to := range taken {
		m.results.Settle(id, to, "")
	}
	if d, ok := w.(*smtp.DataCloser); ok {
		said = "250 " + d.ServerResponse()
	}
	return said, nil
}

// dial connects, with TLS from the first byte where the configuration says so. What it returns is
// bounded: a server that never stops talking ends as one that is broken.
func (m *mailer) dial(ctx context.Context, network string) (net.Conn, error) {
	conn, err := m.deps.Dial(ctx, network, net.JoinHostPort(m.host, m.port))
	if err != nil {
		return nil, err
	}
	conn = &bounded{Conn: conn, left: maxSaid}
	if !m.implicit {
		return conn, nil
	}
	secure := tls.Client(conn, m.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error says more
		return nil, err
	}
	return secure, nil
}

// bounded is a connection whose other end may say only so much: the library keeps whole answers in
// memory.
type bounded struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the server says more than any mail server does")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// judge says what an error of a whole mail means: 5xx is for good, all else may pass. So does a server
// that offers no encryption: somebody between may have taken the offer away, which says nothing of the
// server.
func (m *mailer) judge(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, life.ErrClosed):
		return &channel.Error{Err: fmt.Errorf("%s: %w", m.host, life.ErrClosed)}
	case errors.Is(cause, context.DeadlineExceeded) || cause == nil && errors.Is(err, context.DeadlineExceeded):
		return &channel.Error{Err: fmt.Errorf("%s did not finish in %s: %w", m.host, m.timeout, context.DeadlineExceeded)}
	case cause != nil:
		return &channel.Error{Err: fmt.Errorf("%s: %w", m.host, cause)}
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return &channel.Error{Permanent: reply.Code >= 500, Err: fmt.Errorf("%s answers %s", m.host, m.mask(words(reply)))}
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &channel.Error{Err: fmt.Errorf("the certificate of %s is not accepted: %w", m.host, bad.Err)}
	}
	if bad, ok := errors.AsType[x509.HostnameError](err); ok {
		return &channel.Error{Err: fmt.Errorf("the certificate of %s is not accepted: %w", m.host, bad)}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &channel.Error{Err: fmt.Errorf("%s closed the connection before the mail was taken: %w", m.host, err)}
	}
	return &channel.Error{Err: errors.New(m.host + ": " + m.mask(text.Clean(err.Error())))}
}

// words are a server's reply in one line. Replies may have many lines, and anything in them.
func words(reply *textproto.Error) string {
	return text.Clip(strconv.Itoa(reply.Code)+" "+text.Clean(reply.Msg), 200)
}

// mask hides the password, which a server may repeat. Shorter ones than four letters are not hidden:
// they would be found in every word.
func (m *mailer) mask(s string) string {
	if len(m.who.password) < 4 {
		return s
	}
	return strings.ReplaceAll(s, m.who.password, "***")
}
