package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder makes a folder of test data from names and contents.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func everything(string, string) bool { return true }

func TestLoadStreams(t *testing.T) {
	dir := folder(t, map[string]string{
		"acme/log/test-common-config.yml":              "fields:\n  tags: [a]\n  _conf: {x: 1, y: 2}\ndynamic_fields:\n  event.ingested: '^2'\n",
		"acme/log/test-one.log":                        "first\nsecond\n",
		"acme/log/test-one.log-config.yml":             "fields:\n  _conf: {y: 3}\n",
		"acme/log/test-one.log-expected.json":          `{"expected":[{"message":"first"},null]}`,
		"acme/log/test-two.json":                       `{"events":[{"message":"m","host":{"name":"h"}},{"json":{"a":1}}]}`,
		"acme/log/test-two.json-expected.json":         `[{"message":"m"},{"message":"n"}]`,
		"acme/audit/test-lines.log":                    "# A\nmore\n# B",
		"acme/audit/test-lines.log-config.yml":         "multiline:\n  first_line_pattern: '^#'\n",
		"acme/audit/test-lines.log-expected.json":      `{"expected":[{"message":"x"},{"message":"y"}]}`,
		"other/log/test-ignored.log-expected.json.bak": "",
	})
	streams, err := loadStreams(dir, everything)
	if err != nil {
		t.Fatal(err)
	}
	if len(streams) != 2 || streams[0].name != "audit" || streams[1].name != "log" || len(streams[1].cases) != 2 {
		t.Fatalf("got %+v", streams)
	}
	if got := streams[0].cases[0].inputs; len(got) != 2 || got[0].raw != "# A\nmore" {
		t.Errorf("lines of one record: %+v", got)
	}
	one, two := streams[1].cases[0], streams[1].cases[1]
	if one.wants[0] == nil || one.wants[1] != nil {
		t.Errorf("null is a dropped document: %v", one.wants)
	}
	conf := flatten(one.inputs[0].fields)
	if text(conf["_conf.x"]) != "1" || text(conf["_conf.y"]) != "3" || text(conf["tags"]) != `["a"]` {
		t.Errorf("fields of both configurations: %v", conf)
	}
	if one.dynamic["event.ingested"] == nil {
		t.Error("the dynamic field is missing")
	}
	if two.inputs[0].raw != "m" || text(flatten(two.inputs[0].fields)["host.name"]) != "h" {
		t.Errorf("a message with fields beside it: %+v", two.inputs[0])
	}
	if two.inputs[1].raw != `{"json":{"a":1}}` {
		t.Errorf("a document without a message is the record: %q", two.inputs[1].raw)
	}
}

func TestLoadStreams_Faults(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"no data":       {map[string]string{"x": ""}, "expected.json"},
		"counts differ": {map[string]string{"p/s/test-a.log": "1\n2\n", "p/s/test-a.log-expected.json": `{"expected":[{}]}`}, "2 inputs and 1 documents"},
		"no input":      {map[string]string{"p/s/test-a.log-expected.json": `{"expected":[{}]}`}, "test-a.log"},
		"no JSON":       {map[string]string{"p/s/test-a.log": "1", "p/s/test-a.log-expected.json": `{`}, "JSON"},
		"no pattern":    {map[string]string{"p/s/test-a.log": "1", "p/s/test-a.log-config.yml": "dynamic_fields: {a: '('}", "p/s/test-a.log-expected.json": `[]`}, "dynamic field a"},
		"no first line": {map[string]string{"p/s/test-a.log": "1", "p/s/test-a.log-config.yml": "multiline: {first_line_pattern: '('}", "p/s/test-a.log-expected.json": `[]`}, "first lines"},
		"no YAML":       {map[string]string{"p/s/test-a.log": "1", "p/s/test-a.log-config.yml": "a: [", "p/s/test-a.log-expected.json": `[]`}, "config.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadStreams(folder(t, c.files), everything)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

func TestFlatten(t *testing.T) {
	got := flatten(map[string]any{"a": map[string]any{"b": "x", "c": nil}, "d.e": "y", "f": []any{}})
	if keys := sorted(got); !slices.Equal(keys, []string{"a.b", "d.e"}) {
		t.Errorf("got %v", keys)
	}
}
