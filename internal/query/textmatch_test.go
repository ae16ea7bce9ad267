package query

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

func TestTextTester(t *testing.T) {
	const text = "Accepted publickey for Ünal from web-1.example.com; total 12,345 bytes"
	cases := []struct {
		name, value string
		want        bool
	}{
		{"word", "publickey", true},
		{"word with marks", "ÜNAL", true},
		{"one of several", "nothing publickey", true},
		{"dashes split", "web-1", true},
		{"joined name", "example.com", true},
		{"glob at the end", "pub*", true},
		{"glob with capitals", "ACC*ED", true},
		{"glob beyond ASCII", "ün*", true},
		{"glob and word, word hits", "zzz* bytes", true},
		{"word and glob, glob hits", "zzz byt*", true},
		{"glob apart from its neighbour", "zzz pub* yyy", true},
		{"glob is one token", "accepted*publickey", false},
		{"glob after a blank", "zzz *", true},
		{"none", "zzz yyy*", false},
		{"phrase", `"publickey for ünal"`, true},
		{"phrase over a number", `"total 12,345 bytes"`, true},
		{"phrase, wrong order", `"for publickey"`, false},
		{"phrase beyond the end", `"bytes more"`, false},
	}
	for _, c := range cases {
		q, err := Parse("message: " + c.value)
		if err != nil {
			t.Fatal(err)
		}
		var e event.Event
		e.SetStr(event.Message, text)
		if got := q.Match(&e); got != c.want {
			t.Errorf("%s: %s: %v", c.name, c.value, got)
		}
	}
}

// phraseIn and anyIn are what the testers promise, over slices.
func phraseIn(text, phrase []string) bool {
	for i := 0; len(phrase) > 0 && i+len(phrase) <= len(text); i++ {
		if slices.Equal(text[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

func anyIn(text, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(text, w) })
}

// Words and phrases are held against a plain search in the list of tokens.
func TestTextTester_oracle(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	vocabulary := []string{"failed", "Failed", "for", "root", "ROOT", "10.0.0.1", "김민수", "a", "!!", "x-y"}
	sentence := func(n int) string {
		words := make([]string, rnd.IntN(n))
		for i := range words {
			words[i] = vocabulary[rnd.IntN(len(vocabulary))]
		}
		return strings.Join(words, " ")
	}
	phrases, anys := 0, 0
	for range 3000 {
		text, value := sentence(8), sentence(4)
		tokens, words := foldedTokens(text), foldedTokens(value)
		v := event.Str(text)
		if got := newTextTester(Lit{Text: value, Quoted: true}).test(v); got != phraseIn(tokens, words) {
			t.Fatalf("%q in %q as a phrase: %v", value, text, got)
		} else if got {
			phrases++
		}
		if got := newTextTester(Lit{Text: value}).test(v); got != anyIn(tokens, words) {
			t.Fatalf("%q in %q as words: %v", value, text, got)
		} else if got {
			anys++
		}
	}
	if phrases < 100 || anys < 500 {
		t.Errorf("%d phrases and %d words hit: the sentences test little", phrases, anys)
	}
}

// A value with stars is cut at blanks: each piece is a glob or a list of words.
func TestTextTester_pieces(t *testing.T) {
	for _, c := range []struct {
		value string
		words []string
		globs [][]string
	}{
		{"fail*", nil, [][]string{{"fail", ""}}},
		{"*fail*ed", nil, [][]string{{"", "fail", "ed"}}},
		{"Fail* root", []string{"root"}, [][]string{{"fail", ""}}},
		{"root fail*", []string{"root"}, [][]string{{"fail", ""}}},
		{"a b* c d", []string{"a", "c", "d"}, [][]string{{"b", ""}}},
		{"a* *b", nil, [][]string{{"a", ""}, {"", "b"}}},
		{"web-1 x*", []string{"web", "1"}, [][]string{{"x", ""}}},
		{"* x", []string{"x"}, [][]string{{"", ""}}},
	} {
		q, err := Parse("message: " + c.value)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := newTextTester(q.Root().(*Term).Value).(wordsTester)
		if !ok || !slices.Equal(got.words, c.words) || !slices.EqualFunc(got.globs, c.globs, slices.Equal) {
			t.Errorf("%s is cut into %q and %q", c.value, got.words, got.globs)
		}
	}
}
