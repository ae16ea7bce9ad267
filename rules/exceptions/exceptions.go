// Package exceptions reads what people except from rules that are not theirs to change: which events a rule is not about,
// who says so, why, and until when. They stand in a file of their own, so that an update of the rules never overwrites them.
package exceptions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// maxExceptions bounds the file: each of its conditions may be asked of every match of its rule.
const maxExceptions = 2000

// far is how long an exception may hold without being asked about: what nobody looks at for longer is a hole.
const far = 400 * 24 * time.Hour

// Exception takes events out of a rule. It is immutable.
type Exception struct {
	// ID names it for as long as it says the same.
	ID string
	// Rule is the id of a rule, or a pattern in which * is any text.
	Rule string
	// When is the condition of the events that are taken out.
	When string
	// Owner answers for it, Reason is theirs.
	Owner, Reason string
	// Until is when it ends, by the time of events, so that the same events give the same alerts whenever they are played.
	Until time.Time
	File  string
	Line  int
}

// Live tells whether the exception holds for an event of that time.
func (x *Exception) Live(at time.Time) bool { return at.Before(x.Until) }

// Fits tells whether the exception is for a rule.
func (x *Exception) Fits(id string) bool {
	if x.Rule == id {
		return true
	}
	ok, err := path.Match(x.Rule, id)
	return ok && err == nil
}

// List is what one reading of the file found. It is immutable.
type List struct {
	Items  []*Exception
	Faults fault.List
	// Hash is of all that the exceptions do, "" without any.
	Hash string
	// Refused tells that something in the file could not be read.
	Refused bool
}

// Load reads the file. One that is not there has no exceptions. now is only for what is said about their end.
func Load(name string, lists match.Lists, now time.Time) *List {
	f, err := os.Open(name)
	if err == nil {
		defer f.Close()
		var doc []byte
		if doc, err = io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1)); err == nil {
			return Parse(name, doc, lists, now)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &List{}
	}
	return &List{Refused: true, Faults: fault.List{{Code: "exception-unreadable", What: "the exceptions cannot be read", Where: name, Why: fault.Innermost(err),
		Do: "chmod u+r " + name, Exit: fault.ExitFound, Cause: err}}}
}

// Parse reads the bytes of the file. An entry with a mistake is left out and the fault says why; the others hold.
func Parse(name string, doc []byte, lists match.Lists, now time.Time) *List {
	file, docs := yamlfile.Open(name, doc)
	r := &reader{Reader: keys.Reader{File: file}, lists: lists, now: now, seen: map[string]int{}}
	out := &List{}
	for _, d := range docs {
		for _, n := range r.List(d, "rule: ssh-brute-force") {
			if len(out.Items) >= maxExceptions {
				r.Fail(n, "rule-too-large", "join conditions with `or`", "the file has more than %d exceptions", maxExceptions)
				break
			}
			if x := r.entry(n); x != nil {
				out.Items = append(out.Items, x)
			}
		}
	}
	out.Faults = file.Faults()
	out.Refused = file.Full() || errorsOf(out.Faults) > 0
	out.Hash = hash(out.Items)
	return out
}

// hash is of what exceptions do, whatever their order and texts.
func hash(items []*Exception) string {
	if len(items) == 0 {
		return ""
	}
	// Owner and reason are left out: what an event comes to does not depend on them.
	ids := make([]string, len(items))
	for i, x := range items {
		ids[i] = fmt.Sprintf("%q %q %d", x.Rule, x.When, x.Until.UnixNano())
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return hex.EncodeToString(sum[:16])
}

// Keep returns l with those exceptions of old added that are not in it, if the file has a mistake now: while somebody edits
// it, what was excepted is not told.
func (l *List) Keep(old *List) *List {
	if l == nil || old == nil || !l.Refused {
		return l
	}
	out := *l
	out.Items = slices.Clone(l.Items)
	for _, x := range old.Items {
		if !slices.ContainsFunc(l.Items, func(o *Exception) bool { return o.ID == x.ID }) {
			out.Items = append(out.Items, x)
		}
	}
	out.Hash = hash(out.Items)
	return &out
}

// Doubts says which exceptions do nothing for the rules of these ids: a misspelt one would leave its owner waiting.
func (l *List) Doubts(ids []string) fault.List {
	var out fault.List
	if l == nil {
		return nil
	}
	for _, x := range l.Items {
		if !slices.ContainsFunc(ids, x.Fits) {
			out = append(out, &fault.Error{Code: "exception-rule", What: fmt.Sprintf("no rule that runs is called `%s`: the exception does nothing", x.Rule),
				Where: fmt.Sprintf("%s:%d", x.File, x.Line), Do: "ids stand in weir rules list; an exception from a part of a correlation names the correlation", Warn: true})
		}
	}
	return out
}

// reader reads one file.
type reader struct {
	keys.Reader
	lists match.Lists
	now   time.Time
	// Lines of the exceptions so far, by what they say.
	seen map[string]int
}

// entry reads one exception; nil, with a fault, if it cannot be.
func (r *reader) entry(n ast.Node) *Exception {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.Fail(n, "exception-invalid", "write rule, when, owner, reason and until below one dash", "an exception needs keys")
		return nil
	}
	// Entries stand for themselves: errors so far are those of others.
	before := errorsOf(r.Faults())
	at, _ := yamlfile.Extent(n)
	x := &Exception{File: r.Name, Line: at.Line}
	r.Keys(" in an exception", list, map[string]func(ast.Node){
		"rule":   func(v ast.Node) { r.Text("rule", &x.Rule)(v); r.pattern(x, v) },
		"when":   func(v ast.Node) { r.when(x, v) },
		"owner":  r.Text("owner", &x.Owner),
		"reason": r.Text("reason", &x.Reason),
		"until":  func(v ast.Node) { r.until(x, v) },
	})
	for _, key := range []string{"rule", "when", "owner", "reason", "until"} {
		if !keys.Has(list, key) {
			r.Fail(n, "exception-invalid", "add `"+key+":`", "the exception has no `%s`", key)
		}
	}
	if errorsOf(r.Faults()) > before || r.Full() {
		return nil
	}
	// Of all that it says: one that is given to another owner is another exception, with a count of its own.
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", x.Rule, x.When, x.Owner, x.Reason, x.Until.UnixNano()))
	x.ID = hex.EncodeToString(sum[:4])
	if line, twice := r.seen[x.ID]; twice {
		p, width := yamlfile.Extent(n)
		r.Add(p, width, fault.Error{Code: "exception-invalid", What: "the exception is there twice", Why: fmt.Sprintf("the first is in line %d", line), Do: "remove one of them", Warn: true})
		return nil
	}
	r.seen[x.ID] = at.Line
	return x
}

