package sms_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/sms"
)

// gateway keeps what it got, and answers what it is told.
type gateway struct {
	mu     sync.Mutex
	got    []request
	answer func(body string) (int, string)
}

// request is a request as it arrived.
type request struct{ method, uri, kind, body string }

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.got = append(g.got, request{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), string(body)})
	g.mu.Unlock()
	if g.answer != nil {
		code, text := g.answer(r.URL.RequestURI() + string(body))
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

// start makes a channel to it.
func (g *gateway) start(t testing.TB, c sms.Config) channel.Channel {
	t.Helper()
	c.URL = unit.Secret("http://"+channeltest.HTTP(t, nil, g.ServeHTTP)) + c.URL
	ch, err := sms.New(c, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ch.Close() })
	return ch
}

// short is a message with a given text.
func short(lang, what string) *channel.Message {
	m := channeltest.Message()
	m.Lang, m.More, m.Alerts = lang, 0, m.Alerts[:1]
	m.Alerts[0].What, m.Alerts[0].WhatKo = what, what
	return m
}

// form is what most gateways of Korea want.
var form = map[string]string{"receiver": "{{recipient}}", "msg": "{{message}}"}

// TestExpect: what the gateway says decides, in whatever charset it says so, not only its status.
func TestExpect(t *testing.T) {
	answers, err := korean.EUCKR.NewEncoder().String("결과=성공")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, expect, answer string
		ok                   bool
	}{
		{"as expected", `"result_code":\s*"?1"?\b`, `{"result_code":"1","message":"success"}`, true},
		{"not so", `"result_code":\s*"?1"?\b`, `{"result_code":"-101","message":"인증오류입니다."}`, false},
		{"in EUC-KR", "결과=성공", answers, true},
		{"nothing", "^ok", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := gateway{answer: func(string) (int, string) { return 200, tc.answer }}
			receipt, err := g.start(t, sms.Config{Form: form, To: []string{"1"}, Charset: "euc-kr", Expect: tc.expect}).Send(t.Context(), channeltest.Message())
			e, _ := errors.AsType[*channel.Error](err)
			switch {
			case tc.ok && (err != nil || !utf8.ValidString(receipt.Said)):
				t.Errorf("%v, %q", err, receipt.Said)
			case !tc.ok && (e == nil || e.Permanent || !strings.Contains(err.Error(), "expect")):
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestRecipients: one request a number; who has the message gets no second, who is refused for good is not asked again.
func TestRecipients(t *testing.T) {
	refuse := map[string]int{"b": 500, "c": 400}
	g := gateway{answer: func(asked string) (int, string) {
		for who, code := range refuse {
			if strings.Contains(asked, "receiver="+who) {
				return code, "no"
			}
		}
		return 200, "ok"
	}}
	c := g.start(t, sms.Config{Form: form, To: []string{"a", "b", "c"}})
	m := channeltest.Message()
	_, err := c.Send(t.Context(), m)
	if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent {
		t.Fatalf("first attempt: %v", err)
	}
	delete(refuse, "b")
	_, err = c.Send(t.Context(), m)
	if e, ok := errors.AsType[*channel.Error](err); !ok || !e.Permanent || !strings.Contains(err.Error(), "1 of 3 numbers are refused: c: ") {
		t.Fatalf("second attempt: %v", err)
	}
	var asked []string
	for _, r := range g.got {
		asked = append(asked, r.body[len(r.body)-1:])
	}
	if !slices.Equal(asked, []string{"a", "b", "c", "b"}) {
		t.Errorf("asked for %v", asked)
	}
}

// TestRecipients_busy: a gateway that asks to be left alone is not asked for the others.
func TestRecipients_busy(t *testing.T) {
	asked := 0
	addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(429)
	})
	c, err := sms.New(sms.Config{URL: unit.Secret("http://" + addr), Form: form, To: []string{"a", "b", "c"}}, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), channeltest.Message())
	if e, ok := errors.AsType[*channel.Error](err); !ok || e.RetryAfter.Seconds() != 30 || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

func TestNew_Failure(t *testing.T) {
	good := sms.Config{URL: "http://x/", Form: form, To: []string{"1"}}
	if _, err := sms.New(good, channel.Deps{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, key string
		change    func(c *sms.Config)
	}{
		{"no address", "url", func(c *sms.Config) { c.URL = "" }},
		{"no number", "to", func(c *sms.Config) { c.To = nil }},
		{"the number stands nowhere", "to", func(c *sms.Config) { c.Form = map[string]string{"msg": "{{message}}"} }},
		{"all numbers stand nowhere", "to", func(c *sms.Config) { c.Join = "," }},
		{"the text stands nowhere", "message", func(c *sms.Config) { c.Form = map[string]string{"to": "{{recipient}}"} }},
		{"a slip in the form", "form.msg", func(c *sms.Config) { c.Form = map[string]string{"msg": "{{mesage}}"} }},
		{"a slip in the text", "message", func(c *sms.Config) { c.Message = "{{shrt}}" }},
		{"the text in itself", "message", func(c *sms.Config) { c.Message = "{{message}}" }},
		{"no such secret in a template", "form.key", func(c *sms.Config) { c.Form = map[string]string{"key": "{{secret.key}}"} }},
		{"a secret that is not there", "secrets.key", func(c *sms.Config) { c.Secrets = map[string]unit.Secret{"key": "env:NOT_THERE_AT_ALL"} }},
		{"form and JSON", "json", func(c *sms.Config) { c.JSON = "{}" }},
		{"JSON with GET", "json", func(c *sms.Config) { c.JSON, c.Form, c.Method = "{}", nil, "GET" }},
		{"JSON in EUC-KR", "charset", func(c *sms.Config) { c.JSON, c.Form, c.Charset = "{}", nil, "euc-kr" }},
		{"no JSON", "json", func(c *sms.Config) { c.JSON, c.Form = `{"a": {{message}}}`, nil }},
		{"no such charset", "charset", func(c *sms.Config) { c.Charset = "latin1" }},
		{"no room", "max_bytes", func(c *sms.Config) { c.MaxBytes = 2 }},
		{"no expression", "expect", func(c *sms.Config) { c.Expect = "(" }},
		{"no method", "method", func(c *sms.Config) { c.Method = "TEXT" }},
		{"no CA", "ca", func(c *sms.Config) { c.CA = "/nowhere" }},
		{"a bad header", "headers.a b", func(c *sms.Config) { c.Headers = map[string]unit.Secret{"a b": ""} }},
	} {
		c := good
		tc.change(&c)
		_, err := sms.New(c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key {
			t.Errorf("%s: %#v", tc.name, err)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	var g gateway
	c := g.start(b, sms.Config{Form: form, To: []string{"1"}, Charset: "euc-kr"})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := channeltest.Message()
		m.ID = fmt.Sprint(i)
		if _, err := c.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
