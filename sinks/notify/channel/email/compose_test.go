package email_test

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

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

// TestMail_files: what goes with a notice is attached under its name, and its text is in both forms.
func TestMail_files(t *testing.T) {
	s := &mailServer{t: t}
	c := config(t, s.run(nil))
	c.TLS = "none"
	m := &channel.Message{ID: "r", Kind: channel.Notice, Group: "보고서", Text: "<b>as ordered</b>", Lang: "ko", Time: channeltest.Message().Time,
		Files: []channel.File{{Name: "보고서.pdf", Type: "application/pdf", Data: []byte("%PDF-1.7")}}}
	_, got := one(t, start(t, c, channel.Deps{}), s, m)
	for _, want := range []string{"application/pdf", base64.StdEncoding.EncodeToString([]byte("%PDF-1.7")), "&lt;b&gt;as ordered", "Content-Disposition: attachment"} {
		if !strings.Contains(got.data, want) {
			t.Errorf("%s is not in\n%s", want, got.data)
		}
	}
}
