package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weir/internal/signal"
	"weir/rules/correlation"
)

// sigmaTypes are the kinds that both programs have, by what Sigma calls them.
var sigmaTypes = map[correlation.Kind]string{
	correlation.Count: "event_count", correlation.Distinct: "value_count", correlation.Sum: "value_sum", correlation.Avg: "value_avg", correlation.Median: "value_median",
	correlation.Percentile: "value_percentile", correlation.AnyOrder: "temporal", correlation.Sequence: "temporal_ordered",
}

// idOf names the rule that matches a condition's events. RSigma keeps rules to itself that a correlation names by their id.
func idOf(condition string) string { return fmt.Sprintf("11111111-1111-1111-1111-%012x", condition[0]) }

// sigma writes a workload's rule as Sigma has it, for both programs; ok is false where Sigma has no such thing.
func sigma(w workload) (text string, ok bool) {
	c := w.rule.Correlate
	kind, ok := sigmaTypes[c.Kind]
	if !ok || c.Window != correlation.Sliding {
		return "", false
	}
	var b strings.Builder
	var ids []string
	for _, s := range c.Steps {
		fmt.Fprintf(&b, "title: base %s\nid: %s\nlogsource: {category: bench}\ndetection:\n  selection: {event.action: %s}\n  condition: selection\nlevel: low\n---\n", s.When, idOf(s.When), s.When)
		ids = append(ids, idOf(s.When))
	}
	fmt.Fprintf(&b, "title: bench\nid: 22222222-2222-2222-2222-222222222222\ncorrelation:\n  type: %s\n  rules: [%s]\n  group-by: [%s]\n  timespan: %ds\n",
		kind, strings.Join(ids, ", "), fieldIP, int(c.Within.Seconds()))
	switch c.Kind {
	case correlation.Count:
		fmt.Fprintf(&b, "  condition: {gte: %.0f}\n", c.Bounds[0].Value)
	case correlation.AnyOrder, correlation.Sequence:
		fmt.Fprintf(&b, "  condition: {gte: %d}\n", len(ids))
	case correlation.Percentile:
		fmt.Fprintf(&b, "  condition: {gte: %.0f, field: %s, percentile: %.0f}\n", c.Bounds[0].Value, c.Field[0], c.Percent)
	default:
		fmt.Fprintf(&b, "  condition: {gte: %.0f, field: %s}\n", c.Bounds[0].Value, c.Field[0])
	}
	b.WriteString("level: high\n")
	return b.String(), true
}

// native writes it as weir has it, with nothing to say which events it is for: both programs try every event.
func native(w workload) string {
	c := w.rule.Correlate
	var b strings.Builder
	b.WriteString("id: bench\ntitle: bench\nlevel: high\nwhen:\n")
	var names []string
	for _, s := range c.Steps {
		fmt.Fprintf(&b, "  %s: event.action == %q\n", s.When, s.When)
		names = append(names, s.When)
	}
	b.WriteString("correlate:\n")
	switch c.Kind {
	case correlation.Count:
		fmt.Fprintf(&b, "  count: {when: a, at_least: %.0f}\n", c.Bounds[0].Value)
	case correlation.AnyOrder, correlation.Sequence:
		fmt.Fprintf(&b, "  %s: [{when: %s}]\n", c.Kind, strings.Join(names, "}, {when: "))
	case correlation.Percentile:
		fmt.Fprintf(&b, "  percentile: {when: a, of: %s, percent: %.0f, is: {gte: %.0f}, min_values: %d}\n", c.Field[0], c.Percent, c.Bounds[0].Value, c.MinValues)
	case correlation.Avg, correlation.Median:
		fmt.Fprintf(&b, "  %s: {when: a, of: %s, is: {gte: %.0f}, min_values: %d}\n", c.Kind, c.Field[0], c.Bounds[0].Value, c.MinValues)
	default:
		fmt.Fprintf(&b, "  %s: {when: a, of: %s, at_least: %.0f}\n", c.Kind, c.Field[0], c.Bounds[0].Value)
	}
	fmt.Fprintf(&b, "  by: [%s]\n  within: %ds\n", fieldIP, int(c.Within.Seconds()))
	return b.String()
}

// peers compares the two programs, each a process on one core that reads the same events from a file.
type peers struct {
	dir, weir, rsigma string
	core, rounds      int
}

