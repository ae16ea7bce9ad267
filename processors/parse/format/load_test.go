package format

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/event"
	"weir/internal/fault"
)

func one(t *testing.T, doc string) (*Format, fault.List) {
	t.Helper()
	set, faults := Load(Source{Name: "f", FS: fstest.MapFS{"acme/log.yaml": {Data: []byte(doc)}}})
	if list := set.List(); len(list) == 1 {
		return list[0], faults
	}
	return nil, faults
}

func TestLoad(t *testing.T) {
	f, faults := one(t, `dataset: acme.log
id: v2
title: Acme Thing
about: Anything.
observer: {vendor: Acme, product: Thing, type: firewall}
root: acme.thing
header: none
empty: ["-", none]
zone: Asia/Seoul
charset: [utf-8, cp949]
keep_message: false
match: {starts: ACME}
split: {lines: true}
steps:
  - set: {user.name: a, acme.thing.x: 1}
  - kv: {rest: acme.thing}
tests:
  - name: two
    raw: "a\nb"
    at: 2024-02-03T04:05:06Z
    input: file
    events: 3
    expect: [{user.name: a, "@timestamp": ~}, {event.severity: 5}]
  - {name: gone, doc: {message: x, event: {module: y}}, dropped: true, errors: 1}
`)
	if len(faults) > 0 || f == nil {
		t.Fatal(faults)
	}
	if f.Name() != "acme.log/v2" || f.Module() != "acme" || f.Title != "Acme Thing" || *f.Observer != (Observer{"Acme", "Thing", "firewall"}) || f.Root != "acme.thing" || !f.Whole || f.Zone().String() != "Asia/Seoul" || len(f.Charsets()) != 2 || f.Split() == nil || f.Foreign || !f.Shipped {
		t.Errorf("got %+v", f)
	}
	if got := strings.Join(f.Fields(), " "); got != "acme.thing.* acme.thing.x user.name" {
		t.Errorf("fields %s", got)
	}
	a, b := f.Tests[0], f.Tests[1]
	if a.Name != "two" || a.Line != 18 || a.Raw != "a\nb" || !a.At.Equal(time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)) || a.Input != "file" || len(a.Expect) != 3 || a.Expect[0][1].Value.Kind() != event.Null || a.Expect[1][0].String() != "event.severity: 5" {
		t.Errorf("first test %+v", a)
	}
	if !b.Dropped || b.Errors != 1 || b.Doc.Get("event").Get("module").Str() != "y" || b.At.Year() != 2024 {
		t.Errorf("second test %+v", b)
	}
}

func TestLoad_Faults(t *testing.T) {
	const head = "dataset: acme.log\ntitle: A\n"
	for _, c := range []struct{ name, doc, where, code, what string }{
		{"no dataset", "title: A\n", "f/acme/log.yaml:1:1", "format-missing-key", "no `dataset`"},
		{"no title", "dataset: a.log\n", "f/acme/log.yaml:1:1", "format-missing-key", "no `title`"},
		{"no stream", "dataset: acme\ntitle: A\n", "f/acme/log.yaml:1:10", "format-value", "`acme` is no dataset"},
		{"big letters", "dataset: Acme.log\ntitle: A\n", "f/acme/log.yaml:1:10", "format-value", "is no dataset"},
		{"a key", head + "step: []\n", "f/acme/log.yaml:3:1", "format-unknown-key", "unknown key `step`"},
		{"a key twice", head + "title: B\n", "f/acme/log.yaml:3:1", "format-duplicate-key", "twice"},
		{"a zone", head + "zone: Mars/Base\n", "f/acme/log.yaml:3:7", "format-value", "no time zone"},
		{"a header", head + "header: maybe\n", "f/acme/log.yaml:3:9", "format-value", "`header` cannot be `maybe`"},
		{"a root", head + "root: _x\n", "f/acme/log.yaml:3:7", "format-value", "is no root"},
		{"YAML", head + "steps: [}\n", "f/acme/log.yaml:3:", "format-syntax", ""},
		{"two documents", head + "---\n" + head, "f/acme/log.yaml:1:1", "format-syntax", "one format"},
		{"no text", "\x00\x01", "f/acme/log.yaml:1:1", "format-syntax", "UTF-8"},
		{"an anchor", head + "empty: &a [x]\n", "f/acme/log.yaml:3:", "format-syntax", "anchors"},
		{"nothing", "# no\n", "f/acme/log.yaml:1:1", "format-syntax", "the file is empty"},
		{"a list", "- a\n", "f/acme/log.yaml:1:", "format-syntax", "a format is a list of keys"},
		{"a split", head + "split: {json: 'a..b'}\n", "f/acme/log.yaml:3:", "format-value", "is no path"},
		{"a test", head + "tests: [{name: x}]\n", "f/acme/log.yaml:3:", "format-value", "needs a name, and raw or doc"},
		{"a test's time", head + "tests: [{name: x, raw: y, at: noon}]\n", "f/acme/log.yaml:3:", "format-value", "`at` needs a time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, faults := one(t, c.doc)
			if f != nil || len(faults) == 0 {
				t.Fatalf("loaded, %v", faults)
			}
			if got := faults[0]; !strings.HasPrefix(got.Where, c.where) || got.Code != c.code || !strings.Contains(got.What, c.what) {
				t.Errorf("got %s %s: %s", got.Where, got.Code, got.What)
			}
		})
	}
}

