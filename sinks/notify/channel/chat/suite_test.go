package chat_test

import (
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/chat"
)

// maker makes a channel to one service on a server.
func maker(plain, secure func(addr string) string) func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
	return func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
		address := plain(to.Addr)
		if to.Secure() {
			address = secure(to.Addr)
		}
		c, err := chat.New(chat.Config{URLs: []unit.Secret{unit.Secret(address)}, CA: to.CA, Timeout: unit.Duration(timeout)}, d)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// TestSuite_Generic: a service without a client of its own, which goes through http.DefaultClient.
func TestSuite_Generic(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: "ok", Plain: true, TLS: true, Secrets: []string{"tOkEn-in-the-path", "vAlUe-7f3a"},
		Make: maker(
			func(addr string) string {
				return "generic://" + addr + "/hooks/tOkEn-in-the-path?disabletls=yes&@X-Key=vAlUe-7f3a"
			},
			func(addr string) string { return "generic://" + addr + "/hooks/tOkEn-in-the-path?@X-Key=vAlUe-7f3a" },
		),
	})
}

// TestSuite_Mattermost: a service with a client of its own, which is given ours.
func TestSuite_Mattermost(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: "ok", Plain: true, TLS: true, Secrets: []string{"tOkEn-in-the-path"},
		Make: maker(
			func(addr string) string { return "mattermost://weir@" + addr + "/tOkEn-in-the-path/soc?disabletls=yes" },
			func(addr string) string { return "mattermost://weir@" + addr + "/tOkEn-in-the-path/soc" },
		),
	})
}
