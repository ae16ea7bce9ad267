package detect

import (
	"fmt"
	"slices"
	"testing"

	"weir/event"
	"weir/rules"
)

const indexed = `id: ssh
title: S
level: low
when: process.name == "sshd" and message contains "x"
---
id: either
title: E
level: low
when: process.name in ["sshd", "su"]
---
id: code
title: C
level: low
when: event.code == "7" and process.name == "sshd"
---
id: anything
title: A
level: low
when: message contains "x"
---
id: category
title: G
level: low
when: '"authentication" in event.category or "session" in event.category'
`

// TestIndex tries on an event only what may hold for it: a condition about another program is never looked at.
func TestIndex(t *testing.T) {
	t.Parallel()
	en := engine(t, indexed)
	tests := []struct{ name, doc, never string }{
		{"a firewall's event", `{"event":{"dataset":"cisco.asa"},"message":"x"}`, "ssh either code"},
		{"another program", `{"process":{"name":"cron"}}`, "ssh either code"},
		{"the program without the code", `{"process":{"name":"sshd"}}`, "code"},
		{"the other of two", `{"process":{"name":"su"}}`, "ssh code"},
		{"capitals are another value", `{"process":{"name":"SSHD"}}`, "ssh either"},
		{"a number is no text", `{"process":{"name":5}}`, "ssh either"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := decode(t, tt.doc)
			var tried []string
			en.index.each(e, func(i int) { tried = append(tried, en.conds[i].of.rule.ID) })
			for _, id := range []string{"ssh", "either", "code"} {
				if slices.Contains(tried, id) && containsWord(tt.never, id) {
					t.Errorf("%s was tried", id)
				}
			}
			if !slices.Contains(tried, "anything") {
				t.Error("a condition without a value of its own was not tried")
			}
		})
	}
}

// containsWord tells whether one of the words of text is word.
func containsWord(text, word string) bool {
	var words [8]string
	n, _ := fmt.Sscan(text, &words[0], &words[1], &words[2], &words[3])
	return slices.Contains(words[:n], word)
}

// TestIndex_Once: an event with several values meets each condition once, however many of the values lead to it.
func TestIndex_Once(t *testing.T) {
	t.Parallel()
	en := engine(t, indexed)
	for _, doc := range []string{
		`{"process":{"name":["sshd","su","sshd"]},"message":"x"}`, `{"event":{"category":["authentication","session","authentication"]}}`, `{"process":{"name":[]}}`, `{"process":{"name":[1,"su",null]}}`,
	} {
		seen := map[int]int{}
		en.index.each(decode(t, doc), func(i int) { seen[i]++ })
		for i, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s was tried %d times", doc, en.conds[i].of.rule.ID, n)
			}
		}
	}
	var nothing event.Event
	en.Hits(&nothing, func(*rules.Rule, string) { t.Error("an empty event met a condition") })
}
