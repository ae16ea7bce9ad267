package testkit

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sigmaActive are the folders of SigmaHQ whose rules are meant to run.
var sigmaActive = []string{"rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder", "rules-compliance"}

// SigmaHQ returns the rule files of folders of SigmaHQ, by default of those whose rules are meant to run, from the folder of
// real data. Without it the test is skipped.
func SigmaHQ(t testing.TB, folders ...string) fstest.MapFS {
	t.Helper()
	files, err := ReadSigmaHQ(Shared(t), folders...)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// ReadSigmaHQ is SigmaHQ for programs: shared is the folder of real data.
func ReadSigmaHQ(shared string, folders ...string) (fstest.MapFS, error) {
	if len(folders) == 0 {
		folders = sigmaActive
	}
	f, err := os.Open(filepath.Join(shared, "data", "sigma", "sigma-rules.tar.gz"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpacking the rules: %w", err)
	}
	files := fstest.MapFS{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("unpacking the rules: %w", err)
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/sigma/") // Clean: no name leads out of the folder
		top, _, _ := strings.Cut(name, "/")
		if h.Typeflag != tar.TypeReg || !slices.Contains(folders, top) || path.Ext(name) != ".yml" {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("unpacking %s: %w", name, err)
		}
		files[name] = &fstest.MapFile{Data: content, Mode: 0o444}
	}
}
