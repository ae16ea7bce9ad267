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
