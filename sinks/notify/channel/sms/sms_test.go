package sms_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

// TestForms: what arrives, for each way to say it.
func TestForms(t *testing.T) {
	to := []string{"01012345678"}
	for _, tc := range []struct {
		name string
		c    sms.Config
		want request
	}{
		{"a form in UTF-8", sms.Config{Form: form, To: to, Message: "{{alert.what}}"}, request{"POST", "/", "application/x-www-form-urlencoded; charset=utf-8", "msg=%EA%B0%80%20%26%3D&receiver=01012345678"}},
		{"a form in EUC-KR", sms.Config{Form: form, To: to, Message: "{{alert.what}}", Charset: "euc-kr"}, request{"POST", "/", "application/x-www-form-urlencoded; charset=euc-kr", "msg=%B0%A1%20%26%3D&receiver=01012345678"}},
		{"a query", sms.Config{URL: "/send?id=x", Method: "get", Form: form, To: to, Message: "{{alert.what}}", Charset: "euc-kr"}, request{"GET", "/send?id=x&msg=%B0%A1%20%26%3D&receiver=01012345678", "", ""}},
		{"values in the address", sms.Config{URL: "/{{recipient}}?m={{message}}", Method: "GET", To: to, Message: "{{alert.what}}"}, request{"GET", "/01012345678?m=%EA%B0%80%20%26%3D", "", ""}},
		{"JSON", sms.Config{JSON: `{"to": ["{{recipient}}"], "text": "{{message}}", "key": "{{secret.key}}"}`, To: to, Message: "{{alert.what}}", Secrets: map[string]unit.Secret{"key": "a\"b"}}, request{"POST", "/", "application/json", `{"to": ["01012345678"], "text": "가 \u0026=", "key": "a\"b"}`}},
		{"all numbers in one request", sms.Config{Form: map[string]string{"receivers": "{{recipients}}", "msg": "{{message}}"}, Join: ";", To: []string{"010-1", "010-2"}, Message: "{{alert.what}}"}, request{"POST", "/", "application/x-www-form-urlencoded; charset=utf-8", "msg=%EA%B0%80%20%26%3D&receivers=010-1%3B010-2"}},
		{"the usual text", sms.Config{Form: form, To: to, MaxBytes: 200}, request{"POST", "/", "application/x-www-form-urlencoded; charset=utf-8", "msg=%5B%EB%86%92%EC%9D%8C%5D%20%EA%B0%80%20%26%3D%3B%2017%ED%9A%8C%3B%20%EC%8B%9C%EC%9E%91%2016%3A50%3A03%3B%203f9c12ab77e0&receiver=01012345678"}},
		{"a letter that EUC-KR does not have", sms.Config{Form: form, To: to, Message: "{{alert.what}} 😀똠", Charset: "EUC-KR"}, request{"POST", "/", "application/x-www-form-urlencoded; charset=euc-kr", "msg=%B0%A1%20%26%3D%20%3F%8Cc&receiver=01012345678"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var g gateway
			c := g.start(t, tc.c)
			if _, err := c.Send(t.Context(), short("ko", "가 &=")); err != nil {
				t.Fatal(err)
			}
			if len(g.got) != 1 || g.got[0] != tc.want {
				t.Errorf("got\n%+v\nwant\n%+v", g.got, tc.want)
			}
		})
	}
}

// text is the text that arrived, decoded.
func text(t testing.TB, g *gateway) string {
	t.Helper()
	values, err := url.ParseQuery(g.got[len(g.got)-1].body)
	if err != nil {
		t.Fatal(err)
	}
	msg := values.Get("msg")
	if strings.Contains(g.got[len(g.got)-1].kind, "euc-kr") {
		if msg, err = korean.EUCKR.NewDecoder().String(msg); err != nil {
			t.Fatal(err)
		}
	}
	return msg
}

// TestCut: a text has at most so many bytes in the charset of the gateway, and never half a letter at its end.
func TestCut(t *testing.T) {
	for _, tc := range []struct {
		name, charset, what string
		limit               int
		want                string
	}{
		{"fits", "euc-kr", strings.Repeat("가", 45), 90, strings.Repeat("가", 45)},
		{"one too many", "euc-kr", strings.Repeat("가", 46), 90, strings.Repeat("가", 44) + ".."},
		{"between two bytes", "euc-kr", "a" + strings.Repeat("가", 46), 90, "a" + strings.Repeat("가", 43) + ".."},
		{"the same text in UTF-8", "utf-8", strings.Repeat("가", 31), 90, strings.Repeat("가", 29) + ".."},
		{"the default", "", strings.Repeat("x", 91), 0, strings.Repeat("x", 88) + ".."},
		{"a letter that becomes ?", "euc-kr", strings.Repeat("😀", 91), 90, strings.Repeat("?", 88) + ".."},
		{"lines", "", "a\nb", 90, `a\nb`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var g gateway
			c := g.start(t, sms.Config{Form: form, To: []string{"1"}, Message: "{{alert.what}}", Charset: tc.charset, MaxBytes: tc.limit})
			if _, err := c.Send(t.Context(), short("ko", tc.what)); err != nil {
				t.Fatal(err)
			}
			if got := text(t, &g); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// TestCut_manyLines: a text of several lines becomes one.
func TestCut_manyLines(t *testing.T) {
	var g gateway
	c := g.start(t, sms.Config{Form: form, To: []string{"1"}, Message: "{{text}}", MaxBytes: 5000})
	if _, err := c.Send(t.Context(), channeltest.Message()); err != nil {
		t.Fatal(err)
	}
	if got := text(t, &g); strings.Contains(got, "\n") || len(got) < 300 {
		t.Errorf("got %q", got)
	}
}

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

// FuzzText: whatever a log says, the text fits the limit in the gateway's charset, is whole letters, and stays one field.
func FuzzText(f *testing.F) {
	var g gateway
	c := g.start(f, sms.Config{Form: form, To: []string{"1"}, Message: "{{alert.what}}", Charset: "euc-kr"})
	for _, seed := range []string{"", "root", strings.Repeat("가", 50), "a&receiver=2", "\xff", "😀", strings.Repeat("힣a", 60), "\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, what string) {
		g.got = nil
		if _, err := c.Send(t.Context(), short("en", what)); err != nil {
			t.Fatal(err)
		}
		values, err := url.ParseQuery(g.got[0].body)
		if err != nil || len(values) != 2 || values.Get("receiver") != "1" {
			t.Fatalf("%v: %s", err, g.got[0].body)
		}
		if n := len(values.Get("msg")); n > 90 {
			t.Errorf("%d bytes", n)
		}
		if got := text(t, &g); strings.ContainsRune(got, utf8.RuneError) {
			t.Errorf("half a letter: %q", got)
		}
	})
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
