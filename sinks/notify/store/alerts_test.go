package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
)

func TestAlerts(t *testing.T) {
	s := open(t, file(t))
	a := some("3f9c", "high")
	a.Verdict, a.Assignee, a.Version, a.Fate = "benign", "ana", 3, "why"
	b := some("3f9d", "low")
	b.Revision = 0 // only a change was heard of
	do(t, s, func(ctx context.Context, tx *Tx) error {
		return errors.Join(tx.SaveAlert(ctx, a, t0), tx.SaveAlert(ctx, b, t0), tx.SaveAlert(ctx, some("3f", "low"), t0))
	})
	do(t, s, func(ctx context.Context, tx *Tx) error {
		got, err := tx.Alert(ctx, "3f9c")
		if err != nil || got.Rule != "ssh" || got.Assignee != "ana" || got.Version != 3 || got.Fate != "why" || !got.Seen.Equal(t0) || got.Group["host.name"] != "web-1" {
			t.Errorf("got %+v, %v", got, err)
		}
		if none, err := tx.Alert(ctx, "none"); none != nil || err != nil {
			t.Errorf("got %+v, %v", none, err)
		}
		changed, err := tx.Alert(ctx, "3f9d")
		if err != nil || changed.Revision != 0 || changed.ID != "3f9d" {
			t.Errorf("got %+v, %v", changed, err)
		}
		return nil
	})
	for start, want := range map[string]string{"3f9c": "3f9c", "3f9": "3f9c", "3f": "3f", "3": "", "zz": ""} {
		got, err := s.Alert(t.Context(), start)
		if err != nil || (got == nil) != (want == "") || got != nil && got.ID != want {
			t.Errorf("%s: got %+v, %v", start, got, err)
		}
	}
}

func TestAlert_Over(t *testing.T) {
	for name, set := range map[string]func(*Alert){
		"closed": func(a *Alert) { a.State = alert.Closed },
		"ended":  func(a *Alert) { a.Ended = &t0 },
		"merged": func(a *Alert) { a.MergedInto = "x" },
	} {
		a := some("a", "high")
		if a.Over() {
			t.Error("an open one is over")
		}
		if set(a); !a.Over() {
			t.Errorf("%s is not over", name)
		}
	}
}

// TestSaveAlert: what is written is what is read, whatever the texts in it are; when it was first seen stays.
func TestSaveAlert(t *testing.T) {
	s := open(t, file(t))
	a := some("x'; DROP TABLE alerts; --", "high")
	a.What, a.WhatKo, a.Labels = "a\x00b\x1b[2J", "관리자", map[string]string{"": "", "팀": "망"}
	a.Evidence = []alert.Evidence{{EventID: "e", Time: t0, Values: map[string]string{"user.name": "root"}}}
	for i := range 3 {
		a.Revision, a.Fate, a.Seen = i+1, fmt.Sprint("fate ", i), t0.Add(time.Duration(i)*time.Hour)
		do(t, s, func(ctx context.Context, tx *Tx) error { return tx.SaveAlert(ctx, a, t0) })
	}
	got, err := s.Alert(t.Context(), a.ID)
	if err != nil || got == nil {
		t.Fatal(got, err)
	}
	if !got.Seen.Equal(t0) || got.Fate != "fate 2" || got.Revision != 3 || !reflect.DeepEqual(got.Alert, a.Alert) {
		t.Errorf("got %+v", got)
	}
}

// TestAlert_Damaged: a row that is no alert any more is an error and no alert of zeroes.
func TestAlert_Damaged(t *testing.T) {
	s := open(t, file(t))
	do(t, s, func(ctx context.Context, tx *Tx) error {
		if err := tx.SaveAlert(ctx, some("a", "high"), t0); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE alerts SET doc = '{"id":7'`)
		return err
	})
	if got, err := s.Alert(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "alert a") {
		t.Errorf("got %+v, %v", got, err)
	}
}
