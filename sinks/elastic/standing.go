package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"weir/sinks/elastic/bulk"
)

// An alert is one document in Elasticsearch, however many revisions it has and however often people change it: who looks for
// open alerts wants each once, as it stands. Its revisions come from weir.alerts and what people decide from weir.changes,
// on partitions of their own, in any order and more than once. So a document is merged with the one that is there: the newer
// revision by weir.revision, the newer decision by weir.alert.changes.

// alertClass is the class under which alerts are kept; the index of one follows from the day on which it was made, which no
// revision changes.
const alertClass = "alerts"

// decided are the fields below weir.alert that come from decisions. A revision leaves them as they are.
var decided = []string{"state", "verdict", "assignee", "changes", "by", "note", "changed"}

// standing is a document about an alert.
type standing map[string]any

// readStanding reads a document; numbers stay what they were written as.
func readStanding(doc []byte) (s standing, err error) {
	if doc == nil {
		return standing{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("reading the document of an alert: %w", err)
	}
	return s, nil
}

// weir is the object of that name, made if there is none.
func (s standing) weir() map[string]any { return below(s, "weir") }

// alert is weir.alert.
func (s standing) alert() map[string]any { return below(s.weir(), "alert") }

func below(m map[string]any, name string) map[string]any {
	v, ok := m[name].(map[string]any)
	if !ok {
		v = map[string]any{}
		m[name] = v
	}
	return v
}

// whole is a number of a document, 0 for what is none.
func whole(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

// of says which alert the document is about, and when that was made; ok is false for one that is about none.
func (s standing) of() (id string, created time.Time, ok bool) {
	a := s.alert()
	id, _ = a["id"].(string)
	for _, name := range []string{"created", "first"} {
		text, _ := a[name].(string)
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return id, at, id != ""
		}
	}
	return id, created, false
}

// revision turns the document of a revision into that of its alert; ok is false for a document that is none, which stays
// what it is.
func (s *Sink) revision(doc []byte) (d bulk.Doc, ok bool) {
	mine, err := readStanding(doc)
	if err != nil {
		return d, false
	}
	id, created, ok := mine.of()
	number := whole(mine.weir()["revision"])
	if !ok || number < 1 {
		return d, false
	}
	return bulk.Doc{Index: s.names.Index(alertClass, created), ID: []byte(id), JSON: doc, Merge: func(stored []byte) ([]byte, error) {
		have, err := readStanding(stored)
		if err != nil || whole(have.weir()["revision"]) >= number {
			return nil, err
		}
		if have.alert()["changes"] == nil {
			return doc, nil // as it came
		}
		next, err := readStanding(doc)
		if err != nil {
			return nil, err
		}
		take(next.alert(), have.alert())
		return json.Marshal(next)
	}}, true
}

// decision makes, of the document of a change, what changes in that of its alert; ok is false for a document that is none.
func (s *Sink) decision(doc []byte) (d bulk.Doc, ok bool) {
	mine, err := readStanding(doc)
	if err != nil {
		return d, false
	}
	id, created, ok := mine.of()
	number := whole(mine.alert()["changes"])
	if !ok || number < 1 {
		return d, false
	}
	mine.alert()["changed"] = mine["@timestamp"]
	return bulk.Doc{Index: s.names.Index(alertClass, created), ID: []byte(id), JSON: doc, Merge: func(stored []byte) ([]byte, error) {
		have, err := readStanding(stored)
		if err != nil || whole(have.alert()["changes"]) >= number {
			return nil, err
		}
		have.alert()["id"] = id
		take(have.alert(), mine.alert())
		return json.Marshal(have)
	}}, true
}

// take puts what was decided in place of what stands there.
func take(to, from map[string]any) {
	for _, name := range decided {
		if v, ok := from[name]; ok && v != nil {
			to[name] = v
		} else {
			delete(to, name)
		}
	}
}
