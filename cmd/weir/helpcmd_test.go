package main

import (
	"strings"
	"testing"

	"weir/cmd/weir/pages"
	"weir/internal/query"
	"weir/internal/term"
)

// TestHelpKQL_Parses: every query of `weir help kql` is one.
func TestHelpKQL_Parses(t *testing.T) {
	n := 0
	for _, topic := range pages.Topics {
		if topic.Name != "kql" {
			continue
		}
		for line := range strings.Lines(topic.Text) {
			src, meaning, ok := strings.Cut(strings.TrimSpace(line), "  ")
			if !ok || strings.TrimSpace(meaning) == "" {
				continue
			}
			if _, err := query.Parse(src); err != nil {
				t.Errorf("%s: %v", src, err)
			}
			n++
		}
	}
	if n < 9 {
		t.Errorf("only %d queries found", n)
	}
}

// TestHelp_Topics: the topics are found from the commands that need them.
func TestHelp_Topics(t *testing.T) {
	overview, _, _ := shell{}.run(t, "help")
	if alone, _, _ := (shell{}).run(t); overview != alone {
		t.Errorf("weir help and weir differ:\n%s", overview)
	}
	_, root := tree(t)
	for _, topic := range []string{"time", "kql"} {
		if at, _, err := root.Find([]string{topic}); err == nil && at != root {
			t.Errorf("%s is a topic and a command", topic)
		}
		if !strings.Contains(overview, "weir help "+topic) {
			t.Errorf("the overview does not name %s", topic)
		}
	}
	if search, _, _ := (shell{}).run(t, "search", "--help"); !strings.Contains(search, "weir help time") {
		t.Error("search does not say where the forms of times are")
	}
	if _, msg, code := (shell{}).run(t, "help", "alerts", "banana"); code != 2 || !strings.Contains(msg, "there is no help on `alerts banana`") {
		t.Errorf("exit %d, %s", code, msg)
	}
	if page, _, code := (shell{}).run(t, "help", "alerts", "list"); code != 0 || !strings.HasPrefix(page, "list alerts that are not closed, the latest first\n") {
		t.Errorf("exit %d, %s", code, page)
	}
}

// TestHelpTime_Parses: each form of `weir help time` is one that flags take.
func TestHelpTime_Parses(t *testing.T) {
	n := 0
	for line := range strings.Lines(term.TimeForms) {
		forms, _, _ := strings.Cut(line, "   ")
		for form := range strings.SplitSeq(forms, "  ") {
			if form = strings.TrimSpace(form); form == "" || !strings.ContainsAny(form[:1], "-0123456789n") { // words about it
				continue
			}
			n++
			if _, err := term.ParseTime(form, now, seoul); err != nil {
				t.Errorf("%q: %v", form, err)
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d forms found", n)
	}
}
