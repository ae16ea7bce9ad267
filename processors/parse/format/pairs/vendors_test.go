package pairs

import (
	"slices"
	"strings"
	"testing"
)

// Lines in the manner of appliances, with the separators that their formats use.
func TestVendors(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		line string
		want []string
	}{
		{
			"firewall with escapes",
			Options{Quote: '"', Escape: '\\'},
			`logid="0100032002" user="eve \"x\"" ui="ssh(192.0.2.1)" msg="Administrator eve login failed: \\\\" sn=0`,
			[]string{"logid=0100032002", `user=eve "x"`, "ui=ssh(192.0.2.1)", `msg=Administrator eve login failed: \\`, "sn=0"},
		},
		{
			"gateway with colons",
			Options{Pairs: []string{"; ", ";"}, Values: []string{"::", ":"}, Quote: '"', Escape: '\\', Trim: " "},
			`action:"Drop"; time:"1714557600"; scheme::"IKE"; __tag:"a[b;c:d]"; empty:""; user:" "]`,
			[]string{"action=Drop", "time=1714557600", "scheme=IKE", "__tag=a[b;c:d]", "empty=", "user= "},
		},
		{
			"mail gateway with commas",
			Options{Pairs: []string{",", ", "}, Quote: '"', Trim: "' "},
			`date=2024-05-01,time=10:00:00.1,type=event,pri=debug, user=mail,,session_id='abc',msg="a, b=c"`,
			[]string{"date=2024-05-01", "time=10:00:00.1", "type=event", "pri=debug", "user=mail", "session_id=abc", "msg=a, b=c"},
		},
		{
			"firewall with values of several words",
			Options{Quote: '"', Lazy: true},
			`device="FW" category=Information Technology website=www.example.com url=http://h/a?b=c&d=e f=1 note=a = b`,
			[]string{"device=FW", "category=Information Technology", "website=www.example.com", "url=http://h/a?b=c&d=e", "f=1", "note=a = b"},
		},
		{
			"audit record",
			Options{Quote: '"'},
			`type=SYSCALL msg=audit(1714557600.123:42): arch=c000003e syscall=59 success=yes comm="sh" exe="/bin/sh" key=(null)`,
			[]string{"type=SYSCALL", "msg=audit(1714557600.123:42):", "arch=c000003e", "syscall=59", "success=yes", "comm=sh", "exe=/bin/sh", "key=(null)"},
		},
		{
			"tabs",
			Options{Pairs: []string{"\t"}},
			"a=1 2\tb=3\t\tc=",
			[]string{"a=1 2", "b=3", "c="},
		},
		{
			"bars, of which none is escaped",
			Options{Pairs: []string{"|"}, Values: []string{"="}},
			`a=1|b=x=y|c`,
			[]string{"a=1", "b=x=y"},
		},
		{
			"lines",
			Options{Pairs: []string{"\r\n", "\n"}, Values: []string{": "}},
			"From: a@example.com\r\nSubject: hello: world\n\nX-Y: z",
			[]string{"From=a@example.com", "Subject=hello: world", "X-Y=z"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := collect(t, c.o, c.line); !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// Long lines take time in proportion to their length, whatever is in them.
func TestLongLines(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		line string
	}{
		{"words without values", Options{}, strings.Repeat("word ", 100_000) + "a=1"},
		{"pairs", Options{Pairs: []string{"; ", ","}, Values: []string{"::", "="}}, strings.Repeat("a=1; ", 100_000)},
		{"one value of many words", Options{Lazy: true}, "a=" + strings.Repeat("word ", 100_000)},
		{"quotes that never end well", Options{Quote: '"'}, strings.Repeat(`a="x `, 100_000)},
		{"quotes with escapes", Options{Quote: '"', Escape: '\\'}, strings.Repeat(`a="x\`, 100_000)},
		{"doubled quotes", Options{Quote: '"'}, strings.Repeat(`a="x""`, 100_000)},
		{"separators of values alone", Options{Lazy: true}, "a=x y" + strings.Repeat("=", 300_000)},
		{"a key without an end", Options{Lazy: true}, "a=x " + strings.Repeat("a", 150_000) + strings.Repeat("=", 150_000)},
		{"quotes with a pattern", Options{PairsRegex: `\s*;\s*`, Quote: '"'}, strings.Repeat(`a="x" `, 20_000)},
		{"an open quote", Options{Quote: '"'}, `a="` + strings.Repeat(`x"y `, 100_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := collect(t, c.o, c.line); len(got) == 0 || strings.HasPrefix(got[0], "error") { // in time, or not at all
				t.Errorf("%d pairs, %.50q", len(got), got)
			}
		})
	}
}

func TestEachMakesNoGarbage(t *testing.T) {
	p, err := Compile(Options{Quote: '"', Escape: '\\', Trim: " ", Lazy: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	each := func(k, v string) bool { n += len(k) + len(v); return true }
	allocs := testing.AllocsPerRun(100, func() {
		if err := p.Each(`a=1 b="x y" c=several words d=`, each); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
