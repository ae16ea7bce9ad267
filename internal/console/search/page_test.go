package search_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/internal/console/consoletest"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/fault"
)

// doc is an event with a message and some more.
func doc(id, message string, more ...string) string {
	m, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	rest := ""
	for _, s := range more {
		rest += "," + s
	}
	return fmt.Sprintf(`{"@timestamp":"2026-11-21T07:49:08.412Z","event":{"id":%q,"dataset":"sshd","original":%s},"message":%s,"weir":{"input":"syslog"}%s}`, id, m, m, rest)
}

// pages answers search/page and search/fields of some documents.
func pages(page searching.Page, docs ...string) question.Table {
	return question.Table{
		searching.AskPage: question.Streamed(func(_ context.Context, q searching.PageRequest, each func([]byte) error) (searching.Page, error) {
			for i, d := range docs {
				if i == q.Size {
					break
				}
				if err := each([]byte(d)); err != nil {
					return page, err
				}
			}
			page.Shown = min(len(docs), q.Size)
			return page, nil
		}),
		searching.AskFields: question.Typed(func(context.Context, searching.FieldsRequest) (searching.Fields, error) {
			return searching.Fields{Events: 10, Rows: []searching.Field{
				{Name: "user.name", Events: 8, Values: []searching.Value{{Text: "root", Count: 6}, {Text: `<b onmouseover=x>"`, Count: 2}}}, {Name: "empty.field"}, {Name: "event.dataset", Events: 10, Values: []searching.Value{{Text: "sshd", Count: 10}}},
			}}, nil
		}),
	}
}

func site(t *testing.T, page searching.Page, docs ...string) *consoletest.Site {
	t.Helper()
	return consoletest.New(t, &consoletest.Weir{Docs: docs, Named: pages(page, docs...)}, nil)
}

func TestPage(t *testing.T) {
	start := consoletest.Now.Add(-15 * time.Minute)
	var buckets []searching.Bucket
	for i := range 15 {
		buckets = append(buckets, searching.Bucket{Time: start.Add(time.Duration(i) * time.Minute), Count: int64(i * 10)})
	}
	s := site(t, searching.Page{Hits: 1050, Next: "cursor/2", TookMS: 4, SegmentsRead: 2, SegmentsTotal: 63, Buckets: buckets, BucketWidth: time.Minute}, doc("e1", "hello"), doc("e2", "world", `"user":{"name":"root"}`))
	page := s.Page("/search?q=event.dataset:sshd&cols=user.name,message")
	text := consoletest.Text(page)
	consoletest.Has(t, text, "1,050 events , 4 ms , 2 of 63 segments read", "16:49:08.412", "hello", "world", "time +09:00", "user.name 80%", "event.dataset 100%")
	consoletest.Has(t, page, `value="event.dataset:sshd"`, `name="cols" value="user.name,message"`, `data-fields="user.name event.dataset"`, "after=cursor%2F2", "weir search event.dataset:sshd --from -15m --fields user.name,message --size 100",
		`href="/search?cols=user.name%2Cmessage&amp;q=event.dataset%3Asshd+and+user.name%3A+root"`, `aria-sort="descending"`, `role="img" aria-label="events over time, the highest bar 140"`)
	consoletest.Lacks(t, page, "empty.field", "<b onmouseover")
	if n := strings.Count(page, `class="under"`); n != 15 {
		t.Errorf("%d bars", n)
	}
	if n := strings.Count(page, `class="bar"`); n != 14 { // the empty one is none
		t.Errorf("%d bars with a height", n)
	}
	// What was looked at is recorded under the name of who looked.
	for _, q := range s.Weir.Asked {
		if q.Who != "ana" && q.Name != "alerts" { // weir counts those for the head of the page by itself
			t.Errorf("%s was asked by %q", q.Name, q.Who)
		}
	}
}

func TestPage_hidden(t *testing.T) {
	s := site(t, searching.Page{Hits: 1, Buckets: []searching.Bucket{{Time: consoletest.Now, Count: 1}}, BucketWidth: time.Minute}, doc("e1", "hello"))
	consoletest.Lacks(t, s.Page("/search?hist=0"), "<svg viewBox=\"0 0 1200")
	if q := s.Weir.Questions(searching.AskPage); !strings.Contains(q[0].Body.(string), `"counts":true`) || strings.Contains(q[0].Body.(string), "buckets") {
		t.Errorf("a histogram that is hidden is asked for: %v", q)
	}
	consoletest.Has(t, s.Page("/search?wrap=1"), `class="hits wrap"`)
}

// TestPage_plain: a process that knows no pages shows the newest events all the same.
func TestPage_plain(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{Docs: []string{doc("e1", "hello")}, Summary: control.SearchSummary{Hits: 7, TookMS: 3}}, nil)
	text := consoletest.Text(s.Page("/search"))
	consoletest.Has(t, text, "7 events , 3 ms", "hello", "event.dataset 100%", "sshd 100%")
}

