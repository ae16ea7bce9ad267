package format

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"weir/processors/parse/header"
)

// formatsOf loads formats, each a dataset and what follows its title.
func formatsOf(t testing.TB, docs ...string) *Set {
	t.Helper()
	shipped, users := fstest.MapFS{}, fstest.MapFS{}
	for i := 0; i+1 < len(docs); i += 2 {
		dataset, own := strings.CutPrefix(docs[i], "user:")
		into := shipped
		if own {
			into = users
		}
		dataset, id, _ := strings.Cut(dataset, "/")
		doc := "dataset: " + dataset + "\ntitle: T\n"
		if id != "" {
			doc += "id: " + id + "\n"
		}
		into[fmt.Sprintf("x/f%d.yaml", i)] = &fstest.MapFile{Data: []byte(doc + docs[i+1])}
	}
	set, faults := Load(Source{Name: "shipped", FS: shipped}, Source{Name: "formats", FS: users})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return set
}

// lookAt makes what recognition sees of a line.
func lookAt(line string) *Look {
	h := new(header.Header)
	header.Read(line, h)
	return &Look{Line: line, Head: h, Program: h.Program}
}

func TestRecognise(t *testing.T) {
	set := formatsOf(t,
		"a.start", "match: {starts: 'ACME '}",
		"a.longer", "match: {starts: ['ACME two']}",
		"b.program", "match: {programs: [frobd]}",
		"b.kernel", "match: {programs: [kernel], contains: [[' IN=', ' OUT=']]}",
		"c.one", "match: {contains: ['type=\"one\"', [alpha=, beta=]]}",
		"c.more", "match: {contains: [['type=\"one\"', 'sub=\"more\"']]}",
		"d.when", "match: {when: 'message matches `^\\d{4}#`'}",
		"d.host", "match: {when: 'log.syslog.hostname == \"odd\"'}",
		"e.whole", "header: none\nmatch: {starts: '<13>Mar'}",
		"e.csv", "header: none\nmatch: {when: 'message matches `^<7>\\d+,`'}",
		"f.last", "match: {starts: '{', last: true}",
		"f.json", "match: {contains: ['\"kind\":\"Audit\"']}",
		"g.two", "match: [{starts: 'GA'}, {programs: [gd], contains: [' g=']}]",
		"h.input", "match: {input: things}",
		"user:h.mine", "match: {starts: 'ACME t'}",
		"k.none", "",
	)
	for _, c := range []struct{ name, line, want string }{
		{"a start", "<13>ACME one", "a.start"},
		{"a user's comes before what asks for more", "<13>ACME two", "h.mine"},
		{"a program", "<13>Mar 10 11:00:00 h frobd[1]: x", "e.whole"},
		{"a program, other header", "<14>Mar 10 11:00:00 h frobd[1]: x", "b.program"},
		{"a program and what its text has", "<14>Mar 10 11:00:00 h kernel: x IN=a OUT=b", "b.kernel"},
		{"a program alone is not enough", "<14>Mar 10 11:00:00 h kernel: x IN=a", ""},
		{"a text", `<14>x type="one" y`, "c.one"},
		{"one of two lists", `<14>x beta=1 alpha=2`, "c.one"},
		{"what asks for more", `<14>sub="more" x type="one" y`, "c.more"},
		{"too far behind", "<14>" + strings.Repeat(".", 2000) + `type="one"`, ""},
		{"an expression", "<14>2024#x", "d.when"},
		{"an expression on the header", "<14>Mar 10 11:00:00 odd p: x", "d.host"},
		{"an expression on the whole record", "<7>12,x", "e.csv"},
		{"the last", `<14>{"a":1}`, "f.last"},
		{"before the last", `<14>{"kind":"Audit"}`, "f.json"},
		{"one of two ways", "<14>GA", "g.two"},
		{"the other way", "<14>Mar 10 11:00:00 h gd: a g=1", "g.two"},
		{"nothing", "<14>hello", ""},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reason := "", ""
			l := lookAt(c.line)
			if f := set.Recognise(l); f != nil {
				got, reason = f.Dataset, f.Reason(l)
			}
			if got != c.want || (got == "") != (reason == "") {
				t.Errorf("got %q because %q, want %q", got, reason, c.want)
			}
		})
	}
	if f := set.Input("things"); f == nil || f.Dataset != "h.input" || set.Input("") != nil {
		t.Error("a format is not found by its input")
	}
	l := lookAt(`<14>sub="more" x type="one" y`)
	if n := testing.AllocsPerRun(100, func() { set.Recognise(l) }); n > 0 {
		t.Errorf("recognition allocates %v times", n)
	}
}

