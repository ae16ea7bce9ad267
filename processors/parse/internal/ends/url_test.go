package ends

import (
	"strings"
	"testing"

	"weir/event"
)

func TestURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"http://h.example/a/b.html?x=1#f", `{"url":{"domain":"h.example","extension":"html","fragment":"f","original":"http://h.example/a/b.html?x=1#f","path":"/a/b.html","query":"x=1","scheme":"http"}}`},
		{"https://h.example", `{"url":{"domain":"h.example","original":"https://h.example","scheme":"https"}}`},
		{"https://u:p@h.example:8443/", `{"url":{"domain":"h.example","original":"https://u:p@h.example:8443/","path":"/","port":8443,"scheme":"https","username":"u"}}`},
		{"http://[2001:db8::1]:80/x", `{"url":{"domain":"[2001:db8::1]","original":"http://[2001:db8::1]:80/x","path":"/x","port":80,"scheme":"http"}}`},
		{"http://[2001:db8::1]/", `{"url":{"domain":"[2001:db8::1]","original":"http://[2001:db8::1]/","path":"/","scheme":"http"}}`},
		{"/only/path.tar.gz", `{"url":{"extension":"gz","original":"/only/path.tar.gz","path":"/only/path.tar.gz"}}`},
		{"/.hidden", `{"url":{"original":"/.hidden","path":"/.hidden"}}`},
		{"h.example/x", `{"url":{"original":"h.example/x"}}`},
		{"/r?u=http://other", `{"url":{"original":"/r?u=http://other","path":"/r","query":"u=http://other"}}`},
		{"", `{}`},
	}
	for _, tt := range tests {
		var e event.Event
		URL(&e, tt.in)
		if got := string(e.AppendJSON(nil)); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// FuzzURL: the parts are parts of what the log has, and the whole stays as it came.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://h.example/a?b=c#d", "https://u:p@h:1/x.y", "//x", "://", "a://b://c", "/%20 x", "http://[::1]:80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e event.Event
		URL(&e, s)
		if e.Str(event.URLOriginal) != s {
			t.Fatalf("%q became %q", s, e.Str(event.URLOriginal))
		}
		e.Each(func(f event.Field, v event.Value) bool {
			if !strings.Contains(s, v.Text()) && f != event.URLPort { // a port may have leading zeros
				t.Errorf("%q: %s is %q", s, f, v.Text())
			}
			return true
		})
	})
}
