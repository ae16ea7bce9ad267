package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// key is one key of the file that has a value of its own, as the struct tags describe it. Reader, variables, flags,
// schema and documentation all walk the same list of keys, so none of them can know one that the others do not.
type key struct {
	path  string        // inputs.syslog.tls.cert
	value reflect.Value // addressable
	doc   string
	enum  []string
}

// environment returns the name of the variable that overrides the key.
func (k key) environment() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.path, ".", "_"))
}

// keysOf lists the keys of a section and of those in it, in the order of the struct.
// The order of the struct is that of the documentation, and of what config show prints.
func keysOf(section reflect.Value, prefix string) []key {
	var out []key
	for i := range section.NumField() {
		f := section.Type().Field(i)
		path := prefix + f.Tag.Get("yaml")
		if isSection(f.Type) {
			out = append(out, keysOf(section.Field(i), path+".")...)
			continue
		}
		k := key{path: path, value: section.Field(i), doc: f.Tag.Get("doc")}
		if e := f.Tag.Get("enum"); e != "" {
			k.enum = strings.Split(e, ",")
		}
		out = append(out, k)
	}
	return out
}

// isSection tells a group of keys from a value.
// A type that reads itself from text is a value, however many fields it has inside.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// fieldOf finds the field with the name in the file; names lists all of the section.
// The names come along, because the message about an unknown one lists or compares them.
func fieldOf(section reflect.Value, name string) (field reflect.Value, names []string) {
	for i := range section.NumField() {
		tag := section.Type().Field(i).Tag.Get("yaml")
		names = append(names, tag)
		if tag == name {
			field = section.Field(i)
		}
	}
	return field, names
}

// setText gives a value the meaning of its text, as a variable of the environment or a flag has it: lists are
// separated by commas. Secrets are set by the loader, which can resolve them.
// An empty text empties a list; there is no way to write a list with an empty item in it, and no key needs one.
func setText(v reflect.Value, text string) error {
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch text {
		case "true":
			v.SetBool(true)
		case "false":
			v.SetBool(false)
		default:
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case reflect.Int:
		n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 0)
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		v.SetInt(n)
	case reflect.Slice:
		list := []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		v.Set(reflect.ValueOf(list))
	default:
		return fmt.Errorf("a %s cannot be configured", v.Type())
	}
	return nil
}

// textOf writes a value as the file would have it. Secrets are masked.
// What it writes is read back as the same: config show is used as a file.
func textOf(v reflect.Value) string {
	if s, ok := reflect.TypeAssert[Secret](v); ok {
		return quote(s.String()) // a mask begins as an alias does, and nothing is no value
	}
	if s, ok := reflect.TypeAssert[fmt.Stringer](v); ok {
		return s.String()
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String())
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = quote(v.Index(i).String())
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// quote puts quotes around a text that YAML would not read back as the same text.
// What YAML calls a truth or a number would come back as one; a test reads each form back.
func quote(s string) string {
	plain := s != "" && strings.Trim(s, " ") == s && !strings.Contains(s, ": ") && !strings.Contains(s, " #") &&
		!strings.ContainsAny(s[:1], "!&*-?|>@`\"'%#{}[],") && !strings.ContainsAny(s, "\n\t\"\\") && s[len(s)-1] != ':'
	if plain {
		switch strings.ToLower(s) {
		case "true", "false", "null", "~", "yes", "no", "on", "off":
			plain = false
		}
		_, notFloat := strconv.ParseFloat(s, 64)
		_, notInt := strconv.ParseInt(s, 0, 64)
		if notFloat == nil || notInt == nil {
			plain = false
		}
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
