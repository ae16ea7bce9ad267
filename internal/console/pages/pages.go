// Package pages holds the templates of the console and what they call.
package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"weir/internal/console/text"
	"weir/internal/fault"
	"weir/internal/term"
)

//go:embed *.html
var files embed.FS

// Set is the parsed templates. It may be used from many goroutines.
type Set struct{ all *template.Template }

// Load parses them. asset gives the address of an asset. A mistake in a template is one of the program.
func Load(asset func(name string) string) *Set {
	t, err := template.New("").Funcs(funcs).Funcs(template.FuncMap{"asset": asset}).ParseFS(files, "*.html")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &Set{t}
}

// Run executes a template.
func (s *Set) Run(w io.Writer, name string, data any) error {
	if err := s.all.ExecuteTemplate(w, name, data); err != nil {
		return fmt.Errorf("the page %s: %w", name, err)
	}
	return nil
}

// funcs are what templates call. Texts from outside go through safe or cut, which show what moves, hides or reorders text;
// html/template then escapes what is markup.
var funcs = template.FuncMap{
	"t":       func(l text.Lang, key string, args ...any) string { return l.T(key, args...) },
	"plural":  func(l text.Lang, n int, one, many string) string { return l.Plural(int64(n), one, many) },
	"safe":    term.Escape,
	"cut":     func(n int, s string) string { short, cut := text.Cut(s, n); return ended(short, cut) },
	"count":   count,
	"bytes":   term.Bytes,
	"rate":    term.Rate,
	"span":    term.Duration,
	"ms":      func(n int64) string { return term.Duration(time.Duration(n) * time.Millisecond) },
	"secs":    func(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 1, 64) },
	"clock":   text.Clock,
	"second":  text.Second,
	"day":     func(t time.Time, zone *time.Location) string { return form(t, zone, time.DateOnly) },
	"minute":  func(t time.Time, zone *time.Location) string { return form(t, zone, "2006-01-02 15:04") },
	"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
	"ago":     func(l text.Lang, t, now time.Time) string { return l.Ago(t, now) },
	"offset":  func(now time.Time, zone *time.Location) string { return now.In(zone).Format("-07:00") },
	"dict":    dict,
	"list":    func(v ...string) []string { return v },
	"upper":   strings.ToUpper,
	"join":    strings.Join,
	"has":     strings.Contains,
	"percent": percent,
	"sum":     func(a, b int) int { return a + b },
	"excerpt": excerptOf,
	"coarse":  func(l text.Lang, d time.Duration) string { return l.Coarse(d) },
	"abs":     func(d time.Duration) time.Duration { return d.Abs() },
	"gap":     gap,
	"lang":    func(l text.Lang) string { return string(l) },
	"short":   func(s string) string { return s[:min(len(s), 12)] },
	"keep":    keep,
	"search":  searchURL,
	"event":   eventURL,
	"int":     func(n int64) int { return int(n) },
	"int64":   func(n int) int64 { return int64(n) },
}

func ended(s string, cut bool) string {
	if cut {
		return s + "…"
	}
	return s
}

// count writes whole numbers of any size with commas.
func count(n any) string {
	switch n := n.(type) {
	case int:
		return term.Count(int64(n))
	case int64:
		return term.Count(n)
	case uint64:
		return term.Count(int64(n))
	}
	return fmt.Sprint(n)
}

func form(t time.Time, zone *time.Location, layout string) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(layout)
}

// percent writes a share in whole percent; what is less than one and more than nothing is said as such.
func percent(part, whole int64) string {
	if whole <= 0 || part <= 0 {
		return "0%"
	}
	p := float64(part) / float64(whole) * 100
	if p < 1 {
		return "<1%"
	}
	return strconv.Itoa(int(p)) + "%"
}

// excerpt is a text with a part of it marked.
type excerpt struct{ Before, Marked, After, Blank, Carets string }

// excerptOf is the text that an error points into, nil if it points into none. The line below it has as many blanks as
// what stands before takes cells, so that the caret is below what is wrong also behind Korean text.
func excerptOf(e *fault.Error) *excerpt {
	if e.Text == "" || e.Mark < 1 {
		return nil
	}
	runes := []rune(strings.ReplaceAll(strings.TrimRight(e.Text, "\r\n"), "\t", " "))
	from := min(e.Mark-1, len(runes))
	to := min(from+max(1, e.Width), len(runes))
	x := excerpt{Before: term.Escape(string(runes[:from])), Marked: term.Escape(string(runes[from:to])), After: term.Escape(string(runes[to:]))}
	x.Blank = strings.Repeat(" ", term.Cells(x.Before))
	x.Carets = strings.Repeat("^", max(1, term.Cells(x.Marked)))
	return &x
}

// keep says how long something is kept: "1 year", as a policy writes it, in the language of the reader.
func keep(l text.Lang, s string) string {
	n, unit, ok := strings.Cut(s, " ")
	if !ok {
		return l.T(s) // forever
	}
	if _, err := strconv.Atoi(n); err != nil {
		return s
	}
	return l.T(fmt.Sprintf("%%s %ss", strings.TrimSuffix(unit, "s")), n)
}

// searchURL is a search for a query in some time.
func searchURL(kql string, from, to time.Time) string {
	return "/search?" + url.Values{"q": {kql}, "from": {from.UTC().Format(time.RFC3339)}, "to": {to.UTC().Format(time.RFC3339)}}.Encode()
}

// eventURL is a search for one event, which is open.
func eventURL(id string, at time.Time) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id)
	return "/search?" + url.Values{"q": {`event.id: "` + quoted + `"`}, "from": {at.Add(-time.Minute).UTC().Format(time.RFC3339)}, "to": {at.Add(time.Minute).UTC().Format(time.RFC3339)}, "id": {id}}.Encode()
}

// gap is the place on a page of what is wrong with a source: letters and digits of its name, so that it is a word of an
// address whatever the source is called.
func gap(where string) string {
	return "gap-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.TrimPrefix(where, "source "))
}

// dict makes the argument of a template that needs several.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs, got %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
