package httpout

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/template"
)

// Address is the address of a server, which may have places for values and may be a secret in whole.
type Address struct {
	template *template.Template
	// Secrets are the parts of it that nothing may show.
	Secrets []string
}

// NewAddress reads an address of the configuration. more are names that its template may use beside
// those of messages.
func NewAddress(d channel.Deps, key string, written unit.Secret, more ...string) (*Address, error) {
	if written == "" {
		return nil, channel.Bad(key, "is missing", "give the address: https://host/path")
	}
	text, err := d.Reveal(key, written)
	if err != nil {
		return nil, err
	}
	t, err := template.Parse(key, text, more...)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(t.Fill(func(string) string { return "x" }, template.Plain))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, channel.Bad(key, "is no address of HTTP", "write it as https://host/path")
	}
	if before, _, ok := strings.Cut(text, "{{"); ok && strings.Count(before, "/") < 3 {
		return nil, channel.Bad(key, "has a value of an alert in the name of its host", "write the host; values may stand in path and query")
	}
	return &Address{t, hidden(u, text)}, nil
}

// hidden are the parts of an address that may be secrets: password, long parts of the path, values of
// the query. An address that is written out in notify.yaml is treated alike: tokens stand there more
// often than they should.
func hidden(u *url.URL, whole string) []string {
	out := []string{whole}
	if u.User != nil {
		if password, ok := u.User.Password(); ok {
			out = append(out, password)
		}
	}
	const longToken, longValue = 10, 6 // letters: of a path, rather a token than a word; of a query, not yes or no
	for segment := range strings.SplitSeq(u.Path, "/") {
		if len(segment) >= longToken {
			out = append(out, segment)
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= longValue {
				out = append(out, v)
			}
		}
	}
	return out
}

// Fill returns the address with its values.
func (a *Address) Fill(values template.Values) string { return a.template.Fill(values, place) }

// place escapes a value. One that is "." or ".." becomes "-": between slashes it would lead to another
// place, also as %2E, which means the same.
func place(s string) string {
	if s == "." || s == ".." {
		return "-"
	}
	return template.URL(s)
}

// Headers are headers of the configuration. Their values may be secrets and may have places for values.
type Headers struct {
	templates map[string]*template.Template
	// Secrets are the values that were not written out.
	Secrets []string
}

// NewHeaders reads headers of the configuration.
func NewHeaders(d channel.Deps, key string, written map[string]unit.Secret, more ...string) (*Headers, error) {
	h := &Headers{templates: map[string]*template.Template{}}
	for name, secret := range written {
		at := key + "." + name
		if !token(name) {
			return nil, channel.Bad(at, "is no name of a header", "use letters, digits and -")
		}
		text, err := d.Reveal(at, secret)
		if err != nil {
			return nil, err
		}
		if h.templates[http.CanonicalHeaderKey(name)], err = template.Parse(at, text, more...); err != nil {
			return nil, err
		}
		h.Secrets = append(h.Secrets, text)
		if _, credential, ok := strings.Cut(text, " "); ok { // Bearer X
			h.Secrets = append(h.Secrets, credential)
		}
	}
	return h, nil
}

// Fill returns the headers with their values.
func (h *Headers) Fill(values template.Values) http.Header {
	out := http.Header{}
	for name, t := range h.templates {
		out.Set(name, t.Fill(values, template.Header))
	}
	return out
}

// token tells whether a text can be the name of a header.
func token(s string) bool {
	for _, r := range s {
		if r > '~' || r <= ' ' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r) {
			return false
		}
	}
	return s != ""
}

// Method checks a method of the configuration; other is what is used where it says nothing.
func Method(key, written, other string) (string, error) {
	method := strings.ToUpper(written)
	switch method {
	case "":
		return other, nil
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method, nil
	}
	return "", channel.Bad(key, "is no method of HTTP that sends something", "write POST, PUT, PATCH, GET or DELETE")
}

// IsJSON tells whether a content type is that of JSON.
func IsJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// Basic returns what adds user and password to headers.
func Basic(user, password string) func(http.Header) {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	value := r.Header.Get("Authorization")
	return func(h http.Header) { h.Set("Authorization", value) }
}

// Uses tells whether a value stands in the address.
func (a *Address) Uses(name string) bool { return a.template.Uses(name) }

// Uses tells whether a value stands in a header.
func (h *Headers) Uses(name string) bool {
	for _, t := range h.templates {
		if t.Uses(name) {
			return true
		}
	}
	return false
}
