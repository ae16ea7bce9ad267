package query

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/fault"
)

func TestTree(t *testing.T) {
	q, err := Parse(`a.b: x* and not (c.d >= 5 or "free text") or e.f: *`)
	if err != nil {
		t.Fatal(err)
	}
	or := q.Root().(*Or)
	and := or.Nodes[0].(*And)
	term := and.Nodes[0].(*Term)
	if term.Field.Text != "a.b" || term.Value.Text != "x*" || !term.Value.Wild() || !slices.Equal(term.Value.Parts, []string{"x", ""}) {
		t.Errorf("%+v", term)
	}
	inner := and.Nodes[1].(*Not).Node.(*Or)
	if r := inner.Nodes[0].(*Range); r.Op != ">=" || r.Value.Text != "5" || r.Field.Col != 18 {
		t.Errorf("%+v", r)
	}
	if free := inner.Nodes[1].(*Term); free.Field.Text != "" || !free.Value.Quoted || free.Value.Text != "free text" {
		t.Errorf("%+v", free)
	}
	if e := or.Nodes[1].(*Exists); e.Field.Text != "e.f" {
		t.Errorf("%+v", e)
	}
}

// Whatever is typed, Parse answers; what it takes is printed so that it is read as the same, and matches the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`user.name: 김민수 and (source.ip: 203.0.113.5 or not x)`, `a:(b or "c d" and not e*)`, `@timestamp >= now-1d/d and port<5`, `dns.answers:{ data: x }`,
		`\and\: \u0041 "q\"\\\n" *`, `weir.data.*: "two words"`, `not not a or b`, `x:\ttab\t `, `((a) or b) c`, `"\u00e9" : "x" and a**b`, `source.ip: "2001:db8::/32"`,
		`message: foo* bar "`, `:`, `a: `, `()`, "a\xff", `and`, `labels.x:*y*z*`,
	} {
		f.Add(s)
	}
	e := decode(f, doc)
	empty := new(event.Event)
	f.Fuzz(func(t *testing.T, src string) {
		q, err := ParseAt(src, noon)
		if err != nil {
			if fe, ok := errors.AsType[*fault.Error](err); !ok || fe.Code != "kql-syntax" || fe.What == "" || fe.Do == "" || fe.Mark < 1 || fe.Width < 1 {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		text := q.String()
		again, err := ParseAt(text, noon)
		if err != nil {
			t.Fatalf("%q printed as %q: %v", src, text, err)
		}
		if again.String() != text {
			t.Fatalf("%q printed as %q, then as %q", src, text, again)
		}
		if q.Match(e) != again.Match(e) || q.Match(empty) != again.Match(empty) {
			t.Fatalf("%q and %q match differently", src, text)
		}
	})
}

// A literal is printed so that it is read back as it is, whatever it holds, as a value and as a name.
func TestLit_printed(t *testing.T) {
	texts := []string{"x", "two words", " lead", "trail ", "\ttab", "a\nb", `back\slash`, `q"uote`, "co:lon", "(group)", "{brace}", "<less>", "and", "OR", "not", "a and b", "android", "band",
		"st*ar", "*", "", "\u00a0", "김민수", "and ", " or", "not\tx", "\u3000and"}
	for _, text := range texts {
		for _, quoted := range []bool{false, true} {
			want := Lit{Text: text, Quoted: quoted || text == ""}
			n := &Term{Field: Lit{Text: "f"}, Value: want}
			if text != "" {
				n.Field.Text = text
			}
			var b strings.Builder
			n.appendTo(&b, precOr)
			p := parser{lex: lexer{src: b.String()}, now: noon}
			root, err := p.parse()
			if err != nil {
				t.Errorf("%q is printed as %s: %v", text, b.String(), err)
				continue
			}
			got, ok := root.(*Term)
			if !ok || got.Value.Text != want.Text || got.Value.Quoted != want.Quoted || got.Value.Wild() || got.Field.Text != n.Field.Text {
				t.Errorf("%q is printed as %s and read as %+v", text, b.String(), root)
			}
		}
	}
}

// Stars stand for any run of characters, held against regular expressions.
func TestGlobMatch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	word := func(letters string, n int) string {
		b := make([]byte, rnd.IntN(n))
		for i := range b {
			b[i] = letters[rnd.IntN(len(letters))]
		}
		return string(b)
	}
	hits := 0
	for range 4000 {
		parts := make([]string, 2+rnd.IntN(3))
		quoted := make([]string, len(parts))
		for i := range parts {
			parts[i] = word("ab", 4)
			quoted[i] = regexp.QuoteMeta(parts[i])
		}
		s := word("ab", 10)
		want := regexp.MustCompile("^" + strings.Join(quoted, ".*") + "$").MatchString(s)
		if globMatch(parts, s) != want {
			t.Fatalf("%q fits %q: %v", s, parts, !want)
		}
		if want {
			hits++
		}
	}
	if hits < 200 {
		t.Errorf("only %d fits: the strings test little", hits)
	}
}

