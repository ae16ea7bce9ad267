package draft

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"weir/event"
	"weir/internal/match"
	"weir/internal/query"
	"weir/internal/review"
)

// A tally is filled by one goroutine, event by event, in the order of their times: what is said of an account at a moment, such
// as that its right was taken away, is known from the events before it. Strings of an event end with it, so whatever is kept is
// cloned once, when it is first seen, and never again for the events after it.
//
// Whose account it is in an event depends on the record: `user.name` is who acted, `user.target.name` whom it was done to. An
// account counts as having access when it logged on, handled data, or holds a right. One that only failed to log on does not:
// guessed names are no accounts, and a machine on the internet sees thousands of them a day.

// Bounds of what is kept of one system. What is above is counted, not kept.
const (
	maxAccounts  = 20000
	maxDownloads = 20000
	maxRights    = 10000
	maxBulk      = 1000
	maxAlerts    = 2000
	maxPlaces    = 50000
	maxGroups    = 50000
	maxSet       = 64 // different addresses of an account
	maxHeard     = 2000
	topPlaces    = 100
	maxText      = 300
)

// Datasets of alerts and of what people did with them.
const (
	alertDataset  = "weir.alert"
	changeDataset = "weir.change"
)

// tally is what is known of one system so far.
type tally struct {
	sys       System
	bareText  string // of what names the system, alerts about it among them
	scopeText string // of its events without those: alerts are counted by themselves
	bare      *query.Query
	rest      *match.Cond // of its events besides bare, where no query says which they are; may be nil
	is, was   *compiled   // searches of the period, and of the one before
	counts    []*count    // by the findings of is

	accounts map[string]*account
	failed   map[string]int64 // by names, most of which are no accounts
	holders  map[string]*holder
	now, old numbers
	oldNames map[string]bool // accounts of the period before
	lastSeen map[string]time.Time

	missing    map[string]int64
	hours      [2][7][24]int64
	places     [3]map[string]*place // countries, networks, addresses
	rightsList []review.RightsChange
	downloads  []review.Handling
	bulk       []review.Handling
	alerts     map[string]*review.Alert
	alertOrder []string
	first      time.Time
	last       time.Time
	classes    map[string]bool // retention classes of its records
	days       map[string]bool // of the period's zone, on which there was an event
	sources    map[string]bool // input/address of its events
	datasets   map[string]bool
	oldAlerts  map[string]bool // ids of the period before
	left       map[string]int64
	scratch    []byte
}

// numbers are those that are compared with the period before.
type numbers struct {
	events, records, incomplete, logons, failed, rights, downloads, bulk, alerts int64
}

// account is one account as it is counted.
type account struct {
	review.Account
	addresses map[string]bool
	countries map[string]bool
	afterGone bool // used after its right was removed
}

// holder is what an account may do, as the records of rights say.
type holder struct {
	rights           map[string]bool
	granted, removed time.Time
}

// place is where logons came from.
type place struct {
	review.Place
	accounts map[string]bool
}

// newTally begins a system.
func newTally(s System) *tally {
	names := spellings(append([]string{s.ID}, s.Names...))
	ways := []string{oneOf("weir.privacy.system", names), oneOf("weir.rights.system", names)}
	if hosts := spellings(s.Hosts); len(hosts) > 0 {
		ways = append(ways, oneOf("host.name", hosts))
	}
	exact, more, rest := matching(s.Match)
	for _, text := range []string{s.Events, exact} {
		if strings.TrimSpace(text) != "" {
			ways = append(ways, "("+text+")")
		}
	}
	bare := strings.Join(ways, " or ")
	scope := bare
	if rest != nil {
		scope += " or (" + more + ")"
	}
	t := &tally{
		sys: s, bareText: bare, rest: rest, scopeText: "(" + scope + `) and not event.dataset: ("weir.alert" or "weir.change")`,
		sources: map[string]bool{}, datasets: map[string]bool{}, oldAlerts: map[string]bool{}, accounts: map[string]*account{},
		failed: map[string]int64{}, holders: map[string]*holder{}, oldNames: map[string]bool{}, lastSeen: map[string]time.Time{},
		classes: map[string]bool{}, days: map[string]bool{}, missing: map[string]int64{}, alerts: map[string]*review.Alert{}, left: map[string]int64{},
	}
	for i := range t.places {
		t.places[i] = map[string]*place{}
	}
	return t
}

// What an account may do is worked out from the records of rights alone, in their order, from the beginning of the archive: a
// grant adds, a removal takes away, a change does both, and a list of who holds what (held) adds. The archive keeps these
// records for years, so the answer is as old as the records are. Rights that the system itself gave (useradd, a group of
// Windows) are told of as changes and are not worked out: no record says what they allow.

