package redo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/internal/control/redo"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/rerun"
)

// rig is a place whose normalise makes an event of each order, but for those whose id ends in 9, which fail.
type rig struct {
	Place
	made    map[string]*ledger.Counts
	orders  []string // ids, in order
	emitted int
	settled int
}

func newRig(t *testing.T, docs int) *rig {
	t.Helper()
	var list []string
	for i := range docs {
		list = append(list, ev(fmt.Sprint("e/1/", i), "x.y", ""))
	}
	r := &rig{made: map[string]*ledger.Counts{}}
	r.Place = Place{Archive: store(t, list...), Emitted: func() { r.emitted++ }, Settle: func(ctx context.Context) error { r.settled++; return ctx.Err() },
		Made: func(source string) ledger.Counts {
			if c := r.made[source]; c != nil {
				return *c
			}
			return ledger.Counts{}
		},
		Emit: func(_ context.Context, source string, batch []record.Raw, bytes int, done func(error)) error {
			c := r.made[source]
			if c == nil {
				c = &ledger.Counts{}
				r.made[source] = c
			}
			size := 0
			for _, raw := range batch {
				o, _, err := rerun.Parse(raw.Value)
				if err != nil || raw.Source() != source || o.Run == "" {
					t.Errorf("an order from %s: %+v (%v)", raw.Source(), o, err)
				}
				size += len(raw.Value)
				r.orders = append(r.orders, o.ID)
				if strings.HasSuffix(o.ID, "9") {
					c.Duplicate++
					c.Failed++
				} else {
					c.Events++
				}
			}
			if size != bytes {
				t.Errorf("%d bytes, said %d", size, bytes)
			}
			done(nil)
			return nil
		}}
	return r
}

func TestRun(t *testing.T) {
	r := newRig(t, 1234)
	r.made["reparse/events"] = &ledger.Counts{Events: 50, Duplicate: 7, Failed: 3, Dead: map[string]int64{"x": 2}} // of runs before
	progress := 0
	sum, err := r.Run(t.Context(), redo.Request{}, func(l redo.Line) error {
		if l.Progress == nil || l.Progress.Total != 1234 || l.Progress.Done > 1234 {
			t.Errorf("line %+v", l)
		}
		progress++
		return nil
	})
	if err != nil || sum.Tried != 1234 || sum.Stored != 1111 || sum.Failed != 123 || sum.Unchanged != 0 || sum.FailedBy[sameReason] != 123 || sum.Stopped || sum.Run == "" {
		t.Errorf("%+v (%v)", sum, err)
	}
	if len(r.orders) != 1234 || r.orders[0] != "e/1/0" || r.orders[1233] != "e/1/1233" || r.emitted != 1 || r.settled != 2 || progress == 0 {
		t.Errorf("%d orders, emitted %d, settled %d, progress %d", len(r.orders), r.emitted, r.settled, progress)
	}
}

// TestRun_Stopped: what was handed over is what was tried, and is counted.
func TestRun_Stopped(t *testing.T) {
	r := newRig(t, 3000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	emit := r.Emit
	r.Emit = func(ctx context.Context, source string, batch []record.Raw, bytes int, done func(error)) error {
		if len(r.orders) >= 1000 {
			cancel()
		}
		return emit(ctx, source, batch, bytes, done)
	}
	sum, err := r.Run(ctx, redo.Request{}, func(redo.Line) error { return nil })
	if err != nil || !sum.Stopped || sum.Tried != int64(len(r.orders)) || sum.Stored+sum.Failed != sum.Tried || sum.Tried == 3000 || r.emitted != 1 {
		t.Errorf("%d orders, %+v (%v)", len(r.orders), sum, err)
	}
}

func TestRun_Fails(t *testing.T) {
	broken := errors.New("broken")
	t.Run("before it begins", func(t *testing.T) {
		r := newRig(t, 10)
		r.Settle = func(context.Context) error { return broken }
		if sum, err := r.Run(t.Context(), redo.Request{}, nil); !errors.Is(err, broken) || sum.Tried != 0 || r.emitted != 1 || len(r.orders) != 0 {
			t.Errorf("%+v (%v)", sum, err)
		}
	})
	t.Run("the door does not take it", func(t *testing.T) {
		r := newRig(t, 10)
		r.Emit = func(context.Context, string, []record.Raw, int, func(error)) error { return broken }
		if _, err := r.Run(t.Context(), redo.Request{}, func(redo.Line) error { return nil }); !errors.Is(err, broken) || r.emitted != 1 {
			t.Errorf("%v", err)
		}
	})
	t.Run("Kafka does not take it", func(t *testing.T) {
		r := newRig(t, 2000)
		n := 0
		r.Emit = func(_ context.Context, _ string, batch []record.Raw, _ int, done func(error)) error {
			n += len(batch)
			done(broken)
			return nil
		}
		if _, err := r.Run(t.Context(), redo.Request{}, func(redo.Line) error { return nil }); !errors.Is(err, broken) || n > 1500 {
			t.Errorf("%v after %d orders", err, n)
		}
	})
	t.Run("a query that is none", func(t *testing.T) {
		r := newRig(t, 1)
		if _, err := r.Run(t.Context(), redo.Request{Query: "a and"}, nil); err == nil || r.emitted != 1 {
			t.Errorf("%v", err)
		}
	})
}
