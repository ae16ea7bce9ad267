// Package email sends messages by SMTP.
package email

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
	"weir/sinks/notify/channel/tally"
)

// Config is what notify.yaml says of e-mail: one mail server and one list of people. Who wants another
// list for some alerts makes another channel, and lets routes choose.
type Config struct {
	Host     string        `yaml:"host" doc:"name of the mail server"`
	Port     int           `yaml:"port" doc:"its port (default 587, with tls implicit 465, with tls none 25)"`
	TLS      string        `yaml:"tls" doc:"starttls (default): the connection is encrypted before anything is said, or nothing is sent; implicit: from the first byte; none: in the clear" enum:"starttls,implicit,none"`
	User     string        `yaml:"user" doc:"user; empty: the server takes mail without"`
	Password unit.Secret   `yaml:"password" doc:"password: file:PATH, env:NAME, or the password itself"`
	Auth     string        `yaml:"auth" doc:"auto (default): what the server offers, in the clear only cram-md5; else plain, login or cram-md5" enum:"auto,plain,login,cram-md5"`
	From     string        `yaml:"from" doc:"sender: weir@example.com, or Weir <weir@example.com>"`
	To       []string      `yaml:"to" doc:"recipients"`
	ReplyTo  string        `yaml:"reply_to" doc:"where answers go; empty: to the sender"`
	Prefix   string        `yaml:"subject_prefix" doc:"what every subject begins with"`
	Helo     string        `yaml:"helo" doc:"name by which weir greets the server (default: this machine's)"`
	CA       string        `yaml:"ca" doc:"file of certificates (PEM) that sign the server's, beside those of the system"`
	Timeout  unit.Duration `yaml:"timeout" doc:"how long a mail may take from the connection to the last answer (default 10s)"`
}

// mailer sends e-mail. Each send has a connection of its own: mails are seldom, and servers close idle
// connections. It never changes after New, but for what it remembers of recipients who still lack a
// mail.
type mailer struct {
	host, port string
	implicit   bool
	from       *mail.Address
	to         []*mail.Address
	addresses  []string // of to
	replyTo    *mail.Address
	prefix     string
	who        credentials
	tls        *tls.Config
	options    []gomail.Option
	timeout    time.Duration
	deps       channel.Deps
	log        *slog.Logger
	sends      life.Sends
	results    tally.Results
}

// New makes an e-mail channel. It asks no server: one that is away must not keep weir from starting.
// What the library would refuse when it connects is tried here, while somebody looks.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	m := &mailer{host: c.Host, implicit: c.TLS == "implicit", prefix: c.Prefix, timeout: channel.Span(c.Timeout), deps: d, log: d.Log}
	if m.host == "" || strings.ContainsAny(m.host, " :/") && net.ParseIP(m.host) == nil {
		return nil, channel.Bad("host", "is no name of a server", "write the name alone: mail.example.com; the port has a key of its own")
	}
	if err := m.people(c); err != nil {
		return nil, err
	}
	roots, err := d.Roots("ca", c.CA)
	if err != nil {
		return nil, err
	}
	m.tls = &tls.Config{ServerName: m.host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	port, policy, err := security(c)
	if err != nil {
		return nil, err
	}
	m.port = strconv.Itoa(port)
	m.options = []gomail.Option{gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(m.tls), gomail.WithoutNoop()}
	if c.Helo != "" {
		m.options = append(m.options, gomail.WithHELO(c.Helo))
	}
	if m.who, err = newCredentials(c, d); err != nil {
		return nil, err
	}
	if _, err := gomail.NewClient(m.host, m.options...); err != nil {
		return nil, channel.Bad("host", "and the other keys make no client: "+err.Error(), "correct them")
	}
	return m, nil
}

// people reads the addresses. Names in them may be Korean; the addresses themselves are ASCII, as every
// server takes them.
func (m *mailer) people(c Config) error {
	parse := func(key, text string) (*mail.Address, error) {
		a, err := mail.ParseAddress(text)
		if err != nil || strings.ContainsAny(text, "\r\n") {
			return nil, channel.Bad(key, "is no address of e-mail: "+strconv.Quote(text), "write ops@example.com, or Ops <ops@example.com>")
		}
		return a, nil
	}
	var err error
	if m.from, err = parse("from", c.From); err != nil {
		return err
	}
	if len(c.To) == 0 {
		return channel.Bad("to", "is missing", "give the recipients: [ops@example.com]")
	}
	for i, text := range c.To {
		a, err := parse("to."+strconv.Itoa(i), text)
		if err != nil {
			return err
		}
		m.to = append(m.to, a)
		m.addresses = append(m.addresses, a.Address)
	}
	if c.ReplyTo != "" {
		m.replyTo, err = parse("reply_to", c.ReplyTo)
	}
	return err
}

// security is the port and whether the library has to ask for encryption. STARTTLS is mandatory where
// it is asked for at all: a server that offers none, or whose offer somebody took away, gets nothing.
// Implicit TLS is made by our own dialler, since the library makes it only with its own.
func security(c Config) (int, gomail.TLSPolicy, error) {
	port, policy := 587, gomail.TLSMandatory
	switch c.TLS {
	case "", "starttls":
	case "implicit":
		port, policy = 465, gomail.NoTLS
	case "none":
		port, policy = 25, gomail.NoTLS
	default:
		return 0, 0, channel.Bad("tls", "is none of starttls, implicit, none", "leave it out for starttls")
	}
	if c.Port < 0 || c.Port > 65535 {
		return 0, 0, channel.Bad("port", "is no port", "write a number from 1 to 65535")
	}
	if c.Port > 0 {
		port = c.Port
	}
	return port, policy, nil
}

// Close implements channel.Channel.
func (m *mailer) Close() error { return m.sends.Close() }
