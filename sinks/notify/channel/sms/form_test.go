package sms_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/sms"
)

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