// tree is a random condition, as a planner may build one and as no query was ever typed.
func tree(rnd *rand.Rand, depth int) Node {
	fields := []string{"user.name", "event.outcome", "a b", "and", "odd:name", "host*"}
	values := []string{"failure", "Kim Min", "or", "not", "*", "", " x ", "(1)", `"q"`, `back\slash`, "김민수", "203.0.113.0/24"}
	name := func() Lit { return Lit{Text: fields[rnd.IntN(len(fields))]} }
	value := func() Lit { return Lit{Text: values[rnd.IntN(len(values))], Quoted: rnd.IntN(2) == 0} }
	if depth == 0 {
		switch rnd.IntN(5) {
		case 0:
			return &Exists{Field: name()}
		case 1:
			return &All{}
		case 2:
			v := value()
			v.Quoted = v.Quoted || v.Text == ""
			return &Range{Field: name(), Op: []string{"<", "<=", ">", ">="}[rnd.IntN(4)], Value: v}
		}
		return &Term{Field: name(), Value: value()}
	}
	nodes := make([]Node, 2+rnd.IntN(2))
	for i := range nodes {
		nodes[i] = tree(rnd, rnd.IntN(depth))
	}
	switch rnd.IntN(4) {
	case 0:
		return &And{nodes}
	case 1:
		return &Or{nodes}
	case 2:
		return &Nested{Field: Lit{Text: "dns.answers"}, Node: tree(rnd, 0)}
	}
	return &Not{nodes[0]}
}

// shape is a tree without positions and without what a printer may choose: an and in an and is one, a text in quotes is
// the same text.
func shape(n Node) string {
	lit := func(l Lit) string { return strings.Join(append([]string{"lit"}, l.Parts...), "\x01") + "\x02" + l.Text }
	join := func(op string, nodes []Node) string {
		var parts []string
		for _, x := range nodes {
			if s, same := strings.CutPrefix(shape(x), op); same {
				parts = append(parts, strings.TrimSuffix(s, "\x03"))
			} else {
				parts = append(parts, shape(x))
			}
		}
		return op + strings.Join(parts, "\x04") + "\x03"
	}
	switch n := n.(type) {
	case *And:
		return join("and", n.Nodes)
	case *Or:
		return join("or", n.Nodes)
	case *Not:
		return "not[" + shape(n.Node) + "]"
	case *Nested:
		return "in[" + lit(n.Field) + shape(n.Node) + "]"
	case *Exists:
		return "exists[" + lit(n.Field) + "]"
	case *Range:
		return "range[" + lit(n.Field) + n.Op + lit(n.Value) + "]"
	case *Term:
		return "term[" + lit(n.Field) + lit(n.Value) + "]"
	}
	return "all"
}

// Any tree is printed so that it is read as the same tree: planners hand queries on as text.
func TestNode_printed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		n := tree(rnd, 4)
		var b strings.Builder
		n.appendTo(&b, precOr)
		p := parser{lex: lexer{src: b.String()}, now: noon}
		back, err := p.parse()
		if err != nil {
			t.Fatalf("%s: %v", b.String(), err)
		}
		if shape(back) != shape(n) {
			t.Fatalf("%s is read as another tree:\n%q\n%q", b.String(), shape(n), shape(back))
		}
	}
}

// keywordAt looks at whole words only.
func TestKeywordAt(t *testing.T) {
	for in, want := range map[string]string{
		"and": "and", "AND x": "and", "Or(": "or", "not\t": "not", "not\u3000": "not", "or:": "or",
		"android": "", "orx": "", "no": "", "": "", "notë": "", "and-or": "",
	} {
		if got := keywordAt(in); got != want {
			t.Errorf("%q begins with %q, want %q", in, got, want)
		}
	}
}
