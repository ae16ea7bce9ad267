package watchdog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/alert"
)

// Rule is the rule of an alert of weir itself. There is no file of it: its condition is code.
type Rule struct {
	ID, Title, TitleKo, Level string
	// Hold is for how long it must be wrong before it is said, Clear for how long it must be well before it is over.
	Hold, Clear time.Duration
	// Do says what to do.
	Do, DoKo string
	// About says what is wrong, for the table in the documentation.
	About string
}

// finding is something that a check sees wrong at this moment.
type finding struct {
	// entity is what it is about. With rule and beginning it makes the id.
	entity string
	// level is that of the rule where it is empty.
	level string
	// begin is when it began; zero: when it was first seen.
	begin time.Time
	group map[string]string
	// more is how often it happened since the last look, total how often in all; 0: it lasts.
	more, total int64
	// say says what is wrong, of so many times.
	say func(n int64) (en, ko string)
	// sure findings are said at once; of fresh ones that are said already the change is worth telling.
	sure, fresh bool
}

// kept is one alert, from when something was first seen wrong until it is over and that was said.
type kept struct {
	Rule   string    `json:"rule"`
	Entity string    `json:"entity"`
	Begin  time.Time `json:"begin"`
	// Bad is when it was last seen wrong, Good since when it has been well; zero: it is not.
	Bad   time.Time `json:"bad"`
	Good  time.Time `json:"good,omitzero"`
	Total int64     `json:"total"`
	Open  bool      `json:"open,omitempty"`
	// Alert is its last revision, of which Said tells that it is on Kafka. At is when it was made.
	Alert *alert.Alert `json:"alert,omitempty"`
	Said  bool         `json:"said,omitempty"`
	At    time.Time    `json:"at,omitzero"`

	found finding // the last one
	rule  *Rule
	// It has changed, or happened again, since the last revision.
	fresh, grown bool
}

// keeper keeps the alerts of weir itself. It is not locked; its owner sees to that.
type keeper struct {
	host    string
	list    map[string]*kept // by rule and entity
	changed bool             // something in it is not on disk
	// began is when this start of the process began, before that of the one before; zero: not known.
	began, before time.Time
}

// again is how often an alert is said anew whose count grows, and soon how often one that changes is.
const (
	again = time.Hour
	soon  = 5 * time.Minute
)

// maxOpen bounds the alerts that are kept of one rule: a thousand refused rule files are not said one by one.
const maxOpen = 200

func newKeeper(host string) *keeper { return &keeper{host: host, list: map[string]*kept{}} }

// key names what an alert is about.
func key(rule, entity string) string { return rule + "\x00" + entity }

// isOpen tells whether an alert is open, so that checks may ask for more before they call something well.
func (k *keeper) isOpen(rule, entity string) bool {
	x := k.list[key(rule, entity)]
	return x != nil && x.Open
}

// see takes in what a check found at now: all that is wrong, so what it does not name is well.
func (k *keeper) see(now time.Time, rule *Rule, found []finding) {
	bad := make(map[string]bool, len(found))
	for i := range found {
		f := &found[i]
		bad[f.entity] = true
		k.bad(now, rule, f)
	}
	for _, x := range k.list {
		if x.Rule != rule.ID || bad[x.Entity] {
			continue
		}
		x.rule = rule
		k.good(now, x)
	}
}

// bad takes in one finding.
func (k *keeper) bad(now time.Time, rule *Rule, f *finding) {
	x := k.list[key(rule.ID, f.entity)]
	if x == nil {
		if k.of(rule.ID) >= maxOpen {
			return
		}
		begin := f.begin
		if begin.IsZero() {
			begin = now
		}
		x = &kept{Rule: rule.ID, Entity: f.entity, Begin: begin.UTC().Truncate(time.Millisecond)}
		k.list[key(rule.ID, f.entity)] = x
	}
	x.rule, x.found, x.Bad, x.Good = rule, *f, now, time.Time{}
	x.Total = max(x.Total+f.more, f.total)
	if !x.Open && (f.sure || now.Sub(x.Begin) >= rule.Hold) {
		x.Open, k.changed = true, true
		k.revise(now, x, nil)
		return
	}
	x.fresh, x.grown = x.fresh || f.fresh, x.grown || f.more > 0
	if x.Open && worse(k.level(x), x.Alert.Level) {
		k.changed = true
		k.revise(now, x, nil)
	}
}

// refresh says anew what has changed since it was said. What only lasts is not said again: who tells people repeats it.
func (k *keeper) refresh(now time.Time) {
	for _, x := range k.list {
		if x.Open && (x.fresh && now.Sub(x.At) >= soon || x.grown && now.Sub(x.At) >= again) {
			k.changed = true
			k.revise(now, x, nil)
		}
	}
}

// start begins a start of the process, and ends the alerts of rules that do not run in it.
func (k *keeper) start(now, began time.Time, runs func(rule string) bool) {
	k.before, k.began, k.changed = k.began, began.UTC(), true
	for name, x := range k.list {
		switch {
		case runs(x.Rule):
		case x.Open:
			k.end(now, x)
		case x.Alert == nil:
			delete(k.list, name)
		}
	}
}

// of counts what is kept of a rule.
func (k *keeper) of(rule string) (n int) {
	for _, x := range k.list {
		if x.Rule == rule {
			n++
		}
	}
	return n
}

