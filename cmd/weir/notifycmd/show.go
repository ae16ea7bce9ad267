package notifycmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control/notifying"
	"weir/internal/term"
)

// What status prints is a contract: a row a channel (pipe: name, type, state, since, waiting, oldest, dead, sent, error),
// --json the object of notifying.Channel; with --dead a row a message, the object of notifying.Dead.

// statusSpec is one list and not two: what is dead is a list of its own, so that a pipe gets rows of one kind.
func (c *commands) statusSpec() pages.Spec {
	dead := false
	return pages.Spec{
		Use: "status", Short: "list channels with what waits for them and what never arrived", Args: ui.AtMost(0),
		Examples: []string{"weir notify status", "weir notify status --dead", "weir notify status --json"},
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&dead, "dead", false, "messages that the other side refused for good")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				st, err := n.NotifyStatus(cmd.Context())
				if err != nil {
					return err
				}
				if dead {
					return deadRows(sh, st)
				}
				return channelRows(sh, st)
			})
		},
	}
}

// For people times are those of a clock, and a dash stands for what never was; a pipe gets RFC 3339 and plain numbers, a row a
// line. Whatever another program answered is escaped before it is shown, and cut before anything else is.

// stateStyle colours what somebody has to look at. The word says it without the colour too.
func stateStyle(state string) term.Style {
	switch state {
	case notifying.Down, notifying.Missing:
		return term.Red
	case notifying.Up:
		return term.Green
	}
	return term.Plain
}

// clock writes a time, a dash for none: unknown and never are alike here.
func clock(f *term.Face, t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return f.Second(t)
}

