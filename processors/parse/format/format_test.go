package format

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/event"
	"weir/processors/parse/format/step"
)

// file makes a file of a source.
func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

// TestFormat_Defaults: what a format is that says nothing but its name.
func TestFormat_Defaults(t *testing.T) {
	f, faults := one(t, "dataset: acme.web.access\ntitle: Acme Web\n")
	if f == nil {
		t.Fatal(faults)
	}
	if f.Name() != "acme.web.access" || f.Module() != "acme" || f.Root != "acme" || f.Observer != nil || f.Whole || f.Zone() != nil || f.Split() != nil || len(f.Charsets()) != 0 || len(f.Fields()) != 0 || len(f.Ways()) != 0 || f.Foreign || f.Names {
		t.Errorf("got %+v", f)
	}
	var e event.Event
	e.SetStr(event.Message, "m")
	if dropped, err := step.NewMachine().Run(f.Program(), &e, step.Input{}); dropped || err != nil || e.Str(event.Message) != "m" {
		t.Errorf("without steps: %v, %v, %s", dropped, err, e.AppendJSON(nil))
	}
}

// TestFormat_Names: a format whose steps say the dataset, or whose reader does, is told apart.
func TestFormat_Names(t *testing.T) {
	for steps, want := range map[string][2]bool{ // foreign, names
		"[{set: {user.name: a}}]": {false, false}, "[{set: {event.dataset: a.b}}]": {false, true}, "[{call: json}]": {true, true},
		"[{call: windows.any}]": {true, true}, "[{switch: {on: message, cases: {a: [{set: {event.dataset: a.b}}]}}}]": {false, true},
	} {
		f, faults := one(t, "dataset: acme.log\ntitle: A\nsteps: "+steps)
		if f == nil {
			t.Fatal(faults)
		}
		if f.Foreign != want[0] || f.Names != want[1] {
			t.Errorf("%s: foreign %v, names %v", steps, f.Foreign, f.Names)
		}
	}
}

// TestLoad_Folders: what is a format file and what is not, in which folder ever.
func TestLoad_Folders(t *testing.T) {
	doc := func(dataset string) *fstest.MapFile { return file("dataset: " + dataset + "\ntitle: T\n") }
	set, faults := Load(Source{Name: "f", FS: fstest.MapFS{
		"a.yaml": doc("a.log"), "b.yml": doc("b.log"), "deep/er/still/c.yaml": doc("c.log"), ".hidden.yaml": doc("d.log"), ".git/e.yaml": doc("e.log"), "f.yaml.bak": doc("f.log"), "g.txt": doc("g.log"),
		"README": file("text"), "tables/x.csv": file("a,b"), "shared/s.yaml": file("steps: []"), "deep/shared/t.yaml": file("steps: []"),
	}})
	if len(faults) > 0 {
		t.Error(faults)
	}
	if got := set.Datasets(); !slices.Equal(got, []string{"a.log", "b.log", "c.log"}) {
		t.Errorf("got %v", got)
	}
	if set.Named("a.log/x") != nil || set.Named("") != nil || len(set.Of("nope")) != 0 {
		t.Error("a format is found that is not there")
	}
}

