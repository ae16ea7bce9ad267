package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"weir/internal/alert"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/store"
)

// NotifyRoute implements notifying.Notifier. It asks the same tree, windows and silences as the stage does, at the moment that
// is asked about, and changes nothing.
func (n *Notifier) NotifyRoute(ctx context.Context, r notifying.RouteRequest) (notifying.Route, error) {
	file, now := n.current(), n.opts.Now()
	if !r.At.IsZero() {
		now = r.At
	}
	a, err := n.subject(ctx, r)
	if err != nil {
		return notifying.Route{}, err
	}
	if file == nil {
		return notifying.Route{}, n.noFile()
	}
	out := notifying.Route{Alert: r.Alert, Rule: a.Rule, Level: a.Level, What: a.What, Steps: []notifying.Step{}, To: []notifying.Target{}}
	for _, v := range file.Route.Explain(&a.Alert, now) {
		out.Steps = append(out.Steps, step(v))
	}
	if file.Route != nil {
		out.To = n.explainTargets(n.targets(file, &a.Alert, now), &a.Alert)
	}
	if w := withheld(a); w != store.Unplaced {
		out.Withheld = w
	}
	h, err := n.holding(ctx, file, now)
	if err != nil {
		return out, err
	}
	for i := range h.silences {
		if s := &h.silences[i]; s.Holds(&a.Alert, now) {
			out.Holds = append(out.Holds, notifying.Hold{Kind: store.BySilence, Name: s.ID, Owner: s.Owner, Reason: s.Reason, Until: s.Until})
		}
	}
	for _, w := range h.windows {
		if w.Holds(&a.Alert, now) {
			out.Holds = append(out.Holds, notifying.Hold{Kind: store.ByMaintenance, Name: w.Name, Owner: w.Owner, Reason: w.Reason, Until: w.Until(now)})
		}
	}
	if r.Alert != "" {
		out.Alert = a.ID
		out.Past, err = n.past(ctx, a)
	}
	return out, err
}

// subject is the alert that is asked about: one that there is, or one that somebody describes.
func (n *Notifier) subject(ctx context.Context, r notifying.RouteRequest) (*store.Alert, error) {
	if r.Alert != "" {
		a, err := n.store.Alert(ctx, r.Alert)
		if err == nil && a == nil {
			err = &fault.Error{Code: "alert-unknown", What: fmt.Sprintf("notifications know no alert, or more than one, that begins with `%s`", r.Alert),
				Why: "it is another store's, or older than " + fmt.Sprint(int(store.Keep.Hours()/24)) + " days", Do: "weir alerts list --all", Exit: fault.ExitUsage}
		}
		return a, err
	}
	if r.Level != "" && routing.Rank(r.Level) == 0 {
		_, err := routing.ParseCondition("level>=" + r.Level)
		return nil, err
	}
	// What is not described is as it mostly is: a medium alert.
	a := &store.Alert{State: alert.Open}
	a.Alert = alert.Alert{Rule: r.Rule, Level: cmp.Or(r.Level, "medium"), Tags: r.Tags, Labels: r.Labels, Group: r.Group, Notify: r.Notify}
	return a, nil
}

// step is a visit as it is shown. Whom a route tells is only said of one that takes the alert.
func step(v routing.Visit) notifying.Step {
	r := v.Route
	s := notifying.Step{Line: r.Line, Depth: v.Depth, Matched: v.Matched, Takes: v.Takes, Why: v.Why}
	if v.Takes {
		s.To = r.To
	}
	var match []string
	for _, c := range r.Match {
		match = append(match, c.String())
	}
	if !r.Hours.Empty() {
		match = append(match, "hours "+r.Hours.String())
	}
	s.Match = strings.Join(match, ", ")
	return s
}

// explainTargets says as what an alert goes to its channels: with whom it is told of, after which time, and who comes next.
func (n *Notifier) explainTargets(list []routing.Target, a *alert.Alert) []notifying.Target {
	out := []notifying.Target{}
	for _, t := range list {
		r := t.Route
		x := notifying.Target{Channels: t.To, Line: r.Line, Group: store.GroupFor(t, a).Name, WaitMS: r.Wait.Milliseconds(), RepeatMS: r.Repeat.Milliseconds(), Own: !slices.Contains(r.To, t.To[0])}
		if !r.WaitSet && routing.Rank(a.Level) == len(routing.Levels) {
			x.WaitMS = 0
		}
		for _, s := range r.Escalate {
			x.Escalate = append(x.Escalate, notifying.Later{AfterMS: s.After.Milliseconds(), Channels: s.To})
		}
		out = append(out, x)
	}
	return out
}

// past gathers what became of an alert, from every table that has a part of it. Nothing is written down for this: what
// happened is what the tables say.
func (n *Notifier) past(ctx context.Context, a *store.Alert) ([]notifying.Past, error) {
	out := []notifying.Past{{At: a.Seen, What: "came"}}
	holds, err := n.store.HoldsOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range holds {
		out = append(out, notifying.Past{At: h.At, What: "held", Detail: "by " + h.Kind + " " + h.Name})
	}
	groups, err := n.store.GroupsOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		name := cmp.Or(g.Name, everything("en"))
		out = append(out, notifying.Past{At: g.Added, What: "grouped", Group: name, Detail: "for " + strings.Join(g.To, ", ")})
		if g.Skipped {
			out = append(out, notifying.Past{At: g.Added, What: "skipped", Group: name, Detail: fateOver})
		}
		if !g.Told.IsZero() {
			out = append(out, notifying.Past{At: g.Told, What: "told", Group: name})
		}
	}
	messages, err := n.store.MessagesOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		p := notifying.Past{At: m.Made, What: m.State, Channel: m.Channel, Kind: string(m.Kind), Group: cmp.Or(m.Name, everything("en")), Message: m.ID, Detail: m.Error}
		if !m.Ended.IsZero() {
			p.At = m.Ended
		}
		switch m.State {
		case store.Sent:
			p.Detail = m.Said
		case store.Folded:
			p.Detail = "it is part of " + m.Into
		}
		out = append(out, p)
	}
	if a.Fate != store.Placed && a.Fate != store.Held && a.Fate != store.Unplaced {
		out = append(out, notifying.Past{At: a.Seen, What: "withheld", Detail: a.Fate})
	}
	// Stable: of one moment, what came first in the tables came first.
	slices.SortStableFunc(out, func(x, y notifying.Past) int { return x.At.Compare(y.At) })
	return out, nil
}
