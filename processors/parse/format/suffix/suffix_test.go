package suffix

import (
	"strings"
	"testing"
)

func TestParts(t *testing.T) {
	for _, c := range []struct{ name, sub, registered, top string }{
		{"www.example.com", "www", "example.com", "com"},
		{"a.b.example.co.uk", "a.b", "example.co.uk", "co.uk"},
		{"example.com.", "", "example.com", "com"},
		{"WWW.Example.COM", "WWW", "Example.COM", "COM"},
		{"co.uk", "", "", "co.uk"},
		{"www.ck", "", "www.ck", "ck"},                                 // an exception of *.ck
		{"a.shop.ck", "", "a.shop.ck", "shop.ck"},                      // *.ck
		{"x.city.kawasaki.jp", "x", "city.kawasaki.jp", "kawasaki.jp"}, // likewise
		{"d1.cloudfront.net", "d1", "cloudfront.net", "net"},           // a company's, no registry's
		{"host.nosuchtld", "", "host.nosuchtld", "nosuchtld"},
		{"예시.한국", "", "예시.한국", "한국"},
		{"xn--abc.xn--3e0b707e", "", "xn--abc.xn--3e0b707e", "xn--3e0b707e"},
		{"localhost", "", "", ""}, {"192.0.2.1", "", "", ""}, {"2001:db8::1", "", "", ""}, {"", "", "", ""}, {".", "", "", ""}, {".com", "", "", ""}, {"a..com", "", "", ""},
		{strings.Repeat("a.", 200) + "com", "", "", ""},
	} {
		if sub, registered, top := Parts(c.name); sub != c.sub || registered != c.registered || top != c.top {
			t.Errorf("%s: got %q %q %q", c.name, sub, registered, top)
		}
	}
}

// FuzzParts: what comes is the name again, part by part.
func FuzzParts(f *testing.F) {
	for _, s := range []string{"www.example.co.uk", "a.b", "x.ck", "..", "1.2.3.4", "a.\u212a.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		sub, registered, top := Parts(name)
		plain := strings.TrimSuffix(name, ".")
		if registered != "" && !strings.HasSuffix(registered, "."+top) || registered == "" && top != "" && top != plain {
			t.Fatalf("%q: %q %q %q", name, sub, registered, top)
		}
		if sub != "" && sub+"."+registered != plain || sub == "" && registered != "" && registered != plain {
			t.Fatalf("%q: %q %q %q", name, sub, registered, top)
		}
	})
}

func BenchmarkParts(b *testing.B) {
	Parts("a.b")
	b.ReportAllocs()
	for b.Loop() {
		Parts("www.shop.example.co.uk")
	}
}
