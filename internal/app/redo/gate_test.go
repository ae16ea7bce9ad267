package redo

import (
	"testing"
	"testing/synctest"
)

// TestGate_OneAtATime: a second run waits for nobody, it is sent away.
func TestGate_OneAtATime(t *testing.T) {
	var g Gate
	ctx, leave, ok := g.Enter(t.Context())
	if !ok || ctx.Err() != nil {
		t.Fatalf("the first is not let in: %t, %v", ok, ctx.Err())
	}
	if _, _, ok := g.Enter(t.Context()); ok {
		t.Error("a second one is let in beside the first")
	}
	g.Emitted()
	leave()
	if ctx.Err() == nil {
		t.Error("the context of a run that has left goes on")
	}
	_, leave, ok = g.Enter(t.Context())
	if !ok {
		t.Fatal("nobody is let in after the first has left")
	}
	g.Emitted()
	leave()
}

// TestGate_Close stops the run that there is, waits until it sends nothing, and lets no other in.
func TestGate_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Gate
		ctx, leave, ok := g.Enter(t.Context())
		if !ok {
			t.Fatal("not let in")
		}
		closed := false
		go func() { g.Close(); closed = true }()
		synctest.Wait()
		if ctx.Err() == nil || closed {
			t.Errorf("told to stop: %v, closed before the last order: %t", ctx.Err(), closed)
		}
		g.Emitted()
		synctest.Wait()
		if !closed {
			t.Error("not closed although nothing is sent any more")
		}
		leave()
		if _, _, ok := g.Enter(t.Context()); ok {
			t.Error("let in after the end")
		}
	})
}
