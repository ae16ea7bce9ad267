package email_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

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

// TestRecipients: each has an answer of its own. Who has the mail gets it no second time, who is refused is not asked again,
// and who is to wait is tried with the next attempt.
func TestRecipients(t *testing.T) {
	var answers sync.Map // the server asks it while the test changes it
	answers.Store("b@example.com", "450 4.2.0 greylisted")
	answers.Store("c@example.com", "550 5.1.1 no such user")
	s := &mailServer{t: t, reply: func(what string) string {
		answer, _ := answers.Load(what)
		text, _ := answer.(string)
		return text
	}}
	c := config(t, s.run(nil))
	c.TLS, c.To = "none", []string{"a@example.com", "b@example.com", "c@example.com"}
	ch := start(t, c, channel.Deps{})
	m := channeltest.Message()
	_, err := ch.Send(t.Context(), m)
	e, ok := errors.AsType[*channel.Error](err)
	if !ok || e.Permanent || !strings.Contains(err.Error(), "b@example.com") || strings.Contains(err.Error(), "c@") {
		t.Fatalf("first attempt: %v", err)
	}
	answers.Delete("b@example.com")
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
	answers.Delete("c@example.com")
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
