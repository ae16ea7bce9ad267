package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/processors/parse/format"
	"weir/rules"
	"weir/rules/fromkql"
	"weir/rules/ruletest"
)

// nearCandidates is how many events that do not match are looked at for the one that comes nearest.
const nearCandidates = 500

// noAlert leaves out what weir wrote itself: rules are never tried on alerts.
const noAlert = `not event.dataset: "` + alert.Dataset + `"`

// Draft is a rule file that was written for somebody to complete.
type Draft struct {
	File string
	// Notes say where the condition is wider than the query.
	Notes []string
	// Hit and Miss are the ids of the events that its tests are made of, "" where there was none.
	Hit, Miss string
}

// NewRule writes DATA/rules/ID.yaml: without a query a template with comments, else a rule whose condition is the query's,
// with a test made of the newest event that it finds and of the nearest that it does not. b is asked for the events. A
// file that is there is never written over.
func NewRule(ctx context.Context, cfg config.Config, id, kql string, b control.Backend) (Draft, error) {
	d := Draft{File: filepath.Join(build.Within(cfg, cfg.Rules.Folder), id+".yaml")}
	if err := d.free(cfg, id); err != nil {
		return d, err
	}
	text := strings.ReplaceAll(template, "ID", id)
	if kql != "" {
		cond, err := fromkql.Translate(kql)
		if err != nil {
			return d, err
		}
		d.Notes = cond.Notes
		w := &writer{id: id, kql: kql, expr: cond.Tree.String(), notes: cond.Notes}
		if err := w.find(ctx, b); err != nil {
			return d, err
		}
		d.Hit, d.Miss = w.hit.id, w.miss.id
		if text, err = w.text(cfg); err != nil {
			return d, err
		}
	}
	return d, d.write(text)
}

// free refuses ids that cannot be one, and those that a rule has already.
func (d Draft) free(cfg config.Config, id string) error {
	probe, faults := rules.Parse(d.File, []byte("id: "+yamlText(id)+"\ntitle: x\nlevel: low\nwhen: event.kind == \"x\"\n"), rules.Options{})
	if len(probe) == 0 {
		for _, f := range faults {
			return &fault.Error{Code: "usage", What: f.What, Do: f.Do, Exit: fault.ExitUsage}
		}
	}
	// Also a link that leads nowhere is somebody's file.
	if _, err := os.Lstat(d.File); err == nil {
		return taken(d.File, id)
	}
	set, _, _, err := build.Rules(cfg)
	if err != nil {
		return err
	}
	if r := set.Rule(id); r != nil {
		return taken(r.File, id)
	}
	return nil
}

// taken says that there is such a rule.
func taken(file, id string) error {
	return &fault.Error{Code: "rule-exists", What: fmt.Sprintf("there is a rule `%s` already", id), Where: file, Do: "take another id, or edit that file", Exit: fault.ExitUsage}
}

// write makes the file; one that came meanwhile stays.
func (d Draft) write(text string) error {
	err := os.MkdirAll(filepath.Dir(d.File), 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(d.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_, err = f.WriteString(text)
			err = errors.Join(err, f.Close())
		}
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(d.File, strings.TrimSuffix(filepath.Base(d.File), ".yaml"))
	case err != nil:
		return &fault.Error{Code: "folder-unusable", What: "the rule cannot be written", Where: d.File, Why: fault.Innermost(err), Do: "chmod u+rwx " + filepath.Dir(d.File), Exit: fault.ExitMissing, Cause: err}
	}
	return nil
}

// What is written is for a person to go on with: short lines, in the order in which one thinks of a rule, with what is to be
// filled in said at its place. It is text and not a marshalled value, since comments are half of it.

// writer puts a rule of a query into words. It belongs to one call.
type writer struct {
	id, kql, expr string
	notes         []string
	hit, miss     sample
}

// sample is an event of the archive.
type sample struct {
	id  string
	doc []byte
	e   event.Event
}

