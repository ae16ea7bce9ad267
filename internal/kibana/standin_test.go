package kibana

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// standIn answers as Kibana 8.19 does where weir asks: the status, and the import of saved objects with its checks. It is
// written from Kibana's documentation and no Kibana: what it proves is that weir asks as documented and understands the
// answers.
type standIn struct {
	*httptest.Server
	version string            // of /api/status
	key     string            // that it wants, empty: nobody has to sign in
	types   map[string]bool   // that it knows
	mu      sync.Mutex        // guards stored: a server answers on many goroutines
	stored  map[string]string // what it has, by space, type and id
}

// newStandIn starts one, which ends with the test.
func newStandIn(t testing.TB) *standIn {
	t.Helper()
	k := &standIn{version: "8.19.8", types: map[string]bool{"index-pattern": true, "search": true, "dashboard": true}, stored: map[string]string{}}
	k.Server = httptest.NewServer(k.handler())
	t.Cleanup(k.Close)
	return k
}

// handler has the two pages, in the default space and in others.
func (k *standIn) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/status", func(w http.ResponseWriter, r *http.Request) {
		if k.allowed(w, r) {
			fmt.Fprintf(w, `{"name":"standin","version":{"number":%q,"build_snapshot":false},"status":{"overall":{"level":"available"}}}`, k.version)
		}
	})
	mux.HandleFunc("POST /api/saved_objects/_import", k.receive)
	mux.HandleFunc("POST /s/{space}/api/saved_objects/_import", k.receive)
	return mux
}

// allowed checks the key.
func (k *standIn) allowed(w http.ResponseWriter, r *http.Request) bool {
	if k.key == "" || r.Header.Get("Authorization") == k.key {
		return true
	}
	fail(w, http.StatusUnauthorized, "[security_exception] unable to authenticate user")
	return false
}

// fail answers with an error as Kibana's HTTP layer writes it.
func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"statusCode":%d,"error":%q,"message":%q}`, status, http.StatusText(status), message)
}

// receive is the import.
func (k *standIn) receive(w http.ResponseWriter, r *http.Request) {
	if !k.allowed(w, r) {
		return
	}
	if r.Header.Get("kbn-xsrf") == "" {
		fail(w, http.StatusBadRequest, "Request must contain a kbn-xsrf header.")
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		fail(w, http.StatusBadRequest, "[request body.file]: expected value of type [Stream]")
		return
	}
	defer func() { _ = file.Close() }()
	if !strings.HasSuffix(header.Filename, ".ndjson") {
		fail(w, http.StatusBadRequest, "Invalid file extension "+header.Filename)
		return
	}
	var list []Object
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o Object
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			fail(w, http.StatusBadRequest, "Unexpected token in JSON")
			return
		}
		list = append(list, o)
	}
	k.answer(w, list, r.PathValue("space"), r.URL.Query().Get("overwrite") == "true")
}

// answer stores what it can. As in Kibana, one object that refers to nothing keeps all from being stored, while a
// conflict keeps only itself.
func (k *standIn) answer(w http.ResponseWriter, list []Object, space string, overwrite bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	there := map[string]bool{}
	for _, o := range list {
		there[o.Type+"/"+o.ID] = k.types[o.Type]
	}
	var errs []dict
	bad := func(o Object, kind string, more dict) {
		e := dict{"type": kind}
		maps.Copy(e, more)
		errs = append(errs, dict{"id": o.ID, "type": o.Type, "meta": dict{"title": o.Attributes["title"]}, "error": e})
	}
	blocked := false
	for _, o := range list {
		var missing []Reference
		for _, r := range o.References {
			if _, ok := k.stored[space+"/"+r.Type+"/"+r.ID]; !ok && !there[r.Type+"/"+r.ID] {
				missing = append(missing, r)
			}
		}
		switch {
		case !k.types[o.Type]:
			bad(o, "unsupported_type", nil)
		case len(missing) > 0:
			blocked = true
			bad(o, "missing_references", dict{"references": missing})
		}
	}
	stored := 0
	for _, o := range list {
		key := space + "/" + o.Type + "/" + o.ID
		_, have := k.stored[key]
		switch {
		case blocked || !k.types[o.Type]:
		case have && !overwrite:
			bad(o, "conflict", nil)
		default:
			title, _ := o.Attributes["title"].(string)
			k.stored[key] = title
			stored++
		}
	}
	body := dict{"success": len(errs) == 0, "successCount": stored}
	if len(errs) > 0 {
		body["errors"] = errs
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err) // the test's own client went away
	}
}
