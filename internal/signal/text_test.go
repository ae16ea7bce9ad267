package signal

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestQuoted(t *testing.T) {
	cases := []struct {
		name, in string
		n        int
		escapes  bool
	}{
		{"empty", `"`, 0, false},
		{"short", `abc"d`, 3, false},
		{"eight", `abcdefgh"`, 8, false},
		{"longer", `abcdefghijk"`, 11, false},
		{"no end", `abcdefghijk`, -1, false},
		{"escaped end", `abc\"`, -1, false},
		{"escape at the very end", `abc\`, -1, false},
		{"escapes", `abcdefg\"hijklmnop"`, 18, true},
		{"two of them", `\\\\"`, 4, true},
		{"control", "abcdefgh\x1f\"", -1, false},
		{"control behind an escape", "\\\x1f\"", -1, false},
		{"Korean", `김민수입니다"`, 18, false},
		{"half a character", "김민수\xea\xb9\"", -1, false},
		{"half a character behind the eighth", "abcdefgh\xea\"", -1, false},
		{"a quote behind high bytes", "\xff\xff\xff\"", -1, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if n, escapes := quoted(c.in); n != c.n || n >= 0 && escapes != c.escapes {
				t.Errorf("%d, %v", n, escapes)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for _, raw := range []string{``, `a`, `\"\\\/\b\f\n\r\t`, `x\u0041y\uFFfd`, `\u0000`, `\ud83d\ude00`, `\ud83d`, `\u12`, `\u12g4`, `\x`, `\`, `tail\u`} {
		var want string
		err := json.Unmarshal([]byte(`"`+raw+`"`), &want)
		got, ok := unescape(nil, raw)
		if ok != plainEscapes(raw) {
			t.Errorf("%s: unescape %v, plainEscapes %v", raw, ok, !ok)
		}
		if ok && (err != nil || string(got) != want) {
			t.Errorf("%s is %q, want %q, %v", raw, got, want, err)
		}
		if !ok && err == nil && !strings.Contains(raw, `\ud`) {
			t.Errorf("%s was not read", raw)
		}
	}
}

// Every text that the library reads the same is found to end where it ends.
func FuzzQuoted(f *testing.F) {
	f.Add("abc\\\"def")
	f.Add("김민수")
	f.Fuzz(func(t *testing.T, s string) {
		n, escapes := quoted(s + `"`)
		if n != len(s) || escapes && !plainEscapes(s) {
			return
		}
		var want string
		if err := json.Unmarshal([]byte(`"`+s+`"`), &want); err != nil {
			t.Fatalf("%q is no text: %v", s, err)
		}
		if got := plain(s, escapes); got != want {
			t.Fatalf("%q is %q, want %q", s, got, want)
		}
	})
}
