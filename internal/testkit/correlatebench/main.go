// Command correlatebench measures correlation on one core: signals a second of each kind, what a million groups cost in
// memory, how a snapshot of them holds the stream, how long a restart takes, and RSigma beside weir where it has the kind.
//
//	go run ./internal/testkit/correlatebench -rsigma /usr/local/bin/rsigma
//
// RSigma 0.23.0 is what `cargo install rsigma --version 0.23.0 --locked --root DIR` builds. Each case runs in a process of
// its own, on one core, so that none has the garbage or the warm memory of another.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
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
	weir, rsigma string
	dir          string
	core         int
	rounds       int
	signals      int // of a round
	events       int // of a file for both programs
	groups       int // of the state
	interval     time.Duration
	seconds      int // of the way from the socket to the webhook
	only         string
	child        string // the case that this process measures
	profile      string // file for where its time goes
}

// run is main with its world passed in. It returns 0 when all was measured, 2 when it cannot run.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	if err == nil {
		if s.child != "" {
			err = s.measure(ctx, stdout)
		} else {
			err = s.bench(ctx, stdout, stderr)
		}
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "correlatebench:", err)
	}
	if err != nil {
		return 2
	}
	return 0
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("correlatebench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.weir, "weir", "", "`path` of weir; empty: it is built")
	f.StringVar(&s.rsigma, "rsigma", "rsigma", "`path` of rsigma; empty: weir alone")
	f.StringVar(&s.dir, "dir", "", "`folder` for events, rules and state; empty: a temporary one")
	f.IntVar(&s.core, "core", 1, "the `core` that is measured on")
	f.IntVar(&s.rounds, "rounds", 5, "`rounds` of each case, of which the median counts")
	f.IntVar(&s.signals, "signals", 1_000_000, "`signals` of a round")
	f.IntVar(&s.events, "events", 300_000, "`events` of a file for weir and RSigma")
	f.IntVar(&s.groups, "groups", 1_000_000, "`groups` of the state")
	f.DurationVar(&s.interval, "interval", 2*time.Second, "how often the state is written")
	f.IntVar(&s.seconds, "seconds", 60, "`seconds` of the way from the socket to the webhook")
	f.StringVar(&s.only, "only", "", "only `cases` with this in their name; state, peers and latency are the last ones")
	f.StringVar(&s.child, "child", "", "the case that this process measures; set by the one that starts it")
	f.StringVar(&s.profile, "profile", "", "with -child: `file` for a CPU profile of it")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unexpected %q", f.Args())
	}
	if s.rounds < 1 || s.signals < chunk || s.events < 2000 || s.groups < sending || s.seconds < 1 {
		return s, fmt.Errorf("-rounds and -seconds are at least 1, -signals %d, -events 2000, -groups %d", chunk, sending)
	}
	if s.rsigma != "" && s.wants("peers") {
		if _, err := exec.LookPath(s.rsigma); err != nil {
			return s, fmt.Errorf("looking for RSigma (cargo install rsigma --version 0.23.0 --locked, or -rsigma '' for weir alone): %w", err)
		}
	}
	return s, nil
}

func (s *settings) wants(name string) bool { return strings.Contains(name, s.only) }

// bench runs every case and prints what came out.
func (s *settings) bench(ctx context.Context, stdout, stderr io.Writer) error {
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "weir-correlatebench-*")
		if err != nil {
			return err
		}
		s.dir = dir
		defer func() { _ = os.RemoveAll(dir) }()
	}
	var speeds []speed
	for _, w := range workloads() {
		if !s.wants(w.name) {
			continue
		}
		fmt.Fprintf(stderr, "%s ...\n", w.name)
		var one speed
		if err := s.inChild(ctx, w.name, &one, stderr); err != nil {
			return err
		}
		speeds = append(speeds, one)
	}
	printSpeeds(stdout, speeds)
	if s.wants("state") {
		fmt.Fprintf(stderr, "state of %d groups ...\n", s.groups)
		var st state
		if err := s.inChild(ctx, "state", &st, stderr); err != nil {
			return err
		}
		printState(stdout, st)
	}
	if (s.rsigma == "" || !s.wants("peers")) && !s.wants("latency") {
		return nil
	}
	if err := s.build(ctx); err != nil {
		return err
	}
	if s.rsigma != "" && s.wants("peers") {
		if err := s.peers(ctx, stdout, stderr); err != nil {
			return err
		}
	}
	if s.wants("latency") {
		fmt.Fprintf(stderr, "from the socket to the webhook, %d s ...\n", s.seconds)
		l, err := measureLatency(ctx, s.weir, filepath.Join(s.dir, "latency"), time.Duration(s.seconds)*time.Second)
		if err != nil {
			return err
		}
		printLatency(stdout, l)
	}
	return nil
}

// inChild measures a case in a process of its own, on one core.
func (s *settings) inChild(ctx context.Context, name string, to any, stderr io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"-c", strconv.Itoa(s.core), self, "-child", name, "-rsigma", "", "-rounds", strconv.Itoa(s.rounds), "-signals", strconv.Itoa(s.signals),
		"-groups", strconv.Itoa(s.groups), "-interval", s.interval.String(), "-dir", s.dir}
	cmd := exec.CommandContext(ctx, "taskset", args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return json.Unmarshal(out.Bytes(), to)
}

// measure is what such a process does.
func (s *settings) measure(ctx context.Context, stdout io.Writer) error {
	if s.profile != "" {
		f, err := os.Create(s.profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // a profile that is cut says so itself
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var out any
	var err error
	if s.child == "state" {
		dir := filepath.Join(s.dir, "state")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		out, err = measureState(ctx, dir, s.groups, s.interval)
	} else {
		err = fmt.Errorf("there is no case %q", s.child)
		for _, w := range workloads() {
			if w.name == s.child {
				out, err = measure(w, s.rounds, s.signals)
			}
		}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(out)
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

// peers compares weir with RSigma, kind by kind.
func (s *settings) peers(ctx context.Context, stdout, stderr io.Writer) error {
	p := &peers{dir: s.dir, weir: s.weir, rsigma: s.rsigma, core: s.core, rounds: s.rounds}
	var list []compared
	for _, w := range workloads() {
		if _, ok := sigma(w); !ok || w.rule == nil {
			continue
		}
		fmt.Fprintf(stderr, "%s beside RSigma ...\n", w.name)
		one, err := p.compare(ctx, w, s.events)
		if err != nil {
			return err
		}
		list = append(list, one)
	}
	printPeers(stdout, list)
	return nil
}