func TestWithin(t *testing.T) {
	set := formatsOf(t,
		"a.log", "match: {starts: 'ACME '}",
		"b.log/one", "match: {starts: 'ONE'}",
		"b.log/two", "match: {contains: [second]}",
		"b.log", "",
		"c.log/one", "match: {starts: 'C1'}",
		"c.log/two", "match: {starts: 'C2'}",
	)
	for _, c := range []struct {
		dataset, line, want string
		at                  int
	}{
		{"a.log", "ACME x", "a.log", 0}, {"a.log", "noise ACME x", "a.log", 6}, {"a.log", "anything", "a.log", 0},
		{"b.log", "ONE x", "b.log/one", 0}, {"b.log", "the second x", "b.log/two", 0}, {"b.log", "third", "b.log", 0},
		{"c.log", "C2", "c.log/two", 0}, {"c.log", "C3", "", 0}, {"nope.log", "x", "", 0},
	} {
		f, at := set.Within(c.dataset, lookAt(c.line))
		got := ""
		if f != nil {
			got = f.Name()
		}
		if got != c.want || at != c.at {
			t.Errorf("%s, %q: got %q at %d, want %q at %d", c.dataset, c.line, got, at, c.want, c.at)
		}
	}
}

func TestWays(t *testing.T) {
	set := formatsOf(t, "a.log", "match: [{programs: [p, q], contains: [[one, two], three], last: true}, {input: i}, {starts: S, when: 'message == \"x\"'}]")
	got := strings.Join(set.Named("a.log").Ways(), "|")
	if want := `program p, q; contains one and two or three; where no other format fits|input i|starts with S; when message == "x"`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMatch_Faults(t *testing.T) {
	for match, want := range map[string]string{
		"{}": "nothing says how", "{starts: ['']}": "an empty text", "{contains: [ab]}": "shorter than 3", "{when: 'user.name == 1'}": "user.name is not known before",
		"{looks: cisco.asa}": "says how its messages look", "{start: x}": "unknown key `start`", "x": "needs keys",
	} {
		_, faults := Load(Source{Name: "f", FS: fstest.MapFS{"a/log.yaml": {Data: []byte("dataset: a.log\ntitle: T\nmatch: " + match)}}})
		if len(faults) == 0 || !strings.Contains(faults[0].What, want) {
			t.Errorf("%s: %v", match, faults)
		}
	}
}

// TestGate: a gate closes only where the expression cannot hold.
func TestGate(t *testing.T) {
	for _, c := range []struct {
		expr       string
		some       bool
		open, shut string
	}{
		{"message matches `^\\d{4}`", true, "0123456789", "ax[ "},
		{"message matches \"^[a-c]x\"", true, "abc", "dx1"},
		{"message matches '^(GET|POST) '", true, "GP", "gX"},
		{"message matches `^(?:: )?(UI|RPD)_`", true, ":UR", "x"},
		{"message startsWith \"{\" and message contains \"x\"", true, "{", "["},
		{"re(message, `^\\[INFO\\]`)", true, "[", "I"},
		{"_raw matches `^\\s*x`", true, " x\t", "a"},
		{"message matches `^(?i)abc`", true, "aAbB", ""},
		{"message matches `^.x`", true, "a\xff", ""},
		{"message matches `x`", false, "az", ""},
		{"message matches `^x*`", false, "az", ""},
		{"message matches `(^a|b)`", false, "az", ""},
		{"message matches `^a` or message matches `^b`", false, "ab", ""},
		{"process.name == \"x\"", false, "az", ""},
		{"message matches `^한`", true, "\xed", "a"},
	} {
		g := newGate(c.expr)
		if g.some != c.some {
			t.Errorf("%s: says something: %v", c.expr, g.some)
		}
		for i := range len(c.open) {
			if s := c.open[i : i+1]; !g.open(s, s) {
				t.Errorf("%s: closed for %q", c.expr, s)
			}
		}
		for i := range len(c.shut) {
			if s := c.shut[i : i+1]; g.open(s, s) {
				t.Errorf("%s: open for %q", c.expr, s)
			}
		}
	}
}

// FuzzRecognise: with its gates, search and order a set finds no other format than without them.
func FuzzRecognise(f *testing.F) {
	set := formatsOf(f, "a.log", "match: {when: 'message matches `^\\d{2}x`'}", "b.log", "match: {contains: [[needle, thread]]}", "c.log", "match: {starts: [ab, x]}", "d.log", "match: {when: 'message matches \"^(a|[[:upper:]])+!\"'}")
	for _, s := range []string{"12x", "a needle and a thread", "abc", "AA!", "aA!", "<13>Mar 10 11:00:00 h p: x", "\xff\xfe", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		l := lookAt(line)
		got := set.Recognise(l)
		var want *Format
		for _, f := range set.List() {
			for i := range f.ways {
				w := f.ways[i]
				w.gate = gate{}
				if len(l.Line) > 0 && w.fits(l) && (want == nil || before(&w, &want.ways[0])) {
					want = f
				}
			}
		}
		// A start goes before all else, a search before what is only an expression.
		if (got == nil) != (want == nil) {
			t.Fatalf("%q: got %v, want %v", line, got, want)
		}
	})
}

