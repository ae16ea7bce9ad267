package template

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/testkit"
)

var update = flag.Bool("update", false, "write schemas/elasticsearch.json")

// TestGolden: what weir would write to a plain server stands in schemas/elasticsearch.json, for who wants to read or write
// it by hand. A change of it needs a new Version, or clusters would keep the old template.
func TestGolden(t *testing.T) {
	got, err := Component(Server{}, Settings{Shards: 1, Replicas: -1, Refresh: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", " "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	path := filepath.Join(testkit.Root(t), "schemas", "elasticsearch.json")
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("%s is not what is made now: raise Version if a release had the old one, and run go test ./sinks/elastic/template -update", path)
	}
}

// at returns the mapping at a path, and whether the path ends in a field of free form.
func at(m object, path string) (mapping object, free bool) {
	for part := range strings.SplitSeq(path, ".") {
		props, ok := m["properties"].(object)
		if !ok {
			return m, m["type"] == "flattened" || m["type"] == "flat_object"
		}
		if m, ok = props[part].(object); !ok {
			return nil, false
		}
	}
	return m, false
}

func TestMappings_EveryFieldHasItsType(t *testing.T) {
	types := map[ecs.Type]string{ecs.Keyword: "keyword", ecs.Text: "text", ecs.Long: "long", ecs.Double: "double", ecs.Date: "date", ecs.Boolean: "boolean",
		ecs.IP: "ip", ecs.GeoPoint: "geo_point", ecs.Nested: "flattened", ecs.Flattened: "flattened"}
	m, err := Mappings(Server{})
	if err != nil {
		t.Fatal(err)
	}
	if m["dynamic"] != false {
		t.Error("documents may change the mapping")
	}
	below := 0
	for _, f := range event.Fields() {
		got, free := at(m, f.Path())
		switch {
		case strings.HasPrefix(f.Path(), "winlog.event_data.") && free: // hundreds of names, found through the one field
		case free:
			below++
		case got == nil:
			t.Errorf("%s is not mapped", f)
		case got["properties"] != nil: // a value where others lie below: the object wins
			below++
		case got["type"] != types[f.Type()]:
			t.Errorf("%s is a %v, want %s", f, got["type"], types[f.Type()])
		}
	}
	if below > 330 { // 209 of them are those of threat.enrichments
		t.Errorf("%d fields lie in the way of others", below)
	}
}

func TestMappings_Special(t *testing.T) {
	plain, err := Mappings(Server{})
	if err != nil {
		t.Fatal(err)
	}
	rich, err := Mappings(Server{Types: map[string]bool{"wildcard": true, "match_only_text": true}})
	if err != nil {
		t.Fatal(err)
	}
	search, err := Mappings(Server{OpenSearch: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		in   object
		path string
		key  string
		want any
	}{
		{"original is kept only", plain, "event.original", "index", false},
		{"so is its base64", plain, "weir.original_base64", "doc_values", false},
		{"long texts are not indexed whole", plain, "user.name", "ignore_above", ignoreAbove},
		{"other is flattened", plain, "weir.other", "type", "flattened"},
		{"deep documents are taken", plain, "weir.data", "depth_limit", depthLimit},
		{"numbers below an object stay numbers", plain, "log.syslog.severity.code", "type", "long"},
		{"a list of objects", plain, "dns.answers", "type", "flattened"},
		{"labels", plain, "labels", "type", "flattened"},
		{"a wildcard where there is none", plain, "process.command_line", "type", "keyword"},
		{"a wildcard where there is one", rich, "process.command_line", "type", "wildcard"},
		{"a keyword stays one", rich, "user.name", "type", "keyword"},
		{"text", rich, "message", "type", "match_only_text"},
		{"OpenSearch's word", search, "weir.other", "type", "flat_object"},
		{"without the options of the other", search, "weir.other", "ignore_above", nil},
	} {
		m, _ := at(tc.in, tc.path)
		if m == nil || m[tc.key] != tc.want {
			t.Errorf("%s: %s has %v, want %s %v", tc.name, tc.path, m, tc.key, tc.want)
		}
	}
}

func TestComponent_Settings(t *testing.T) {
	decode := func(st Settings) map[string]any {
		b, err := Component(Server{}, st)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Template struct {
				Settings struct{ Index map[string]any }
			}
		}
		if err := json.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
		return c.Template.Settings.Index
	}
	a := decode(Settings{Shards: 3, Replicas: -1, Refresh: time.Second})
	if a["number_of_shards"] != 3.0 || a["auto_expand_replicas"] != "0-1" || a["number_of_replicas"] != nil || a["refresh_interval"] != "1000ms" {
		t.Errorf("%v", a)
	}
	b := decode(Settings{Shards: 1, Replicas: 2})
	if b["number_of_replicas"] != 2.0 || b["auto_expand_replicas"] != nil {
		t.Errorf("%v", b)
	}
	limit := a["mapping"].(map[string]any)["total_fields"].(map[string]any)["limit"].(float64)
	if n := float64(len(event.Fields())); limit < n || limit > 3*n {
		t.Errorf("a limit of %v for %v fields", limit, n)
	}
}

func TestIndex(t *testing.T) {
	b, err := Index("logs-weir.alerts", "logs-weir")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"index_patterns":["logs-weir.alerts-*"]`, `"aliases":{"logs-weir.alerts":{}}`, `"composed_of":["logs-weir"]`, `"priority":300`, `"version":`, `"sum":"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	other, err := Index("logs-weir.audit", "logs-weir")
	if err != nil || bytes.Equal(b, other) {
		t.Error("two classes have one template")
	}
}
