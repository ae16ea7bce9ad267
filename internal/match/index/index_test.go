package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/fold"
	"weir/internal/match/naive"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// oracle takes what only match can run for true, which an index must allow for.
var oracle = naive.Env{InList: func(string, string) bool { return true }, Code: func(string, *event.Event) bool { return true }}

// Random conditions and events speak few words over few fields, so that they meet.
var (
	words = []string{"a", "b", "ab", "Ba", "k", "K", "\u212a", "s", "S", "\u017f", "\\", "/", "\\ab", "/b", "-", "\u2013", "\u2014", "\u00e9", "\u00c9", "\ud55c", " ", "abab", "kskS", "7", "", "\xff", "cmd.exe", "\\Cmd.exe", "\u041f\u0420", "\u043f\u0440", "Program Files", "program "}
	names = []string{"process.name", "process.executable", "process.args", "process.pid", "labels.k", "odd.path", "message", tree.Any}
	globs = []string{"*", "?", "*\\ab", "a*b", "?b*", "\\*a", "*a?b*", "ab", "*\\\\cmd.exe", "*/b", "*k*s*", "", "a\\", "*b\\?"}
	regs  = []string{"a", "ab+", "(?i)kS", "(ab|ba|k)s?", "[ab]b", "a.b", "^a", "b$", "(?i)[ks]ab", "a{2,}", "(?:ab)?k", ".*", "\u212a", "x|", "(a|b)(k|s)(a|7)", "\\\\ab", "(?i)cmd\\.exe", "[^a]b", "[ab]{8}", "(?i)[^k]{8,}x?", "[a-zA-Z\\x{212a}]{9}", "x[^-]{8}", "\\D{10}"}
)

func someText(rnd *rand.Rand) string {
	var b strings.Builder
	for range rnd.IntN(4) {
		b.WriteString(words[rnd.IntN(len(words))])
	}
	return b.String()
}

func someTest(rnd *rand.Rand) *tree.Node {
	if rnd.IntN(4) == 0 {
		test := naive.Random{R: rnd}.Test()
		return &tree.Node{Test: &test}
	}
	t := tree.Test{Kind: kind.Kind(rnd.IntN(int(kind.Code) + 1)), Field: names[rnd.IntN(len(names))], Fold: rnd.IntN(3) > 0}
	if (t.Kind == kind.Exists || t.Kind == kind.Absent) && t.Field == tree.Any {
		t.Field = "message"
	}
	for range rnd.IntN(3) + min(1, int(t.Kind)) {
		switch t.Kind {
		case kind.Glob:
			t.Values = append(t.Values, globs[rnd.IntN(len(globs))])
		case kind.Regex:
			t.Values = append(t.Values, regs[rnd.IntN(len(regs))])
		default:
			t.Values = append(t.Values, someText(rnd))
		}
	}
	if t.Kind == kind.Equal && rnd.IntN(8) == 0 {
		t.Form = form.Number
	}
	if t.Kind >= kind.Equal && t.Kind <= kind.EndsWith && t.Form == form.Plain && rnd.IntN(8) == 0 && t.Field != tree.Any {
		t.Other, t.Fold, t.Values = names[rnd.IntN(len(names)-1)], true, nil
	}
	return &tree.Node{Test: &t}
}

func someTree(rnd *rand.Rand, depth int) *tree.Node {
	if depth == 0 || rnd.IntN(3) == 0 {
		return someTest(rnd)
	}
	switch op := tree.Op(1 + rnd.IntN(3)); op {
	case tree.Not:
		return &tree.Node{Op: op, Kids: []*tree.Node{someTree(rnd, depth-1)}}
	default:
		n := &tree.Node{Op: op}
		for range rnd.IntN(4) {
			n.Kids = append(n.Kids, someTree(rnd, depth-1))
		}
		return n
	}
}

