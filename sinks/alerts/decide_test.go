package alerts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

const id = "3f9c000000000001"

func second(_ Row, err error) error { return err }

// TestChange follows one alert through the hands of two people.
func TestChange(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return noon }
	put(t, s, sample(id, 1))
	for i, step := range []struct {
		name    string
		version int
		d       Decision
		want    string // state, verdict, assignee, by, note, version
		err     string // or what is said
	}{
		{"the first takes it", Newest, to(alert.Acknowledged, "", "ana", "looking"), "acknowledged||ana|ana|looking|1", ""},
		{"the second acknowledges too", Newest, to(alert.Acknowledged, "", "ben", ""), "", "ana acknowledged alert 3f9c meanwhile: looking"},
		{"the second has an old page", 0, to(alert.Closed, alert.Benign, "ben", ""), "", "ana acknowledged alert 3f9c meanwhile"},
		{"a note", Newest, Decision{Kind: alert.Note, Note: " 김민수 asked \n", By: "ben"}, "acknowledged||ana|ana|looking|2", ""},
		{"on a page from before the note", 1, to(alert.Closed, alert.Benign, "ana", ""), "", "ben wrote a note on alert 3f9c meanwhile: 김민수 asked"},
		{"given away", Newest, Decision{Kind: alert.Assign, Assignee: "ben", By: "ana"}, "acknowledged||ben|ana|looking|3", ""},
		{"given away again", Newest, Decision{Kind: alert.Assign, Assignee: "ben", By: "cho"}, "", "ana gave alert 3f9c to ben meanwhile"},
		{"closed", 3, to(alert.Closed, alert.TruePositive, "ben", "account locked"), "closed|true_positive|ben|ben|account locked|4", ""},
		{"closed by the other one", Newest, to(alert.Closed, alert.Benign, "ana", ""), "", "ben closed alert 3f9c as true_positive meanwhile: account locked"},
		{"taken up after it was closed", Newest, to(alert.Acknowledged, "", "ana", ""), "", "ben closed alert 3f9c as true_positive meanwhile"},
		{"the verdict is corrected by who has seen it", 4, to(alert.Closed, alert.Benign, "ben", "a test"), "closed|benign|ben|ben|a test|5", ""},
		{"opened", Newest, to(alert.Open, "", "cho", "not over"), "open||ben|cho|not over|6", ""},
		{"nobody's", Newest, Decision{Kind: alert.Assign, By: "cho"}, "open|||cho|not over|7", ""},
		{"opened again", Newest, to(alert.Open, "", "ana", ""), "", "cho took alert 3f9c from everybody meanwhile"},
	} {
		row, err := s.Change(t.Context(), id, step.version, step.d)
		if step.err != "" {
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "alert-changed" || !strings.Contains(f.What+": "+f.Why, step.err) || f.Exit != fault.ExitFound || !strings.HasSuffix(f.Where, "Z") {
				t.Errorf("%d %s: %v, want %s", i, step.name, err, step.err)
			}
			continue
		}
		got := strings.Join([]string{row.State, row.Verdict, row.Assignee, row.By, row.Note, fmt.Sprint(row.Version)}, "|")
		if err != nil || got != step.want || !row.Changed.Equal(noon) {
			t.Errorf("%d %s: %s, %v, want %s", i, step.name, got, err, step.want)
		}
	}
	list, err := s.Changes(t.Context(), id)
	if err != nil || len(list) != 7 {
		t.Fatalf("%d changes, %v", len(list), err)
	}
	for i, c := range list {
		if c.Version != i+1 || c.Rule != "ssh-brute-force" || c.Count != 1 || !c.Created.Equal(noon) || !c.At.Equal(noon) {
			t.Errorf("change %d is %+v", i+1, c)
		}
	}
	if c := list[1]; c.State != alert.Acknowledged || c.Assignee != "ana" || c.Note != "김민수 asked" {
		t.Errorf("the note does not say how the alert stood: %+v", c)
	}
}

