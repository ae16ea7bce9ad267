package ends

import (
	"strings"

	"weir/event"
)

// URL sets url.original and the parts that it has. It reads no escapes: what the log has is what the fields have.
func URL(e *event.Event, s string) {
	if s == "" {
		return
	}
	e.SetStr(event.URLOriginal, s)
	rest, hasHost := s, false
	if i := strings.Index(s, "://"); i > 0 && !strings.ContainsAny(s[:i], "/?# ") {
		e.Set(event.URLScheme, event.Str(s[:i]))
		rest, hasHost = s[i+3:], true
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		e.SetStr(event.URLFragment, rest[i+1:])
		rest = rest[:i]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		e.SetStr(event.URLQuery, rest[i+1:])
		rest = rest[:i]
	}
	if hasHost {
		host := rest
		rest = ""
		if i := strings.IndexByte(host, '/'); i >= 0 {
			host, rest = host[:i], host[i:]
		}
		urlHost(e, host)
	}
	// Without a scheme and a slash in front nobody can tell a host from a path.
	if rest == "" || rest[0] != '/' {
		return
	}
	e.Set(event.URLPath, event.Str(rest))
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	if i := strings.LastIndexByte(last, '.'); i > 0 {
		e.SetStr(event.URLExtension, last[i+1:])
	}
}

// urlHost sets user, host and port of a URL.
func urlHost(e *event.Event, host string) {
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, _, _ := strings.Cut(host[:i], ":")
		e.SetStr(event.URLUsername, user)
		host = host[i+1:]
	}
	// The colons of an address of version 6 stand inside brackets.
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 && Port(e, event.URLPort, host[i+1:]) {
		host = host[:i]
	}
	e.SetStr(event.URLDomain, host)
}
