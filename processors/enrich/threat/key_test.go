package threat

import (
	"bytes"
	"testing"
)

func TestAppendKey_Faults(t *testing.T) {
	for name, c := range map[string]Indicator{
		"empty":            {Kind: IP, Value: " "},
		"no address":       {Kind: IP, Value: "1.2.3"},
		"no network":       {Kind: CIDR, Value: "1.2.3.0"},
		"a name of a path": {Kind: Domain, Value: "a/b"},
		"a long name":      {Kind: Domain, Value: string(bytes.Repeat([]byte("a"), 300))},
		"no host":          {Kind: URL, Value: "http:///x"},
		"an odd hash":      {Kind: Hash, Value: "abc"},
		"no hexadecimal":   {Kind: Hash, Value: "zz1d8cd98f00b204e9800998ecf8427e"},
		"too long":         {Kind: URL, Value: string(bytes.Repeat([]byte("a"), 5000))},
		"no kind":          {Value: "x"},
	} {
		if key, err := appendKey(nil, c.Kind, c.Value); err == nil {
			t.Errorf("%s: key %q", name, key)
		}
	}
}

func TestGuess(t *testing.T) {
	for value, want := range map[string]Kind{
		"192.0.2.1": IP, "[2001:db8::1]": IP, "10.0.0.0/8": CIDR, "evil.example": Domain, "*.evil.example": Domain, "http://a.example/": URL,
		"a.example/x": URL, "d41d8cd98f00b204e9800998ecf8427e": Hash, "word": 0, "": 0,
	} {
		if got, _ := guess(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// A key written out and read again is the same key: what people see of an indicator can be looked up.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "10.1.2.3/8", "Evil.Example", "HTTPS://u:p@A.example:443/x#y", "d41d8cd98f00b204e9800998ecf8427e", "::1/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for k := IP; k <= Hash; k++ {
			key, err := appendKey(nil, k, s)
			if err != nil || len(key) == 0 {
				continue
			}
			shown := keyText(k, key)
			again, err := appendKey(nil, k, shown)
			if err != nil {
				continue // a URL may have a host that is odd without its scheme
			}
			if k != URL && !bytes.Equal(key, again) {
				t.Fatalf("kind %v: %q is %q, shown as %q, which is %q", k, s, key, shown, again)
			}
		}
	})
}
