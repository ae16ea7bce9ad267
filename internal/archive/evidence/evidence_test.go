package evidence

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/verify/verifytest"
	"weir/internal/control/archiving"
)

// world returns the archive of all tests here, which only read it or copies of it.
func world(t testing.TB) *verifytest.Archive { return verifytest.Shared(t) }

func TestMain(m *testing.M) { os.Exit(verifytest.Run(m)) }

// options are those of an export of the tests.
func options(a *verifytest.Archive, out string) Options {
	return Options{Files: os.DirFS(a.Folder), Where: "archive", Keys: []string{a.Key}, Query: "user.name: 김민수 or user.name: kim", Reason: "case 12 <b>", By: "ana", Host: "log-1",
		Version: "0.1.0", Out: out, Now: verifytest.Start.Add(48 * time.Hour)}
}

// export makes a package.
func export(t testing.TB, o Options) *Summary {
	t.Helper()
	s, err := Export(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verified checks a package as the command does.
func verified(t testing.TB, name string, keys ...string) *archiving.Verified {
	t.Helper()
	files, folder, closer, ok, err := Open(name)
	if err != nil || !ok {
		t.Fatalf("%s: package %v, %v", name, ok, err)
	}
	defer closer.Close()
	v, err := Verify(context.Background(), files, VerifyOptions{Where: name, Keys: keys, Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// found lists what was found.
func found(v *archiving.Verified) string {
	var out []string
	for _, f := range v.Findings {
		out = append(out, f.Kind+" "+f.Path+": "+f.Why)
	}
	return strings.Join(out, "\n")
}

// FuzzReadList: whatever stands there, what is taken is of the form that is known.
func FuzzReadList(f *testing.F) {
	f.Add([]byte(`{"v":1,"files":[{"path":"x","sha256":"","bytes":1}]}`))
	f.Add([]byte(`{"v":2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, listName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, _, err := readList(os.DirFS(dir))
		if (p == nil) == (err == nil) || p != nil && p.V != version && p.V != unsigned {
			t.Fatalf("%+v, %v", p, err)
		}
	})
}

// newVerified is an outcome that rests on a key.
func newVerified(key string) *archiving.Verified { return &archiving.Verified{Key: key} }
