package ruletest

import (
	"fmt"
	"strings"
	"testing"

	"weir/rules"
	"weir/rules/content"
	"weir/rules/ruletest"
)

// TestShipped runs the tests of every rule that weir ships, and asks each rule for a hit and a miss.
func TestShipped(t *testing.T) {
	t.Parallel()
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	if len(set.Faults) != 0 {
		for _, f := range set.Faults {
			t.Errorf("%s (%s)", f.Error(), f.Do)
		}
	}
	if len(set.Rules) < 10 {
		t.Errorf("%d rules", len(set.Rules))
	}
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			if hits, misses := ruletest.Cases(r); hits == 0 || misses == 0 {
				t.Errorf("%d hits and %d misses", hits, misses)
			}
			// What answers a canary tells nobody of anything, and is no technique of an attack.
			if canary := r.ID == "weir-canary"; !canary && (r.TitleKo == "" || r.ExplainKo == "" || len(r.Tags) == 0 || len(r.References) == 0) {
				t.Error("no Korean texts, ATT&CK tags or references")
			}
			for _, res := range ruletest.Run(r, f) {
				if !res.Passed {
					t.Errorf("%s:%d: %s: %v\nnearest: %+v\nalerts: %+v", res.File, res.Line, res.Name, res.Problems, res.Nearest, res.Alerts)
				}
				for _, a := range res.Alerts {
					if strings.Contains(a.What, "{{") || strings.Contains(a.What, "?") {
						t.Errorf("%s: the text has holes: %s", res.Name, a.What)
					}
				}
			}
		})
	}
}

func load(t *testing.T, text string) *rules.Rule {
	t.Helper()
	list, faults := rules.Parse("f.yaml", []byte(text), rules.Options{})
	if rules.HasErrors(faults) || len(list) != 1 {
		t.Fatal(faults)
	}
	return list[0]
}

// TestFailures checks what a failed test says.
func TestFailures(t *testing.T) {
	t.Parallel()
	r := load(t, `id: two
title: Two
level: low
enabled: false
when:
  first: user.name == "kim" and source.geo.country_iso_code == "KR"
  second: user.name == "kim" and source.geo.country_iso_code != "KR"
correlate: {sequence: [{when: first}, {when: second}], by: [user.name], within: 1h}
tests:
  - name: never leaves
    events:
      - {user.name: kim, source.geo.country_iso_code: KR}
      - {user.name: kim, source.geo.country_iso_code: KR}
    expect: {alerts: 1, groups: [{user.name: kim}], events: [1]}
  - name: leaves
    events:
      - {user.name: kim, source.geo.country_iso_code: KR}
      - {user.name: kim, source.geo.country_iso_code: DE}
    expect: {alerts: 1, groups: [{user.name: kim}], events: [1, 2]}
  - name: expected nothing
    events:
      - {user.name: kim, source.geo.country_iso_code: KR}
      - {user.name: kim, source.geo.country_iso_code: DE}
    expect: {alerts: 0}
  - name: another group
    events:
      - {user.name: kim, source.geo.country_iso_code: KR}
      - {user.name: kim, source.geo.country_iso_code: DE}
    expect: {alerts: 1, groups: [{user.name: lee}]}
  - name: no such dataset
    events: [{raw: x, dataset: no.such}]
    expect: {alerts: 1}
`)
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := ruletest.Run(r, f)
	var lines []string
	for _, res := range got {
		line := fmt.Sprintf("%s %v %v", res.Name, res.Passed, res.Problems)
		for _, n := range res.Nearest {
			line += fmt.Sprintf(" | %s line %d %d/%d", n.When, n.Line, len(n.Misses), n.Of)
			for _, m := range n.Misses {
				line += fmt.Sprintf(" %s %v", m.Expr, m.Values)
			}
		}
		lines = append(lines, line)
	}
	want := []string{
		`never leaves false [alerts: expected 1, got 0 groups: expected user.name = kim, got none events: expected event 1 in the evidence, got []]` +
			` | second line 12 1/2 source.geo.country_iso_code != "KR" [{source.geo.country_iso_code KR true}]`,
		`leaves true []`,
		`expected nothing false [alerts: expected 0, got 1]`,
		`another group false [groups: expected user.name = lee, got user.name = kim]`,
		`no such dataset false [event 1, line 31: parsing the line: no format has the dataset "no.such"]`,
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestTimes checks whose time counts: that of the test, else that of the event, else a second after the last.
func TestTimes(t *testing.T) {
	t.Parallel()
	r := load(t, `id: clock
title: Clock
level: low
when: message contains "hello"
correlate: {count: {at_least: 2}, by: [host.name], within: 10s}
tests:
  - name: lines without a time
    events: [{raw: "<34>hello", repeat: 2}]
    expect: {alerts: 1}
  - name: years apart by their own time
    events:
      - {raw: "<34>1 2003-10-11T22:14:15.003Z web-1 app - - - hello"}
      - {raw: "<34>1 2026-10-11T22:14:15.003Z web-1 app - - - hello"}
    expect: {alerts: 0}
  - name: the test says another time
    events:
      - {raw: "<34>1 2003-10-11T22:14:15.003Z web-1 app - - - hello"}
      - {raw: "<34>1 2026-10-11T22:14:15.003Z web-1 app - - - hello", at: +9s}
    expect: {alerts: 1}
  - name: too late by the test's time
    events:
      - {raw: "<34>1 2003-10-11T22:14:15.003Z web-1 app - - - hello"}
      - {raw: "<34>1 2003-10-11T22:14:15.003Z web-1 app - - - hello", at: +11s}
    expect: {alerts: 0}
  - name: no year, at the turn of the half year
    events:
      - {raw: "<34>Jul  5 23:59:59 web-1 app: hello"}
      - {raw: "<34>Jul  6 00:00:01 web-1 app: hello"}
    expect: {alerts: 1}
  - name: documents with their time
    events:
      - {message: hello, host.name: web-1, "@timestamp": "2026-11-21T07:50:08Z"}
      - {message: hello, host.name: web-1, "@timestamp": "2026-11-21T07:50:19Z"}
    expect: {alerts: 0}
`)
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range ruletest.Run(r, f) {
		if !res.Passed {
			t.Errorf("%s: %v", res.Name, res.Problems)
		}
	}
}
