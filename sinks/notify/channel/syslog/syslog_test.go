package syslog_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/syslog"
)

// collector reads frames until the sender has closed its side, and closes its own.
func collector(t testing.TB, secure *tls.Config, wait time.Duration) (addr string, got chan string) {
	got = make(chan string, 1000)
	return channeltest.Serve(t, secure, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			length, err := r.ReadString(' ')
			if err != nil {
				return
			}
			n, err := strconv.Atoi(strings.TrimSpace(length))
			if err != nil {
				t.Errorf("length %q", length)
				return
			}
			frame := make([]byte, n)
			if _, err := io.ReadFull(r, frame); err != nil {
				return
			}
			time.Sleep(wait)
			got <- string(frame)
		}
	}), got
}

// start makes a channel that ends with the test.
func start(t testing.TB, c syslog.Config, d channel.Deps) channel.Channel {
	t.Helper()
	c.Hostname = "weir-1"
	s, err := syslog.New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestSuite_TCP holds syslog over TCP to what every channel must do.
func TestSuite_TCP(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		Plain: true,
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			return start(t, syslog.Config{Address: to.Addr, Timeout: unit.Duration(timeout)}, d)
		},
		Good: func(t testing.TB, _ *channeltest.CA, wait time.Duration) channeltest.Target {
			addr, _ := collector(t, nil, wait)
			return channeltest.Target{Addr: addr}
		},
		Servers: map[string]func(t testing.TB, ca *channeltest.CA) (channeltest.Target, channeltest.Want){
			"breaks the connection": func(t testing.TB, _ *channeltest.CA) (channeltest.Target, channeltest.Want) {
				return channeltest.Target{Addr: channeltest.Serve(t, nil, func(c net.Conn) {
					_, _ = io.ReadFull(c, make([]byte, 10))
					_ = c.(*net.TCPConn).SetLinger(0) // what it has not read is reset
				})}, channeltest.Want{}
			},
			"talks on and on": func(t testing.TB, _ *channeltest.CA) (channeltest.Target, channeltest.Want) {
				return channeltest.Target{Addr: channeltest.Serve(t, nil, func(c net.Conn) {
					for {
						if _, err := c.Write(make([]byte, 4096)); err != nil {
							return
						}
					}
				})}, channeltest.Want{Says: "talks on and on"}
			},
		},
	})
}

// TestSuite_TLS holds syslog over TLS to what every channel must do.
func TestSuite_TLS(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		TLS: true,
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			return start(t, syslog.Config{Address: to.Addr, Protocol: "tls", CA: to.CA, Timeout: unit.Duration(timeout)}, d)
		},
		Good: func(t testing.TB, ca *channeltest.CA, wait time.Duration) channeltest.Target {
			addr, _ := collector(t, ca.Server(t, "127.0.0.1"), wait)
			return channeltest.Target{Addr: addr, CA: ca.File}
		},
	})
}

// TestSuite_UDP holds syslog over UDP to what every channel must do, as far as it can.
func TestSuite_UDP(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		Plain: true, Unheard: true,
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			address := to.Addr
			if timeout < time.Second { // the silent one, which has to listen
				address = datagrams(t).LocalAddr().String()
			}
			return start(t, syslog.Config{Address: address, Protocol: "udp", Timeout: unit.Duration(timeout)}, d)
		},
	})
}

// datagrams is a receiver of datagrams.
func datagrams(t testing.TB) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestUDP: each alert is a datagram.
func TestUDP(t *testing.T) {
	in := datagrams(t)
	m := channeltest.Message()
	m.Alerts[0].What = strings.Repeat("가", 2000)
	receipt, err := start(t, syslog.Config{Address: in.LocalAddr().String(), Protocol: "udp"}, channel.Deps{}).Send(t.Context(), m)
	if err != nil || !strings.HasPrefix(receipt.Said, "sent 2 to ") {
		t.Fatalf("%+v, %v", receipt, err)
	}
	for _, id := range []string{m.Alerts[0].ID, m.Alerts[1].ID} {
		buf := make([]byte, 65536)
		n, _, err := in.ReadFrom(buf)
		if err != nil || n > 2048 || !strings.Contains(string(buf[:n]), `id="`+id+`"`) {
			t.Errorf("%d bytes, %v: %s", n, err, buf[:n])
		}
	}
}

// TestClientCertificate: a receiver that asks for a certificate gets ours, and one without is told.
func TestClientCertificate(t *testing.T) {
	ca := channeltest.NewCA(t)
	secure := ca.Server(t, "127.0.0.1")
	secure.ClientAuth = tls.RequireAnyClientCert
	addr, got := collector(t, secure, 0)
	cert, key := ca.Files(t, "weir")
	c := syslog.Config{Address: addr, Protocol: "tls", CA: ca.File, Cert: cert, Key: key}
	if _, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message()); err != nil || len(got) != 2 {
		t.Errorf("%v, %d messages", err, len(got))
	}
	c.Cert, c.Key = "", ""
	if _, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message()); err == nil || !strings.Contains(err.Error(), "certificate") && !strings.Contains(err.Error(), "reset by peer") {
		t.Errorf("without a certificate: %v", err)
	}
}

// TestUnchecked: who does not wait for the receiver to close its side is not held up by one that never does.
func TestUnchecked(t *testing.T) {
	c := syslog.Config{Address: channeltest.Silent(t).Addr, Timeout: unit.Duration(300 * time.Millisecond)}
	never := channeltest.Serve(t, nil, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c)
		time.Sleep(2 * time.Second)
	})
	c.Address = never
	if _, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message()); err == nil {
		t.Error("a receiver that does not close its side is believed")
	}
	c.Unchecked, c.Timeout = true, unit.Duration(time.Minute)
	if _, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message()); err != nil {
		t.Error(err)
	}
}

func TestNew_Failure(t *testing.T) {
	for _, tc := range []struct {
		name, key string
		c         syslog.Config
	}{
		{"no address", "address", syslog.Config{}},
		{"no port", "address", syslog.Config{Address: "siem"}},
		{"no such port", "address", syslog.Config{Address: "siem:0"}},
		{"no protocol", "protocol", syslog.Config{Address: "siem:1", Protocol: "relp"}},
		{"no format", "format", syslog.Config{Address: "siem:1", Format: "json"}},
		{"no facility", "facility", syslog.Config{Address: "siem:1", Facility: "local9"}},
		{"name of data", "sd_id", syslog.Config{Address: "siem:1", SDID: "weir"}},
		{"name with a blank", "sd_id", syslog.Config{Address: "siem:1", SDID: "we ir@1"}},
		{"name with a word for a number", "sd_id", syslog.Config{Address: "siem:1", SDID: "weir@x"}},
		{"too short", "max_bytes", syslog.Config{Address: "siem:1", MaxBytes: 100}},
		{"CA without TLS", "ca", syslog.Config{Address: "siem:1", CA: "ca.pem"}},
		{"no CA", "ca", syslog.Config{Address: "siem:1", Protocol: "tls", CA: "/nowhere"}},
		{"no certificate", "cert", syslog.Config{Address: "siem:1", Protocol: "tls", Cert: "/nowhere", Key: "/nowhere"}},
	} {
		_, err := syslog.New(tc.c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key {
			t.Errorf("%s: %#v", tc.name, err)
		}
	}
	if n, ok := start(t, syslog.Config{Address: "siem:1"}, channel.Deps{}).(interface{ MaxAlerts() int }); !ok || n.MaxAlerts() < 100 {
		t.Error("it does not say that it takes many alerts")
	}
}