func someValue(rnd *rand.Rand, deep bool) event.Value {
	switch rnd.IntN(9) {
	case 0:
		return event.Num(int64(rnd.IntN(9)))
	case 1:
		return event.Nil()
	case 2:
		if !deep {
			return event.Items()
		}
		var list []event.Value
		for range rnd.IntN(4) {
			list = append(list, someValue(rnd, false))
		}
		return event.Items(list...)
	case 3:
		return event.Members(event.Str("k"), event.Str(someText(rnd)))
	}
	return event.Str(someText(rnd))
}

func someEvent(rnd *rand.Rand) *event.Event {
	e := new(event.Event)
	if rnd.IntN(2) == 0 {
		e = naive.Random{R: rnd}.Event()
	}
	for _, name := range names[:len(names)-1] {
		if rnd.IntN(3) > 0 {
			e.SetPath(name, someValue(rnd, true))
		}
	}
	return e
}

// check compares the index with the plainest way, and returns how many conditions held and how many were candidates.
func check(t *testing.T, ix *Index, trees []*tree.Node, v *fold.View) (held, found int) {
	t.Helper()
	candidates := map[int]bool{}
	last := -1
	ix.Each(v, func(i int) {
		if i <= last {
			t.Fatalf("%d after %d", i, last)
		}
		last = i
		candidates[i] = true
	})
	for i, n := range trees {
		if oracle.Holds(n, v.Event()) {
			held++
			if !candidates[i] {
				t.Fatalf("missed %s\non %s", show(n), v.Event().AppendJSON(nil))
			}
		}
	}
	return held, len(candidates)
}

func show(n *tree.Node) string {
	if n.Op == tree.Leaf {
		return fmt.Sprintf("%+v", *n.Test)
	}
	var kids []string
	for _, k := range n.Kids {
		kids = append(kids, show(k))
	}
	return fmt.Sprintf("%d(%s)", n.Op, strings.Join(kids, "; "))
}

// TestIndex_NeverMisses is the promise of the package, on random conditions and events.
func TestIndex_NeverMisses(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	held, found, all := 0, 0, 0
	var v fold.View // one for all, as a worker has it
	for range 120 {
		var trees []*tree.Node
		for range 1 + rnd.IntN(100) {
			trees = append(trees, someTree(rnd, 3))
		}
		ix := New(trees)
		for range 40 {
			v.Reset(someEvent(rnd))
			h, f := check(t, ix, trees, &v)
			held, found, all = held+h, found+f, all+len(trees)
		}
	}
	if held < 5_000 || found > all*3/4 {
		t.Errorf("%d held and %d were found of %d: the test says little", held, found, all)
	}
}

// FuzzIndex makes conditions and an event of a seed, and an event's text of the fuzzer's own.
func FuzzIndex(f *testing.F) {
	f.Add(uint64(1), "ab", "\\Cmd.exe")
	f.Add(uint64(2), "\u212as", "\xff\\ab")
	f.Add(uint64(0), "\xc7", "\x800") // half of a letter, found in a whole one by bytes
	f.Add(uint64(3), strings.Repeat("ab", 100), "C:\\Windows\\cmd.exe")
	f.Fuzz(func(t *testing.T, seed uint64, text, literal string) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		var trees []*tree.Node
		for i := range 20 {
			trees = append(trees, someTree(rnd, 2))
			kind := []kind.Kind{kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith}[i%4]
			trees = append(trees, &tree.Node{Test: &tree.Test{Kind: kind, Field: names[rnd.IntN(len(names))], Fold: i%3 > 0, Values: []string{literal, someText(rnd)}}})
		}
		e := someEvent(rnd)
		e.SetStr(event.ProcessName, text)
		e.SetStr(event.Message, text[len(text)/3:]+literal)
		var v fold.View
		v.Reset(e)
		check(t, New(trees), trees, &v)
	})
}

