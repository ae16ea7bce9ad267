package sigma

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/rules/pipelines"
	"weir/rules/yamlfile"
)

// maxID bounds an id, which becomes part of alert ids and of the names of files.
const maxID = 100

// The words of Sigma.
var (
	levels   = []string{"informational", "low", "medium", "high", "critical"}
	statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}
)

// known are the keys of the specification 2.1, those of its filters and correlations among them, and those that SigmaHQ's own rules carry beside them.
var known = []string{
	"title", "id", "name", "related", "taxonomy", "status", "description", "license", "references", "author", "date", "modified", "logsource",
	"detection", "filter", "correlation", "generate", "action", "fields", "falsepositives", "level", "tags", "scope",
	"simulation", "regression_tests_path", "enrichment", "custom",
}

// rule reads a detection; the file's faults tell whether it may run.
func (d *document) rule() *Rule {
	r := &Rule{}
	// All parts are read even after a mistake in one: whoever edits a file wants to hear of all of them at once.
	r.At, _ = d.doc.extent()
	d.head(r)
	r.ID = d.id()
	r.LogSource = d.logSource(true)
	// Of a null body get returns nil as well, so what follows needs no check of its own.
	body := d.doc.get("detection")
	switch {
	case body == nil:
		d.fail(d.doc, "sigma-detection", "add `detection:` with at least one search and a `condition`", "the rule has no `detection`")
	case body.sort != pairs:
		d.fail(body, "sigma-detection", "write `selection:` with the fields below it, and `condition: selection`", "`detection` has no searches")
	default:
		r.Detection = d.detection(body)
	}
	r.Condition = r.At
	if c := body.get("condition"); c != nil {
		r.Condition, _ = c.extent()
	}
	return r
}

// head reads what is said about a rule.
func (d *document) head(r *Rule) {
	d.unknownKeys()
	r.Name, r.Description = d.text("name"), d.text("description")
	if r.Title = oneLine(d.text("title")); r.Title == "" {
		r.Title = d.file.idOfFile()
		d.warn(d.doc, "sigma-value", "add `title: What it finds`", "the rule has no title: it is shown as %s", r.Title)
	}
	r.Status = d.words("status", statuses, "experimental")
	// A correlation without one has that of the rules that it names.
	if d.doc.get("level") == nil && d.doc.get("correlation") == nil {
		d.warn(d.doc, "sigma-value", "add `level: medium`", "the rule has no level: it is taken for medium")
	}
	r.Level = d.words("level", levels, "medium")
	r.Author, r.License, r.Date, r.Modified = d.text("author"), d.text("license"), d.text("date"), d.text("modified")
	r.References, r.Tags, r.FalsePositives, r.Fields = d.texts("references"), d.texts("tags"), d.texts("falsepositives"), d.texts("fields")
	// Nothing depends on it, so what is no pair of an id and a type is passed over.
	if n := d.doc.get("related"); n != nil {
		for _, it := range n.each() {
			if id := it.get("id"); id != nil && id.text != "" {
				rel := Related{ID: id.text}
				if t := it.get("type"); t != nil {
					rel.Type = t.text
				}
				r.Related = append(r.Related, rel)
			}
		}
	}
}

// unknownKeys warns about keys that are almost those of Sigma. Others are anybody's own, which the specification allows.
func (d *document) unknownKeys() {
	for _, p := range d.doc.keys {
		if slices.Contains(known, p.key) {
			continue
		}
		e := fault.Error{Code: "rule-unknown-key", What: fmt.Sprintf("the key `%s` is none of Sigma's and is not used", p.key), Warn: true}
		if near := nearest.Name(p.key, known); near != "" {
			e.Do = fmt.Sprintf("did you mean `%s`?", near)
		}
		at, width := yamlfile.Extent(p.at)
		d.f.Add(at, width, e)
	}
}

