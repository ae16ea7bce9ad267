package main

import (
	"strings"
	"testing"
)

func TestLoadAccepted(t *testing.T) {
	list, err := loadAccepted("")
	if err != nil || len(list) == 0 {
		t.Fatalf("the built-in list: %d, %v", len(list), err)
	}
	if none, err := loadAccepted("none"); err != nil || len(none) != 0 {
		t.Errorf("none: %d, %v", len(none), err)
	}
	for name, c := range map[string]struct{ text, says string }{
		"without a reason": {"- {field: a}", "reason"},
		"without a field":  {"- {reason: a}", "field"},
		"an unknown key":   {"- {field: a, reason: b, why: c}", "why"},
		"a broken pattern": {"- {field: '[', reason: b}", "pattern"},
	} {
		dir := folder(t, map[string]string{"a.yaml": c.text})
		if _, err := loadAccepted(dir + "/a.yaml"); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := loadAccepted("/nowhere"); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func TestAccepts(t *testing.T) {
	list := []acceptance{{Package: "cisco_*", Field: "host.*"}, {Field: "error.message"}, {Package: "aws", Stream: "waf", Field: "rule.id"}, {Field: "event.original", Documents: true}}
	for _, c := range []struct {
		pkg, stream, field string
		want               bool
	}{
		{"cisco_asa", "log", "host.name", true},
		{"panw", "log", "host.name", false},
		{"panw", "log", "error.message", true},
		{"aws", "waf", "rule.id", true},
		{"aws", "elb", "rule.id", false},
	} {
		if got := accepts(list, c.pkg, c.stream, c.field, false); got != c.want {
			t.Errorf("%s/%s %s: %v", c.pkg, c.stream, c.field, got)
		}
	}
	if accepts(list, "o365", "audit", "event.original", false) || !accepts(list, "o365", "audit", "event.original", true) {
		t.Error("what is accepted of documents is not accepted of messages")
	}
}
