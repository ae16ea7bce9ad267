package cleanup

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestStack_LastFirst(t *testing.T) {
	var c Stack
	var order []string
	for _, name := range []string{"folder", "bus", "stage"} {
		c.Add(name, func(context.Context) error { order = append(order, name); return nil })
	}
	if err := c.Drain(t.Context(), silent()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order, []string{"stage", "bus", "folder"}) {
		t.Errorf("order %v", order)
	}
	if err := c.Drain(t.Context(), silent()); err != nil || len(order) != 3 {
		t.Errorf("the second time ran %v (%v)", order[3:], err)
	}
}

// TestStack_GoOnAfterAnError runs what is left and tells of every failure by its name.
func TestStack_GoOnAfterAnError(t *testing.T) {
	var c Stack
	one, two := errors.New("one"), errors.New("two")
	ran := 0
	c.Add("first", func(context.Context) error { ran++; return one })
	c.Add("second", func(context.Context) error { ran++; return nil })
	c.Add("third", func(context.Context) error { ran++; return two })
	err := c.Drain(t.Context(), silent())
	if ran != 3 || !errors.Is(err, one) || !errors.Is(err, two) {
		t.Fatalf("%d ran: %v", ran, err)
	}
	if text := err.Error(); !strings.Contains(text, "stopping first: one") || !strings.Contains(text, "stopping third: two") {
		t.Errorf("got %s", text)
	}
}

func TestStack_RunWhenNobodyWaitsAnyMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var c Stack
	closed := false
	c.Add("file", func(got context.Context) error { closed = got.Err() != nil; return nil })
	if err := c.Drain(ctx, silent()); err != nil || !closed {
		t.Errorf("closed %t, %v", closed, err)
	}
}

// TestStack_AddedWhileDraining: a cleanup may open something to close it properly.
func TestStack_AddedWhileDraining(t *testing.T) {
	var c Stack
	var order []string
	c.Add("outer", func(context.Context) error { order = append(order, "outer"); return nil })
	c.Add("inner", func(context.Context) error {
		order = append(order, "inner")
		c.Add("late", func(context.Context) error { order = append(order, "late"); return nil })
		return nil
	})
	if err := c.Drain(t.Context(), silent()); err != nil || !slices.Equal(order, []string{"inner", "late", "outer"}) {
		t.Errorf("%v (%v)", order, err)
	}
}

func TestStack_SayWhatTookLong(t *testing.T) {
	var out bytes.Buffer
	var c Stack
	c.Add("bus", func(context.Context) error { return nil })
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := c.Drain(t.Context(), log); err != nil || !strings.Contains(out.String(), "component=bus took_ms=") {
		t.Errorf("%s (%v)", out.String(), err)
	}
}
