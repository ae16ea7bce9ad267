package kibana

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/event"
	"weir/internal/query"
	"weir/internal/testkit"
	"weir/sinks/elastic/template"
)

var update = flag.Bool("update", false, "write deploy/kibana anew")

// objects returns what is tested everywhere here.
func objects(t testing.TB) []Object {
	t.Helper()
	list, err := Objects(DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestObjects_File keeps the file for people who import by hand equal to the table. After a change of the table:
// go test ./internal/kibana -update.
func TestObjects_File(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, objects(t)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(testkit.Root(t), "deploy", "kibana", "weir.ndjson")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("deploy/kibana/weir.ndjson is not what content.go says; go test ./internal/kibana -update writes it anew")
	}
	if n := bytes.Count(have, []byte("\n")); n != len(objects(t)) {
		t.Errorf("%d lines for %d objects", n, len(objects(t)))
	}
}

func TestObjects_Complete(t *testing.T) {
	kinds := map[string]int{}
	var titles []string
	for _, o := range objects(t) {
		kinds[o.Type]++
		title, _ := o.Attributes["title"].(string)
		titles = append(titles, title)
	}
	if kinds["index-pattern"] != 2 || kinds["search"] != 7 || kinds["dashboard"] != 6 {
		t.Errorf("kinds: %v", kinds)
	}
	for _, want := range []string{"weir: Overview", "weir: Authentication", "weir: Firewall", "weir: Network", "weir: TCP", "weir: Alerts"} {
		if !slices.Contains(titles, want) {
			t.Errorf("no dashboard %q", want)
		}
	}
}

// TestObjects_Prefix: who names the indices otherwise finds the data views on those.
func TestObjects_Prefix(t *testing.T) {
	list, err := Objects("acme-")
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Attributes["title"] != "acme-*" || list[1].Attributes["title"] != "acme-alerts-*" {
		t.Errorf("titles %v and %v", list[0].Attributes["title"], list[1].Attributes["title"])
	}
}

// TestReferences: whatever an object names stands before it in the file, so Kibana never misses anything; names are unique
// in an object; both data views and all searches but one are on a dashboard, and that one is for Discover.
func TestReferences(t *testing.T) {
	seen, used := map[string]string{}, map[string]bool{}
	for _, o := range objects(t) {
		if seen[o.ID] != "" {
			t.Errorf("id %s twice", o.ID)
		}
		names := map[string]bool{}
		for _, r := range o.References {
			if seen[r.ID] != r.Type {
				t.Errorf("%s refers to %s %s, which is not before it", o.ID, r.Type, r.ID)
			}
			if names[r.Name] {
				t.Errorf("%s has two references %s", o.ID, r.Name)
			}
			names[r.Name], used[r.ID] = true, true
		}
		seen[o.ID] = o.Type
	}
	for id, kind := range seen {
		if kind != "dashboard" && !used[id] && id != searchBroken {
			t.Errorf("%s is used by no dashboard", id)
		}
	}
}

// TestReferences_Used: every name that stands in a dashboard has its reference and the other way round. Kibana shows a
// panel without its reference as an error.
func TestReferences_Used(t *testing.T) {
	for _, o := range objects(t) {
		if o.Type != "dashboard" {
			continue
		}
		want := map[string]bool{}
		for _, p := range panelsOf(t, o) {
			id := p["panelIndex"].(string)
			if name, ok := p["panelRefName"].(string); ok {
				want[id+":"+name] = true
			}
			for layer := range layersOf(p) {
				want[id+":indexpattern-datasource-layer-"+layer] = true
			}
		}
		if controls, ok := o.Attributes["controlGroupInput"].(dict); ok {
			for id := range decode(t, controls["panelsJSON"].(string)).(map[string]any) {
				want["controlGroup_"+id+":optionsListDataView"] = true
			}
		}
		for _, r := range o.References {
			if !want[r.Name] {
				t.Errorf("%s: reference %s is used nowhere", o.ID, r.Name)
			}
			delete(want, r.Name)
		}
		for name := range want {
			t.Errorf("%s: %s has no reference", o.ID, name)
		}
	}
}

// TestFields: every field exists in the table and in the mapping that Elasticsearch is given, and Elasticsearch can do with
// it what is asked: group by it, or compute with it.
func TestFields(t *testing.T) {
	n := 0
	group := func(where, field string) {
		n++
		known(t, where, field)
		if typ := mapped(t, field); !slices.Contains([]string{"keyword", "wildcard", "ip", "long", "double", "date", "boolean"}, typ) {
			t.Errorf("%s: nothing can be grouped by %s, which is mapped as %q", where, field, typ)
		}
	}
	for _, b := range boards {
		for _, field := range b.controls {
			group(b.id, field)
		}
		for _, r := range b.rows {
			for _, p := range r.panels {
				where := b.id + ", " + p.title
				for _, field := range p.ranking {
					group(where, field)
				}
				if p.split != "" {
					group(where, p.split)
				}
				for _, m := range p.measure {
					switch m.op {
					case count:
						if m.field != "" {
							t.Errorf("%s: counting has no field", where)
						}
					case distinct:
						group(where, m.field)
					default:
						n++
						known(t, where, m.field)
						if typ := mapped(t, m.field); typ != "long" && typ != "double" {
							t.Errorf("%s: %s of %s, which is mapped as %q", where, m.op, m.field, typ)
						}
					}
				}
			}
		}
	}
	for _, s := range searches {
		for _, c := range s.columns {
			n++
			known(t, s.id, c)
		}
	}
	for _, v := range views {
		for field := range v.hints {
			known(t, v.id, field)
		}
	}
	if n < 100 {
		t.Errorf("only %d fields were looked at", n)
	}
}

// mapping is that of a server with all optional types. It is made once: it has a thousand fields.
var mapping = sync.OnceValues(func() (map[string]any, error) {
	return template.Mappings(template.Server{Types: map[string]bool{"wildcard": true, "match_only_text": true}})
})

// mapped returns the type that the sink gives a field in Elasticsearch, "" for one that it keeps and does not index.
func mapped(t *testing.T, field string) string {
	t.Helper()
	m, err := mapping()
	if err != nil {
		t.Fatal(err)
	}
	var here any = m
	for part := range strings.SplitSeq(field, ".") {
		here = at(here, "properties", part)
	}
	if at(here, "index") == false {
		return ""
	}
	typ, _ := at(here, "type").(string)
	return typ
}

// TestMapped: the look-up itself tells apart what matters.
func TestMapped(t *testing.T) {
	for field, want := range map[string]string{
		"user.name": "keyword", "source.ip": "ip", "network.bytes": "long", "message": "match_only_text", "event.original": "",
		"weir.other": "flattened", "no.such.field": "", "source": "",
	} {
		if got := mapped(t, field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// known refuses a field that no event has.
func known(t *testing.T, where, field string) {
	t.Helper()
	if _, ok := event.Lookup(field); !ok {
		t.Errorf("%s: no event has the field %s", where, field)
	}
}

// TestQueries: every query is KQL as weir itself reads it, and asks for fields that exist.
func TestQueries(t *testing.T) {
	queries := map[string]string{}
	for _, s := range searches {
		queries[s.id] = s.kql
	}
	for _, b := range boards {
		queries[b.id] = b.kql
		for _, r := range b.rows {
			for _, p := range r.panels {
				queries[b.id+", "+p.title] = p.kql
				for _, m := range p.measure {
					queries[b.id+", "+p.title+", "+m.label] = m.kql
				}
			}
		}
	}
	for where, kql := range queries {
		if kql == "" {
			continue
		}
		q, err := query.Parse(kql)
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		for _, field := range q.Fields() {
			known(t, where, field)
		}
	}
}

// TestEncode_Same: the same table gives the same bytes, or the file would change with every release.
func TestEncode_Same(t *testing.T) {
	var a, b bytes.Buffer
	if err := Encode(&a, objects(t)); err != nil {
		t.Fatal(err)
	}
	if err := Encode(&b, objects(t)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two encodings differ")
	}
	if strings.Contains(a.String(), `\u003c`) || strings.Contains(a.String(), `\u0026`) {
		t.Error("written for a web page")
	}
	for line := range strings.Lines(a.String()) {
		var o Object
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil || o.ID == "" || o.References == nil {
			t.Errorf("%.80s: %v", line, err)
		}
	}
}

// decode reads JSON that stands in a string.
func decode(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %.100s", err, s)
	}
	return v
}

// panelsOf returns the panels of a dashboard as Kibana will read them.
func panelsOf(t *testing.T, o Object) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, p := range decode(t, o.Attributes["panelsJSON"].(string)).([]any) {
		out = append(out, p.(map[string]any))
	}
	return out
}

// at walks into objects; nil where there is nothing.
func at(v any, path ...string) any {
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// layersOf returns the layers of a panel that is a chart.
func layersOf(p map[string]any) map[string]any {
	m, _ := at(p, "embeddableConfig", "attributes", "state", "datasourceStates", "formBased", "layers").(map[string]any)
	return m
}