// channelRows shows the channels. The last error stays after a channel is up again: it says what happened last.
func channelRows(sh ui.Shell, st notifying.Status) error {
	if sh.JSON {
		for _, c := range st.Channels {
			if err := sh.Line(c); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(sh.Out, term.Column{Head: "CHANNEL"}, term.Column{Head: "TYPE"}, term.Column{Head: "STATE", Style: stateStyle}, term.Column{Head: "SINCE"},
		term.Column{Head: "WAITING", Right: true}, term.Column{Head: "OLDEST"}, term.Column{Head: "DEAD", Right: true}, term.Column{Head: "SENT", Right: true}, term.Column{Head: "LAST ERROR", Cut: true})
	// Counted for the last line: what needs somebody.
	down, lost := 0, int64(0)
	for _, c := range st.Channels {
		if c.State == notifying.Down || c.State == notifying.Missing {
			down++
		}
		lost += c.Dead
		kind := c.Type
		if kind == "" {
			kind = "-"
		}
		text := c.Error
		if text == "" {
			text = "-"
		}
		t.Row(c.Name, kind, c.State, clock(sh.Out, c.Since), sh.Out.Num(c.Waiting), clock(sh.Out, c.Oldest), sh.Out.Num(c.Dead), sh.Out.Num(c.Sent), text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	// A file that was not taken stands beside what is in use, or one would look for the change in vain.
	sh.Warn(st.Faults...)
	// Who wonders why it is quiet finds the reason here.
	for _, w := range st.Maintenance {
		sh.Note("maintenance %s until %s, %s: %s", term.Escape(w.Name), clock(sh.Out, w.Until), term.Escape(w.Owner), term.Escape(w.Reason))
	}
	// Channels that are left from an older file are shown above; they tell nobody.
	if st.Loaded.IsZero() || len(st.Channels) == 0 {
		sh.Note("nobody is told of alerts: write %s, then %s", term.Escape(st.File), sh.Cmdline("notify check"))
		return nil
	}
	line := ui.Plural(len(st.Channels), "channel")
	if down > 0 {
		line += fmt.Sprintf(", %d down", down)
	}
	line += fmt.Sprintf("; %s open, %s", ui.Plural(int(st.Groups), "group"), ui.Plural(st.Silences, "silence"))
	// What follows: a channel that is to be tried, or what never arrived.
	next := "notify test " + term.ShellWord(st.Channels[0].Name)
	if lost > 0 {
		next = "notify status --dead"
	}
	sh.Note("%s. Next: %s", line, sh.Cmdline(next))
	return nil
}

// deadRows shows messages that will not arrive by themselves. The error is cut last, since it says what is to be mended.
func deadRows(sh ui.Shell, st notifying.Status) error {
	if sh.JSON {
		for _, d := range st.Dead {
			if err := sh.Line(d); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(sh.Out, term.Column{Head: "TIME " + sh.Out.Offset()}, term.Column{Head: "ID"}, term.Column{Head: "CHANNEL"}, term.Column{Head: "KIND"},
		term.Column{Head: "GROUP", Cut: true}, term.Column{Head: "ERROR", Cut: true})
	for _, d := range st.Dead {
		t.Row(sh.Out.Second(d.At), d.ID, d.Channel, d.Kind, d.Group, d.Error)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	// The good news is said: an empty table could mean that nobody looked.
	if len(st.Dead) == 0 {
		sh.Note("every message arrived or waits to be sent")
		return nil
	}
	sh.Note("%s. When the reason is gone: %s", ui.Plural(len(st.Dead), "message"), sh.Cmdline("notify retry "+term.ShellWord(st.Dead[0].Channel)))
	return nil
}

// showTest prints what the other side answered. A channel that says nothing by which a person learns something has taken it.
func showTest(sh ui.Shell, a notifying.TestAnswer) error {
	if sh.JSON {
		return sh.Line(a)
	}
	// A ticket's number is what one looks for on the other side.
	said := a.Said
	if said == "" {
		said = "taken"
	}
	if a.Ticket != "" {
		said += " (" + a.Ticket + ")"
	}
	return sh.Printf("%s answered in %s: %s\n", term.Escape(a.Channel), term.Duration(time.Duration(a.TookMS)*time.Millisecond), term.Escape(said))
}

// routeFlags describe an alert that there is none of: by what routes look at.
type routeFlags struct {
	r      notifying.RouteRequest
	fields []string
	labels []string
	at     string
}

// routeSpec takes an alert that there is, or describes one. Both at once would leave open which of them is explained.
func (c *commands) routeSpec() pages.Spec {
	var o routeFlags
	return pages.Spec{
		Use: "route [ALERT]", Short: "explain who is told of an alert, who was, and what holds it back",
		Long:     "With the id of an alert: what became of it too. Else of an alert as the flags describe it; nothing is sent.",
		Examples: []string{"weir notify route 3f9c", "weir notify route --level high --rule ssh-brute-force", "weir notify route --level critical --field host.name=db-1 --at '2026-11-21 23:00'"},
		Common:   []string{"level", "rule", "field", "at", "json"}, Args: ui.AtMost(1),
		Sections: [][]string{{"What", "level", "rule", "field", "label", "tag", "notify"}, {"When", "at"}},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.r.Level, "level", "", "of this `level` (default medium)")
			f.StringVar(&o.r.Rule, "rule", "", "of this rule `id`")
			f.StringArrayVar(&o.fields, "field", nil, "a `FIELD=VALUE` by which its rule groups; may be repeated")
			f.StringArrayVar(&o.labels, "label", nil, "a label of its rule, `NAME=VALUE`; may be repeated")
			f.StringArrayVar(&o.r.Tags, "tag", nil, "a `tag`; may be repeated")
			f.StringArrayVar(&o.r.Notify, "notify", nil, "a `channel` that its rule names; may be repeated")
			f.StringVar(&o.at, "at", "", "as if it were this `time`")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			if err := o.read(sh, args); err != nil {
				return err
			}
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				r, err := n.NotifyRoute(cmd.Context(), o.r)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(r)
				}
				return sh.Page([]byte(routeText(sh.Out, r)))
			})
		},
	}
}

// read turns flags into a question. An alert that is described needs one property at the least: one without any would be
// explained as what the root does, which is no answer to anything.
func (o *routeFlags) read(sh ui.Shell, args []string) error {
	o.r.Alert = strings.Join(args, "")
	described := o.r.Level+o.r.Rule+strings.Join(o.fields, "")+strings.Join(o.labels, "")+strings.Join(o.r.Tags, "") != ""
	if described == (o.r.Alert != "") {
		return ui.Usage("which alert is meant is not said", "name one, or describe one: --level high --rule ssh-brute-force")
	}
	var err error
	if o.r.Group, err = pairs("field", o.fields); err != nil {
		return err
	}
	if o.r.Labels, err = pairs("label", o.labels); err != nil {
		return err
	}
	o.r.At, _, err = sh.Times(o.at, "")
	return err
}

// pairs reads NAME=VALUE. A value may have further signs of equality in it.
func pairs(flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, ui.Usage("--"+flag+" "+text+" is no name with a value", "write --"+flag+" NAME=VALUE")
		}
		out[name] = value
	}
	return out, nil
}