// holds notes a record of rights. Those of the period itself also make a change of the list, in the second pass.
func (t *tally) holds(e *event.Event, at time.Time, p review.Period) {
	name := target(e)
	if name == "" {
		return
	}
	h := t.holders[name]
	if h == nil {
		if len(t.holders) >= maxAccounts {
			t.left["accounts"]++
			return
		}
		h = &holder{rights: map[string]bool{}}
		t.holders[name] = h
	}
	rights := texts(e, event.WeirRightsRight)
	switch e.Str(event.WeirRightsAction) {
	case "remove":
		if len(rights) == 0 {
			clear(h.rights)
		}
		for _, r := range rights {
			delete(h.rights, r)
		}
		if len(h.rights) == 0 && !at.Before(p.From) {
			h.removed = at
		}
	case "change":
		for _, r := range texts(e, event.WeirRightsOld) {
			delete(h.rights, r)
		}
		for _, r := range texts(e, event.WeirRightsNew) {
			h.rights[r] = true
		}
		h.granted = at
	default: // grant, held
		if len(rights) == 0 {
			rights = []string{"-"}
		}
		for _, r := range rights {
			h.rights[r] = true
		}
		h.granted, h.removed = at, time.Time{}
	}
}

// The time before the period is read for three answers: since when an account is silent (as far back as the setting dormant
// says), who was there in the period before, and how much of everything there was then. It is counted with the searches of its
// own period, because the working hours are written as times.

// earlier counts an event before the period: when somebody was seen last, and what there was in the period before.
func (t *tally) earlier(e *event.Event, at time.Time, before bool) {
	c := t.was
	logon, access := c.define["logon"].Match(e), c.define["access"].Match(e)
	name := who(e)
	if (logon || access) && name != "" && (len(t.lastSeen) < maxAccounts || !t.lastSeen[name].IsZero()) {
		t.lastSeen[name] = at
	}
	if !before {
		return
	}
	t.hear(e)
	if (logon || access) && name != "" && len(t.oldNames) < maxAccounts {
		t.oldNames[name] = true
	}
	t.old.add(c, e, logon, access)
	for i, f := range c.finding {
		if f.query != nil && i < len(t.counts) && f.query.Match(e) {
			t.counts[i].before++
		}
	}
}

// add counts an event by what it is. One event may be several things, a download is a record too; a logon is never also a
// failed one.
func (n *numbers) add(c *compiled, e *event.Event, logon, access bool) {
	n.events++
	if logon {
		n.logons++
	} else if c.define["failed"].Match(e) {
		n.failed++
	}
	if access {
		n.records++
		if e.Has(event.WeirPrivacyMissing) {
			n.incomplete++
		}
		if c.define["download"].Match(e) {
			n.downloads++
		}
		if c.define["handled"].Match(e) {
			n.bulk++
		}
	}
	if c.define["rights"].Match(e) || c.define["native"].Match(e) {
		n.rights++
	}
}

// event counts an event of the period. What it is is decided once, by the definitions; the lists below take it by that, so
// that a list and the number beside it can never differ.
func (t *tally) event(e *event.Event, at time.Time, zone *time.Location) {
	c := t.is
	if t.first.IsZero() {
		t.first = at
	}
	if t.last = at; !t.days[at.In(zone).Format(time.DateOnly)] {
		t.days[at.In(zone).Format(time.DateOnly)] = true
	}
	remember(t.classes, e.Str(event.WeirClass))
	t.hear(e)
	was := t.now
	logon, access := c.define["logon"].Match(e), c.define["access"].Match(e)
	t.now.add(c, e, logon, access)
	failed := t.now.failed > was.failed
	if logon || access {
		t.account(e, at, logon, access)
	}
	if logon || failed {
		t.logon(e, at, failed, zone)
	}
	if access {
		for _, m := range texts(e, event.WeirPrivacyMissing) {
			t.missing[m]++
		}
		if t.now.downloads > was.downloads {
			t.downloads = keep(t, "downloads", t.downloads, maxDownloads, func() review.Handling { return handling(e, at) })
		}
		if t.now.bulk > was.bulk {
			t.bulk = keep(t, "bulk", t.bulk, maxBulk, func() review.Handling { return handling(e, at) })
		}
	}
	if t.now.rights > was.rights {
		t.rightsList = keep(t, "rights", t.rightsList, maxRights, func() review.RightsChange { return change(e, at) })
	}
	for i, f := range c.finding {
		if f.query != nil && f.query.Match(e) {
			t.counts[i].add(f, e, at, *c.set.List)
		}
	}
}

