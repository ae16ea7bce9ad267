package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// cleanups are what must be undone at the end, last first. New and Start use the same stack when they fail half way.
type cleanups struct {
	list []cleanup
}

type cleanup struct {
	name string
	fn   func(context.Context) error
}

// add pushes a named cleanup; it is called when what it undoes has just begun.
func (c *cleanups) add(name string, fn func(context.Context) error) {
	c.list = append(c.list, cleanup{name, fn})
}

// drain runs all cleanups, last first, and goes on after an error. Calling it again does nothing.
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
