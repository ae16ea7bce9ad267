// Command fuzzall runs every fuzz target of this module for an equal share of a given time.
//
//	go run ./internal/testkit/fuzzall -for 1m
//
// Each package's test is built once with coverage instrumentation; building does not count towards the time. Inputs
// that reach new code are kept in the Go build cache, so that later runs start from them. An input that breaks a target
// is written to testdata/fuzz beside it, where every later `go test` tries it again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the flags.
type settings struct {
	root  string
	total time.Duration
	only  *regexp.Regexp
	list  bool
	part  int // of parts: only the packages of this part; parts 0 is all of them
	parts int
}

// run is main with its world passed in. It returns 0 when no target broke, 1 when one did, 2 when it cannot run.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set, err := parse(args, stderr)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "fuzzall:", err)
		}
		return 2
	}
	targets, err := find(set.root, set.only)
	if err != nil {
		fmt.Fprintln(stderr, "fuzzall:", err)
		return 2
	}
	if len(targets) == 0 {
		fmt.Fprintln(stderr, "fuzzall: no fuzz target found in", set.root)
		return 2
	}
	targets = set.partOf(targets)
	if set.list {
		for _, t := range targets {
			fmt.Fprintln(stdout, t)
		}
		return 0
	}
	dir, err := os.MkdirTemp("", "fuzzall-*")
	if err != nil {
		fmt.Fprintln(stderr, "fuzzall:", err)
		return 2
	}
	defer os.RemoveAll(dir)
	f := &fuzzer{root: set.root, bin: dir, corpus: corpusFolder(ctx, dir), share: set.total / time.Duration(len(targets))}
	return f.all(ctx, targets, stdout)
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("fuzzall", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&set.total, "for", time.Minute, "time over all targets")
	flags.StringVar(&set.root, "root", ".", "folder to look in")
	flags.BoolVar(&set.list, "list", false, "name the targets and stop")
	part := flags.String("part", "", "I/N: the I-th of N parts of the packages, from 1, so that N days fuzz everything")
	only := flags.String("only", "", "regular expression over package and name, such as syslog or FuzzHeader")
	if err := flags.Parse(args); err != nil {
		return set, err
	}
	if set.total <= 0 {
		return set, fmt.Errorf("-for %s: it must be more than nothing", set.total)
	}
	if *part != "" {
		if n, err := fmt.Sscanf(*part, "%d/%d", &set.part, &set.parts); err != nil || n != 2 || set.part < 1 || set.part > set.parts {
			return set, fmt.Errorf("-part %s: write 1/4 for the first quarter", *part)
		}
	}
	var err error
	if set.only, err = regexp.Compile(*only); err != nil {
		return set, fmt.Errorf("-only: %w", err)
	}
	if set.root, err = filepath.Abs(set.root); err != nil {
		return set, fmt.Errorf("-root: %w", err)
	}
	return set, nil
}

// partOf leaves the targets of every N-th package: what is built for one target of a package serves the others.
func (s *settings) partOf(all []target) []target {
	if s.parts == 0 {
		return all
	}
	var out []target
	seen, last := 0, ""
	for _, t := range all {
		if t.pkg != last {
			last = t.pkg
			seen++
		}
		if (seen-1)%s.parts == s.part-1 {
			out = append(out, t)
		}
	}
	return out
}
