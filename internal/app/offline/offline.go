// Package offline answers from the files of a weir that does not run.
package offline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"time"

	"weir/internal/app/answer"
	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/app/keeping"
	"weir/internal/archive"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/question"
	"weir/internal/control/redo"
	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/ledger"
	"weir/rules"
	"weir/rules/coverage"
	"weir/sinks/alerts"
)

// offline answers from the files of a weir that does not run: what is sealed, and what was counted. What a crash left
// in the log is stored, and seen, when weir is started again.
type offline struct {
	dir     string
	log     *slog.Logger
	archive *archive.Archive
	alerts  *alerts.Store // nil where no alert was ever kept
	inv     answer.Names
	answers question.Table
	desks   *keeping.Desks
}

// Open reaches the weir that runs on the data folder of a configuration, or opens its files. The lock is not asked: a weir that is just starting or
// stopping holds it and answers nobody, and reading beside it is safe, since sealed files never change.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (control.Backend, io.Closer, error) {
	dataDir := cfg.Data
	if _, err := os.Stat(dataDir); err != nil {
		return nil, nil, &fault.Error{Code: "no-data", What: "there is no weir data here", Where: dataDir, Why: fault.Innermost(err), Do: "start one with `weir up`, or name the folder with --data", Exit: fault.ExitUsage, Cause: err}
	}
	if c, err := control.Dial(dataDir); err == nil {
		if _, err := c.Status(ctx); err == nil {
			return c, c, nil
		}
		_ = c.Close() // a socket that nobody answers: its weir is gone
	}
	o := &offline{dir: dataDir, log: log}
	var err error
	if o.archive, err = keeping.OpenReader(ctx, &cfg); err != nil {
		return nil, nil, fmt.Errorf("opening the archive: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dataDir, "alerts.db")); err == nil {
		if o.alerts, err = alerts.Open(filepath.Join(dataDir, "alerts.db"), alerts.Options{Log: log}); err != nil {
			return nil, nil, errors.Join(err, o.archive.Close())
		}
	}
	if inv, err := build.LoadInventory(cfg); err == nil { // names are a comfort; the addresses do
		o.inv = inv
	}
	if err := o.table(cfg); err != nil {
		return nil, nil, errors.Join(err, o.Close())
	}
	return o, o, nil
}

// table is what files alone answer to questions by name. What is looked at is kept for the next start.
func (o *offline) table(cfg config.Config) error {
	o.answers = question.Table{}
	policies, _, err := build.Policy(cfg) // its warnings are said where a process starts
	if err != nil {
		return err
	}
	note := func(ctx context.Context, l auditing.Look) {
		if l.Who == "" {
			l.Who = question.Who(ctx)
		}
		if err := auditing.Pend(o.dir, auditing.Doc(l)); err != nil {
			o.log.Warn("recording who searched", "component", "audit", "err", err)
		}
	}
	kept, err := keeping.Questions(&cfg, o.dir, o.archive, policies, note, o.log)
	if err != nil {
		return err
	}
	o.answers.Add(kept)
	o.desks, err = keeping.NewDesks(keeping.DeskOptions{
		Log: o.log, Config: cfg, Data: o.dir, Archive: func() (*archive.Archive, error) { return o.archive, nil }, Policies: policies, Alerts: func() *alerts.Store { return o.alerts },
		Ledger: func(ctx context.Context) (control.Ledger, error) { return o.Ledger(ctx, control.LedgerRequest{}) }, Note: note, Table: o.answers,
	})
	return err
}

// Answer implements question.Answerer.
func (o *offline) Answer(ctx context.Context, name string, raw []byte, each func([]byte) error) (json.RawMessage, error) {
	return o.answers.Answer(ctx, name, raw, each)
}

// Close closes the files. Nothing was written but the line of the audit, which is on disk already.
func (o *offline) Close() error {
	if o.desks != nil {
		o.desks.Close()
	}
	err := o.archive.Close()
	if o.alerts != nil {
		err = errors.Join(err, o.alerts.Close())
	}
	return err
}

// Search implements control.Backend. The look is kept for the next start, and a folder that cannot be written is no reason
// not to answer.
func (o *offline) Search(ctx context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	sum, err := answer.Search(ctx, o.archive, r, each)
	if perr := auditing.Pend(o.dir, auditing.Doc(auditing.Look{Action: "search", Query: r.Query, Hits: sum.Hits, TookMS: sum.TookMS, Err: err})); perr != nil {
		o.log.Warn("recording who searched", "component", "audit", "err", perr)
	}
	return sum, err
}

