package alertmanager_test

import (
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/alertmanager"
	"weir/sinks/notify/channel/channeltest"
)

// TestSuite holds the channel to what every channel must do.
func TestSuite(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: "{}", Plain: true, TLS: true, Secrets: []string{"pAsS-of-prometheus", "bEaReR-7f3a"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			scheme := "http://"
			if to.Secure() {
				scheme = "https://"
			}
			c, err := alertmanager.New(alertmanager.Config{
				URLs: []unit.Secret{unit.Secret(scheme + to.Addr)}, User: "weir", Password: "pAsS-of-prometheus", CA: to.CA, Timeout: unit.Duration(timeout),
				Headers: map[string]unit.Secret{"X-Scope": "bEaReR-7f3a"},
			}, d)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	})
}