// TestIndex_LargeEvents: values of a megabyte and thousands of fields are found in like any others.
func TestIndex_LargeEvents(t *testing.T) {
	t.Parallel()
	var trees []*tree.Node
	for i := range 50 {
		for _, field := range []string{"message", tree.Any} {
			trees = append(trees, &tree.Node{Test: &tree.Test{Kind: kind.Contains, Field: field, Fold: true, Values: []string{fmt.Sprintf("needle-%d-", i)}}})
		}
	}
	ix := New(trees)
	e := new(event.Event)
	e.SetStr(event.Message, strings.Repeat("hay NEEDLE-", 1<<17)+"NEEDLE-7-")
	for i := range 10_000 {
		e.SetPath(fmt.Sprintf("strange%d.name", i), event.Str(fmt.Sprintf("needle %d", i)))
	}
	e.SetPath("strange9999.name", event.Strs("x", "a Needle-49-b"))
	var v fold.View
	v.Reset(e)
	var got []int
	ix.Each(&v, func(i int) { got = append(got, i) })
	if !slices.Equal(got, []int{14, 15, 99}) {
		t.Errorf("found %v", got)
	}
}

// ids returns what the index finds for an event.
func ids(ix *Index, v *fold.View) []int {
	var got []int
	ix.Each(v, func(i int) { got = append(got, i) })
	return got
}

