// Package text says in English or Korean what a message is about: in a subject, in one line, or whole.
//
// Much of what it prints was chosen by whoever wrote the logs. So every such text is escaped here, before it is cut, and
// what comes out has no control characters but the line ends between our own lines.
package text

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/alert"
	"weir/internal/term"
	"weir/sinks/notify/channel"
)

// Bounds of what a person reads. The alert itself has everything.
const (
	subjectRunes  = 200
	evidenceRunes = 300
	valueRunes    = 200
	alertsShown   = 20
	evidenceShown = 6
	shortID       = 12 // letters of an alert's id: enough for weir alerts show
)

// Clean makes a text from outside harmless: control characters, invisible ones and those that turn the direction become
// visible, and bytes that are no UTF-8 too.
func Clean(s string) string { return term.Escape(s) }

// Clip cuts a text to a number of characters; what is cut ends in "…".
func Clip(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:max(0, runes-1)]) + "…"
}

// What is what the first alert says happened, in the language of the message.
func What(m *channel.Message, a *channel.Alert) string {
	what := a.What
	if m.Lang == "ko" && a.WhatKo != "" {
		what = a.WhatKo
	}
	if what == "" {
		what = a.Title
	}
	if what == "" {
		what = a.Rule
	}
	return Clean(what)
}

// Subject is one line of at most 200 characters: how bad, in which state, and what.
func Subject(m *channel.Message) string {
	w := wordsOf(m.Lang)
	first := lead(m)
	head := w.level(first.Level)
	switch m.Kind {
	case channel.Repeat:
		head += ", " + w.repeat
	case channel.Escalation:
		head += ", " + w.escalation
	case channel.Resolved:
		head = w.resolved
	case channel.Test:
		head = w.test
	case channel.Digest:
		return Clip("["+w.digest+"] "+Clean(m.Group), subjectRunes)
	}
	s := "[" + head + "] " + What(m, first)
	if n := len(m.Alerts) - 1 + m.More; n > 0 {
		more := " " + w.more(n)
		return Clip(s, subjectRunes-utf8.RuneCountInString(more)) + more
	}
	return Clip(s, subjectRunes)
}

// Short is the subject with how often, since when, and the id by which weir knows the alert, in one line.
func Short(m *channel.Message) string {
	w, first := wordsOf(m.Lang), lead(m)
	s := Subject(m)
	if first.Count > 1 {
		s += "; " + w.times(first.Count)
	}
	if !first.First.IsZero() {
		s += "; " + w.since + " " + local(m, first.First).Format("15:04:05")
	}
	if first.ID != "" {
		s += "; " + ID(first.ID)
	}
	return s
}

// ID shortens an alert's id to what people type.
func ID(id string) string {
	id = Clean(id)
	if len(id) > shortID {
		return id[:shortID]
	}
	return id
}

// lead is the alert that a message is named after: the first, which is the worst.
func lead(m *channel.Message) *channel.Alert {
	if len(m.Alerts) == 0 {
		return &channel.Alert{}
	}
	return &m.Alerts[0]
}

// Document is a message as parts that may be set in type or in HTML. Every text in it is one line, clean and not escaped
// for any markup.
type Document struct {
	Subject string
	Intro   string // why it is sent, "" where that needs no words
	Alerts  []Section
	More    string // how many alerts are left out, "" if none is
	About   []Row  // of the message itself
}

// Section is one alert.
type Section struct {
	Level string // informational, low, medium, high or critical, as the rule has it
	Head  string
	Rows  []Row
}

// Row is a name and one or several lines.
type Row struct {
	Name  string
	Lines []string
	// Kind is "" for words, "command" for what can be pasted, "link" for an address, "log" for what a log says.
	Kind string
}

// Of takes a message apart.
func Of(m *channel.Message) Document {
	w := wordsOf(m.Lang)
	d := Document{Subject: Subject(m), Intro: w.intro[m.Kind]}
	if m.Kind == channel.Digest {
		d.Intro = Clean(m.Group)
	}
	shown := min(len(m.Alerts), alertsShown)
	for i := range m.Alerts[:shown] {
		d.Alerts = append(d.Alerts, section(w, m, &m.Alerts[i]))
	}
	if n := len(m.Alerts) - shown + m.More; n > 0 {
		d.More = w.leftOut(n)
	}
	if m.URL != "" {
		d.About = append(d.About, Row{w.link, []string{Clean(m.URL)}, "link"})
	}
	if len(m.Labels) > 0 {
		d.About = append(d.About, Row{w.about, []string{pairs(m.Labels)}, ""})
	}
	return d
}

