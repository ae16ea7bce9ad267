package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/processors/detect"
	"weir/processors/parse/winevent"
	"weir/rules"
	"weir/rules/pipelines"
)

// part is a part of the work and how its functions are called. A sample belongs to the part of the innermost function
// that one of them names.
type part struct {
	name  string
	names []string
}

var parts = []part{
	{"output", []string{"main.(*loop).match", "os.(*File).Write"}},
	{"read", []string{"bufio.(*Reader)", "os.(*File).Read"}},
	{"JSON", []string{"processors/parse/winevent.", "weir/event.(*Event).Set", "weir/event.(*Event).Reset", "weir/event.(*Event).Add"}},
	{"log source", []string{"rules/pipelines.", "processors/detect.(*Engine).class"}},
	{"fold", []string{"internal/match/fold."}},
	{"index", []string{"internal/match/index.", "internal/match.(*Set)"}},
	{"verify", []string{"internal/match.", "internal/match/", "regexp.", "expr/vm."}},
}

// loop is what `weir detect --matches` does for each line, in this process, so that it can be profiled.
type loop struct {
	reader *winevent.Reader
	engine *detect.Engine
	out    *bufio.Writer
	e      event.Event
	n      int
}

// run takes a file.
func (l *loop) run(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReaderSize(f, 256<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF {
			return l.out.Flush()
		}
		if err != nil {
			return err
		}
		l.n++
		if err := l.reader.Read(line, &l.e); err != nil {
			return err
		}
		l.engine.Hits(&l.e, l.match)
	}
}

// match writes one match.
func (l *loop) match(r *rules.Rule, _ string) {
	b := append(l.out.AvailableBuffer(), `{"line":`...)
	b = strconv.AppendInt(b, int64(l.n), 10)
	b = append(append(append(b, `,"rule":"`...), r.ID...), "\"}\n"...)
	_, _ = l.out.Write(b)
}

// profile prints the share of each part, for the mix and for process_creation.
func (s settings) profile(ctx context.Context, in *input, out io.Writer) error {
	set, err := rules.LoadDir(in.rules.path, rules.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nwhere the time goes, %%: %s\n", strings.Join(partNames(), ", "))
	for _, sc := range in.scenarios()[:2] {
		pipes := pipelines.Shipped()
		l := &loop{reader: winevent.New(func(name string) string { return pipes.Paths(pipelines.LogSource{Product: "windows"}, name)[0] })}
		l.engine, _ = detect.New(set, nil, pipes)
		sink, err := os.Create(filepath.Join(s.dir, "profile.out"))
		if err != nil {
			return err
		}
		l.out = bufio.NewWriterSize(sink, 64<<10)
		shares, err := l.shares(ctx, sc, filepath.Join(s.dir, "profile.pprof"))
		if err := first(err, sink.Close()); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-18s", sc.name)
		for _, name := range partNames() {
			fmt.Fprintf(out, " %s %.0f", name, shares[name])
		}
		fmt.Fprintln(out)
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// partNames returns the names of the parts; what belongs to none is the rest: the collector, and calls between parts.
func partNames() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.name)
	}
	return append(out, "rest")
}

// shares runs a scenario under the profiler, after each event was seen once, and returns the share of each part.
func (l *loop) shares(ctx context.Context, sc scenario, name string) (map[string]float64, error) {
	if err := l.run(sc.once.path); err != nil {
		return nil, err
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	err = l.run(sc.events.path)
	pprof.StopCPUProfile()
	if err := first(err, f.Close()); err != nil {
		return nil, err
	}
	traces, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", name).Output()
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	return sharesOf(traces)
}

// sharesOf reads the output of pprof -traces: stacks between lines of dashes, the innermost function first and behind the
// time of the stack.
func sharesOf(traces []byte) (map[string]float64, error) {
	out := map[string]float64{}
	var total, took time.Duration
	var stack []string
	flush := func() {
		out[partOf(stack)] += float64(took)
		total += took
		stack, took = nil, 0
	}
	for line := range bytes.Lines(traces) {
		fields := strings.Fields(string(line))
		switch {
		case strings.HasPrefix(string(line), "-----------+"):
			flush()
		case len(fields) >= 2 && stack == nil && took == 0:
			d, err := time.ParseDuration(fields[0])
			if err != nil {
				continue // the head of the output
			}
			took, stack = d, []string{fields[1]}
		case len(fields) >= 1 && stack != nil:
			stack = append(stack, fields[0])
		}
	}
	flush()
	if total == 0 {
		return nil, fmt.Errorf("the profile is empty")
	}
	for name := range out {
		out[name] *= 100 / float64(total)
	}
	return out, nil
}

// partOf returns the part that a stack belongs to.
func partOf(stack []string) string {
	for _, fn := range stack {
		for _, p := range parts {
			if slices.ContainsFunc(p.names, func(name string) bool { return strings.Contains(fn, name) }) {
				return p.name
			}
		}
	}
	return "rest"
}
