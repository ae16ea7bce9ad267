package main

import (
	"strings"
	"testing"

	"weir/internal/control"
)

func TestDeadLetters(t *testing.T) {
	b := &fake{letters: []control.DeadLetter{{ID: "d1", Time: clock(16, 50, 0), Stage: "normalise", Reason: "header", Detail: "no text", Source: "syslog/192.0.2.1", Raw: []byte("\x00\xffx")}}}
	out, msg, _ := shell{b: b, terminal: 100}.run(t, "deadletters", "list", "--stage", "normalise")
	same(t, "list", out, ""+
		"TIME +09:00   ID  STAGE      REASON  SOURCE            DETAIL   RECORD\n"+
		"16:50:00.000  d1  normalise  header  syslog/192.0.2.1  no text  \\x00\\xffx\n")
	same(t, "list summary", msg, "1 dead letter. Next: weir deadletters show d1\n")
	if r := b.asked.(control.DeadLettersRequest); r.Stage != "normalise" || r.Size != 100 {
		t.Errorf("asked %+v", r)
	}
	out, _, _ = shell{b: b, terminal: 100}.run(t, "deadletters", "show", "d1")
	if !strings.Contains(out, "reason   header\n") || !strings.HasSuffix(out, "record   \\x00\\xffx\n") {
		t.Errorf("show: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "deadletters", "list", "--json")
	if !strings.Contains(out, `"raw":"AP94"`) {
		t.Errorf("--json: %s", out)
	}
	b.letters = nil
	if _, msg, code := (shell{b: b}).run(t, "deadletters", "show", "zz"); code != 2 || !strings.HasPrefix(msg, "error[deadletter-unknown]") {
		t.Errorf("exit %d, %s", code, msg)
	}
	b.letters = []control.DeadLetter{{ID: "d1"}, {ID: "d2"}}
	if _, msg, code := (shell{b: b}).run(t, "deadletters", "show", "d"); code != 2 || !strings.HasPrefix(msg, "error[id-ambiguous]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}