// section is what is said of one alert. Rows without a value are left out.
func section(w *words, m *channel.Message, a *channel.Alert) Section {
	s := Section{Level: a.Level, Head: w.level(a.Level) + ": " + What(m, a)}
	add := func(kind, name string, lines ...string) {
		if len(lines) > 0 && lines[0] != "" {
			s.Rows = append(s.Rows, Row{name, lines, kind})
		}
	}
	rule := Clean(a.Rule)
	if a.Version > 0 {
		rule += " v" + strconv.Itoa(a.Version)
	}
	if a.Title != "" {
		rule += " (" + Clip(Clean(a.Title), valueRunes) + ")"
	}
	add("", w.rule, rule)
	add("", w.when, span(w, m, a))
	add("", w.group, pairs(a.Group))
	add("", w.state, state(w, a))
	add("", w.techniques, techniques(a.Tags))
	add("", w.approximate, Clean(a.Approximate))
	if a.Suppressed > 0 {
		add("", w.suppressed, strconv.Itoa(a.Suppressed))
	}
	add("log", w.evidence, evidence(m, a)...)
	if a.ID != "" && m.Kind != channel.Test {
		add("command", w.look, "weir alerts show "+ID(a.ID))
		if a.State != alert.Closed && a.State != alert.Acknowledged && m.Kind != channel.Resolved {
			add("command", w.take, "weir alerts ack "+ID(a.ID))
		}
	}
	return s
}

// span says how often and when.
func span(w *words, m *channel.Message, a *channel.Alert) string {
	if a.First.IsZero() {
		return ""
	}
	first, last := local(m, a.First), local(m, a.Last)
	s := w.times(max(1, a.Count)) + ", " + first.Format("2006-01-02 15:04:05 -07:00")
	if a.Last.After(a.First) {
		form := "15:04:05"
		if first.YearDay() != last.YearDay() || first.Year() != last.Year() {
			form = "2006-01-02 15:04:05"
		}
		s += " " + w.until + " " + last.Format(form)
	}
	return s
}

// state says what people did with an alert.
func state(w *words, a *channel.Alert) string {
	s := w.states[a.State]
	if s == "" {
		s = Clean(a.State)
	}
	if a.Verdict != "" {
		verdict := w.verdicts[a.Verdict]
		if verdict == "" {
			verdict = Clean(a.Verdict)
		}
		s += ", " + verdict
	}
	if a.Assignee != "" {
		s += ", " + Clean(a.Assignee)
	}
	return s
}

// pairs writes fields and values in the order of the fields.
func pairs(values map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(values)) {
		out = append(out, Clean(k)+" = "+Clip(Clean(values[k]), valueRunes))
	}
	return strings.Join(out, ", ")
}

// techniques are the tags that name one of ATT&CK.
func techniques(tags []string) string {
	var out []string
	for _, tag := range tags {
		if id, ok := strings.CutPrefix(strings.ToLower(tag), "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+Clean(id))
		}
	}
	return strings.Join(out, ", ")
}

// evidence are lines of the events behind an alert: the first and, where they are many, the last.
func evidence(m *channel.Message, a *channel.Alert) []string {
	events := a.Evidence
	if len(events) > evidenceShown {
		events = slices.Concat(events[:evidenceShown-2], events[len(events)-2:])
	}
	wide := 0
	for _, e := range events {
		wide = max(wide, term.Cells(Clean(e.When)))
	}
	var out []string
	for _, e := range events {
		when := Clean(e.When)
		line := e.Values["message"]
		if line == "" {
			line = pairsOf(e.Values)
		}
		out = append(out, Clip(local(m, e.Time).Format("15:04:05")+"  "+when+strings.Repeat(" ", wide-term.Cells(when))+"  "+Clean(line), evidenceRunes))
	}
	return out
}

// pairsOf writes values as a log line would.
func pairsOf(values map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(values)) {
		out = append(out, k+"="+values[k])
	}
	return strings.Join(out, " ")
}

// Long is the whole message as plain text, with "\n" between its lines and after the last.
func Long(m *channel.Message) string {
	d := Of(m)
	var b strings.Builder
	part := func(head string, list []Row) {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		if head != "" {
			b.WriteString(head + "\n")
		}
		rows(&b, list)
	}
	if d.Intro != "" {
		part(d.Intro, nil)
	}
	for _, s := range d.Alerts {
		part(s.Head, s.Rows)
	}
	if d.More != "" {
		part(d.More, nil)
	}
	if len(d.About) > 0 {
		part("", d.About)
	}
	return b.String()
}

// rows writes names in a column of their own, as wide as the widest.
func rows(b *strings.Builder, list []Row) {
	wide := 0
	for _, r := range list {
		wide = max(wide, term.Cells(r.Name))
	}
	for _, r := range list {
		name := r.Name
		for _, line := range r.Lines {
			b.WriteString("  " + name + strings.Repeat(" ", wide-term.Cells(name)) + "  " + line + "\n")
			name = ""
		}
	}
}

// local gives a time in the zone of the message's own time, so that one setting decides what all channels show.
func local(m *channel.Message, t time.Time) time.Time { return t.In(m.Time.Location()) }
