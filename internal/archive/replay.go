package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
)

// Replay calls each for the document of every row of the epochs that hold records [from, to) of a consumed partition:
// those, and others that were stored with them. A document is valid until each returns. What is missing in the archive
// too is not given, and is no error: its caller knows which records it wanted.
func (a *Archive) Replay(ctx context.Context, p Partition, from, to int64, each func(doc []byte) error) error {
	parts, err := a.holding(p, from, to)
	if err != nil {
		return err
	}
	var buf []byte
	for e, err := range search.Scan(ctx, parts, search.ScanOptions{Revisions: true}, a.badIndex) {
		if err != nil {
			return fmt.Errorf("reading back %s from %d to %d: %w", p, from, to, err)
		}
		buf = e.AppendJSON(buf[:0])
		if err := each(buf); err != nil {
			return err
		}
	}
	return nil
}

// holding returns the segments of the epochs that hold a record of [from, to), and the rows in memory where those may.
func (a *Archive) holding(p Partition, from, to int64) ([]search.Part, error) {
	a.mu.Lock()
	segments, durable := a.segments, a.durable.Next[p]
	var parts []search.Part
	if to > durable {
		for _, e := range a.epochs() {
			for _, k := range e.keys {
				parts = append(parts, tailPart(k, e.tables[k].View()))
			}
		}
	}
	a.mu.Unlock()
	f, err := os.Open(filepath.Join(a.dir, manifest.Name))
	if errors.Is(err, fs.ErrNotExist) { // nothing was sealed yet
		return parts, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	defer f.Close()
	list, err := manifest.Read(f)
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	wanted := map[string]bool{}
	for _, rec := range list.Records {
		if span, ok := rec.Sources[p.String()]; ok && span[0] < to && span[1] > from {
			for _, s := range rec.Segments {
				wanted[s.Path] = true
			}
		}
	}
	for _, s := range segments {
		if wanted[s.Path] {
			parts = append(parts, a.part(s))
		}
	}
	return parts, nil
}
