package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"weir/internal/control/cost"
	"weir/internal/control/intake"
	"weir/internal/control/memory"
	"weir/internal/control/redo"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/rules/coverage"
)

// route reads the question of a path and hands it to the backend. Names of questions are never used again for something
// else. A new one is added; an old weir says version-mismatch to it, which names the remedy.
func (s *server) route(ctx context.Context, a *answer, r *http.Request, body io.Reader) {
	switch r.URL.Path {
	case "/v1/search":
		ask(ctx, a, body, func(ctx context.Context, q SearchRequest) (SearchSummary, []*fault.Error, error) {
			sum, err := s.backend.Search(ctx, q, a.doc)
			return sum, sum.Warnings, err
		})
	case "/v1/tail":
		a.live = true
		ask(ctx, a, body, func(ctx context.Context, q TailRequest) (TailSummary, []*fault.Error, error) {
			if err := a.flush(); err != nil { // the client learns at once that its question was taken
				return TailSummary{}, nil, err
			}
			sum, err := s.backend.Tail(ctx, q, a.doc)
			if errors.Is(err, context.Canceled) {
				err = nil // its end was asked for: the counts are the answer
			}
			return sum, nil, err
		})
	case "/v1/ledger":
		ask(ctx, a, body, func(ctx context.Context, q LedgerRequest) (Ledger, []*fault.Error, error) {
			l, err := s.backend.Ledger(ctx, q)
			return l, l.Faults, err
		})
	case "/v1/alerts":
		ask(ctx, a, body, bare(s.backend.Alerts))
	case "/v1/alert":
		ask(ctx, a, body, bare(s.backend.Alert))
	case "/v1/decide":
		ask(ctx, a, body, bare(s.decide))
	case "/v1/risk":
		ask(ctx, a, body, bare(s.risk))
	case "/v1/deadletters":
		ask(ctx, a, body, func(ctx context.Context, q DeadLettersRequest) ([]DeadLetter, []*fault.Error, error) {
			d, err := s.backend.DeadLetters(ctx, q)
			return d, nil, err
		})
	case "/v1/backtest":
		a.live = true
		ask(ctx, a, body, func(ctx context.Context, q trial.Request) (trial.Summary, []*fault.Error, error) {
			return s.backtest(ctx, a, q)
		})
	case "/v1/redo":
		a.live = true
		ask(ctx, a, body, func(ctx context.Context, q redo.Request) (redo.Summary, []*fault.Error, error) {
			return s.redo(ctx, a, q)
		})
	case "/v1/import":
		ask(ctx, a, body, func(ctx context.Context, q intake.Request) (intake.Summary, []*fault.Error, error) {
			sum, err := s.imports(ctx, q)
			return sum, nil, err
		})
	case "/v1/rulecounts":
		ask(ctx, a, body, func(ctx context.Context, _ struct{}) (cost.Counts, []*fault.Error, error) {
			c, err := s.ruleCounts(ctx)
			return c, nil, err
		})
	case "/v1/rulememory":
		ask(ctx, a, body, func(ctx context.Context, _ struct{}) (memory.State, []*fault.Error, error) {
			m, err := s.ruleMemory(ctx)
			return m, nil, err
		})
	case "/v1/coverage":
		ask(ctx, a, body, func(ctx context.Context, q coverage.Request) (*coverage.Report, []*fault.Error, error) {
			r, err := s.coverage(ctx, q)
			return r, nil, err
		})
	case "/v1/status":
		ask(ctx, a, body, func(ctx context.Context, _ struct{}) (Status, []*fault.Error, error) {
			st, err := s.backend.Status(ctx)
			return st, nil, err
		})
	case "/v1/stop":
		ask(ctx, a, body, func(_ context.Context, id string) (struct{}, []*fault.Error, error) {
			s.mu.Lock()
			cancel := s.calls[id]
			s.mu.Unlock()
			if cancel != nil {
				cancel()
			}
			return struct{}{}, nil, nil
		})
	default:
		if s.notifying(ctx, a, r.URL.Path, body) || s.watching(ctx, a, r.URL.Path, body) || s.named(ctx, a, r.URL.Path, body) {
			return
		}
		a.w.WriteHeader(http.StatusNotFound)
		a.fail(&fault.Error{Code: "version-mismatch", What: "the weir that runs here does not know this question", Where: r.URL.Path,
			Why: "it is another version than this command", Do: "use the same program for both, or restart it", Exit: fault.ExitMissing})
	}
}

// bare is a call that has nothing to say beside its answer.
func bare[Q, A any](call func(context.Context, Q) (A, error)) func(context.Context, Q) (A, []*fault.Error, error) {
	return func(ctx context.Context, q Q) (A, []*fault.Error, error) {
		out, err := call(ctx, q)
		return out, nil, err
	}
}

// ask decodes a question, calls, and ends the answer. Q and A are plain data; what cannot be decoded never comes to the
// backend. A panic of the backend is answered in ServeHTTP.
// It is a function and not a method because methods have no type parameters.
func ask[Q, A any](ctx context.Context, a *answer, body io.Reader, call func(context.Context, Q) (A, []*fault.Error, error)) {
	var q Q
	raw, err := io.ReadAll(body)
	if err == nil {
		err = json.Unmarshal(raw, &q)
	}
	if err != nil {
		a.w.WriteHeader(http.StatusBadRequest)
		a.fail(&fault.Error{Code: "bad-request", What: "the question cannot be read", Why: err.Error(), Exit: fault.ExitUsage, Cause: err})
		return
	}
	out, beside, err := call(ctx, q)
	if errors.Is(err, context.Canceled) {
		err = stopped("") // the client is gone and will not read this, or we are stopping and it will
	}
	if err != nil {
		a.fail(err)
		return
	}
	a.end(out, beside)
}