// hear notes where an event came from and what it is: what is missing of those is missing here.
func (t *tally) hear(e *event.Event) {
	if d := e.Str(event.EventDataset); d != "" && !t.datasets[d] && len(t.datasets) < maxHeard {
		t.datasets[strings.Clone(d)] = true
	}
	input := e.Str(event.WeirInput)
	if input == "" {
		return // made by weir
	}
	t.scratch = append(append(append(t.scratch[:0], input...), '/'), e.Str(event.LogSourceAddress)...)
	if !t.sources[string(t.scratch)] && len(t.sources) < maxHeard {
		t.sources[string(t.scratch)] = true
	}
}

// keep adds to a list up to its bound.
func keep[T any](t *tally, name string, list []T, limit int, make func() T) []T {
	if len(list) >= limit {
		t.left[name]++
		return list
	}
	return append(list, make())
}

// account counts what an account did. It makes the account where it is new: only events that show access come here.
func (t *tally) account(e *event.Event, at time.Time, logon, access bool) {
	name := who(e)
	if name == "" {
		return
	}
	a := t.accounts[name]
	if a == nil {
		if len(t.accounts) >= maxAccounts {
			t.left["accounts"]++
			return
		}
		a = &account{addresses: map[string]bool{}, countries: map[string]bool{}}
		a.Name, a.First = name, at
		t.accounts[name] = a
	}
	a.Last = at
	if logon {
		a.Logons++
		a.LastLogon = at
	}
	if access {
		a.Records++
		a.Subjects += subjects(e)
		if t.is.define["download"].Match(e) {
			a.Downloads++
		}
	}
	if t.is.off.Match(e) {
		a.OffHours++
	}
	if t.is.foreign.Match(e) {
		a.Foreign++
	}
	if t.is.shared.Match(e) {
		a.Shared = true
	}
	remember(a.addresses, e.Str(event.SourceIP))
	remember(a.countries, e.Str(event.SourceGeoCountryIsoCode))
	if h := t.holders[name]; h != nil && !h.removed.IsZero() && at.After(h.removed) {
		a.afterGone = true
	}
	a.person(e)
}

// person notes what enrichment knew of the account.
func (a *account) person(e *event.Event) {
	for _, x := range []struct {
		to *string
		f  event.Field
	}{{&a.Person, event.WeirUserName}, {&a.Department, event.WeirUserDepartment}, {&a.Owner, event.WeirUserOwner}} {
		if s := e.Str(x.f); s != "" && s != *x.to {
			*x.to = strings.Clone(s)
		}
	}
	if e.Get(event.WeirUserPrivileged).Bool() {
		a.Privileged = true
	}
}

// remember puts a value into a small set.
func remember(set map[string]bool, s string) {
	if s != "" && len(set) < maxSet && !set[s] {
		set[strings.Clone(s)] = true
	}
}

// The picture of when and where is kept twice, for logons and for failed ones: a hundred failures of one address at night
// would hide the one logon that matters.

// logon counts a logon, or one that failed, by when and where.
func (t *tally) logon(e *event.Event, at time.Time, failed bool, zone *time.Location) {
	name, local := who(e), at.In(zone)
	kind := 0
	if failed {
		kind = 1
		if n, ok := t.failed[name]; ok {
			t.failed[name] = n + 1
		} else if len(t.failed) < maxGroups {
			t.failed[strings.Clone(name)] = 1
		}
	}
	t.hours[kind][(int(local.Weekday())+6)%7][local.Hour()]++
	address := e.Str(event.SourceIP)
	country := e.Str(event.SourceGeoCountryIsoCode)
	for i, key := range []string{country, networkOf(e, address), address} {
		if i == 2 && key == "" {
			continue
		}
		p := t.places[i][key]
		if p == nil {
			if len(t.places[i]) >= maxPlaces {
				t.left["addresses"]++
				continue
			}
			p = &place{accounts: map[string]bool{}}
			p.Name = strings.Clone(key)
			if i == 2 {
				p.Country = strings.Clone(country)
			}
			t.places[i][p.Name] = p
		}
		if failed {
			p.Failed++
		} else {
			p.Success++
		}
		remember(p.accounts, name)
	}
}

// networkOf is the zone that an address is in: the site of the inventory, else private, internet, or local where there is none.
func networkOf(e *event.Event, address string) string {
	if site := e.Str(event.WeirAssetSourceSite); site != "" {
		return site
	}
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
		return "local"
	case a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast():
		return "private"
	}
	return "internet"
}

// An alert names its group's fields and the events behind it, with the fields that mattered for the rule. It has no field that
// says which system it is about, so the scope is held against both: against the alert, and against each event behind it as far
// as the alert kept it.

// about tells whether an alert is about the system: its own fields say so, or those of one of the events behind it.
func (t *tally) about(e, scratch *event.Event) bool {
	if t.own(e) {
		return true
	}
	list := e.Get(event.WeirAlertEvidence)
	for i := range list.Len() {
		values := list.Item(i).Get("values")
		scratch.Reset()
		if values.Kind() != event.Object {
			continue // not of this weir: an alert may come back from anywhere
		}
		for j := range values.Len() {
			path, v := values.Member(j)
			scratch.SetPath(path, v)
		}
		if scratch.Len() > 0 && t.own(scratch) {
			return true
		}
	}
	return false
}