// TestPage_mistake: a query that cannot be read is shown with a caret below what is wrong, also behind Korean text, and
// nothing is searched.
func TestPage_mistake(t *testing.T) {
	s := site(t, searching.Page{})
	w := s.Get("/search?q=" + strings.ReplaceAll(`user.name%3A%20김민수%20and%20(a%3A1`, " ", ""))
	if w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	consoletest.Has(t, w.Body.String(), "[kql-syntax]", "user.name: 김민수 and <mark>(</mark>a:1\n"+strings.Repeat(" ", 22)+"<b>^</b>", `class="query wrong"`, "weir help kql")
	for _, path := range []string{"/search?from=nonsense", "/search?to=25:99", "/search?q=" + strings.Repeat("a", 33<<10)} {
		if w := s.Get(path); w.Code != http.StatusBadRequest {
			t.Errorf("%.40s: %d", path, w.Code)
		}
	}
	if len(s.Weir.Questions(searching.AskPage)) != 0 {
		t.Error("it was searched all the same")
	}
}

// hostile are texts that senders write to do something to who looks.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onmouseover='alert(1)`, `{{.Head.CSRF}}`, `</textarea><script>`, `javascript:alert(1)`, "admin\u202egnp.exe", "a\x1b[31mred\x00", "\u2066x\u2069", `&lt;b&gt;`, "\xff\xfe", `<!--`, `]]>`, "a\r\nSet-Cookie: x=1",
}

// TestPage_hostile: whatever events hold, in values and in names of fields, is text on the page: no markup, nothing that
// turns or hides text.
func TestPage_hostile(t *testing.T) {
	var docs []string
	for i, h := range hostile {
		b, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc(fmt.Sprintf("e%d", i), h, fmt.Sprintf(`"user":{"name":%s},"host":{"name":%s},"x":{%s:%s}`, b, b, b, b)))
	}
	s := site(t, searching.Page{Hits: int64(len(docs))}, docs...)
	var all []string
	for _, path := range []string{"/search?cols=user.name,host.name,message", "/search?wrap=1"} {
		all = append(all, s.Page(path))
	}
	for i := range docs {
		for _, tab := range []string{"fields", "raw", "why"} {
			all = append(all, s.Page(fmt.Sprintf("/search/event?id=e%d&tab=%s", i, tab)))
		}
	}
	s.Weir.Named = nil // the fields are counted on the page
	all = append(all, s.Page("/search"))
	for _, page := range all {
		consoletest.Lacks(t, page, "<script>alert", "<img src=x", "<svg onload", "\u202e", "\x1b", "\u2066", "\x00", "</textarea><script>", "href=\"javascript:", s.CSRF+"\"}}")
		if strings.Contains(page, `' onmouseover='`) {
			t.Error("a quote ends an attribute")
		}
	}
}

// TestPage_hostile_query: so is what somebody is made to click on.
func TestPage_hostile_query(t *testing.T) {
	s := site(t, searching.Page{Hits: 0})
	for _, h := range []string{`"><script>alert(1)</script>`, `'onfocus=alert(1) autofocus='`, "x\u202ey"} {
		for _, key := range []string{"q", "from", "to", "sort", "after", "id", "cols", "tab"} {
			r := consoletest.Request(http.MethodGet, "/search", nil)
			v := r.URL.Query()
			v.Set(key, h)
			r.URL.RawQuery = v.Encode()
			body := s.Do(r).Body.String()
			consoletest.Lacks(t, body, "<script>alert", `'onfocus=`)
		}
	}
}

// TestPage_large: values of a megabyte are cut on the page, and whole behind a link that no browser runs.
func TestPage_large(t *testing.T) {
	large := strings.Repeat("<b>x</b> ", 1<<17)
	s := site(t, searching.Page{Hits: 1}, doc("e1", large))
	if page := s.Page("/search"); len(page) > 40<<10 {
		t.Errorf("a page of %d bytes", len(page))
	}
	panel := s.Page("/search/event?id=e1")
	if len(panel) > 60<<10 {
		t.Errorf("a panel of %d bytes", len(panel))
	}
	consoletest.Has(t, panel, `href="/search/raw?id=e1&amp;field=message" download`, "all of it, 1.12 MiB")
	for _, path := range []string{"/search/raw?id=e1", "/search/raw?id=e1&field=message"} {
		w := s.Get(path)
		if w.Body.String() != large {
			t.Errorf("%s: %d bytes", path, w.Body.Len())
		}
		if h := w.Header(); h.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if raw := s.Page("/search/event?id=e1&tab=raw"); len(raw) > 400<<10 {
		t.Errorf("the raw tab has %d bytes", len(raw))
	}
}

// TestRaw_injection: an id is a value, whatever it holds.
func TestRaw_injection(t *testing.T) {
	s := site(t, searching.Page{}, doc("e1", "hello"))
	for _, id := range []string{`" or event.id: *`, `e1" or "`, "../../etc/passwd", "\\", ""} {
		r := consoletest.Request(http.MethodGet, "/search/raw", nil)
		v := r.URL.Query()
		v.Set("id", id)
		r.URL.RawQuery = v.Encode()
		if w := s.Do(r); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", id, w.Code)
		}
	}
	for _, q := range s.Weir.Questions("search") {
		kql := q.Body.(control.SearchRequest).Query
		if strings.Contains(kql, `" or event.id: *" and`) {
			continue // escaped below
		}
		if !strings.HasPrefix(kql, `event.id: "`) {
			t.Errorf("asked %s", kql)
		}
	}
}

