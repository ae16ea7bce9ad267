package site

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"weir/internal/console/auth"
	"weir/internal/console/text"
	"weir/internal/fault"
)

// Who writes a log line, who owns a page that somebody visits beside the console, and who answers for a name on the network
// must not be able to do anything here. The first is met by templates that escape and a policy that runs no script but
// ours; the second by SameSite cookies, the look at Sec-Fetch-Site and Origin, and a secret in every form; the third by
// the names that are answered to.

// policy lets a page load its own style, script and images, send forms to itself, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets what every answer carries.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=(), usb=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// Guard stands before every page: it sets the headers, refuses names that are not ours, and what another site sends.
func (s *Site) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		v := s.view(w, r)
		if !s.hosts.ours(r.Host) {
			v.Fail(&fault.Error{Code: "host-unknown", What: "the console does not answer to this name", Where: r.Host,
				Why: "a name that somebody else controls could lead here", Do: "open it by its address, or name it in console.hosts", Exit: fault.ExitUsage})
			return
		}
		if err := s.cross.Check(r); err != nil {
			v.Fail(forged("another site sent it"))
			return
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		next.ServeHTTP(w, r)
	})
}

// maxForm bounds what a form may send: the longest query and a note.
const maxForm = 256 << 10

// forged is the error of a form that is not from a page of ours.
func forged(why string) error {
	return &fault.Error{Code: "form-forged", What: "this form was not sent by a page of this console", Why: why, Do: "load the page again and send it from there", Exit: fault.ExitUsage}
}

// view begins the answer to a request.
func (s *Site) view(w http.ResponseWriter, r *http.Request) *View {
	v := &View{Site: s, W: w, R: r, Now: s.Now()}
	if v.Lang = text.Parse(r.URL.Query().Get("lang")); v.Lang == "" {
		if c, err := r.Cookie(langCookie); err == nil {
			v.Lang = text.Parse(c.Value)
		}
	}
	if v.Lang == "" {
		v.Lang = text.Accepted(r.Header.Get("Accept-Language"))
	}
	return v
}

// Open is a page that needs no session.
func (s *Site) Open(f func(*View)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(s.view(w, r)) })
}

// Page is a page for who is signed in. Everybody else is told how to; what a form sends must carry the secret of the
// session.
func (s *Site) Page(f func(*View)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.view(w, r)
		c, err := r.Cookie(s.cookie())
		if err != nil {
			v.signedOut()
			return
		}
		find := s.Auth.Session
		if r.Header.Get(partHeader) == partByItself || streams(r) {
			find = s.Auth.Peek
		}
		var ok bool
		if v.Session, ok = find(c.Value); !ok {
			v.signedOut()
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			if err := r.ParseForm(); err != nil {
				v.Fail(&fault.Error{Code: "bad-request", What: "the form cannot be read", Why: err.Error(), Do: "load the page again", Exit: fault.ExitUsage, Cause: err})
				return
			}
			if !v.Session.Genuine(r.PostForm.Get("csrf")) {
				v.Fail(forged("it lacks what the page gave it; it may be from before you signed in"))
				return
			}
		}
		f(v)
	})
}

// A script says by a header that it asks for a part of a page, and whether somebody wanted to see it or the page keeps
// itself up to date.
const (
	partHeader   = "X-Weir-Part"
	partByItself = "live"
)

// streams tells whether a page listens to events. Browsers begin that anew by themselves whenever it breaks off, for as long as the
// page is open, and say by nothing else who asks.
func streams(r *http.Request) bool { return r.Header.Get("Accept") == "text/event-stream" }

// signedOut says how to sign in. Who asks for a part of a page gets only the status, and its script loads the page anew.
func (v *View) signedOut() {
	if v.R.Header.Get(partHeader) != "" || streams(v.R) {
		v.W.WriteHeader(http.StatusUnauthorized)
		return
	}
	v.Show(http.StatusUnauthorized, "signin", v.T("Sign in"), struct{ Token, Command string }{"", v.Command("console open")})
}

// hosts are the names that the console answers to.
type hosts map[string]bool

// newHosts adds what every console answers to.
func newHosts(more []string) hosts {
	h := hosts{"localhost": true}
	if name, err := os.Hostname(); err == nil {
		h[strings.ToLower(name)] = true
	}
	for _, name := range more {
		h[strings.ToLower(name)] = true
	}
	return h
}

// ours tells whether a Host header names us. Addresses always do: what a browser sends as the host is what its user sees,
// and an address cannot be made to lead somewhere else.
func (h hosts) ours(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return h[strings.ToLower(strings.TrimSuffix(name, "."))]
}

// Cookies of what a reader chose. They say nothing about anybody.
const (
	langCookie   = "weir_lang"
	themeCookie  = "weir_theme"
	noticeCookie = "weir_notice"
)

// cookie is the name of the session's: browsers do not keep those of two ports apart.
func (s *Site) cookie() string { return "weir_session_" + s.Port }

// SetSession gives the browser its session. One that it had ends: nobody could sign out of it any more.
func (v *View) SetSession(secret string) {
	if c, err := v.R.Cookie(v.cookie()); err == nil {
		if old, ok := v.Auth.Peek(c.Value); ok {
			v.Auth.SignOut(old)
		}
	}
	v.setCookie(&http.Cookie{Name: v.cookie(), Value: secret, HttpOnly: true})
}

// EndSession takes it away, and the page that follows is one of nobody.
func (v *View) EndSession() {
	v.Auth.SignOut(v.Session)
	v.Session = auth.Session{}
	v.setCookie(&http.Cookie{Name: v.cookie(), MaxAge: -1, HttpOnly: true})
}

// setCookie sets what all cookies have. Secure is set where the browser came by TLS, itself or through a proxy that says so.
func (v *View) setCookie(c *http.Cookie) {
	c.Path, c.SameSite = "/", http.SameSiteStrictMode
	c.Secure = v.R.TLS != nil || v.R.Header.Get("X-Forwarded-Proto") == "https"
	http.SetCookie(v.W, c)
}

// year is how long a choice is kept.
const year = 365 * 24 * 3600

// Choose keeps the language or the theme that a reader chose, and goes back to where they were.
func (v *View) Choose() {
	if l := text.Parse(v.R.PostForm.Get("lang")); l != "" {
		v.setCookie(&http.Cookie{Name: langCookie, Value: string(l), MaxAge: year, HttpOnly: true})
	}
	switch t := v.R.PostForm.Get("theme"); t {
	case "light", "dark":
		v.setCookie(&http.Cookie{Name: themeCookie, Value: t, MaxAge: year, HttpOnly: true})
	case "system":
		v.setCookie(&http.Cookie{Name: themeCookie, MaxAge: -1, HttpOnly: true})
	}
	v.Back(v.R.PostForm.Get("here"), "")
}

// theme is what was chosen, "" for that of the system.
func (v *View) theme() string {
	if c, err := v.R.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// A notice is carried over a redirect in a cookie, which the next page takes away. It is shown as text, so one that
// somebody made up says a wrong sentence and does nothing.

func (v *View) leaveNotice(s string) {
	v.setCookie(&http.Cookie{Name: noticeCookie, Value: url.QueryEscape(s), MaxAge: 60, HttpOnly: true})
}

func (v *View) takeNotice() string {
	c, err := v.R.Cookie(noticeCookie)
	if err != nil || c.Value == "" {
		return ""
	}
	s, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	if !v.Begun {
		v.setCookie(&http.Cookie{Name: noticeCookie, MaxAge: -1, HttpOnly: true})
	}
	short, _ := text.Cut(s, 300)
	return short
}
