package pages

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
	"testing"
	"time"

	"weir/internal/console/text"
	"weir/internal/fault"
)

func run(t *testing.T, name string, data any) string {
	t.Helper()
	var b bytes.Buffer
	if err := Load(func(name string) string { return "/assets/x/" + name }).Run(&b, name, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFaults_golden: an error in the form of all errors, with the caret below what is wrong.
func TestFaults_golden(t *testing.T) {
	f := fault.List{
		{Code: "kql-syntax", What: "the group opened here is never closed", Where: "query, column 21", Text: "user.name: 김민수 and (", Mark: 20, Width: 1, Do: "add `)` at the end"},
		{Code: "w", What: "<b>", Where: "a.yaml:1", Why: "\u202e", Warn: true},
	}
	want := `<div class="fault" role="alert"><p><b>error[kql-syntax]:</b> the group opened here is never closed</p>
<pre class="excerpt"><code>user.name: 김민수 and <mark>(</mark>
` + strings.Repeat(" ", 22) + `<b>^</b></code></pre>
<p><span class="k">do</span> add ` + "`)`" + ` at the end</p></div><div class="fault warn" role="alert"><p><b>warning[w]:</b> &lt;b&gt;</p>
<p><span class="k">where</span> a.yaml:1</p>
<p><span class="k">why</span> \u202e</p></div>`
	if got := run(t, "faults", map[string]any{"Lang": text.En, "Faults": f}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := run(t, "faults", map[string]any{"Lang": text.Ko, "Faults": f}); !strings.Contains(got, `<b>오류[kql-syntax]:</b>`) || !strings.Contains(got, `<span class="k">조치</span>`) {
		t.Errorf("in Korean:\n%s", got)
	}
}

// TestCopy_golden: a command that is copied is shown as text, whatever a query brought into it.
func TestCopy_golden(t *testing.T) {
	want := `<span class="copy"><code>weir search &#39;&lt;script&gt;\u202e&#39;</code><button type="button" class="quiet" data-copy hidden>copy</button></span>`
	if got := run(t, "copy", map[string]any{"Line": "weir search '<script>\u202e'", "Lang": text.En}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestRows_golden: a row is one line of the table, and nothing of an event in it is markup.
func TestRows_golden(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	now := time.Date(2026, 11, 21, 16, 50, 0, 0, zone)
	type cell struct{ Text, Class string }
	type row struct {
		ID, Href string
		Time     time.Time
		Open     bool
		Cells    []cell
	}
	data := map[string]any{"Head": map[string]any{"Now": now, "Zone": zone}, "Body": []row{{ID: `a"b`, Href: "/search?id=a%22b", Time: now.Add(-time.Second), Open: true, Cells: []cell{{"<b>", "c-message"}}}}}
	want := `<tr data-id="a&#34;b" class="open" aria-selected="true" tabindex="-1"><td class="c-time"><a href="/search?id=a%22b" data-open tabindex="-1">16:49:59.000</a></td><td class="c-message">&lt;b&gt;</td></tr>
`
	if got := run(t, "rows", data); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTemplates_policy: no template has a script, a style or a handler in it, which the policy would refuse, and none turns
// escaping off.
func TestTemplates_policy(t *testing.T) {
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	inline := regexp.MustCompile(`<script(?: [^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:|https?://`)
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if m := inline.FindString(string(b)); m != "" {
			t.Errorf("%s has %q", e.Name(), m)
		}
		for _, form := range regexp.MustCompile(`(?s)<form[^>]*method="post".*?</form>`).FindAllString(string(b), -1) {
			if !strings.Contains(form, "csrf") && !strings.Contains(form, `"decision"`) && !strings.Contains(form, `"review-form"`) && !strings.Contains(form, "/in/") {
				t.Errorf("%s has a form without the secret of its session: %.80s", e.Name(), form)
			}
		}
	}
	for name, f := range funcs {
		switch f.(type) {
		case func(string) template.HTML, func(string) template.JS, func(string) template.URL, func(string) template.HTMLAttr:
			t.Errorf("%s turns escaping off", name)
		}
	}
}

func TestFuncs(t *testing.T) {
	for got, want := range map[string]string{
		percent(1, 3): "33%", percent(1, 1000): "<1%", percent(0, 5): "0%", percent(5, 0): "0%", percent(5, 5): "100%",
		count(1234567): "1,234,567", count(int64(-1)): "-1", count("x"): "x",
		ended("a", true): "a…", ended("a", false): "a",
		keep(text.Ko, "2 years"): "2년", keep(text.En, "1 year"): "1 y", keep(text.En, "forever"): "without end", keep(text.En, "a while"): "a while", keep(text.Ko, "90 days"): "90일",
		gap("source syslog/192.0.2.1"): "gap-syslog-192-0-2-1", gap(`source "><b>`): "gap----b-",
		form(time.Time{}, time.UTC, time.DateOnly): "-",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := dict("a"); err == nil {
		t.Error("half a pair is taken")
	}
	if _, err := dict(1, 2); err == nil {
		t.Error("a number is taken for a name")
	}
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	if got := eventURL(`a"b\`, at); got != "/search?from=2026-11-20T23%3A59%3A00Z&id=a%22b%5C&q=event.id%3A+%22a%5C%22b%5C%5C%22&to=2026-11-21T00%3A01%3A00Z" {
		t.Error(got)
	}
	if got := searchURL("a: 1", at, at.Add(time.Hour)); got != "/search?from=2026-11-21T00%3A00%3A00Z&q=a%3A+1&to=2026-11-21T01%3A00%3A00Z" {
		t.Error(got)
	}
}

// FuzzExcerpt: wherever an error points, its text is whole and the caret stands below something.
func FuzzExcerpt(f *testing.F) {
	f.Add("user.name: 김민수 and (", 20, 1)
	f.Add("", 1, 0)
	f.Add("a\tb\u202e", 100, 100)
	f.Fuzz(func(t *testing.T, s string, mark, width int) {
		x := excerptOf(&fault.Error{Text: s, Mark: mark, Width: width})
		if x == nil {
			return
		}
		if strings.ContainsAny(x.Before+x.Marked+x.After, "\u202e\x1b\n") || x.Carets == "" || strings.Trim(x.Carets, "^") != "" {
			t.Fatalf("%+v", x)
		}
	})
}