func TestRaw_json(t *testing.T) {
	s := site(t, searching.Page{}, doc("e1", "hello"))
	w := s.Get("/search/raw?id=e1&as=json")
	if w.Header().Get("Content-Type") != "application/json; charset=utf-8" || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := s.Get("/search/raw?id=e1&field=no.such"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("a field that is not there: %d %q", w.Code, w.Body)
	}
}

func TestPanel(t *testing.T) {
	s := site(t, searching.Page{Hits: 1}, doc("e/1/2", "hello <b>", `"host":{"name":"web-1"},"source":{"ip":"203.0.113.5"}`))
	page := s.Page("/search?id=e%2F1%2F2&q=event.dataset:sshd")
	consoletest.Has(t, page, `class="cols with-panel"`, `aria-selected="true"`, `data-close`)
	consoletest.Has(t, consoletest.Text(page), "event e/1/2", "source.ip + − ▥ 203.0.113.5", "everything ±5 min web-1 ±5 min 203.0.113.5 ±5 min")
	part := s.Page("/search/event?id=e%2F1%2F2&tab=raw")
	consoletest.Lacks(t, part, "<html")
	consoletest.Has(t, part, "hello &lt;b&gt;", "/search/raw?as=json&amp;id=e%2F1%2F2")
	if w := s.Get("/search/event?id=gone"); w.Code != http.StatusNotFound {
		t.Errorf("an event that is gone: %d", w.Code)
	}
	consoletest.Has(t, s.Page("/search?id=gone"), "[event-unknown]", "hello")
	consoletest.Has(t, s.Page("/search/event?id=e%2F1%2F2&tab=why"), "reads no records", "bytes 0 to 9")
}

// TestEmpty: who finds nothing is told which condition keeps most out, and what else to try.
func TestEmpty(t *testing.T) {
	w := &consoletest.Weir{StatusIs: control.Status{Stored: 100, Received: 100}, Named: pages(searching.Page{})}
	w.OnSearch = func(_ context.Context, r control.SearchRequest) {
		w.Summary.Hits = map[string]int64{"": 81204, "user.name: root": 12, "source.ip: 203.0.113.5": 900}[r.Query]
	}
	s := consoletest.New(t, w, nil)
	page := s.Page("/search?q=source.ip:+203.0.113.5+and+user.name:+root")
	consoletest.Has(t, consoletest.Text(page), "0 of 81,204 events in this time", "Without this condition there would be 900: user.name: root", "last 24 hours everything")
	consoletest.Has(t, page, `href="/search?q=source.ip%3A+203.0.113.5"`)
	consoletest.Lacks(t, page, "<svg viewBox", "<table class=\"rows\"")
}

// TestEmpty_new: a weir that has received nothing teaches how to send.
func TestEmpty_new(t *testing.T) {
	w := &consoletest.Weir{Named: pages(searching.Page{}), StatusIs: control.Status{Listening: []control.Port{{Input: "syslog", Proto: "tcp", Address: "0.0.0.0:5514"}, {Input: "syslog", Proto: "udp", Address: "0.0.0.0:5514"}}}}
	s := consoletest.New(t, w, nil)
	page := s.Page("/search")
	consoletest.Has(t, page, "echo &#39;&lt;34&gt;hello weir&#39; | nc -u -w1 127.0.0.1 5514", "weir search hello", "weir tail", "weir up --demo")
}

// TestCancel: who goes away ends the search.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	w := &consoletest.Weir{Named: question.Table{searching.AskPage: question.Streamed(func(ctx context.Context, _ searching.PageRequest, _ func([]byte) error) (searching.Page, error) {
		cancel() // the browser goes away in the middle
		<-ctx.Done()
		close(ended)
		return searching.Page{}, ctx.Err()
	})}}
	s := consoletest.New(t, w, nil)
	rec := s.Do(consoletest.Request(http.MethodGet, "/search", nil).WithContext(ctx))
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the search goes on")
	}
	consoletest.Has(t, rec.Body.String(), `class="wait"`) // the upper part was on its way
	consoletest.Lacks(t, rec.Body.String(), "</html>")
}

