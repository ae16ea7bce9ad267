package elastic

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fake is a small Elasticsearch: it knows bulk, mget, templates, aliases and deletion, and keeps documents by index and id.
type fake struct {
	*httptest.Server
	mu        sync.Mutex
	versions  map[string]int64 // of documents that were replaced, by index and id
	seqs      map[string]int64 // of documents that were merged
	docs      map[string]map[string]json.RawMessage
	templates map[string]json.RawMessage
	deleted   []string
	bulks     int
	// answer, if set, may answer a bulk request itself: it returns true if it did.
	answer func(w http.ResponseWriter, n int, body []byte) bool
	// refuse, if set, gives items their own status and error.
	refuse func(id, doc string) (status int, kind, reason string)
	// between, if set, is called after documents were asked for by their ids, and before they are written.
	between func(index string, ids []string)
}

func newFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{docs: map[string]map[string]json.RawMessage{}, templates: map[string]json.RawMessage{}, seqs: map[string]int64{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(z)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	f.mu.Lock()
	defer f.mu.Unlock()
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/_bulk"):
		f.bulk(w, strings.TrimSuffix(path[1:], "/_bulk"), body)
	case path == "/_mget":
		f.mget(w, body)
	case strings.HasSuffix(path, "/_mget"):
		f.byID(w, strings.TrimSuffix(path[1:], "/_mget"), body)
	case path == "/_nodes/plugins":
		fmt.Fprint(w, `{"nodes":{"a":{"version":"8.19.8","modules":[{"name":"x-pack-core"}]}}}`)
	case strings.HasPrefix(path, "/_component_template/"), strings.HasPrefix(path, "/_index_template/"):
		f.template(w, r.Method, path, body)
	case strings.HasSuffix(path, "/_alias"):
		all := map[string]any{}
		for index := range maps.Keys(f.docs) {
			all[index] = map[string]any{"aliases": map[string]any{}}
		}
		_ = json.NewEncoder(w).Encode(all)
	case r.Method == http.MethodDelete:
		delete(f.docs, path[1:])
		f.deleted = append(f.deleted, path[1:])
		fmt.Fprint(w, `{"acknowledged":true}`)
	case path == "/_cluster/health":
		fmt.Fprint(w, `{"active_shards":850,"unassigned_shards":5,"initializing_shards":0,"number_of_data_nodes":1}`)
	case path == "/_cluster/settings":
		fmt.Fprint(w, `{}`)
	default:
		http.Error(w, `{"error":"no such page"}`, http.StatusNotFound)
	}
}

// template keeps templates and gives them back in the server's form.
func (f *fake) template(w http.ResponseWriter, method, path string, body []byte) {
	if method == http.MethodPut {
		f.templates[path] = bytes.Clone(body)
		fmt.Fprint(w, `{"acknowledged":true}`)
		return
	}
	t, ok := f.templates[path]
	if !ok {
		http.Error(w, `{"error":{"type":"resource_not_found_exception"}}`, http.StatusNotFound)
		return
	}
	list, entry := "component_templates", "component_template"
	if strings.HasPrefix(path, "/_index") {
		list, entry = "index_templates", "index_template"
	}
	fmt.Fprintf(w, `{%q:[{%q:%s}]}`, list, entry, t)
}

