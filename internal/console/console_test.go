package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/internal/console"
	"weir/internal/console/auth"
	"weir/internal/console/consoletest"
	"weir/internal/control/consoling"
	"weir/internal/fault"
)

// everyPage is each address that shows something.
var everyPage = []string{"/", "/search", "/search?q=a:1", "/search/event?id=e1", "/search/raw?id=e1", "/search/live", "/alerts", "/alerts/list", "/alerts?id=3f9c", "/sources", "/compliance", "/compliance/verify",
	"/compliance/report?kind=retention&lang=en&format=pdf", "/compliance/review?id=2026-10", "/pulse", "/nothing"}

// everyForm is each address that changes something.
var everyForm = []string{"/out", "/choose", "/search/save", "/alerts/decide", "/compliance/verify", "/compliance/hold", "/compliance/release", "/compliance/review/open", "/compliance/review/comment", "/compliance/review/explain", "/compliance/review/sign"}

// TestSignedOut: without a session no page shows anything, and no form does anything.
func TestSignedOut(t *testing.T) {
	s := consoletest.Out(t, &consoletest.Weir{}, nil)
	for _, path := range everyPage {
		if w := s.Get(path); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range everyForm {
		if w := s.Post(path, url.Values{"csrf": {"x"}}); w.Code != http.StatusUnauthorized {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	s.Cookies = []*http.Cookie{{Name: "weir_session_8514", Value: "made-up"}}
	if w := s.Get("/search"); w.Code != http.StatusUnauthorized {
		t.Errorf("a session that was made up: %d", w.Code)
	}
	if len(s.Weir.Asked) != 0 {
		t.Errorf("somebody who is not signed in asked: %v", s.Weir.Asked)
	}
}

// TestCSRF: a form is taken only from a page of the session: not without its secret, not with that of another, and not from
// another site, whatever it carries.
func TestCSRF(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	other := consoletest.New(t, &consoletest.Weir{}, nil)
	for _, path := range everyForm {
		for name, change := range map[string]func(*http.Request, url.Values){
			"without the secret":    func(_ *http.Request, f url.Values) { f.Del("csrf") },
			"with another's secret": func(_ *http.Request, f url.Values) { f.Set("csrf", other.CSRF) },
			"from another site":     func(r *http.Request, _ url.Values) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
			"from the same host":    func(r *http.Request, _ url.Values) { r.Header.Set("Sec-Fetch-Site", "same-site") },
			"from another origin": func(r *http.Request, _ url.Values) {
				r.Header.Del("Sec-Fetch-Site")
				r.Header.Set("Origin", "https://evil.example")
			},
			"from no origin":          func(r *http.Request, _ url.Values) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
			"the secret in the query": func(r *http.Request, f url.Values) { r.URL.RawQuery = f.Encode(); f.Del("csrf") },
		} {
			form := url.Values{"csrf": {s.CSRF}}
			r := consoletest.Request(http.MethodPost, path, form)
			change(r, form)
			again := consoletest.Request(http.MethodPost, path, form)
			again.Header, again.URL.RawQuery = r.Header, r.URL.RawQuery
			if w := s.Do(again); w.Code != http.StatusForbidden {
				t.Errorf("POST %s %s: %d", path, name, w.Code)
			}
		}
	}
	for _, q := range s.Weir.Asked {
		if q.Name != "alerts" {
			t.Errorf("a forged form asked for %+v", q)
		}
	}
}

// TestMethods: what changes something is not done by a GET, which an image or a link can send.
func TestMethods(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	for _, path := range everyForm {
		if path == "/compliance/verify" {
			continue // it has a page too
		}
		if w := s.Get(path + "?csrf=" + s.CSRF); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	if len(s.Weir.Decided) != 0 {
		t.Error("a GET decided something")
	}
}

// TestHeaders: every answer has the policy and the other headers, whoever asks for whatever.
func TestHeaders(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	out := consoletest.Out(t, &consoletest.Weir{}, nil)
	check := func(name string, h http.Header) {
		t.Helper()
		for key, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(key); got != want {
				t.Errorf("%s: %s is %q", name, key, got)
			}
		}
	}
	for _, path := range everyPage {
		if path == "/search/live" {
			continue // it goes on
		}
		w := s.Get(path)
		check(path, w.Header())
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept by a proxy", path)
		}
		check(path+" signed out", out.Get(path).Header())
	}
	check("another host", s.Do(httptest.NewRequest(http.MethodGet, "http://evil.example/search", nil)).Header())
}

// TestPages_noInline: no page has a script or a style of its own, an attribute with one, or anything of another host: the
// policy would refuse it, and a browser would complain.
func TestPages_noInline(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	for _, path := range everyPage {
		if path == "/search/live" || strings.HasPrefix(path, "/search/raw") {
			continue
		}
		body := s.Get(path).Body.String()
		for _, bad := range []string{"<style", " style=", "<script>", " onclick=", " onload=", " onerror=", "javascript:", "http://", "https://", "<iframe", "<object", "<base"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
}

// TestHost: the console answers to addresses, localhost and this machine's name, and to no name that somebody else can
// make lead here.
func TestHost(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	for host, ok := range map[string]bool{
		"127.0.0.1:8514": true, "localhost:8514": true, "LOCALHOST": true, "[::1]:8514": true, "192.0.2.7": true, "[2001:db8::1]": true, "localhost.": true,
		"evil.example": false, "evil.example:8514": false, "localhost.evil.example": false, "127.0.0.1.nip.example": false, "": false, "127.0.0.1@evil.example": false,
	} {
		r := consoletest.Request(http.MethodGet, "/alerts", nil)
		r.Host = host
		if w := s.Do(r); (w.Code == http.StatusOK) != ok {
			t.Errorf("host %q: %d", host, w.Code)
		}
	}
}

// TestSignIn: looking at the address uses nothing up, the button does, and the cookie is one that no script reads and no
// other site sends.
func TestSignIn(t *testing.T) {
	s := consoletest.Out(t, &consoletest.Weir{}, nil)
	token, _, err := s.Keeper.Mint("ana")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w := s.Get("/in/" + token)
		if w.Code != http.StatusOK || len(w.Result().Cookies()) != 0 {
			t.Fatalf("the page of a token: %d, cookies %v", w.Code, w.Result().Cookies())
		}
		consoletest.Has(t, w.Body.String(), `action="/in/`+token+`"`, "Sign in")
	}
	r := consoletest.Request(http.MethodPost, "/in/"+token, url.Values{})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := s.Do(r); w.Code != http.StatusForbidden {
		t.Errorf("another site signs somebody in: %d", w.Code)
	}
	w := s.Do(consoletest.Request(http.MethodPost, "/in/"+token, url.Values{}))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/search" || len(w.Result().Cookies()) != 1 {
		t.Fatalf("signing in: %d %v", w.Code, w.Header())
	}
	c := w.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure {
		t.Errorf("the cookie is %+v", c)
	}
	if w := s.Do(consoletest.Request(http.MethodPost, "/in/"+token, url.Values{})); w.Code != http.StatusUnauthorized {
		t.Errorf("the token twice: %d", w.Code)
	}
	if w := s.Get("/in/" + token); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), token) {
		t.Errorf("the page of a used token: %d", w.Code)
	}
	s.Cookies = []*http.Cookie{c}
	consoletest.Has(t, s.Page("/alerts"), "<summary>ana</summary>")
}

