// Package incidents finds out what alerts some time brought: how many of which kind, what people made of them and how fast,
// what is still open, who was told again, and who or what is at risk.
package incidents

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/calendar"
	"weir/internal/control/alerting"
	"weir/internal/control/notifying"
)

// Reader is where the facts come from: the store of alerts, and what was sent. Each may be nil where another process has
// it, except Alerts.
type Reader struct {
	// Alerts lists alerts whose last hit is in the time, without those that no person ever sees.
	Alerts func(ctx context.Context, r alerting.Request) ([]alerting.Row, error)
	// Changes are those of one alert, the first one first.
	Changes func(ctx context.Context, id string) ([]alert.Change, error)
	// Risk lists what is at risk now, the highest first.
	Risk func(ctx context.Context, r alerting.RiskRequest) ([]alerting.Risk, error)
	// Told says what was sent about one alert.
	Told func(ctx context.Context, id string) ([]notifying.Past, error)
	// Step is called now and then with how many alerts were read; nil: nobody looks.
	Step func(alerts int64)
}

// Facts are what was found out, as plain data.
type Facts struct {
	V    int       `json:"v"` // of this form: 1
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Zone string    `json:"zone"`
	Made time.Time `json:"made"`
	// AsOf is the moment that states, verdicts and what is open are of: the end of the time, or when the facts were found out if
	// that was before, or if the decisions are not known. Hits, times and risk are as of Made.
	AsOf time.Time `json:"as_of"`

	Alerts   int64   `json:"alerts"` // that were made in the time
	Hits     int64   `json:"hits"`   // folded into them
	Days     []int64 `json:"days"`   // alerts by local day, from the first of the time
	Levels   []Level `json:"levels"` // the worst first, all five
	Rules    []Rule  `json:"rules"`  // the most first
	Attack   []Count `json:"attack"` // techniques and tactics of ATT&CK
	States   []Count `json:"states"`
	Verdicts []Count `json:"verdicts"` // of those that are closed
	Times    []Times `json:"times"`    // by level, then of all
	Open     []Item  `json:"open"`     // not closed at AsOf, whenever they were made; the worst first
	OpenLeft int64   `json:"open_left,omitempty"`
	// TimesKnown and ToldKnown tell whether the decisions and what was sent could be asked for.
	TimesKnown  bool         `json:"times_known"`
	ToldKnown   bool         `json:"told_known"`
	Escalations []Escalation `json:"escalations"`
	Risk        []Risk       `json:"risk"`
	RiskKnown   bool         `json:"risk_known"`
}

// Level counts alerts of one level.
type Level struct {
	Level        string `json:"level"`
	Alerts       int64  `json:"alerts"`
	Hits         int64  `json:"hits"`
	Open         int64  `json:"open"`
	Acknowledged int64  `json:"acknowledged"`
	Closed       int64  `json:"closed"`
}

// Rule counts alerts of one rule.
type Rule struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	TitleKo string   `json:"title_ko,omitempty"`
	Level   string   `json:"level"`
	Attack  []string `json:"attack,omitempty"`
	Alerts  int64    `json:"alerts"`
	Hits    int64    `json:"hits"`
	Open    int64    `json:"open"`
	False   int64    `json:"false_positives"`
	Closed  int64    `json:"closed"`
}

// Count is a number of alerts with what they have in common.
type Count struct {
	Name   string `json:"name"`
	Alerts int64  `json:"alerts"`
}

// Times are how long people took, of the alerts of one level; "" is all of them. Alerts that ended by themselves are in
// none. Milliseconds.
type Times struct {
	Level        string `json:"level"`
	Acknowledged Spread `json:"acknowledged"` // until somebody took note: acknowledged or closed it
	Closed       Spread `json:"closed"`
}

// Spread is how a number of spans lie.
type Spread struct {
	N        int64 `json:"n"`
	MedianMS int64 `json:"median_ms"`
	P90MS    int64 `json:"p90_ms"`
	MaxMS    int64 `json:"max_ms"`
}

// Item is one alert in a list.
type Item struct {
	ID       string    `json:"id"`
	Short    string    `json:"short"`
	Level    string    `json:"level"`
	Rule     string    `json:"rule"`
	What     string    `json:"what"`
	WhatKo   string    `json:"what_ko,omitempty"`
	Created  time.Time `json:"created"`
	Last     time.Time `json:"last"`
	Hits     int64     `json:"hits"`
	State    string    `json:"state"`
	Assignee string    `json:"assignee,omitempty"`
}

