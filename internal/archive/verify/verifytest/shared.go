package verifytest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// shared is the archive of all tests of a package: making one takes longer than most of them.
var shared struct {
	sync.Once
	*Archive
}

// Shared returns the archive of the test's package, which is made for whoever asks first. Tests read it, or change copies.
func Shared(t testing.TB) *Archive {
	t.Helper()
	shared.Do(func() {
		dir, err := os.MkdirTemp("", "weir-archive-") //nolint:usetesting // it outlives the test that asked first
		if err != nil {
			t.Fatal(err)
		}
		shared.Archive = Make(t, dir)
	})
	return shared.Archive
}

// Run is TestMain of such a package: it runs the tests and removes what they shared.
func Run(m *testing.M) int {
	code := m.Run()
	if shared.Archive != nil {
		_ = os.RemoveAll(filepath.Dir(shared.Folder)) // below the system's folder of temporary files
	}
	return code
}
