package copies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"weir/internal/archive/manifest"
)

// readFrom returns the whole lines of an archive's manifest between two bytes, without their ends. A line that is being
// written may be taken back, so it is not there yet.
func readFrom(folder string, at, end int64) ([][]byte, error) {
	f, err := os.Open(filepath.Join(folder, manifest.Name))
	if errors.Is(err, fs.ErrNotExist) && end == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, at, max(0, end-at)))
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	var out [][]byte
	for {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			return out, nil
		}
		out = append(out, b[:n:n])
		b = b[n+1:]
	}
}

// expired returns the segments that a record takes away.
func expired(rec *manifest.Record) (out []string) {
	for _, a := range rec.Actions {
		var x manifest.Expiry
		if a.Kind == manifest.KindExpiry && json.Unmarshal(a.Body, &x) == nil {
			out = append(out, x.Path)
		}
	}
	return out
}

// files returns the files beside the segments that a record names.
func files(rec *manifest.Record) (out []string) {
	for _, a := range rec.Actions {
		var x manifest.File
		if (a.Kind == manifest.KindPolicy || a.Kind == manifest.KindReview) && json.Unmarshal(a.Body, &x) == nil {
			out = append(out, x.Path)
		}
	}
	return out
}
