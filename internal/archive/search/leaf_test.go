package search

import (
	"math/rand/v2"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// leafOf returns the one condition of a query.
func leafOf(t testing.TB, src string) *leaf {
	t.Helper()
	l, ok := NewPlan(parse(t, src)).root.(*leaf)
	if !ok {
		t.Fatalf("%s is not one condition: %T", src, NewPlan(parse(t, src)).root)
	}
	return l
}

// A condition that is written again means the same: its own query reads back to the same literals.
func TestLeaf_WrittenAgain(t *testing.T) {
	sources := []string{
		"a", "A b c", `"a \" b \\ c"`, `user.name: "x\ty\nz"`, "user.name: a*b*", "*a", "a*", "user.name: \\and", "\\*",
		"user.name: \\*", "user.name: 김민수", "message: \u00e9t\u00e9", "*.ip: 10.0.0.1", "us*r.na*: x*y", "user.name: a\\u0020b", `message: ""`,
		"source.port >= 5", "user.name > \"a b\"", "labels.x-y: 7", "user.name: *", "custom.*: *", "(x)", "user.name: \\(x\\)", "user.name: a\\u00a0b", "😀",
	}
	for _, src := range sources {
		root := parse(t, src).Root()
		n, ok := plan(root).(*leaf)
		if !ok {
			t.Errorf("%s: %T", src, plan(root))
			continue
		}
		if got, want := n.q.String(), parse(t, src).String(); got != want {
			t.Errorf("%s: written again as %s, want %s", src, got, want)
		}
	}
}

func FuzzLeaf_WrittenAgain(f *testing.F) {
	for _, s := range []string{"a", "and", "or x", "a*b", `\*`, "x y", "\t", "é", "\"", `\u0041`, "{}:<>"} {
		f.Add(s, s, true)
		f.Add(s, s, false)
	}
	f.Fuzz(func(t *testing.T, name, value string, quoted bool) {
		if strings.TrimSpace(value) == "" || strings.ToValidUTF8(name+value, "") != name+value || len(name)+len(value) > 500 {
			return
		}
		lit := query.Lit{Text: value, Quoted: quoted}
		src := lit.Source()
		if name != "" {
			src = query.Lit{Text: name}.Source() + ": " + src
		}
		q, err := query.Parse(src)
		if err != nil {
			if name == "" {
				t.Fatalf("%q is written as %s: %v", value, src, err)
			}
			return // the field cannot have the value
		}
		term, ok := q.Root().(*query.Term)
		if !ok || term.Value.Text != value || term.Value.Wild() || term.Value.Quoted != quoted || term.Field.Text != name {
			t.Fatalf("%q: %q is written as %s and read as %#v", name, value, src, q.Root())
		}
	})
}

func TestLeaf_Reads(t *testing.T) {
	col := func(f event.Field) *column.Column {
		k, _ := column.KindOf(column.ID(f))
		return &column.Column{ID: column.ID(f), Name: f.Path(), Kind: k}
	}
	rest := &column.Column{ID: column.Rest, Name: column.RestName, Kind: column.Text}
	cases := []struct {
		src  string
		c    *column.Column
		want bool
	}{
		{"user.name: x", col(event.UserName), true}, {"user.name: x", col(event.UserID), false}, {"user.name: x", rest, true},
		{"user: *", col(event.UserName), true}, {"use: *", col(event.UserName), false}, {"user.*: x", col(event.UserName), true}, {"*: x", col(event.UserName), true},
		{"x", col(event.UserName), true}, {"x", col(event.Message), true}, {"x", col(event.SourcePort), true}, {"x", col(event.SourceIP), true},
		{"x", col(event.Timestamp), false}, {"x", col(event.EventOriginal), false}, {"x", col(event.WeirOriginalBase64), false}, {"x", rest, true},
		{"x", &column.Column{ID: column.Head, Name: column.HeadName}, false}, {"x", &column.Column{ID: column.Unknown, Name: "a.b", Kind: column.Time}, true},
	}
	for _, c := range cases {
		if got := leafOf(t, c.src).reads(c.c); got != c.want {
			t.Errorf("%s reads %s: %v", c.src, c.c.Name, got)
		}
	}
}

func TestLeaf_DatesAreLeftToTheQuery(t *testing.T) {
	for src, want := range map[string]bool{
		"@timestamp: 2026-11-21": true, "@timestamp > now-1h": true, "event.*: 2026-11-21": true, "user.name: 2026-11-21": false,
		"2026-11-21": false, "@timestamp: *": false, "weir.data.when: 2026-11-21": false,
	} {
		if got := leafOf(t, src).dated; got != want {
			t.Errorf("%s: %v", src, got)
		}
	}
}

// Each distinct value is asked about once, however many rows have it.
func TestLeaf_OneQuestionAValue(t *testing.T) {
	c := &column.Column{ID: column.ID(event.UserName), Kind: column.Key, Name: "user.name", Strs: []string{"root", "kim", "never used"}}
	for range 5000 {
		c.Codes = append(c.Codes, uint32(rand.IntN(3)))
	}
	tt := tester{l: leafOf(t, "user.name: root"), c: c, known: make([]uint8, 3)}
	hits := 0
	for row := range 5000 {
		if code := c.Code(row); code != 0 && tt.test(code) {
			hits++
		}
	}
	want := 0
	for _, code := range c.Codes {
		if code == 1 {
			want++
		}
	}
	if hits != want || tt.known[0] != 2 || tt.known[1] != 1 || tt.known[2] != 0 {
		t.Errorf("%d hits, want %d; known %v", hits, want, tt.known)
	}
}

// Networks are compared as numbers where that is possible, and with the same answer as the query's everywhere.
func TestEntries_Networks(t *testing.T) {
	c := &column.Column{ID: column.ID(event.SourceIP), Kind: column.Key, Name: event.SourceIP.Path(), Strs: []string{
		"10.20.3.4", "10.20.255.255", "10.21.0.0", "::ffff:10.20.3.4", "10.20.03.4", "10.20.3", "255.255.255.255", "0.0.0.0", "", "no address", "2001:db8::1", "fe80::1%eth0", "10.20.3.400",
	}}
	rows := column.NewBits(len(c.Strs))
	for i := range c.Strs {
		c.Codes = append(c.Codes, uint32(i+1))
		rows.Set(i)
	}
	for _, src := range []string{
		"source.ip: 10.20.0.0/16", "source.ip: 10.20.3.4/16", `source.ip: "10.20.3.0/24"`, "source.ip: 0.0.0.0/0", "source.ip: 10.20.3.4/32", "source.ip: 10.20.*", "source.*: 10.20.0.0/15",
		"source.ip: \"2001:db8::/32\"", "source.ip: \"::ffff:10.20.0.0/112\"", "10.20.0.0/16", "source.ip: 10.20.3.4", "source.ip >= 10.20.3.4",
	} {
		l := leafOf(t, src)
		got := l.entries(&reach{}, c, rows)
		for i, s := range c.Strs {
			var e event.Event
			e.Set(event.SourceIP, event.Str(s))
			if want := l.q.Match(&e); got.Has(i) != want {
				t.Errorf("%s: %q is %v, want %v", src, s, got.Has(i), want)
			}
		}
	}
}
