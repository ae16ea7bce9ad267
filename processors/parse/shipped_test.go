package parse

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/sinks/elastic/template"
)

// TestShipped_Loads: the formats that come with weir have no fault, and no two of them one name.
func TestShipped_Loads(t *testing.T) {
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.List()); n < 100 {
		t.Errorf("only %d formats", n)
	}
	for _, f := range set.List() {
		if len(f.Ways()) == 0 && len(f.Tests) == 0 {
			t.Errorf("%s is never recognised and has no test", f.Name())
		}
	}
}

// TestShipped_Template: a store keeps each root as one flattened field and maps nothing below it, so that no key of a vendor can
// change the mapping or be refused; fields with types of their own keep them.
func TestShipped_Template(t *testing.T) {
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	b, err := template.Component(template.Server{Types: map[string]bool{}}, template.Settings{Shards: 1, Refresh: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Template struct {
			Mappings map[string]any `json:"mappings"`
		} `json:"template"`
	}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	at := func(path string) map[string]any {
		m := doc.Template.Mappings
		for part := range strings.SplitSeq(path, ".") {
			props, _ := m["properties"].(map[string]any)
			if m, _ = props[part].(map[string]any); m == nil {
				return nil
			}
		}
		return m
	}
	if len(set.Roots()) < 20 {
		t.Fatalf("only the roots %v", set.Roots())
	}
	for _, root := range set.Roots() {
		f, ok := event.Lookup(root)
		if m := at(root); !ok || f.Type() != ecs.Flattened || m["type"] != "flattened" || m["properties"] != nil {
			t.Errorf("%s is mapped as %v", root, m)
		}
	}
	for path, want := range map[string]string{"cisco.asa.mapped_source_ip": "ip", "aws.cloudtrail.user_identity.arn": "keyword", "source.ip": "ip"} {
		if m := at(path); m["type"] != want {
			t.Errorf("%s is mapped as %v", path, m)
		}
	}
}
