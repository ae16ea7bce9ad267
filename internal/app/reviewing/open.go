package reviewing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/internal/calendar"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/internal/review/store"
)

// sumOf is the SHA-256 of bytes in hexadecimal.
func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// open answers AskOpen.
func (k *Desk) open(ctx context.Context, r reviewing.OpenRequest, each func([]byte) error) (reviewing.View, error) {
	v, existing, err := k.draft(ctx, r, each)
	id := r.Month
	if v.Facts != nil {
		id = v.Facts.ID
	}
	action := "review-open"
	if r.Preview {
		action = "review-preview"
	}
	k.note(ctx, action, strings.TrimSpace(id+" "+r.System), r.Why, err)
	if err != nil {
		return reviewing.View{}, err
	}
	out, err := k.view(v)
	out.Existing = existing
	return out, err
}

// draft finds or makes the draft of a period.
func (k *Desk) draft(ctx context.Context, r reviewing.OpenRequest, each func([]byte) error) (v store.View, existing bool, err error) {
	p, err := k.d.Policy()
	if err != nil {
		return v, false, err
	}
	o := draft.Options{By: who(ctx), Now: k.d.Now(), Searches: nil}
	old := store.View{}
	if r.Correct != "" {
		if old, err = k.correct(&r); err != nil {
			return v, false, err
		}
	}
	if o.Period, o.Before, err = k.period(p, r); err != nil {
		return v, false, err
	}
	revision := 1
	if old.Facts != nil {
		revision = old.Facts.Revision + 1
	}
	o.ID = store.ID(o.Period.Name, r.System, revision)
	if have, err := k.store.Get(o.ID); err == nil && (!r.Redraft || have.Facts.State == review.Signed) {
		return have, true, nil
	}
	if o.Systems, err = systemsOf(p, r.System); err != nil {
		return v, false, err
	}
	if o.Searches, err = draft.Load(k.d.Data); err != nil {
		return v, false, err
	}
	k.plan(p, &o)
	o.Users = k.people()
	o.Progress = func(pr draft.Progress) {
		if b, err := json.Marshal(pr); err == nil && each != nil {
			_ = each(b) // who asked has gone: ctx says so
		}
	}
	k.drafting.Lock()
	defer k.drafting.Unlock()
	ar, err := k.d.Archive()
	if err != nil {
		return v, false, err
	}
	l := &looker{k: k, ar: ar, p: o.Period}
	o.Gaps = expired(ar.Actions(), o.Period)
	o.Spelled, o.Missing = l.spelled, l.unheard
	f, err := draft.Draft(ctx, ar, o)
	if err != nil {
		return v, false, fmt.Errorf("drafting the review %s: %w", o.ID, err)
	}
	f.Record.Gaps = append(l.unread(f.Record.Unreadable), f.Record.Gaps...) // now that all was read that is read
	if f.Revision = revision; revision > 1 {
		f.Corrects, f.Why = old.Facts.ID, r.Why
	}
	if r.Preview {
		f.State = review.Preview
		return store.View{Facts: f}, false, nil
	}
	v, err = k.store.Put(f)
	return v, false, err
}

// correct finds the review that is to be corrected, and makes the question that of its period.
func (k *Desk) correct(r *reviewing.OpenRequest) (store.View, error) {
	old, err := k.store.Get(r.Correct)
	if err != nil {
		return old, err
	}
	refuse := func(what, do string) (store.View, error) {
		return store.View{}, &fault.Error{Code: "review-correct", What: what, Where: r.Correct, Do: do, Exit: fault.ExitUsage}
	}
	switch {
	case strings.TrimSpace(r.Why) == "":
		return refuse("what is wrong with the review is not said", "write it with --why TEXT: the correction names it")
	case old.Facts.State != review.Signed:
		return refuse("a review that nobody has signed needs no correction", "weir review open --redraft reads the archive again")
	}
	f := old.Facts
	r.Month, r.Zone, r.System = monthOf(f.Period), cmp.Or(r.Zone, f.Period.Zone), ""
	if len(f.Systems) == 1 && f.ID == store.ID(f.Period.Name, f.Systems[0].ID, f.Revision) {
		r.System = f.Systems[0].ID
	}
	return old, nil
}

// period is the period that is asked for: the last one that is over, or that of a month.
func (k *Desk) period(p *policy.Policy, r reviewing.OpenRequest) (now, before review.Period, err error) {
	zone := named(p.Zone())
	if r.Zone != "" {
		if zone, err = time.LoadLocation(r.Zone); err != nil {
			return now, before, &fault.Error{Code: "review-period", What: "there is no time zone " + r.Zone, Do: "write it as Asia/Seoul, or UTC", Exit: fault.ExitUsage, Cause: err}
		}
	}
	cycle, _ := p.Review()
	today := k.d.Now()
	if r.Month == "" {
		now, before, err = draft.PeriodOf(cycle, today, zone)
		if err == nil {
			now, before, err = draft.PeriodOf(cycle, before.From, zone)
		}
		return now, before, err
	}
	month, err := time.Parse("2006-01", r.Month)
	if err != nil {
		return now, before, &fault.Error{Code: "review-period", What: fmt.Sprintf("%q is no month", r.Month), Do: "write it as 2026-10", Exit: fault.ExitUsage, Cause: err}
	}
	day := calendar.Start(month, zone)
	if day.After(today) {
		return now, before, &fault.Error{Code: "review-period", What: r.Month + " has not begun", Do: "review a month that is over", Exit: fault.ExitUsage}
	}
	return draft.PeriodOf(cycle, day, zone)
}

