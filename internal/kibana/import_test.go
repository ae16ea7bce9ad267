package kibana

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestImport_AgainstAStandInSinceKibanaCannotRunHere(t *testing.T) {
	k := newStandIn(t)
	list := objects(t)
	r, err := Import(t.Context(), Server{URL: k.URL}, list, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Imported != len(list) || len(r.Failed) != 0 || r.Version != "8.19.8" {
		t.Fatalf("%+v", r)
	}
	if k.stored["/dashboard/weir-overview"] != "weir: Overview" {
		t.Errorf("stored: %v", k.stored)
	}
	// A second time all are there already; what people changed stays.
	r, err = Import(t.Context(), Server{URL: k.URL}, list, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Imported != 0 || len(r.Failed) != len(list) || r.Failed[0].Reason != "is there already" || r.Failed[0].Title == "" {
		t.Errorf("%d imported, %d failed, %+v", r.Imported, len(r.Failed), r.Failed[0])
	}
	if r, err = Import(t.Context(), Server{URL: k.URL + "/"}, list, true); err != nil || r.Imported != len(list) {
		t.Errorf("with overwrite: %+v, %v", r, err)
	}
}

func TestImport_SpaceOfAStandInSinceKibanaCannotRunHere(t *testing.T) {
	k := newStandIn(t)
	if _, err := Import(t.Context(), Server{URL: k.URL, Space: "soc"}, objects(t), false); err != nil {
		t.Fatal(err)
	}
	if k.stored["soc/dashboard/weir-alerts-board"] == "" {
		t.Errorf("stored: %v", k.stored)
	}
	if _, err := Import(t.Context(), Server{URL: k.URL, Space: "default"}, objects(t), false); err != nil || k.stored["/search/weir-search-tcp"] == "" {
		t.Errorf("the default space: %v", err)
	}
}

// TestImport_SomeRefused: what Kibana does not take is named with its reason, and the rest is counted.
func TestImport_SomeRefused(t *testing.T) {
	k := newStandIn(t)
	delete(k.types, "search")
	list := objects(t)
	r, err := Import(t.Context(), Server{URL: k.URL}, list, false)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, f := range r.Failed {
		reasons[f.ID] = f.Reason
	}
	if reasons[searchLogins] != "this Kibana has no objects of type search" {
		t.Errorf("a search: %q", reasons[searchLogins])
	}
	if reasons["weir-authentication"] != "needs search weir-search-logins, which is missing" {
		t.Errorf("a dashboard: %q", reasons["weir-authentication"])
	}
	if r.Imported != 0 {
		t.Errorf("%d imported", r.Imported)
	}
}

func TestImport_SignedIn(t *testing.T) {
	tests := []struct {
		name   string
		wants  string
		server Server
		code   string
	}{
		{"key", "ApiKey abc==", Server{APIKey: "abc=="}, ""},
		{"user", "Basic YW5hOnMzY3JldA==", Server{User: "ana", Password: "s3cret"}, ""},
		{"wrong key", "ApiKey abc==", Server{APIKey: "xyz"}, "kibana-auth"},
		{"nobody", "ApiKey abc==", Server{}, "kibana-auth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newStandIn(t)
			k.key, tt.server.URL = tt.wants, k.URL
			_, err := Import(t.Context(), tt.server, objects(t), false)
			if fault.Code(err) != tt.code {
				t.Errorf("%v, want %q", err, tt.code)
			}
			if err != nil && strings.Contains(err.Error(), "xyz") {
				t.Errorf("the key is shown: %v", err)
			}
		})
	}
}

func TestImport_Failure(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if _, err := w.Write([]byte(body)); err != nil {
				t.Error(err)
			}
		}
	}
	tests := []struct {
		name   string
		status http.HandlerFunc // GET /api/status
		take   http.HandlerFunc // POST, nil: not reached
		code   string
		why    string
		do     string
	}{
		{"too old", says(200, `{"version":{"number":"8.6.2"}}`), nil, "kibana-version", "8.6.2", "update Kibana"},
		{"much too old", says(200, `{"version":{"number":"7.17.0"}}`), nil, "kibana-version", "7.17.0", "update Kibana"},
		{"no key", says(401, `{"message":"missing authentication credentials"}`), nil, "kibana-auth", "401 missing authentication", "--api-key env:NAME"},
		{"status is all that it tells", says(200, `{"status":{"overall":{"level":"available"}}}`), nil, "kibana-auth", "401", "--api-key env:NAME"},
		{"starting", says(503, `Kibana server is not ready yet`), nil, "kibana-refused", "503", "wait until"},
		{"Elasticsearch answers", says(404, `{"error":"no handler found"}`), nil, "kibana-refused", "404", "base path"},
		{"a web server answers", says(200, `<html>It works`), nil, "kibana-refused", "cannot be read", "5601"},
		{"JSON, and no Kibana", says(200, `{"version":{"number":""}}`), nil, "kibana-refused", "cannot be read", "5601"},
		{"to the sign-in page", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, nil, "kibana-refused", "302", "base path"},
		{"not this user", says(200, `{"version":{"number":"8.19.8"}}`), says(403, `{"message":"Unable to bulk_create"}`), "kibana-auth", "403 Unable to bulk_create", "Saved Objects Management"},
		{"no such space", says(200, `{"version":{"number":"8.19.8"}}`), says(404, `{"message":"Not Found"}`), "kibana-refused", "404 Not Found", "--space"},
		{"a proxy's limit", says(200, `{"version":{"number":"8.19.8"}}`), says(413, `<html>too large`), "kibana-refused", "413", "proxy"},
		{"cut off", says(200, `{"version":{"number":"8.19.8"}}`), says(200, `{"successCount":`), "kibana-refused", "cannot be read", "5601"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /api/status", tt.status)
			mux.HandleFunc("POST /api/saved_objects/_import", func(w http.ResponseWriter, r *http.Request) {
				if tt.take == nil {
					t.Error("objects were sent")
					return
				}
				tt.take(w, r)
			})
			srv := httptest.NewServer(mux)
			defer srv.Close()
			_, err := Import(t.Context(), Server{URL: srv.URL}, objects(t), false)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != tt.code || !strings.Contains(f.Why, tt.why) || !strings.Contains(f.Do, tt.do) || f.Where != srv.URL {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	tests := map[string]string{
		`{"id":"x","type":"search","error":{"type":"conflict"}}`:                                                             "is there already",
		`{"id":"x","type":"search","error":{"type":"ambiguous_conflict","destinations":[]}}`:                                 "is there already",
		`{"id":"x","type":"lens","error":{"type":"unsupported_type"}}`:                                                       "this Kibana has no objects of type lens",
		`{"id":"x","error":{"type":"missing_references","references":[{"type":"index-pattern","id":"a"}]}}`:                  "needs index-pattern a, which is missing",
		`{"id":"x","error":{"type":"unknown","message":"Document \"x\" belongs to a more recent version","statusCode":422}}`: `Document "x" belongs to a more recent version`,
		`{"id":"x","error":{"type":"brand_new"}}`:                                                                            "refused: brand_new",
	}
	for body, want := range tests {
		var r refusal
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatal(err)
		}
		if f := r.failure(); f.Reason != want || f.ID != "x" {
			t.Errorf("%s: %+v", body, f)
		}
	}
}

// FuzzRefusal: whatever Kibana answers, a failure says why.
func FuzzRefusal(f *testing.F) {
	f.Add([]byte(`{"id":"x","type":"search","error":{"type":"conflict"}}`))
	f.Add([]byte(`{"error":{"type":"missing_references","references":[{}]}}`))
	f.Add([]byte(`{"error":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var r refusal
		if json.Unmarshal(body, &r) != nil {
			return
		}
		if r.failure().Reason == "" {
			t.Errorf("no reason for %s", body)
		}
	})
}
