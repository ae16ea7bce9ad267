// Package consoletest has what tests of the console's pages share: a weir that answers what they say, and a browser that is
// signed in.
package consoletest

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/console"
	"weir/internal/console/auth"
	"weir/internal/console/why"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/question"
	"weir/internal/control/watching"
	"weir/internal/fault"
)

// Now is the time of tests.
var Now = time.Date(2026, 11, 21, 16, 50, 0, 0, Zone)

// Zone is the zone of tests.
var Zone = time.FixedZone("Asia/Seoul", 9*3600)

// Weir answers with what a test puts into it. It is filled before it is asked. Asked collects what was asked, with who did.
type Weir struct {
	Docs      []string
	Summary   control.SearchSummary
	SearchErr error
	OnSearch  func(ctx context.Context, r control.SearchRequest) // nil: nothing
	TailDocs  chan string                                        // nil: a tail that waits for its end
	LedgerIs  control.Ledger
	Rows      []control.AlertRow
	Detail    control.AlertDetail
	AlertErr  error
	StatusIs  control.Status
	SourcesIs watching.Sources
	DecideErr error
	Decided   []alerting.Decision
	Named     question.Table

	mu    sync.Mutex
	Asked []Question
}

// Question is one that was asked.
type Question struct {
	Who, Name string
	Body      any
}

func (w *Weir) note(ctx context.Context, name string, body any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Asked = append(w.Asked, Question{question.Who(ctx), name, body})
}

// Questions returns what was asked under a name.
func (w *Weir) Questions(name string) (out []Question) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, q := range w.Asked {
		if q.Name == name {
			out = append(out, q)
		}
	}
	return out
}