// text returns the text of a key, "" if there is none.
func (d *document) text(key string) string {
	n := d.doc.get(key)
	switch {
	case n == nil || n.sort == null:
		return ""
	case n.scalar():
		return strings.TrimSpace(n.text)
	case n.sort == list:
		// Several authors in a list are as good as several with commas.
		return strings.Join(d.texts(key), ", ")
	}
	d.warn(n, "sigma-value", "write a text", "`%s` is no text and is not used", key)
	return ""
}

// texts returns a list of texts; one text alone is a list of one.
func (d *document) texts(key string) []string {
	n := d.doc.get(key)
	if n == nil {
		return nil
	}
	var out []string
	for _, it := range n.each() {
		if !it.scalar() {
			d.warn(it, "sigma-value", "write a text", "an entry of `%s` is no text and is not used", key)
			continue
		}
		if s := strings.TrimSpace(it.text); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// oneLine makes one line of a text: titles stand in tables.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// id returns the rule's id. Alerts are kept by it, so one that is not there or cannot be one is made from the name of the
// file, which stays the same from load to load.
func (d *document) id() string {
	n := d.doc.get("id")
	if n == nil || n.sort == null || n.text == "" {
		id := d.file.idOfFile()
		d.warn(d.doc, "sigma-id", "add `id:` with a UUID of its own", "the rule has no id: it is called %s, as its file is", id)
		return id
	}
	if !isID(n.text) {
		id := d.file.idOfFile()
		d.warn(n, "sigma-id", "write a UUID", "`%s` cannot be an id: the rule is called %s, as its file is", n.text, id)
		return id
	}
	// Rules below one global document have its id, all of them.
	if g := d.file.global.get("id"); g == n {
		if d.file.shared++; d.file.shared > 1 {
			id := fmt.Sprintf("%s-%d", n.text, d.file.shared)
			d.warn(n, "sigma-id", "give each document an `id` of its own", "several rules have the id of the global document: number %d is called %s", d.file.shared, id)
			return id
		}
	}
	return n.text
}

// isID tells whether a text can be an id: it becomes part of alert ids, addresses and file names.
func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && (i == 0 || c != '-' && c != '_' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= maxID
}

// logSource reads which events the rule is for. What cannot be read makes it a rule for more events, never for fewer.
func (d *document) logSource(needed bool) pipelines.LogSource {
	var ls pipelines.LogSource
	n := d.doc.get("logsource")
	if n == nil || n.sort != pairs {
		if needed {
			d.warn(d.doc, "sigma-logsource", "add `logsource:` with a product and a category or service", "the rule says no log source: it is tried on every event")
		}
		return ls
	}
	// More than one value of a part cannot be said to whoever routes events; leaving the part out keeps the rule alive.
	parts := map[string]*string{"product": &ls.Product, "category": &ls.Category, "service": &ls.Service}
	for _, p := range n.keys {
		into := parts[p.key]
		switch {
		case into == nil:
			d.logSourceKey(p)
		case p.value.sort == null:
		case p.value.sort == list && len(p.value.items) == 1 && p.value.items[0].scalar():
			*into = word(p.value.items[0].text)
		case !p.value.scalar():
			d.warn(p.value, "sigma-logsource", "write one word; for several log sources write one rule each", "`%s` is not one word and is left out: the rule is tried on more events", p.key)
		default:
			*into = word(p.value.text)
		}
	}
	return ls
}

// logSourceKey looks at a key of a log source that says nothing about events.
func (d *document) logSourceKey(p pair) {
	if p.key == "definition" || p.key == "description" {
		return
	}
	// Others are allowed, and none of them selects events; one that looks like a slip is told.
	near := nearest.Name(p.key, []string{"product", "category", "service", "definition"})
	if near == "" {
		return
	}
	at, width := yamlfile.Extent(p.at)
	d.f.Add(at, width, fault.Error{Code: "sigma-logsource", What: fmt.Sprintf("the key `%s` of the log source is not used", p.key), Do: fmt.Sprintf("did you mean `%s`?", near), Warn: true})
}

// word writes a part of a log source as the specification asks for it: small letters, _ for blanks.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_'
		}
		return unicode.ToLower(r)
	}, strings.TrimSpace(s))
}
