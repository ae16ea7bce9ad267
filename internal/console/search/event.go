package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/console/why"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
)

// Bounds of what the panel shows of an event; all of it is one link away.
const (
	maxShown = 4 << 10  // characters of a value
	maxRaw   = 64 << 10 // characters of the original and of the document
	maxRows  = 500      // fields
)

// Event is one event in the panel.
type Event struct {
	State  State
	ID     string
	Time   time.Time
	Tabs   []Tab
	Close  string
	Tab    string
	Fields []FieldRow
	More   int // fields that are not shown
	// Around are searches for what happened before and after.
	Around []Link
	// Raw is the original, Doc the document.
	Raw, Doc       string
	RawCut, DocCut bool
	RawSize        int
	RawHref        string
	DocHref        string
	Binary         bool
	Story          *Story
}

// Tab is a tab of the panel.
type Tab struct {
	Name, Label, Href string
	On                bool
}

// Link is a link with a label.
type Link struct{ Label, Href string }

// FieldRow is one value of the panel.
type FieldRow struct {
	Name, Text    string
	Cut           bool
	Size          int
	With, Without string
	Column        string
	Shown         bool
	Raw           string // address of the whole value, where it is cut
}

// document returns the newest revision of an event. The query names a dataset of weir, so that weir's own records are
// found too.
func document(v *site.View, id string) ([]byte, error) {
	b := v.Ask()
	if b == nil {
		return nil, fmt.Errorf("no backend")
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id)
	var doc []byte
	_, err := b.Search(v.Context(), control.SearchRequest{Query: `event.id: "` + quoted + `" and (event.dataset: "weir.audit" or event.id: *)`, Size: 1}, func(d []byte) error {
		doc = append(doc[:0], d...)
		return nil
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // the backend's fault is what is shown
	}
	if doc == nil {
		return nil, &fault.Error{Code: "event-unknown", What: "no event has this id", Where: id, Why: "it is misspelt, belongs to another data folder, or its time to be kept is over",
			Do: "search again: /search", Exit: fault.ExitUsage}
	}
	return doc, nil
}

// event makes the panel of the event that the state names.
func (h *handler) event(v *site.View, s State) (*Event, error) {
	doc, err := document(v, s.ID)
	if err != nil {
		return nil, err
	}
	var e event.Event
	if err := e.Decode(doc); err != nil {
		return nil, fmt.Errorf("reading an event: %w", err)
	}
	x := &Event{State: s, ID: s.ID, Tab: s.Tab, Close: s.Close(), RawHref: "/search/raw?id=" + escape(s.ID), DocHref: "/search/raw?as=json&id=" + escape(s.ID)}
	x.Time = e.Get(event.Timestamp).Time()
	for _, t := range []struct{ name, label string }{{"fields", "Fields"}, {"raw", "Raw"}, {"why", "Why"}} {
		x.Tabs = append(x.Tabs, Tab{t.name, t.label, s.Open(s.ID, t.name), t.name == s.Tab})
	}
	x.Around = around(v, s, &e)
	switch s.Tab {
	case "raw":
		x.rawTab(&e, doc)
	case "why":
		x.Story, err = h.story(v, doc)
	default:
		x.fieldTab(s, &e)
	}
	return x, err
}

// fieldTab lists the fields, the time first and then by name.
func (x *Event) fieldTab(s State, e *event.Event) {
	why.Values(e, func(path, value string) {
		if value == "" {
			return
		}
		short, cut := text.Cut(value, maxShown)
		f := FieldRow{Name: term.Escape(path), Text: short, Cut: cut, Size: len(value), Column: s.Column(path), Shown: s.Has(path)}
		if filters(value) {
			f.With, f.Without = s.With(path, value), s.Without(path, value)
		}
		if cut {
			f.Raw = "/search/raw?id=" + escape(s.ID) + "&field=" + escape(path)
		}
		x.Fields = append(x.Fields, f)
	})
	slices.SortFunc(x.Fields, func(a, b FieldRow) int { return strings.Compare(a.Name, b.Name) })
	if len(x.Fields) > maxRows {
		x.More = len(x.Fields) - maxRows
		x.Fields = x.Fields[:maxRows]
	}
}

// rawTab shows what was received, and the document as it is stored.
func (x *Event) rawTab(e *event.Event, doc []byte) {
	original := originalOf(e)
	x.RawSize, x.Binary = len(original), !utf8.ValidString(original)
	x.Raw, x.RawCut = lines(original, maxRaw)
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		b.Write(doc)
	}
	x.Doc, x.DocCut = lines(b.String(), maxRaw)
}

// lines cuts a text and makes it harmless, its line ends kept: this is the one place where a text may have several.
func lines(s string, most int) (string, bool) {
	var b strings.Builder
	cut := false
	if len(s) > most {
		at := most
		for at > 0 && !utf8.RuneStart(s[at]) {
			at--
		}
		s, cut = s[:at], true
	}
	for i, l := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(term.Escape(strings.ReplaceAll(strings.TrimSuffix(l, "\r"), "\t", "    ")))
	}
	return b.String(), cut
}

// around are searches for the neighbours of an event: the same machine, the same address, the same user, some minutes
// before and after; and everything at that moment.
func around(v *site.View, s State, e *event.Event) []Link {
	at := e.Get(event.Timestamp).Time()
	if at.IsZero() {
		return nil
	}
	from, to := at.Add(-5*time.Minute).UTC().Format(time.RFC3339Nano), at.Add(5*time.Minute).UTC().Format(time.RFC3339Nano)
	link := func(label, q string) Link {
		n := s.Fresh()
		n.Q, n.From, n.To, n.ID, n.Sort, n.Live = q, from, to, s.ID, "", false
		return Link{label, n.URL()}
	}
	out := []Link{link(v.T("everything ±5 min"), "")}
	seen := map[string]bool{}
	for _, f := range []string{"host.name", "source.ip", "user.name"} {
		if value := e.GetPath(f).Text(); filters(value) && !seen[value] {
			seen[value] = true
			short, _ := text.Cut(value, maxValue)
			out = append(out, link(short+" ±5 min", clause(f, value)))
		}
	}
	return out
}

// part is the panel alone, for the script.
func (h *handler) part(v *site.View) {
	s := readState(v.R.URL.Query())
	x, err := h.event(v, s)
	if err != nil && x == nil {
		v.Fail(err)
		return
	}
	v.Part("panel", x)
}

// raw hands out what was received, a whole value, or the document: as text that no browser takes for anything else, and
// as a file.
func (h *handler) raw(v *site.View) {
	q := v.R.URL.Query()
	doc, err := document(v, q.Get("id"))
	if err != nil {
		v.Fail(err)
		return
	}
	name, kind := "event.txt", "text/plain; charset=utf-8"
	var content []byte
	switch field := q.Get("field"); {
	case q.Get("as") == "json":
		name, kind, content = "event.json", "application/json; charset=utf-8", doc
	default:
		var e event.Event
		if err := e.Decode(doc); err != nil {
			v.Fail(fmt.Errorf("reading an event: %w", err))
			return
		}
		if field == "" {
			content = []byte(originalOf(&e))
			break
		}
		why.Values(&e, func(path, value string) {
			if path == field {
				content = []byte(value)
			}
		})
	}
	h2 := v.W.Header()
	h2.Set("Content-Type", kind)
	h2.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h2.Set("Content-Length", strconv.Itoa(len(content)))
	v.W.WriteHeader(http.StatusOK)
	_, _ = v.W.Write(content) // of a reader who went away
}