func TestSignIn_secure(t *testing.T) {
	s := consoletest.Out(t, &consoletest.Weir{}, nil)
	token, _, err := s.Keeper.Mint("ana")
	if err != nil {
		t.Fatal(err)
	}
	r := consoletest.Request(http.MethodPost, "/in/"+token, url.Values{})
	r.Header.Set("X-Forwarded-Proto", "https")
	if c := s.Do(r).Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("behind a proxy with TLS: %+v", c)
	}
}

// TestSignIn_again: whoever signs in at a browser that has a session gets another one, and that one is over. A session that
// somebody has put there before is never taken over.
func TestSignIn_again(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	was := s.Cookies[0].Value
	token, _, err := s.Keeper.Mint("ben")
	if err != nil {
		t.Fatal(err)
	}
	w := s.Do(consoletest.Request(http.MethodPost, "/in/"+token, url.Values{}))
	if c := w.Result().Cookies(); w.Code != http.StatusSeeOther || len(c) != 1 || c[0].Value == was {
		t.Fatalf("signing in: %d %v", w.Code, c)
	}
	if _, ok := s.Keeper.Session(was); ok {
		t.Error("the session before is left")
	}
	s.Cookies = []*http.Cookie{{Name: "weir_session_8514", Value: "chosen-by-somebody"}}
	if token, _, err = s.Keeper.Mint("ben"); err != nil {
		t.Fatal(err)
	}
	s.Do(consoletest.Request(http.MethodPost, "/in/"+token, url.Values{}))
	if w := s.Get("/alerts"); w.Code != http.StatusUnauthorized {
		t.Errorf("a session that somebody has chosen: %d", w.Code)
	}
}

func TestSignOut(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	w := s.Post("/out", url.Values{})
	if w.Code != http.StatusOK || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %d %v", w.Code, w.Result().Cookies())
	}
	consoletest.Lacks(t, w.Body.String(), "<summary>ana</summary>", s.CSRF)
	if w := s.Get("/alerts"); w.Code != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", w.Code)
	}
}

