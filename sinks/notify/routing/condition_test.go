package routing

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"weir/internal/alert"
	"weir/internal/fault"
)

// subject is an alert with a bit of everything.
func subject() *alert.Alert {
	return &alert.Alert{ID: "3f9cab", Rule: "ssh-brute-force", Level: "high", Title: "Many failed logins", Tags: []string{"attack.t1110", "attack.credential_access"},
		Labels: map[string]string{"team": "net"}, Group: map[string]string{"host.name": "Web-1", "source.ip": "203.0.113.5"}}
}

func TestCondition(t *testing.T) {
	for _, tc := range []struct {
		text string
		want bool
	}{
		{"rule=ssh-brute-force", true},
		{"rule=ssh-*", true},
		{"rule = ssh-*", true},
		{"rule=SSH-*", true},
		{"rule=ssh", false},
		{"rule!=ssh-*", false},
		{"rule!=sudo-*", true},
		{"level>=high", true},
		{"level>=medium", true},
		{"level>=critical", false},
		{"level=high", true},
		{"level!=high", false},
		{"title=*failed*", true},
		{"alert=3f9c*", true},
		{"tag=attack.t1110", true},
		{"tag=attack.credential_*", true},
		{"tag!=attack.t1110", false},
		{"tag!=attack.t9999", true},
		{"labels.team=net", true},
		{"labels.team=web", false},
		{"labels.site=*", false},
		{"labels.site!=*", true},
		{"host.name=web-*", true},
		{"host.name!=web-*", false},
		{"user.name=*", false},
		{"source.ip=203.0.113.?", true},
	} {
		t.Run(tc.text, func(t *testing.T) {
			c, err := ParseCondition(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Holds(subject()); got != tc.want {
				t.Errorf("holds: %v", got)
			}
			again, err := ParseCondition(c.String())
			if err != nil || again.String() != c.String() {
				t.Errorf("%q reads back as %q, %v", c, again, err)
			}
		})
	}
}

func TestCondition_SeveralValues(t *testing.T) {
	in := Condition{Name: "rule", Op: "=", Patterns: []string{"sudo-*", "ssh-*"}}
	out := Condition{Name: "rule", Op: "!=", Patterns: []string{"sudo-*", "ssh-*"}}
	if !in.Holds(subject()) || out.Holds(subject()) {
		t.Error("one of several patterns is enough, and for != too much")
	}
}

// TestCondition_Evidence: a field by which the rule does not group counts if all of the evidence agrees.
func TestCondition_Evidence(t *testing.T) {
	a := subject()
	delete(a.Group, "host.name")
	for _, v := range []string{"lab-1", "", "lab-2", "lab-1"} {
		a.Evidence = append(a.Evidence, alert.Evidence{Values: map[string]string{"host.name": v, "user.name": "root"}})
	}
	for text, want := range map[string]bool{"host.name=lab-*": true, "host.name=lab-1": false, "host.name!=lab-1": true, "host.name!=lab-*": false, "user.name=root": true, "user.id=*": false} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if c.Holds(a) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
	if got := Labels([]string{"host.name", "user.name"}, a); !maps.Equal(got, map[string]string{"user.name": "root"}) {
		t.Errorf("labels %v", got)
	}
}

func TestParseCondition_Failure(t *testing.T) {
	for _, tc := range []struct{ text, do string }{
		{"", "rule=ssh-*"}, {"rule", "rule=ssh-*"}, {"=x", "rule=ssh-*"}, {"rule=", "rule=ssh-*"}, {"rule>ssh", "rule=ssh-*"}, {"rule=  ", "rule=ssh-*"},
		{"rul=ssh", "did you mean `rule`?"}, {"hots.name=x", "did you mean `host.name`?"}, {"labels.=x", "labels.NAME"},
		{"rule>=high", "level>=high"}, {"level>=hihg", "did you mean `high`?"}, {"level>=x", "one of informational, low"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			_, err := ParseCondition(tc.text)
			if fault.Code(err) != "notify-match" || fault.Exit(err) != fault.ExitUsage {
				t.Fatalf("got %v", err)
			}
			if e, ok := errors.AsType[*fault.Error](err); !ok || !strings.Contains(e.Do, tc.do) {
				t.Errorf("do: %q, want %q", e.Do, tc.do)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	by := []string{"rule", "host.name", "user.name", "labels.team", "tag"}
	got := Labels(by, subject())
	want := map[string]string{"rule": "ssh-brute-force", "host.name": "Web-1", "labels.team": "net", "tag": "attack.t1110,attack.credential_access"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if name := GroupName([]string{"rule", "host.name", "user.name"}, got); name != "rule=ssh-brute-force host.name=Web-1" {
		t.Errorf("name %q", name)
	}
	if name := GroupName(nil, nil); name != "" {
		t.Errorf("a group of everything is called %q", name)
	}
}

// FuzzParseCondition: what is read is written back as what it was, and asking it of an alert ends.
func FuzzParseCondition(f *testing.F) {
	for _, s := range []string{"rule=ssh-*", "level>=high", "host.name!=a*b*c*", "labels.team==", "tag=\\*", "rule=\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil || again.Name != c.Name || again.Op != c.Op || again.Patterns[0] != c.Patterns[0] {
			t.Fatalf("%q reads back as %+v, %v", text, again, err)
		}
		opposite := c
		switch c.Op {
		case "=":
			opposite.Op = "!="
		case "!=":
			opposite.Op = "="
		default:
			return
		}
		if c.Holds(subject()) == opposite.Holds(subject()) {
			t.Errorf("%q and its opposite agree", text)
		}
	})
}
