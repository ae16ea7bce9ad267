package match

import (
	"strings"
	"testing"

	"weir/event"
	"weir/event/ecs"
)

func TestFields(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, `process.name == "a" and (lower(user.name) == "b" or any(related.ip, # == source.ip)) and process.name != "c"`)
	if got := strings.Join(c.Fields(), " "); got != "process.name user.name related.ip source.ip" {
		t.Error(got)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, code, do string }{
		{"unknown field", `user.nmae == "x"`, "rule-unknown-field", "did you mean `user.name`?"},
		{"two wrong parts", `proces.nmae == "x"`, "rule-unknown-field", "did you mean `process.name`?"},
		{"group", `source == "x"`, "rule-unknown-field", "`source` is a group of fields: name one of them, such as `source.address`"},
		{"far from all", `zzz.qqqqqq == "x"`, "rule-unknown-field", "write the name of a field of ECS or of a format"},
		{"number for text", `event.code == 5`, "rule-type", `write it in quotes: "5"`},
		{"text for number", `source.port == "22"`, "rule-type", "leave out the quotes"},
		{"constant", `true`, "expr-constant", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := mustCompile(t, tt.src).Warnings()
			if len(w) != 1 || w[0].Code != tt.code || w[0].Do != tt.do || !w[0].Warn || w[0].Line != 1 || w[0].Col != 1 {
				t.Fatalf("%+v", w)
			}
		})
	}
	// The field has a place since it was first written, so that an event with it is matched.
	c := mustCompile(t, `user.nmae == "x"`)
	var e event.Event
	if err := e.Decode([]byte(`{"user":{"nmae":"x"}}`)); err != nil || !c.Match(&e) {
		t.Errorf("a field that no list knows is not matched: %v", err)
	}
}

// TestWarnings_EachRule: whoever makes a mistake is told, whoever made it before; and nobody once a format fills the field.
func TestWarnings_EachRule(t *testing.T) {
	t.Parallel()
	const src = `filled.latre == "x"`
	for range 3 {
		if w := mustCompile(t, src).Warnings(); len(w) != 1 || w[0].Code != "rule-unknown-field" {
			t.Fatalf("%+v", w)
		}
	}
	if near := NearestField("filled.latrr"); near != "" {
		t.Errorf("a mistake is offered as a name: %s", near)
	}
	if _, err := event.Register(ecs.Keyword, "filled.latre"); err != nil {
		t.Fatal(err)
	}
	if w := mustCompile(t, src).Warnings(); len(w) != 0 {
		t.Errorf("%+v", w[0])
	}
}
