package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"weir/internal/fault"
)

// passing are errors that say nothing about the segment: the next try may work. No error is one of them.
var passing = []error{nil, ErrClosed, errFetch, context.Canceled, context.DeadlineExceeded, fs.ErrNotExist, fs.ErrPermission, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EINTR}

// suspect puts a segment into quarantine if what went wrong is the segment's own fault, and returns the error to give.
// The file stays where it is, for whoever looks into it: it is not read any more until weir starts again.
func (a *Archive) suspect(s *segmentFile, err error) error {
	for _, p := range passing {
		if errors.Is(err, p) {
			return err
		}
	}
	return a.quarantine(s, &fault.Error{Code: "archive-segment", What: fmt.Sprintf("a segment with %d events of %s is damaged", s.Rows, s.Day),
		Where: s.path, Why: err.Error(), Do: restoreIt, Cause: err})
}

// quarantine notes what is wrong with a segment, and returns it; the first reason stands.
func (a *Archive) quarantine(s *segmentFile, p *fault.Error) *fault.Error {
	a.mu.Lock()
	first := s.bad == nil
	if first {
		s.bad = p
		a.problems = append(a.problems, p)
	}
	p = s.bad
	a.mu.Unlock()
	if first {
		a.log.Error("a segment is quarantined: it is not read any more, the rest of the archive works", "err", p)
	}
	return p
}

// Scrub reads one segment after another in the background, oldest first and again from the beginning, and puts those
// into quarantine whose bytes are not those that were sealed. between is called after each, and says when to go on; an
// error of it, or the end of ctx, ends the scrubbing.
func (a *Archive) Scrub(ctx context.Context, between func(context.Context) error) error {
	buf := make([]byte, 256<<10)
	for {
		v := a.view()
		for _, s := range v.segments {
			if err := a.scrub(ctx, s, buf); err != nil {
				return err
			}
			if err := between(ctx); err != nil {
				return err
			}
		}
		if len(v.segments) == 0 {
			if err := between(ctx); err != nil {
				return err
			}
		}
	}
}

// scrub reads one segment whole. Only the end of ctx is an error.
func (a *Archive) scrub(ctx context.Context, s *segmentFile, buf []byte) error {
	one := &view{a: a, segments: []*segmentFile{s}}
	defer one.pin()()
	a.mu.Lock()
	skip := s.gone || s.bad != nil || !s.here.Load() // a bucket compares its objects with their checksums itself
	a.mu.Unlock()
	if skip {
		return ctx.Err()
	}
	f, err := os.Open(s.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && a.bucket == nil {
			if p := s.examine(); p != nil {
				_ = a.quarantine(s, p) // it is told, and nobody asked
			}
		}
		return ctx.Err()
	}
	defer f.Close()
	sum := sha256.New()
	for {
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			if got := hex.EncodeToString(sum.Sum(nil)); got != s.SHA256 {
				_ = a.quarantine(s, &fault.Error{Code: "archive-segment", What: fmt.Sprintf("a segment with %d events of %s was changed: its SHA-256 is not the one of the manifest", s.Rows, s.Day),
					Where: s.path, Why: "it is " + got + ", and was " + s.SHA256, Do: restoreIt})
			}
			return nil
		case err != nil:
			_ = a.suspect(s, fmt.Errorf("reading %s: %w", s.path, err))
			return nil
		}
	}
}
