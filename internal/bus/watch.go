package bus

import (
	"context"
	"time"

	"weir/internal/bus/topicadmin"
	"weir/internal/fault"
)

// watchEvery is how often topics and groups on a real Kafka are looked at.
const watchEvery = 30 * time.Second

// alertShare is the share of a topic's retention at which a group that is behind is an alert.
const alertShare = 0.5

// watch starts the goroutine that looks; close ends it.
func (r *remote) watch(b *Bus) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.done.Go(func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			r.look(ctx, b)
		}
	})
}

// close ends the watch. A bus of a command has none.
func (r *remote) close() {
	if r.stop != nil {
		r.stop()
		r.done.Wait()
	}
}

// look looks once. A Kafka that is away is no news here: the front door says so.
func (r *remote) look(ctx context.Context, b *Bus) {
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	list, err := r.admin.List(ctx)
	if err != nil {
		return
	}
	r.sayMissing(list)
	lags, err := r.admin.Behind(ctx, b.Client)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.lags = lags
	r.mu.Unlock()
	r.sayBehind(lags)
}

// sayMissing says which topics are gone, once each. They are not made again at once: offsets of the new one would begin
// at 0, and what is known of the old ones would take its records for copies.
func (r *remote) sayMissing(list []topicadmin.Info) {
	for _, x := range list {
		r.mu.Lock()
		was := r.missing[x.Name]
		r.missing[x.Name] = x.Missing
		r.mu.Unlock()
		switch {
		case x.Missing && !was:
			f := &fault.Error{Code: "kafka-topic-gone", What: "topic " + x.Name + " was deleted", Where: x.Name, Warn: true,
				Why: "what was in it and not read is lost; what comes now waits in the spool, and senders that can wait do",
				Do:  "stop weir, move archive and ledger.json in its data folder aside (they know the old offsets), then weir topics create, and start weir"}
			r.log.Error("a fault", "what", f.What, "topic", f.Where, "why", f.Why, "do", f.Do)
		case !x.Missing && was:
			r.log.Info("topic is there again", "topic", x.Name)
		}
	}
}

// sayBehind says which groups are about to lose records, at the turn only.
func (r *remote) sayBehind(lags []topicadmin.Lag) {
	for _, l := range lags {
		key := l.Group + " " + l.Topic
		r.mu.Lock()
		was := r.alerted[key]
		r.alerted[key] = l.Share >= alertShare
		r.mu.Unlock()
		switch {
		case l.Share >= alertShare && !was:
			r.log.Error("a group is behind by more than half of what Kafka keeps: soon records are deleted before they are read",
				"group", l.Group, "topic", l.Topic, "behind", l.Age.Round(time.Minute).String(), "records", l.Records, "share", l.Share,
				"do", "find out why the stage stands still, or raise retention.ms of the topic")
		case l.Share < alertShare && was:
			r.log.Info("group has caught up", "group", l.Group, "topic", l.Topic, "behind", l.Age.Round(time.Minute).String())
		}
	}
}

// Behind returns how far the groups on a real Kafka were behind when they were last looked at, at most half a minute ago;
// none on the embedded broker, which deletes nothing that is still needed.
func (b *Bus) Behind() []topicadmin.Lag {
	if b.remote == nil {
		return nil
	}
	b.remote.mu.Lock()
	defer b.remote.mu.Unlock()
	return b.remote.lags
}
