// Package kibana makes what people see of weir in Kibana, data views, saved searches and dashboards, from one table, and
// brings it there.
//
// content.go is the table; lens.go, search.go and board.go give it the form that Kibana 8.19 exports; deploy/kibana holds
// the result for whoever imports it by hand, and a test keeps the two equal.
package kibana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
)

// Versions of the form that these objects have. Kibana brings every object from the version that it names up to its own
// when it is imported, so an older one is always safe and a newer one is refused: these are the oldest that have all that
// is used here.
const (
	coreVersion   = "8.8.0"
	viewVersion   = "8.0.0"
	searchVersion = "8.0.0"
	boardVersion  = "8.9.0"
)

// Object is one saved object as Kibana exports it, one line of NDJSON. What Kibana adds by itself, times, users and its own
// version, is left out: it would only make two equal objects differ.
type Object struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"` // index-pattern (a data view), search or dashboard
	Attributes map[string]any `json:"attributes"`
	References []Reference    `json:"references"`
	Core       string         `json:"coreMigrationVersion"`
	Version    string         `json:"typeMigrationVersion"`
	Managed    bool           `json:"managed"`
}

// Reference is how an object names another one: Kibana gives objects new ids when it copies them, and finds by the name
// where the old one stood.
type Reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// DefaultPrefix is how the names of indices begin unless elastic.prefix says otherwise.
const DefaultPrefix = "logs-weir."

// Objects returns all objects for indices whose names begin with prefix, each behind those that it refers to. The slice is
// the caller's. An error is a mistake in content.go, which a test would have found.
func Objects(prefix string) ([]Object, error) {
	var out []Object
	for _, v := range views {
		out = append(out, v.object(prefix))
	}
	for _, s := range searches {
		o, err := s.object()
		if err != nil {
			return nil, fmt.Errorf("saved search %s: %w", s.id, err)
		}
		out = append(out, o)
	}
	for _, d := range boards {
		o, err := d.object()
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.id, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// Encode writes objects as Kibana's import wants them: one a line. Keys are sorted and nothing depends on the clock, so
// that equal tables give equal bytes.
func Encode(w io.Writer, list []Object) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range list {
		if err := enc.Encode(&list[i]); err != nil {
			return fmt.Errorf("encoding %s: %w", list[i].ID, err)
		}
	}
	return nil
}

// text is JSON inside a JSON string, which is how Kibana keeps what Elasticsearch is not to look into.
func text(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("encoding: %w", err)
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// dict is an object of JSON whose keys are Kibana's. Types of our own would say nothing more: half of what stands in these
// objects is optional, and all of it is written once and never read here.
type dict = map[string]any

// kuery is a KQL query as Kibana writes it, under the name that KQL had first. Queries are KQL and never Lucene: weir's own
// search understands the same words.
func kuery(kql string) dict { return dict{"language": "kuery", "query": kql} }

// source is the part of searches and dashboards that holds their query. The index is never in it, only the name of the
// reference to it: otherwise a copy in another space would look into the indices of this one.
func source(kql string, more dict) (dict, error) {
	body := dict{"filter": []any{}, "query": kuery(kql)}
	maps.Copy(body, more)
	s, err := text(body)
	return dict{"searchSourceJSON": s}, err
}
