// Package template makes the templates of Elasticsearch from the table of fields in package event, so that the two cannot
// differ.
package template

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/schemas"
)

// Version is that of the templates: a newer weir replaces those of an older one, and an older one leaves those of a newer
// one alone. It goes up when what is made for a plain server changes; a test compares it with schemas/elasticsearch.json.
const Version = 1

// Priority wins over the templates that Elasticsearch ships for logs-*-*, which would make data streams.
const Priority = 300

// ignoreAbove is the longest text that is indexed as a whole; what is longer is stored and found by its other fields.
// A term may have 32766 bytes at most, and a character has up to four.
const ignoreAbove = 1024

// depthLimit is how deep the objects of free-form fields may be; the server's own limit of 20 refuses documents.
const depthLimit = 200

// Server is what a template must know of the server that it is for.
type Server struct {
	OpenSearch bool
	// Types has the names of optional field types that the server knows: wildcard, match_only_text.
	Types map[string]bool
}

// Settings are those of new indices.
type Settings struct {
	Shards   int
	Replicas int // -1: one where there are two nodes or more
	Refresh  time.Duration
}

// object is one JSON object. encoding/json writes keys in order, so equal templates are equal bytes.
type object = map[string]any

// plain are fields that are kept and not indexed: nobody searches for the bytes of a record, and they can be long.
var plain = map[event.Field]bool{event.EventOriginal: true, event.WeirOriginalBase64: true}

// Mappings returns the mapping of every known field. Fields that nobody foresaw are kept in the document and not
// indexed, so that no document can change the mapping.
func Mappings(s Server) (object, error) { //nolint:revive // an object is a map, to whoever looks into it
	declared, err := schemas.Types()
	if err != nil {
		return nil, err
	}
	root := object{}
	fields := event.Fields() // in document order: an upper field comes before those below it
	for i, f := range fields {
		if i+1 < len(fields) && only(f, fields[i+1], declared[f.Path()]) {
			continue
		}
		if err := add(root, f, fieldOf(f, s, declared[f.Path()])); err != nil {
			return nil, err
		}
	}
	return object{"dynamic": false, "date_detection": false, "numeric_detection": false, "properties": root}, nil
}

// only tells whether a field is nothing but the parent of the fields below it, such as log.syslog. Those keep their types. A
// list of objects, such as dns.answers, is another thing: its members may be anything.
func only(f, next event.Field, declared string) bool {
	return declared == "object" && !f.Array() && strings.HasPrefix(next.Path(), f.Path()+".")
}

// add puts a field's mapping into the tree. Below a field that is an object of free form nothing is mapped: its members
// are found through it.
func add(root object, f event.Field, mapping object) error {
	parts := strings.Split(f.Path(), ".")
	at := root
	for _, p := range parts[:len(parts)-1] {
		below, ok := at[p].(object)
		if !ok {
			below = object{"properties": object{}}
			at[p] = below
		}
		if below["properties"] == nil {
			if free(below) {
				return nil
			}
			// A plain value that has fields below it (error and error.code): a document holds one or the other, and the
			// event's table sees to that. Elasticsearch needs one shape for both: the object.
			delete(at, p)
			at[p] = object{"properties": object{}}
			below = at[p].(object)
		}
		next, ok := below["properties"].(object)
		if !ok {
			return fmt.Errorf("field %s: the mapping above it has no place for fields", f.Path())
		}
		at = next
	}
	at[parts[len(parts)-1]] = mapping
	return nil
}

// free tells whether a mapping takes any object.
func free(m object) bool { return m["type"] == "flattened" || m["type"] == "flat_object" }

// fieldOf returns the mapping of one field.
func fieldOf(f event.Field, s Server, declared string) object {
	if plain[f] {
		return object{"type": "keyword", "index": false, "doc_values": false}
	}
	switch f.Type() {
	case ecs.Keyword:
		if declared == "wildcard" && s.Types[declared] {
			return object{"type": "wildcard"}
		}
		return object{"type": "keyword", "ignore_above": ignoreAbove}
	case ecs.Text:
		if s.Types["match_only_text"] {
			return object{"type": "match_only_text"}
		}
		return object{"type": "text", "norms": false}
	case ecs.Long:
		return object{"type": "long"}
	case ecs.Double:
		return object{"type": "double"}
	case ecs.Date:
		return object{"type": "date"}
	case ecs.Boolean:
		return object{"type": "boolean"}
	case ecs.IP:
		return object{"type": "ip"}
	case ecs.GeoPoint:
		return object{"type": "geo_point"}
	}
	if s.OpenSearch {
		return object{"type": "flat_object"}
	}
	return object{"type": "flattened", "ignore_above": ignoreAbove, "depth_limit": depthLimit}
}

// Component returns the component template with the settings and mappings of all indices.
func Component(s Server, st Settings) ([]byte, error) {
	mappings, err := Mappings(s)
	if err != nil {
		return nil, err
	}
	index := object{
		"number_of_shards": st.Shards,
		"refresh_interval": fmt.Sprintf("%dms", st.Refresh.Milliseconds()),
		"mapping":          object{"ignore_malformed": true, "total_fields": object{"limit": count(mappings) + 1000}},
	}
	if st.Replicas < 0 {
		index["auto_expand_replicas"] = "0-1"
	} else {
		index["number_of_replicas"] = st.Replicas
	}
	return finish(object{"template": object{"settings": object{"index": index}, "mappings": mappings}})
}

// Index returns the template of the indices of one class, whose names begin with name and a hyphen. name is their alias.
func Index(name, component string) ([]byte, error) {
	return finish(object{
		"index_patterns": []string{name + "-*"},
		"composed_of":    []string{component},
		"priority":       Priority,
		"template":       object{"aliases": object{name: object{}}},
	})
}

// finish adds the version, and the sum by which two templates of one version are told apart.
func finish(t object) ([]byte, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("writing a template: %w", err)
	}
	sum := sha256.Sum256(b)
	t["version"] = Version
	t["_meta"] = object{"managed_by": "weir", "sum": hex.EncodeToString(sum[:8])}
	if b, err = json.Marshal(t); err != nil {
		return nil, fmt.Errorf("writing a template: %w", err)
	}
	return b, nil
}

// count returns the number of fields and objects of a mapping, as the server counts them against its limit.
func count(m object) int {
	n := 0
	props, ok := m["properties"].(object)
	if !ok {
		return 0
	}
	for _, v := range props {
		n++
		if below, ok := v.(object); ok {
			n += count(below)
		}
	}
	return n
}
