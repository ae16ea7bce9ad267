package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// fuzzer runs targets one after the other: each uses every core by itself.
type fuzzer struct {
	root   string
	bin    string        // folder of the built tests
	corpus string        // folder of inputs that reached new code, kept between runs
	share  time.Duration // of each target
}

// all runs the targets and prints one line each. It returns 0 when none broke, 1 when one did, 2 when one could not be
// run at all.
func (f *fuzzer) all(ctx context.Context, targets []target, out io.Writer) int {
	broken, failed := 0, 0
	began := time.Now()
	for _, t := range targets {
		bin, err := f.build(ctx, t.pkg)
		if err != nil {
			fmt.Fprintf(out, "FAIL  %-50s %v\n", t, err)
			failed++
			continue
		}
		text, err := f.run(ctx, t, bin)
		switch {
		case ctx.Err() != nil:
			fmt.Fprintln(out, "stopped")
			return 2
		case err != nil:
			fmt.Fprintf(out, "FAIL  %s: %v\n%s\n", t, err, indent(text))
			broken++
		default:
			fmt.Fprintf(out, "ok    %-50s %s\n", t, tried(text))
		}
	}
	fmt.Fprintf(out, "%d fuzz targets, %s each: %d broken, %d not run; %s in all\n",
		len(targets), f.share.Round(100*time.Millisecond), broken, failed, time.Since(began).Round(time.Second))
	switch {
	case failed > 0:
		return 2
	case broken > 0:
		return 1
	}
	return 0
}

// build makes the instrumented test of a package, once.
func (f *fuzzer) build(ctx context.Context, pkg string) (string, error) {
	bin := filepath.Join(f.bin, strings.ReplaceAll(pkg, "/", "_")+".test")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-fuzz=.", "-o", bin, "./"+pkg)
	cmd.Dir = f.root
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, indent(string(text)))
	}
	return bin, nil
}

// run fuzzes one target for its share and returns what it printed.
func (f *fuzzer) run(ctx context.Context, t target, bin string) (string, error) {
	cmd := exec.CommandContext(ctx, bin,
		"-test.run=^$", "-test.fuzz=^"+t.name+"$",
		"-test.fuzztime="+f.share.String(),
		"-test.fuzzminimizetime=1s", // making an interesting input shorter must not eat the share
		"-test.fuzzcachedir="+filepath.Join(f.corpus, t.pkg),
	)
	cmd.Dir = filepath.Join(f.root, filepath.FromSlash(t.pkg))
	// The target starts workers of its own: end the whole group, else one outlives an interrupt.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && endedInTime(text.String()) {
		err = nil
	}
	return text.String(), err
}

// endedInTime tells whether a run failed only because its time was over while a worker was busy, which the fuzzing
// engine reports like a failure. A broken target always leaves a failing input.
func endedInTime(text string) bool {
	return strings.Contains(text, "context deadline exceeded") && !strings.Contains(text, "Failing input written to") &&
		!strings.Contains(text, "panic:") && !strings.Contains(text, "hung or terminated")
}

// progress matches the engine's own lines.
var progress = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+) \(total: (\d+)\)`)

// tried sums up the last progress line.
func tried(text string) string {
	all := progress.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return "too short a time for the first report"
	}
	m := all[len(all)-1]
	return fmt.Sprintf("%s inputs, %s reached new code (%s kept)", m[1], m[2], m[3])
}

// indent shifts text to the right, so that it stays apart from the list.
func indent(text string) string {
	return "      " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n      ")
}

// corpusFolder returns where go test itself keeps its interesting inputs, or a folder that ends with this run when
// there is no build cache.
func corpusFolder(ctx context.Context, dir string) string {
	cache, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil || strings.TrimSpace(string(cache)) == "" {
		return filepath.Join(dir, "corpus")
	}
	return filepath.Join(strings.TrimSpace(string(cache)), "fuzz", "weir")
}