// TestLoad_Duplicates: two formats of one dataset need ids; of two of one name the second file is refused, and both are named.
func TestLoad_Duplicates(t *testing.T) {
	set, faults := Load(Source{Name: "f", FS: fstest.MapFS{
		"a.yaml": file("dataset: a.log\ntitle: One\n"), "b.yaml": file("dataset: a.log\nid: two\ntitle: Two\n"), "c.yaml": file("dataset: a.log\ntitle: Again\n"), "d.yaml": file("dataset: a.log\nid: two\ntitle: Again\n"),
	}})
	if len(set.Of("a.log")) != 2 || set.Named("a.log").Title != "One" || set.Named("a.log/two").Title != "Two" {
		t.Errorf("got %v", set.List())
	}
	var got []string
	for _, e := range faults {
		got = append(got, e.Where+": "+e.What)
	}
	if want := []string{"f/c.yaml:1:10: f/a.yaml has the dataset and id a.log too", "f/d.yaml:1:10: f/b.yaml has the dataset and id a.log/two too"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestLoad_UsersWin: a user's file takes the place of a shipped format of the same name, for messages, for `use` and for what is shared;
// other formats of the dataset stay.
func TestLoad_UsersWin(t *testing.T) {
	shipped := fstest.MapFS{
		"a/one.yaml":         file("dataset: a.log\nid: one\ntitle: Shipped one\nmatch: {starts: ONE}\nsteps: [{include: common}]\n"),
		"a/two.yaml":         file("dataset: a.log\nid: two\ntitle: Shipped two\nmatch: {starts: TWO}\nsteps: [{use: a.log/one}]\n"),
		"shared/common.yaml": file("steps: [{set: {user.name: shipped}}]"),
	}
	users := fstest.MapFS{"mine.yaml": file("dataset: a.log\nid: one\ntitle: Mine\nmatch: {starts: ONE}\nsteps: [{include: common}, {set: {user.id: mine}}]\n")}
	run := func(sources ...Source) string {
		set, faults := Load(sources...)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		var out []string
		for _, msg := range []string{"ONE", "TWO"} {
			var e event.Event
			e.SetStr(event.Message, msg)
			f := set.Recognise(lookAt(msg))
			if _, err := step.NewMachine().Run(f.Program(), &e, step.Input{}); err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s %v %s %s", f.Title, f.Shipped, e.Str(event.UserName), e.Str(event.UserID)))
		}
		return strings.Join(out, "; ")
	}
	if got, want := run(Source{Name: "shipped", FS: shipped}), "Shipped one true shipped ; Shipped two true shipped "; got != want {
		t.Errorf("shipped alone: %s", got)
	}
	if got, want := run(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users}), "Mine false shipped mine; Shipped two true shipped mine"; got != want {
		t.Errorf("with the user's: %s", got)
	}
	users["shared/common.yaml"] = file("steps: [{set: {user.name: own}}]")
	// Shared steps of the same source come first: what weir shipped does not change by a user's file of the same name.
	if got, want := run(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users}), "Mine false own mine; Shipped two true own mine"; got != want {
		t.Errorf("with shared steps of the user's: %s", got)
	}
}

// FuzzSteps: whatever the steps of a format are, loading them ends with the format or with faults that say where, and what was loaded
// runs on any message.
func FuzzSteps(f *testing.F) {
	for _, s := range []string{
		"- set: {user.name: '{{message}}'}", "- dissect: '%{a.x} %{+a.x}'", "- grok: {patterns: ['%{IP:source.ip:ip}'], definitions: {A: '%{A}'}}", "- kv: {pairs: '/[/', rest: a}",
		"- foreach: {in: message, as: _i, do: [{foreach: {in: _i, as: _j, do: [{use: a.log}]}}]}", "- first: [[], [{fail: x}], {}]", "- switch: {on: (message), cases: {a|a: [], ~: ~}}",
		"- eval: {a.x: 'map(split(message, \",\"), # + 1)'}", "- {if: message matches '(a+)+$', drop: true, else: [{stop: true}]}", "- date: {from: [message, _x], layouts: ['yyyy QQ'], zone: _z}",
		"- include: ../../x", "- lookup: {from: message, to: a.b, table: ../x.csv}", "- replace: {a.x: [['(.*)*', '$1$1$1$1']]}", "- csv: {columns: [a.b, a.b.c, a]}", "- {do: [{}], optional: 1, on_error: x}",
		"- convert: {'_x.\"': int}", "- copy: {a.: b, .a: c, '': d}", "- ~\n- []\n- 5", "&a [*a]",
	} {
		f.Add(s, "a message, with=parts 192.0.2.1")
	}
	f.Fuzz(func(t *testing.T, steps, msg string) {
		set, faults := Load(Source{Name: "f", FS: fstest.MapFS{"a.yaml": {Data: []byte("dataset: a.log\ntitle: A\nsteps:\n" + steps)}}})
		for _, e := range faults {
			if e.Code == "" || e.What == "" || !strings.HasPrefix(e.Where, "f/a.yaml:") {
				t.Fatalf("%q: %+v", steps, e)
			}
		}
		x := set.Named("a.log")
		if x == nil {
			if len(faults) == 0 {
				t.Fatalf("%q: neither a format nor a fault", steps)
			}
			return
		}
		var e event.Event
		e.SetStr(event.Message, strings.ToValidUTF8(msg, "?"))
		if _, err := step.NewMachine().Run(x.Program(), &e, step.Input{Raw: msg, Received: time.Unix(1_700_000_000, 0)}); err != nil {
			t.Logf("a dead letter: %v", err)
		}
	})
}
