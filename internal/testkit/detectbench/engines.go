package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// input is what was made for the runs.
type input struct {
	// Each event often, and once.
	mix, processes, mixLong, processesLong, mixOnce, processesOnce *eventFile
	// Each event once, with its number: for comparing matches.
	mixNumbered, processesNumbered *eventFile
	rules, many                    *ruleDir
	// unrouted is a data folder for weir whose pipelines know no log sources.
	unrouted string
}

// scenarios are the rows of the table.
func (in *input) scenarios() []scenario {
	mix := scenario{name: "mix", events: in.mix, long: in.mixLong, once: in.mixOnce, rules: in.rules}
	started := scenario{name: "process_creation", events: in.processes, long: in.processesLong, once: in.processesOnce, rules: in.rules}
	var out []scenario
	for _, change := range []func(*scenario){
		func(*scenario) {},
		func(sc *scenario) { sc.name, sc.unrouted = sc.name+", unrouted", true },
		func(sc *scenario) { sc.like, sc.name, sc.rules = sc.name, sc.name+", ten times the rules", in.many },
	} {
		for _, sc := range []scenario{mix, started} {
			change(&sc)
			out = append(out, sc)
		}
	}
	return out
}

// longer is how many more events weir gets than RSigma.
const longer = 5

// copies is how often mutated rules come: once as they are, and nine times with other texts.
const copies = 10

// prepare makes events and rules.
func prepare(set settings, out io.Writer) (*input, error) {
	list, err := load(set.data)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	in := &input{}
	started := processes(list)
	for _, f := range []struct {
		to   **eventFile
		name string
		list []record
		n    int
	}{
		{&in.mix, "mix.ndjson", list, set.events},
		{&in.processes, "process_creation.ndjson", started, set.events},
		{&in.mixLong, "mix-long.ndjson", list, longer * set.events},
		{&in.processesLong, "process_creation-long.ndjson", started, longer * set.events},
		{&in.mixOnce, "mix-once.ndjson", list, 1},
		{&in.processesOnce, "process_creation-once.ndjson", started, 1},
		{&in.mixNumbered, "mix-numbered.ndjson", numbered(list), 1},
		{&in.processesNumbered, "process_creation-numbered.ndjson", numbered(started), 1},
	} {
		if *f.to, err = writeEvents(filepath.Join(set.dir, f.name), f.list, f.n); err != nil {
			return nil, err
		}
	}
	for _, f := range []*eventFile{in.mix, in.mixLong, in.processes, in.processesLong} {
		fmt.Fprintf(out, "%s: %d events, %d bytes each on average; %d are distinct and come %d times, in another order each time\n",
			filepath.Base(f.path), f.events, f.bytes/int64(f.events), f.distinct, f.events/f.distinct)
	}
	dir := filepath.Join(set.dir, "rules")
	if err := unpack(set.data, dir); err != nil {
		return nil, fmt.Errorf("unpacking the rules: %w", err)
	}
	if in.rules, err = keepLoaded(dir, out); err != nil {
		return nil, err
	}
	if in.many, err = mutate(in.rules, filepath.Join(set.dir, "many"), copies); err != nil {
		return nil, fmt.Errorf("copying the rules: %w", err)
	}
	in.unrouted = filepath.Join(set.dir, "unrouted")
	return in, withoutSources(filepath.Join(in.unrouted, "pipelines"))
}

