package query

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTokens(t *testing.T) {
	cases := []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"words", "Failed password, for  root!", []string{"Failed", "password", "for", "root"}},
		{"address", "from 203.0.113.5:22", []string{"from", "203.0.113.5", "22"}},
		{"host", "web-1.example.com", []string{"web", "1", "example.com"}},
		{"end of a sentence", "done. Next", []string{"done", "Next"}},
		{"apostrophe", "can't 'quote'", []string{"can't", "quote"}},
		{"numbers", "1,234.5 1, 2", []string{"1,234.5", "1", "2"}},
		{"comma between letters", "a,b", []string{"a", "b"}},
		{"underscore", "user_name _x_ __ _", []string{"user_name", "_x_"}},
		{"colon separates", "user:alice k=v", []string{"user", "alice", "k", "v"}},
		{"path", "/var/log/x.log C:\\Windows", []string{"var", "log", "x.log", "C", "Windows"}},
		{"two points", "a..b", []string{"a", "b"}},
		{"korean", "김민수님 로그인", []string{"김민수님", "로그인"}},
		{"han", "日本語abc", []string{"日", "本", "語", "abc"}},
		{"katakana", "アカウントabc", []string{"アカウント", "abc"}},
		{"marks", "e\u0301te\u0301", []string{"e\u0301te\u0301"}},
		{"not utf-8", "ab\xffcd", []string{"ab", "cd"}},
		{"emoji", "ok👍ok", []string{"ok", "ok"}},
		{"long", strings.Repeat("a", 300), []string{strings.Repeat("a", 255), strings.Repeat("a", 45)}},
	}
	for _, c := range cases {
		if got := slices.Collect(Tokens(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for range Tokens("a b c") {
		break // ends the walk
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"": "", "AbC1": "abc1", "ÄÖ": "äö", "ΣΑ": "σα", "İ": "i", "김": "김"} {
		if got := string(Fold(nil, in)); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
		if !sameToken(in, want) || sameToken(in+"x", want) || sameToken(in, want+"x") {
			t.Errorf("%q and %q: sameToken does not agree with Fold", in, want)
		}
	}
}

// Tokens are parts of the text in order, never empty, bounded, and each is one token by itself.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"Failed password for root", "a.b,c'd_e 1.2", "日本語カタカナ\u0301", "\xff_\x00.", strings.Repeat("x.", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rest := s
		for tok := range Tokens(s) {
			i := strings.Index(rest, tok)
			if tok == "" || i < 0 || utf8.RuneCountInString(tok) > maxToken {
				t.Fatalf("%q has the token %q", s, tok)
			}
			rest = rest[i+len(tok):]
			if again := slices.Collect(Tokens(tok)); len(again) != 1 || again[0] != tok {
				t.Fatalf("the token %q is %q by itself", tok, again)
			}
			if !sameToken(tok, string(Fold(nil, tok))) {
				t.Fatalf("%q is not its fold", tok)
			}
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	const line = "Failed password for invalid user admin from 203.0.113.5 port 40122 ssh2 (web-1.example.com)"
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		n := 0
		for range Tokens(line) {
			n++
		}
	}
}

// Where a token ends between two characters, for each pair of kinds (UAX 29, rules 5 to 13).
func TestTokens_pairs(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"letter and digit join", "ab12", "ab12"},
		{"letter of another script joins", "abπж", "abπж"},
		{"hangul joins latin", "김abc", "김abc"},
		{"katakana does not join latin", "カabc", "カ|abc"},
		{"katakana does not join digits", "1カ", "1|カ"},
		{"katakana with its long mark", "サーバー", "サーバー"},
		{"underscore joins katakana", "カ_1", "カ_1"},
		{"hiragana stands alone", "ひら", "ひ|ら"},
		{"han with a mark", "日\u0301本", "日\u0301|本"},
		{"point between letters", "a.b", "a.b"},
		{"point between digits", "1.2", "1.2"},
		{"point between letter and digit", "a.1", "a|1"},
		{"point at the end", "a.", "a"},
		{"comma between digits", "1,2", "1,2"},
		{"semicolon between digits", "1;2", "1;2"},
		{"semicolon between letters", "a;b", "a|b"},
		{"apostrophe", "o'neill", "o'neill"},
		{"typographic apostrophe", "o’neill", "o’neill"},
		{"apostrophe between digits", "1'2", "1'2"},
		{"point after an underscore", "a_.b", "a_|b"},
		{"point before a mark", "a.\u0301b", "a|b"},
		{"hyphen separates", "web-1", "web|1"},
		{"slash separates", "a/b", "a|b"},
		{"at separates", "kim@example.com", "kim|example.com"},
		{"equals separates", "user=root", "user|root"},
		{"full-width digits", "１２", "１２"},
		{"full-width point", "１．２", "１．２"},
		{"zero-width joiner extends", "a\u200db", "a\u200db"},
		{"roman numeral is a letter", "Ⅷx", "Ⅷx"},
		{"undertie joins", "a‿b", "a‿b"},
		{"arabic digits", "٣٤", "٣٤"},
	} {
		if got := strings.Join(slices.Collect(Tokens(c.in)), "|"); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// A text cut at a blank has the tokens of its two halves: nothing reaches over a blank.
func TestTokens_halves(t *testing.T) {
	pieces := []string{"Failed password", "203.0.113.5:22", "김민수님", "カタ", "a_b.", "'x'", "1,234.", "日本", strings.Repeat("long", 100), "\xff", "__"}
	for _, a := range pieces {
		for _, b := range pieces {
			want := append(slices.Collect(Tokens(a)), slices.Collect(Tokens(b))...)
			if got := slices.Collect(Tokens(a + " " + b)); !slices.Equal(got, want) {
				t.Errorf("%q: %q, want %q", a+" "+b, got, want)
			}
		}
	}
}

// A token is cut after 255 characters, however many bytes those have, and the rest is a token again.
func TestTokens_cut(t *testing.T) {
	for _, letter := range []string{"a", "é", "김"} {
		got := slices.Collect(Tokens(strings.Repeat(letter, 2*maxToken+1)))
		if len(got) != 3 || utf8.RuneCountInString(got[0]) != maxToken || utf8.RuneCountInString(got[1]) != maxToken || got[2] != letter {
			t.Errorf("%s: %d tokens", letter, len(got))
		}
	}
}