// named gives the zone of this machine the name that other machines know it by: what is signed must mean the same there.
func named(zone *time.Location) *time.Location {
	if zone != time.Local {
		return zone
	}
	name := os.Getenv("TZ")
	if target, err := filepath.EvalSymlinks("/etc/localtime"); name == "" && err == nil {
		_, name, _ = strings.Cut(target, "/zoneinfo/")
	}
	if l, err := time.LoadLocation(name); err == nil && l != time.Local {
		return l // of no name, too: that is UTC
	}
	return time.UTC
}

// due is from when on a review is overdue: the midnight of its zone so many days after its end.
func due(p review.Period, grace int) time.Time {
	zone := p.Location()
	return calendar.Start(calendar.Civil(p.To, zone).AddDate(0, 0, grace), zone).UTC()
}

// plan puts the policy into the options: the cycle, and the law as it stood on the last day of the period.
func (k *Desk) plan(p *policy.Policy, o *draft.Options) {
	cycle, grace := p.Review()
	o.Policy = review.Policy{Version: p.Version(), Cycle: cycle, Grace: grace, Due: due(o.Period, grace)}
	o.Law = []review.Law{}
	for _, l := range p.Laws(o.Period.To.Add(-time.Second)) {
		o.Law = append(o.Law, review.Law{
			Class: l.Class, Law: l.Law.En, LawKo: l.Law.Ko, Article: l.Article, Notice: l.Notice, Applies: l.Applies.En, AppliesKo: l.Applies.Ko,
			Note: l.Note.En, NoteKo: l.Note.Ko, Review: l.Review, Keep: l.Keep, Status: string(l.Status), Checked: l.Checked,
		})
	}
}

// systemsOf are the systems of the policy, or the one that is asked for.
func systemsOf(p *policy.Policy, only string) ([]draft.System, error) {
	var out []draft.System
	var names []string
	for _, s := range p.Systems() {
		names = append(names, s.Name)
		if only == "" || s.Name == only {
			out = append(out, systemOf(s))
		}
	}
	switch {
	case len(names) == 0:
		return nil, &fault.Error{Code: "review-systems", What: "no system that holds personal data is known", Where: "privacy/systems.yaml in the data folder", Do: "write which there are: docs/review.md", Exit: fault.ExitUsage}
	case len(out) == 0:
		return nil, &fault.Error{Code: "review-systems", What: fmt.Sprintf("no system is called %q", only), Where: "privacy/systems.yaml", Do: "there are: " + strings.Join(names, ", "), Exit: fault.ExitUsage}
	}
	return out, nil
}

// systemOf says of a system what a draft needs. Its events are what its owner names, and the records that say its name.
func systemOf(s *policy.System) draft.System {
	d := draft.System{
		ID: s.Name, Title: cmp.Or(s.Title.En, s.Title.Ko, s.Name), TitleKo: s.Title.Ko, Owner: s.Owner, Reviewers: s.Reviewers, Class: s.Class, Subjects: s.Subjects,
		Sensitive: s.Sensitive || s.UniqueIdentifiers, Names: s.Aliases, Hosts: s.Hosts, Hours: s.Hours.String(), Home: s.Countries, Expected: s.Addresses, Shared: s.SharedAccounts,
	}
	var parts []string
	if s.Events != "" {
		parts = append(parts, "("+s.Events+")")
	}
	if len(s.Datasets) > 0 {
		quoted := make([]string, len(s.Datasets))
		for i, v := range s.Datasets {
			quoted[i] = review.Quote(v)
		}
		parts = append(parts, "event.dataset: ("+strings.Join(quoted, " or ")+")")
	}
	d.Events = strings.Join(parts, " or ")
	d.Match, d.MatchText = s.Condition(), s.Match
	if s.Zone != "" {
		d.Zone, _ = time.LoadLocation(s.Zone) // the policy has checked it
	}
	return d
}

// people finds accounts in the list of users; nil where there is none.
func (k *Desk) people() func(string, time.Time) (draft.Person, bool) {
	if k.d.Users == nil {
		return nil
	}
	list := k.d.Users()
	if list == nil || list.Len() == 0 {
		return nil
	}
	return func(account string, at time.Time) (draft.Person, bool) {
		u := list.Find(account, at.UnixNano())
		if u == nil {
			return draft.Person{}, false
		}
		return draft.Person{Name: u.Name, Department: u.Department, Owner: u.Owner, Privileged: u.Privileged}, true
	}
}