// find asks for the newest event that the query finds, and for the one that nearly is one: among the newest of the same
// dataset that the query does not find.
func (w *writer) find(ctx context.Context, b control.Backend) error {
	take := func(into *sample) func([]byte) error {
		return func(doc []byte) error {
			into.doc = bytes.Clone(doc)
			if err := into.e.Decode(into.doc); err != nil {
				return fmt.Errorf("reading an event of the archive: %w", err)
			}
			into.id = strings.Clone(into.e.Str(event.EventID))
			return nil
		}
	}
	if _, err := b.Search(ctx, control.SearchRequest{Query: "(" + w.kql + ") and " + noAlert, Size: 1}, take(&w.hit)); err != nil || w.hit.doc == nil {
		return err
	}
	// Nearness is that of the condition and not of the query: what the rule will lack is what its author wants to see.
	cond, err := match.Compile(w.expr)
	if err != nil {
		return fmt.Errorf("reading the condition made of the query: %w", err)
	}
	others := "not (" + w.kql + ") and " + noAlert
	if set := w.hit.e.Str(event.EventDataset); set != "" {
		others += ` and event.dataset: "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(set) + `"`
	}
	least, of := 0, 0
	var next sample
	read := take(&next)
	_, err = b.Search(ctx, control.SearchRequest{Query: others, Size: nearCandidates}, func(doc []byte) error {
		if err := read(doc); err != nil {
			return err
		}
		misses, parts := cond.Explain(&next.e)
		// A condition that is wider than the query may hold here: this is no miss.
		if len(misses) > 0 && (of == 0 || len(misses)*of < least*parts) {
			least, of = len(misses), parts
			w.miss = sample{id: next.id, doc: next.doc}
			return w.miss.e.Decode(w.miss.doc)
		}
		return nil
	})
	return err
}

// text returns the file. Tests are made of the lines as they were received where parsing them again gives the same
// result, else of the documents: what only the inventory or an agent knew is not in the line.
func (w *writer) text(cfg config.Config) (string, error) {
	if w.hit.doc == nil {
		return w.with(nil), nil
	}
	// From the best form to the safest. Each is tried as a whole, because one line of two may do.
	var last string
	set, _ := build.Formats(cfg)
	for _, raw := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
		var tests []testDraft
		tests = append(tests, testDraft{"an event of " + day(&w.hit.e), &w.hit, raw[0], 1})
		if w.miss.doc != nil {
			tests = append(tests, testDraft{"the nearest event that is none, of " + day(&w.miss.e), &w.miss, raw[1], 0})
		}
		if !usable(tests) {
			continue
		}
		last = w.with(tests)
		ok, err := passes(cfg, last, set)
		if err != nil || ok {
			return last, err
		}
	}
	return last, nil // the tests fail, and the command that runs them next says why
}

// usable tells whether each test that wants a line has one.
func usable(tests []testDraft) bool {
	return !slices.ContainsFunc(tests, func(t testDraft) bool { return t.raw && original(&t.s.e) == "" })
}

// passes runs the tests of a rule in the form of a file.
func passes(cfg config.Config, text string, set *format.Set) (bool, error) {
	list, faults := rules.Parse("draft", []byte(text), rules.Options{})
	if len(list) != 1 {
		return false, fmt.Errorf("the rule that was made cannot be read: %w", faults)
	}
	factory, err := testFactory(cfg, inputs{}, set)
	if err != nil {
		return false, err
	}
	for _, r := range ruletest.Run(list[0], factory) {
		if !r.Passed {
			return false, nil
		}
	}
	return true, nil
}

// testDraft is one test to be written.
type testDraft struct {
	name   string
	s      *sample
	raw    bool
	alerts int
}

// maxLineInTest bounds the lines that tests are made of: longer ones are no reading.
const maxLineInTest = 8 << 10

// original is the line as it was received, "" for one that is no text or too long for a file that people read.
func original(e *event.Event) string {
	s := e.Str(event.EventOriginal)
	if !utf8.ValidString(s) || len(s) > maxLineInTest || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return ""
	}
	return s
}

// day is that on which the event was logged.
func day(e *event.Event) string {
	if v := e.Get(event.Timestamp); v.Kind() == event.Time {
		return v.Time().UTC().Format(time.DateOnly)
	}
	return "the archive"
}

// with writes the whole file.
func (w *writer) with(tests []testDraft) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made by `weir rules new` from the query\n#   %s\n", strings.ReplaceAll(w.kql, "\n", " "))
	for _, n := range w.notes {
		fmt.Fprintf(&b, "# Note: %s.\n", n)
	}
	fmt.Fprintf(&b, "id: %s\ntitle: Events that the query finds # to fill in: what it finds, in one line\n", w.id)
	b.WriteString("level: medium # to fill in: informational, low, medium, high or critical\n")
	b.WriteString("# tags: [attack.credential-access, attack.t1110] # to fill in: https://attack.mitre.org\n")
	b.WriteString("enabled: false # take this line out when the rule is done; tests run without it too\n")
	fmt.Fprintf(&b, "when: |\n  %s\n", w.expr)
	// The alert's text is made of what it folds by: that is what differs between two alerts of the rule.
	by := w.groups()
	fmt.Fprintf(&b, "fold: {by: [%s], for: 1h} # what becomes one alert\n", strings.Join(by, ", "))
	said := make([]string, len(by))
	for i, f := range by {
		said[i] = "{{" + f + "}}"
	}
	fmt.Fprintf(&b, "explain: %s # to fill in: what stands in the alert\n", yamlText("events of "+strings.Join(said, ", ")))
	b.WriteString("false_positives: []\n")
	if len(tests) == 0 {
		b.WriteString("# tests: # no event of the archive matches the query: write one that does, and one that does not\n" +
			"#   - name: a hit\n#     events: [{raw: \"the line\"}]\n#     expect: {alerts: 1}\n#   - name: a miss\n#     events: [{raw: \"another line\"}]\n#     expect: {alerts: 0}\n")
		return b.String()
	}
	b.WriteString("tests: # of real events: take out what should not be in a file\n")
	for _, t := range tests {
		w.test(&b, t)
	}
	return b.String()
}

