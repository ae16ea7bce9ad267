package notifycmd

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control/notifying"
	"weir/internal/fault"
)

func TestSilences_Add(t *testing.T) {
	b := &backend{}
	out, msg, code := world{backend: b, terminal: 100}.run(t, "silences", "add", "--match", "rule=ssh-*", "--match", "host.name=lab-*", "--owner", "ana", "--reason", "a test", "--for", "2h")
	same(t, "stdout", out, "4be1c2d3\n")
	same(t, "stderr", msg, "nobody is told of rule=ssh-*, host.name=lab-* until 18:52:30. End it before: weir silences end 4be1c2d3\n")
	r := b.asked.(notifying.NewSilence)
	if code != 0 || len(r.Match) != 2 || r.Owner != "ana" || r.Reason != "a test" || !r.Until.Equal(now.Add(2*time.Hour)) {
		t.Errorf("exit %d, asked %+v", code, r)
	}
	if _, _, code := (world{backend: b}).run(t, "silences", "add", "--match", "rule=x", "--until", "2026-11-22"); code != 0 || b.asked.(notifying.NewSilence).Until.Day() != 22 {
		t.Errorf("exit %d, asked %+v", code, b.asked)
	}
	for _, args := range [][]string{{"--for", "2h", "--until", "2026-11-22"}, {"--for", "long"}, {"--until", "someday"}, {"rule=x"}} {
		if _, _, code := (world{backend: b}).run(t, append([]string{"silences", "add"}, args...)...); code != fault.ExitUsage {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}

func TestSilences_List(t *testing.T) {
	b := &backend{silences: []notifying.Silence{
		{ID: "4be1c2d3", Match: []string{"rule=ssh-*", "host.name=lab-*"}, Owner: "ana", Reason: "test", Until: now.Add(time.Hour), Active: true, Held: 1200},
		{ID: "77777777", Match: []string{"rule=x"}, Owner: "bo", Reason: "r", Until: now.Add(time.Hour), Ended: now.Add(-time.Hour), By: "eve"},
		{ID: "88888888", Match: []string{"rule=y"}, Owner: "bo", Reason: "r", Until: now.Add(-2 * time.Hour)},
	}}
	out, msg, _ := world{backend: b, terminal: 100}.run(t, "silences", "list", "--all")
	same(t, "stdout", out, strings.Join([]string{
		"ID        STATE   OWNER  UNTIL +09:00   HELD  MATCH                        REASON",
		"4be1c2d3  active  ana    17:52:30      1,200  rule=ssh-*, host.name=lab-*  test",
		"77777777  ended   bo     15:52:30          0  rule=x                       r",
		"88888888  over    bo     14:52:30          0  rule=y                       r", ""}, "\n"))
	same(t, "stderr", msg, "1 active. Next: weir silences end 4be1c2d3\n")
	if b.asked != (notifying.SilencesRequest{All: true}) {
		t.Errorf("asked %+v", b.asked)
	}
	b.silences = nil
	if _, msg, _ := (world{backend: b}).run(t, "silences", "list"); msg != "no silences; those that are over: weir silences list --all\n" {
		t.Errorf("none: %q", msg)
	}
}

func TestSilences_End(t *testing.T) {
	b := &backend{}
	_, msg, code := world{backend: b, terminal: 100}.run(t, "silences", "end", "4be1")
	r := b.asked.(notifying.EndRequest)
	if code != 0 || r.ID != "4be1" || r.By == "" || !strings.Contains(msg, "held back 4 alerts") {
		t.Errorf("exit %d, %q, asked %+v", code, msg, r)
	}
	if _, _, code := (world{backend: b}).run(t, "silences", "end"); code != fault.ExitUsage {
		t.Errorf("exit %d", code)
	}
}
