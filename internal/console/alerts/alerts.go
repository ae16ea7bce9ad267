// Package alerts is the page of the console that shows alerts, and takes what people decide about them.
package alerts

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
	"weir/internal/term"
)

// Routes adds the page.
func Routes(mux *http.ServeMux, s *site.Site) {
	mux.Handle("GET /alerts", s.Page(page))
	mux.Handle("GET /alerts/list", s.Page(listPart))
	mux.Handle("POST /alerts/decide", s.Page(decide))
}

// state is what the page shows, all of it from its address.
type state struct {
	State, Level, Entity, Rule, Assignee, Sort, ID string
	Mine                                           bool
}

// states by which the list can be narrowed; live is what nobody has closed.
var states = []string{"live", alert.Open, alert.Acknowledged, alert.Closed, "all"}

// Levels, the highest first.
var levels = []string{"critical", "high", "medium", "low", "informational"}

func readState(v url.Values) state {
	s := state{State: v.Get("state"), Level: v.Get("level"), Entity: v.Get("entity"), Rule: v.Get("rule"), Assignee: v.Get("with"), Sort: v.Get("sort"), ID: v.Get("id"), Mine: v.Get("mine") == "1"}
	if !slices.Contains(states, s.State) {
		s.State = states[0]
	}
	if !slices.Contains(levels, s.Level) {
		s.Level = ""
	}
	if !slices.Contains([]string{"first", "level", "count"}, s.Sort) {
		s.Sort = ""
	}
	return s
}

// URL is the address of the state.
func (s state) URL() string {
	v := url.Values{}
	for key, value := range map[string]string{"level": s.Level, "entity": s.Entity, "rule": s.Rule, "with": s.Assignee, "sort": s.Sort, "id": s.ID} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if s.State != states[0] {
		v.Set("state", s.State)
	}
	if s.Mine {
		v.Set("mine", "1")
	}
	if len(v) == 0 {
		return "/alerts"
	}
	return "/alerts?" + v.Encode()
}

// The states that links lead to.

func (s state) Open(id string) string    { s.ID = id; return s.URL() }
func (s state) In(name string) string    { s.State = name; return s.URL() }
func (s state) From(level string) string { s.Level = level; return s.URL() }
func (s state) By(sort string) string    { s.Sort = sort; return s.URL() }
func (s state) About(entity string) string {
	s.Entity, s.ID = entity, ""
	return s.URL()
}
func (s state) ToggleMine() string { s.Mine = !s.Mine; return s.URL() }

// listSize bounds the list; who has more narrows it.
const listSize = 200

// Body is what the page shows.
type Body struct {
	State  state
	States []string
	Levels []string
	Rows   []Row
	More   bool
	Total  int
	Detail *Detail
	Faults fault.List
	Quiet  *Quiet // there are none: what is going on all the same
	Live   string // address of the list alone
	Form   Form
}

// Row is one alert of the list.
type Row struct {
	ID, Short, Level, State, What, Rule, Assignee, Href string
	Last                                                time.Time
	Count                                               int
	On                                                  bool
}

// Quiet is what is said where there are no alerts.
type Quiet struct {
	Rules  int
	Stored int64
	Demo   string
	Narrow bool // the list is narrowed: there may be others
	All    string
}

// Form is what somebody had filled in when their decision was refused.
type Form struct{ Note, Verdict, Assignee string }

// page is the list and the alert that the address names.
func page(v *site.View) {
	b := body(v, readState(v.R.URL.Query()))
	v.Show(http.StatusOK, "alerts", v.T("Alerts"), b)
}

// body asks for everything on the page. What cannot be answered is said on it.
func body(v *site.View, s state) *Body {
	b := &Body{State: s, States: states, Levels: levels[:4], Live: "/alerts/list" + strings.TrimPrefix(s.URL(), "/alerts")}
	if err := b.list(v); err != nil {
		b.Faults = append(b.Faults, term.Faults(err)...)
	}
	if s.ID != "" {
		d, err := detail(v, s)
		if err != nil {
			b.Faults = append(b.Faults, term.Faults(err)...)
		}
		b.Detail = d
	}
	return b
}

// list fills the rows.
func (b *Body) list(v *site.View) error {
	back := v.Ask()
	if back == nil {
		return errors.New("no backend")
	}
	s := b.State
	r := alerting.Request{Level: s.Level, Entity: s.Entity, Rule: s.Rule, Assignee: s.Assignee, Sort: s.Sort}
	switch s.State {
	case "live":
		r.Live = true
	case "all":
	default:
		r.State = s.State
	}
	if s.Mine {
		r.Assignee = v.Session.Name
	}
	rows, err := back.Alerts(v.Context(), r)
	if err != nil {
		return err //nolint:wrapcheck // the backend's fault is what is shown
	}
	b.Total = len(rows)
	if b.More = len(rows) > listSize; b.More {
		rows = rows[:listSize]
	}
	for i := range rows {
		a := &rows[i]
		b.Rows = append(b.Rows, Row{ID: a.ID, Short: a.Short, Level: a.Level, State: stateWord(v.Lang, a), What: what(v.Lang, &a.Alert), Rule: a.Rule, Assignee: a.Assignee,
			Href: s.Open(a.Short), Last: a.Last, Count: a.Count, On: s.ID != "" && strings.HasPrefix(a.ID, s.ID)})
	}
	if len(rows) == 0 {
		st := v.Pulse().Status
		b.Quiet = &Quiet{Rules: st.Rules, Stored: st.Stored, Demo: v.Command("up --demo"), Narrow: s != state{State: states[0], ID: s.ID}, All: state{State: "all"}.URL()}
	}
	return nil
}

