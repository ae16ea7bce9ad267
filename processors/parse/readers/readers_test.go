package readers

import (
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// TestTable: each reader reads, or makes one that does, and takes any message without a panic; what it declares to fill is a field
// or lies below one.
func TestTable(t *testing.T) {
	for name, r := range Table() {
		read := r.Read
		if r.New != nil {
			if read != nil {
				t.Errorf("%s has both Read and New", name)
			}
			read = r.New()
		}
		if read == nil && r.Split == nil {
			t.Errorf("%s does nothing", name)
			continue
		}
		for _, msg := range []string{"", "x", "{", `{"a":1}`, "<Event/>", "a=b c=\"d", "%ASA-6-302013: ", "CEF:0|", "\xff\x00", strings.Repeat("=", 1000)} {
			var e event.Event
			e.SetStr(event.Message, msg)
			_ = read(&e, msg) // an error is its right; it must come back
			if r.Looks != nil {
				r.Looks(msg)
			}
		}
		for _, path := range r.Fields {
			if path == "" || strings.Contains(path, " ") {
				t.Errorf("%s declares %q", name, path)
			}
		}
	}
}

func TestLooksJSON(t *testing.T) {
	for msg, want := range map[string]bool{
		`{"a":1}`: true, `{}`: true, ` { "a"`: true, `[{"a":1}]`: true, `@cee: {"a":1}`: true, `[ {}]`: true, `[main] hello`: false, `{hello}`: false, ``: false, `[`: false, `{`: false, `[1]`: false, `"a"`: false,
	} {
		if looksJSON(msg) != want {
			t.Errorf("%q: %v", msg, !want)
		}
	}
}

func TestSplitJSON(t *testing.T) {
	var got []string
	if err := Table()["json"].Split(`@cee:{"a":1} {"b":2}`, func(part string) error { got = append(got, part); return nil }); err != nil || !slices.Equal(got, []string{`{"a":1}`, `{"b":2}`}) {
		t.Errorf("got %q, %v", got, err)
	}
}
