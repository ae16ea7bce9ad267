// Command archivebench measures what the archive costs: CPU from a topic of events to sealed files, bytes on disk, memory, the
// queries that people ask, over one day and over everything, and checking it. A real Elasticsearch and DuckDB do the same on
// the same events in the same run, in turns.
//
//	go run ./internal/testkit/archivebench -n 2000000 -elastic http://127.0.0.1:9200 -duck
//
// The events are those of a generator that is not part of this project: ECS events made of real log lines, about 1 KB each,
// 66,667 a day, always the same. They are never in a file: the generator writes into the topic. A million of them needs
// 0.4 GB of disk meanwhile; 0.12 GB stays until the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"syscall"

	"weir/internal/archive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "archivebench:", err)
	}
	if err != nil {
		os.Exit(2)
	}
}

// settings are the flags.
type settings struct {
	n         int
	events    string // file to take them from
	generator string // folder of the generator and of the program that measures DuckDB
	elastic   string // address
	duck      bool
	rounds    int
	dir       string
	profile   string
}

// parse reads the arguments.
func parse(args []string) (settings, error) {
	var s settings
	shared := os.Getenv("WEIR_TESTDATA")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	f := flag.NewFlagSet("archivebench", flag.ContinueOnError)
	f.IntVar(&s.n, "n", 2_000_000, "`events`; the queried day, the fourth, is whole from 270,000. 100000000 needs 40 GB of disk and some hours")
	f.StringVar(&s.events, "events", "", "`file` with events, one a line; empty: the generator makes them")
	f.StringVar(&s.generator, "generator", filepath.Join(shared, "bench", "store"), "`folder` of the generator, a Go module with cmd/gen and cmd/duck")
	f.StringVar(&s.elastic, "elastic", "", "`address` of an Elasticsearch on this machine to measure beside it; its index archivebench is deleted")
	f.BoolVar(&s.duck, "duck", false, "measure DuckDB beside it")
	f.IntVar(&s.rounds, "rounds", 7, "`rounds` of the queries, of which medians are shown")
	f.StringVar(&s.dir, "dir", "", "`folder` for all data; its archive and its bus are removed first. Empty: a temporary one")
	f.StringVar(&s.profile, "cpuprofile", "", "write CPU profiles to `file`.ingest and file.queries")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unexpected %q", f.Args())
	}
	if s.n < 1 || s.rounds < 1 {
		return s, errors.New("-n and -rounds must be at least 1")
	}
	return s, nil
}

// run measures what the arguments say and writes the tables.
func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "archivebench-"); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer os.RemoveAll(s.dir)
	}
	if s.dir, err = filepath.Abs(s.dir); err != nil {
		return fmt.Errorf("finding the folder: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	r := report{n: s.n, before: load()}
	if err := s.bench(ctx, &r); err != nil {
		return err
	}
	r.after = load()
	return r.write(out)
}

// bench measures everything, weir first in each step.
func (s settings) bench(ctx context.Context, r *report) error {
	feed, err := s.feed(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(s.dir, "archive")
	if err := s.profiled("ingest", func() (err error) { r.ingest, err = ingest(ctx, s.dir, folder, feed); return err }); err != nil {
		return err
	}
	var es *elastic
	if s.elastic != "" {
		if es, err = newElastic(ctx, s.elastic); err != nil {
			return err
		}
		defer es.drop(context.WithoutCancel(ctx))
		if r.elastic, err = es.ingest(ctx, feed); err != nil {
			return err
		}
	}
	var dk *duck
	if s.duck {
		if dk, err = newDuck(ctx, s, folder); err != nil {
			return err
		}
		if r.duck, err = dk.ingest(ctx); err != nil {
			return err
		}
	}
	a, err := archive.OpenReader(folder)
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	defer a.Close()
	forget()
	if err := s.profiled("queries", func() error { return r.ask(ctx, s.rounds, r.ingest.first, asker{a}, es, dk) }); err != nil {
		return err
	}
	r.asking = resident()
	r.verify, err = check(ctx, folder, s.rounds)
	return err
}

// profiled writes a profile of a step, if one is wanted.
func (s settings) profiled(name string, step func() error) error {
	if s.profile == "" {
		return step()
	}
	p, err := os.Create(s.profile + "." + name)
	if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	defer p.Close()
	if err := pprof.StartCPUProfile(p); err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return step()
}

// feed returns what gives the events, again for each who wants them.
func (s settings) feed(ctx context.Context) (feed, error) {
	if s.events != "" {
		return canonical(fileFeed(s.events)), nil
	}
	gen, err := build(ctx, s.generator, "gen", s.dir)
	if err != nil {
		return nil, err
	}
	return canonical(programFeed(gen, s.generator, "-n", strconv.Itoa(s.n))), nil
}

// build makes one of the programs beside the generator.
func build(ctx context.Context, module, name, dir string) (string, error) {
	program := filepath.Join(dir, "archivebench-"+name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/"+name)
	cmd.Dir = module
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building cmd/%s in %s: %w\n%s", name, module, err, b)
	}
	return program, nil
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
