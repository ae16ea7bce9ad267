package alertmanager_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/alertmanager"
	"weir/sinks/notify/channel/channeltest"
)

// posted is an alert as the server got it.
type posted struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
	GeneratorURL        string
}

// server keeps what it got.
type server struct {
	mu   sync.Mutex
	got  [][]posted
	auth string
	path string
}

func (s *server) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var all []posted
	_ = json.Unmarshal(body, &all)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.auth, s.path = append(s.got, all), r.Header.Get("Authorization"), r.URL.Path
}

// make makes a channel to servers.
func start(t *testing.T, c alertmanager.Config, urls ...string) channel.Channel {
	t.Helper()
	for _, u := range urls {
		c.URLs = append(c.URLs, unit.Secret(u))
	}
	m, err := alertmanager.New(c, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestSend: each alert goes as one of its own, open until weir has not spoken of it for long.
func TestSend(t *testing.T) {
	var s server
	c := start(t, alertmanager.Config{Labels: map[string]string{"site": "seoul", "team": "of the configuration"}, User: "weir", Password: "p"}, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP)+"/am/")
	m := channeltest.Message()
	receipt, err := c.Send(t.Context(), m)
	if err != nil || receipt.Said != "2 alerts taken by 1 of 1" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if s.path != "/am/api/v2/alerts" || s.auth != "Basic d2Vpcjpw" || len(s.got) != 1 || len(s.got[0]) != 2 {
		t.Fatalf("%s %s %v", s.path, s.auth, s.got)
	}
	first := s.got[0][0]
	for name, want := range map[string]string{
		"alertname": "ssh-brute-force", "severity": "high", "weir_alert": m.Alerts[0].ID, "source": "weir", "source_ip": "203.0.113.5", "user_name": "root",
		"site": "seoul", "team": "of the configuration",
	} {
		if first.Labels[name] != want {
			t.Errorf("label %s is %q, want %q", name, first.Labels[name], want)
		}
	}
	if len(first.Labels) != 8 || first.Annotations["summary"] != m.Alerts[0].What || !strings.Contains(first.Annotations["description"], "weir alerts ack") || strings.Contains(first.Annotations["description"], "fw-1") {
		t.Errorf("%v %v", first.Labels, first.Annotations)
	}
	if !first.StartsAt.Equal(m.Alerts[0].First) || !first.EndsAt.Equal(m.Time.Add(25*time.Hour)) || first.GeneratorURL != m.URL {
		t.Errorf("from %v to %v, %s", first.StartsAt, first.EndsAt, first.GeneratorURL)
	}
}

// TestServers: all are told, one that answers is enough, and what all of them say decides else.
func TestServers(t *testing.T) {
	answer := func(code int, header string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			w.WriteHeader(code)
		}
	}
	for _, tc := range []struct {
		name      string
		codes     []int
		wait      []string
		permanent bool
		after     time.Duration
		ok        bool
	}{
		{"all take it", []int{200, 200}, []string{"", ""}, false, 0, true},
		{"one takes it", []int{500, 200, 400}, []string{"", "", ""}, false, 0, true},
		{"all refuse", []int{400, 404}, []string{"9", ""}, true, 0, false},
		{"one refuses, one is busy", []int{400, 503}, []string{"", "7"}, false, 7 * time.Second, false},
		{"both are busy", []int{503, 429}, []string{"9", "5"}, false, 5 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var urls []string
			for i, code := range tc.codes {
				urls = append(urls, "http://"+channeltest.HTTP(t, nil, answer(code, tc.wait[i])))
			}
			_, err := start(t, alertmanager.Config{}, urls...).Send(t.Context(), channeltest.Message())
			if tc.ok {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e, is := errors.AsType[*channel.Error](err)
			if !is || e.Permanent != tc.permanent || e.RetryAfter != tc.after {
				t.Errorf("got %+v", err)
			}
		})
	}
}

// TestServers_silent: one that hangs costs its time to answer and not the message.
func TestServers_silent(t *testing.T) {
	var s server
	c := start(t, alertmanager.Config{Timeout: unit.Duration(300 * time.Millisecond)}, "http://"+channeltest.Silent(t).Addr, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP))
	if _, err := c.Send(t.Context(), channeltest.Message()); err != nil || len(s.got) != 1 {
		t.Errorf("%v, %d", err, len(s.got))
	}
}

// TestDigest: what is about no alert is not sent, and is no error.
func TestDigest(t *testing.T) {
	var s server
	c := start(t, alertmanager.Config{}, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP))
	if _, err := c.Send(t.Context(), &channel.Message{ID: "m", Kind: channel.Digest, Group: "1,200 folded"}); err != nil || len(s.got) != 0 {
		t.Errorf("%v, %d", err, len(s.got))
	}
	if n, ok := c.(interface{ MaxAlerts() int }); !ok || n.MaxAlerts() < 100 {
		t.Error("it does not say that it takes many alerts")
	}
}

func TestNew_Failure(t *testing.T) {
	for name, tc := range map[string]struct {
		c   alertmanager.Config
		key string
	}{
		"no address":      {alertmanager.Config{}, "urls"},
		"a bad address":   {alertmanager.Config{URLs: []unit.Secret{"http://x", "x"}}, "urls.1"},
		"a bad label":     {alertmanager.Config{URLs: []unit.Secret{"http://x"}, Labels: map[string]string{"a.b": "c"}}, "labels.a.b"},
		"a label of ours": {alertmanager.Config{URLs: []unit.Secret{"http://x"}, Labels: map[string]string{"severity": "c"}}, "labels.severity"},
		"no password":     {alertmanager.Config{URLs: []unit.Secret{"http://x"}, User: "u", Password: "env:NOT_THERE_AT_ALL"}, "password"},
		"no CA":           {alertmanager.Config{URLs: []unit.Secret{"http://x"}, CA: "/nowhere"}, "ca"},
		"a bad header":    {alertmanager.Config{URLs: []unit.Secret{"http://x"}, Headers: map[string]unit.Secret{"": "x"}}, "headers."},
	} {
		_, err := alertmanager.New(tc.c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key {
			t.Errorf("%s: %#v", name, err)
		}
	}
}
