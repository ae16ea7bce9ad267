package email_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/email"
)

// TestNew_Failure: each mistake of the configuration is found before anything is sent, under its key.
func TestNew_Failure(t *testing.T) {
	good := email.Config{Host: "mail.example.com", From: "weir@example.com", To: []string{"ops@example.com"}}
	if _, err := email.New(good, channel.Deps{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, key, code string
		change          func(c *email.Config)
	}{
		{"no host", "host", "notify-channel", func(c *email.Config) { c.Host = "" }},
		{"port in the host", "host", "notify-channel", func(c *email.Config) { c.Host = "mail.example.com:25" }},
		{"address as host", "host", "notify-channel", func(c *email.Config) { c.Host = "smtp://mail.example.com" }},
		{"no sender", "from", "notify-channel", func(c *email.Config) { c.From = "" }},
		{"a header in the sender", "from", "notify-channel", func(c *email.Config) { c.From = "weir@example.com\r\nBcc: x@example.com" }},
		{"no recipient", "to", "notify-channel", func(c *email.Config) { c.To = nil }},
		{"a recipient that is none", "to.1", "notify-channel", func(c *email.Config) { c.To = []string{"a@example.com", "ops"} }},
		{"answers to nobody", "reply_to", "notify-channel", func(c *email.Config) { c.ReplyTo = "x" }},
		{"no such encryption", "tls", "notify-channel", func(c *email.Config) { c.TLS = "ssl" }},
		{"no such port", "port", "notify-channel", func(c *email.Config) { c.Port = 70000 }},
		{"user without password", "password", "notify-channel", func(c *email.Config) { c.User = "u" }},
		{"password that is not there", "password", "notify-secret", func(c *email.Config) { c.User, c.Password = "u", "env:NOT_THERE_AT_ALL" }},
		{"no such mechanism", "auth", "notify-channel", func(c *email.Config) { c.User, c.Password, c.Auth = "u", "p", "ntlm" }},
		{"no such CA", "ca", "certificate-bad", func(c *email.Config) { c.CA = "/nowhere.pem" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := good
			tc.change(&c)
			_, err := email.New(c, channel.Deps{})
			if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key || e.Code != tc.code || e.Do == "" {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// TestAuth: the mechanism that the server offers is used, and no password goes over a connection in the clear unless the
// configuration says by which mechanism.
func TestAuth(t *testing.T) {
	ca := channeltest.NewCA(t)
	for _, tc := range []struct{ name, offers, tls, auth, used string }{
		{"plain", "PLAIN", "starttls", "", "PLAIN"},
		{"login", "LOGIN", "starttls", "", "LOGIN"},
		{"cram-md5", "CRAM-MD5", "starttls", "", "CRAM-MD5"},
		{"plain before others", "CRAM-MD5 LOGIN PLAIN", "starttls", "auto", "PLAIN"},
		{"as told", "CRAM-MD5 LOGIN PLAIN", "starttls", "login", "LOGIN"},
		{"as told, cram", "CRAM-MD5 LOGIN PLAIN", "implicit", "cram-md5", "CRAM-MD5"},
		{"implicit TLS", "LOGIN", "implicit", "", "LOGIN"},
		{"in the clear: cram-md5 by itself", "PLAIN LOGIN CRAM-MD5", "none", "", "CRAM-MD5 in the clear"},
		{"in the clear: never plain by itself", "PLAIN LOGIN", "none", "", ""},
		{"in the clear: plain as told", "PLAIN LOGIN", "none", "plain", "PLAIN in the clear"},
		{"in the clear: login as told", "PLAIN LOGIN", "none", "login", "LOGIN in the clear"},
		{"the server does not offer what is told", "PLAIN", "starttls", "cram-md5", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &mailServer{t: t, auth: tc.offers}
			secure := ca.Server(t, "127.0.0.1")
			if tc.tls == "starttls" {
				s.starttls, secure = secure, nil
			} else if tc.tls == "none" {
				secure = nil
			}
			c := config(t, s.run(secure))
			c.TLS, c.Auth, c.User, c.Password, c.CA = tc.tls, tc.auth, user, password, ca.File
			_, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message())
			if (err == nil) != (tc.used != "") {
				t.Fatalf("got %v", err)
			}
			if got := strings.Join(s.used, ","); got != tc.used {
				t.Errorf("used %q, want %q", got, tc.used)
			}
		})
	}
}

// parsed is a mail as its reader sees it.
type parsed struct {
	head                 mail.Header
	subject, plain, html string
}

// read takes a mail apart.
func read(t *testing.T, data string) parsed {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := parsed{head: m.Header}
	if out.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("part %v", part.Header)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			out.html = text
		} else {
			out.plain = text
		}
	}
}

// one sends a message and returns the mail that arrived.
func one(t *testing.T, c channel.Channel, s *mailServer, m *channel.Message) (channel.Receipt, received) {
	t.Helper()
	before := len(s.taken())
	r, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	mails := s.taken()
	if len(mails) != before+1 {
		t.Fatalf("%d mails", len(mails)-before)
	}
	return r, mails[before]
}

// TestMail: what arrives is what was meant, in both forms and in Korean, and what attackers wrote into logs is text in it.
func TestMail(t *testing.T) {
	s := &mailServer{t: t}
	c := config(t, s.run(nil))
	c.TLS, c.Prefix, c.ReplyTo = "none", "[보안]", "soc@example.com"
	m := channeltest.Message()
	m.Lang = "ko"
	receipt, got := one(t, start(t, c, channel.Deps{Version: "1.2"}), s, m)
	if got.from != "weir@example.com" || !slices.Equal(got.to, []string{"ana@example.com", "minsu@example.com"}) {
		t.Errorf("envelope: %s to %v", got.from, got.to)
	}
	if receipt.Said != "250 2.0.0 Ok: queued as 4F2" {
		t.Errorf("said: %q", receipt.Said)
	}
	p := read(t, got.data)
	if want := "[보안] [높음] 203.0.113.5에서 web-1의 root 비밀번호를 알아냈습니다 (외 4건)"; p.subject != want {
		t.Errorf("subject %q, want %q", p.subject, want)
	}
	if strings.Contains(got.data, "높음") {
		t.Error("the mail has bytes above ASCII")
	}
	to, err := p.head.AddressList("To")
	if err != nil || len(to) != 2 || to[1].Name != "김민수" || to[1].Address != "minsu@example.com" {
		t.Errorf("to: %v, %v", to, err)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "Importance": "high", "Reply-To": "<soc@example.com>", "X-Mailer": "weir 1.2", "Bcc": "", "In-Reply-To": "",
		"Message-Id": receipt.Ticket, "Date": "Sat, 21 Nov 2026 16:51:03 +0900",
	} {
		if got := p.head.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, want := range []string{"높음: 203.0.113.5에서", "weir alerts ack 3f9c12ab77e0", `<script>alert(1)</script>\x1b[31m\r\nBcc: all@example.com`} {
		if !strings.Contains(p.plain, want) {
			t.Errorf("the text has no %s:\n%s", want, p.plain)
		}
	}
	for _, want := range []string{`<html lang="ko">`, "높음: 203.0.113.5에서", "weir alerts ack 3f9c12ab77e0", `&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m`, `<a href="https://weir.example.com/alerts/3f9c">`} {
		if !strings.Contains(p.html, want) {
			t.Errorf("the page has no %s:\n%s", want, p.html)
		}
	}
	if strings.Contains(p.html, "<script") {
		t.Error("a script stands in the page")
	}
}

// TestMail_link: only addresses of the web become links.
func TestMail_link(t *testing.T) {
	s := &mailServer{t: t}
	c := config(t, s.run(nil))
	c.TLS = "none"
	m := channeltest.Message()
	m.URL = "javascript:alert(1)"
	_, got := one(t, start(t, c, channel.Deps{}), s, m)
	if p := read(t, got.data); strings.Contains(p.html, "href") || !strings.Contains(p.html, "javascript:alert(1)") {
		t.Errorf("the page:\n%s", p.html)
	}
}

// TestThread: what follows stands under the first mail of its group, and after the end a new thread begins.
func TestThread(t *testing.T) {
	s := &mailServer{t: t}
	c := config(t, s.run(nil))
	c.TLS = "none"
	ch := start(t, c, channel.Deps{})
	ticket, ids := "", map[string]bool{}
	for i, step := range []struct {
		kind  channel.Kind
		under bool
	}{{channel.Firing, false}, {channel.Repeat, true}, {channel.Escalation, true}, {channel.Resolved, true}, {channel.Firing, false}} {
		m := channeltest.Message()
		m.ID, m.Kind, m.Ticket = m.ID+string(rune('a'+i)), step.kind, ticket
		receipt, got := one(t, ch, s, m)
		head := read(t, got.data).head
		id := head.Get("Message-Id")
		if ids[id] || !strings.HasSuffix(id, "@example.com>") {
			t.Errorf("%s: id %s", step.kind, id)
		}
		ids[id] = true
		under := ""
		if step.under {
			under = ticket
		}
		if head.Get("References") != under || head.Get("In-Reply-To") != under {
			t.Errorf("%s stands under %q and %q, want %q", step.kind, head.Get("References"), head.Get("In-Reply-To"), under)
		}
		switch {
		case step.kind == channel.Resolved && receipt.Ticket != "":
			t.Errorf("after the end the thread goes on: %s", receipt.Ticket)
		case step.kind != channel.Resolved && !step.under && receipt.Ticket != id, step.kind != channel.Resolved && step.under && receipt.Ticket != ticket:
			t.Errorf("%s: the thread is %s", step.kind, receipt.Ticket)
		}
		ticket = receipt.Ticket
	}
	// What comes back from a store is no header of its own.
	m := channeltest.Message()
	m.Ticket = "<x@y>\r\nBcc: all@example.com"
	_, got := one(t, ch, s, m)
	if head := read(t, got.data).head; head.Get("Bcc") != "" || head.Get("References") != "" {
		t.Errorf("head: %v", head)
	}
}

// TestSameMail: the same message is the same mail, so that a copy is known as one.
func TestSameMail(t *testing.T) {
	s := &mailServer{t: t}
	c := config(t, s.run(nil))
	c.TLS = "none"
	ch := start(t, c, channel.Deps{})
	_, first := one(t, ch, s, channeltest.Message())
	_, second := one(t, ch, s, channeltest.Message())
	if a, b := read(t, first.data).head.Get("Message-Id"), read(t, second.data).head.Get("Message-Id"); a != b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
}

// TestRecipients: each has an answer of its own. Who has the mail gets it no second time, who is refused is not asked again,
// and who is to wait is tried with the next attempt.
func TestRecipients(t *testing.T) {
	answers := map[string]string{"b@example.com": "450 4.2.0 greylisted", "c@example.com": "550 5.1.1 no such user"}
	s := &mailServer{t: t, reply: func(what string) string { return answers[what] }}
	c := config(t, s.run(nil))
	c.TLS, c.To = "none", []string{"a@example.com", "b@example.com", "c@example.com"}
	ch := start(t, c, channel.Deps{})
	m := channeltest.Message()
	_, err := ch.Send(t.Context(), m)
	e, ok := errors.AsType[*channel.Error](err)
	if !ok || e.Permanent || !strings.Contains(err.Error(), "b@example.com") || strings.Contains(err.Error(), "c@") {
		t.Fatalf("first attempt: %v", err)
	}
	delete(answers, "b@example.com")
	_, err = ch.Send(t.Context(), m)
	e, ok = errors.AsType[*channel.Error](err)
	if !ok || !e.Permanent || !strings.Contains(err.Error(), "refuses 1 of 3 recipients: c@example.com: 550 5.1.1 no such user") {
		t.Fatalf("second attempt: %v", err)
	}
	var to [][]string
	for _, mail := range s.taken() {
		to = append(to, mail.to)
	}
	if len(to) != 2 || !slices.Equal(to[0], []string{"a@example.com"}) || !slices.Equal(to[1], []string{"b@example.com"}) {
		t.Errorf("the mail went to %v", to)
	}
	// Another message goes to everybody.
	m.ID = "m-0002"
	delete(answers, "c@example.com")
	if _, got := one(t, ch, s, m); len(got.to) != 3 {
		t.Errorf("the next went to %v", got.to)
	}
}

// TestRecipients_none: a mail that everybody refuses is not begun.
func TestRecipients_none(t *testing.T) {
	s := &mailServer{t: t, reply: replies(map[string]string{"ana@example.com": "550 no", "minsu@example.com": "551 no"})}
	c := config(t, s.run(nil))
	c.TLS, c.Password = "none", unit.Secret("")
	_, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message())
	if e, ok := errors.AsType[*channel.Error](err); !ok || !e.Permanent || len(s.taken()) != 0 {
		t.Errorf("got %v, %d mails", err, len(s.taken()))
	}
}

// FuzzMail: whatever a log says, the mail has the headers that it would have without, and its HTML the same tags.
func FuzzMail(f *testing.F) {
	for _, seed := range []string{"", "root", "a\r\nBcc: x@y", "</div><img src=x onerror=y>", "{{.Subject}}", "\xff", "가", ".\r\n", "=?utf-8?q?x?="} {
		f.Add(seed)
	}
	s := &mailServer{t: f}
	c := config(f, s.run(nil))
	c.TLS = "none"
	ch := start(f, c, channel.Deps{})
	send := func(t *testing.T, value string) parsed {
		m := channeltest.Message()
		m.Alerts, m.Alerts[0].What, m.Alerts[0].Title = m.Alerts[:1], "w"+value, "t"+value
		m.Alerts[0].Evidence[0].Values["message"] = "e" + value
		_, got := one(t, ch, s, m)
		return read(t, got.data)
	}
	tags := func(page string) int { return strings.Count(page, "<") }
	f.Fuzz(func(t *testing.T, value string) {
		plain, with := send(t, ""), send(t, value)
		if len(plain.head) != len(with.head) || tags(plain.html) != tags(with.html) {
			t.Errorf("headers %v\n%s", with.head, with.html)
		}
	})
}
