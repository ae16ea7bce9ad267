package expression

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
)

// call evaluates one function on one text.
func call(tb testing.TB, name, arg string) event.Value {
	tb.Helper()
	p, err := Compile(name+"(_a)", func(string) (int, error) { return 0, nil })
	if err != nil {
		tb.Fatal(err)
	}
	return p.Eval(slots{event.Str(arg)})
}

// FuzzDecoders holds the functions that read texts of senders: what they make is valid UTF-8 of no more than the room that the
// text had, and what was written by the function's opposite is read again.
func FuzzDecoders(f *testing.F) {
	for _, s := range []string{"", "abc", "%41+%zz", `\u00e4\x41\n\ud83d\ude00\`, "aGk_Pg", "0x6c73", "[::1]:443", "1d 2h 3m", "P1DT2H3.5S", "1:02:03.5", "GetHTTPServer", `C:\a\b.c`, "00:1a:2b:3c:4d:5e", "\xff\xfe", "a,b ,c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<12 {
			return
		}
		for _, name := range []string{"urldecode", "unescape", "unbase64", "unhex"} {
			got := call(t, name, s)
			if got.Kind() == event.String && got.Str() != s && (!utf8.ValidString(got.Str()) || len(got.Str()) > 3*len(s)) {
				t.Fatalf("%s(%q): %q", name, s, got.Str())
			}
		}
		// Zeros become blanks, so texts with them are not read again as they were.
		if utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
			for name, written := range map[string]string{"unbase64": base64.StdEncoding.EncodeToString([]byte(s)), "unhex": hex.EncodeToString([]byte(s)), "urldecode": url.QueryEscape(s)} {
				if got := call(t, name, written); got.Str() != s {
					t.Fatalf("%s(%q): %q, want %q", name, written, got.Str(), s)
				}
			}
			quoted, err := json.Marshal(s)
			if got := call(t, "unescape", strings.Trim(string(quoted), `"`)); err == nil && !strings.ContainsAny(s, "\"\\") && got.Str() != s {
				t.Fatalf("unescape(%s): %q", quoted, got.Str())
			}
		}
		if got := call(t, "ip", s); got.Kind() == event.String {
			if _, err := netip.ParseAddr(got.Str()); err != nil {
				t.Fatalf("ip(%q): %v", s, err)
			}
		}
		if got := call(t, "port_of", s); got.Kind() == event.Int && (got.Int() < 0 || got.Int() > 65535 || !strings.Contains(s, ":")) {
			t.Fatalf("port_of(%q): %d", s, got.Int())
		}
		if got := call(t, "mac", s); got.Kind() == event.String && len(got.Str()) != 17 && len(got.Str()) != 23 {
			t.Fatalf("mac(%q): %s", s, got.Str())
		}
		if got := call(t, "duration", s); got.Kind() != event.Absent && got.Float() < 0 && !strings.HasPrefix(strings.TrimSpace(s), "-") {
			t.Fatalf("duration(%q): %s", s, spell(got))
		}
		if dir, base := call(t, "dirname", s).Str(), call(t, "basename", s).Str(); !strings.HasPrefix(s, dir) || !strings.Contains(s, base) || strings.ContainsAny(base, `/\`) {
			t.Fatalf("%q is %q and %q", s, dir, base)
		}
		if got := call(t, "snake", s).Str(); utf8.ValidString(s) && (strings.HasSuffix(got, "_") || strings.ContainsAny(got, " .-") || call(t, "snake", got).Str() != got) {
			t.Fatalf("snake(%q): %q, again %q", s, got, call(t, "snake", got).Str())
		}
	})
}
