package webhook_test

import (
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/webhook"
)

// TestSuite holds the webhook to what every channel must do.
func TestSuite(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: "ok", Plain: true, TLS: true, Secrets: []string{"kEy-of-the-hook", "tOkEn-in-the-path", "bEaReR-7f3a"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			scheme := "http://"
			if to.Secure() {
				scheme = "https://"
			}
			c, err := webhook.New(webhook.Config{
				URL: unit.Secret(scheme + to.Addr + "/hooks/tOkEn-in-the-path?x=1"), Secret: "kEy-of-the-hook", CA: to.CA, Timeout: unit.Duration(timeout),
				Headers: map[string]unit.Secret{"Authorization": "Bearer bEaReR-7f3a"},
			}, d)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	})
}
