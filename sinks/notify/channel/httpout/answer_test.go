package httpout

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestWait: Retry-After in both of its forms, and what is none.
func TestWait(t *testing.T) {
	now := time.Date(2026, 11, 21, 7, 50, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "86400": 24 * time.Hour, "86401": 24 * time.Hour,
		"9223372036854775807": 24 * time.Hour, "99999999999999999999": 0, "-7": 0, "7.5": 0, "soon": 0,
		"Sat, 21 Nov 2026 07:51:30 GMT": 90 * time.Second, "Sat, 21 Nov 2026 07:49:00 GMT": 0, "Sat, 21 Nov 2099 07:49:00 GMT": 24 * time.Hour,
	} {
		if got := wait(header, now); got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
}

// FuzzWait: nobody makes us wait for longer than a day, or for less than nothing.
func FuzzWait(f *testing.F) {
	for _, seed := range []string{"7", "-1", "Sat, 21 Nov 2026 07:51:30 GMT", "Sat, 21 Nov 9999 07:51:30 GMT", "1e9"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 21, 7, 50, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string) {
		if d := wait(header, now); d < 0 || d > longestWait {
			t.Errorf("%q: %v", header, d)
		}
	})
}

// TestPermanent goes over all codes: those of 4xx are for good, but for three.
func TestPermanent(t *testing.T) {
	for code := 100; code < 600; code++ {
		want := code >= 400 && code < 500 && code != 408 && code != 425 && code != 429
		if got := Permanent(code); got != want {
			t.Errorf("%d: %v", code, got)
		}
	}
}

// TestPointed: where a redirect leads is said, without what may be secret of the address that was asked.
func TestPointed(t *testing.T) {
	from, err := url.Parse("https://hooks.example.com/services/T0KEN/b?key=v")
	if err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"":                                      "nowhere",
		"/login":                                "https://hooks.example.com/login",
		"https://sso.example.com/in?back=T0KEN": "https://sso.example.com/in",
		"https://u:p@sso.example.com/":          "https://sso.example.com/",
		"https://hooks2.example.com/services/T0KEN/x":       "https://hooks2.example.com/…/…/x",
		"https://x.example.com/\x1b[31m":                    "nowhere",
		"https://x.example.com/" + strings.Repeat("a", 400): "https://x.example.com/" + strings.Repeat("a", 177) + "…",
	} {
		if got := pointed(from, &http.Response{Header: http.Header{"Location": {location}}}); got != want {
			t.Errorf("%q: got %q, want %q", location, got, want)
		}
	}
}

// TestJudge: what each status means, in one table.
func TestJudge(t *testing.T) {
	to := &url.URL{Scheme: "https", Host: "x"}
	for code, want := range map[int]string{
		200: "taken", 201: "taken", 202: "taken", 204: "taken", 299: "taken", 300: "later", 301: "never", 302: "later", 303: "later", 307: "later", 308: "never",
		400: "never", 401: "never", 404: "never", 408: "later", 410: "never", 422: "never", 425: "later", 429: "later", 451: "never", 500: "later", 501: "later", 503: "later",
	} {
		got := "taken"
		if e := Judge(to, &http.Response{StatusCode: code, Header: http.Header{"Retry-After": {"3"}}}, time.Now()); e != nil {
			got = "later"
			if e.Permanent {
				got = "never"
			}
			if e.Status != code || e.RetryAfter != 3*time.Second || !strings.HasPrefix(e.Error(), "https://x ") {
				t.Errorf("%d: %+v", code, e)
			}
		}
		if got != want {
			t.Errorf("%d means %s, want %s", code, got, want)
		}
	}
}

// FuzzPointed: no part of the address that was asked is shown where a redirect leads, nor its query, nor control characters.
func FuzzPointed(f *testing.F) {
	for _, seed := range []string{"/services/T0KEN", "https://x/T0KEN?T0KEN", "//T0KEN@y/", "\x1b", "?a=T0KEN", "%zz"} {
		f.Add(seed)
	}
	from := &url.URL{Scheme: "https", Host: "hooks.example.com", Path: "/services/T0KEN"}
	f.Fuzz(func(t *testing.T, location string) {
		got := pointed(from, &http.Response{Header: http.Header{"Location": {location}}})
		_, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(got, "https://"), "http://"), "/")
		if strings.Contains(path, "T0KEN") && !strings.Contains(strings.ToUpper(location), "%") || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q leads to %q", location, got)
		}
	})
}