// Alerts are kept in the order in which they first came, by their id: each hit of a running alert is an event of its own.

// alert notes an alert of the period. Its later revisions take the place of the first.
func (t *tally) alert(e *event.Event, at time.Time, o *Options) {
	if at.Before(o.Period.From) {
		if id := e.Str(event.WeirAlertID); !at.Before(o.Before.From) && !t.oldAlerts[id] && len(t.oldAlerts) < maxAlerts {
			t.oldAlerts[strings.Clone(id)] = true // each of its hits is an event
			t.old.alerts++
		}
		return
	}
	id := e.Str(event.WeirAlertID)
	a := t.alerts[id]
	if a == nil {
		t.now.alerts++
		if len(t.alerts) >= maxAlerts {
			t.left["alerts"]++
			return
		}
		a = &review.Alert{ID: strings.Clone(id), State: "open"}
		t.alerts[a.ID] = a
		t.alertOrder = append(t.alertOrder, a.ID)
	}
	a.At, a.Count = at, e.Get(event.WeirAlertCount).Int()
	a.Rule, a.Title, a.Level, a.Text = cloned(e, event.RuleID), cloned(e, event.RuleName), cloned(e, event.WeirAlertLevel), short(e.Str(event.Message))
}

// decided notes what somebody did with an alert.
func (t *tally) decided(e *event.Event) {
	if a := t.alerts[e.Str(event.WeirAlertID)]; a != nil {
		a.State, a.Verdict = cloned(e, event.WeirAlertState), cloned(e, event.WeirAlertVerdict)
	}
}

// who is the account of an event.
func who(e *event.Event) string {
	if s := e.Str(event.UserName); s != "" {
		return strings.Clone(s)
	}
	return cloned(e, event.UserID)
}

// target is whose right it is.
func target(e *event.Event) string {
	if s := e.Str(event.UserTargetName); s != "" {
		return strings.Clone(s)
	}
	return cloned(e, event.UserTargetID)
}

func cloned(e *event.Event, f event.Field) string { return strings.Clone(e.Str(f)) }

// texts are the values of a field, which outlive the event.
func texts(e *event.Event, f event.Field) []string {
	v := e.Get(f)
	out := make([]string, 0, v.Len())
	for i := range v.Len() {
		if s := v.Item(i).Text(); s != "" {
			out = append(out, strings.Clone(s))
		}
	}
	return out
}

// subjects is how many data subjects a record is about; one that names none and counts none is about nobody that is known.
func subjects(e *event.Event) int64 {
	if e.Has(event.WeirPrivacySubjectCount) {
		return e.Get(event.WeirPrivacySubjectCount).Int()
	}
	return int64(e.Get(event.WeirPrivacySubjectID).Len())
}

// handling makes the entry of a record.
func handling(e *event.Event, at time.Time) review.Handling {
	address := cloned(e, event.SourceIP)
	if address == "" {
		address = cloned(e, event.SourceDomain)
	}
	return review.Handling{
		Event: cloned(e, event.EventID), At: at, Account: who(e), Address: address, Action: cloned(e, event.WeirPrivacyAction), Subjects: subjects(e), Reason: short(e.Str(event.WeirPrivacyReason)),
	}
}

// change makes the entry of a change of rights. A record of the system itself names whom it is about in one of two ways.
func change(e *event.Event, at time.Time) review.RightsChange {
	c := review.RightsChange{
		Event: cloned(e, event.EventID), At: at, Action: cloned(e, event.WeirRightsAction), By: who(e), Account: target(e), Right: strings.Join(texts(e, event.WeirRightsRight), ", "),
		Old: strings.Join(texts(e, event.WeirRightsOld), ", "), New: strings.Join(texts(e, event.WeirRightsNew), ", "),
		Approved: cloned(e, event.WeirRightsApprovedBy), Reason: short(e.Str(event.WeirRightsReason)), Dataset: cloned(e, event.EventDataset), Host: cloned(e, event.HostName),
	}
	if c.Dataset == "access_rights.log" {
		return c
	}
	c.Native, c.Action, c.Right = true, cloned(e, event.EventAction), cloned(e, event.GroupName)
	if c.Account == "" {
		c.Account, c.By = c.By, ""
	}
	if c.Account == "" {
		c.Reason = short(e.Str(event.Message)) // usermod names the account in words only
	}
	return c
}

// short cuts a text that somebody else wrote.
func short(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	n := 0
	for i := range s {
		if n++; n > maxText {
			return fmt.Sprintf("%s…", s[:i])
		}
	}
	return strings.Clone(s)
}
