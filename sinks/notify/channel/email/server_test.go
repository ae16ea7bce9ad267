package email_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/sinks/notify/channel/channeltest"
)

// mailServer is a small mail server, as strict as a test needs it: it takes no command out of order, and no password
// before the connection is encrypted.
type mailServer struct {
	t        testing.TB
	starttls *tls.Config // nil: it does not offer it
	auth     string      // the mechanisms that it offers, "" for none
	wait     time.Duration
	// reply overrides an answer: to a recipient, or to a command (MAIL, DATA, ., AUTH, EHLO). "" is the usual one. CLOSE
	// closes the connection instead.
	reply func(what string) string

	mu    sync.Mutex
	mails []received
	used  []string // mechanisms by which clients signed in
}

// received is a mail that the server took.
type received struct {
	from string
	to   []string
	data string
}

const (
	user     = "weir@example.com"
	password = "pAsSwOrD-of-the-mail"
)

// run starts the server; secure makes it speak TLS from the first byte.
func (s *mailServer) run(secure *tls.Config) string {
	return channeltest.Serve(s.t, secure, func(c net.Conn) { (&dialog{s: s, secure: secure != nil}).talk(c) })
}

func (s *mailServer) taken() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

func (s *mailServer) override(what string) string {
	if s.reply == nil {
		return ""
	}
	return s.reply(what)
}

// dialog is one connection.
type dialog struct {
	s      *mailServer
	secure bool
	signed bool
	conn   net.Conn
	r      *bufio.Reader
	mail   received
}

// say answers; false ends the dialog.
func (d *dialog) say(what, usual string) bool {
	time.Sleep(d.s.wait)
	line := usual
	if other := d.s.override(what); other != "" {
		line = other
	}
	if line == "CLOSE" {
		return false
	}
	_, err := fmt.Fprintf(d.conn, "%s\r\n", line)
	return err == nil
}

// line reads a command.
func (d *dialog) line() (string, bool) {
	line, err := d.r.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}

// talk speaks until the client leaves.
func (d *dialog) talk(c net.Conn) {
	d.conn, d.r = c, bufio.NewReader(c)
	if !d.say("GREETING", "220 mail.test ESMTP") {
		return
	}
	for {
		line, ok := d.line()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		if rest != "" && verb == "RCPT" {
			d.rcpt(rest)
			continue
		}
		switch verb {
		case "EHLO":
			ok = d.ehlo()
		case "STARTTLS":
			if ok = d.s.starttls != nil && d.say(verb, "220 go"); ok {
				d.conn = tls.Server(d.conn, d.s.starttls)
				d.r, d.secure = bufio.NewReader(d.conn), true
			}
		case "AUTH":
			ok = d.signIn(rest)
		case "MAIL":
			if d.s.auth != "" && !d.signed {
				ok = d.say("", "530 5.7.0 authentication required")
				break
			}
			d.mail = received{from: between(rest)}
			ok = d.say(verb, "250 ok")
		case "DATA":
			ok = d.data()
		case "QUIT":
			d.say(verb, "221 bye")
			return
		case "RSET", "NOOP":
			ok = d.say(verb, "250 ok")
		default:
			ok = d.say("", "500 what?")
		}
		if !ok {
			return
		}
	}
}

func (d *dialog) ehlo() bool {
	lines := []string{"mail.test", "8BITMIME", "ENHANCEDSTATUSCODES"}
	if d.s.starttls != nil && !d.secure {
		lines = append(lines, "STARTTLS")
	}
	if d.s.auth != "" {
		lines = append(lines, "AUTH "+d.s.auth)
	}
	var b strings.Builder
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		b.WriteString("250" + sep + l)
		if sep == "-" {
			b.WriteString("\r\n")
		}
	}
	return d.say("EHLO", b.String())
}

// between is what stands in the first angle brackets.
func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

func (d *dialog) rcpt(rest string) bool {
	to := between(rest)
	if other := d.s.override(to); other != "" && other[0] != '2' {
		return d.say(to, other)
	}
	d.mail.to = append(d.mail.to, to)
	return d.say(to, "250 ok")
}

func (d *dialog) data() bool {
	if len(d.mail.to) == 0 {
		return d.say("", "554 no recipients")
	}
	if !d.say("DATA", "354 go on") || d.s.override("DATA") != "" {
		return d.s.override("DATA") != "CLOSE"
	}
	var b strings.Builder
	for {
		line, ok := d.line()
		if !ok {
			return false
		}
		if line == "." {
			break
		}
		b.WriteString(strings.TrimPrefix(line, ".") + "\n")
	}
	if other := d.s.override("."); other == "" || other[0] == '2' {
		d.mail.data = b.String()
		d.s.mu.Lock()
		d.s.mails = append(d.s.mails, d.mail)
		d.s.mu.Unlock()
	}
	return d.say(".", "250 2.0.0 Ok: queued as 4F2")
}

// signIn takes PLAIN, LOGIN and CRAM-MD5.
func (d *dialog) signIn(rest string) bool {
	if other := d.s.override("AUTH"); other != "" {
		return d.say("AUTH", other)
	}
	kind, first, _ := strings.Cut(rest, " ")
	ask := func(challenge string) string {
		d.say("", "334 "+base64.StdEncoding.EncodeToString([]byte(challenge)))
		line, _ := d.line()
		text, _ := base64.StdEncoding.DecodeString(line)
		return string(text)
	}
	good := false
	switch kind {
	case "PLAIN":
		text, _ := base64.StdEncoding.DecodeString(first)
		good = string(text) == "\x00"+user+"\x00"+password
	case "LOGIN":
		name := ask("Username:")
		good = name == user && ask("Password:") == password
	case "CRAM-MD5":
		mac := hmac.New(md5.New, []byte(password))
		mac.Write([]byte("<1.2@mail.test>"))
		good = ask("<1.2@mail.test>") == user+" "+hex.EncodeToString(mac.Sum(nil))
	}
	if !good {
		return d.say("", "535 5.7.8 authentication failed")
	}
	d.signed = true
	d.s.mu.Lock()
	how := kind
	if !d.secure {
		how += " in the clear"
	}
	d.s.used = append(d.s.used, how)
	d.s.mu.Unlock()
	return d.say("", "235 2.7.0 welcome")
}
