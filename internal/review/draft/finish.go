package draft

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/calendar"
	"weir/internal/review"
)

// Here the counts become the facts. Nothing is counted any more, and nothing depends on the order of a map: lists are sorted,
// by name where people look something up, by number where they look for the most.

// facts makes what was counted the facts of the system.
func (t *tally) facts(d *drafter) review.System {
	s := review.System{
		ID: t.sys.ID, Title: t.sys.Title, TitleKo: t.sys.TitleKo, Owner: t.sys.Owner, Reviewers: t.sys.Reviewers, Class: t.sys.Class, Subjects: t.sys.Subjects, Sensitive: t.sys.Sensitive,
		Scope: t.scopeText, Match: t.matchText(), Events: t.now.events, First: t.first, Last: t.last,
		Rights: t.rightsList, Downloads: t.downloads, Bulk: t.bulk, Alerts: []review.Alert{},
	}
	s.Completeness = review.Completeness{Records: t.now.records, Incomplete: t.now.incomplete, KQL: s.Query("(" + t.is.text["access"] + ") and weir.privacy.missing: *")}
	for item, n := range t.missing {
		s.Completeness.Missing = append(s.Completeness.Missing, review.Group{Values: []string{item}, Count: n})
	}
	slices.SortFunc(s.Completeness.Missing, byCount)
	s.Logons = t.logons(&s)
	for _, id := range t.alertOrder {
		s.Alerts = append(s.Alerts, *t.alerts[id])
	}
	s.Accounts = t.accountFacts(d)
	s.Changes = t.changes(s.Accounts)
	for i, f := range t.is.finding {
		s.Findings = append(s.Findings, t.finding(f, t.counts[i], &s, d))
	}
	for _, name := range slices.Sorted(maps.Keys(t.left)) {
		s.Left = append(s.Left, review.Group{Values: []string{name}, Count: t.left[name]})
	}
	return notNil(s)
}

// matchText is the condition that says more of the scope than its query.
func (t *tally) matchText() string {
	if t.rest == nil {
		return ""
	}
	return t.sys.MatchText
}

// notNil makes missing lists empty ones: a list that is there in every review is easier to read for programs.
func notNil(s review.System) review.System {
	if s.Rights == nil {
		s.Rights = []review.RightsChange{}
	}
	if s.Downloads == nil {
		s.Downloads = []review.Handling{}
	}
	if s.Bulk == nil {
		s.Bulk = []review.Handling{}
	}
	if s.Accounts == nil {
		s.Accounts = []review.Account{}
	}
	if s.Findings == nil {
		s.Findings = []review.Finding{}
	}
	return s
}

// logons makes the picture of when and from where people logged on.
func (t *tally) logons(s *review.System) review.Logons {
	out := review.Logons{Success: t.now.logons, Failed: t.now.failed, Hours: t.hours[0], FailedHours: t.hours[1], KQL: s.Query(t.is.text["logon"]), FailedKQL: s.Query(t.is.text["failed"])}
	for i, to := range []*[]review.Place{&out.Countries, &out.Networks, &out.Addresses} {
		list := make([]review.Place, 0, len(t.places[i]))
		for _, p := range t.places[i] {
			p.Accounts = len(p.accounts)
			list = append(list, p.Place)
		}
		// Those from which somebody got in stand before those that only tried.
		slices.SortFunc(list, func(a, b review.Place) int {
			return cmp.Or(cmp.Compare(b.Success, a.Success), cmp.Compare(b.Failed, a.Failed), cmp.Compare(a.Name, b.Name))
		})
		if len(list) > topPlaces {
			t.left["addresses"] += int64(len(list) - topPlaces)
			list = list[:topPlaces]
		}
		*to = list
	}
	return out
}

// Who is in the list of accounts: everybody who was seen with access in the period, everybody who holds a right at its end, and
// everybody who lost the last one in it. The list of users is asked for each of them as of the last second of the period, since
// who left meanwhile still had an owner then.

