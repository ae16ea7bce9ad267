// Package testkit is what tests of many packages share: the test data, requirements, and clients of our own.
package testkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Required tells whether the environment demands that tests which need what do run: WEIR_REQUIRE is a comma-separated
// list of shared, servers, root, kafka, elastic, moto, ebpf, snmp, chromium, openssl, python3, readers, machine for what
// nearly every machine has, and naive for the long comparison with the naive reading of rules.
//
// A test that does less, or ends, where something is not required is noted in the file that WEIR_SKIPPED names: a run
// that demands more knows by it what is left to do.
func Required(t testing.TB, what string) bool {
	t.Helper()
	for w := range strings.SplitSeq(os.Getenv("WEIR_REQUIRE"), ",") {
		if w == what {
			return true
		}
	}
	note(t)
	return false
}

// folder is where the tests of this process began: that of their package.
var folder, _ = os.Getwd()

// note appends the package and the name of a test to the file of those that are left to do. A line is one write, so
// processes that note at once do not mix theirs.
func note(t testing.TB) {
	t.Helper()
	file := os.Getenv("WEIR_SKIPPED")
	if file == "" {
		return
	}
	pkg, err := filepath.Rel(Root(t), folder)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(t.Name(), "/")
	_, err = fmt.Fprintf(f, "./%s\t%s\n", filepath.ToSlash(pkg), name)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// Skip ends the test because something is missing, or fails it where WEIR_REQUIRE names it.
func Skip(t testing.TB, what, why string) {
	t.Helper()
	if Required(t, what) {
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
