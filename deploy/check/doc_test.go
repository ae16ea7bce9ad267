// Package check holds deploy/ to the programs that will read it: the chart to Helm and to the types of Kubernetes, rules and
// dashboard to Prometheus' own parser and to the metrics that a running weir has. It is a module of its own, so that weir's
// go.mod stays readable, and it is tests alone:
//
//	cd deploy/check && go test ./...
//
// Helm is taken from $HELM, the PATH or the folder of go install; without it the tests of the chart are skipped, and fail
// where WEIR_REQUIRE names servers.
package check

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is made from a source here anew")

// helmVersion is the one that the chart is tested with; go install makes it.
const helmVersion = "v3.22.0"

// root is the folder of the sources, above deploy/check.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// read returns a file below the root.
func read(t testing.TB, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root(t)}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// same keeps a file equal to what it is made from; -update writes it.
func same(t *testing.T, want []byte, path ...string) {
	t.Helper()
	name := filepath.Join(append([]string{root(t)}, path...)...)
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have := read(t, path...); string(have) != string(want) {
		t.Errorf("%s is not what it is made from: go test ./... -update", filepath.Join(path...))
	}
}

// helm returns Helm's program, or skips.
func helm(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("HELM"); path != "" {
		return path
	}
	if path, err := exec.LookPath("helm"); err == nil {
		return path
	}
	if out, err := exec.Command("go", "env", "GOPATH").Output(); err == nil {
		if path := filepath.Join(strings.TrimSpace(string(out)), "bin", "helm"); runs(path) {
			return path
		}
	}
	missing(t, "no helm: go install helm.sh/helm/v3/cmd/helm@"+helmVersion)
	return ""
}

// runs tells whether a program is there.
func runs(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

// missing skips a test, or fails it where everything must be there.
func missing(t *testing.T, why string) {
	t.Helper()
	for what := range strings.SplitSeq(os.Getenv("WEIR_REQUIRE"), ",") {
		if what == "servers" {
			t.Fatal(why)
		}
	}
	t.Skip(why)
}

// weir builds the program; the second time it comes from the cache.
func weir(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir")
	build := exec.Command("go", "build", "-o", path, "./cmd/weir")
	build.Dir = root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building weir: %v\n%s", err, out)
	}
	return path
}