// accountFacts joins who was seen with who holds a right.
func (t *tally) accountFacts(d *drafter) []review.Account {
	for name, h := range t.holders {
		a := t.accounts[name]
		if a == nil {
			if len(h.rights) == 0 && h.removed.IsZero() {
				continue // it lost its rights before the period and was not seen since
			}
			a = &account{}
			a.Name = name
			t.accounts[name] = a
		}
		a.Rights = slices.Sorted(maps.Keys(h.rights))
		a.Granted, a.Removed = h.granted, h.removed
	}
	atOnce := t.atOnce()
	since := d.o.Period.To.AddDate(0, 0, -*t.is.set.Dormant)
	out := make([]review.Account, 0, len(t.accounts))
	for name, a := range t.accounts {
		a.Failed = t.failed[name]
		a.Addresses, a.Countries = len(a.addresses), slices.Sorted(maps.Keys(a.countries))
		if a.LastLogon.IsZero() {
			a.LastLogon = t.lastSeen[name]
		}
		last := latest(a.Last, a.LastLogon)
		// Who got a right only lately had no reason to use it yet.
		a.Dormant = len(a.Rights) > 0 && last.Before(since) && a.Granted.Before(since)
		a.AtOnce = atOnce[name].most
		a.Shared = a.Shared || atOnce[name].hit
		a.New = t.old.events > 0 && !a.First.IsZero() && !t.oldNames[name]
		if d.o.Users != nil {
			p, ok := d.o.Users(name, d.o.Period.To.Add(-time.Second))
			a.Unlisted = !ok
			if ok {
				a.Person, a.Department, a.Owner, a.Privileged = p.Name, p.Department, p.Owner, p.Privileged
			}
		}
		out = append(out, a.Account)
	}
	slices.SortFunc(out, func(a, b review.Account) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// silentDays is from how many days on a silence is told of: a weekend is none.
const silentDays = 3

// silences are the stretches of whole days without any event of the system.
func (t *tally) silences(d *drafter) []review.Gap {
	var out []review.Gap
	var since time.Time // civil, as all days here are
	n := 0
	end := func(day time.Time) {
		if n >= silentDays {
			out = append(out, review.Gap{From: calendar.Start(since, d.zone).UTC(), To: calendar.Start(day, d.zone).UTC(), Source: "system " + t.sys.ID, Kind: "silent", N: int64(n), What: fmt.Sprintf("no event of this system for %d days", n)})
		}
		n = 0
	}
	day, over := calendar.Civil(d.o.Period.From, d.zone), calendar.Civil(d.o.Period.To, d.zone)
	if d.o.Now.Before(d.o.Period.To) { // of a period that runs: no day that is not over is silent
		over = calendar.Civil(d.o.Now, d.zone)
	}
	for ; day.Before(over); day = day.AddDate(0, 0, 1) {
		if t.days[day.Format(time.DateOnly)] {
			end(day)
			continue
		}
		if n == 0 {
			since = day
		}
		n++
	}
	end(day)
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// once is from how many addresses an account was used at a time.
type once struct {
	most int
	hit  bool
}

// atOnce reads it off the search of that name. Who switches it off gets no such number.
func (t *tally) atOnce() map[string]once {
	out := map[string]once{}
	for i, f := range t.is.finding {
		if f.spec.ID != "shared-accounts" || f.spec.Count != "distinct" || len(f.spec.By) == 0 {
			continue
		}
		for _, g := range t.counts[i].groups {
			out[g.values[0]] = once{most: int(g.count), hit: g.count >= max(1, f.spec.Threshold)}
		}
	}
	return out
}

// New and gone are said of accounts that were used. Without a single event of the period before there is nothing to compare
// with: then nobody is new, rather than everybody.

// changes compares with the period before.
func (t *tally) changes(accounts []review.Account) review.Changes {
	c := review.Changes{Known: t.old.events > 0}
	now := map[string]bool{}
	for _, a := range accounts {
		if a.Logons+a.Records > 0 {
			now[a.Name] = true
		}
	}
	if c.Known {
		for name := range now {
			if !t.oldNames[name] {
				c.New = append(c.New, name)
			}
		}
		for name := range t.oldNames {
			if !now[name] {
				c.Gone = append(c.Gone, name)
			}
		}
		slices.Sort(c.New)
		slices.Sort(c.Gone)
	}
	c.Counts = append(c.Counts, []review.Delta{
		{What: "events", Now: t.now.events, Before: t.old.events}, {What: "records", Now: t.now.records, Before: t.old.records},
		{What: "incomplete", Now: t.now.incomplete, Before: t.old.incomplete}, {What: "logons", Now: t.now.logons, Before: t.old.logons},
		{What: "failed", Now: t.now.failed, Before: t.old.failed}, {What: "rights", Now: t.now.rights, Before: t.old.rights},
		{What: "downloads", Now: t.now.downloads, Before: t.old.downloads}, {What: "bulk", Now: t.now.bulk, Before: t.old.bulk},
		{What: "alerts", Now: t.now.alerts, Before: t.old.alerts}, {What: "accounts", Now: int64(len(now)), Before: int64(len(t.oldNames))},
	}...)
	return c
}

// A finding is there whether it found something or not: "nothing was found" is what a reviewer signs too, and a search that is
// missing from the list would look like one that found nothing.

// finding makes what a search found an entry.
func (t *tally) finding(f *finding, c *count, s *review.System, d *drafter) review.Finding {
	out := review.Finding{
		ID: f.spec.ID, Title: f.spec.Title, TitleKo: f.spec.TitleKo, Severity: cmp.Or(f.spec.Severity, "medium"), How: f.spec.Count, Threshold: max(1, f.spec.Threshold),
		From: d.o.Period.From, To: d.o.Period.To, Before: c.before, Events: c.events, By: f.spec.By, Rough: c.rough,
	}
	limit := *t.is.set.List
	switch f.spec.Count {
	case "accounts":
		t.accountFinding(&out, f.spec.Accounts, s, limit)
		return out
	case "by", "distinct":
		for _, g := range c.groups {
			if g.count >= out.Threshold {
				out.Groups = append(out.Groups, review.Group{Values: g.values, Count: g.count, First: g.first, Last: g.last})
			}
		}
		slices.SortFunc(out.Groups, byCount)
		out.Count = int64(len(out.Groups))
		out.Groups, out.Left = cut(out.Groups, limit)
		out.Hit = out.Count > 0
	default:
		out.Count, out.List = c.events, c.list
		if f.spec.Count == "list" {
			out.Left = c.events - int64(len(c.list))
		}
		out.Hit = c.events >= out.Threshold
	}
	out.KQL = s.Query(f.text)
	return out
}

// cut bounds a list and says how much it left out.
func cut[T any](list []T, limit int) ([]T, int64) {
	if len(list) <= limit {
		return list, 0
	}
	return list[:limit], int64(len(list) - limit)
}

// accountFinding lists accounts of a kind. Its query finds what they did, and what was done to them.
func (t *tally) accountFinding(out *review.Finding, kind string, s *review.System, limit int) {
	out.By = []string{"user.name"}
	var names []string
	for _, a := range s.Accounts {
		hit := map[string]bool{"dormant": a.Dormant, "shared": a.Shared, "new": a.New, "unlisted": a.Unlisted, "removed": t.accounts[a.Name].afterGone}[kind]
		if hit || kind == "gone" && slices.Contains(s.Changes.Gone, a.Name) {
			names = append(names, a.Name)
			out.Groups = append(out.Groups, review.Group{Values: []string{a.Name}, Count: a.Logons + a.Records, First: a.First, Last: latest(a.Last, a.LastLogon)})
		}
	}
	if kind == "gone" { // they are not in the list of accounts unless they hold a right
		for _, name := range s.Changes.Gone {
			if !slices.Contains(names, name) {
				names = append(names, name)
				out.Groups = append(out.Groups, review.Group{Values: []string{name}, Last: t.lastSeen[name]})
			}
		}
	}
	out.Count, out.Hit = int64(len(names)), int64(len(names)) >= out.Threshold
	for _, g := range out.Groups {
		out.Events += g.Count
	}
	out.Groups, out.Left = cut(out.Groups, limit)
	// The query names those that are listed: a thousand names would be no query that anybody opens.
	names, _ = cut(names, 200)
	parts := []string{oneOf("user.name", names), oneOf("user.target.name", names)}
	if len(names) == 0 {
		parts = []string{nothing}
	}
	out.KQL = s.Query(strings.Join(parts, " or "))
	if kind == "dormant" { // their rights were given long before the period
		out.From = time.Time{}
	}
}
