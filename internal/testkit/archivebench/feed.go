package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"weir/event"
)

// feed calls each for every event, one JSON object without line end. The bytes are the callee's only during the call.
type feed func(ctx context.Context, each func(event []byte) error) error

// lineMost bounds a line of a feed.
const lineMost = 16 << 20

// fileFeed reads a file of lines.
func fileFeed(path string) feed {
	return func(_ context.Context, each func([]byte) error) error {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("reading the events: %w", err)
		}
		defer f.Close()
		return lines(f, each)
	}
}

// programFeed runs a program in a folder and reads what it writes. The program ends when nobody reads any more.
func programFeed(program, folder string, args ...string) feed {
	return func(ctx context.Context, each func([]byte) error) error {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir, cmd.Stderr = folder, os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return fmt.Errorf("running the generator: %w", err)
		}
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("running the generator: %w", err)
		}
		err = lines(out, each)
		if err != nil {
			stop()
		}
		if e := cmd.Wait(); err == nil && e != nil {
			err = fmt.Errorf("running the generator in %s: %w", folder, e)
		}
		return err
	}
}

// lines calls each for every line.
func lines(r io.Reader, each func([]byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<20), lineMost)
	for sc.Scan() {
		if err := each(sc.Bytes()); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return nil
}

// canonical gives the events of a feed as normalise writes them: fields of their types, lists where ECS has lists.
func canonical(events feed) feed {
	return func(ctx context.Context, each func([]byte) error) error {
		var e event.Event
		var doc []byte
		return events(ctx, func(line []byte) error {
			e.Reset()
			if err := e.Decode(line); err != nil {
				return fmt.Errorf("reading an event: %w", err)
			}
			e.Conform()
			doc = e.AppendJSON(doc[:0])
			return each(doc)
		})
	}
}