// TestChange_Failure: what can be no decision is refused before anything is looked at, with what to do.
func TestChange_Failure(t *testing.T) {
	s := open(t)
	put(t, s, sample(id, 1))
	for name, tc := range map[string]struct {
		d     Decision
		code  string
		words string
	}{
		"a state that is none":            {to("gone", "", "ana", ""), "alert-state", "`gone` is no state"},
		"closed without a verdict":        {to(alert.Closed, "", "ana", ""), "alert-state", "no verdict"},
		"a verdict that is none":          {to(alert.Closed, "fine", "ana", ""), "alert-state", "`fine` is no verdict"},
		"a verdict of an open one":        {to(alert.Open, alert.Benign, "ana", ""), "alert-state", "only a closed alert"},
		"by nobody":                       {to(alert.Acknowledged, "", " ", ""), "alert-state", "name of who makes it"},
		"an empty note":                   {Decision{Kind: alert.Note, Note: " \n", By: "ana"}, "alert-state", "empty"},
		"a book":                          {Decision{Kind: alert.Note, Note: strings.Repeat("x", maxNote+1), By: "ana"}, "alert-state", "8193 bytes"},
		"a name like a book":              {Decision{Kind: alert.Assign, Assignee: strings.Repeat("x", maxName+1), By: "ana"}, "alert-state", "no name"},
		"no kind":                         {Decision{By: "ana"}, "alert-state", "nothing that can be done"},
		"open as nobody ever said":        {to(alert.Open, "", "ana", ""), "alert-state", "is open already"},
		"nobody's as nobody ever said it": {Decision{Kind: alert.Assign, By: "ana"}, "alert-state", "already"},
	} {
		_, err := s.Change(t.Context(), id, Newest, tc.d)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != tc.code || !strings.Contains(f.What, tc.words) || f.Do == "" || f.Exit != fault.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := second(s.Change(t.Context(), "ffff", Newest, to(alert.Acknowledged, "", "ana", ""))); fault.Code(err) != "alert-unknown" {
		t.Errorf("an alert that is none: %v", err)
	}
	if list, err := s.Changes(t.Context(), id); err != nil || len(list) != 0 {
		t.Errorf("a refusal left %+v, %v", list, err)
	}
}

// TestChange_atOnce: of many who close at once, one does, and each of the others is told who did.
func TestChange_atOnce(t *testing.T) {
	for name, version := range map[string]int{"as it is": Newest, "the page of all": 0} {
		s := open(t)
		put(t, s, sample(id, 1))
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				errs[i] = second(s.Change(context.Background(), id, version, to(alert.Closed, alert.Benign, fmt.Sprint("u", i), "")))
			})
		}
		wg.Wait()
		winner, done := "", 0
		for i, err := range errs {
			if err == nil {
				winner = fmt.Sprint("u", i)
				done++
			}
		}
		for i, err := range errs {
			if err != nil && (fault.Code(err) != "alert-changed" || !strings.Contains(err.Error(), winner+" closed alert 3f9c as benign meanwhile")) {
				t.Errorf("%s: u%d is told %v", name, i, err)
			}
		}
		if list, err := s.Changes(t.Context(), id); done != 1 || err != nil || len(list) != 1 || list[0].By != winner {
			t.Errorf("%s: %d of 8 closed it; %+v, %v", name, done, list, err)
		}
	}
}

