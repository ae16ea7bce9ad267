package naive

import (
	"math/rand/v2"
	"strings"
	"time"

	"weir/event"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// Random makes random trees, and events on which they hold now and then. What it makes follows from its source alone, so
// that a test finds the same again.
type Random struct{ R *rand.Rand }

// The parts of which values are made. They are few, so that they meet, and hold what folding and paths are about: letters
// of other scripts, letters that fold to ASCII, ß, bytes that are no UTF-8, numbers and times as text, separators,
// wildcards and quotes.
var (
	fields = []string{"user.name", "process.command_line", "process.executable", "event.severity", "labels.x", "labels.a-b", "labels.deep.er", "tags", "related.user", "tls.established", "file.created", "event.timezone", "wholly.unheard_of", "message", "event.kind"}
	// Paths that lead through values of those, or name a whole object of them. Of objects that are made the names are a, b and c.
	around  = []string{"labels", "labels.deep", "labels.x.a", "tags.a", "tags.b.a", "message.a", "wholly", "wholly.unheard_of.a", "process", "user", "process.executable.a.b", "okta.target", "okta.target.display_name", "related.user.c"}
	words   = []string{"root", "Root", "ROOT", "cmd", `\cmd.exe`, `\Cmd.EXE`, `C:\Windows`, "/bin/sh", "ss", "ſs", "\u212a", "k", "K", "ß", "É", "é", "김", "Ω", "ω", "\u2126", "\xff", "\xe9a", "", "5", "-1.5", "1e3", "true", "10.1.2.3", "2001:db8::1", "2026-11-21T07:50:08Z", "a*b", `"q"`, "l\ni\tn\x00e", "\u202e", "aGVsbG8", "word with blanks", "z", "+09:00", "Asia/Seoul"}
	globs   = []string{"*", "r??t", "*cmd*", `\*`, "K*", "?", "*\xff*", "É?", "", `*\\cmd.exe`, "[*"}
	regexes = []string{"^root$", "(?i)^root$", "(?i)k", "r..t", ".{4,}", "(?s).{9,}", "root|cmd", "(?i)(root|ſs)+", "[rR]oot", `\\cmd\.exe$`, "^$", "(?i)é", "\ufffd", "(a|b)?", "(?i)^(cmd|10).*", "o{2}"}
	nets    = []string{"10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::ffff:10.0.0.0/104", "0.0.0.0/0", "192.0.2.0/24"}
	numbers = []string{"5", "0", "-1.5", "7", "1000", "1.0", "50", "2026", "1e300", "9007199254740993"}
	moments = []time.Time{time.Date(2026, 11, 21, 7, 50, 8, 0, time.UTC), time.Date(2026, 11, 21, 7, 50, 3, 0, time.UTC), time.Date(2020, 12, 31, 5, 0, 0, 500, time.UTC)}
)

// pick takes one of a list.
func pick[T any](r Random, list []T) T { return list[r.R.IntN(len(list))] }

// some returns a few of a list, and now and then many.
func (r Random) some(list []string) []string {
	n := 1 + r.R.IntN(3)
	if r.R.IntN(6) == 0 {
		n = r.R.IntN(30)
	}
	out := make([]string, n)
	for i := range out {
		out[i] = pick(r, list)
		if n > 3 { // so that many differ
			out[i] += pick(r, words)
		}
	}
	return out
}

// Tree makes a tree of at most a depth. It has tests of every kind but source, constants now and then, chains of one and
// of none, and nothing that match.CompileTree refuses.
func (r Random) Tree(depth int) *tree.Node {
	if depth > 0 && r.R.IntN(4) > 0 {
		if r.R.IntN(4) == 0 {
			return tree.NotOf(r.Tree(depth - 1))
		}
		n := &tree.Node{Op: tree.And + tree.Op(r.R.IntN(2))}
		for range r.R.IntN(4) {
			n.Kids = append(n.Kids, r.Tree(depth-1))
		}
		return n
	}
	return tree.LeafOf(r.Test())
}

// field picks the field of a test.
func (r Random) field() string {
	if r.R.IntN(4) == 0 {
		return pick(r, around)
	}
	return pick(r, fields)
}

// Test makes the test of a leaf.
func (r Random) Test() tree.Test {
	t := tree.Test{Field: r.field(), Kind: kind.Kind(r.R.IntN(int(kind.Code))), Fold: r.R.IntN(3) > 0}
	if r.R.IntN(6) == 0 && t.Kind != kind.Exists && t.Kind != kind.Absent {
		t.Field = tree.Any
	}
	// Only what CompileTree takes: what it refuses has tests of its own.
	switch t.Kind {
	case kind.Constant:
		if t.Values = nil; r.R.IntN(2) == 0 {
			t.Values = []string{"true"}
		}
	case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith:
		t.Values = r.some(words)
		if r.R.IntN(8) == 0 {
			t.Other, t.Fold, t.Values = r.field(), true, nil
		} else if t.Kind == kind.Equal && r.R.IntN(5) == 0 {
			t.Form, t.Values, t.Fold = form.Number+form.Form(r.R.IntN(int(form.Age))), []string{pick(r, numbers), pick(r, numbers)}, false
		}
	case kind.Glob:
		t.Values = r.some(globs)
	case kind.Regex:
		t.Values, t.Operator = []string{pick(r, regexes), pick(r, regexes)}, r.R.IntN(3) == 0
	case kind.CIDR:
		t.Values = []string{pick(r, nets), pick(r, nets)}
	case kind.InList:
		t.Values = []string{"list"}
	case kind.Less, kind.LessEqual, kind.Greater, kind.GreaterEqual:
		t.Values, t.Form = []string{pick(r, numbers)}, form.Form(r.R.IntN(int(form.Age)+1))
	}
	return t
}

// Event makes an event. It holds values of every kind, lists and nulls among them, in fields of any type.
func (r Random) Event() *event.Event {
	// Without regard to the types of fields: events from outside have none either.
	e := &event.Event{}
	for range r.R.IntN(4) {
		e.SetPath(pick(r, around), r.value(3))
	}
	for _, f := range fields {
		e.SetPath(f, r.value(2))
	}
	if r.R.IntN(4) > 0 {
		e.SetPath("@timestamp", event.At(pick(r, moments)))
	}
	if r.R.IntN(2) == 0 {
		e.SetPath("weir.time", event.At(pick(r, moments)))
	}
	return e
}

// value makes a value of any kind. Lists hold nulls and lists, and are objects now and then.
func (r Random) value(depth int) event.Value {
	switch r.R.IntN(12) {
	case 0, 1:
		return event.Value{}
	case 2:
		return event.Nil()
	case 3:
		return event.Num(int64(r.R.IntN(8)) * 1000 / 143)
	case 4:
		return event.Real(pick(r, []float64{-1.5, 5, 1e300, 0.25}))
	case 5:
		return event.Truth(r.R.IntN(2) == 0)
	case 6:
		return event.At(pick(r, moments))
	case 7, 8:
		if depth == 0 {
			break
		}
		items := make([]event.Value, r.R.IntN(4))
		for i := range items {
			if items[i] = r.value(depth - 1); items[i].Kind() == event.Absent {
				items[i] = event.Nil()
			}
		}
		if r.R.IntN(5) > 0 {
			return event.Items(items...)
		}
		members := make([]event.Value, 0, 2*len(items))
		for i, it := range items {
			members = append(members, event.Str(string(rune('a'+i))), it)
		}
		return event.Members(members...)
	}
	var b strings.Builder
	for range 1 + r.R.IntN(3) {
		b.WriteString(pick(r, words))
	}
	return event.Str(b.String())
}