// TestLoad_Hints: mistakes in YAML that formats invite say what to do.
func TestLoad_Hints(t *testing.T) {
	for steps, want := range map[string]string{
		"- set: {user.name: {{_a}}}": "in quotes", `- grok: {patterns: ["^\d+"]}`: "single quotes", "- eval: {user.name: first(map(_a, .v)), user.id: _b}": "in quotes",
	} {
		_, faults := one(t, "dataset: a.log\ntitle: A\nsteps:\n  "+steps)
		if len(faults) == 0 || !strings.Contains(faults[0].Do, want) {
			t.Errorf("%s: %v, do %q", steps, faults, faults[0].Do)
		}
	}
}

// TestLoad_Expected: what a test expects is what is written, and a path that no event has is a warning.
func TestLoad_Expected(t *testing.T) {
	f, faults := one(t, "dataset: acme.log\ntitle: A\nsteps: []\ntests: [{name: x, raw: y, expect: {user.id: 0012, event.severity: 12, event.type: [1], acme.x: 1, evnt.kind: ~}}]")
	if f == nil || len(faults) != 1 || !faults[0].Warn || faults[0].Do != "did you mean event.kind?" {
		t.Fatalf("%v", faults)
	}
	for i, want := range []string{`"0012"`, "12", `["1"]`, "1"} {
		if got := string(f.Tests[0].Expect[0][i].Value.AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, want %s", f.Tests[0].Expect[0][i].Path, got, want)
		}
	}
}