// Escalation is a message that went on because nobody acknowledged in time.
type Escalation struct {
	Item
	At      time.Time `json:"at"`
	Channel string    `json:"channel"`
	Sent    bool      `json:"sent"` // false: it waits, or never arrived
}

// Risk is the score of a person, a host or an address.
type Risk struct {
	Kind   string  `json:"kind"`
	Value  string  `json:"value"`
	Score  float64 `json:"score"`
	Alerts int     `json:"alerts"`
	Rules  int     `json:"rules"`
}

// Bounds of lists. What is left out is counted.
const (
	MaxOpen  = 200
	maxRisk  = 20
	maxTold  = 500 // alerts that are asked about, the worst first
	maxSteps = 500 // days that are read one by one
)

// levels are those of alerts, the worst first.
var levels = []string{"critical", "high", "medium", "low", "informational"}

// rank is the place of a level among them; one that is not known is the last.
func rank(level string) int {
	if i := slices.Index(levels, level); i >= 0 {
		return i
	}
	return len(levels)
}

// Gather finds out the facts of a time. Alerts are of the time in which they were made, and in the state that they had at its end.
// Memory is bounded by the alerts of some days.
func Gather(ctx context.Context, r Reader, from, to time.Time, zone *time.Location, now time.Time) (*Facts, error) {
	if zone == nil {
		zone = time.UTC
	}
	g := &gatherer{
		Facts: &Facts{V: 1, From: from, To: to, Zone: zone.String(), Made: now, TimesKnown: r.Changes != nil, ToldKnown: r.Told != nil, RiskKnown: r.Risk != nil},
		r:     r, zone: zone, seen: map[string]bool{}, late: map[string]bool{}, levels: map[string]*Level{}, rules: map[string]*Rule{}, counts: [3]map[string]int64{{}, {}, {}}, acked: map[string][]int64{}, closed: map[string][]int64{},
	}
	if g.AsOf = now; r.Changes != nil && to.Before(now) {
		g.AsOf = to
	}
	g.Days = make([]int64, g.day(to.Add(-time.Nanosecond))+1)
	// A last hit may be long after an alert was made: days up to now are read, and what was made elsewhere is left.
	until := now
	if until.Before(to) {
		until = to
	}
	step := 24 * time.Hour
	if n := until.Sub(from) / maxSteps; n > step {
		step = n
	}
	for at := from; at.Before(until); at = at.Add(step) {
		rows, err := r.Alerts(ctx, alerting.Request{From: at, To: at.Add(step)})
		if err != nil {
			return nil, fmt.Errorf("listing alerts: %w", err)
		}
		if err := g.closedSince(ctx, rows); err != nil {
			return nil, err
		}
		if err := g.take(ctx, rows); err != nil {
			return nil, err
		}
	}
	if err := g.open(ctx); err != nil {
		return nil, err
	}
	if err := g.told(ctx); err != nil {
		return nil, err
	}
	if err := g.risk(ctx); err != nil {
		return nil, err
	}
	g.finish()
	return g.Facts, nil
}

// gatherer adds up alerts. It belongs to one goroutine.
type gatherer struct {
	*Facts
	r      Reader
	zone   *time.Location
	seen   map[string]bool // ids: an alert that is hit while it is read comes twice
	late   map[string]bool // ids of those that were closed after AsOf
	n      int64
	levels map[string]*Level
	rules  map[string]*Rule
	counts [3]map[string]int64 // attack, states, verdicts
	acked  map[string][]int64  // milliseconds by level
	closed map[string][]int64
	asked  []Item // of whom it is asked what was sent
}

// The maps of counts.
const (
	byAttack = iota
	byState
	byVerdict
)

// day is how many local days after the first one a moment is.
func (g *gatherer) day(t time.Time) int {
	return int(calendar.Civil(t, g.zone).Sub(calendar.Civil(g.From, g.zone)) / (24 * time.Hour))
}

// take counts alerts that were made in the time.
func (g *gatherer) take(ctx context.Context, rows []alerting.Row) error {
	for i := range rows {
		a := &rows[i]
		if g.n++; g.r.Step != nil && g.n%1000 == 0 {
			g.r.Step(g.n)
		}
		if g.seen[a.ID] || a.Created.Before(g.From) || !a.Created.Before(g.To) || a.Canary || a.MergedInto != "" {
			continue
		}
		g.seen[a.ID] = true
		list, err := g.back(ctx, a)
		if err != nil {
			return err
		}
		g.spans(a, list)
		g.count(a)
		if rank(a.Level) <= rank("high") {
			g.asked = append(g.asked, item(a))
		}
	}
	return nil
}

