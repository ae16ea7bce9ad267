package text

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/internal/alert"
	"weir/internal/term"
	"weir/sinks/notify/channel"
)

// Document is a message as parts that may be set in type or in HTML. Every text in it is one line,
// clean and not escaped for any markup.
type Document struct {
	Subject string
	Intro   string   // why it is sent, "" where that needs no words
	Body    []string // what a notice says, a line each
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
	// Kind is "" for words, "command" for what can be pasted, "link" for an address, "log" for what a
	// log says.
	Kind string
}

// Of takes a message apart. The document has its own memory: the message may go.
func Of(m *channel.Message) Document {
	w := wordsOf(m.Lang)
	d := Document{Subject: Subject(m), Intro: w.intro[m.Kind]}
	if m.Kind == channel.Digest {
		d.Intro = Clean(m.Group)
	}
	if m.Kind == channel.Notice {
		for line := range strings.SplitSeq(strings.TrimRight(m.Text, "\n"), "\n") {
			d.Body = append(d.Body, Clean(line))
		}
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

// section is what is said of one alert, in the order in which one asks: which rule, when, about what,
// who has it, what shows it, and what to do next. Rows without a value are left out.
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

// span says how often and when. The date stands once where both ends are of one day.
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

// state says what people did with an alert. A state that is newer than these words stands as it is.
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

// techniques are the tags that name one of ATT&CK. Tactics are left out: a technique says which they
// are.
func techniques(tags []string) string {
	var out []string
	for _, tag := range tags {
		if id, ok := strings.CutPrefix(strings.ToLower(tag), "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+Clean(id))
		}
	}
	return strings.Join(out, ", ")
}

// evidence are lines of the events behind an alert: the first and, where they are many, the last. The
// record itself is shown where the rule kept it; else the values that it kept.
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

// Long is the whole message as plain text, with "\n" between its lines and after the last. Parts are
// separated by an empty line, names stand in a column. It is made for a font of even width and can be
// read in any.
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
	if len(d.Body) > 0 {
		part(strings.Join(d.Body, "\n"), nil)
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