// programs are what is compared: weir, which keeps of each match what an alert shows of it, RSigma, which by default keeps
// nothing, and RSigma when it keeps at least which events they were.
var programs = [...]string{"weir", "RSigma", "RSigma, refs"}

// compared is the CPU time of one event in each of them.
type compared struct {
	name   string
	whole  [len(programs)]time.Duration // of an event that matches
	match  [len(programs)]time.Duration // of that, what a match and its correlation cost: the whole less an event that matches nothing
	alerts [len(programs)]int           // lines that say a correlation held
}

// compare runs one workload in turns: a few events, all of them, and all of them with rules that match none.
func (p *peers) compare(ctx context.Context, w workload, events int) (compared, error) {
	out := compared{name: w.name}
	text, ok := sigma(w)
	if !ok {
		return out, nil
	}
	// The action of the events is a letter; that of the other rules is none.
	never := strings.NewReplacer("event.action: ", "event.action: none-", `event.action == "`, `event.action == "none-`)
	for name, content := range map[string]string{
		"sigma/rule.yaml": text, "native/rule.yaml": native(w), "sigma-never/rule.yaml": never.Replace(text), "native-never/rule.yaml": never.Replace(native(w)),
	} {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return out, err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return out, err
		}
	}
	all, few := filepath.Join(p.dir, "all.ndjson"), filepath.Join(p.dir, "few.ndjson")
	if err := writeEvents(few, newStream(w), startEvents); err != nil {
		return out, err
	}
	if err := writeEvents(all, newStream(w), events); err != nil {
		return out, err
	}
	var whole, none [len(programs)][]time.Duration
	for range p.rounds {
		for i := range whole {
			start, _, err := p.once(ctx, i, "", few)
			if err != nil {
				return out, err
			}
			with, alerts, err := p.once(ctx, i, "", all)
			if err != nil {
				return out, err
			}
			without, _, err := p.once(ctx, i, "-never", all)
			if err != nil {
				return out, err
			}
			whole[i], none[i] = append(whole[i], with-start), append(none[i], without-start)
			out.alerts[i] = alerts
		}
	}
	for i := range whole {
		n := time.Duration(events - startEvents)
		out.whole[i], out.match[i] = median(whole[i])/n, (median(whole[i])-median(none[i]))/n
	}
	return out, nil
}

// startEvents is how many events stand for the start of a program.
const startEvents = 1000

// once runs one of them and returns its CPU time and the lines that it printed.
func (p *peers) once(ctx context.Context, which int, rules, events string) (time.Duration, int, error) {
	args := []string{p.weir, "-q", "detect", "--rules", filepath.Join(p.dir, "native"+rules), "--data", filepath.Join(p.dir, "none")}
	if which > 0 {
		args = []string{p.rsigma, "engine", "eval", "-q", "-r", filepath.Join(p.dir, "sigma"+rules), "-e", "@" + events, "--input-format", "json",
			"--output-format", "ndjson", "--no-detections"}
	}
	if which == 2 {
		args = append(args, "--correlation-event-mode", "refs")
	}
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(p.core)}, args...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	if which == 0 {
		in, err := os.Open(events)
		if err != nil {
			return 0, 0, err
		}
		defer func() { _ = in.Close() }()
		cmd.Stdin = in
	}
	var out, msg bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &msg
	if err := cmd.Run(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", args[0], err, msg.Bytes())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), bytes.Count(out.Bytes(), []byte("\n")), nil
}

// writeEvents writes n events of a stream as ECS documents, one on each line.
func writeEvents(path string, st *stream, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	for done := 0; done < n; {
		s := st.next()
		if s.Kind != signal.Match {
			continue
		}
		done++
		values := map[string]string{}
		signal.Each(s.Packed, func(k, v string) { values[k] = v })
		number, err := strconv.Atoi(values[fieldBytes])
		if err != nil {
			return err
		}
		line, err := json.Marshal(map[string]any{
			"@timestamp": s.Time.Format("2006-01-02T15:04:05.000Z"), "event": map[string]any{"action": s.When}, "message": values["message"],
			"source": map[string]any{"ip": values[fieldIP], "bytes": number}, "user": map[string]any{"name": values[fieldUser]},
			"host": map[string]any{"name": values["host.name"]},
		})
		if err != nil {
			return err
		}
		_, _ = out.Write(append(line, '\n')) // Flush tells of an error
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Close()
}