func decode(t testing.TB, doc string) *event.Event {
	t.Helper()
	e := new(event.Event)
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestIndex(t *testing.T) {
	t.Parallel()
	ix := New([]*tree.Node{
		0:  leaf(kind.EndsWith, "process.executable", `\cmd.exe`),
		1:  leaf(kind.Equal, "event.code", "4625"),
		2:  leaf(kind.Contains, "process.command_line", "whoami"),
		3:  tree.NotOf(leaf(kind.Contains, "process.command_line", "whoami")),
		4:  leaf(kind.Contains, tree.Any, "mimikatz"),
		5:  leaf(kind.Equal, tree.Any, "exact words"),
		6:  leaf(kind.Exists, "labels.deep"),
		7:  leaf(kind.Equal, "labels.site", "seoul"),
		8:  leaf(kind.Contains, "wholly.unheard_of", "odd"),
		9:  leaf(kind.Exists, "user.name"),
		10: leaf(kind.EndsWith, tree.Any, `\evil.exe`),
		11: leaf(kind.Equal, "event.dataset", "windows.security"),
		12: tree.LeafOf(tree.Test{Kind: kind.Regex, Field: tree.Any, Values: []string{`[0-9]{12}`}}),
		13: leaf(kind.Contains, "event.dataset", "security"),
	})
	if got := fmt.Sprint(ix.Len(), ix.Always()); got != "14 [3]" {
		t.Error(got)
	}
	for _, tt := range []struct{ name, doc, want string }{
		{"an empty event", `{}`, "[3]"},
		{"the last part of a path", `{"process":{"executable":"C:\\Windows\\CMD.EXE"}}`, "[0 3]"},
		{"another slash", `{"process":{"executable":"/x/cmd.exe"}}`, "[0 3]"},
		{"a longer name", `{"process":{"executable":"C:\\xcmd.exe"}}`, "[3]"},
		{"a text in a value", `{"process":{"command_line":"x WhoAmI /all"}}`, "[2 3]"},
		{"the text in another field", `{"process":{"title":"whoami"}}`, "[3]"},
		{"a number as text", `{"event":{"code":4625}}`, "[1 3]"},
		{"one of several values", `{"event":{"code":["1","4625"]}}`, "[1 3]"},
		{"any value", `{"process":{"title":"MimiKatz"}}`, "[3 4]"},
		{"any value, in a field that others ask for", `{"process":{"command_line":"Mimikatz whoami"}}`, "[2 3 4]"},
		{"any value, of a field that no list knows", `{"strange":{"x":["mimikatz"]}}`, "[3 4]"},
		{"any value, deep in an object", `{"labels":{"a":{"b":[{"c":"mimikatz"}]}}}`, "[3 4]"},
		{"any value, letters that fold to ASCII", `{"message":"mimi\u212aatz"}`, "[3 4]"},
		{"any whole value", `{"message":"Exact Words"}`, "[3 5]"},
		{"any last part", `{"message":"c:\\evil.exe"}`, "[3 10]"},
		{"any row", `{"message":"x123456789012x"}`, "[3 12]"},
		{"what weir says of an event is no value of it", `{"weir":{"class":"mimikatz"},"event":{"dataset":"mimikatz"}}`, "[3]"},
		{"but may be asked for", `{"event":{"dataset":"windows.security"}}`, "[3 11 13]"},
		{"a key", `{"labels":{"site":"SEOUL"}}`, "[3 7]"},
		{"a key with keys", `{"labels":{"deep":{"x":1}}}`, "[3 6]"},
		{"a path that no list knows", `{"wholly":{"unheard_of":"so Odd"}}`, "[3 8]"},
		{"null is not there", `{"user":{"name":null}}`, "[3]"},
		{"an empty list is not there", `{"user":{"name":[null]}}`, "[3]"},
		{"an empty text is there", `{"user":{"name":""}}`, "[3 9]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v fold.View
			v.Reset(decode(t, tt.doc))
			for range 2 {
				if got := fmt.Sprint(ids(ix, &v)); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
}

// TestIndex_FieldsRegisteredLater: an event may have fields that came after the index.
func TestIndex_FieldsRegisteredLater(t *testing.T) {
	t.Parallel()
	for _, trees := range [][]*tree.Node{{leaf(kind.Contains, tree.Any, "keyword")}, {leaf(kind.Contains, "message", "keyword")}} {
		ix := New(trees)
		path := fmt.Sprintf("indextest.later%d.x", len(trees[0].Test.Field))
		if _, err := event.Register(ecs.Keyword, path); err != nil {
			t.Fatal(err)
		}
		e := new(event.Event)
		e.SetPath(path, event.Str("a Keyword"))
		var v fold.View
		v.Reset(e)
		if got := len(ids(ix, &v)); (got == 1) != (trees[0].Test.Field == tree.Any) {
			t.Errorf("%s: %d", trees[0].Test.Field, got)
		}
	}
}

// TestIndex_OneViewManyIndexes: what one index left in a view is none of another's business.
func TestIndex_OneViewManyIndexes(t *testing.T) {
	t.Parallel()
	var large []*tree.Node
	for i := range 1000 {
		large = append(large, leaf(kind.Contains, "message", fmt.Sprintf("word%d ", i)))
	}
	a, b, none := New(large), New([]*tree.Node{leaf(kind.Contains, "message", "word7 ")}), New(nil)
	var v fold.View
	v.Reset(decode(t, `{"message":"word999 word7 "}`))
	for range 3 {
		var got []string
		a.Each(&v, func(i int) {
			got = append(got, fmt.Sprint(i))
			b.Each(&v, func(j int) { got = append(got, fmt.Sprint("b", j)) })
		})
		none.Each(&v, func(int) { t.Error("found in nothing") })
		if fmt.Sprint(got) != "[7 b0 999 b0]" {
			t.Error(got)
		}
	}
}

// TestIndex_AllocatesNothing once a view has served an event or two.
func TestIndex_AllocatesNothing(t *testing.T) {
	var trees []*tree.Node
	for i := range 500 {
		trees = append(trees, leaf(kind.Contains, names[i%len(names)], fmt.Sprintf("needle%d", i)), leaf(kind.EndsWith, "process.executable", fmt.Sprintf(`\tool%d.exe`, i)))
	}
	ix := New(trees)
	e := decode(t, `{"process":{"executable":"C:\\Windows\\tool7.exe","command_line":"needle3 \u00e9tat","pid":7,"args":["a",5]},"labels":{"k":"Needle11"},"odd":{"path":"x"},"strange":{"y":1}}`)
	var v fold.View
	n := 0
	if got := testing.AllocsPerRun(50, func() {
		v.Reset(e)
		ix.Each(&v, func(int) { n++ })
	}); got != 0 || n == 0 {
		t.Errorf("%v allocations, %d found", got, n)
	}
}
