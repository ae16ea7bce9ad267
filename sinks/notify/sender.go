package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/internal/fault"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/settings"
	"weir/sinks/notify/store"
)

const (
	// sendTimeout ends a Send that hangs. Only its own channel waits for it.
	sendTimeout = 30 * time.Second
	// The pause after a failure, doubled with each in a row.
	backoffMin = time.Second
	backoffMax = 10 * time.Minute
	// retryAfterMax bounds how long the other side may ask to be left alone.
	retryAfterMax = time.Hour
	// minute is the time over which messages are counted.
	minute = time.Minute
	// batchSize is how much of a queue is looked at. The rest waits in the store.
	batchSize = 2000
	// giveUpAfter tries a message is dead, if others have arrived meanwhile: then it is the message and not the channel.
	giveUpAfter = 15
	// downAfter is how long a channel may be down before somebody is told.
	downAfter = 15 * time.Minute
	// shown is how many alerts a message for people names.
	shown = 20
	// storeAgain is the pause after the store could not be read or written.
	storeAgain = 10 * time.Second
	// idle is how often a queue is looked at of which nothing is known.
	idle = time.Minute
)

// sender sends what waits for one channel. All of it runs on one goroutine, which Run owns: a channel that hangs holds
// back nobody else.
type sender struct {
	n    *Notifier
	ch   *settings.Channel
	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}

	failures int
	// pause is until when nothing is tried, in nanoseconds since 1970. A status may look at it.
	pause atomic.Int64
	// downSince is when the first of failures was, lastOK when something last arrived.
	downSince, lastOK time.Time
}

