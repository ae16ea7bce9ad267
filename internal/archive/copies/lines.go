package copies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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

// signed returns how many entries the checkpoint of an archive's log covers. An archive without a log has no say in what goes:
// then it is as if all were covered.
func signed(folder string) (int64, error) {
	b, err := os.ReadFile(filepath.Join(folder, "log", "checkpoint"))
	if errors.Is(err, fs.ErrNotExist) {
		return math.MaxInt64, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the log's checkpoint: %w", err)
	}
	if lines := strings.SplitN(string(b), "\n", 3); len(lines) == 3 {
		if n, err := strconv.ParseInt(lines[1], 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, nil // one that nobody can read covers nothing; verify names it
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
