package jsonspan

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// items returns the parts of s and whether it ended well.
func items(s string, path ...string) (out []string, ok bool) {
	err := Items(s, path, func(item string) error { out = append(out, item); return nil })
	return out, err == nil
}

func TestItems(t *testing.T) {
	for _, c := range []struct {
		name, s, path string
		want          []string
		ok            bool
	}{
		{"the top", ` [ {"a":1} , 2,"x,]" ,[3,4] ] `, "", []string{`{"a":1}`, "2", `"x,]"`, "[3,4]"}, true},
		{"a member", `{"x":"]","Records":[{"a":"}"},{"b":[1]}],"y":1}`, "Records", []string{`{"a":"}"}`, `{"b":[1]}`}, true},
		{"deeper", `{"a":{"b" : [true,null]}}`, "a.b", []string{"true", "null"}, true},
		{"empty", `{"Records":[ ]}`, "Records", nil, true},
		{"no such member", `{"a":1}`, "Records", []string{`{"a":1}`}, true},
		{"not an array", `{"Records":{"a":1}}`, "Records", []string{`{"Records":{"a":1}}`}, true},
		{"no object", `text`, "Records", []string{"text"}, true},
		{"torn", `[{"a":1},{"b":`, "", []string{`{"a":1}`}, false},
		{"torn text", `["a","b`, "", []string{`"a"`}, false},
		{"no comma", `[1 2]`, "", []string{"1"}, false},
		{"nothing between commas", `[1,,2]`, "", []string{"1"}, false},
		{"escapes", `["a\"]","b\\"]`, "", []string{`"a\"]"`, `"b\\"`}, true},
		{"too deep", "[" + strings.Repeat("[", maxDepth+1), "", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var path []string
			if c.path != "" {
				path = strings.Split(c.path, ".")
			}
			got, ok := items(c.s, path...)
			if !slices.Equal(got, c.want) || ok != c.ok {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
}

// FuzzItems: parts are parts of the text, in order, and of a text that is JSON they are its items.
func FuzzItems(f *testing.F) {
	for _, s := range []string{`[1,{"a":[2]},"x"]`, `{"r":[1]}`, `[`, `[]`, `["\u005d"]`, `[1e5,-2,true]`, "[{]}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := items(s)
		rest := s
		for _, item := range got {
			at := strings.Index(rest, item)
			if at < 0 {
				t.Fatalf("%q: %q is no part of the text, or not in order", s, item)
			}
			rest = rest[at+len(item):]
		}
		var want []json.RawMessage
		if json.Unmarshal([]byte(s), &want) != nil || want == nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d parts, want %d", s, len(got), len(want))
		}
		for i, item := range want {
			if got[i] != string(item) {
				t.Fatalf("%q: part %d is %q, want %q", s, i, got[i], item)
			}
		}
	})
}