// groups are the fields by which hits become one alert: those of the usual ones that the event has.
func (w *writer) groups() []string {
	var out []string
	for _, path := range []string{"host.name", "user.name", "source.ip"} {
		if v := w.hit.e.GetPath(path); v.Kind() == event.String {
			out = append(out, path)
		}
	}
	// A rule has to fold by something; most events have a host.
	if len(out) == 0 {
		return []string{"host.name"}
	}
	return out
}

// test writes one test.
func (w *writer) test(b *strings.Builder, t testDraft) {
	fmt.Fprintf(b, "  - name: %s\n    events:\n", yamlText(t.name))
	if t.raw {
		fmt.Fprintf(b, "      - raw: %s\n        dataset: %s\n", yamlText(original(&t.s.e)), yamlText(t.s.e.Str(event.EventDataset)))
	} else {
		for i, f := range w.fields(&t.s.e) {
			lead := "        "
			if i == 0 {
				lead = "      - "
			}
			fmt.Fprintf(b, "%s%s: %s\n", lead, yamlText(f), t.s.e.GetPath(f).AppendJSON(nil))
		}
	}
	fmt.Fprintf(b, "    expect: {alerts: %d}\n", t.alerts)
}

// fields are those of an event that a test shows: what the condition reads, and what people know an event by.
func (w *writer) fields(e *event.Event) []string {
	paths := []string{"@timestamp", "event.dataset", "event.code", "event.category", "event.action", "event.outcome", "host.name", "user.name", "source.ip", "process.name", "message"}
	if cond, err := match.Compile(w.expr); err == nil {
		paths = append(paths, cond.Fields()...)
	}
	var out []string
	for _, p := range paths {
		if k := e.GetPath(p).Kind(); k != event.Absent && k != event.Null && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// yamlText writes a text so that YAML reads it as it is: plain where it is a word, else in the quotes of JSON, which YAML
// shares.
func yamlText(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-' || r == '@'
	}
	letter := s != "" && ('a' <= s[0] && s[0] <= 'z' || 'A' <= s[0] && s[0] <= 'Z')
	if letter && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s)) {
		return s
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// template is a rule without a query.
const template = `# A rule of your own. All keys: weir rules schema; all about rules: docs/how-to/own-rule.md
id: ID
title: What it finds, in one line
level: medium # informational, low, medium, high or critical
# tags: [attack.credential-access, attack.t1110] # https://attack.mitre.org
enabled: false # take this line out when the rule is done; tests run without it too
# An expression over ECS fields: ==, in, and, or, not, contains, startsWith, and cidr, ieq, icontains, glob, re, in_list.
# Which fields a line has: weir parse < lines.txt
when: process.name == "sshd" and event.outcome == "failure" and user.name == "root"
# Several events instead of one: name the conditions, and say how they belong together.
# when:
#   failed: process.name == "sshd" and event.outcome == "failure"
#   login: process.name == "sshd" and event.outcome == "success"
# correlate:
#   sequence: [{when: failed, at_least: 5}, {when: login}] # or count, distinct, sum, avg, median, percentile, any_order, absence, new_value: docs/correlation.md
#   by: [source.ip, user.name]
#   within: 10m
fold: {by: [host.name, source.ip], for: 1h} # what becomes one alert
explain: "{{source.ip}} failed to log in as {{user.name}} on {{host.name}}"
false_positives: []
tests: # real lines are best; at least one that it finds and one that it does not
  - name: root
    events:
      - raw: "<38>Nov 21 03:12:44 web-1 sshd[811]: Failed password for root from 198.51.100.7 port 50122 ssh2"
    expect: {alerts: 1}
  - name: somebody else
    events:
      - raw: "<38>Nov 21 03:12:44 web-1 sshd[811]: Failed password for minsu from 198.51.100.7 port 50122 ssh2"
    expect: {alerts: 0}
`
