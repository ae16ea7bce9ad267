// Package template fills what a message says into texts of the configuration: {{alert.level}},
// {{group.host.name}}.
//
// There are names and nothing else: no conditions, no loops, no functions. So a template can do nothing
// but show, a mistake in it is found when it is read, and whoever fills it decides how values are
// escaped.
package template

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weir/sinks/notify/channel"
)

// maxText bounds a template; the largest that people write is a page of JSON.
const maxText = 64 << 10

// Template is a text with places for values. It never changes, so that many goroutines may fill it.
type Template struct {
	parts []part
}

// part is a text, and the name that follows it ("" after the last).
type part struct {
	text string
	name string
}

// Parse reads a template. more are names that the caller gives values to, beside those that every
// message has. The fault says under which key of the channel the mistake is, and which name was most
// likely meant.
func Parse(key, text string, more ...string) (*Template, error) {
	if len(text) > maxText {
		return nil, channel.Bad(key, fmt.Sprintf("has %d bytes, more than %d", len(text), maxText), "shorten it")
	}
	t := &Template{}
	rest := text
	for {
		before, after, open := strings.Cut(rest, "{{")
		if !open {
			t.parts = append(t.parts, part{text: rest})
			return t, nil
		}
		at := len(text) - len(after) // of what follows the braces
		inside, behind, closed := strings.Cut(after, "}}")
		name := strings.TrimSpace(inside)
		switch {
		case !closed || strings.ContainsAny(inside, "{\n"):
			return nil, mistake(key, text, at-2, 2, "`{{` is never closed", "close it: {{alert.what}}")
		case name == "":
			return nil, mistake(key, text, at-2, 4, "there is no name between `{{` and `}}`", "name a value: {{alert.what}}")
		}
		if near, ok := known(name, more); !ok {
			do := "the names are in docs/channels.md"
			if near != "" {
				do = "did you mean `" + near + "`?"
			}
			return nil, mistake(key, text, at+strings.Index(inside, name), len(name), "no message has `"+name+"`", do)
		}
		t.parts = append(t.parts, part{before, name})
		rest = behind
	}
}

// mistake is a fault with the line of the template and a caret under the mistake, which has width bytes
// from offset on.
func mistake(key, text string, offset, width int, what, do string) error {
	from := strings.LastIndexByte(text[:offset], '\n') + 1
	line, _, _ := strings.Cut(text[from:], "\n")
	end := min(offset+width, from+len(line))
	return &channel.ConfigError{
		Code: "notify-template", Key: key, What: what, Text: line, Mark: utf8.RuneCountInString(text[from:offset]) + 1,
		Width: max(1, utf8.RuneCountInString(text[offset:max(offset, end)])), Do: do,
	}
}

// Values gives a name's value. Names without one are empty.
type Values func(name string) string

// Fill writes the template with its values, each as escape makes it.
func (t *Template) Fill(values Values, escape func(string) string) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		if p.name != "" {
			b.WriteString(escape(values(p.name)))
		}
	}
	return b.String()
}

// Uses tells whether a name stands in the template.
func (t *Template) Uses(name string) bool {
	for _, p := range t.parts {
		if p.name == name {
			return true
		}
	}
	return false
}