// errorsOf counts the errors of a list.
func errorsOf(list fault.List) int {
	n := 0
	for _, e := range list {
		if !e.Warn {
			n++
		}
	}
	return n
}

// pattern checks the id or pattern of rules.
func (r *reader) pattern(x *Exception, v ast.Node) {
	if _, err := path.Match(x.Rule, "x"); err != nil {
		r.Fail(v, "exception-invalid", "write the id of a rule, or a pattern such as ssh-*", "`%s` is no pattern", x.Rule)
	}
}

// when reads the condition, and compiles it to know now whether it can run.
func (r *reader) when(x *Exception, v ast.Node) {
	text, ok := yamlfile.Text(v)
	if !ok {
		r.Fail(v, "exception-invalid", "write an expression such as source.ip == \"192.0.2.10\"", "`when` needs a condition")
		return
	}
	s := r.Scalar(text, v)
	c, err := match.Compiler{Lists: r.lists}.Compile(text)
	if err != nil {
		r.doubt(s, err)
		return
	}
	for _, w := range c.Warnings() {
		r.doubt(s, w)
	}
	x.When = strings.TrimSpace(text)
}

// doubt turns a mistake in a condition into a fault at its place.
func (r *reader) doubt(s yamlfile.Scalar, err error) {
	me, ok := errors.AsType[*match.Error](err)
	if !ok {
		r.Add(s.LineCol(1, 1), 1, fault.Error{Code: "rule-expr", What: err.Error()})
		return
	}
	code := me.Code
	if !me.Warn && !strings.HasPrefix(code, "rule-") {
		code = "rule-expr"
	}
	r.Add(s.LineCol(me.Line, me.Col), me.Width, fault.Error{Code: code, What: me.Msg, Why: me.Why, Do: me.Do, Warn: me.Warn})
}

// until reads a day, which it ends with, or a time. Days are those of UTC: the same file means the same everywhere.
func (r *reader) until(x *Exception, v ast.Node) {
	text, _ := yamlfile.Text(v)
	text = strings.TrimSpace(text)
	day, err := time.Parse(time.DateOnly, text)
	if err == nil {
		x.Until = day.AddDate(0, 0, 1)
	} else if x.Until, err = time.Parse(time.RFC3339, text); err != nil {
		r.Fail(v, "exception-invalid", "write until: 2026-12-31, or 2026-12-31T18:00:00+09:00", "`until` needs a day")
		return
	}
	// The bounds of times that events have.
	if y := x.Until.Year(); y < 1970 || y > 2115 {
		r.Fail(v, "exception-invalid", "write a day such as 2026-12-31", "`until` is in the year %d", y)
		return
	}
	p, width := yamlfile.Extent(v)
	switch {
	case !x.Live(r.now):
		r.Add(p, width, fault.Error{Code: "exception-expired", What: "the exception is over: it does nothing for events of now", Do: "remove it, or give it a new day if its reason still holds", Warn: true})
	case x.Until.After(r.now.Add(far)):
		r.Add(p, width, fault.Error{Code: "exception-far", What: "the exception holds for more than 400 days", Do: "write an earlier day, and look at it again then", Warn: true})
	}
}
