// Command archivebench measures what the archive costs: CPU from a topic of events to sealed files, bytes on disk, memory, and
// the queries that people ask, over one day and over everything. Where they are, a real Elasticsearch and DuckDB do the same on
// the same events in the same run.
//
// The events are those of a generator that is not part of this project: ECS events made of real log lines, about 1 KB each,
// 66,667 a day, always the same.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"weir/internal/archive"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "archivebench:", err)
		os.Exit(2)
	}
}

// flags are those of the command.
type flags struct {
	n       int
	peers   string // folder of the generator and of the programs that measure others
	elastic bool
	duck    bool
	rounds  int
	dir     string
}

// run measures what the arguments say and writes the table.
func run(ctx context.Context, args []string, out io.Writer) error {
	var f flags
	set := flag.NewFlagSet("archivebench", flag.ContinueOnError)
	set.IntVar(&f.n, "n", 500_000, "`events`; the queried day is there from 270,000")
	set.StringVar(&f.peers, "generator", filepath.Join("..", "shared", "bench", "store"), "`folder` of the generator, a Go module with cmd/gen, cmd/es and cmd/duck")
	set.BoolVar(&f.elastic, "elastic", false, "measure the Elasticsearch at 127.0.0.1:9200 beside it (cmd/es)")
	set.BoolVar(&f.duck, "duck", false, "measure DuckDB beside it (cmd/duck)")
	set.IntVar(&f.rounds, "rounds", 3, "how `often` each query is asked; medians are shown")
	set.StringVar(&f.dir, "dir", "", "`folder` for events and archive, kept; empty: a new one that is removed")
	if err := set.Parse(args); err != nil {
		return err
	}
	if f.dir == "" {
		dir, err := os.MkdirTemp("", "archivebench-")
		if err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer os.RemoveAll(dir)
		f.dir = dir
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	events := filepath.Join(f.dir, "events-"+strconv.Itoa(f.n)+".ndjson")
	if err := generate(ctx, f, events); err != nil {
		return err
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Fprintf(out, "load before: %s", load)
	}
	folder := filepath.Join(f.dir, "archive")
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("clearing the archive: %w", err)
	}
	in, err := ingest(ctx, f, events, folder)
	if err != nil {
		return err
	}
	in.write(out)
	a, err := archive.OpenReader(folder)
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	defer a.Close()
	if err := ask(ctx, a, in.first, f.rounds, out); err != nil {
		return err
	}
	if err := check(ctx, folder, in.bytes, out); err != nil {
		return err
	}
	if f.elastic {
		if err := peer(ctx, f, out, "es", strconv.Itoa(f.n)); err != nil {
			return err
		}
	}
	if f.duck {
		return peer(ctx, f, out, "duck", "-n", strconv.Itoa(f.n))
	}
	return nil
}

// generate writes the events to a file, unless it is there.
func generate(ctx context.Context, f flags, file string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	w, err := os.Create(file + ".part")
	if err != nil {
		return fmt.Errorf("writing the events: %w", err)
	}
	defer w.Close()
	cmd := exec.CommandContext(ctx, "go", "run", "./cmd/gen", "-n", strconv.Itoa(f.n))
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.peers, w, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("generating events in %s: %w", f.peers, err)
	}
	return os.Rename(file+".part", file)
}

// peer runs a program that measures another store on the same events, and passes on what it prints.
func peer(ctx context.Context, f flags, out io.Writer, name string, args ...string) error {
	fmt.Fprintf(out, "\n%s\n", name)
	cmd := exec.CommandContext(ctx, "go", append([]string{"run", "./cmd/" + name}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.peers, out, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("measuring %s: %w", name, err)
	}
	return nil
}

// lines calls each for every line of a file.
func lines(file string, each func(line []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading the events: %w", err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 1<<20), 16<<20)
	for sc.Scan() {
		if err := each(sc.Bytes()); err != nil {
			return err
		}
	}
	return sc.Err()
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// spent is what a step took.
type spent struct{ wall, cpu time.Duration }
