package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/internal/retention"
)

// canonical writes the policy as YAML that depends on nothing but what the policy decides: which class an event has, and how
// long each class is kept, with the law behind it. Who owns or reviews a system is not in it: the archive keeps these texts for
// ever, and names of people have no place there.
func (p *Policy) canonical() []byte {
	w := &writer{}
	w.b.WriteString("# Retention policy of weir, in canonical form. Its version is the SHA-256 of this text.\n")
	w.key("", "zone", p.zone.String())
	w.b.WriteString("classes:\n")
	for _, c := range p.classes {
		w.key("  - ", "name", c.Name)
		w.text("title", c.Title)
		w.text("law", c.Law)
		w.opt("article", c.Article)
		w.opt("notice", c.Notice)
		w.text("applies", c.Applies)
		w.text("note", c.Note)
		w.opt("status", string(c.Status))
		w.opt("checked", c.Checked)
		w.opt("keep_at_least", c.Keep.String())
		if !c.DeleteBy.Forever() {
			w.opt("delete_by", c.DeleteBy.String())
		}
		w.opt("review", c.Review)
		w.opt("original", c.Original)
		w.day("valid_from", c.From)
		w.day("valid_to", c.To)
		w.opt("when", c.When)
	}
	w.b.WriteString(map[bool]string{true: "systems: []\n", false: "systems:\n"}[len(p.systems) == 0])
	for _, s := range p.systems {
		w.key("  - ", "name", s.Name)
		w.list("aliases", s.Aliases)
		w.opt("class", s.Class)
		w.opt("because", strings.Join(s.Because, ", "))
		w.opt("match", s.Match)
		w.list("datasets", s.Datasets)
		w.list("hosts", s.Hosts)
	}
	// Where the systems stand among the classes decides which of two that want an event gets it.
	fmt.Fprintf(&w.b, "systems_behind: %d\n", p.own)
	return []byte(w.b.String())
}

// writer writes keys of entries of a list. Values are written as JSON does, which is YAML too.
type writer struct{ b strings.Builder }

// key writes a key whose value is always there.
func (w *writer) key(before, name, value string) {
	b, err := json.Marshal(value)
	if err != nil {
		panic("BUG: a text that JSON cannot say: " + err.Error())
	}
	w.b.WriteString(before + name + ": " + string(b) + "\n")
}

// opt writes a key of an entry, if it has a value.
func (w *writer) opt(name, value string) {
	if value != "" {
		w.key("    ", name, value)
	}
}

// text writes a text in its languages.
func (w *writer) text(name string, t retention.Text) {
	if t == (retention.Text{}) {
		return
	}
	w.b.WriteString("    " + name + ":\n")
	if t.En != "" {
		w.key("      ", "en", t.En)
	}
	if t.Ko != "" {
		w.key("      ", "ko", t.Ko)
	}
}

// list writes a list of texts in one line.
func (w *writer) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	b, err := json.Marshal(values)
	if err != nil {
		panic("BUG: texts that JSON cannot say: " + err.Error())
	}
	w.b.WriteString("    " + name + ": " + string(b) + "\n")
}

// day writes a date.
func (w *writer) day(name string, t time.Time) {
	if !t.IsZero() {
		w.opt(name, t.Format(time.DateOnly))
	}
}
