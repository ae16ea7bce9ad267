package httpout_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/template"
)

// values of the tests.
func values(v string) template.Values { return func(string) string { return v } }

func TestNewAddress_Success(t *testing.T) {
	t.Setenv("HOOK", "https://user:pAsSwOrD@hooks.example.com/services/T0KEN-of-17-letters/{{kind}}?api=vAlUe-1&n=1")
	d := channel.Deps{}.Ready()
	a, err := httpout.NewAddress(d, "url", "env:HOOK")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"firing": "/firing?", "a/b?c=d&e#f%": "/a%2Fb%3Fc%3Dd%26e%23f%25?", "..": "/-?", ".": "/-?", "...": "/...?", "": "/?",
	} {
		whole := "https://user:pAsSwOrD@hooks.example.com/services/T0KEN-of-17-letters" + want + "api=vAlUe-1&n=1"
		if got := a.Fill(values(value)); got != whole {
			t.Errorf("%q: got %s, want %s", value, got, whole)
		}
	}
	for _, secret := range []string{"pAsSwOrD", "T0KEN-of-17-letters", "vAlUe-1"} {
		if !slices.Contains(a.Secrets, secret) {
			t.Errorf("%s is no secret: %v", secret, a.Secrets)
		}
	}
	if !a.Uses("kind") || a.Uses("id") {
		t.Error("what it uses")
	}
}

func TestNewAddress_Failure(t *testing.T) {
	for written, code := range map[unit.Secret]string{
		"": "notify-channel", "hooks.example.com/x": "notify-channel", "ftp://x/y": "notify-channel", "https://": "notify-channel", "https:///x": "notify-channel",
		"https://{{group.host.name}}/x": "notify-channel", "https://a{{id}}.example.com/x": "notify-channel", "{{id}}": "notify-channel", "http://%zz/": "notify-channel",
		"https://x/{{knid}}": "notify-template", "env:NOT_THERE_AT_ALL": "notify-secret",
	} {
		_, err := httpout.NewAddress(channel.Deps{}.Ready(), "url", written)
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Code != code || e.Key != "url" {
			t.Errorf("%s: got %#v", string(written), err)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Setenv("TOKEN", "Bearer tOkEn-7f3a")
	d := channel.Deps{}.Ready()
	h, err := httpout.NewHeaders(d, "headers", map[string]unit.Secret{"authorization": "env:TOKEN", "X-Level": "{{alert.level}}"})
	if err != nil {
		t.Fatal(err)
	}
	got := h.Fill(values("high\r\nX-Evil: 1"))
	if want := (http.Header{"Authorization": {"Bearer tOkEn-7f3a"}, "X-Level": {"high  X-Evil: 1"}}); got.Get("Authorization") != want.Get("Authorization") || got.Get("X-Level") != want.Get("X-Level") || len(got) != 2 {
		t.Errorf("got %v", got)
	}
	if !slices.Contains(h.Secrets, "tOkEn-7f3a") || !h.Uses("alert.level") || h.Uses("id") {
		t.Errorf("secrets %v", h.Secrets)
	}
	for name, value := range map[string]unit.Secret{"X Y": "a", "": "a", "X:": "a", "한": "a", "X": "{{knid}}", "Y": "env:NOT_THERE_AT_ALL"} {
		_, err := httpout.NewHeaders(d, "headers", map[string]unit.Secret{name: value})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != "headers."+name {
			t.Errorf("%q: %v", name, err)
		}
	}
	header := http.Header{}
	httpout.Basic("weir", "pass")(header)
	if header.Get("Authorization") != "Basic d2VpcjpwYXNz" {
		t.Errorf("basic: %v", header)
	}
}

func TestMethod(t *testing.T) {
	for written, want := range map[string]string{"": "POST", "put": "PUT", "PATCH": "PATCH", "Get": "GET", "delete": "DELETE"} {
		if got, err := httpout.Method("method", written, "POST"); err != nil || got != want {
			t.Errorf("%q: %s, %v", written, got, err)
		}
	}
	if _, err := httpout.Method("method", "TRACE", "POST"); err == nil {
		t.Error("TRACE is taken")
	}
}

func TestIsJSON(t *testing.T) {
	for kind, want := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "application/vnd.api+json": true, "text/plain": false, "": false, "json": false,
	} {
		if got := httpout.IsJSON(kind); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}