// back brings an alert into the state that it had at AsOf, and returns all that was decided about it.
func (g *gatherer) back(ctx context.Context, a *alerting.Row) ([]alert.Change, error) {
	if g.r.Changes == nil {
		return nil, nil
	}
	list, err := g.r.Changes(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("reading what was decided about alert %s: %w", a.ID, err)
	}
	if !g.AsOf.Before(g.Made) {
		return list, nil // it is as it stands
	}
	a.State, a.Verdict, a.Assignee = alert.Open, "", ""
	for _, c := range list {
		if !c.At.After(g.AsOf) { // a change of any kind says how the alert stands since
			a.State, a.Verdict, a.Assignee = c.State, c.Verdict, c.Assignee
		}
	}
	return list, nil
}

// closedSince notes alerts that are closed now and were not at AsOf: no list of open ones has them.
func (g *gatherer) closedSince(ctx context.Context, rows []alerting.Row) error {
	for i := range rows {
		a := rows[i] // a copy: it is set back
		if a.State != alert.Closed || !a.Changed.After(g.AsOf) || !a.Created.Before(g.To) || a.Canary || a.MergedInto != "" || g.late[a.ID] {
			continue
		}
		g.late[a.ID] = true
		if _, err := g.back(ctx, &a); err != nil {
			return err
		}
		if a.State != alert.Closed {
			g.Open = append(g.Open, item(&a))
		}
	}
	return nil
}

// count adds one alert to every list.
func (g *gatherer) count(a *alerting.Row) {
	hits := int64(a.Count)
	g.Alerts, g.Hits = g.Alerts+1, g.Hits+hits
	if d := g.day(a.Created); d >= 0 && d < len(g.Days) {
		g.Days[d]++
	}
	l := g.levels[a.Level]
	if l == nil {
		l = &Level{Level: a.Level}
		g.levels[a.Level] = l
	}
	l.Alerts, l.Hits = l.Alerts+1, l.Hits+hits
	r := g.rules[a.Rule]
	if r == nil {
		r = &Rule{ID: a.Rule, Title: a.Title, TitleKo: a.TitleKo, Level: a.Level, Attack: techniques(a.Tags)}
		g.rules[a.Rule] = r
	}
	r.Alerts, r.Hits = r.Alerts+1, r.Hits+hits
	switch a.State {
	case alert.Open:
		l.Open++
		r.Open++
	case alert.Acknowledged:
		l.Acknowledged++
		r.Open++
	case alert.Closed:
		l.Closed++
		r.Closed++
		g.counts[byVerdict][a.Verdict]++
		if a.Verdict == alert.FalsePositive {
			r.False++
		}
	}
	g.counts[byState][a.State]++
	for _, t := range techniques(a.Tags) {
		g.counts[byAttack][t]++
	}
}

