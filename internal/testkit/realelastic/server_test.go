package realelastic

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// TestCount: a server that comes back is asked until it counts all of its shards.
func TestCount(t *testing.T) {
	answers := []struct {
		status int
		body   string
	}{
		{http.StatusServiceUnavailable, `{"error":{"type":"search_phase_execution_exception"},"status":503}`},
		{http.StatusOK, `{"count":1,"_shards":{"total":2,"successful":1,"failed":1}}`},
		{http.StatusOK, `{"count":3,"_shards":{"total":2,"successful":2,"failed":0}}`},
		{http.StatusNotFound, `{"status":404}`},
	}
	asked := 0
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a/_count" {
			return
		}
		w.WriteHeader(answers[asked].status)
		fmt.Fprint(w, answers[asked].body)
		asked++
	}))
	defer fake.Close()
	s := &Server{URLs: []string{fake.URL}, client: fake.Client()}
	if n := s.Count(t, "a"); n != 3 || asked != 3 {
		t.Errorf("%d documents, asked %d times", n, asked)
	}
	if n := s.Count(t, "a"); n != 0 || asked != 4 {
		t.Errorf("%d documents of an index that is not there, asked %d times", n, asked)
	}
}

// TestStart: the server of a test takes documents, is gone after a kill, and has them still when it comes back; its folder
// goes with the test.
func TestStart(t *testing.T) {
	var dir string
	t.Run("server", func(t *testing.T) {
		s := Start(t)
		dir = s.Dir
		if n := s.Count(t, "nothing"); n != 0 {
			t.Errorf("%d documents in an index that is not there", n)
		}
		if status, m := s.Do(t, http.MethodPut, "/a/_doc/1", `{"x":1}`); status != http.StatusCreated {
			t.Fatalf("%d %v", status, m)
		}
		s.Run(t, "kill")
		if resp, err := http.Get(s.URLs[0]); err == nil {
			_ = resp.Body.Close()
			t.Error("a killed server answers")
		}
		s.Run(t, "start")
		if n := s.Count(t, "a"); n != 1 {
			t.Errorf("%d documents after the kill", n)
		}
	})
	if dir == "" {
		t.Skip("the server was not started")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}