// TestChoose: language and theme are kept, and the way back leads to this site alone.
func TestChoose(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	for here, want := range map[string]string{
		"/alerts?state=all": "/alerts?state=all", "https://evil.example/": "/search", "//evil.example/x": "/search", "/\\evil.example": "/search", "": "/search", "javascript:alert(1)": "/search", "/a\r\nSet-Cookie: x=y": "/search",
	} {
		w := s.Post("/choose", url.Values{"lang": {"ko"}, "here": {here}})
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
			t.Errorf("back to %q: %d %q", here, w.Code, got)
		}
		if c := w.Result().Cookies(); len(c) != 1 || c[0].Value != "ko" {
			t.Errorf("the choice is not kept: %v", c)
		}
	}
	s.Cookies = append(s.Cookies, &http.Cookie{Name: "weir_lang", Value: "ko"}, &http.Cookie{Name: "weir_theme", Value: "dark"})
	consoletest.Has(t, s.Page("/alerts"), `<html lang="ko" data-theme="dark">`, "경보", "컴플라이언스")
	s.Cookies[1].Value, s.Cookies[2].Value = "><script>", "x onload=y"
	page := s.Page("/alerts")
	consoletest.Has(t, page, `<html lang="en">`)
	consoletest.Lacks(t, page, "onload")
	if w := s.Post("/choose", url.Values{"theme": {"purple"}}); len(w.Result().Cookies()) != 0 {
		t.Error("a theme that is none is kept")
	}
}

// TestLanguage_asked: a browser is answered in its language.
func TestLanguage_asked(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	r := consoletest.Request(http.MethodGet, "/alerts", nil)
	r.Header.Set("Accept-Language", "ko-KR,ko;q=0.9")
	consoletest.Has(t, s.Do(r).Body.String(), `<html lang="ko">`)
	consoletest.Has(t, s.Page("/alerts?lang=ko"), `<html lang="ko">`)
}

// TestNotice: what a redirect leaves is shown once, as text.
func TestNotice(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	s.Cookies = append(s.Cookies, &http.Cookie{Name: "weir_notice", Value: url.QueryEscape("done <img src=x>\u202e")})
	w := s.Get("/alerts")
	consoletest.Has(t, w.Body.String(), `role="status">done &lt;img src=x&gt;\u202e<`)
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the notice stays: %v", c)
	}
}

// TestUnknown: what leads nowhere says so, escaped; a way upwards leads nowhere either.
func TestUnknown(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	for _, path := range []string{"/nothing", "/search/nothing", "/<script>alert(1)</script>", "/..%2f..%2fetc/passwd"} {
		w := s.Get(path)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		consoletest.Lacks(t, w.Body.String(), "<script>alert", "root:")
	}
	if w := s.Get("/assets/../../../etc/passwd"); w.Code == http.StatusOK {
		t.Error("a way out of the assets")
	}
}

// TestForm_bound: a form without end is not read to it.
func TestForm_bound(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	if w := s.Post("/alerts/decide", url.Values{"note": {strings.Repeat("x", 1<<20)}}); w.Code != http.StatusBadRequest {
		t.Errorf("a megabyte: %d", w.Code)
	}
}

func TestQuestions(t *testing.T) {
	k := auth.NewKeeper(time.Now)
	table := console.Questions(k, "0.0.0.0:8514")
	raw, err := table.Answer(context.Background(), consoling.AskToken, []byte(`{"name":"ben"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	var a consoling.Token
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(a.Address, "http://127.0.0.1:8514/in/")
	if name, holds := k.Holds(token); !ok || !holds || name != "ben" || time.Until(a.Until) > auth.TokenLife {
		t.Errorf("got %+v", a)
	}
	if _, err := table.Answer(context.Background(), consoling.AskToken, []byte(`{"name":"a\u202eb"}`), nil); fault.Code(err) != "name-unusable" {
		t.Errorf("a name that is none: %v", err)
	}
	if raw, err = table.Answer(context.Background(), consoling.AskToken, nil, nil); err != nil || !strings.Contains(string(raw), `"name":"`+console.UserName()+`"`) {
		t.Errorf("without a name: %s %v", raw, err)
	}
}

func TestAddress(t *testing.T) {
	for listen, want := range map[string]string{"127.0.0.1:8514": "http://127.0.0.1:8514/in/x", "[::]:1": "http://127.0.0.1:1/in/x", ":9": "http://127.0.0.1:9/in/x", "[::1]:2": "http://[::1]:2/in/x"} {
		if got := console.Address(listen, "x"); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
