package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/term"
)

// The first screen answers, in this order: does it run, where do I look, where is the data and who can read it, who can
// send, what do I type now. It names only ports that are open, and commands that paste as they are: with the name by
// which this program was started, and --data where the folder is not the usual one.

// screen is what `weir up` says. On a terminal it is written to stderr as text, else only as log lines.
// All of it is called from the one goroutine of runApp; notices of others reach it through a channel.
type screen struct {
	c        *cli
	name     string
	demo     bool
	stages   []string // of run; empty: everything
	log      *slog.Logger
	received bool
}

// first is the first screen: where everything is, and what to type next.
func (s *screen) first(st control.Status, took time.Duration) {
	// One line instead of a screen: systemd and containers put a time and a name before each line.
	if !s.c.msg.TTY {
		ports := make([]string, len(st.Listening))
		for i, p := range st.Listening {
			ports[i] = p.Input + "/" + p.Proto + "/" + p.Address
		}
		attrs := []any{"component", "up", "version", st.Version, "data", st.Data, "console", st.Console, "rules", st.Rules,
			"listening", strings.Join(ports, " "), "took", took.Round(time.Millisecond).String()}
		if st.SignIn != "" { // logs are read by more people than may sign in: they get the name of the file
			attrs = append(attrs, "sign_in", filepath.Join(st.Data, app.SignInFile))
		}
		s.log.Info("ready", attrs...)
		return
	}
	f := s.c.msg
	esc := term.Escape
	what := "everything in one process"
	if len(s.stages) > 0 {
		what = "stages " + strings.Join(s.stages, ", ")
	}
	s.say("%s   %s   ready in %s", f.Paint(term.Bold, "weir "+shortVersion(st.Version)), what, seconds(took))
	if st.Console != "" {
		where := "http://" + st.Console + "/    health, metrics and the state of this weir"
		if st.SignIn != "" {
			where = st.SignIn + "    good for one sign-in, within 10 minutes"
		}
		s.row("Console", where)
	}
	s.row("Data", esc(st.Data)+"    "+show.Folder(st))
	rules := fmt.Sprintf("%d loaded", st.Rules)
	if st.RulesBad > 0 {
		rules += fmt.Sprintf(", %d refused (see: %s)", st.RulesBad, s.c.cmdline("rules check"))
	}
	parts := []string{rules}
	if st.Embedded {
		parts = append(parts, "Kafka and archive built in")
	}
	switch st.TimeZone {
	case "":
	case "Local": // what Go calls the machine's zone where it does not know its name
		parts = append(parts, "devices without a zone: as this machine, "+f.Offset())
	default:
		parts = append(parts, "devices without a zone: "+st.TimeZone)
	}
	s.row("Rules", strings.Join(parts, "      "))
	for i, l := range show.Listening(st.Listening, f.Width-13) {
		head := ""
		if i == 0 {
			head = "Listening"
		}
		s.row(head, l)
	}
	if !s.demo && len(s.stages) == 0 {
		s.next(st)
	}
}

// say writes a line to stderr: stdout stays free, also for up.
func (s *screen) say(format string, args ...any) { fmt.Fprintf(s.c.world.err, format+"\n", args...) }

// row is a line of the first screen, with its head in a column.
func (s *screen) row(head, text string) { s.say("  %-9s  %s", head, text) }

// next is the three commands that show it works. They paste as they are.
// The first is left out where this machine has nothing to send with, or nobody listens.
func (s *screen) next(st control.Status) {
	s.say("  Next, in a second terminal:")
	var rows [][2]string
	if send := show.SendCommand(st.Listening); send != "" {
		rows = append(rows, [2]string{send, "send a line"}, [2]string{s.c.cmdline("search hello"), "find it again"})
	}
	rows = append(rows, [2]string{s.c.cmdline("tail"), "watch what arrives"})
	wide := 0
	for _, r := range rows {
		wide = max(wide, term.Cells(r[0]))
	}
	for _, r := range rows {
		s.say("    %s%s     %s", r[0], strings.Repeat(" ", wide-term.Cells(r[0])), r[1]) // a folder may have a Korean name
	}
}

