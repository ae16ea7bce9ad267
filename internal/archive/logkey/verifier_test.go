package logkey

import (
	"strings"
	"testing"
)

func TestParseVerifier(t *testing.T) {
	v := newRing(t).Verifier()
	name, rest, _ := strings.Cut(v, "+")
	hash, key, _ := strings.Cut(rest, "+")
	for _, in := range []string{v, v + "\n", "\n  " + v + "\r\n", "# of the office\n" + v, name + "+" + strings.ToUpper(hash) + "+" + key} {
		if got, err := ParseVerifier(in); err != nil || got != v {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{"", "# only\n", v + "\n" + v, v[:len(v)-4], "PRIVATE+KEY+" + v, "a+b", name + "+00000000+" + key} {
		if got, err := ParseVerifier(in); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
	if Fingerprint(v) != hash || Fingerprint("x") != "" {
		t.Errorf("fingerprint %s", Fingerprint(v))
	}
}

func FuzzParseVerifier(f *testing.F) {
	f.Add("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
	f.Add("# x\n a+1+b ")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVerifier(s)
		if err != nil {
			return
		}
		if again, err := ParseVerifier(v); err != nil || again != v {
			t.Fatalf("%q -> %q -> %q %v", s, v, again, err)
		}
	})
}
