package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/plan"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/settings"
	"weir/sinks/notify/store"
)

// atOnce is how many groups are looked at in one transaction.
const atOnce = 100

// flush looks at every group that is due and queues what is to be said. It returns when all of them were looked at. A plan
// names its next moment after now, so a group is looked at once.
func (n *Notifier) flush(ctx context.Context) error {
	for {
		now := n.opts.Now()
		due, err := n.store.Due(ctx, now, atOnce)
		if err != nil || len(due) == 0 {
			return err
		}
		b := &batch{file: n.current(), now: now}
		if b.holds, err = n.holding(ctx, b.file, now); err != nil {
			return err
		}
		err = n.store.Write(ctx, "looking at groups", func(tx *store.Tx) error {
			for i := range due {
				if err := n.group(ctx, tx, b, &due[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		n.wakeSenders()
	}
}

// laterWithoutFile is when a group is looked at again while no file is in use.
const laterWithoutFile = time.Minute

// group looks at one group: what is held back leaves it, a plan is made, and what that says is queued and written down in one
// transaction. So a crash repeats all of it or nothing.
func (n *Notifier) group(ctx context.Context, tx *store.Tx, b *batch, g *store.Group) error {
	// A file that is gone for a moment, while somebody writes it, must not close a group.
	if b.file == nil || b.file.Route == nil {
		return tx.Settle(ctx, g.ID, plan.Plan{Due: b.now.Add(laterWithoutFile)}, b.now)
	}
	members, err := tx.Members(ctx, g.ID)
	if err != nil {
		return err
	}
	if !b.holds.none() {
		if members, err = n.held(ctx, tx, b, g.ID, members); err != nil {
			return err
		}
	}
	set, err := n.settingsOf(ctx, tx, b, g, members)
	if err != nil {
		return err
	}
	p := plan.Decide(plan.Group{Begun: g.Begun, Flushed: g.Flushed, Sent: g.Sent, Members: members}, set, b.now)
	for _, m := range p.Messages {
		if err := n.queue(ctx, tx, b, g, set, m, p.Told); err != nil {
			return err
		}
	}
	return tx.Settle(ctx, g.ID, p, b.now)
}

// held finds out which members are held back now. One that nobody was told of yet leaves the group: it is held back for
// good, unless it goes on.
func (n *Notifier) held(ctx context.Context, tx *store.Tx, b *batch, group int64, members []plan.Member) (out []plan.Member, err error) {
	for _, m := range members {
		a, err := tx.Alert(ctx, m.Alert)
		if err != nil {
			return nil, err
		}
		kind, name, digest, held := b.holds.of(&a.Alert)
		// What was told stays in the group: its end has to be told too, later.
		if !held || !m.Told.IsZero() || m.Over {
			m.Held = held
			out = append(out, m)
			continue
		}
		if err := n.hold(ctx, tx, b, a, kind, name, digest); err != nil {
			return nil, err
		}
		if err := tx.SaveAlert(ctx, a, b.now); err != nil {
			return nil, err
		}
		if err := tx.Leave(ctx, group, m.Alert); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// settingsOf returns the settings of a group: those of its route, and where the file has that no more, those of the route
// that its alerts would take now.
func (n *Notifier) settingsOf(ctx context.Context, tx *store.Tx, b *batch, g *store.Group, members []plan.Member) (routing.Settings, error) {
	if r := b.file.Route.ByKey(g.Route); r != nil {
		return r.Settings, nil
	}
	for _, m := range members {
		a, err := tx.Alert(ctx, m.Alert)
		if err != nil {
			return routing.Settings{}, err
		}
		if found := b.file.Route.Find(&a.Alert, b.now); len(found) > 0 {
			return found[0].Settings, nil
		}
	}
	return b.file.Route.Settings, nil
}

// queue writes one message of a plan for each of its channels. The end goes to whom anything was said; channels that the file
// has no more are left out, and where none is left the route as it is now decides: nobody being told is the worst.
func (n *Notifier) queue(ctx context.Context, tx *store.Tx, b *batch, g *store.Group, set routing.Settings, m plan.Message, news []string) error {
	to := m.To
	if to == nil {
		to = g.To
	}
	// Also to whom an escalation told it, and to channels of an older file.
	if m.Kind == channel.Resolved {
		parties, err := tx.Parties(ctx, g.ID)
		if err != nil {
			return err
		}
		to = nil
		for name := range parties {
			to = append(to, name)
		}
		slices.Sort(to)
	}
	to = slices.DeleteFunc(slices.Clone(to), func(name string) bool { return b.file.Channels[name] == nil })
	if len(to) == 0 && m.Kind != channel.Resolved {
		to = set.To // the file has none of the group's channels any more
	}
	for _, name := range to {
		msg := store.Message{Group: g.ID, Channel: name, Kind: m.Kind, Name: g.Name, Labels: g.Labels, Lang: set.Lang, Rank: m.Rank, Alerts: m.Alerts}
		// A program has the others already: a group that grows to a hundred thousand is not sent to it again and again.
		if m.Kind == channel.Firing && uses(b.file.Channels[name]) > 0 {
			msg.Alerts = news
		}
		if err := n.enqueue(ctx, tx, b.file, msg, b.now); err != nil {
			return err
		}
	}
	return nil
}

// enqueue writes a message for one channel. People get one that names the worst alerts and counts the others; a program
// gets all of them, in as many messages as that takes.
func (n *Notifier) enqueue(ctx context.Context, tx *store.Tx, file *settings.File, m store.Message, now time.Time) error {
	most := uses(file.Channels[m.Channel])
	if most == 0 {
		_, err := tx.Queue(ctx, m, now)
		return err
	}
	// What waits says it already; with several messages for one there is no joining.
	if m.Kind == channel.Repeat {
		if waits, err := tx.WaitsFor(ctx, m.Group, m.Channel); err != nil || waits {
			return err
		}
	}
	m.Whole = true
	for part := range slices.Chunk(m.Alerts, most) {
		m.Alerts = part
		if _, err := tx.Queue(ctx, m, now); err != nil {
			return err
		}
	}
	return nil
}

// capacity is a channel of a program: it says how many alerts of one message it can use. One that people read says nothing.
type capacity interface{ MaxAlerts() int }

// uses returns how many alerts of a message a program can use; 0 for a channel that people read.
func uses(c *settings.Channel) int {
	if c == nil {
		return 0
	}
	if x, ok := c.Channel.(capacity); ok && x.MaxAlerts() > 0 {
		return min(x.MaxAlerts(), store.Listed)
	}
	return min(c.Whole, store.Listed)
}

// summaries says what maintenance held back, once it is over.
func (n *Notifier) summaries(ctx context.Context) error {
	names, err := n.store.Summaries(ctx)
	file, now := n.current(), n.opts.Now()
	if err != nil || len(names) == 0 || file == nil || file.Route == nil {
		return err
	}
	// Asked every round and not at an end that was reckoned before: the file may change meanwhile.
	said := false
	for _, name := range names {
		i := slices.IndexFunc(file.Maintenance, func(w *routing.Window) bool { return w.Name == name })
		if i >= 0 && file.Maintenance[i].Active(now) {
			continue
		}
		said = true
		if err := n.store.Write(ctx, "summing up maintenance", func(tx *store.Tx) error { return n.summary(ctx, tx, file, name, now) }); err != nil {
			return err
		}
	}
	if said {
		n.wakeSenders()
	}
	return nil
}

// summary queues one message for each channel that would have been told. The routes are asked now, at the end: who has the duty
// now reads it. What was closed meanwhile is in it too, and says so.
func (n *Notifier) summary(ctx context.Context, tx *store.Tx, file *settings.File, window string, now time.Time) error {
	list, err := tx.Summary(ctx, window)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b *store.Alert) int { return routing.Rank(b.Level) - routing.Rank(a.Level) })
	// One message each, whatever routes led there.
	byChannel := map[string][]string{}
	lang := map[string]string{}
	rank := 0
	for _, a := range list {
		rank = max(rank, routing.Rank(a.Level))
		for _, t := range n.targets(file, &a.Alert, now) {
			for _, c := range t.To {
				byChannel[c] = append(byChannel[c], a.ID)
				lang[c] = t.Route.Lang
			}
		}
	}
	for c, ids := range byChannel {
		m := store.Message{Channel: c, Kind: channel.Digest, Name: summaryText(lang[c], window, len(ids)), Labels: map[string]string{"maintenance": window}, Lang: lang[c], Rank: rank, Alerts: ids}
		if err := n.enqueue(ctx, tx, file, m, now); err != nil {
			return err
		}
	}
	return nil
}

// summaryText is the heading of a summary.
func summaryText(lang, window string, alerts int) string {
	if lang == "ko" {
		return fmt.Sprintf("점검 %s 종료: 그동안 알리지 않은 경보 %d건", window, alerts)
	}
	verb := "were"
	if alerts == 1 {
		verb = "was"
	}
	return fmt.Sprintf("maintenance %s is over: %s %s held back", window, counted(alerts, "alert"), verb)
}

// foldText is the heading of a message that stands for many.
func foldText(lang string, alerts, groups int) string {
	if lang == "ko" {
		return fmt.Sprintf("그 밖에 %d개 그룹의 경보 %d건", groups, alerts)
	}
	return fmt.Sprintf("and %s in %s", counted(alerts, "more alert"), counted(groups, "group"))
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// expired says that silences are over.
func (n *Notifier) expired(ctx context.Context) error {
	list, err := n.store.Expired(ctx, n.opts.Now())
	for _, s := range list {
		n.log.Info("a silence is over", "silence", s.ID, "owner", s.Owner, "reason", s.Reason, "held", s.Held)
	}
	return err
}
