package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/internal/config/unit"

	"github.com/goccy/go-yaml"

	"weir/internal/fault"
)

// TestKeys_Tags: every field of every section has a name, a documentation and an environment name of its own.
func TestKeys_Tags(t *testing.T) {
	c := Default()
	seen := map[string]string{}
	keys := keysOf(reflect.ValueOf(&c).Elem(), "")
	if len(keys) < 40 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, k := range keys {
		last := k.path[strings.LastIndexByte(k.path, '.')+1:]
		if last == "" || k.doc == "" || strings.ToLower(k.path) != k.path || strings.ContainsAny(k.path, "- ") {
			t.Errorf("%q: %q", k.path, k.doc)
		}
		env := k.environment()
		if other, twice := seen[env]; twice {
			t.Errorf("%s and %s are both %s", k.path, other, env)
		}
		seen[env] = k.path
		if k.enum != nil && !slices.Contains(k.enum, k.value.String()) {
			t.Errorf("%s: the default %q is not allowed", k.path, k.value)
		}
	}
}

func TestSetText(t *testing.T) {
	type all struct {
		Text   string
		Flag   bool
		Number int
		List   []string
		Size   unit.Bytes
		Span   unit.Duration
		Rate   unit.Rate
		Odd    float64
	}
	for name, x := range map[string]struct {
		field, text, want string // want: as textOf writes it; "" for an error
	}{
		"text":             {"Text", "a b", "a b"},
		"empty text":       {"Text", "", `""`},
		"true":             {"Flag", "true", "true"},
		"false":            {"Flag", "false", "false"},
		"yes is no bool":   {"Flag", "yes", ""},
		"number":           {"Number", "1_000", "1000"},
		"negative":         {"Number", "-3", "-3"},
		"no number":        {"Number", "1.5", ""},
		"too large":        {"Number", "99999999999999999999", ""},
		"list":             {"List", "a, b,,c ", "[a, b, c]"},
		"empty list":       {"List", "", "[]"},
		"list with colons": {"List", "h:1,h:2", "[h:1, h:2]"},
		"size":             {"Size", "64 KiB", "64 KiB"},
		"span":             {"Span", "90s", "1m30s"},
		"rate":             {"Rate", "600/m", "10/s"},
		"bad size":         {"Size", "64 kB", ""},
		"unknown type":     {"Odd", "1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var a all
			v := reflect.ValueOf(&a).Elem().FieldByName(x.field)
			err := setText(v, x.text)
			if (err == nil) != (x.want != "") {
				t.Fatalf("%q: %v", x.text, err)
			}
			if err == nil && textOf(v) != x.want {
				t.Errorf("%q reads as %s, want %s", x.text, textOf(v), x.want)
			}
		})
	}
}

// TestQuote: YAML reads back what was written, as a text.
func TestQuote(t *testing.T) {
	for _, s := range []string{"", "plain", "a b", " a", "a ", "true", "No", "null", "~", "123", "1e3", "0x10", "- a", "a: b", "a #b", "#a", "a:", "*a", "&a", "!a", "?", "|", ">", "'a'",
		`"a"`, `a\b`, "a\nb", "a\tb", "@a", "`a`", "%a", "[a]", "{a}", "a,b", "127.0.0.1:5514", "weir.", "./x", "김민수", ".5", "+1", "Infinity", "2026-11-21"} {
		var back map[string]any
		text := "k: " + quote(s) + "\n"
		if err := yaml.Unmarshal([]byte(text), &back); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, ok := back["k"].(string); !ok || got != s {
			t.Errorf("%s is %#v", strings.TrimSpace(text), back["k"])
		}
	}
}

func TestLoad_UnknownOverride(t *testing.T) {
	if _, err := Load("", nil, Override{Key: "no.such", Value: "x", By: "--x"}); fault.Code(err) != "config-unknown-key" {
		t.Errorf("got %v", err)
	}
}