func (f *fake) bulk(w http.ResponseWriter, index string, body []byte) {
	f.bulks++
	if f.answer != nil && f.answer(w, f.bulks, body) {
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	var items []map[string]any
	failed := false
	for i := 0; i+1 < len(lines); i += 2 {
		var action struct {
			Create, Index struct {
				ID      string `json:"_id"`
				Version int64
				Type    string `json:"version_type"`
				Seq     *int64 `json:"if_seq_no"`
			}
		}
		if err := json.Unmarshal([]byte(lines[i]), &action); err != nil {
			http.Error(w, `{"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line"}}`, http.StatusBadRequest)
			return
		}
		var it map[string]any
		switch {
		case action.Index.Seq != nil:
			it = f.swap(index, action.Index.ID, *action.Index.Seq, lines[i+1])
		case action.Index.ID != "":
			it = f.replace(index, action.Index.ID, action.Index.Version, lines[i+1])
		default:
			it = f.create(index, action.Create.ID, lines[i+1])
		}
		failed = failed || it["error"] != nil
		items = append(items, map[string]any{"create": it})
	}
	out, err := json.Marshal(items)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(w, `{"errors":%v,"items":%s}`, failed, out)
}

// swap stores a document in place of the one that has this number, if it has it still.
func (f *fake) swap(index, id string, seq int64, doc string) map[string]any {
	if f.refuse != nil {
		if status, kind, reason := f.refuse(id, doc); status != 0 {
			return map[string]any{"status": status, "error": map[string]any{"type": kind, "reason": reason}}
		}
	}
	if f.docs[index][id] == nil || f.seqs[index+"/"+id] != seq {
		return map[string]any{"status": 409, "error": map[string]any{"type": "version_conflict_engine_exception", "reason": "required seqNo"}}
	}
	f.seqs[index+"/"+id]++
	f.docs[index][id] = json.RawMessage(doc)
	return map[string]any{"status": 200}
}

// byID answers for the documents of one index, with the numbers by which they are replaced.
func (f *fake) byID(w http.ResponseWriter, index string, body []byte) {
	var ask struct{ IDs []string }
	if err := json.Unmarshal(body, &ask); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := make([]map[string]any, len(ask.IDs))
	for i, id := range ask.IDs {
		doc := f.docs[index][id]
		out[i] = map[string]any{"_id": id, "found": doc != nil}
		if doc != nil {
			out[i]["_source"], out[i]["_seq_no"], out[i]["_primary_term"] = doc, f.seqs[index+"/"+id], 7
		}
	}
	if f.between != nil {
		f.between(index, ask.IDs)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"docs": out})
}

// create stores one document, or says why not.
func (f *fake) create(index, id, doc string) map[string]any {
	problem := func(status int, kind, reason string) map[string]any {
		return map[string]any{"status": status, "error": map[string]any{"type": kind, "reason": reason}}
	}
	if f.refuse != nil {
		if status, kind, reason := f.refuse(id, doc); status != 0 {
			return problem(status, kind, reason)
		}
	}
	if f.docs[index] == nil {
		f.docs[index] = map[string]json.RawMessage{}
	}
	if f.docs[index][id] != nil {
		return problem(409, "version_conflict_engine_exception", "["+id+"]: version conflict, document already exists")
	}
	if !json.Valid([]byte(doc)) {
		return problem(400, "document_parsing_exception", "failed to parse")
	}
	f.docs[index][id] = json.RawMessage(doc)
	return map[string]any{"status": 201}
}

// replace stores a document with a version of its own, if that is above the one that is there.
func (f *fake) replace(index, id string, version int64, doc string) map[string]any {
	if f.versions == nil {
		f.versions = map[string]int64{}
	}
	have := f.versions[index+"/"+id]
	if have == 0 && f.docs[index][id] != nil {
		have = 1
	}
	if version <= have {
		return map[string]any{"status": 409, "error": map[string]any{"type": "version_conflict_engine_exception", "reason": "current version is higher or equal"}}
	}
	delete(f.docs[index], id)
	f.versions[index+"/"+id] = version
	return f.create(index, id, doc)
}

func (f *fake) mget(w http.ResponseWriter, body []byte) {
	var ask struct {
		Docs []struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var out []map[string]any
	for _, d := range ask.Docs {
		doc := f.docs[d.Index][d.ID]
		out = append(out, map[string]any{"found": doc != nil, "_source": doc})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"docs": out})
}

// count returns how many documents there are.
func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, docs := range f.docs {
		n += len(docs)
	}
	return n
}
