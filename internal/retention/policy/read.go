package policy

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/retention"
	"weir/rules/yamlfile"
)

// names are safe as folder names of the archive and as parts of the names of indices.
var names = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)

// maxName bounds a name of a class, maxClasses a file: each condition is asked of every event.
const (
	maxName    = 63
	maxClasses = 1000
)

// cycles are how often a review can be asked for.
var cycles = []string{"monthly", "quarterly", "half-yearly", "yearly"}

// classReader reads a list of classes.
type classReader struct {
	fileReader
	base []*Class // that a file is laid over; nil: they themselves are read
	out  []*Class
	line map[*Class]int
}

// parseClasses reads the bytes of a file of classes. An entry that has the name of one of base says only what is different.
func parseClasses(name string, doc []byte, base []*Class) ([]*Class, fault.List) {
	if blank(doc) {
		return nil, nil
	}
	r := &classReader{fileReader: open(name, "class-file"), base: base, line: map[*Class]int{}}
	d, ok := r.document(doc)
	if ok {
		for _, n := range r.List(d, "name: access") {
			if len(r.out) >= maxClasses {
				r.Fail(n, "rule-too-large", "join conditions with `or`", "the file has more than %d classes", maxClasses)
				break
			}
			r.entry(n)
		}
	}
	return r.out, r.finish()
}

// entry reads one class.
func (r *classReader) entry(n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, "rule-value", "write `- {name: access, when: event.category == \"database\"}`", "a class needs a name")
		return
	}
	c := &Class{}
	for _, kv := range list { // the name first: it says what the others are laid over
		if text, ok := yamlfile.Text(kv.Value); ok && yamlfile.Key(kv) == "name" {
			c.Name = strings.TrimSpace(text)
		}
	}
	at, width := yamlfile.Extent(n)
	if c.Name == "" {
		r.Fail(n, "rule-value", "add `name:`", "the class has no `name`")
		return
	}
	var under *Class
	for _, b := range r.base { // the last variant
		if b.Name == c.Name {
			under = b
		}
	}
	if under != nil {
		*c = *under
		c.Shipped, c.From, c.To = false, time.Time{}, time.Time{}
	}
	r.Keys(" in a class", list, r.readers(c))
	r.line[c] = at.Line
	stated := slices.ContainsFunc(list, func(kv *ast.MappingValueNode) bool { return yamlfile.Key(kv) == "keep_at_least" })
	r.check(c, under, stated, at, width)
	r.out = append(r.out, c)
}

// readers are the keys of a class.
func (r *classReader) readers(c *Class) map[string]func(ast.Node) {
	status := ""
	out := map[string]func(ast.Node){
		"name": func(n ast.Node) {
			if !names.MatchString(c.Name) || len(c.Name) > maxName {
				r.Fail(n, "rule-value", "a name has lower-case letters, digits, hyphens and points, and begins with a letter", "%q is no name of a class", c.Name)
			}
		},
		"article": r.Text("article", &c.Article), "notice": r.Text("notice", &c.Notice),
		"status": func(n ast.Node) {
			r.OneOf("status", []string{string(Read), string(Secondary), string(Memory)}, &status)(n)
			c.Status = retention.Status(status)
		},
		"checked": func(n ast.Node) {
			text, _ := yamlfile.Text(n)
			if _, err := date(text); err != nil && text != Never {
				r.Fail(n, "rule-value", "write the day on which somebody read the text, 2026-11-21, or never", "`checked` cannot be `%s`", text)
				return
			}
			c.Checked = text
		},
		"keep_at_least": r.period("keep_at_least", &c.Keep), "delete_by": r.period("delete_by", &c.DeleteBy),
		"review":     r.OneOf("review", cycles, &c.Review),
		"original":   r.OneOf("original", []string{"keep", "mask", "encrypt", "drop"}, &c.Original),
		"valid_from": r.day("valid_from", &c.From), "valid_to": r.day("valid_to", &c.To),
		"when": func(n ast.Node) { r.when(n, &c.When, &c.cond) },
	}
	r.text(out, "title", &c.Title)
	r.text(out, "law", &c.Law)
	r.text(out, "applies", &c.Applies)
	r.text(out, "note", &c.Note)
	return out
}

// text adds the keys of a text, which may be in two languages: `title` and `title.ko`, as in rules, or `title: {en: ..., ko: ...}`.
// A new text takes the place of both that it is laid over.
func (r *fileReader) text(readers map[string]func(ast.Node), key string, into *retention.Text) {
	korean := false // was said already, in whichever order the keys come
	twice := func(n ast.Node) {
		r.Fail(n, "rule-value", "write it once, as `"+key+".ko`", "`%s` is said in Korean twice", key)
	}
	readers[key] = func(n ast.Node) {
		pairs, ok := yamlfile.Mapping(n)
		if !ok {
			into.En = ""
			r.Text(key, &into.En)(n)
			if !korean {
				into.Ko = ""
			}
			return
		}
		was := into.Ko
		*into = retention.Text{}
		r.Keys(" in `"+key+"`", pairs, map[string]func(ast.Node){"en": r.Text(key+".en", &into.En), "ko": r.Text(key+".ko", &into.Ko)})
		switch {
		case korean && into.Ko != "":
			twice(n)
		case korean:
			into.Ko = was
		}
		korean = korean || into.Ko != ""
	}
	readers[key+".ko"] = func(n ast.Node) {
		if korean {
			twice(n)
			return
		}
		korean = true
		r.Text(key+".ko", &into.Ko)(n)
	}
}

