package format

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestMemo reads messages one after another, as a parser does: what comes before must not change what one is.
func TestMemo(t *testing.T) {
	set := formatsOf(t,
		"a.one", "match: {contains: ['key=one', ' also=']}",
		"a.more", "match: {contains: [['key=one', 'and=more']]}",
		"b.other", "match: {contains: ['key=other']}",
		"user:u.mine", "match: {contains: [['key=one', 'mine=']]}",
	)
	l := &Look{}
	for i, c := range []struct{ line, want string }{
		{"text with key=one", "a.one"},
		{"text with key=one", "a.one"},
		{"text with key=one and=more", "a.more"}, // begins as what was a.one
		{"text with key=one", "a.one"},
		{"text with key=one mine=1", "u.mine"},
		{"text with key=other", "b.other"},
		{"text with nothing", ""},
		{"text with key=one", "a.one"},
	} {
		next := lookAt(c.line)
		l.Line, l.Head, l.Program = next.Line, next.Head, next.Program
		got := ""
		if f := set.Recognise(l); f != nil {
			got = f.Dataset
		}
		if got != c.want {
			t.Errorf("%d: got %q of %q, want %q", i, got, c.line, c.want)
		}
	}
	// Formats that are loaded again are other formats.
	l.Head = lookAt("text with key=one").Head
	l.Line = l.Head.Message
	if f := formatsOf(t, "z.new", "match: {contains: ['key=one']}").Recognise(l); f == nil || f.Dataset != "z.new" {
		t.Errorf("got %v of formats that are new", f)
	}
}

// TestMemo_Shipped reads the examples of all formats that come with weir in several orders, with a memory and without.
func TestMemo_Shipped(t *testing.T) {
	set, faults := Load(Source{Name: "shipped", FS: os.DirFS("../formats")})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var lines []string
	for _, f := range set.List() {
		for i := range f.Tests {
			if raw := f.Tests[i].Raw; raw != "" {
				lines = append(lines, strings.TrimRight(raw, "\r\n\x00"))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	with := &Look{}
	for range 4 {
		for _, n := range r.Perm(len(lines)) {
			l := lookAt(lines[n])
			with.Line, with.Head, with.Program = l.Line, l.Head, l.Program
			if got, want := set.Recognise(with), set.Recognise(l); got != want {
				t.Errorf("got %v, want %v of %s", got.Name(), want.Name(), lines[n])
			}
		}
	}
}