// TestDue: what weir decides by itself, after further revisions of an alert.
func TestDue(t *testing.T) {
	over := noon.Add(time.Minute)
	for _, tc := range []struct {
		name   string
		decide []Decision // by people, after the first revision
		then   func(*alert.Alert)
		want   string // state, verdict, by, assignee, number of changes
		note   string
	}{
		{"nothing happens to an open one", nil, func(*alert.Alert) {}, "open||||0", ""},
		{"further hits of one that is in work", []Decision{to(alert.Acknowledged, "", "ana", "")}, func(*alert.Alert) {}, "acknowledged||ana|ana|1", ""},
		{"closed, and it goes on", []Decision{to(alert.Acknowledged, "", "ana", ""), to(alert.Closed, alert.TruePositive, "ben", "")}, func(a *alert.Alert) { a.Count = 4 },
			"open||weir|ana|3", "3 further hits after it was closed"},
		{"closed as benign, and it goes on", []Decision{to(alert.Closed, alert.Benign, "ben", "")}, func(*alert.Alert) {}, "open||weir||2", "one further hit after it was closed"},
		{"closed as resolved, and it goes on", []Decision{to(alert.Closed, alert.Resolved, "ben", "")}, func(*alert.Alert) {}, "open||weir||2", "one further hit after it was closed"},
		{"a false positive stays closed", []Decision{to(alert.Closed, alert.FalsePositive, "ben", "")}, func(*alert.Alert) {}, "closed|false_positive|ben||1", ""},
		{"a duplicate stays closed", []Decision{to(alert.Closed, alert.Duplicate, "ben", "")}, func(*alert.Alert) {}, "closed|duplicate|ben||1", ""},
		{"a revision without a further hit", []Decision{to(alert.Closed, alert.TruePositive, "ben", "")}, func(a *alert.Alert) { a.Count = 1 }, "closed|true_positive|ben||1", ""},
		{"a note does not hide a further hit", []Decision{to(alert.Closed, alert.TruePositive, "ben", ""), {Kind: alert.Note, Note: "x", By: "cho"}}, func(*alert.Alert) {},
			"open||weir||3", "one further hit after it was closed"},
		{"it is over", nil, func(a *alert.Alert) { a.Ended = &over }, "closed|resolved|weir||1", "it was over at 2026-11-21T12:01:00Z"},
		{"it is over while somebody works on it", []Decision{to(alert.Acknowledged, "", "ana", "")}, func(a *alert.Alert) { a.Ended = &over }, "closed|resolved|weir|ana|2", "it was over at 2026-11-21T12:01:00Z"},
		{"it is over and was closed before", []Decision{to(alert.Closed, alert.TruePositive, "ben", "")}, func(a *alert.Alert) { a.Ended = &over }, "closed|true_positive|ben||1", ""},
		{"of a canary", nil, func(a *alert.Alert) { a.Canary = true }, "closed|resolved|weir||1", "it answers weir canary"},
		{"merged", nil, func(a *alert.Alert) { a.MergedInto = "aaaa" }, "closed|duplicate|weir||1", "merged into aaaa"},
		{"merged after it was closed", []Decision{to(alert.Closed, alert.TruePositive, "ben", "")}, func(a *alert.Alert) { a.MergedInto = "aaaa" }, "closed|true_positive|ben||1", ""},
		{"suppressed ones stay as they are", nil, func(a *alert.Alert) { a.SuppressedBy = "aaaa" }, "open||||0", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			put(t, s, sample(id, 1))
			for _, d := range tc.decide {
				change(t, s, id, d)
			}
			a := sample(id, 2)
			tc.then(&a)
			for range 2 { // the second time it comes again
				put(t, s, a)
			}
			row := get(t, s, id)
			got := strings.Join([]string{row.State, row.Verdict, row.By, row.Assignee, fmt.Sprint(row.Version)}, "|")
			if got != tc.want || tc.note != "" && row.Note != tc.note || row.Revision != 2 {
				t.Errorf("got %s, %q, want %s, %q", got, row.Note, tc.want, tc.note)
			}
			if list, err := s.Changes(t.Context(), id); err != nil || len(list) != row.Version {
				t.Errorf("%d changes, %v", len(list), err)
			}
		})
	}
}

// TestDue_opensAgain: an alert that is closed each time it comes back is opened each time, with the hits since.
func TestDue_opensAgain(t *testing.T) {
	s := open(t)
	put(t, s, sample(id, 1))
	for round := range 3 {
		change(t, s, id, to(alert.Closed, alert.TruePositive, "ana", ""))
		put(t, s, sample(id, 2+round))
		if row := get(t, s, id); row.State != alert.Open || row.Note != "one further hit after it was closed" || row.Version != 2*(round+1) {
			t.Fatalf("round %d: %s, %q, %d", round, row.State, row.Note, row.Version)
		}
	}
}