// routeText is the explanation as a person reads it: from the alert over the routes to the people, then what became of it.
// Every line is escaped as a whole, since names, texts and answers of other programs stand in it.
func routeText(f *term.Face, r notifying.Route) string {
	var b strings.Builder
	line := func(head, form string, args ...any) {
		fmt.Fprintf(&b, "%-10s%s\n", head, term.Escape(fmt.Sprintf(form, args...)))
	}
	if r.Alert != "" {
		line("alert", "%s  %s  %s  %s", r.Alert, r.Level, r.Rule, r.What)
	}
	// The head of a block stands on its first line only.
	head := "routes"
	for _, s := range r.Steps {
		line(head, "%s", stepText(f, s))
		head = ""
	}
	if len(r.Steps) == 0 {
		line("routes", "none: notify.yaml has no route")
	}
	head = "goes to"
	for _, t := range r.To {
		line(head, "%s", targetText(t))
		for _, s := range t.Escalate {
			line("", "%s after %s, if nobody acknowledges it", strings.Join(s.Channels, ", "), span(s.AfterMS))
		}
		head = ""
	}
	if len(r.To) == 0 {
		line(head, "nobody")
	}
	head = "held by"
	for _, h := range r.Holds {
		until := ""
		if !h.Until.IsZero() {
			until = " until " + f.Second(h.Until)
		}
		line(head, "%s %s of %s%s: %s", h.Kind, h.Name, h.Owner, until, h.Reason)
		head = ""
	}
	// Last of what decides, since it wins over everything above.
	if r.Withheld != "" {
		line("but", "nobody is told: %s", r.Withheld)
	}
	head = "so far"
	for _, p := range r.Past {
		line(head, "%s  %s", f.Second(p.At), pastText(p))
		head = ""
	}
	return b.String()
}

// stepText is one route, indented by its depth. That it takes the alert stands where the reason stands of one that does not.
func stepText(f *term.Face, s notifying.Step) string {
	// Three columns for the mark, so that the lines below each other begin alike.
	mark, match := f.Tick(), s.Match
	if !s.Matched {
		mark = "no"
	}
	if match == "" {
		match = "everything"
	}
	out := fmt.Sprintf("%s%-3s line %d: %s", strings.Repeat("  ", s.Depth), mark, s.Line, match)
	switch {
	case s.Why != "":
		out += "   " + s.Why
	case s.Takes && len(s.To) == 0: // on purpose, and worth saying
		out += "   takes it and tells nobody"
	case s.Takes:
		out += "   takes it: " + strings.Join(s.To, ", ")
	}
	return out
}

// targetText says as what an alert goes to channels, in the order in which it happens.
func targetText(t notifying.Target) string {
	out := strings.Join(t.Channels, ", ")
	if t.Own {
		out += " (its rule names it)"
	}
	// With whom it is told of explains why a message names others.
	if t.Group != "" {
		out += ", together with " + t.Group
	} else {
		out += ", together with all others"
	}
	if t.WaitMS == 0 {
		out += ", at once"
	} else {
		out += ", after " + span(t.WaitMS)
	}
	if t.RepeatMS > 0 {
		out += ", again every " + span(t.RepeatMS)
	}
	return out
}

// span writes a span of time, as all commands do.
func span(ms int64) string { return term.Duration(time.Duration(ms) * time.Millisecond) }

// pastText is one thing that happened to an alert. The words are those of the JSON, so that one finds them in both.
func pastText(p notifying.Past) string {
	// Two blanks between words: groups have one in their names.
	words := []string{p.What}
	if p.Channel != "" {
		words = append(words, p.Channel)
	}
	if p.Kind != "" {
		words = append(words, p.Kind)
	}
	if p.Group != "" {
		words = append(words, p.Group)
	}
	if p.Message != "" {
		words = append(words, p.Message)
	}
	out := strings.Join(words, "  ")
	if p.Detail != "" {
		out += ": " + p.Detail
	}
	return out
}
