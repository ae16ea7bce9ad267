package chat_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/chat"
)

// inbox keeps what a service got.
type inbox struct {
	mu   sync.Mutex
	got  []string
	code int
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	i.mu.Lock()
	i.got = append(i.got, string(body))
	code := i.code
	i.mu.Unlock()
	if code != 0 {
		w.WriteHeader(code)
	}
}

// generic is the address of a generic service.
func generic(addr string) unit.Secret {
	return unit.Secret("generic://" + addr + "/hook?disabletls=yes")
}

// start makes a channel that ends with the test.
func start(t testing.TB, c chat.Config) channel.Channel {
	t.Helper()
	ch, err := chat.New(c, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ch.Close() })
	return ch
}

// TestSend: what arrives is the message, whole or in one line.
func TestSend(t *testing.T) {
	var i inbox
	addr := channeltest.HTTP(t, nil, i.ServeHTTP)
	receipt, err := start(t, chat.Config{URLs: []unit.Secret{generic(addr)}}).Send(t.Context(), channeltest.Message())
	if err != nil || receipt.Said != "taken by generic 1" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	for _, want := range []string{"[high] 203.0.113.5 guessed root's password on web-1 (+4 more)\n", "weir alerts ack 3f9c12ab77e0", "And 3 more"} {
		if !strings.Contains(i.got[0], want) {
			t.Errorf("no %q in\n%s", want, i.got[0])
		}
	}
	if _, err := start(t, chat.Config{URLs: []unit.Secret{generic(addr)}, Brief: true}).Send(t.Context(), channeltest.Message()); err != nil {
		t.Fatal(err)
	}
	if i.got[1] != "[high] 203.0.113.5 guessed root's password on web-1 (+4 more); 17 times; since 16:50:03; 3f9c12ab77e0" {
		t.Errorf("brief: %q", i.got[1])
	}
}

// TestMattermost: the form of a real service.
func TestMattermost(t *testing.T) {
	var i inbox
	addr := channeltest.HTTP(t, nil, i.ServeHTTP)
	if _, err := start(t, chat.Config{URLs: []unit.Secret{unit.Secret("mattermost://weir@" + addr + "/token/soc?disabletls=yes")}}).Send(t.Context(), channeltest.Message()); err != nil {
		t.Fatal(err)
	}
	var body struct{ Username, Channel, Text string }
	if err := json.Unmarshal([]byte(i.got[0]), &body); err != nil || body.Channel != "soc" || !strings.HasPrefix(body.Text, "[high] ") {
		t.Errorf("%v: %s", err, i.got[0])
	}
}

// TestRooms: all are told; who has the message gets it no second time, and who refuses it for good is not asked again.
func TestRooms(t *testing.T) {
	var a, b, c inbox
	b.code, c.code = 503, 404
	ch := start(t, chat.Config{URLs: []unit.Secret{
		generic(channeltest.HTTP(t, nil, a.ServeHTTP)), generic(channeltest.HTTP(t, nil, b.ServeHTTP)), generic(channeltest.HTTP(t, nil, c.ServeHTTP)),
	}})
	_, err := ch.Send(t.Context(), channeltest.Message())
	e, ok := errors.AsType[*channel.Error](err)
	if !ok || e.Permanent || !strings.Contains(err.Error(), "generic 2: ") || !strings.Contains(err.Error(), "503") {
		t.Fatalf("first attempt: %v", err)
	}
	b.code = 0
	_, err = ch.Send(t.Context(), channeltest.Message())
	e, ok = errors.AsType[*channel.Error](err)
	if !ok || !e.Permanent || !strings.Contains(err.Error(), "1 of 3 services refuse: generic 3: ") || !strings.Contains(err.Error(), "404") {
		t.Fatalf("second attempt: %v", err)
	}
	if len(a.got) != 1 || len(b.got) != 2 || len(c.got) != 1 {
		t.Errorf("they got %d, %d, %d", len(a.got), len(b.got), len(c.got))
	}
}

// TestNew_Failure: addresses that no service understands. No part of them is shown, for most of them are tokens.
func TestNew_Failure(t *testing.T) {
	for name, tc := range map[string]struct {
		urls []unit.Secret
		key  string
		do   string
	}{
		"none":                   {nil, "urls", ""},
		"no address":             {[]unit.Secret{"tOkEn"}, "urls.0", ""},
		"broken":                 {[]unit.Secret{"slack://%zz-tOkEn"}, "urls.0", ""},
		"a slip":                 {[]unit.Secret{"generic://x", "slak://tOkEn"}, "urls.1", "did you mean `slack`?"},
		"no such service":        {[]unit.Secret{"carrierpigeon://tOkEn"}, "urls.0", "telegram"},
		"mail":                   {[]unit.Secret{"smtp://u:tOkEn@mail.example.com/?from=a@b&to=c@d"}, "urls.0", "type: email"},
		"nowhere":                {[]unit.Secret{"logger://"}, "urls.0", ""},
		"slack without its half": {[]unit.Secret{"slack://tOkEn-of-slack"}, "urls.0", "docs/channels.md"},
		"telegram without chat":  {[]unit.Secret{"telegram://123:tOkEn@telegram"}, "urls.0", "docs/channels.md"},
		"discord without id":     {[]unit.Secret{"discord://tOkEn"}, "urls.0", "docs/channels.md"},
		"an unknown parameter":   {[]unit.Secret{"mattermost://host/tOkEn?colour=tOkEn"}, "urls.0", "docs/channels.md"},
		"a secret not there":     {[]unit.Secret{"env:NOT_THERE_AT_ALL"}, "urls.0", ""},
	} {
		_, err := chat.New(chat.Config{URLs: tc.urls}, channel.Deps{})
		e, ok := errors.AsType[*channel.ConfigError](err)
		if !ok || e.Key != tc.key || !strings.Contains(e.Do, tc.do) {
			t.Errorf("%s: %#v", name, err)
			continue
		}
		if strings.Contains(strings.ToLower(e.What+e.Why+e.Do+e.Text), "token") {
			t.Errorf("%s: a secret is shown: %+v", name, e)
		}
	}
}

// TestNew_Success: one address of each service that people use most, as the documentation has them. Nobody is asked.
func TestNew_Success(t *testing.T) {
	for _, address := range []unit.Secret{
		"slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook",
		"slack://xoxb:123456789012-1234567890123-4mt0t4l1YL3g1T5L4cK70k3N@C001CH4NN3L",
		"teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=example.webhook.office.com",
		"discord://token@123456789012345678",
		"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1@telegram?chats=@soc,-1001234567890",
		"mattermost://weir@mattermost.example.com/token/soc",
		"rocketchat://weir@rocket.example.com/tokenA/tokenB/soc",
		"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
		"zulip://bot%40example.com:key@zulip.example.com/?stream=soc&topic=weir",
		"matrix://weir:password@matrix.example.com/?rooms=!room:example.com",
		"ntfy://ntfy.sh/topic",
		"gotify://gotify.example.com/AzyoeNS.D4iJLVa",
		"pushover://shoutrrr:token@user/",
	} {
		c, err := chat.New(chat.Config{URLs: []unit.Secret{address}}, channel.Deps{})
		if err != nil {
			t.Errorf("%s: %v", string(address), err)
			continue
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
