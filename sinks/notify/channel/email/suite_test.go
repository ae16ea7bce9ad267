package email_test

import (
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/email"
)

// config is a configuration for a server on loopback.
func config(t testing.TB, addr string) email.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return email.Config{Host: host, Port: n, From: "Weir <weir@example.com>", To: []string{"ana@example.com", "김민수 <minsu@example.com>"}}
}

// start makes a channel that ends with the test.
func start(t testing.TB, c email.Config, d channel.Deps) channel.Channel {
	t.Helper()
	m, err := email.New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// replies overrides single answers.
func replies(all map[string]string) func(string) string {
	return func(what string) string { return all[what] }
}

// refusing is a server that answers one thing differently.
func refusing(what, answer string, want channeltest.Want) func(t testing.TB, ca *channeltest.CA) (channeltest.Target, channeltest.Want) {
	return func(t testing.TB, ca *channeltest.CA) (channeltest.Target, channeltest.Want) {
		s := &mailServer{t: t, starttls: ca.Server(t, "127.0.0.1"), auth: "PLAIN LOGIN", reply: replies(map[string]string{what: answer})}
		return channeltest.Target{Addr: s.run(nil), CA: ca.File}, want
	}
}

// TestSuite_StartTLS holds mail with STARTTLS and a password to what every channel must do.
func TestSuite_StartTLS(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		Plain: true, Secrets: []string{password},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			c := config(t, to.Addr)
			c.User, c.Password, c.CA, c.Timeout = user, password, to.CA, unit.Duration(timeout)
			return start(t, c, d)
		},
		Good: func(t testing.TB, ca *channeltest.CA, wait time.Duration) channeltest.Target {
			s := &mailServer{t: t, starttls: ca.Server(t, "127.0.0.1"), auth: "PLAIN LOGIN", wait: wait}
			return channeltest.Target{Addr: s.run(nil), CA: ca.File}
		},
		Servers: map[string]func(t testing.TB, ca *channeltest.CA) (channeltest.Target, channeltest.Want){
			"wrong password":              refusing("AUTH", "535 5.7.8 no, not "+password, channeltest.Want{Permanent: true, Says: "535"}),
			"authentication not possible": refusing("AUTH", "454 4.7.0 later", channeltest.Want{Says: "454"}),
			"greets with 554":             refusing("GREETING", "554 go away", channeltest.Want{Permanent: true, Says: "554"}),
			"greets with 421":             refusing("GREETING", "421 too busy", channeltest.Want{Says: "421"}),
			"closes at once":              refusing("GREETING", "CLOSE", channeltest.Want{}),
			"closes at MAIL":              refusing("MAIL", "CLOSE", channeltest.Want{Says: "closed the connection"}),
			"closes at the mail's end":    refusing(".", "CLOSE", channeltest.Want{Says: "closed the connection"}),
			"refuses the sender":          refusing("MAIL", "550 5.1.0 not you", channeltest.Want{Permanent: true, Says: "550"}),
			"is full":                     refusing("MAIL", "452 4.3.1 no room", channeltest.Want{Says: "452"}),
			"refuses DATA":                refusing("DATA", "554 no", channeltest.Want{Permanent: true, Says: "554"}),
			"takes the mail for spam":     refusing(".", "550 5.7.1 spam", channeltest.Want{Permanent: true, Says: "550"}),
			"cannot take the mail now":    refusing(".", "451 4.3.0 later", channeltest.Want{Says: "451"}),
			"offers no encryption": func(t testing.TB, _ *channeltest.CA) (channeltest.Target, channeltest.Want) {
				return channeltest.Target{Addr: (&mailServer{t: t, auth: "PLAIN"}).run(nil)}, channeltest.Want{Says: "STARTTLS"}
			},
			"certificate of another authority": func(t testing.TB, ca *channeltest.CA) (channeltest.Target, channeltest.Want) {
				s := &mailServer{t: t, starttls: channeltest.NewCA(t).Server(t, "127.0.0.1"), auth: "PLAIN"}
				return channeltest.Target{Addr: s.run(nil), CA: ca.File}, channeltest.Want{Says: "certificate"}
			},
			"never stops talking": func(t testing.TB, _ *channeltest.CA) (channeltest.Target, channeltest.Want) {
				addr := channeltest.Serve(t, nil, func(c net.Conn) {
					for {
						if _, err := io.WriteString(c, "220-still talking\r\n"); err != nil {
							return
						}
					}
				})
				return channeltest.Target{Addr: addr}, channeltest.Want{Says: "more than any mail server"}
			},
			"speaks HTTP": func(t testing.TB, _ *channeltest.CA) (channeltest.Target, channeltest.Want) {
				return channeltest.Target{Addr: channeltest.Serve(t, nil, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") })}, channeltest.Want{}
			},
		},
	})
}

// TestSuite_Implicit holds mail over TLS from the first byte to what every channel must do.
func TestSuite_Implicit(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		TLS: true,
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			c := config(t, to.Addr)
			c.TLS, c.CA, c.Timeout = "implicit", to.CA, unit.Duration(timeout)
			return start(t, c, d)
		},
		Good: func(t testing.TB, ca *channeltest.CA, wait time.Duration) channeltest.Target {
			return channeltest.Target{Addr: (&mailServer{t: t, wait: wait}).run(ca.Server(t, "127.0.0.1")), CA: ca.File}
		},
	})
}