// techniques are the tags of ATT&CK, as they are usually written: T1110.001, credential-access.
func techniques(tags []string) []string {
	var out []string
	for _, t := range tags {
		name, ok := strings.CutPrefix(strings.ToLower(t), "attack.")
		if !ok || name == "" {
			continue
		}
		if len(name) > 1 && name[0] == 't' && name[1] >= '0' && name[1] <= '9' {
			name = strings.ToUpper(name)
		} else {
			name = strings.ReplaceAll(name, "_", "-")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// spans notes how long people took over an alert. What ended by itself says nothing of people.
func (g *gatherer) spans(a *alerting.Row, list []alert.Change) {
	acked, closed := time.Time{}, time.Time{}
	for _, c := range list {
		if c.Kind != alert.ToState || c.By == alert.Self {
			continue
		}
		if acked.IsZero() && c.State != alert.Open {
			acked = c.At
		}
		if c.State == alert.Closed {
			closed = c.At // the last one counts: one that was opened again was not done with
		} else {
			closed = time.Time{}
		}
	}
	took := func(by map[string][]int64, at time.Time) {
		if !at.IsZero() {
			ms := max(0, at.Sub(a.Created).Milliseconds()) // alerts of a device whose clock is ahead
			by[a.Level] = append(by[a.Level], ms)
			by[""] = append(by[""], ms)
		}
	}
	took(g.acked, acked)
	took(g.closed, closed)
}

// looksBack is how long before the time the last hit of an alert may be that was open in it and was closed later, by weeks.
const looksBack = 60

// open lists what was not closed at AsOf. Those of long ago come too: they are what is forgotten.
func (g *gatherer) open(ctx context.Context) error {
	rows, err := g.r.Alerts(ctx, alerting.Request{Live: true, Sort: "level"})
	if err != nil {
		return fmt.Errorf("listing open alerts: %w", err)
	}
	for i := range rows {
		a := &rows[i]
		if !a.Created.Before(g.To) || a.Canary || a.MergedInto != "" {
			continue
		}
		if a.Changed.After(g.AsOf) || g.AsOf.Before(g.Made) && a.Changes > 0 {
			if _, err := g.back(ctx, a); err != nil {
				return err
			}
		}
		if a.State != alert.Closed {
			g.Open = append(g.Open, item(a))
		}
	}
	const week = 7 * 24 * time.Hour
	for i := range looksBack {
		if !g.AsOf.Before(g.Made) {
			break
		}
		to := g.From.Add(-time.Duration(i) * week)
		rows, err := g.r.Alerts(ctx, alerting.Request{State: alert.Closed, From: to.Add(-week), To: to})
		if err != nil {
			return fmt.Errorf("listing closed alerts: %w", err)
		}
		if err := g.closedSince(ctx, rows); err != nil {
			return err
		}
	}
	slices.SortStableFunc(g.Open, func(a, b Item) int {
		return cmp.Or(rank(a.Level)-rank(b.Level), a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	if n := len(g.Open) - MaxOpen; n > 0 {
		g.Open, g.OpenLeft = g.Open[:MaxOpen], int64(n)
	}
	return nil
}

// item is an alert as lists have it.
func item(a *alerting.Row) Item {
	what := a.What
	if what == "" {
		what = a.Title
	}
	return Item{ID: a.ID, Short: a.Short, Level: a.Level, Rule: a.Rule, What: what, WhatKo: a.WhatKo, Created: a.Created, Last: a.Last, Hits: int64(a.Count), State: a.State, Assignee: a.Assignee}
}

// told asks what was sent about alerts that are high or worse.
func (g *gatherer) told(ctx context.Context) error {
	if g.r.Told == nil {
		return nil
	}
	slices.SortStableFunc(g.asked, func(a, b Item) int {
		return cmp.Or(rank(a.Level)-rank(b.Level), a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	for _, it := range g.asked[:min(len(g.asked), maxTold)] {
		past, err := g.r.Told(ctx, it.ID)
		if err != nil {
			return fmt.Errorf("asking who was told of alert %s: %w", it.ID, err)
		}
		for _, p := range past {
			if p.Kind == "escalation" && p.Channel != "" {
				g.Escalations = append(g.Escalations, Escalation{Item: it, At: p.At, Channel: p.Channel, Sent: p.What == "sent"})
			}
		}
	}
	return nil
}

// risk lists what is at risk now.
func (g *gatherer) risk(ctx context.Context) error {
	if g.r.Risk == nil {
		return nil
	}
	list, err := g.r.Risk(ctx, alerting.RiskRequest{Size: maxRisk})
	if err != nil {
		return fmt.Errorf("asking for risk: %w", err)
	}
	for _, x := range list {
		g.Risk = append(g.Risk, Risk{Kind: x.Kind, Value: x.Value, Score: x.Score, Alerts: x.Alerts, Rules: x.Rules})
	}
	return nil
}

// finish brings everything into an order that does not depend on that of maps.
func (g *gatherer) finish() {
	for _, name := range levels {
		l := g.levels[name]
		if l == nil {
			l = &Level{Level: name}
		}
		g.Levels = append(g.Levels, *l)
	}
	for _, r := range g.rules {
		g.Rules = append(g.Rules, *r)
	}
	slices.SortFunc(g.Rules, func(a, b Rule) int { return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), strings.Compare(a.ID, b.ID)) })
	for i, list := range []*[]Count{&g.Attack, &g.States, &g.Verdicts} {
		for name, n := range g.counts[i] {
			*list = append(*list, Count{name, n})
		}
		slices.SortFunc(*list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), strings.Compare(a.Name, b.Name)) })
	}
	for _, name := range append(slices.Clone(levels), "") {
		if len(g.acked[name])+len(g.closed[name]) > 0 {
			g.Times = append(g.Times, Times{Level: name, Acknowledged: spread(g.acked[name]), Closed: spread(g.closed[name])})
		}
	}
}

// spread sorts spans in place.
func spread(list []int64) Spread {
	if len(list) == 0 {
		return Spread{}
	}
	slices.Sort(list)
	at := func(q float64) int64 { return list[min(len(list)-1, int(q*float64(len(list))))] }
	return Spread{N: int64(len(list)), MedianMS: list[(len(list)-1)/2], P90MS: at(0.9), MaxMS: list[len(list)-1]}
}