// TestFailure: an archive that cannot answer is said below the query.
func TestFailure(t *testing.T) {
	w := &consoletest.Weir{SearchErr: consoletest.Elsewhere()}
	page := consoletest.New(t, w, nil).Page("/search?q=a:1")
	consoletest.Has(t, page, "[stage-elsewhere]", `value="a:1"`, "</html>")
	w = &consoletest.Weir{Named: question.Table{searching.AskPage: question.Typed(func(context.Context, searching.PageRequest) (searching.Page, error) {
		return searching.Page{}, &fault.Error{Code: "cursor-old", What: "this page is of another search", Do: "begin at the first"}
	})}}
	consoletest.Has(t, consoletest.New(t, w, nil).Page("/search?after=x"), "[cursor-old]", "begin at the first")
}

func TestSaved(t *testing.T) {
	var kept searching.SaveRequest
	table := pages(searching.Page{Hits: 1}, doc("e1", "x"))
	table[searching.AskSaved] = question.Typed(func(context.Context, searching.SavedRequest) (searching.SavedList, error) {
		return searching.SavedList{Rows: []searching.Saved{{Name: "failed", Title: "Failed <logons>", TitleKo: "로그인 실패", Query: "event.outcome: failure", From: "-24h", Fields: []string{"user.name"}}}}, nil
	})
	table[searching.AskSave] = question.Typed(func(_ context.Context, r searching.SaveRequest) (searching.Saved, error) {
		kept = r
		return r.Saved, nil
	})
	s := consoletest.New(t, &consoletest.Weir{Named: table}, nil)
	page := s.Page("/search?q=a:1")
	consoletest.Has(t, page, `href="/search?cols=user.name&amp;from=-24h&amp;q=event.outcome%3A+failure"`, "Failed &lt;logons&gt;", `action="/search/save"`)
	consoletest.Has(t, s.Page("/search?lang=ko"), "로그인 실패")
	w := s.Post("/search/save", map[string][]string{"name": {"mine"}, "q": {"a: 1"}, "from": {"-1h"}, "cols": {"x,y"}})
	if w.Code != http.StatusSeeOther || kept.Name != "mine" || kept.Query != "a: 1" || kept.From != "-1h" || len(kept.Fields) != 2 {
		t.Errorf("%d, kept %+v", w.Code, kept)
	}
}

// TestLive: events come as rows, harmless ones, and closing the page ends the tail.
func TestLive(t *testing.T) {
	w := &consoletest.Weir{TailDocs: make(chan string, 100)}
	s := consoletest.New(t, w, nil)
	srv := httptest.NewServer(s.Handler)
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/search/live?q=event.dataset:sshd", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Cookies {
		r.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("%v", res.Header)
	}
	for i := range 40 {
		w.TailDocs <- doc(fmt.Sprintf("e%d", i), "<script>alert(1)</script>")
	}
	var text strings.Builder
	buf := make([]byte, 64<<10)
	for !strings.Contains(text.String(), `e39`) && !strings.Contains(text.String(), `"skipped":1`) {
		n, err := res.Body.Read(buf)
		if err != nil {
			t.Fatalf("%v after %s", err, text.String())
		}
		text.Write(buf[:n])
	}
	consoletest.Has(t, text.String(), "event: rows\ndata: {", `\u0026lt;script\u0026gt;`)
	consoletest.Lacks(t, text.String(), "<script>")
	cancel()
	for range 3000 {
		if len(w.Questions("tail ended")) == 1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the tail goes on")
}

// TestLive_bounds: one person cannot hold streams without end; a mistake in the query is told.
func TestLive_bounds(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	srv := httptest.NewServer(s.Handler)
	t.Cleanup(srv.Close)
	open := func(path string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Cookies {
			r.AddCookie(c)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	if res := open("/search/live?q=(a"); res.StatusCode != http.StatusBadRequest { //nolint:bodyclose // open closes it at the end
		t.Errorf("a mistake: %d", res.StatusCode)
	}
	for i := range 5 {
		if res := open("/search/live"); (res.StatusCode == http.StatusOK) != (i < 4) { //nolint:bodyclose // open closes it at the end
			t.Errorf("stream %d: %d", i, res.StatusCode)
		}
	}
}

// TestLive_signedOut: signing out ends what is live.
func TestLive_signedOut(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{}, nil)
	done := make(chan int, 1)
	go func() { done <- s.Get("/search/live").Code }()
	for len(s.Weir.Questions("tail")) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	s.Post("/out", map[string][]string{})
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("the stream goes on")
	}
}
