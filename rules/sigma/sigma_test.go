package sigma

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// parsed is what a file came to.
type parsed struct {
	rules   []*Rule
	filters []*Filter
	faults  fault.List
	// How many there were.
	correlations int
}

// parse reads a file as package rules does.
func parse(doc string, opts Options) parsed {
	file, docs := yamlfile.Open("rules/a_rule.yml", []byte(doc))
	f := New(file, opts)
	var out parsed
	for _, d := range docs {
		body := file.Body(d)
		if body == nil {
			continue
		}
		doc := f.Read(body)
		r, filter := doc.Rule, doc.Filter
		if r != nil {
			out.rules = append(out.rules, r)
		}
		if filter != nil {
			out.filters = append(out.filters, filter)
		}
		if doc.Correlation != nil {
			out.correlations++
		}
	}
	f.End()
	out.faults = file.Faults()
	return out
}

// show prints faults as a person sees them, with the caret.
func show(faults fault.List) string {
	var b strings.Builder
	for _, e := range faults {
		word := "error"
		if e.Warn {
			word = "warning"
		}
		fmt.Fprintf(&b, "%s: %s[%s]: %s\n", strings.TrimPrefix(e.Where, "rules/a_rule.yml:"), word, e.Code, e.What)
		if e.Mark > 0 {
			fmt.Fprintf(&b, "%s\n%s%s\n", e.Text, strings.Repeat(" ", e.Mark-1), strings.Repeat("^", e.Width))
		}
		if e.Why != "" {
			fmt.Fprintf(&b, "why %s\n", e.Why)
		}
		if e.Do != "" {
			fmt.Fprintf(&b, "do %s\n", e.Do)
		}
	}
	return b.String()
}

const head = "title: T\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nlevel: low\nlogsource: {product: windows, category: process_creation}\n"

// detection makes a rule of a detection.
func detection(lines ...string) string {
	return head + "detection:\n  " + strings.Join(lines, "\n  ") + "\n"
}

const whole = `title: Whoami   Execution
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: whoami
related:
  - id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9
    type: derived
  - type: obsolete
taxonomy: sigma
status: stable
description: Detects a whoami.exe execution
license: DRL-1.1
references:
  - https://example.net/a
  - https://example.net/b
author: One, Two
date: 2019-10-23
modified: 2020/01/02
tags: [attack.discovery, attack.t1033]
scope: [server]
logsource:
  category: Process Creation
  product: windows
  definition: Audit it
detection:
  selection:
    Image: 'C:\Windows\System32\whoami.exe'
  condition: selection
fields: [CommandLine, ParentImage]
falsepositives: Administrators
level: High
`

func TestReadWhole(t *testing.T) {
	t.Parallel()
	got := parse(whole, Options{})
	if len(got.faults) != 0 || len(got.rules) != 1 {
		t.Fatal(len(got.rules), show(got.faults))
	}
	r := got.rules[0]
	want := `{ID:929a690e-bef0-4204-a928-ef5e620d6fcc Name:whoami Title:Whoami Execution Description:Detects a whoami.exe execution Status:stable Level:high ` +
		`Author:One, Two License:DRL-1.1 Date:2019-10-23 Modified:2020/01/02 References:[https://example.net/a https://example.net/b] Tags:[attack.discovery attack.t1033] ` +
		`FalsePositives:[Administrators] Fields:[CommandLine ParentImage] Related:[{ID:08fbc97d-0a2f-491c-ae21-8ffcfd3174e9 Type:derived}] LogSource:windows/process_creation/* Detection:` +
		`ieq(Image, "C:\\Windows\\System32\\whoami.exe") At:{Line:1 Col:1} Condition:{Line:27 Col:14}}`
	if s := fmt.Sprintf("%+v", *r); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]bool{
		"detection: {a: b}": true, "title: x\nlogsource: {product: windows}": true, "filter: {rules: [a]}": true, "correlation: {type: event_count}": true, "action: global\ntitle: x": true,
		"id: a\nwhen: true": false, "id: a\nlogsource: {product: linux}\nwhen: x == 1": false, "id: a\nwhen: x == 1\nlogsource: {product: linux}": false, "title: x": false,
	} {
		f, docs := yamlfile.Open("f.yml", []byte(doc))
		if got := Is(f.Body(docs[0])); got != want {
			t.Errorf("%q: %v", doc, got)
		}
	}
}