// good takes in that something is well.
func (k *keeper) good(now time.Time, x *kept) {
	// It has to stay well for a while: what comes and goes every minute is one alert, not sixty an hour.
	switch {
	case !x.Open && x.Alert == nil: // it was never said
		delete(k.list, key(x.Rule, x.Entity))
	case x.Open && x.Good.IsZero():
		x.Good = now
		if x.rule.Clear == 0 {
			k.end(now, x)
		}
	case x.Open && now.Sub(x.Good) >= x.rule.Clear:
		k.end(now, x)
	}
}

// end ends an alert.
func (k *keeper) end(now time.Time, x *kept) {
	over := x.Good
	if over.IsZero() {
		over = now
	}
	x.Open, k.changed = false, true
	k.revise(now, x, &over)
}

// over ends what is open about an entity, whatever time it has been well.
func (k *keeper) over(now time.Time, rule *Rule, entity string) {
	if x := k.list[key(rule.ID, entity)]; x != nil && x.Open {
		x.rule = rule
		x.Good = now
		k.end(now, x)
	}
}

// level is that of the last finding.
func (k *keeper) level(x *kept) string {
	if x.found.level != "" {
		return x.found.level
	}
	return x.rule.Level
}

// worse tells whether a level is above another.
func worse(a, b string) bool {
	order := []string{"informational", "low", "medium", "high", "critical"}
	return slices.Index(order, a) > slices.Index(order, b)
}

// revise makes the next revision of an alert. Of one that ended the words stay: they tell of what is over.
func (k *keeper) revise(now time.Time, x *kept, ended *time.Time) {
	a := &alert.Alert{ID: id(x), Rule: x.Rule, Version: 1, First: x.Begin, Created: now.UTC(), Revision: 1}
	if x.Alert != nil {
		*a = *x.Alert
		a.Revision++
	}
	if x.found.say != nil { // not of one that comes from before a restart, and ended at once
		a.Title, a.TitleKo, a.Level = x.rule.Title, x.rule.TitleKo, k.level(x)
		a.What, a.WhatKo = x.found.say(max(1, x.Total))
		if x.rule.Do != "" {
			a.What, a.WhatKo = a.What+". "+x.rule.Do, a.WhatKo+". "+x.rule.DoKo
		}
		a.Group = map[string]string{"host.name": k.host}
		if x.found.group != nil {
			a.Group = x.found.group
		}
	}
	a.Labels = map[string]string{"from": "weir"}
	a.Last, a.Count = x.Bad.UTC(), int(max(1, x.Total))
	if a.Last.Before(a.First) {
		a.Last = a.First
	}
	if a.Ended = nil; ended != nil {
		at := ended.UTC()
		a.Ended = &at
	}
	x.Alert, x.Said, x.At, x.fresh, x.grown = a, false, now, false, false
}

// id is that of an alert: of its rule, what it is about, and when that began.
func id(x *kept) string {
	sum := sha256.Sum256([]byte(x.Rule + "\x00" + x.Entity + "\x00" + strconv.FormatInt(x.Begin.UnixNano(), 10)))
	return hex.EncodeToString(sum[:8])
}

// due returns the revisions that are to be said, the oldest first.
func (k *keeper) due() []*alert.Alert {
	var out []*kept
	for _, x := range k.list {
		if x.Alert != nil && !x.Said {
			out = append(out, x)
		}
	}
	// In the order in which they were made, so that who is told reads a beginning before its end.
	slices.SortFunc(out, func(a, b *kept) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return compare(a.Rule+a.Entity, b.Rule+b.Entity)
	})
	alerts := make([]*alert.Alert, len(out))
	for i, x := range out {
		alerts[i] = x.Alert
	}
	return alerts
}

// compare orders texts.
func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// said notes that a revision is on Kafka. What is over is forgotten with it.
func (k *keeper) said(a *alert.Alert) {
	for name, x := range k.list {
		if x.Alert != a { // it may have been revised meanwhile: then there is more to say
			continue
		}
		x.Said, k.changed = true, true
		if !x.Open {
			delete(k.list, name)
		}
		return
	}
}

// state is the file of alerts.
type state struct {
	Began  time.Time `json:"began,omitzero"`
	Alerts []*kept   `json:"alerts"`
}

// isDevice tells whether an entity is a device that the inventory expects. That it is waited for outlives a restart.
func isDevice(entity string) bool { return strings.HasPrefix(entity, devicePrefix) }

const devicePrefix = "device "

// encode writes down what is kept, in order.
func (k *keeper) encode() []byte {
	st := state{Began: k.began, Alerts: []*kept{}}
	for _, x := range k.list {
		st.Alerts = append(st.Alerts, x)
	}
	slices.SortFunc(st.Alerts, func(a, b *kept) int { return compare(key(a.Rule, a.Entity), key(b.Rule, b.Entity)) })
	b, err := json.Marshal(st)
	if err != nil { // plain data; times of the years 0 to 9999
		return nil
	}
	return b
}

// decode takes in what encode wrote. What was seen wrong and not yet said begins anew.
func (k *keeper) decode(data []byte) error {
	var st state
	if err := json.Unmarshal(data, &st); err != nil {
		return fmt.Errorf("reading weir's own alerts: %w", err)
	}
	list := map[string]*kept{}
	for _, x := range st.Alerts {
		switch {
		case x == nil || x.Rule == "" || x.Open && x.Alert == nil || x.Alert != nil && (x.Alert.ID != id(x) || x.Alert.Revision < 1 || x.Total < 0):
			return errors.New("reading weir's own alerts: one is damaged")
		case x.Alert == nil && !isDevice(x.Entity):
			continue
		}
		list[key(x.Rule, x.Entity)] = x
	}
	k.list, k.began = list, st.Began
	return nil
}