// what says what an alert is about, in the language of the reader where its rule has it.
func what(l text.Lang, a *alert.Alert) string {
	s := a.What
	if l == text.Ko && a.WhatKo != "" {
		s = a.WhatKo
	}
	return s
}

// stateWord is the state with what else decides whether somebody looks at it.
func stateWord(l text.Lang, a *alerting.Row) string {
	words := []string{l.T(a.State)}
	if a.Verdict != "" {
		words[0] = l.T("closed as %s", l.T(a.Verdict))
	}
	for _, x := range []struct {
		is   bool
		word string
	}{{a.SuppressedBy != "", "suppressed"}, {a.Canary, "canary"}, {a.Historic, "historic"}} {
		if x.is {
			words = append(words, l.T(x.word))
		}
	}
	return strings.Join(words, ", ")
}

// listPart is the list alone, for the script that keeps it up to date.
func listPart(v *site.View) {
	b := &Body{State: readState(v.R.URL.Query())}
	b.Live = "/alerts/list" + strings.TrimPrefix(b.State.URL(), "/alerts")
	if err := b.list(v); err != nil {
		v.Fail(err)
		return
	}
	v.Part("alertlist", b)
}

// decide does what somebody decided. Who comes second is told what the first one did, on a page with the alert as it is
// now and what they had written.
func decide(v *site.View) {
	f := v.R.PostForm
	s := readState(f)
	d, ok := v.Backend.(alerting.Decider)
	if !ok {
		v.Fail(&fault.Error{Code: "version-mismatch", What: "this weir keeps no alerts", Do: "open the console of the process that has the stage console", Exit: fault.ExitMissing})
		return
	}
	r := alerting.Decision{ID: f.Get("id"), By: v.Session.Name, Note: strings.TrimSpace(f.Get("note"))}
	if n, err := strconv.Atoi(f.Get("version")); err == nil {
		r.Version = &n
	}
	notice, err := fill(&r, f, v)
	var out alerting.Outcome
	if err == nil {
		out, err = d.Decide(v.Context(), r)
	}
	if err != nil {
		b := body(v, s)
		b.Faults = append(term.Faults(err), b.Faults...)
		b.Form = Form{Note: r.Note, Verdict: r.Verdict, Assignee: r.Assignee}
		v.Show(statusOf(err), "alerts", v.T("Alerts"), b)
		return
	}
	if out.Waiting {
		notice += " " + v.T("It is kept, and will be told to others when Kafka is back.")
	}
	v.Back(s.URL(), notice)
}

// statusOf is the status of a refused decision.
func statusOf(err error) int {
	if fault.Code(err) == "alert-changed" {
		return http.StatusConflict
	}
	return http.StatusBadRequest
}

// verdicts that a person can give.
var verdicts = []string{alert.TruePositive, alert.FalsePositive, alert.Benign, alert.Duplicate, alert.Resolved}

// fill makes the decision of the form's button, and what is said when it is done.
func fill(r *alerting.Decision, f url.Values, v *site.View) (notice string, err error) {
	bad := func(what, do string) (string, error) {
		return "", &fault.Error{Code: "bad-request", What: what, Do: do, Exit: fault.ExitUsage}
	}
	switch f.Get("do") {
	case "ack":
		r.Kind, r.State = alert.ToState, alert.Acknowledged
		return v.T("You look at this alert now."), nil
	case "open":
		r.Kind, r.State = alert.ToState, alert.Open
		return v.T("The alert is open again."), nil
	case "close":
		if r.Verdict = f.Get("verdict"); !slices.Contains(verdicts, r.Verdict) {
			return bad("a closed alert needs a verdict", "choose what it was")
		}
		r.Kind, r.State = alert.ToState, alert.Closed
		return v.T("The alert is closed as %s.", v.T(r.Verdict)), nil
	case "note":
		if r.Note == "" {
			return bad("the note is empty", "write one")
		}
		r.Kind, r.Version = alert.Note, nil // notes of two people do not contradict each other
		return v.T("The note is kept."), nil
	case "assign":
		r.Kind, r.Assignee = alert.Assign, strings.TrimSpace(f.Get("assignee"))
		if r.Assignee == "" {
			return v.T("The alert is nobody's now."), nil
		}
		return v.T("The alert is %s's now.", r.Assignee), nil
	}
	return bad("the form asks for nothing that is known", "load the page again")
}

// detail asks for one alert with everything behind it.
func detail(v *site.View, s state) (*Detail, error) {
	b := v.Ask()
	if b == nil {
		return nil, errors.New("no backend")
	}
	got, err := b.Alert(v.Context(), s.ID)
	if err != nil {
		return nil, err //nolint:wrapcheck // the backend's fault is what is shown
	}
	return detailOf(v, &got), nil
}

// group is the values that the alert is about, in the order of their fields.
func group(d *control.AlertDetail) []Pair {
	var out []Pair
	for _, k := range slices.Sorted(maps.Keys(d.Group)) {
		out = append(out, Pair{k, d.Group[k]})
	}
	return out
}
