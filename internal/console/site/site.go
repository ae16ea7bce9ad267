// Package site is what all pages of the console have in common: who is signed in, the head of a page, errors, and how
// a page is written.
package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weir/internal/console/assets"
	"weir/internal/console/auth"
	"weir/internal/console/pages"
	"weir/internal/console/text"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// Options are what a site needs.
type Options struct {
	Backend any // a control.Backend; what else it is, the pages find out
	Auth    *auth.Keeper
	Log     *slog.Logger
	Version string
	Now     func() time.Time
	Zone    *time.Location // in which times are shown
	// Command makes a command line that can be pasted of its words.
	Command func(rest string) string
	// Hosts are names by which the console may be called besides addresses, localhost and the name of this machine.
	Hosts []string
	Port  string // of the console, part of the cookie's name
}

// Site is made once. Its methods may be called from many goroutines.
type Site struct {
	Options
	assets assets.Set
	pages  *pages.Set
	hosts  hosts
	cross  *http.CrossOriginProtection
	pulse  pulse
}

// New makes a site.
func New(o Options) *Site {
	s := &Site{Options: o, assets: assets.Load(), hosts: newHosts(o.Hosts), cross: http.NewCrossOriginProtection()}
	s.pages = pages.Load(s.assets.Path)
	return s
}

// Assets serves style, script and icon.
func (s *Site) Assets() http.Handler { return s.assets }

// Ask is the backend's own questions, nil if this process answers none.
func (s *Site) Ask() control.Backend {
	b, _ := s.Backend.(control.Backend)
	return b
}

// View is one request on its way to a page. It belongs to the goroutine of the request.
type View struct {
	*Site
	W       http.ResponseWriter
	R       *http.Request
	Lang    text.Lang
	Session auth.Session
	Now     time.Time
	// Begun tells that a part of the page is on its way, so that its status cannot change any more.
	Begun bool
}

// Context is that of the request, in the name of who is signed in: what is asked with it is recorded as theirs, and ends
// when they go away.
func (v *View) Context() context.Context { return question.WithWho(v.R.Context(), v.Session.Name) }

// T says a sentence in the language of the reader.
func (v *View) T(key string, args ...any) string { return v.Lang.T(key, args...) }

// Head is what every page has above its content.
type Head struct {
	Lang    text.Lang
	Theme   string // light, dark, or "" as the system has it
	Title   string
	Page    string // search, alerts, sources, compliance; "": none of them
	Name    string
	CSRF    string
	Version string
	Here    string // this page's address, to come back to
	Now     time.Time
	Zone    *time.Location
	Pulse   Pulse
	Notice  string // what was just done
}

// page is what a template gets.
type page struct {
	Head Head
	Body any
}

// head makes the head of a page.
func (v *View) head(name, title string) Head {
	if name == "review" {
		name = "compliance" // whose part it is
	}
	h := Head{Lang: v.Lang, Theme: v.theme(), Title: title, Page: name, Name: v.Session.Name, CSRF: v.Session.CSRF, Version: v.Version, Here: v.R.URL.RequestURI(), Now: v.Now, Zone: v.Zone}
	if v.Session.Name != "" {
		h.Pulse = v.Pulse()
	}
	h.Notice = v.takeNotice()
	return h
}

// Show writes a page with its status.
func (v *View) Show(status int, name, title string, body any) {
	h := v.head(name, title) // it may take a cookie away
	v.html(status)
	v.run(name, page{h, body})
}

// Begin writes the upper part of a page and hands it to the reader, who sees it while the rest is being found. Part then
// writes the rest of it, a template at a time.
func (v *View) Begin(status int, name, title string, body any) {
	h := v.head(name, title)
	v.html(status)
	v.Begun = true
	v.run("begin-"+name, page{h, body})
	_ = http.NewResponseController(v.W).Flush() // what cannot be flushed comes with the rest
}

