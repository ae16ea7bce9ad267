// Package cleanup undoes what was begun, last first.
package cleanup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Stack is what must be undone at the end, last first. Who fails half way uses the same stack, so there is one list of what
// is open and no second one for errors. The zero value is empty.
type Stack struct {
	list []entry
}

type entry struct {
	name string
	fn   func(context.Context) error
}

// Add pushes a named cleanup; it is called when what it undoes has just begun, never before: a cleanup may rely on what it
// undoes.
func (c *Stack) Add(name string, fn func(context.Context) error) {
	c.list = append(c.list, entry{name, fn})
}

// Drain runs all cleanups, last first, and goes on after an error. Calling it again does nothing. A ctx that has ended
// keeps no cleanup from running: each decides for itself how long it waits, and files and sockets are closed at any rate.
func (c *Stack) Drain(ctx context.Context, log *slog.Logger) error {
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