// line is the state every ten seconds.
func (s *screen) line(st control.Status) {
	if !s.c.msg.TTY {
		s.log.Info("state", "component", "up", "in_per_second", st.InPerSecond, "stored", st.Stored, "alerts", st.Alerts, "lost", st.Lost,
			"behind_ms", st.BehindMS, "disk_bytes", st.DiskBytes)
		return
	}
	clock := s.c.now().In(s.c.msg.Zone).Format(time.TimeOnly)
	if !s.received && st.Received == 0 && !s.demo {
		s.received = true // once is enough
		s.say("%s  nothing received yet: send the line above, or stop (Ctrl-C) and try: up --demo", clock)
		return
	}
	s.say("%s  in %s   stored %s   alerts %s   lost %s   behind %.1f s   disk %s", clock, term.Rate(st.InPerSecond), term.Count(st.Stored),
		term.Count(st.Alerts), term.Count(st.Lost), float64(st.BehindMS)/1000, term.Bytes(st.DiskBytes))
}

// notice shows what happened just now.
// Kinds that are not known are passed over: an app may say more than this screen shows.
func (s *screen) notice(n app.Notice) {
	clock := n.Time.In(s.c.msg.Zone).Format(time.TimeOnly)
	switch {
	case n.Alert != nil && s.c.msg.TTY:
		a := n.Alert
		s.say("%s  %s %s  %s  %s  %s", clock, s.c.msg.Paint(show.LevelStyle(a.Level), "ALERT"), term.Escape(a.Level), a.Short, term.Escape(a.Rule), term.Escape(a.What))
	case n.Alert != nil:
		s.log.Warn("alert", "component", "up", "rule", n.Alert.Rule, "level", n.Alert.Level, "id", n.Alert.ID, "what", n.Alert.What)
	case n.Fault != nil && n.Kind == "clear":
		s.clear(clock, n)
	case n.Fault != nil:
		s.c.warn(n.Fault)
	case n.Demo != nil:
		s.played(clock, *n.Demo)
	}
}

// clear says that something is over, in the words with which it began.
func (s *screen) clear(clock string, n app.Notice) {
	if s.c.msg.TTY {
		s.say("%s  over: %s", clock, term.Escape(n.Fault.What))
		return
	}
	s.log.Info("over", "component", "up", "code", n.Fault.Code, "what", n.Fault.What)
}

// played ends the demo with what to look at.
func (s *screen) played(clock string, t app.Totals) {
	balanced := "balanced"
	if !t.Balanced {
		balanced = "NOT balanced"
	}
	if !s.c.msg.TTY {
		s.log.Info("demo played", "component", "up", "received", t.Received, "stored", t.Stored, "alerts", t.Alerts, "balanced", t.Balanced)
		return
	}
	s.say("%s  played: %s, %s, %s. weir keeps running; next:", clock, show.Totals(t), ui.Plural(int(t.Alerts), "alert"), balanced)
	if t.AlertID != "" {
		s.say("    %s", s.c.cmdline("alerts show "+t.AlertID))
	}
	if t.Query != "" {
		s.say("    %s", s.c.cmdline("search "+term.ShellWord(t.Query)))
	}
	s.say("    %s", s.c.cmdline("ledger"))
}

// stopping is said after the first Ctrl-C; the terminal has just printed ^C.
// The blank before it keeps the ^C of the terminal apart. Without Ctrl-C, when the app ended by itself, it is not said.
func (s *screen) stopping(st control.Status) {
	if !s.c.msg.TTY {
		s.log.Info("stopping", "component", "up", "in_flight", st.InFlight)
		return
	}
	s.say(" stopping: listeners closed, %s events in flight are being stored (Ctrl-C again: stop at once)", term.Count(st.InFlight))
}

// totals is the last line.
func (s *screen) totals(t app.Totals, took time.Duration) {
	balanced := "balanced"
	if !t.Balanced {
		balanced = "NOT balanced: " + s.c.cmdline("ledger")
	}
	if !s.c.msg.TTY {
		s.log.Info("stopped", "component", "up", "received", t.Received, "split", t.Split, "stored", t.Stored, "duplicate", t.Duplicate,
			"dead", t.Dead, "refused", t.Refused, "filtered", t.Filtered, "in_flight", t.InFlight, "balanced", t.Balanced)
		return
	}
	if t.Part {
		s.say("stopped after %s: %s received; what became of them: weir ledger, where the console stage runs", seconds(took), term.Count(t.Received))
		return
	}
	s.say("stopped after %s: %s; %s", seconds(took), show.Totals(t), balanced)
}

// seconds has one place always, so that numbers that change stand still.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// shortVersion leaves out the revision, which `weir version` has.
func shortVersion(v string) string {
	short, _, _ := strings.Cut(v, "+")
	return short
}
