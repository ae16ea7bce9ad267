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
	a.mu.Lock()
	v, durable := a.look(), a.durable.Next[p] // of one moment: what is not durable is in the view's memory
	a.mu.Unlock()
	defer v.pin()()
	parts, err := a.holding(v, p, from, to, to > durable)
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

// holding returns the segments of the epochs that hold a record of [from, to), with those in memory if tail is set.
// A segment in quarantine is missing: asking again would not bring it back.
func (a *Archive) holding(v *view, p Partition, from, to int64, tail bool) ([]search.Part, error) {
	var parts []search.Part
	if tail {
		parts = v.tail
	}
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
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range v.segments {
		if wanted[s.Path] && s.bad == nil {
			parts = append(parts, a.part(s))
		}
	}
	return parts, nil
}
