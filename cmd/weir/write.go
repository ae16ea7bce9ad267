package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"weir/internal/fault"
	"weir/internal/term"
)

// note writes a message; -q leaves it out.
// It never fails: a stderr that is gone has no reader to miss anything.
func (c *cli) note(format string, args ...any) {
	if !c.quiet {
		fmt.Fprintf(c.world.err, format+"\n", args...)
	}
}

// warn shows faults that do not end the command.
// An error that does not end the command is still an error, and -q keeps it.
func (c *cli) warn(list ...*fault.Error) {
	for _, e := range list {
		switch {
		case c.json:
			fmt.Fprint(c.world.err, term.FaultJSON(e))
		case !c.quiet || !e.Warn:
			c.msg.Fault(e, c.verbose > 0)
		}
	}
}

// warnOne is warn for one fault at a time, as the app reports them.
func (c *cli) warnOne() func(*fault.Error) { return func(e *fault.Error) { c.warn(e) } }

// line writes one JSON object to stdout.
// Each is written with one call, so that lines of a tail are whole for whoever reads them as they come.
func (c *cli) line(v any) error {
	// A buffer between, because an encoder that writes by itself writes in pieces.
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // for programs and terminals, not for pages; also keeps < and & readable
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	return c.write(b.Bytes())
}

// write writes to stdout.
// Every byte of data goes through it or through a table, so that a closed pipe is seen by all.
func (c *cli) write(b []byte) error {
	if _, err := c.world.out.Write(b); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// printf writes to stdout; its error is that of a closed pipe and must be handed on.
// It is for pages and single lines; rows go through a table, which escapes.
func (c *cli) printf(format string, args ...any) error {
	return c.write(fmt.Appendf(nil, format, args...))
}