// TestLoad_Sources: a user's format takes the place of the shipped one of the same name, a broken file leaves the others alone,
// and shared files of the own source come first.
func TestLoad_Sources(t *testing.T) {
	shipped := fstest.MapFS{
		"a/log.yaml": file("dataset: a.log\ntitle: Shipped\nsteps: [{include: s}]"), "b/log.yaml": file("dataset: b.log\ntitle: Shipped\nsteps: [{include: s}]"),
		"shared/s.yaml": file("steps: [{set: {user.name: shipped}}]"), ".hidden/x.yaml": file("no"), "a/notes.txt": file("no"),
	}
	users := fstest.MapFS{
		"mine.yaml": file("dataset: a.log\ntitle: Mine\nsteps: [{include: s}]"), "shared/s.yaml": file("steps: [{set: {user.id: mine}}]"),
		"broken.yaml": file("dataset: c.log\ntitle: C\nsteps: [{nope: 1}]"), "deep/er/d.yaml": file("dataset: d.log\ntitle: D\nroot: d.x"),
		"twice.yaml": file("dataset: d.log\ntitle: D again"),
	}
	set, faults := Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users})
	if strings.Join(set.Datasets(), " ") != "a.log b.log d.log" || len(faults) != 2 || !strings.HasPrefix(faults[0].Where, "formats/broken.yaml:3") && !strings.HasPrefix(faults[1].Where, "formats/broken.yaml:3") {
		t.Fatalf("%v, %v", set.Datasets(), faults)
	}
	if f := set.Named("a.log"); f.Title != "Mine" || f.Shipped || f.Fields()[0] != "user.id" {
		t.Errorf("a.log is %+v", f)
	}
	if f := set.Named("b.log"); !f.Shipped || f.Fields()[0] != "user.name" {
		t.Errorf("b.log has the fields %v", f.Fields())
	}
	if roots := strings.Join(set.Roots(), " "); roots != "a b d.x" {
		t.Errorf("roots %s", roots)
	}

	users["mine.yaml"] = file("dataset: a.log\ntitle: Mine\nsteps: [{sett: {}}]")
	if fresh, _ := Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users}); fresh.Named("a.log") == nil || fresh.Named("a.log").Title != "Shipped" {
		t.Error("a mistake in a format of one's own takes the shipped one away")
	}
	users["deep/er/d.yaml"] = file("dataset: d.log\ntitle: D\nsteps: [{}]")
	delete(users, "twice.yaml")
	now, faults := Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users})
	kept := now.Keep(set, faults)
	if f := kept.Named("a.log"); f.Title != "Mine" {
		t.Errorf("a format with a mistake is not kept: %+v", f)
	}
	if f := kept.Named("d.log"); f == nil || len(kept.Of("d.log")) != 1 {
		t.Errorf("d.log is %+v", f)
	}
	delete(users, "mine.yaml")
	if now, faults = Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users}); now.Keep(kept, faults).Named("a.log").Title != "Shipped" {
		t.Error("a format whose file is gone is kept")
	}
	if set, faults := Load(Source{Name: "none", FS: fstest.MapFS{}}); len(faults) != 0 || len(set.List()) != 0 {
		t.Errorf("an empty folder: %v", faults)
	}
}

// TestSplit: lines and items are parts of the message.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ split, msg, want string }{
		{"{lines: true}", "a\r\n\n  \nb", "a|b"}, {"{json: Records}", `{"Records":[{"a":1}, 2]}`, `{"a":1}|2`}, {"{json: ''}", `[1,2]`, "1|2"}, {"{call: json}", `@cee:{"a":1}{"b":2}`, `{"a":1}|{"b":2}`},
	} {
		f, faults := one(t, "dataset: acme.log\ntitle: A\nsplit: "+c.split)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		var got []string
		if err := f.Split()(c.msg, func(part string) error { got = append(got, part); return nil }); err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s: got %q, %v", c.split, got, err)
		}
	}
}

// FuzzLoad: whatever a file holds, loading it ends, and what is wrong is said with its place.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"dataset: a.log\ntitle: A\nsteps:\n  - set: {user.name: x}\n", "dataset: a.log\ntitle: [", "steps: [{first: [[{first: [[]]}]]}]", "dataset: a.b\ntitle: t\nmatch: [{starts: x}, {contains: [[aaa, bbb]]}]\nsplit: {json: a}\ntests: [{name: a, raw: b, expect: {c: 1}}]",
		"dataset: a.b\ntitle: t\nsteps: [{grok: '(?<a.x>.*'}, {date: {from: _x, layouts: [yyyy]}}, {use: a.b}, {lookup: {from: _x, to: a.y, table: {a|b: c}}}]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		set, faults := Load(Source{Name: "f", FS: fstest.MapFS{"acme/log.yaml": {Data: []byte(doc)}}})
		if len(set.List()) == 0 && len(faults) == 0 {
			t.Fatalf("%q: neither a format nor a fault", doc)
		}
		for _, fault := range faults {
			if fault.Code == "" || fault.What == "" || fault.Where == "" {
				t.Fatalf("%q: %+v", doc, fault)
			}
		}
	})
}
