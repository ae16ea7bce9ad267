package query

import (
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
			if fe, ok := err.(*fault.Error); !ok || fe.Code != "kql-syntax" || fe.What == "" || fe.Do == "" || fe.Mark < 1 || fe.Width < 1 {
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