// Tail implements control.Backend: nothing arrives where no weir runs.
func (o *offline) Tail(context.Context, control.TailRequest, func([]byte) error) (control.TailSummary, error) {
	return control.TailSummary{}, &fault.Error{Code: "not-running", What: "no weir runs on this folder, so nothing arrives", Where: o.dir, Do: "start it with `weir up`; what is stored: `weir search`", Exit: fault.ExitMissing}
}

// Ledger implements control.Backend. It says how it stood when the counts were last written; what a crash left in the log
// shows as in flight or unclean.
func (o *offline) Ledger(_ context.Context, r control.LedgerRequest) (control.Ledger, error) {
	store, err := ledger.OpenStore(filepath.Join(o.dir, "ledger.json"), keep.WriteFile, o.log)
	if err != nil {
		return control.Ledger{}, err
	}
	// How far Elasticsearch is behind is not known here.
	st := ledger.State{Now: time.Now(), Stored: answer.StoredBySource(o.archive), WaitingElastic: math.MaxInt64}
	return answer.Ledger(store.Balance(st), r, o.inv), nil
}

// Alerts implements control.Backend. A folder without a store has no alerts; that is an answer, not a fault.
func (o *offline) Alerts(ctx context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	if o.alerts == nil {
		return nil, nil
	}
	return answer.Alerts(ctx, o.alerts, r)
}

// Alert implements control.Backend.
func (o *offline) Alert(ctx context.Context, id string) (control.AlertDetail, error) {
	if o.alerts == nil {
		return control.AlertDetail{}, &fault.Error{Code: "alert-unknown", What: "there are no alerts yet", Where: o.dir, Do: "weir rules list", Exit: fault.ExitUsage}
	}
	cfg := config.Default()
	lists, _ := rules.LoadLists(filepath.Join(o.dir, cfg.Rules.Lists)) // a list that cannot be read leaves its conditions out
	return answer.Alert(ctx, o.alerts, o.archive, lists, id)
}

// Decide implements alerting.Decider: without a process nobody else would learn of the decision.
func (o *offline) Decide(context.Context, alerting.Decision) (alerting.Outcome, error) {
	return alerting.Outcome{}, &fault.Error{Code: "not-running", What: "no weir runs on this folder, so no alert can be changed", Where: o.dir, Do: "start it with `weir up`, then decide again", Exit: fault.ExitMissing}
}

// Risk implements alerting.Decider.
func (o *offline) Risk(ctx context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	if o.alerts == nil {
		return nil, nil
	}
	return answer.Risk(ctx, o.alerts, r)
}

// DeadLetters implements control.Backend.
func (o *offline) DeadLetters(ctx context.Context, r control.DeadLettersRequest) ([]control.DeadLetter, error) {
	return answer.DeadLetters(ctx, o.archive, r)
}

// Coverage implements control.Coverer.
func (o *offline) Coverage(ctx context.Context, r coverage.Request) (*coverage.Report, error) {
	return answer.Coverage(ctx, o.archive, answer.LeftCoverage(ctx, o.dir, o.log), r)
}

// Status implements control.Backend. Running stays false, and all that only a process knows is left at zero.
func (o *offline) Status(context.Context) (control.Status, error) {
	st := control.Status{Data: o.dir, Embedded: true}
	for _, n := range answer.StoredBySource(o.archive) {
		st.Stored += n
	}
	st.DiskBytes, st.DiskFree = answer.DiskUse(o.dir)
	return st, nil
}

// Redo implements redo.Redoer: without a process nobody could store what is read.
func (o *offline) Redo(context.Context, redo.Request, func(redo.Line) error) (redo.Summary, error) {
	return redo.Summary{}, &fault.Error{Code: "not-running", What: "no weir runs on this folder, so nothing can be read again", Where: o.dir, Do: "start it with `weir up`, then ask again", Exit: fault.ExitMissing}
}

// What is wired here must fit, and a mistake should be found where the wiring stands.
var (
	_ control.Backend = (*offline)(nil)
	_ control.Coverer = (*offline)(nil)
	_ redo.Redoer     = (*offline)(nil)

	_ question.Answerer = (*offline)(nil)

	_ alerting.Decider = (*offline)(nil)
)
