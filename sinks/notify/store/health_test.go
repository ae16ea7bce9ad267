package store

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/channel"
)

func TestTroubles(t *testing.T) {
	s := open(t, file(t))
	unraised := func() string {
		list, err := s.Unraised(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range list {
			out = append(out, fmt.Sprintf("%s %s +%s count %d rev %d ended %v %s", x.Channel, x.Kind, x.Begun.Sub(t0), x.Count, x.Revision, !x.Ended.IsZero(), x.Error))
			if err := s.Raised(t.Context(), x); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Join(out, "; ")
	}
	step := func(want string, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := unraised(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	step("")
	step("mail refused +0s count 1 rev 1 ended false no", s.Note(t.Context(), "mail", "refused", "no", t0))
	step("")
	step("mail refused +0s count 3 rev 3 ended false nono", s.Note(t.Context(), "mail", "refused", "no", t0.Add(time.Hour)), s.Note(t.Context(), "mail", "refused", "nono", t0.Add(2*time.Hour)))
	step("mail refused +50h0m0s count 1 rev 1 ended false later", s.Note(t.Context(), "mail", "refused", "later", t0.Add(50*time.Hour)))
	step("mail refused +50h0m0s count 1 rev 2 ended true later", s.Over(t.Context(), "mail", "refused", t0.Add(51*time.Hour)))
	step("", s.Over(t.Context(), "mail", "refused", t0.Add(52*time.Hour)))
	if on, err := s.Troubling(t.Context(), "mail", "refused"); on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
	step("mail refused +53h0m0s count 1 rev 1 ended false new", s.Note(t.Context(), "mail", "refused", "new", t0.Add(53*time.Hour)))
	if on, err := s.Troubling(t.Context(), "mail", "refused"); !on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
}

func TestClean(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("old", "high"))
	row := queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Alerts: []string{"old"}})
	m, err := s.Message(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), m, Outcome{OK: true}, t0); err != nil {
		t.Fatal(err)
	}
	count := func(table string) (n int) {
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	clean := func(at time.Duration) {
		if err := s.Clean(t.Context(), t0.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	clean(Keep - time.Hour)
	if count("alerts") != 1 || count("groups") != 1 || count("deliveries") != 1 {
		t.Error("forgotten too early")
	}
	// Nobody closed the alert: its group is over when nothing was heard of it for so long.
	clean(Keep + time.Hour)
	if n, err := s.OpenGroups(t.Context()); err != nil || n != 0 || count("deliveries") != 0 || count("carried") != 0 {
		t.Errorf("%d open groups, %v", n, err)
	}
	clean(2*Keep + 2*time.Hour)
	clean(2*Keep + 3*time.Hour)
	for _, table := range []string{"alerts", "groups", "members", "parties", "holds"} {
		if n := count(table); n != 0 {
			t.Errorf("%s still has %d", table, n)
		}
	}
}

// TestClean_Much: what is more than one transaction goes too, with what hangs on it; what waits stays.
func TestClean_Much(t *testing.T) {
	s := open(t, file(t))
	const n = 2*cleanBatch + 1
	err := s.Write(t.Context(), "filling", func(tx *Tx) error {
		for i := range n {
			state := "sent"
			if i%100 == 0 {
				state = "waiting"
			}
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO deliveries (grp, channel, kind, name, labels, lang, rank, made, state, ended) VALUES (0, 'mail', 'firing', 'g', '{}', 'en', 1, ?1, ?2, ?1);
				INSERT INTO carried (delivery, alert, place) VALUES (last_insert_rowid(), ?3, 0)`, nanos(t0), state, strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Clean(t.Context(), t0.Add(Keep+time.Hour)); err != nil {
		t.Fatal(err)
	}
	var deliveries, carried int
	if err := s.db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM carried)`).Scan(&deliveries, &carried); err != nil || deliveries != n/100+1 || carried != deliveries {
		t.Errorf("%d messages with %d alerts are left, %v", deliveries, carried, err)
	}
}

// TestHealth: up and down have the time of their change, not of the last attempt.
func TestHealth(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"))
	row := queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Alerts: []string{"a"}})
	m, err := s.Message(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	for i, tc := range []struct {
		o     Outcome
		up    bool
		since time.Duration
		error string
	}{
		{Outcome{Error: "one", Next: t0}, false, 0, "one"},
		{Outcome{Error: "two", Next: t0}, false, 0, "two"},
		{Outcome{Error: "refused", Permanent: true}, true, 2 * time.Minute, "refused"}, // somebody is there
		{Outcome{OK: true}, true, 2 * time.Minute, "refused"},
		{Outcome{Error: "three", Next: t0}, false, 4 * time.Minute, "three"},
		{Outcome{OK: true}, true, 5 * time.Minute, "three"},
	} {
		if err := s.Finish(t.Context(), m, tc.o, t0.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Healths(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if h := list["mail"]; h.Up != tc.up || !h.Since.Equal(t0.Add(tc.since)) || h.Error != tc.error || !h.Used {
			t.Errorf("after %d: %+v", i, h)
		}
	}
	queue(t, s, Message{Channel: "other", Kind: channel.Digest, Alerts: []string{"a"}})
	list, err := s.Healths(t.Context())
	if h := list["other"]; err != nil || h == nil || h.Used || !h.Up || h.Waiting != 1 || !h.Oldest.Equal(t0) {
		t.Errorf("one that was never tried: %+v, %v", h, err)
	}
}
