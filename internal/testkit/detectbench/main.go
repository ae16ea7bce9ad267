// Command detectbench measures weir's detection beside RSigma's: the same rules, the same events, one core each, in turns.
//
//	go run ./internal/testkit/detectbench -rsigma /usr/local/bin/rsigma
//
// It needs the folder of real events and rules (WEIR_TESTDATA, else ../shared), and RSigma 0.23.0, which
// `cargo install rsigma --version 0.23.0 --locked --root DIR` builds. What it prints first are the figures, then where the
// matches of the two differ, rule by rule.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the flags.
type settings struct {
	data   string // folder of real data
	weir   string
	rsigma string
	dir    string // where files are made
	keep   bool
	rounds int
	events int // of a file, by repetition
	core   int
	only   string
	parts  bool
}

// run is main with its world passed in. It returns 0 when all was measured, 2 when it cannot run.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set, err := parse(args, stderr)
	if err == nil {
		err = bench(ctx, set, stdout, stderr)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "detectbench:", err)
	}
	if err != nil {
		return 2
	}
	return 0
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("detectbench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.data, "data", os.Getenv("WEIR_TESTDATA"), "`folder` of real events and rules")
	f.StringVar(&s.weir, "weir", "", "`path` of weir; empty: it is built")
	f.StringVar(&s.rsigma, "rsigma", "rsigma", "`path` of rsigma; empty: weir alone")
	f.StringVar(&s.dir, "dir", "", "`folder` for events, rules and output; empty: a temporary one")
	f.BoolVar(&s.keep, "keep", false, "keep the temporary folder")
	f.IntVar(&s.rounds, "rounds", 5, "interleaved `runs` of each, of which the median counts")
	f.IntVar(&s.events, "events", 100_000, "`events` of a file for RSigma, a fifth of those for weir; the real ones are repeated")
	f.IntVar(&s.core, "core", 1, "the `core` that both run on")
	f.StringVar(&s.only, "only", "", "only `cases` with this in their name")
	f.BoolVar(&s.parts, "parts", true, "where the time goes, by profile")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.data == "" {
		s.data = filepath.Join("..", "shared")
	}
	if _, err := os.Stat(filepath.Join(s.data, "data", "sigma")); err != nil {
		return s, fmt.Errorf("no rules and events in %s (set WEIR_TESTDATA): %w", s.data, err)
	}
	if s.rounds < 1 || s.events < 1 {
		return s, errors.New("-rounds and -events are at least 1")
	}
	if s.rsigma != "" {
		if _, err := exec.LookPath(s.rsigma); err != nil {
			return s, fmt.Errorf("looking for RSigma (cargo install rsigma --version 0.23.0 --locked, or -rsigma '' for weir alone): %w", err)
		}
	}
	return s, nil
}

// scenario is one row of the table: which events, which rules, routed by log source or not.
type scenario struct {
	name     string
	events   *eventFile
	long     *eventFile // the same, more often: weir would be through with events too soon to be timed
	once     *eventFile // each of them once
	rules    *ruleDir
	unrouted bool
	// like names the scenario with the single rules, for one with copies of them.
	like string
}

// bench makes the files, runs every scenario and prints what came out.
func bench(ctx context.Context, set settings, stdout, stderr io.Writer) error {
	if set.dir == "" {
		dir, err := os.MkdirTemp("", "weir-detectbench-*")
		if err != nil {
			return err
		}
		set.dir = dir
		if !set.keep {
			defer func() { _ = os.RemoveAll(dir) }()
		}
	}
	if err := set.build(ctx); err != nil {
		return err
	}
	in, err := prepare(set, stdout)
	if err != nil {
		return err
	}
	var done []result
	for _, sc := range in.scenarios() {
		if !strings.Contains(sc.name, set.only) {
			continue
		}
		fmt.Fprintf(stderr, "%s ...\n", sc.name)
		res, err := set.measure(ctx, sc)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.name, err)
		}
		done = append(done, res)
	}
	table(stdout, done)
	if set.rsigma != "" {
		for _, sc := range in.comparisons() {
			if err := set.compare(ctx, sc, stdout); err != nil {
				return fmt.Errorf("comparing %s: %w", sc.name, err)
			}
		}
	}
	if set.parts {
		return set.profile(ctx, in, stdout)
	}
	return nil
}

// build builds weir where none was named.
func (s *settings) build(ctx context.Context) error {
	if s.weir != "" {
		return nil
	}
	s.weir = filepath.Join(s.dir, "weir")
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", s.weir, "./cmd/weir").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building weir: %w\n%s", err, out)
	}
	return nil
}