// Search implements control.Backend. A question for one event gets the document of its id.
func (w *Weir) Search(ctx context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	w.note(ctx, "search", r)
	if w.OnSearch != nil {
		w.OnSearch(ctx, r)
	}
	if w.SearchErr != nil {
		return control.SearchSummary{}, w.SearchErr
	}
	sum := w.Summary
	for _, d := range w.Docs {
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
		if sum.Shown == r.Size || strings.HasPrefix(r.Query, "event.id:") && !strings.Contains(r.Query, id(d)) {
			continue
		}
		sum.Shown++
		if err := each([]byte(d)); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// id is the id of a document.
func id(doc string) string {
	var d struct {
		Event struct {
			ID string `json:"id"`
		} `json:"event"`
	}
	_ = json.Unmarshal([]byte(doc), &d) // a document without one has none
	b, _ := json.Marshal(d.Event.ID)
	return string(b)
}

// Tail implements control.Backend.
func (w *Weir) Tail(ctx context.Context, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	w.note(ctx, "tail", r)
	for {
		select {
		case <-ctx.Done():
			w.note(context.WithoutCancel(ctx), "tail ended", nil)
			return control.TailSummary{}, nil
		case d, ok := <-w.TailDocs:
			if !ok {
				return control.TailSummary{}, nil
			}
			if err := each([]byte(d)); err != nil {
				return control.TailSummary{}, err
			}
		}
	}
}

// Ledger implements control.Backend.
func (w *Weir) Ledger(context.Context, control.LedgerRequest) (control.Ledger, error) {
	return w.LedgerIs, nil
}

// Alerts implements control.Backend.
func (w *Weir) Alerts(ctx context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	w.note(ctx, "alerts", r)
	return w.Rows, nil
}

// Alert implements control.Backend.
func (w *Weir) Alert(ctx context.Context, id string) (control.AlertDetail, error) {
	w.note(ctx, "alert", id)
	return w.Detail, w.AlertErr
}

// DeadLetters implements control.Backend.
func (w *Weir) DeadLetters(context.Context, control.DeadLettersRequest) ([]control.DeadLetter, error) {
	return nil, nil
}

// Status implements control.Backend.
func (w *Weir) Status(context.Context) (control.Status, error) { return w.StatusIs, nil }

// Sources implements watching.Watcher.
func (w *Weir) Sources(_ context.Context, r watching.SourcesRequest) (watching.Sources, error) {
	out := watching.Sources{At: w.SourcesIs.At}
	for _, s := range w.SourcesIs.Rows {
		if !r.Missing || s.State == watching.Silent || s.State == watching.Never {
			out.Rows = append(out.Rows, s)
		}
	}
	return out, nil
}

// Decide implements alerting.Decider.
func (w *Weir) Decide(ctx context.Context, r alerting.Decision) (alerting.Outcome, error) {
	w.note(ctx, "decide", r)
	if w.DecideErr != nil {
		return alerting.Outcome{}, w.DecideErr
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Decided = append(w.Decided, r)
	return alerting.Outcome{Row: alerting.Row{State: r.State}}, nil
}

// Risk implements alerting.Decider.
func (w *Weir) Risk(context.Context, alerting.RiskRequest) ([]alerting.Risk, error) { return nil, nil }

// Answer implements question.Answerer.
func (w *Weir) Answer(ctx context.Context, name string, raw []byte, each func([]byte) error) (json.RawMessage, error) {
	w.note(ctx, name, string(raw))
	return w.Named.Answer(ctx, name, raw, each)
}

// Site is a console with somebody signed in.
type Site struct {
	Weir    *Weir
	Keeper  *auth.Keeper
	Handler http.Handler
	Cookies []*http.Cookie
	CSRF    string
	t       testing.TB
}

// New makes a console over a weir and signs ana in.
func New(t testing.TB, w *Weir, x *why.Explainer) *Site {
	t.Helper()
	s := Out(t, w, x)
	token, _, err := s.Keeper.Mint("ana")
	if err != nil {
		t.Fatal(err)
	}
	secret, session, ok := s.Keeper.SignIn(token)
	if !ok {
		t.Fatal("nobody is let in")
	}
	s.CSRF = session.CSRF
	s.Cookies = append(s.Cookies, &http.Cookie{Name: "weir_session_8514", Value: secret})
	return s
}

// Out makes a console with nobody signed in.
func Out(t testing.TB, w *Weir, x *why.Explainer) *Site {
	t.Helper()
	now := func() time.Time { return Now }
	s := &Site{Weir: w, Keeper: auth.NewKeeper(now), t: t}
	s.Handler = console.New(console.Options{Backend: w, Auth: s.Keeper, Log: slog.New(slog.DiscardHandler), Version: "0.1.0", Now: now, Zone: Zone, Listen: "127.0.0.1:8514", Why: x})
	return s
}

// Do sends a request as the browser of whoever is signed in.
func (s *Site) Do(r *http.Request) *httptest.ResponseRecorder {
	for _, c := range s.Cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return w
}

// Get asks for a page.
func (s *Site) Get(path string) *httptest.ResponseRecorder {
	return s.Do(Request(http.MethodGet, path, nil))
}

// Post sends a form of the page, with what the session gave it.
func (s *Site) Post(path string, form url.Values) *httptest.ResponseRecorder {
	form.Set("csrf", s.CSRF)
	return s.Do(Request(http.MethodPost, path, form))
}

// Request is one of a browser on the page itself.
func Request(method, path string, form url.Values) *http.Request {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:8514"+path, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// Page asks for a page that must be there, and returns its HTML.
func (s *Site) Page(path string) string {
	s.t.Helper()
	w := s.Get(path)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d\n%s", path, w.Code, Text(w.Body.String()))
	}
	return w.Body.String()
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// Text is what a person reads of HTML, blanks as one.
func Text(page string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " "))
}

// plus is how templates write a plus in attributes.
var plus = strings.NewReplacer("&#43;", "+")

// Has fails a test where a page lacks one of some texts.
func Has(t testing.TB, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) && !strings.Contains(plus.Replace(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Lacks fails a test where a page has one of some texts.
func Lacks(t testing.TB, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if strings.Contains(page, want) {
			t.Errorf("the page has %q", want)
		}
	}
}

// Elsewhere is the error of who does not answer.
func Elsewhere() error {
	return &fault.Error{Code: "stage-elsewhere", What: "this process does not have the stage archive", Exit: fault.ExitUsage}
}
