package realelastic

import (
	"net/http"
	"os"
	"testing"
)

// TestStart: the server of a test takes documents, is gone after a kill, and has them still when it comes back; its folder
// goes with the test.
func TestStart(t *testing.T) {
	var dir string
	t.Run("server", func(t *testing.T) {
		s := Start(t, 4)
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
