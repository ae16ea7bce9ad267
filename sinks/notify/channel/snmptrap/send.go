package snmptrap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"weir/sinks/notify/channel"
)

// refusal is how long to wait for word that nobody listens: a host sends it back at once, a network
// that drops it never.
const refusal = 100 * time.Millisecond

// Send implements channel.Channel. The alerts of a message go one by one, each as a notification; if
// one of them is not taken, the next attempt sends all again, with the ids by which a receiver knows
// copies.
func (s *sender) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	ctx, done, err := s.sends.Begin(ctx, s.timeout)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Err: err}
	}
	defer done()
	link := s.link(ctx)
	if err := link.Connect(); err != nil {
		return channel.Receipt{}, &channel.Error{Err: fmt.Errorf("%s: %w", s.host, err)}
	}
	defer func() { _ = link.Conn.Close() }() // what matters was said before
	defer context.AfterFunc(ctx, func() { _ = link.Conn.Close() })()
	traps := s.traps(m)
	for _, t := range traps {
		if err := s.one(link, t); err != nil {
			return channel.Receipt{}, s.judge(ctx, err)
		}
	}
	if s.inform {
		return channel.Receipt{Said: strconv.Itoa(len(traps)) + " informs answered"}, nil
	}
	if err := refused(link.Conn); err != nil {
		return channel.Receipt{}, s.judge(ctx, err)
	}
	return channel.Receipt{Said: strconv.Itoa(len(traps)) + " traps sent"}, nil
}

// link is the library's client for one message. It is made anew each time: it changes itself while it
// sends. The engine of an inform is the receiver's; the library asks for it before it sends.
func (s *sender) link(ctx context.Context) *gosnmp.GoSNMP {
	const attempts = 4 // datagrams get lost; and an engine whose clock is not known answers twice with it before all else
	g := &gosnmp.GoSNMP{
		Target: s.host, Port: s.port, Transport: "udp", Version: s.version, Community: s.community, Context: ctx,
		Timeout: s.timeout / attempts, Retries: attempts - 1, MaxOids: gosnmp.MaxOids,
	}
	if s.version == gosnmp.Version3 {
		usm := &gosnmp.UsmSecurityParameters{
			UserName: s.user.name, AuthenticationProtocol: s.user.auth, AuthenticationPassphrase: s.user.authKey,
			PrivacyProtocol: s.user.priv, PrivacyPassphrase: s.user.privKey,
		}
		if !s.inform {
			// The sender of a trap is the engine whose clock counts. Receivers refuse what is older
			// than what they have seen, so the number of starts must grow: it is the time of the start,
			// in seconds since 2024.
			usm.AuthoritativeEngineID = s.engine
			usm.AuthoritativeEngineBoots = uint32(max(1, s.begun.Unix()-epoch))
			usm.AuthoritativeEngineTime = uint32(max(0, s.now().Sub(s.begun)/time.Second))
		}
		g.SecurityModel, g.MsgFlags, g.SecurityParameters, g.ContextEngineID = gosnmp.UserSecurityModel, s.flags, usm, usm.AuthoritativeEngineID
	}
	return g
}

// epoch is 2024-01-01 in Unix time; the number of starts has 31 bits, which last until 2092.
const epoch = 1704067200

// one sends one notification. The library sends an inform again by itself within the time of this send,
// as SNMP means it.
func (s *sender) one(link *gosnmp.GoSNMP, t gosnmp.SnmpTrap) error {
	t.IsInform = s.inform
	answer, err := link.SendTrap(t)
	if err != nil {
		return err
	}
	if s.inform && answer != nil && answer.Error != gosnmp.NoError {
		return fmt.Errorf("the receiver answers %s", answer.Error)
	}
	return nil
}

// refused listens for a moment whether the host says that nobody takes traps. Where it does not,
// nothing is known: that is why there are informs.
func refused(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(refusal)); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// judge says what an error means. Nothing is for good: a receiver that refuses user or keys says so in
// a datagram that proves nothing of itself, and anybody could have sent it.
func (s *sender) judge(ctx context.Context, err error) error {
	where := net.JoinHostPort(s.host, strconv.Itoa(int(s.port)))
	cause := context.Cause(ctx)
	switch {
	case cause != nil && !errors.Is(cause, context.DeadlineExceeded):
		return &channel.Error{Err: fmt.Errorf("%s: %w", where, cause)}
	case cause != nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, gosnmp.ErrMaxRetriesExceeded):
		return &channel.Error{Err: fmt.Errorf("%s did not answer in %s: %w", where, s.timeout, context.DeadlineExceeded)}
	}
	for _, refusal := range []error{gosnmp.ErrUnknownUsername, gosnmp.ErrWrongDigest, gosnmp.ErrUnknownSecurityLevel, gosnmp.ErrDecryption} {
		if errors.Is(err, refusal) {
			return &channel.Error{Err: fmt.Errorf("%s does not accept user or keys: %w", where, err)}
		}
	}
	if strings.Contains(err.Error(), "not authentic") { // the library has no name for it
		return &channel.Error{Err: fmt.Errorf("%s does not accept user or keys, or another answers in its place: %w", where, err)}
	}
	words := err.Error()
	for _, secret := range s.hidden {
		if len(secret) >= 4 {
			words = strings.ReplaceAll(words, secret, "***")
		}
	}
	if words != err.Error() {
		return &channel.Error{Err: errors.New(where + ": " + words)}
	}
	return &channel.Error{Err: fmt.Errorf("%s: %w", where, err)}
}