// withoutSources writes the pipelines that weir ships without what they say of events: every event is then tried against
// every rule, as RSigma does when it does not route.
func withoutSources(dir string) error {
	names, err := filepath.Glob(filepath.Join("rules", "pipelines", "shipped", "*.yaml"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("no pipelines in rules/pipelines/shipped: this runs in the root of the module (%w)", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var kept []byte
		inside := false
		for line := range bytes.Lines(content) {
			if key := line[0]; key != ' ' && key != '#' && key != '\n' {
				inside = bytes.HasPrefix(line, []byte("events:"))
			}
			if !inside {
				kept = append(kept, line...)
			}
		}
		if err := writeFile(filepath.Join(dir, filepath.Base(name)), kept); err != nil {
			return err
		}
	}
	return nil
}

// engine is one of the two programs.
type engine struct {
	name string
	args func(sc scenario, events string) []string
	// stdin: events come there, else they are named in the arguments.
	stdin bool
}

// engines returns those that are measured.
func (s settings) engines(in string) []engine {
	list := []engine{{name: "weir", stdin: true, args: func(sc scenario, _ string) []string {
		args := []string{s.weir, "-q", "detect", "--rules", sc.rules.path, "--winevent", "--matches", "--data", filepath.Join(s.dir, "none")}
		if sc.unrouted {
			args[len(args)-1] = in
		}
		return args
	}}}
	if s.rsigma == "" {
		return list
	}
	return append(list, engine{name: "RSigma", args: func(sc scenario, events string) []string {
		args := []string{s.rsigma, "engine", "eval", "-q", "-r", sc.rules.path, "-e", "@" + events, "--input-format", "json", "--output-format", "ndjson"}
		if !sc.unrouted {
			args = append(args, "--logsource-routing", "--logsource-field-map", "product="+product+",service="+service+",category="+category)
		}
		return args
	}})
}

// spent is what one run took.
type spent struct {
	cpu, wall time.Duration
	matches   int
}

// once runs an engine over a file, on one core, with its output in a file of its own.
func (s settings) once(ctx context.Context, e engine, sc scenario, events string, more ...string) (spent, string, error) {
	args := append(append([]string{"-c", strconv.Itoa(s.core)}, e.args(sc, events)...), more...)
	cmd := exec.CommandContext(ctx, "taskset", args...)
	name := filepath.Join(s.dir, e.name+".out")
	out, err := os.Create(name)
	if err != nil {
		return spent{}, "", err
	}
	defer func() { _ = out.Close() }()
	var msg bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &msg
	if e.stdin {
		in, err := os.Open(events)
		if err != nil {
			return spent{}, "", err
		}
		defer func() { _ = in.Close() }()
		cmd.Stdin = in
	}
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return spent{}, "", fmt.Errorf("%s: %w\n%s", e.name, err, msg.Bytes())
	}
	took := spent{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: time.Since(began)}
	if took.matches, err = countLines(name); err != nil {
		return spent{}, "", err
	}
	return took, name, nil
}

// countLines counts the lines of a file.
func countLines(name string) (int, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	buf, n := make([]byte, 1<<20), 0
	for {
		got, err := f.Read(buf)
		n += bytes.Count(buf[:got], []byte("\n"))
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// measured are the medians of one engine in one scenario: what the events cost that come again, and the start, which is
// everything up to the first time that each distinct event was seen: loading the rules, and what is made or remembered
// when an event of a kind comes by for the first time.
type measured struct {
	cpu, wall, start time.Duration
	events           int
	bytes            int64
	matches          int
}

// result is one scenario, by engine.
type result struct {
	scenario
	by map[string]measured
}

// measure runs all engines in turns, so that what else the machine does meets all of them, and takes medians.
func (s settings) measure(ctx context.Context, sc scenario) (result, error) {
	res := result{sc, map[string]measured{}}
	runs, starts := map[string][]spent{}, map[string][]spent{}
	engines := s.engines(filepath.Join(s.dir, "unrouted"))
	for range s.rounds {
		for _, e := range engines {
			first, _, err := s.once(ctx, e, sc, sc.once.path)
			if err != nil {
				return res, err
			}
			all, _, err := s.once(ctx, e, sc, sc.of(e).path)
			if err != nil {
				return res, err
			}
			starts[e.name], runs[e.name] = append(starts[e.name], first), append(runs[e.name], all)
		}
	}
	for _, e := range engines {
		cpu := func(t spent) time.Duration { return t.cpu }
		wall := func(t spent) time.Duration { return t.wall }
		m := measured{
			cpu: median(runs[e.name], cpu) - median(starts[e.name], cpu), wall: median(runs[e.name], wall) - median(starts[e.name], wall),
			events: sc.of(e).events - sc.once.events, bytes: sc.of(e).bytes - sc.once.bytes, matches: runs[e.name][0].matches - starts[e.name][0].matches,
		}
		// The first time costs at least as much as any other; what it costs beyond that belongs to the start.
		m.start = max(0, median(starts[e.name], cpu)-m.cpu*time.Duration(sc.once.events)/time.Duration(m.events))
		res.by[e.name] = m
	}
	return res, nil
}

// of returns the events for an engine.
func (sc *scenario) of(e engine) *eventFile {
	if e.name == "weir" {
		return sc.long
	}
	return sc.events
}

// median returns the middle of some durations.
func median(list []spent, of func(spent) time.Duration) time.Duration {
	all := make([]time.Duration, len(list))
	for i, t := range list {
		all[i] = of(t)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
