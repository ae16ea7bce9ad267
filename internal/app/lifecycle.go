package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// cleanups are what must be undone at the end, last first. New and Start use the same stack when they fail half way, so
// there is one list of what is open and no second one for errors. The zero value is empty.
type cleanups struct {
	list []cleanup
}

type cleanup struct {
	name string
	fn   func(context.Context) error
}

// add pushes a named cleanup; it is called when what it undoes has just begun, never before: a cleanup may rely on what it
// undoes.
func (c *cleanups) add(name string, fn func(context.Context) error) {
	c.list = append(c.list, cleanup{name, fn})
}

// drain runs all cleanups, last first, and goes on after an error. Calling it again does nothing. A ctx that has ended
// keeps no cleanup from running: each decides for itself how long it waits, and files and sockets are closed at any rate.
func (c *cleanups) drain(ctx context.Context, log *slog.Logger) error {
	var errs []error
	for len(c.list) > 0 {
		last := c.list[len(c.list)-1]
		c.list = c.list[:len(c.list)-1]
		begun := time.Now()
		if err := last.fn(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", last.name, err))
		}
		log.Debug("stopped", "component", last.name, "took_ms", time.Since(begun).Milliseconds())
	}
	return errors.Join(errs...)
}
