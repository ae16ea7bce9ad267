package fold

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"weir/event"
	"weir/event/ecs"
)

func decode(t testing.TB, doc string) *event.Event {
	t.Helper()
	e := &event.Event{}
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestView(t *testing.T) {
	t.Parallel()
	e := decode(t, `{"@timestamp":"2026-11-21T07:50:08Z","process":{"name":"CMD.exe","pid":4711,"args":["A","b",null,7,["C"]]},
		"labels":{"Site":"SEOUL","n":[1,"X"],"deep":{"er":"Y"}},"event":{"outcome":null},"no":{"such":"Field"},"tls":{"established":true}}`)
	var v View
	v.Reset(e)
	for _, tt := range []struct{ name, path, texts, folds string }{
		{"one text", "process.name", "[CMD.exe]", "[cmd.exe]"},
		{"a number", "process.pid", "[4711]", "[4711]"},
		{"a truth", "tls.established", "[true]", "[true]"},
		{"a time", "@timestamp", "[2026-11-21T07:50:08.000Z]", "[2026-11-21t07:50:08.000z]"},
		{"a list with a null and a list", "process.args", "[A b 7 C]", "[a b 7 c]"},
		{"a key", "labels.Site", "[SEOUL]", "[seoul]"},
		{"a list under a key", "labels.n", "[1 X]", "[1 x]"},
		{"a deep key", "labels.deep.er", "[Y]", "[y]"},
		{"an object has the texts of all in it", "labels", "[SEOUL 1 X Y]", "[seoul 1 x y]"},
		{"an object whose members are fields", "process", "[CMD.exe 4711 A b 7 C]", "[cmd.exe 4711 a b 7 c]"},
		{"an unknown object", "no", "[Field]", "[field]"},
		{"null", "event.outcome", "[]", "[]"},
		{"an unknown path", "no.such", "[Field]", "[field]"},
		{"absent", "user.name", "[]", "[]"},
		{"an absent key", "labels.none", "[]", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ref := event.MakeRef(tt.path)
			for range 2 { // made, then remembered
				if got := fmt.Sprint(v.Folded(ref)); got != tt.folds {
					t.Errorf("folded: %s, want %s", got, tt.folds)
				}
				if got := fmt.Sprint(v.Texts(ref)); got != tt.texts {
					t.Errorf("texts: %s, want %s", got, tt.texts)
				}
			}
		})
	}
	if v.Event() != e {
		t.Error("the event")
	}
}

func TestView_ShowsTheNextEventAlone(t *testing.T) {
	t.Parallel()
	name, site, odd := event.MakeRef("process.name"), event.MakeRef("labels.site"), event.MakeRef("odd.path")
	var v View
	for i := range 3 {
		v.Reset(decode(t, fmt.Sprintf(`{"process":{"name":"N%d"},"labels":{"site":"S%d"},"odd":{"path":%d}}`, i, i, i)))
		if got := fmt.Sprint(v.Folded(name), v.Folded(site), v.Texts(odd), v.Texts(name)); got != fmt.Sprintf("[n%d] [s%d] [%d] [N%d]", i, i, i, i) {
			t.Errorf("event %d: %s", i, got)
		}
	}
	v.Reset(decode(t, `{}`))
	if got := fmt.Sprint(v.Folded(name), v.Folded(site), v.Texts(odd)); got != "[] [] []" {
		t.Errorf("an empty event shows %s", got)
	}
	v.epoch = ^uint32(0)
	v.Reset(decode(t, `{"process":{"name":"LAST"}}`))
	if got := fmt.Sprint(v.Folded(name)); got != "[last]" {
		t.Errorf("after the epochs began again: %s", got)
	}
}

func TestView_WithoutEvent(t *testing.T) {
	t.Parallel()
	var v View
	if len(v.Texts(event.MakeRef("message"))) != 0 || len(v.Folded(event.MakeRef("message"))) != 0 || v.Event() == nil {
		t.Error("the zero view")
	}
	v.Reset(nil)
	v.EachFolded(func(string) bool { t.Error("a value"); return true })
}

// TestView_FieldsRegisteredLater grows the table behind the view's back, as loading rules does.
func TestView_FieldsRegisteredLater(t *testing.T) {
	t.Parallel()
	var v View
	v.Reset(decode(t, `{"message":"A"}`))
	_ = v.Folded(event.MakeRef("message"))
	f, err := event.Register(ecs.Keyword, "viewtest.later")
	if err != nil {
		t.Fatal(err)
	}
	e := decode(t, `{"viewtest":{"later":"B"}}`)
	v.Reset(e)
	if got := fmt.Sprint(v.Folded(event.MakeRef("viewtest.later"))); got != "[b]" || !e.Has(f) {
		t.Error(got)
	}
	v.EachFolded(func(s string) bool { return s == "b" || t.Failed() })
}

