package chat

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

// TestWrite_length: no message is longer than its service takes, whatever it is about, and it ends at a letter.
func TestWrite_length(t *testing.T) {
	m := channeltest.Message()
	for range 50 {
		a := m.Alerts[0]
		a.Evidence = append(a.Evidence, alert.Evidence{Time: a.First, When: "x", Values: map[string]string{"message": strings.Repeat("가", 300)}})
		m.Alerts = append(m.Alerts, a)
	}
	var r router.ServiceRouter
	for _, scheme := range r.ListServices() {
		limit := lengths[scheme]
		if limit == 0 {
			limit = otherLength
		}
		got := write(scheme, m, false)
		if len(got) > limit || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") || !strings.HasPrefix(got, "[high] ") {
			t.Errorf("%s: %d bytes, at most %d: …%q", scheme, len(got), limit, got[len(got)-20:])
		}
	}
	for scheme := range lengths {
		if _, err := r.NewService(scheme); err != nil {
			t.Errorf("the table has a service that is none: %v", err)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{{"", 10, ""}, {"0123456789", 10, "0123456789"}, {"0123456789a", 10, "0123456…"}, {"가나다라", 10, "가나…"}, {"a가나다라", 10, "a가나…"}} {
		if got := cut(tc.in, tc.limit); got != tc.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}

// TestQuiet: what a log says calls nobody, and shows no link that leads elsewhere.
func TestQuiet(t *testing.T) {
	for _, tc := range []struct{ scheme, in, want string }{
		{"slack", "<!channel> <@U1> a&b", "&lt;!channel&gt; &lt;@U1&gt; a&amp;b"},
		{"slack", "<http://evil|bank>", "&lt;http://evil|bank&gt;"},
		{"mattermost", "@all @Channel @here ana@example.com", "@\u200ball @\u200bChannel @\u200bhere ana@example.com"},
		{"discord", "@everyone [bank](http://evil)", "@\u200beveryone [bank]\u200b(http://evil)"},
		{"googlechat", "<users/all>", "<\u200busers/all>"},
		{"lark", `<at user_id="all">`, `<` + "\u200b" + `at user_id="all">`},
		{"zulip", "@**all** @_**x**", "@\u200b**all** @\u200b_**x**"},
		{"telegram", "nothing to do (here)", "nothing to do (here)"},
	} {
		if got := quiet(tc.scheme, tc.in); got != tc.want {
			t.Errorf("%s: %q became %q, want %q", tc.scheme, tc.in, got, tc.want)
		}
	}
}

// TestSlack: the library makes a box of every line, so there are no empty ones.
func TestSlack(t *testing.T) {
	if got := write("slack", channeltest.Message(), false); strings.Contains(got, "\n\n") || strings.Contains(got, "<script>") {
		t.Errorf("got %s", got)
	}
}

// TestServices: a service with a client of its own gets ours, one way or another.
func TestServices(t *testing.T) {
	for _, address := range []string{
		"discord://token@123456789012345678", "mattermost://weir@127.0.0.1:1/token/soc", "rocketchat://weir@127.0.0.1/tokenA/tokenB/soc",
		"ntfy://127.0.0.1:1/topic", "gotify://127.0.0.1:1/AzyoeNS.D4iJLVa", "pushover://shoutrrr:token@user/", "pagerduty://events.pagerduty.com/eb243592faa24ba2a5511afdf565c889",
		"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1@telegram?chats=@soc", "zulip://bot%40example.com:key@zulip.example.com/?stream=soc",
		"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
		"teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=example.webhook.office.com",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		install()
		asked := 0
		send := trip(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, http.ErrHandlerTimeout
		})
		r := room{scheme: u.Scheme, address: u}
		if _, err := r.service(); err != nil {
			t.Errorf("%s: %v", u.Scheme, err)
			continue
		}
		func() {
			// zulip panics where there is no answer, and telegram says that all is well; Send looks through both.
			defer func() { _ = recover() }()
			defer enter(send)()
			service, _ := r.service()
			use(service, send)
			_ = service.Send("text", nil)
		}()
		if asked == 0 {
			t.Errorf("%s goes its own way", u.Scheme)
		}
	}
	if len(gate.ways) != 0 {
		t.Errorf("%d ways are left open", len(gate.ways))
	}
}

// TestPost: a service that panics where there is no answer, and one that says then that all is well, make an error like
// any other.
func TestPost(t *testing.T) {
	install()
	for _, address := range []string{
		"zulip://bot%40example.com:key@zulip.example.com/?stream=soc", "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1@telegram?chats=@soc",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		dial := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
		c := &chat{timeout: time.Minute, base: transport(dial, nil)}
		err = c.tell(t.Context(), &room{name: u.Scheme, scheme: u.Scheme, address: u}, channeltest.Message())
		if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent || !errors.Is(c.Close(), nil) {
			t.Errorf("%s: %v", u.Scheme, err)
		}
	}
	if len(gate.ways) != 0 {
		t.Errorf("%d ways are left open", len(gate.ways))
	}
}

// TestDiscord: a service that tries again by itself, for minutes, does not.
func TestDiscord(t *testing.T) {
	asked := 0
	addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	})
	u, err := url.Parse("discord://token@123456789012345678")
	if err != nil {
		t.Fatal(err)
	}
	r := room{name: "discord 1", scheme: "discord", address: u}
	w := &wire{base: transport((channel.Deps{}).Ready().Dial, nil)}
	to := w.in(t.Context())
	send := trip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = "http", addr
		return to(r)
	})
	service, err := r.service()
	if err != nil {
		t.Fatal(err)
	}
	use(service, send)
	if err := service.Send("text", nil); err == nil {
		t.Error("it says that it was sent")
	}
	if seen := w.result(); asked != 1 || seen.RetryAfter != time.Minute || seen.Permanent {
		t.Errorf("asked %d times, %+v", asked, seen)
	}
}

// TestMask: neither an address nor a part of one is shown.
func TestMask(t *testing.T) {
	u, err := url.Parse("telegram://110201543:AAHdqTcvCH1vGWJxfSeo@telegram?chats=@soc-room,-1001234567890")
	if err != nil {
		t.Fatal(err)
	}
	r := room{address: u, hidden: secretsOf(u)}
	got := r.mask(`posting to "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeo/sendMessage": AAHdqTcvCH1vGWJxfSeo in -1001234567890` + "\x1b[31m")
	if got != `posting to "***": *** in ***\x1b[31m` {
		t.Errorf("got %q", got)
	}
}

// FuzzMask: what the library says of an address shows no part of it that has four letters or more.
func FuzzMask(f *testing.F) {
	f.Add("tokenA", "tokenB", "failed: tokenB/tokenA")
	f.Fuzz(func(t *testing.T, a, b, said string) {
		u, err := url.Parse("slack://" + url.PathEscape(a) + ":" + url.PathEscape(b) + "@host.example.com/" + url.PathEscape(b))
		if err != nil || len(a) < 4 || len(b) < 4 || strings.ContainsAny(a+b, "/@:*\\") || strings.Contains(b, a) || strings.Contains(a, b) {
			return
		}
		r := room{address: u, hidden: secretsOf(u)}
		got := r.mask(said + " " + a + " " + b + " " + said)
		for _, secret := range []string{a, b} {
			if strings.Contains(got, secret) && !strings.Contains(secret, "***") {
				t.Errorf("%q in %q", secret, got)
			}
		}
	})
}
