package main

import (
	"strings"
	"testing"
	"time"

	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/fault"
)

func TestUp_Screen(t *testing.T) {
	chdir(t)
	fakeNC(t)
	f := &fakeApp{status: status(t, "./weir-data"), totals: app.Totals{Received: 93_604, Split: 3600, Stored: 97_190, Dead: 2, Filtered: 12, Balanced: true}}
	msg, code, _ := runUp(t, f, 100)
	want := "" +
		"weir 0.1.0   everything in one process   ready in 0.0 s\n" +
		"  Console    http://127.0.0.1:8514/    health, metrics and the state of this weir\n" +
		"  Data       ./weir-data    new, readable only by you (0700), 38.1 GiB free\n" +
		"  Rules      10 loaded      Kafka and archive built in      devices without a zone: Asia/Seoul\n" +
		"  Listening  only for this machine (open it to devices: --listen 0.0.0.0)\n" +
		"             syslog 5514 udp tcp, 6514 tls, 2514 relp; kafka 9292 tcp\n" +
		"  Next, in a second terminal:\n" +
		"    echo '<34>hello weir' | nc -u -w1 127.0.0.1 5514     send a line\n" +
		"    weir search hello                                    find it again\n" +
		"    weir tail                                            watch what arrives\n" +
		" stopping: listeners closed, 412 events in flight are being stored (Ctrl-C again: stop at once)\n" +
		"stopped after 0.0 s: 93,604 received + 3,600 split = 97,190 stored + 2 dead + 12 filtered; balanced\n"
	same(t, "screen", msg, want)
	if code != 0 || strings.Join(f.steps, " ") != "start stop" {
		t.Errorf("exit %d, %v", code, f.steps)
	}
}

func TestScreen_Notices(t *testing.T) {
	var b strings.Builder
	c := &cli{world: world{err: &b, env: []string{"LANG=en_US.UTF-8", "NO_COLOR=1"}, now: func() time.Time { return now }, terminal: 100, zone: seoul, name: "weir"}, data: "weir-demo"}
	c.faces()
	s := &screen{c: c, demo: true}
	a := bruteForce()
	for _, n := range []app.Notice{
		{Time: clock(16, 50, 9), Kind: "alert", Alert: &a},
		{Time: clock(16, 51, 3), Kind: "demo-done", Demo: &app.Totals{Received: 12_840, Stored: 12_840, Alerts: 2, Balanced: true, AlertID: "3f9c", Query: "source.ip: 203.0.113.5"}},
		{Time: clock(16, 52, 0), Kind: "fault", Fault: &fault.Error{Code: "disk-guard", What: "2 % of the disk left"}},
		{Time: clock(16, 53, 0), Kind: "clear", Fault: &fault.Error{What: "2 % of the disk left"}},
	} {
		s.notice(n)
	}
	s.line(control.Status{InPerSecond: 214, Received: 1, Stored: 1498, Alerts: 1, BehindMS: 200, DiskBytes: 310 << 10})
	same(t, "notices", b.String(), ""+
		"16:50:09  ALERT high  3f9c  ssh-brute-force  203.0.113.5 guessed root's password on web-1\n"+
		"16:51:03  played: 12,840 received = 12,840 stored, 2 alerts, balanced. weir keeps running; next:\n"+
		"    weir alerts show 3f9c --data weir-demo\n"+
		"    weir search 'source.ip: 203.0.113.5' --data weir-demo\n"+
		"    weir ledger --data weir-demo\n"+
		"error[disk-guard]: 2 % of the disk left\n"+
		"16:53:00  over: 2 % of the disk left\n"+
		"16:52:30  in 214/s   stored 1,498   alerts 1   lost 0   behind 0.2 s   disk 310 KiB\n")
	b.Reset()
	s.demo = false
	s.line(control.Status{})
	s.line(control.Status{})
	same(t, "nothing yet", b.String(), "16:52:30  nothing received yet: send the line above, or stop (Ctrl-C) and try: up --demo\n"+
		"16:52:30  in 0/s   stored 0   alerts 0   lost 0   behind 0.0 s   disk 0 B\n")
}

func TestUp_WithoutTerminal(t *testing.T) {
	chdir(t)
	msg, code, _ := runUp(t, &fakeApp{status: status(t, "./weir-data"), totals: app.Totals{Received: 3, Stored: 3, Balanced: true}}, 0)
	lines := strings.Split(strings.TrimSpace(msg), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("exit %d,\n%s", code, msg)
	}
	for i, want := range []string{`msg=ready component=up`, `msg=stopping component=up`, `msg=stopped component=up received=3`} {
		if !strings.Contains(lines[i], want) || !strings.HasPrefix(lines[i], "time=") {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}