// End writes what follows Begin.
func (v *View) End(name string, body any) {
	v.run("end-"+name, page{Head{Lang: v.Lang, CSRF: v.Session.CSRF, Now: v.Now, Zone: v.Zone, Page: name}, body})
}

// Part writes one template without head and foot, for scripts that put it into a page that is there.
func (v *View) Part(name string, body any) {
	v.html(http.StatusOK)
	v.run(name, page{Head{Lang: v.Lang, CSRF: v.Session.CSRF, Now: v.Now, Zone: v.Zone, Here: v.R.URL.RequestURI()}, body})
}

// Piece is Part as a text.
func (v *View) Piece(name string, body any) (string, error) {
	var b strings.Builder
	err := v.pages.Run(&b, name, page{Head{Lang: v.Lang, CSRF: v.Session.CSRF, Now: v.Now, Zone: v.Zone}, body})
	return b.String(), err
}

func (v *View) html(status int) {
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.W.WriteHeader(status)
}

// run executes a template. An error is of a reader who went away, or a mistake of a template, which a test would find.
func (v *View) run(name string, p page) {
	if err := v.pages.Run(v.W, name, p); err != nil && v.R.Context().Err() == nil {
		v.Log.Warn("writing a page", "component", "console", "page", name, "err", err)
	}
}

// Fail shows an error in the form of all errors, with a way back.
func (v *View) Fail(err error) {
	if v.R.Context().Err() != nil {
		return // nobody reads it
	}
	faults := term.Faults(err)
	if fault.Code(err) == "" {
		v.Log.Error("a page could not be shown", "component", "console", "path", v.R.URL.Path, "err", err)
	}
	if v.Begun {
		v.run("end-error", page{Head{Lang: v.Lang}, faults})
		return
	}
	v.Show(StatusOf(err), "error", v.T("Error"), faults)
}

// StatusOf is the status of an answer that is an error.
func StatusOf(err error) int {
	switch fault.Code(err) {
	case "alert-unknown", "event-unknown", "review-unknown", "page-unknown":
		return http.StatusNotFound
	case "alert-changed":
		return http.StatusConflict
	case "form-forged", "host-unknown":
		return http.StatusForbidden
	case "":
		return http.StatusInternalServerError
	}
	var e *fault.Error
	if errors.As(err, &e) && e.Exit == fault.ExitMissing {
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// Unknown is the error of an address that leads nowhere.
func Unknown(path string) error {
	return &fault.Error{Code: "page-unknown", What: "there is no such page", Where: path, Do: "go to /search, /alerts, /sources or /compliance", Exit: fault.ExitUsage}
}

// Back sends the reader to a page of this site after something was done. Where it leads is made of a path alone: an address
// of another host cannot be smuggled in.
func (v *View) Back(to, notice string) {
	if notice != "" {
		v.leaveNotice(notice)
	}
	http.Redirect(v.W, v.R, Local(to), http.StatusSeeOther)
}

// Local makes an address of this site of what a form names, the first page if it is none.
func Local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/search"
	}
	if u.Fragment != "" {
		return u.RequestURI() + "#" + u.EscapedFragment()
	}
	return u.RequestURI()
}

// Missing tells whether an error means that nobody here answers a question: the page says so in place of what it would
// have shown.
func Missing(err error) bool {
	c := fault.Code(err)
	return c == "version-mismatch" || c == "stage-elsewhere"
}

// Answer asks a question by name in the name of who looks.
func Answer[A any](v *View, name string, q any, each func([]byte) error) (A, error) {
	return AnswerIn[A](v.Context(), v.Site, name, q, each)
}

// AnswerIn is Answer with a time limit of its own; ctx is made of that of the view.
func AnswerIn[A any](ctx context.Context, s *Site, name string, q any, each func([]byte) error) (A, error) {
	a, err := question.Ask[A](ctx, s.Backend, name, q, each)
	if err != nil {
		return a, fmt.Errorf("asking %s: %w", name, err)
	}
	return a, nil
}
