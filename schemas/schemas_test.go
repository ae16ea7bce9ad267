package schemas

import (
	"testing"

	"weir/event"
)

// TestTypes: the table in event was made from these lists, so each of its fields is in them.
func TestTypes(t *testing.T) {
	types, err := Types()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range event.Fields() {
		if types[f.Path()] == "" {
			t.Errorf("%s is in no list: run go generate ./event", f)
		}
	}
	for path, want := range map[string]string{"@timestamp": "date", "process.command_line": "wildcard", "weir.other": "flattened", "source.ip": "ip"} {
		if types[path] != want {
			t.Errorf("%s is %q, want %q", path, types[path], want)
		}
	}
	if _, ok := types["field"]; ok {
		t.Error("the head of a list is taken for a field")
	}
}
