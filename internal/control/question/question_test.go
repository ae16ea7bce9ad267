package question_test

import (
	"context"
	"errors"
	"testing"

	"weir/internal/control/question"
	"weir/internal/fault"
)

// TestTable: what a part answers is found under its name, and nothing else.
func TestTable(t *testing.T) {
	all := question.Table{}
	all.Add(question.Table{"a": question.Typed(func(_ context.Context, n int) (int, error) { return n + 1, nil })})
	all.Add(question.Table{"b": question.Typed(func(ctx context.Context, _ struct{}) (string, error) { return question.Who(ctx), nil })})
	for _, tt := range []struct {
		name, ask, raw, want, code string
		ctx                        context.Context //nolint:containedctx // of one case
	}{
		{name: "a number", ask: "a", raw: "41", want: "42"},
		{name: "nothing is zero", ask: "a", want: "1"},
		{name: "who asks", ask: "b", ctx: question.WithWho(t.Context(), "ana"), want: `"ana"`},
		{name: "nobody in particular", ask: "b", want: `""`},
		{name: "no such question", ask: "c", code: "version-mismatch"},
		{name: "no number", ask: "a", raw: `"x"`, code: "bad-request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := tt.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			got, err := all.Answer(ctx, tt.ask, []byte(tt.raw), nil)
			if string(got) != tt.want || fault.Code(err) != tt.code {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// TestTable_Twice: two parts that answer to one name would hide each other.
func TestTable_Twice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the second was taken")
		}
	}()
	h := question.Typed(func(context.Context, int) (int, error) { return 0, nil })
	question.Table{"a": h}.Add(question.Table{"a": h})
}

// TestAsk: the command's side, against a table without a socket between.
func TestAsk(t *testing.T) {
	broken := errors.New("broken")
	table := question.Table{
		"ok":      question.Typed(func(context.Context, int) ([]string, error) { return []string{"x"}, nil }),
		"fails":   question.Typed(func(context.Context, int) (int, error) { return 0, broken }),
		"no json": question.Typed(func(context.Context, int) (func(), error) { return func() {}, nil }),
	}
	if got, err := question.Ask[[]string](t.Context(), table, "ok", 1, nil); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := question.Ask[int](t.Context(), table, "fails", 1, nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := question.Ask[int](t.Context(), table, "no json", 1, nil); err == nil {
		t.Error("an answer that is no data was handed on")
	}
	if _, err := question.Ask[int](t.Context(), table, "ok", 1, nil); err == nil {
		t.Error("an answer of another type was read")
	}
	if _, err := question.Ask[int](t.Context(), struct{}{}, "ok", 1, nil); fault.Code(err) != "version-mismatch" {
		t.Errorf("got %v", err)
	}
}
