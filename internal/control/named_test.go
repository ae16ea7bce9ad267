package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"weir/internal/control/question"
	"weir/internal/fault"
)

// tabled is a backend with a table of questions by name.
type tabled struct {
	Backend
	question.Table
}

// TestNamed: a question by name comes through the socket with its documents, its answer, and its error.
func TestNamed(t *testing.T) {
	type ask struct{ N int }
	c := asked(t, tabled{Table: question.Table{
		"count/up": question.Streamed(func(_ context.Context, q ask, each func([]byte) error) (int, error) {
			for i := range q.N {
				if err := each(fmt.Appendf(nil, `{"i":%d}`, i)); err != nil {
					return 0, err
				}
			}
			return q.N * 2, nil
		}),
		"fail": question.Typed(func(context.Context, ask) (int, error) {
			return 0, &fault.Error{Code: "kql-syntax", What: "no", Exit: fault.ExitUsage}
		}),
		"zero": question.Typed(func(_ context.Context, q ask) (ask, error) { return q, nil }),
	}})
	var docs []string
	got, err := question.Ask[int](t.Context(), c, "count/up", ask{3}, func(d []byte) error { docs = append(docs, string(d)); return nil })
	if err != nil || got != 6 || !slices.Equal(docs, []string{`{"i":0}`, `{"i":1}`, `{"i":2}`}) {
		t.Errorf("got %d, %v, %v", got, docs, err)
	}
	if _, err := question.Ask[int](t.Context(), c, "fail", ask{}, nil); fault.Code(err) != "kql-syntax" {
		t.Errorf("fail: %v", err)
	}
	if _, err := question.Ask[int](t.Context(), c, "nobody/knows", ask{}, nil); fault.Code(err) != "version-mismatch" {
		t.Errorf("unknown: %v", err)
	}
	if got, err := question.Ask[ask](t.Context(), c, "zero", nil, nil); err != nil || got.N != 0 {
		t.Errorf("zero: %v, %v", got, err)
	}
	stop := errors.New("enough")
	if _, err := question.Ask[int](t.Context(), c, "count/up", ask{100}, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a reader that has enough: %v", err)
	}
}

// TestNamed_Elsewhere: a backend without a table is of another version.
func TestNamed_Elsewhere(t *testing.T) {
	c := asked(t, watched{})
	if _, err := question.Ask[int](t.Context(), c, "count/up", nil, nil); fault.Code(err) != "version-mismatch" {
		t.Errorf("got %v", err)
	}
}
