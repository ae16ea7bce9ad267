package ticket_test

import (
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/ticket"
)

// TestSuite holds the ticket system to what every channel must do.
func TestSuite(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: `{"issue":{"key":"SOC-17"}}`, Plain: true, TLS: true, Secrets: []string{"tOkEn-of-the-user", "kEy-7f3a-header"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			scheme := "http://"
			if to.Secure() {
				scheme = "https://"
			}
			c, err := ticket.New(ticket.Config{
				Create: ticket.Request{URL: unit.Secret(scheme + to.Addr + "/issue"), Body: `{"summary": "{{subject}}"}`}, ID: "issue.key",
				User: "weir", Password: "tOkEn-of-the-user", Headers: map[string]unit.Secret{"X-Api-Key": "kEy-7f3a-header"}, CA: to.CA, Timeout: unit.Duration(timeout),
			}, d)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	})
}
