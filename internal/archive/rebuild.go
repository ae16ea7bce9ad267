package archive

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"weir/internal/archive/disk"
	"weir/internal/archive/index"
)

// RebuildIndexes makes every index anew that is missing or damaged, and returns how many. all also remakes good ones.
func (a *Archive) RebuildIndexes(ctx context.Context, all bool) (n int, err error) {
	v := a.view()
	defer v.pin()()
	for _, s := range v.segments {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		a.mu.Lock()
		skip := s.bad != nil || !s.here.Load()
		a.mu.Unlock()
		if skip {
			continue
		}
		done, err := a.rebuildIndex(s, all)
		if err != nil {
			return n, fmt.Errorf("rebuilding the index of %s: %w", s.Path, err)
		}
		if done {
			n++
		}
	}
	return n, nil
}

// rebuildIndex makes one index from its segment. Readers that have the old one open go on with it or without one.
func (a *Archive) rebuildIndex(s *segmentFile, always bool) (bool, error) {
	h, err := a.files.get(s)
	if err != nil {
		return false, err
	}
	if h.ix != nil && !always && h.ix.Check() == nil {
		a.files.put(h)
		return false, nil
	}
	order := make([]int, h.seg.Rows())
	for i := range order {
		order[i] = i
	}
	_, err = disk.WriteFile(filepath.Dir(s.index), filepath.Base(s.index), nil, func(w io.Writer) error { return index.Build(w, h.seg, order, s.sum) })
	a.files.put(h)
	a.files.drop(s)
	return err == nil, err
}