// period reads a span of the calendar.
func (r *fileReader) period(key string, into *Period) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := yamlfile.Text(n)
		p, err := parsePeriod(text)
		if err != nil {
			r.Fail(n, "rule-value", "write 90 days, 12 months, 1 year, or forever", "`%s` cannot be `%s`", key, text)
			return
		}
		*into = p
	}
}

// day reads a date.
func (r *fileReader) day(key string, into *time.Time) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := yamlfile.Text(n)
		t, err := date(text)
		if err != nil {
			r.Fail(n, "rule-value", "write a day such as 2026-11-21", "`%s` cannot be `%s`", key, text)
			return
		}
		*into = t
	}
}

// when reads a condition and compiles it. Its mistakes have their place within it.
func (r *fileReader) when(n ast.Node, into *string, cond **match.Cond) {
	text, ok := yamlfile.Text(n)
	if !ok {
		r.Fail(n, "rule-value", "write an expression such as event.category == \"database\"", "a condition is a text")
		return
	}
	s := r.Scalar(text, n)
	c, err := match.Compile(text)
	if err != nil {
		r.doubt(s, err)
		return
	}
	for _, w := range c.Warnings() {
		r.doubt(s, w)
	}
	*into, *cond = strings.TrimSpace(text), c
}

// doubt turns a mistake in a condition, or a doubt about one, into a fault at its place.
func (r *fileReader) doubt(s yamlfile.Scalar, err error) {
	me, ok := errors.AsType[*match.Error](err)
	if !ok {
		r.Add(s.LineCol(1, 1), 1, fault.Error{Code: "rule-expr", What: err.Error()})
		return
	}
	p, width := s.LineCol(1, 1), 1
	if me.Line > 0 {
		p, width = s.LineCol(me.Line, me.Col), max(1, me.Width)
	}
	r.Add(p, width, fault.Error{Code: "rule-expr", What: me.Msg, Why: me.Why, Do: me.Do, Warn: me.Warn})
}

// check holds a class against itself, the one it is laid over, and the variants of its name. stated tells whether the file
// says itself how long it is kept: who writes forever means it.
func (r *classReader) check(c, under *Class, stated bool, at yamlfile.Place, width int) {
	fail := func(what, why, do string) {
		r.Add(at, width, fault.Error{Code: "class-file", What: what, Why: why, Do: do})
	}
	if !c.To.IsZero() && c.To.Before(c.From) {
		fail(fmt.Sprintf("the class %s ends before it begins", c.Name), "", "valid_to is the last day, valid_from the first")
	}
	if !c.DeleteBy.Forever() && (c.Keep.Forever() || !c.DeleteBy.covers(c.Keep)) {
		fail(fmt.Sprintf("the class %s is to be deleted before it may be", c.Name), fmt.Sprintf("keep_at_least is %s, delete_by %s", c.Keep, c.DeleteBy), "make delete_by at least as long")
	}
	if c.Law != (retention.Text{}) {
		c.Status = cmp.Or(c.Status, Memory)
		if c.Checked == "" {
			c.Checked = Never
		}
	}
	for _, o := range r.out {
		if o.Name == c.Name && (o.To.IsZero() || c.From.IsZero() || !c.From.After(o.To)) && (c.To.IsZero() || o.From.IsZero() || !o.From.After(c.To)) {
			fail(fmt.Sprintf("the class %s is there twice", c.Name), fmt.Sprintf("the first is in line %d, and both are for the same days", r.line[o]), "remove one, or give them days with valid_from and valid_to that do not meet")
			break
		}
	}
	if r.base == nil {
		return
	}
	switch {
	case under != nil && !c.Keep.covers(under.Keep):
		c.Shorter = true
		r.warn(at, width, fmt.Sprintf("the class %s is kept for %s, which is shorter than what weir ships", c.Name, c.Keep), fmt.Sprintf("%s: %s", under.Law.En, under.Keep), "leave keep_at_least out, unless somebody has read the law")
	case under == nil && c.Keep.Forever() && !stated:
		r.warn(at, width, fmt.Sprintf("the class %s has no keep_at_least: its records are kept for ever", c.Name), "", "add keep_at_least: 1 year")
	}
	if under == nil && c.cond == nil {
		r.warn(at, width, fmt.Sprintf("nothing chooses the class %s by itself", c.Name), "it has no `when`", "name it in the inventory or in systems.yaml, or add `when:`")
	}
}
