package keeping

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/internal/app/build"
	"weir/internal/archive/copies"
	"weir/internal/archive/store"
	"weir/internal/config"
	"weir/internal/retention"
)

// copyLate is how old what a copy lacks may be before somebody is told.
const copyLate = time.Hour

// Place opens where a copy of the archive is: a bucket, or a folder.
func Place(ctx context.Context, cfg *config.Config, where string) (store.Store, error) {
	if !strings.Contains(where, "://") {
		return store.NewFolder(build.Within(*cfg, where)), nil
	}
	s3 := &cfg.Archive.S3
	st, err := store.OpenS3(ctx, where, store.S3Options{Region: s3.Region, Endpoint: s3.Endpoint})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", where, err)
	}
	return st, nil
}

// startCopies begins to fill the copies. One that cannot be reached is told in its state, and tried again.
func (k *Keeping) startCopies(ctx context.Context) error {
	for _, where := range k.opts.Config.Archive.Copies {
		st, err := Place(ctx, k.opts.Config, where)
		if err != nil {
			return err
		}
		c := copies.New(k.archive, st, copies.Options{Log: k.opts.Log.With("component", "copy", "copy", where), Now: k.opts.Now, Lock: Lock(k.opts.Config, k.opts.Policies, k.opts.Now)})
		k.copies = append(k.copies, c)
		k.ended.Go(func() { c.Run(ctx) })
	}
	return nil
}

// copyFacts says for a report how the copies are.
func (k *Keeping) copyFacts() []retention.CopyFacts {
	var out []retention.CopyFacts
	if k.copies == nil { // the files of a weir that does not run: there are copies, and nobody knows how far they are
		for _, where := range k.opts.Config.Archive.Copies {
			out = append(out, retention.CopyFacts{Where: where, Err: "no weir runs that fills it"})
		}
	}
	for _, c := range k.copies {
		s := c.State()
		f := retention.CopyFacts{Where: s.Place, OK: s.Err == nil && s.Segments == 0, At: s.Done, Behind: s.Segments}
		if s.Err != nil {
			f.Err = s.Err.Error()
		}
		out = append(out, f)
	}
	return out
}

// scrubEvery is the pause between two segments that are read to see whether they are still what was sealed.
const scrubEvery = time.Minute

// scrub reads one segment a minute, for ever, so that damage is found by weir and not by whoever needs the record.
func (k *Keeping) scrub(ctx context.Context) {
	err := k.archive.Scrub(ctx, func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubEvery):
			return nil
		}
	})
	if !errors.Is(err, context.Canceled) {
		k.opts.Log.Warn("segments are not looked at any more until the next start", "component", "archive", "err", err)
	}
}