// newSender makes a sender. Who makes it runs it, or calls step itself.
func (n *Notifier) newSender(ch *settings.Channel) *sender {
	return &sender{n: n, ch: ch, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// run sends until ctx ends.
func (s *sender) run(ctx context.Context) {
	defer close(s.done)
	for ctx.Err() == nil {
		next, err := s.step(ctx)
		if err != nil && ctx.Err() == nil {
			s.n.log.Error("what waits cannot be sent", "channel", s.ch.Name, "err", err)
			next = s.n.opts.Now().Add(storeAgain)
		}
		// Somebody wakes it when a message comes; the clock is for what waits for a time.
		wait := idle
		if !next.IsZero() {
			wait = min(max(next.Sub(s.n.opts.Now()), 0), idle)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// step sends what is due and returns when to look again; the zero time if nothing waits.
func (s *sender) step(ctx context.Context) (time.Time, error) {
	// Until nothing is due: what comes while something is sent is sent in the same step.
	for ctx.Err() == nil {
		now := s.n.opts.Now()
		if until := s.paused(now); !until.IsZero() {
			return until, nil
		}
		q, err := s.queue(ctx, now)
		if err != nil || len(q.due) == 0 {
			return q.next, err
		}
		list, wait, err := s.choose(ctx, q, now)
		if err != nil || len(list) == 0 {
			return wait, err
		}
		for i := range list {
			ok, err := s.send(ctx, &list[i])
			if err != nil {
				return time.Time{}, err
			}
			if !ok {
				break // the pause decides how it goes on
			}
		}
	}
	return time.Time{}, ctx.Err()
}

// paused is until when nothing is tried; the zero time if something may be now.
func (s *sender) paused(now time.Time) time.Time {
	if until := s.pause.Load(); until > now.UnixNano() {
		return time.Unix(0, until).UTC()
	}
	return time.Time{}
}

// queue is what waits for a channel at one moment.
type queue struct {
	// due may be sent now, in order. Of a group with a message that has to be tried again later, nothing is: what is said of
	// a group is said in order.
	due []store.Message
	// next is when something else becomes due.
	next time.Time
}

// queue looks at what waits. Of a long queue only the beginning is looked at: what is behind it has to wait anyway.
func (s *sender) queue(ctx context.Context, now time.Time) (q queue, err error) {
	list, err := s.n.store.Queued(ctx, s.ch.Name, batchSize)
	blocked := map[int64]bool{}
	for _, m := range list {
		if m.Group > 0 && blocked[m.Group] {
			continue
		}
		if m.Next.After(now) {
			blocked[m.Group] = true
			if q.next.IsZero() || m.Next.Before(q.next) {
				q.next = m.Next
			}
			continue
		}
		q.due = append(q.due, m)
	}
	return q, err
}

// choose says what is sent now. Within the channel's limit that is all of it. In a storm it is the worst, and the last
// message that the minute has room for stands for all the others.
func (s *sender) choose(ctx context.Context, q queue, now time.Time) (list []store.Message, wait time.Time, err error) {
	if s.ch.Limit == 0 {
		if s.failures > 0 {
			return s.probe(q.due), wait, nil
		}
		return q.due, wait, nil
	}
	sent, first, err := s.n.store.SentSince(ctx, s.ch.Name, now.Add(-minute))
	if err != nil {
		return nil, wait, err
	}
	// Counted in the store, so that a restart is no way around the limit.
	room := s.ch.Limit - sent
	switch {
	case room <= 0:
		return nil, first.Add(minute), nil
	case s.failures > 0:
		return s.probe(q.due), wait, nil
	case len(q.due) <= room:
		return q.due, wait, nil
	case room > 1:
		return worstOf(q.due, room-1), wait, nil
	}
	// What was tried may have arrived, and what has a ticket goes on under it: those wait for their turn.
	fold := slices.DeleteFunc(slices.Clone(q.due), func(m store.Message) bool { return m.Attempts > 0 || s.ch.Tickets && m.Ticket != "" })
	if len(fold) < 2 {
		return q.due[:1], wait, nil
	}
	row, err := s.fold(ctx, fold, now)
	if err != nil {
		return nil, wait, err
	}
	m, err := s.n.store.Message(ctx, row)
	if err != nil || m == nil {
		return nil, wait, err
	}
	return []store.Message{*m}, wait, nil
}

// probe returns the one message by which it is found out whether the channel is up again: the one that waits longest, and
// every second time one that was tried least. If it is the message and not the channel, the others do not wait for it; and if
// it is the channel, few are tried in vain: what was tried can be folded and joined no more.
func (s *sender) probe(due []store.Message) []store.Message {
	first := firstOf(due)
	if s.failures%2 == 1 {
		slices.SortStableFunc(first, func(a, b store.Message) int { return a.Attempts - b.Attempts })
	}
	return first[:1]
}

// firstOf returns the first message of each group, since the next one has to wait for it.
func firstOf(due []store.Message) (first []store.Message) {
	seen := map[int64]bool{}
	for _, m := range due {
		if m.Group > 0 && seen[m.Group] {
			continue
		}
		seen[m.Group] = true
		first = append(first, m)
	}
	return first
}

// worstOf returns the messages about the worst alerts, at most one of a group.
func worstOf(due []store.Message, most int) []store.Message {
	first := firstOf(due)
	slices.SortStableFunc(first, func(a, b store.Message) int { return b.Rank - a.Rank })
	return first[:min(most, len(first))]
}

// fold makes one message of many. It has the language of the first; the others are of the same people.
func (s *sender) fold(ctx context.Context, list []store.Message, now time.Time) (int64, error) {
	groups := map[int64]bool{}
	for _, m := range list {
		groups[m.Group] = true
	}
	return s.n.store.Fold(ctx, list, func(alerts int) string { return foldText(list[0].Lang, alerts, len(groups)) }, len(groups), now)
}

// send tries one message. ok is false if the channel has to be left alone for a while.
func (s *sender) send(ctx context.Context, m *store.Message) (ok bool, err error) {
	// On disk before anything else: nothing is put into this message from here on, and what the other side may have is sent
	// again as it was.
	if err := s.n.store.Attempt(ctx, m.Row); err != nil {
		return false, err
	}
	msg, err := s.n.message(ctx, s.ch, m)
	if err != nil {
		return false, err
	}
	// The channel has a time-out of its own, mostly shorter; this one is for a channel that does not keep it.
	limit, cancel := context.WithTimeout(ctx, sendTimeout)
	receipt, err := s.ch.Send(limit, msg)
	cancel()
	now := s.n.opts.Now()
	// The message stays as it is: it may have arrived, and is sent again under its id.
	if err != nil && ctx.Err() != nil {
		return false, ctx.Err() // it was not the channel that ended it
	}
	if err == nil {
		return true, s.arrived(ctx, m, receipt, now)
	}
	return s.failed(ctx, m, err, now)
}

// arrived notes a success. After a time in which the channel was down, everything that waits is tried at once.
func (s *sender) arrived(ctx context.Context, m *store.Message, r channel.Receipt, now time.Time) error {
	wasDown, mayBeTold := s.failures > 1, s.failures > 0 || s.lastOK.IsZero()
	s.failures, s.downSince, s.lastOK = 0, time.Time{}, now
	if err := s.n.store.Finish(ctx, m, store.Outcome{OK: true, Ticket: r.Ticket, Said: r.Said}, now); err != nil {
		return err
	}
	s.n.log.Debug("told", "channel", s.ch.Name, "kind", m.Kind, "group", m.Name, "id", m.ID, "said", r.Said)
	if mayBeTold { // a start before this one may have told that the channel is down
		if err := s.n.over(ctx, s.ch.Name, troubleDown, now); err != nil {
			return err
		}
	}
	// What waits has waited for the channel and not for itself.
	if !wasDown {
		return nil
	}
	return s.n.store.Sooner(ctx, s.ch.Name, giveUpAfter/2)
}

// failed notes a failure and decides when to go on.
func (s *sender) failed(ctx context.Context, m *store.Message, err error, now time.Time) (bool, error) {
	// An error without a word of the channel may be anything: it is tried again.
	permanent, after := false, time.Duration(0)
	if ce, ok := errors.AsType[*channel.Error](err); ok {
		permanent, after = ce.Permanent, min(ce.RetryAfter, retryAfterMax)
	}
	text := oneLine(err)
	// Others arrived a moment ago: it is the message.
	if m.Attempts+1 >= giveUpAfter && now.Sub(s.lastOK) < backoffMax {
		permanent, text = true, fmt.Sprintf("given up after %d tries, others arrived: %s", m.Attempts+1, text)
	}
	if permanent {
		s.failures, s.downSince = 0, time.Time{} // somebody is there and has read it
		s.n.log.Error("a message will never arrive", "channel", s.ch.Name, "kind", m.Kind, "group", m.Name, "id", m.ID, "err", text)
		if err := s.n.store.Finish(ctx, m, store.Outcome{Error: text, Permanent: true}, now); err != nil {
			return false, err
		}
		return true, s.n.note(ctx, m, troubleDead, text, now)
	}
	// Two clocks: the channel is left alone for as long as it has failed, the message for as long as it has been tried.
	s.failures++
	if s.downSince.IsZero() {
		s.downSince = now
	}
	s.pause.Store(now.Add(max(s.backoff(s.failures), after)).UnixNano())
	next := now.Add(max(s.backoff(m.Attempts+1), after))
	s.n.log.Warn("a message did not arrive and is tried again", "channel", s.ch.Name, "id", m.ID, "try", m.Attempts+1, "next", next, "err", text)
	if err := s.n.store.Finish(ctx, m, store.Outcome{Error: text, Next: next}, now); err != nil {
		return false, err
	}
	// A short trouble is nobody's business: everything arrives by itself.
	if now.Sub(s.downSince) < downAfter {
		return false, nil
	}
	if known, err := s.n.store.Troubling(ctx, s.ch.Name, troubleDown); err != nil || known {
		return false, err
	}
	return false, s.n.note(ctx, m, troubleDown, text, s.downSince)
}

// backoff is the pause after so many failures: doubled with each, and spread, so that those who were cut off together do
// not come back together.
func (s *sender) backoff(failures int) time.Duration {
	// Beyond so many doublings the largest is reached, and a shift would overflow.
	d := backoffMax
	if failures < 12 {
		d = min(backoffMin<<max(failures-1, 0), backoffMax)
	}
	return d/2 + time.Duration(s.n.jitter()*float64(d/2))
}

// message makes what is sent of a message in the store, with its alerts as they are now. What people cannot use is counted and
// not sent.
func (n *Notifier) message(ctx context.Context, ch *settings.Channel, m *store.Message) (*channel.Message, error) {
	most := cmp.Or(uses(ch), shown)
	list, err := n.store.Carried(ctx, m.Row, store.Listed)
	if err != nil {
		return nil, err
	}
	// A route that groups by nothing has groups without a name; people get one all the same.
	name := m.Name
	if name == "" {
		name = everything(m.Lang)
	}
	out := &channel.Message{ID: m.ID, Kind: m.Kind, Group: name, Labels: m.Labels, More: m.More + max(0, len(list)-most), Lang: m.Lang, URL: n.opts.URL, Time: m.Made.In(n.zone()), Ticket: m.Ticket}
	for _, a := range list[:min(most, len(list))] {
		out.Alerts = append(out.Alerts, channel.Alert{Alert: a.Alert, State: a.State, Verdict: a.Verdict, Assignee: a.Assignee})
	}
	return out, nil
}

// zone is that of the people who read messages.
func (n *Notifier) zone() *time.Location {
	if file := n.current(); file != nil {
		return file.Zone
	}
	return n.opts.Zone
}

// everything is the name of a group whose route groups by nothing.
func everything(lang string) string {
	if lang == "ko" {
		return "모든 경보"
	}
	return "all alerts"
}

// oneLine is an error as it is kept and shown: in one line and not longer than a person reads. Other programs wrote it.
func oneLine(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*fault.Error](err); ok {
		text = e.Error()
	}
	text = strings.Join(strings.Fields(text), " ")
	const most = 500
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}
