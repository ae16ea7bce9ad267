// Package testkit is what tests of many packages share: the test data, requirements, and clients of our own.
package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Required tells whether the environment demands that tests which need what do run: WEIR_REQUIRE is a comma-separated
// list of shared, servers, root, kafka, elastic, moto, ebpf, snmp, and naive for the long comparison with the naive reading
// of rules.
func Required(what string) bool {
	for w := range strings.SplitSeq(os.Getenv("WEIR_REQUIRE"), ",") {
		if w == what {
			return true
		}
	}
	return false
}

// Skip ends the test because something is missing, or fails it where WEIR_REQUIRE names it.
func Skip(t testing.TB, what, why string) {
	t.Helper()
	if Required(what) {
		t.Fatalf("%s is required here: %s", what, why)
	}
	t.Skipf("needs %s: %s", what, why)
}

// Shared returns the folder of real logs and captures: WEIR_TESTDATA, else ../shared beside the project's root.
// Without it the test is skipped.
func Shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WEIR_TESTDATA")
	if dir == "" {
		dir = filepath.Join(Root(t), "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		Skip(t, "shared", "no test data in "+dir+" (set WEIR_TESTDATA)")
	}
	return dir
}

// Root returns the project's root: the folder above the test that holds go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
