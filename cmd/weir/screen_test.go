package main

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
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

// plain is a screen whose words go to b.
func plain(b *strings.Builder, terminal int) *screen {
	c := &cli{world: world{err: b, env: []string{"LANG=en_US.UTF-8", "NO_COLOR=1"}, now: func() time.Time { return now }, terminal: terminal, zone: seoul, name: "weir"}}
	c.faces()
	return &screen{c: c, log: c.logger(slog.LevelInfo)}
}

// TestScreen_First: the first screen says what is true of this weir and leaves out what is not.
func TestScreen_First(t *testing.T) {
	chdir(t)
	fakeNC(t)
	if err := os.Mkdir("open", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("open", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change    func(st *control.Status)
		has, lack string
	}{
		"refused rules":     {func(st *control.Status) { st.RulesBad = 2 }, "10 loaded, 2 refused (see: weir rules check)", ""},
		"no console":        {func(st *control.Status) { st.Console = "" }, "weir 0.1.0", "Console"},
		"a real Kafka":      {func(st *control.Status) { st.Embedded = false }, "10 loaded      devices", "Kafka and archive"},
		"zone of the host":  {func(st *control.Status) { st.TimeZone = "Local" }, "devices without a zone: as this machine, +09:00", ""},
		"no zone":           {func(st *control.Status) { st.TimeZone = "" }, "built in\n", "without a zone"},
		"an old folder":     {func(st *control.Status) { st.DataNew, st.DiskBytes = false, 310<<10 }, "310 KiB, readable only by you (0700)", "new,"},
		"an open folder":    {func(st *control.Status) { st.Data = "open" }, "new, readable by others too (0755)", "only by you"},
		"a folder unseen":   {func(st *control.Status) { st.Data = "nowhere" }, "nowhere    new, 38.1 GiB free", "readable"},
		"open ports":        {func(st *control.Status) { st.Listening[0].Address = "0.0.0.0:514" }, "also for other machines", "only for this machine"},
		"no syslog":         {func(st *control.Status) { st.Listening = nil }, "nowhere: every input is off", "nc -u"},
		"a hostile folder":  {func(st *control.Status) { st.Data = "a\x1b[2J" }, `a\x1b[2J`, "\x1b"},
		"a version of many": {func(st *control.Status) { st.Version = "1.2.3+abcdef012345" }, "weir 1.2.3   everything", "abcdef"},
	} {
		var b strings.Builder
		s := plain(&b, 100)
		st := status(t, "./weir-data")
		c.change(&st)
		s.first(st, 800*time.Millisecond)
		if got := b.String(); !strings.Contains(got, c.has) || c.lack != "" && strings.Contains(got, c.lack) {
			t.Errorf("%s: want %q and not %q in\n%s", name, c.has, c.lack, got)
		}
	}
}

// TestScreen_NextInColumns: what the commands do stands in one column, also where a folder's name is Korean.
func TestScreen_NextInColumns(t *testing.T) {
	fakeNC(t)
	var b strings.Builder
	s := plain(&b, 100)
	s.c.data = "/srv/로그"
	s.next(status(t, "/srv/로그"))
	column := map[int]bool{}
	for _, word := range []string{"send a line", "find it again", "watch what arrives"} {
		for line := range strings.Lines(b.String()) {
			if head, _, ok := strings.Cut(line, word); ok {
				column[term.Cells(head)] = true
			}
		}
	}
	if len(column) != 1 {
		t.Errorf("%d columns:\n%s", len(column), b.String())
	}
}

// TestScreen_Log: without a terminal everything is a line of the log, with the same facts.
func TestScreen_Log(t *testing.T) {
	var b strings.Builder
	s := plain(&b, 0)
	a := bruteForce()
	for want, do := range map[string]func(){
		`level=WARN msg=alert component=up rule=ssh-brute-force level=high id=3f9cab7e`: func() { s.notice(app.Notice{Alert: &a}) },
		`level=INFO msg=over component=up code=disk-guard what="2 % of the disk left"`: func() {
			s.notice(app.Notice{Kind: "clear", Fault: &fault.Error{Code: "disk-guard", What: "2 % of the disk left"}})
		},
		`msg="demo played" component=up received=5 stored=5 alerts=1 balanced=true`:                       func() { s.notice(app.Notice{Demo: &app.Totals{Received: 5, Stored: 5, Alerts: 1, Balanced: true}}) },
		`msg=state component=up in_per_second=1.5 stored=7 alerts=1 lost=0 behind_ms=200 disk_bytes=1024`: func() { s.line(control.Status{InPerSecond: 1.5, Stored: 7, Alerts: 1, BehindMS: 200, DiskBytes: 1024}) },
		`msg=stopping component=up in_flight=412`:                                                         func() { s.stopping(control.Status{InFlight: 412}) },
		`duplicate=1 dead=2 refused=3 filtered=4 in_flight=5 balanced=false`:                              func() { s.totals(app.Totals{Duplicate: 1, Dead: 2, Refused: 3, Filtered: 4, InFlight: 5}, time.Second) },
		`error[x]: the disk is gone`:                                                                      func() { s.notice(app.Notice{Fault: &fault.Error{Code: "x", What: "the disk is gone"}}) },
	} {
		b.Reset()
		do()
		if got := b.String(); !strings.Contains(got, want) || strings.Count(got, "\n") != 1 {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestScreen_NotBalanced: what does not add up is said in capitals, with the command that names it.
func TestScreen_NotBalanced(t *testing.T) {
	var b strings.Builder
	s := plain(&b, 100)
	s.totals(app.Totals{Received: 5, Stored: 3, Duplicate: 1, Refused: 1, InFlight: 1}, 600*time.Millisecond)
	s.played("16:50:00", app.Totals{Received: 5, Stored: 3})
	same(t, "totals", b.String(), ""+
		"stopped after 0.6 s: 5 received = 3 stored + 1 duplicate + 1 refused + 1 in flight; NOT balanced: weir ledger\n"+
		"16:50:00  played: 5 received = 3 stored, 0 alerts, NOT balanced. weir keeps running; next:\n    weir ledger\n")
}
