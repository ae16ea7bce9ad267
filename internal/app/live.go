package app

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"weir/internal/app/answer"
	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/rules/coverage"
)

// live answers for the process that runs. Its methods are called by the control server, one goroutine a request; ctx ends
// when whoever asked has gone.
type live struct {
	notifying.Notifier
	a *App
}

// live returns what answers for the process as it is now.
func (a *App) live() *live { return &live{a.notifying(), a} }

// Search implements control.Backend. Who searched is an event.
func (l *live) Search(ctx context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return control.SearchSummary{}, err
	}
	sum, err := answer.Search(ctx, l.a.archive, r, each)
	l.a.trail.Note(ctx, auditing.Look{Action: "search", Query: r.Query, Hits: sum.Hits, TookMS: sum.TookMS, Err: err})
	return sum, err
}

// Tail implements control.Backend. It is recorded when it begins, since it may never end.
func (l *live) Tail(ctx context.Context, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return control.TailSummary{}, err
	}
	l.a.trail.Note(ctx, auditing.Look{Action: "tail", Query: r.Query})
	return answer.Tail(ctx, l.a.archive, r, each)
}

// Answer implements question.Answerer.
func (l *live) Answer(ctx context.Context, name string, raw []byte, each func([]byte) error) (json.RawMessage, error) {
	return l.a.answers.Answer(ctx, name, raw, each)
}

// Ledger implements control.Backend.
func (l *live) Ledger(ctx context.Context, r control.LedgerRequest) (control.Ledger, error) {
	if err := l.a.needs("console", l.a.counts != nil); err != nil {
		return control.Ledger{}, err
	}
	b, err := l.a.settledBalance(ctx)
	if err != nil {
		return control.Ledger{}, err
	}
	return answer.Ledger(b, r, l.a.enrich.Inventory), nil
}

// Alerts implements control.Backend.
func (l *live) Alerts(ctx context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return nil, err
	}
	return answer.Alerts(ctx, l.a.alerts, r)
}

// Alert implements control.Backend.
func (l *live) Alert(ctx context.Context, id string) (control.AlertDetail, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return control.AlertDetail{}, err
	}
	return answer.Alert(ctx, l.a.alerts, l.a.archive, l.a.rules.Now().Lists, id)
}

// Decide implements alerting.Decider. Who decided is a record of weir.changes, and so an event.
func (l *live) Decide(ctx context.Context, r alerting.Decision) (alerting.Outcome, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return alerting.Outcome{}, err
	}
	return answer.Decide(ctx, l.a.alerts, r)
}

// Risk implements alerting.Decider.
func (l *live) Risk(ctx context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	if err := l.a.needs("console", l.a.alerts != nil); err != nil {
		return nil, err
	}
	return answer.Risk(ctx, l.a.alerts, r)
}

// DeadLetters implements control.Backend.
func (l *live) DeadLetters(ctx context.Context, r control.DeadLettersRequest) ([]control.DeadLetter, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return nil, err
	}
	return answer.DeadLetters(ctx, l.a.archive, r)
}

// Coverage implements control.Coverer.
func (l *live) Coverage(ctx context.Context, r coverage.Request) (*coverage.Report, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return nil, err
	}
	var open []coverage.Stretch
	if l.a.norm != nil {
		if err := l.a.flushNormalise(ctx); err != nil {
			return nil, err
		}
		open = l.a.norm.Coverage()
	}
	return answer.Coverage(ctx, l.a.archive, open, r)
}

// Status implements control.Backend.
func (l *live) Status(ctx context.Context) (control.Status, error) {
	st := l.a.Status()
	topics, err := l.a.topics(ctx)
	st.Topics = topics
	return st, err
}