// TestView_Allocates nothing for an event like those before.
func TestView_AllocatesNothing(t *testing.T) {
	e := decode(t, `{"process":{"name":"CMD.exe","pid":4711,"args":["A","b",7]},"labels":{"Site":"SEOUL"},"message":"`+strings.Repeat("Text \u00e9 ", 50)+`","no":{"such":"Field"}}`)
	refs := []event.Ref{event.MakeRef("process.name"), event.MakeRef("process.pid"), event.MakeRef("process.args"), event.MakeRef("labels.Site"), event.MakeRef("message"), event.MakeRef("no.such")}
	var v View
	n := 0
	once := func() {
		v.Reset(e)
		for _, r := range refs {
			n += len(v.Folded(r)) + len(v.Texts(r))
		}
		v.EachFolded(func(s string) bool { n += len(s); return true })
		v.EachText(func(s string) bool { n += len(s); return true })
	}
	once()
	if got := testing.AllocsPerRun(100, once); got != 0 {
		t.Errorf("%v allocations for an event", got)
	}
}

// TestView_ValueAtHand: who has a value at hand gets what those get who ask by reference, and both are made once.
func TestView_ValueAtHand(t *testing.T) {
	t.Parallel()
	e := decode(t, `{"process":{"name":"CMD","args":["A",7]}}`)
	var v View
	v.Reset(e)
	for _, path := range []string{"process.name", "process.args"} {
		f, _ := event.Lookup(path)
		at, by := v.TextsField(f, e.Get(f)), v.Texts(event.MakeRef(path))
		if !slices.Equal(at, by) || unsafe.SliceData(at) != unsafe.SliceData(by) {
			t.Errorf("%s: %q and %q", path, at, by)
		}
	}
	if got := v.Fold("\u212aELVIN") + v.Fold("small"); got != "kelvinsmall" {
		t.Error(got)
	}
}

// TestView_LetsGo of what one huge event needed.
func TestView_LetsGo(t *testing.T) {
	t.Parallel()
	var e event.Event
	e.SetStr(event.Message, strings.Repeat("A", 2*keepArena))
	for i := range keepPaths + 2 {
		e.SetPath(fmt.Sprintf("viewtest.odd%d", i), event.Str("X"))
	}
	var v View
	v.Reset(&e)
	if got := v.Folded(event.MakeRef("message")); len(got) != 1 || got[0] != strings.Repeat("a", 2*keepArena) {
		t.Fatal("the long value")
	}
	for i := range keepPaths + 2 {
		_ = v.Folded(event.MakeRef(fmt.Sprintf("viewtest.odd%d", i)))
	}
	v.Reset(decode(t, `{}`))
	if cap(v.arena) > keepArena || len(v.others) > keepPaths || len(v.places) > keepPaths {
		t.Errorf("it keeps %d bytes, %d paths", cap(v.arena), len(v.others))
	}
	for _, s := range v.strs[:cap(v.strs)] {
		if s != "" {
			t.Fatal("a string of the last event is still there")
		}
	}
}

// TestFolded_AliasesWhatNeedsNoFold: a value that is folded already is the event's own.
func TestFolded_AliasesWhatNeedsNoFold(t *testing.T) {
	t.Parallel()
	e := decode(t, `{"message":"small letters"}`)
	var v View
	v.Reset(e)
	if got := v.Folded(event.MakeRef("message"))[0]; unsafe.StringData(got) != unsafe.StringData(e.Str(event.Message)) {
		t.Error("it was copied")
	}
}

func BenchmarkView(b *testing.B) {
	e := decode(b, `{"process":{"name":"CMD.exe","executable":"C:\\Windows\\System32\\cmd.exe","command_line":"cmd.exe /c Echo `+strings.Repeat("Some Arguments ", 6)+`","parent":{"executable":"C:\\Windows\\explorer.exe"}},"user":{"name":"KIM"}}`)
	var refs []event.Ref
	for _, p := range []string{"process.name", "process.executable", "process.command_line", "process.parent.executable", "user.name", "file.path"} {
		refs = append(refs, event.MakeRef(p))
	}
	var v View
	b.ReportAllocs()
	for b.Loop() {
		v.Reset(e)
		for _, r := range refs {
			_ = v.Folded(r)
		}
	}
}