// TestRecognise_Order: of several formats that fit a user's wins, then the one that asks for more, then the name: never the order of files.
func TestRecognise_Order(t *testing.T) {
	for _, c := range []struct {
		name, line string
		docs       []string
		want       string
	}{
		{"a longer start", "ABCD", []string{"a.log", "match: {starts: AB}", "b.log", "match: {starts: ABC}"}, "b.log"},
		{"the same start: by name", "ABCD", []string{"b.log", "match: {starts: AB}", "a.log", "match: {starts: AB}"}, "a.log"},
		{"a start goes before a text", "ABC with needle", []string{"a.log", "match: {contains: ['ABC with needle']}", "b.log", "match: {starts: AB}"}, "b.log"},
		{"more texts", "one two three", []string{"a.log", "match: {contains: [one]}", "b.log", "match: {contains: [[one, three]]}"}, "b.log"},
		{"a text and a look", "one two", []string{"a.log", "match: {contains: [one]}", "b.log", "match: {contains: [one], when: 'message endsWith \"two\"'}"}, "b.log"},
		{"a text goes before a look alone", "one two", []string{"a.log", "match: {when: 'message startsWith \"one\"'}", "b.log", "match: {contains: [two]}"}, "b.log"},
		{"the last is asked last", "one two", []string{"a.log", "match: {contains: [one], last: true}", "b.log", "match: {when: 'message startsWith \"one\"'}"}, "b.log"},
		{"a user's, though it asks for less", "one two three", []string{"a.log", "match: {contains: [[one, two, three]]}", "user:b.log", "match: {contains: [one]}"}, "b.log"},
		{"a user's of two that begin alike", "ABCD", []string{"a.log", "match: {starts: ABCD}", "user:b.log", "match: {starts: A}"}, "b.log"},
		{"all that is said must hold", "ABC", []string{"a.log", "match: {starts: ABC, contains: [xyz]}", "b.log", "match: {starts: A}"}, "b.log"},
		{"header: none looks at the whole record", "<13>ABC", []string{"a.log", "match: {starts: '<13>'}", "b.log", "header: none\nmatch: {starts: '<13>A'}"}, "b.log"},
		{"what only an input makes fits no message", "ABC", []string{"a.log", "match: {input: things}"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := formatsOf(t, c.docs...)
			for range 2 { // the second time from memory
				l := lookAt(c.line)
				got := ""
				if f := set.Recognise(l); f != nil {
					got = f.Dataset
				}
				if got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

// TestRecognise_Bound: what stands behind the first kilobyte does not count, what reaches to its end does.
func TestRecognise_Bound(t *testing.T) {
	set := formatsOf(t, "a.log", "header: none\nmatch: {contains: [needle]}")
	for n, want := range map[int]bool{0: true, maxLook - 6: true, maxLook - 5: false, maxLook: false, 5000: false} {
		line := strings.Repeat(".", n) + "needle"
		if got := set.Recognise(&Look{Line: line, Head: &header.Header{Message: line}}) != nil; got != want {
			t.Errorf("at byte %d: %v", n, got)
		}
	}
}

// TestLook_Values: all that `when` may look at.
func TestLook_Values(t *testing.T) {
	const line = `<13>1 2024-05-01T10:00:00Z web1 /usr/sbin/app 77 ID5 - text`
	for when, want := range map[string]bool{
		`message == "text"`: true, `_raw startsWith "<13>1"`: true, `log.syslog.hostname == "web1"`: true, `log.syslog.appname == "/usr/sbin/app"`: true, `log.syslog.procid == "77"`: true,
		`log.syslog.msgid == "ID5"`: true, `log.syslog.priority == 13`: true, `log.syslog.version == "1"`: true, `process.name == "/usr/sbin/app"`: true, `log.syslog.hostname == "web2"`: false, `process.name == nil`: false,
	} {
		set := formatsOf(t, "a.log", "match: {when: '"+when+"'}")
		if got := set.Recognise(lookAt(line)) != nil; got != want {
			t.Errorf("%s: %v", when, got)
		}
	}
	set := formatsOf(t, "a.log", "match: {when: 'log.syslog.hostname == nil and log.syslog.priority == nil and log.syslog.msgid == nil'}")
	if set.Recognise(lookAt("text alone")) == nil {
		t.Error("a header that is not there has values")
	}
}
