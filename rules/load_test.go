package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const whole = `# a comment
id: ssh-brute-force
title: Many failed SSH logins, then one that works
title.ko: SSH 로그인 실패가 이어진 뒤 성공
level: high
status: stable
author: weir
date: 2026-11-01
version: 3
description: Somebody guesses.
tags: [attack.credential_access, attack.t1110.001]
references:
  - https://attack.mitre.org/techniques/T1110/001/
false_positives: a person who forgot the password
enabled: true
notify: [mail]
when:
  failed: process.name == "sshd" and event.outcome == "failure"
  login: >-
    process.name == "sshd"
    and event.outcome == "success"
correlate:
  sequence: [{when: failed, at_least: 5}, {when: login}]
  by: [source.ip, user.name]
  within: 10m
fold: {by: [source.ip], for: 2h}
explain: "{{source.ip}} guessed {{user.name}}'s password on {{host.name}}"
explain.ko: "{{source.ip}}이(가) 맞혔습니다"
tests:
  - name: a hit
    events:
      - {raw: "Nov 21 16:50:03 web-1 sshd[812]: Failed", dataset: system.auth, repeat: 3}
      - raw: |
          a line
        at: +1m
      - process: {name: sshd, pid: 812}
        event.outcome: success
        tags: [a, 1, true, null, 1.5]
        at: 2m
    expect: {alerts: 1, groups: [{source.ip: 203.0.113.5}], events: [1, 5]}
  - name: a miss
    events: ["just a line"]
    expect: {alerts: 0}
`

func TestParse(t *testing.T) {
	t.Parallel()
	list, faults := Parse("rules/a.yaml", []byte(whole), Options{})
	if len(faults) != 0 || len(list) != 1 {
		t.Fatal(len(list), faults)
	}
	r := list[0]
	if r.ID != "ssh-brute-force" || r.TitleKo != "SSH 로그인 실패가 이어진 뒤 성공" || r.Level != High || r.Version != 3 || r.Line != 2 || r.File != "rules/a.yaml" ||
		!r.Enabled || r.Date != "2026-11-01" || len(r.Tags) != 2 || len(r.FalsePositives) != 1 || r.Notify[0] != "mail" || r.ExplainKo == "" || r.Hash == "" {
		t.Errorf("%+v", r)
	}
	want := []Condition{
		{Name: "failed", Expr: `process.name == "sshd" and event.outcome == "failure"`, Line: 18, Col: 11},
		{Name: "login", Expr: `process.name == "sshd" and event.outcome == "success"`, Line: 20, Col: 5},
	}
	if fmt.Sprint(r.When) != fmt.Sprint(want) {
		t.Errorf("%+v", r.When)
	}
	if c := r.Correlate; fmt.Sprintf("%v %v %v %v %v", c.Kind, c.Steps, c.By, c.Within, c.Window) != "sequence [{failed 5} {login 1}] [source.ip user.name] 10m0s sliding" {
		t.Errorf("%+v", *r.Correlate)
	}
	if fmt.Sprint(r.Fold) != "{[source.ip] 2h0m0s}" {
		t.Errorf("%+v", r.Fold)
	}
	if len(r.Tests) != 2 || len(r.Tests[0].Events) != 5 {
		t.Fatalf("%+v", r.Tests)
	}
	ev := r.Tests[0].Events
	if ev[0].Dataset != "system.auth" || ev[2].Raw != ev[0].Raw || ev[3].Raw != "a line" || ev[3].At != time.Minute || ev[0].Line != 32 {
		t.Errorf("%+v", ev)
	}
	if got := string(ev[4].Doc); got != `{"process":{"name":"sshd","pid":812},"event.outcome":"success","tags":["a",1,true,null,1.5]}` {
		t.Error(got)
	}
	if x := r.Tests[0].Expect; x.Alerts != 1 || x.Groups[0]["source.ip"] != "203.0.113.5" || x.Events[1] != 5 {
		t.Errorf("%+v", x)
	}
	if r.Tests[1].Events[0].Raw != "just a line" {
		t.Errorf("%+v", r.Tests[1])
	}
}

const small = "id: a\ntitle: A\nlevel: low\nwhen: user.name == \"x\"\n"

func TestDefaults(t *testing.T) {
	t.Parallel()
	list, faults := Parse("a.yaml", []byte(small), Options{})
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	r := list[0]
	if r.Version != 1 || r.Status != "stable" || !r.Enabled || r.Explain != "A" || r.Fold.For != time.Hour || strings.Join(r.Fold.By, " ") != "host.name source.ip" || r.When[0].Name != "event" {
		t.Errorf("%+v", r)
	}
	list, faults = Parse("a.yaml", []byte(small+"correlate: {count: {at_least: 3}, by: [user.name], within: 1d}\n"), Options{})
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	r = list[0]
	if r.Correlate.Steps[0] != (Step{When: "event", AtLeast: 1}) || r.Correlate.Bounds[0] != (Bound{Op: "gte", Value: 3}) || r.Correlate.Within != 24*time.Hour || strings.Join(r.Fold.By, " ") != "user.name" {
		t.Errorf("%+v %+v", r.Correlate, r.Fold)
	}
}

func TestTooManyConditions(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id: a\ntitle: A\nlevel: low\nwhen:\n")
	for i := range maxConditions + 5 {
		fmt.Fprintf(&b, "  c%d: user.name == \"x\"\n", i)
	}
	b.WriteString("correlate: {count: {when: c0, at_least: 2}, within: 1m}\n")
	list, faults := Parse("f.yaml", []byte(b.String()), Options{})
	if len(list) != 0 || len(faults) != 1 || faults[0].Code != "rule-too-large" {
		t.Errorf("%d rules, %s", len(list), show(faults))
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	base, _ := Parse("f.yaml", []byte(whole), Options{})
	same, _ := Parse("g.yaml", []byte(strings.Replace(whole, "title: Many", "title: Very many", 1)), Options{})
	other, _ := Parse("f.yaml", []byte(strings.Replace(whole, "at_least: 5", "at_least: 6", 1)), Options{})
	if base[0].Hash != same[0].Hash || base[0].Hash == other[0].Hash {
		t.Error("the hash does not follow what the rule matches")
	}
}
