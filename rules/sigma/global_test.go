package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// TestGlobal reads an old collection: what the first document says holds for those below it.
func TestGlobal(t *testing.T) {
	t.Parallel()
	got := parse(`action: global
title: Remote Service
id: 4a3a2b96-d7fc-4cb9-80e4-4a545fe95f46
level: medium
detection:
  filter: {User: a}
  condition: selection and not filter
---
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4697}
---
logsource: {product: windows, service: system}
level: high
detection:
  selection: {EventID: 7045}
  filter: {User: b}
---
action: repeat
id: other
detection:
  selection: {EventID: 7046}
---
action: reset
---
title: Alone
id: alone
level: low
logsource: {product: linux}
detection:
  selection: {EventID: 1}
  condition: selection
`, Options{})
	var is []string
	for _, r := range got.rules {
		is = append(is, fmt.Sprint(r.ID, " ", r.Title, " ", r.Level, " ", r.LogSource, " ", r.Detection))
	}
	want := []string{
		`4a3a2b96-d7fc-4cb9-80e4-4a545fe95f46 Remote Service medium windows/*/security ieq(EventID, "4697") and not (ieq(User, "a"))`,
		`4a3a2b96-d7fc-4cb9-80e4-4a545fe95f46-2 Remote Service high windows/*/system ieq(EventID, "7045") and not (ieq(User, "b"))`,
		`other Remote Service high windows/*/system ieq(EventID, "7046") and not (ieq(User, "b"))`,
		`alone Alone low linux/*/* ieq(EventID, "1")`,
	}
	if strings.Join(is, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(is, "\n"))
	}
	says := "3:5: warning[sigma-id]: several rules have the id of the global document: number 2 is called 4a3a2b96-d7fc-4cb9-80e4-4a545fe95f46-2\n" +
		"id: 4a3a2b96-d7fc-4cb9-80e4-4a545fe95f46\n    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\ndo give each document an `id` of its own\n"
	if show(got.faults) != says {
		t.Error(show(got.faults))
	}
}

func TestActionMessages(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"action: global\ntitle: x\n":            "1:1: error[sigma-detection]: `action: global` stands before no rule\naction: global\n^^^^^^\ndo leave `action` out, or write the rules below it after a line ---\n",
		"action: merge\ntitle: x\n":             "1:1: error[sigma-value]: `action: merge` does not exist\naction: merge\n^^^^^^\ndo write global, reset or repeat, or leave it out\n",
		"action: reset\n":                       "",
		"action: global\ntitle: x\n---\na: [\n": "3",
	} {
		got := parse(doc, Options{})
		if want == "3" { // a broken document says so, and the global one that it stands alone
			if len(got.faults) != 2 {
				t.Error(show(got.faults))
			}
			continue
		}
		if len(got.rules) != 0 || show(got.faults) != want {
			t.Errorf("%q: %s", doc, show(got.faults))
		}
	}
}

// TestMergedSharesNothing: a global document is used again for every document below it.
func TestMergedSharesNothing(t *testing.T) {
	t.Parallel()
	base := &node{sort: pairs, keys: []pair{{key: "a", value: &node{sort: pairs, keys: []pair{{key: "x", value: &node{text: "1"}}}}}, {key: "b", value: &node{text: "2"}}}}
	over := &node{sort: pairs, keys: []pair{{key: "a", value: &node{sort: pairs, keys: []pair{{key: "y", value: &node{text: "3"}}}}}, {key: "b", value: &node{sort: text, text: "4"}}}}
	got := merged(base, over)
	if got.get("a").get("x").text != "1" || got.get("a").get("y").text != "3" || got.get("b").text != "4" {
		t.Error("not merged")
	}
	if base.get("a").get("y") != nil || over.get("a").get("x") != nil || base.get("b").text != "2" {
		t.Error("what was merged has changed")
	}
}
