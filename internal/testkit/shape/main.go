// Command shape prints the size table of this project's own Go code and fails where a ceiling is passed.
//
// It counts hand-written Go: generated files (the standard "DO NOT EDIT" line), testdata and vendor are left out, and
// a nested module counts for itself. Run it from anywhere in the tree: go run ./internal/testkit/shape
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its world passed in. It returns 0 when every ceiling holds, 1 when one is passed, 2 when the tree
// cannot be read.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("shape", flag.ContinueOnError)
	flags.SetOutput(stderr)
	root := flags.String("root", "", "folder that holds go.mod (default: the one above the working folder)")
	top := flags.Int("top", 5, "how many of the worst to name per measure that is over its aim")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	dir, err := moduleRoot(*root)
	if err != nil {
		fmt.Fprintln(stderr, "shape:", err)
		return 2
	}
	tree, err := measure(dir)
	if err != nil {
		fmt.Fprintln(stderr, "shape:", err)
		return 2
	}
	if !printTable(stdout, tree.rows(), *top) {
		return 1
	}
	return 0
}

// moduleRoot returns dir, or the nearest folder above the working folder that holds go.mod when dir is empty.
func moduleRoot(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the working folder: %w", err)
	}
	for at := wd; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no go.mod in %s or above it", wd)
		}
	}
}
