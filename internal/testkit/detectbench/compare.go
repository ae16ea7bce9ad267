package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// number is the member by which a match of RSigma is traced to its event. It stands in the files for comparing only.
const number = "bench_number"

// numbered returns the records with their numbers, from 1.
func numbered(list []record) []record {
	out := slices.Clone(list)
	for i := range out {
		out[i].line = with(out[i].line, number, "n"+strconv.Itoa(i+1))
	}
	return out
}

// comparisons are the scenarios whose matches are compared one by one, each event once.
func (in *input) comparisons() []scenario {
	return []scenario{
		{name: "mix", events: in.mixNumbered, rules: in.rules},
		{name: "process_creation", events: in.processesNumbered, rules: in.rules},
		{name: "mix, unrouted", events: in.mixNumbered, rules: in.rules, unrouted: true},
	}
}

// matches has the events by rule, both as the engines name them.
type matches map[string]map[string]bool

func (m matches) add(rule, event string) {
	if m[rule] == nil {
		m[rule] = map[string]bool{}
	}
	m[rule][event] = true
}

// maxShown bounds the rules that a comparison lists.
const maxShown = 20

// compare runs both engines over the same events and lists the rules whose matches differ.
func (s settings) compare(ctx context.Context, sc scenario, out io.Writer) error {
	events, err := readEvents(sc.events.path)
	if err != nil {
		return err
	}
	found := map[string]matches{}
	for _, e := range s.engines(filepath.Join(s.dir, "unrouted")) {
		read, more := events.weirMatches, []string(nil)
		if e.name != "weir" {
			read, more = rsigmaMatches, []string{"--include-event"}
		}
		_, name, err := s.once(ctx, e, sc, sc.events.path, more...)
		if err != nil {
			return err
		}
		if found[e.name], err = readMatches(name, read); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	ours, theirs := found["weir"], found["RSigma"]
	ids := slices.Sorted(maps.Keys(theirs))
	for id := range ours {
		if theirs[id] == nil {
			ids = append(ids, id)
		}
	}
	var differ []difference
	for _, id := range ids {
		if d := diff(id, ours[id], theirs[id]); d.only != [2]int{} {
			differ = append(differ, d)
		}
	}
	slices.SortFunc(differ, func(a, b difference) int {
		return cmp.Or(cmp.Compare(b.only[0]+b.only[1], a.only[0]+a.only[1]), cmp.Compare(a.rule, b.rule))
	})
	fmt.Fprintf(out, "\n%s: %d rules match in weir, %d in RSigma; of %d rules the matches differ\n", sc.name, len(ours), len(theirs), len(differ))
	titles, err := titlesOf(sc.rules.path)
	if err != nil {
		return err
	}
	for _, d := range differ[:min(len(differ), maxShown)] {
		fmt.Fprintf(out, "  %s %s: %d in both, %d in weir only, %d in RSigma only\n    %.300s\n", d.rule, titles[d.rule], d.both, d.only[0], d.only[1], events.lines[d.example])
	}
	if n := len(differ) - maxShown; n > 0 {
		fmt.Fprintf(out, "  and %d more\n", n)
	}
	return nil
}

// difference is how the matches of one rule differ: only weir's, only RSigma's, and an event that only one of them found.
type difference struct {
	rule    string
	both    int
	only    [2]int
	example string
}

// diff compares the events that one rule matched.
func diff(rule string, ours, theirs map[string]bool) difference {
	d := difference{rule: rule}
	for i, pair := range [2][2]map[string]bool{{ours, theirs}, {theirs, ours}} {
		for _, ev := range slices.Sorted(maps.Keys(pair[0])) {
			switch {
			case !pair[1][ev]:
				d.only[i]++
				d.example = cmp.Or(d.example, ev)
			case i == 0:
				d.both++
			}
		}
	}
	return d
}

// eventList is the events of a file for comparing.
type eventList struct {
	numbers []string          // by line
	lines   map[string]string // by number
}

// readEvents reads such a file.
func readEvents(name string) (*eventList, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := &eventList{lines: map[string]string{}}
	for line := range bytes.Lines(content) {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(line, &doc); err != nil {
			return nil, err
		}
		var n string
		if err := json.Unmarshal(doc[number], &n); err != nil {
			return nil, err
		}
		out.numbers = append(out.numbers, n)
		out.lines[n] = string(bytes.TrimSpace(line))
	}
	return out, nil
}

// readMatches reads the output of an engine line by line.
func readMatches(name string, read func(line []byte, n matches) error) (matches, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	out := matches{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		if err := read(sc.Bytes(), out); err != nil {
			return nil, err
		}
	}
	return out, sc.Err()
}

// weirMatches reads {"line":N,"rule":"ID"}. The events are shuffled, so their numbers are not those of their lines.
func (l *eventList) weirMatches(line []byte, m matches) error {
	var doc struct {
		Line int
		Rule string
	}
	if err := json.Unmarshal(line, &doc); err != nil {
		return err
	}
	if doc.Line < 1 || doc.Line > len(l.numbers) {
		return fmt.Errorf("there is no line %d", doc.Line)
	}
	m.add(doc.Rule, l.numbers[doc.Line-1])
	return nil
}

// rsigmaMatches reads a match with its event.
func rsigmaMatches(line []byte, m matches) error {
	var doc struct {
		Rule  string `json:"rule_id"`
		Event map[string]any
	}
	if err := json.Unmarshal(line, &doc); err != nil {
		return err
	}
	n, ok := doc.Event[number].(string)
	if !ok {
		return fmt.Errorf("no number in %.200s", line)
	}
	m.add(doc.Rule, n)
	return nil
}
