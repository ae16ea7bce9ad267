package sms

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/template"
)

// field is one field of a form. Fields are sent in the order of their names, so that what is sent is
// always the same.
type field struct {
	name  string
	value *template.Template
}

// templates reads the body and the text. The text may use everything but itself; form or JSON may use
// the text.
func (g *gateway) templates(c Config, names []string) error {
	var err error
	message := c.Message
	if message == "" {
		message = "{{short}}"
	}
	if g.message, err = template.Parse("message", message, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "message" })...); err != nil {
		return err
	}
	switch {
	case c.JSON != "" && len(c.Form) > 0:
		return channel.Bad("json", "stands beside `form`", "a request has one body: remove one of them")
	case c.JSON != "" && g.method == http.MethodGet:
		return channel.Bad("json", "cannot be sent with GET", "write method: POST")
	case c.JSON != "":
		if strings.EqualFold(c.Charset, "euc-kr") {
			return channel.Bad("charset", "is for forms; JSON is always UTF-8", "use `form`, or leave charset out")
		}
		if g.json, err = template.Parse("json", c.JSON, names...); err != nil {
			return err
		}
		if err := g.json.CheckJSON(); err != nil {
			return channel.Bad("json", "cannot be used: "+err.Error(), "correct it")
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(c.Form)) {
		value, err := template.Parse("form."+name, c.Form[name], names...)
		if err != nil {
			return err
		}
		g.fields = append(g.fields, field{name, value})
	}
	return nil
}

// uses tells whether a value stands anywhere in the request: in its address, a header, a field of the
// form or the JSON.
func (g *gateway) uses(name string) bool {
	if g.address.Uses(name) || g.headers.Uses(name) || g.json != nil && g.json.Uses(name) {
		return true
	}
	return slices.ContainsFunc(g.fields, func(f field) bool { return f.value.Uses(name) })
}

// form writes the fields, in the order of their names, percent-encoded in the charset.
func (g *gateway) form(values template.Values) string {
	var b strings.Builder
	for i, f := range g.fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(template.Percent(g.charset.write(f.name)))
		b.WriteByte('=')
		b.WriteString(template.Percent(g.charset.write(f.value.Fill(values, template.Plain))))
	}
	return b.String()
}

// charset is how a gateway reads and counts bytes. JSON is always UTF-8, so only forms and queries have
// another.
type charset struct {
	name string
	// write gives a text's bytes; what the charset has no letter for becomes "?".
	write func(s string) []byte
	read  func(data []byte) string
	// more is what a text that was cut ends in.
	more string
}

// charsets are those of the configuration.
var charsets = map[string]charset{
	"":       utf8Charset,
	"utf-8":  utf8Charset,
	"euc-kr": {"euc-kr", eucKR, fromEUCKR, ".."},
}

// utf8Charset is the one of everybody else.
var utf8Charset = charset{"utf-8", func(s string) []byte { return []byte(s) }, func(data []byte) string { return strings.ToValidUTF8(string(data), "\ufffd") }, ".."}

// eucKR writes EUC-KR with the syllables that Windows added (code page 949), as gateways read it.
func eucKR(s string) []byte {
	out := make([]byte, 0, len(s))
	encoder := korean.EUCKR.NewEncoder()
	for _, r := range s {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
			continue
		}
		two, err := encoder.Bytes([]byte(string(r)))
		if err != nil || r == utf8.RuneError {
			two = []byte{'?'}
		}
		out = append(out, two...)
	}
	return out
}

// fromEUCKR reads an answer: many gateways that take EUC-KR answer in UTF-8.
func fromEUCKR(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	s, err := korean.EUCKR.NewDecoder().Bytes(data)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(s)
}

// cut shortens a text to a number of bytes of the charset, at a character. Bytes are counted as the
// gateway counts them: a Korean syllable has two in EUC-KR and three in UTF-8, and a text that is one
// byte too long costs three times as much.
func (c charset) cut(s string, limit int) string {
	if len(c.write(s)) <= limit {
		return s
	}
	used, end := len(c.more), 0
	for i, r := range s {
		n := len(c.write(string(r)))
		if used+n > limit {
			break
		}
		used += n
		end = i + utf8.RuneLen(r)
	}
	return s[:end] + c.more
}

// oneLine makes a text of several lines one: phones show them, but few gateways take them. Bytes that
// are no UTF-8 go, so that every character has its own length.
func oneLine(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\n", " "))
}