// Status tells how the process does. Only the delay asks the broker; where that takes too long, the rest still comes.
func (a *App) Status() control.Status {
	received, _, kernel := a.book.Totals()
	st := control.Status{
		SignIn:  a.signIn,
		Version: a.opts.Version, Running: true, PID: os.Getpid(), Started: a.started, Data: a.folder.Path, DataNew: a.folder.Made,
		Rules: a.rules.Load().Len(), RulesBad: a.refusedRules(), TimeZone: build.ZoneName(a.zone()), Embedded: len(a.cfg.Bus.Brokers) == 0,
		InPerSecond: a.rates.PerSecond(), Received: received, Lost: kernel, InFlight: a.atDoor(), BehindMS: a.behind().Milliseconds(),
	}
	if addr := a.console.Load(); addr != nil {
		st.Console = *addr
	}
	for _, n := range a.stored() {
		st.Stored += n
	}
	st.Alerts = a.openAlerts()
	st.DiskBytes, st.DiskFree = answer.DiskUse(a.folder.Path)
	st.Listening = append(st.Listening, a.listening()...)
	if addr := a.cfg.Bus.Embedded.KafkaListen; addr != "" {
		st.Listening = append(st.Listening, control.Port{Input: "kafka", Proto: "tcp", Address: addr})
	}
	return st
}

// needs says where a question can be asked that this process cannot answer.
func (a *App) needs(stage string, has bool) error {
	if has {
		return nil
	}
	return &fault.Error{
		Code: "stage-elsewhere", What: "this process does not have the stage " + stage, Where: a.folder.Path, Why: "it runs " + strings.Join(a.opts.Stages, ", "),
		Do: "name the data folder of the process that has it with --data", Exit: fault.ExitUsage,
	}
}

// atDoor is how many records this process has taken and Kafka has not.
func (a *App) atDoor() int64 {
	if a.door == nil {
		return 0
	}
	return a.door.Waiting()
}

// behind is the age of the newest record that the archive has, while records wait before it; 0 when none do.
func (a *App) behind() time.Duration {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	waiting, err := a.waiting(ctx)
	newest := a.rates.Newest()
	if err != nil || waiting == 0 || newest == 0 {
		return 0
	}
	return max(0, time.Since(time.Unix(0, newest)))
}

// waiting returns how many records are between the front door and the archive. The stages beside that way (correlate,
// alerts, ledger) are left out: an event is found without them.
func (a *App) waiting(ctx context.Context) (int64, error) {
	n := a.atDoor()
	for _, st := range stages[:1] {
		lag, err := a.lag(ctx, st)
		if err != nil {
			return 0, err
		}
		n += lag
	}
	lag, err := a.lag(ctx, stages[archiveRow])
	return n + lag, err
}

// lag returns how many records a stage has not taken. Ends and positions are asked one after the other, so a stage that
// moves meanwhile may be ahead of the end that was seen; that is no negative lag.
func (a *App) lag(ctx context.Context, st stageRow) (int64, error) {
	r := a.runner(st.name)
	if r == nil {
		return 0, nil
	}
	ends, err := a.bus.Ends(ctx, st.topics...)
	if err != nil {
		return 0, err
	}
	done := r.Processed()
	var n int64
	for topic, ps := range ends {
		for p, end := range ps {
			n += max(0, end-done[topic][p])
		}
	}
	return n, nil
}

// topics describes the bus with the group that is furthest behind on each topic: it is the one whose offsets keep the
// log from being trimmed.
func (a *App) topics(ctx context.Context) ([]control.Topic, error) {
	list, err := a.bus.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]control.Topic, 0, len(list))
	for _, t := range list {
		row := control.Topic{Name: a.bus.Topic(t.Name), Partitions: t.Partitions, Records: t.Records, Bytes: t.Bytes}
		for _, group := range t.Readers {
			lag, err := a.lag(ctx, stageRow{name: group, topics: []string{t.Name}})
			if err != nil {
				return nil, err
			}
			if lag >= row.Lag {
				row.Lag, row.Group = lag, group
			}
		}
		out = append(out, row)
	}
	return out, nil
}
