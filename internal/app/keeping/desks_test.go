package keeping

import (
	"context"
	"errors"
	"testing"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/reviewing"
	"weir/internal/watchdog"
)

// TestDesks: everything that people ask by name is answered, once, and what a schedule could not deliver is a concern.
func TestDesks(t *testing.T) {
	p := kept(t, nil)
	p.store(t, 3)
	table := question.Table{}
	d, err := NewDesks(DeskOptions{Log: quiet, Config: p.cfg, Data: p.cfg.Data, Archive: func() (*archive.Archive, error) { return p.Archive(), nil }, Policies: p.opts.Policies,
		Teller: &teller{}, Sync: p.Sync, Note: func(context.Context, auditing.Look) {}, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	table.Add(p.expiry.Questions())
	for _, name := range []string{archiving.AskList, archiving.AskSeal, reviewing.AskStatus, reporting.List, reporting.Make, "search/page", "search/fields"} {
		if table[name] == nil {
			t.Errorf("nobody answers %s", name)
		}
	}
	list, err := question.Ask[archiving.List](t.Context(), table, archiving.AskList, nil, func([]byte) error { return nil })
	if err != nil || list.Unsealed != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	d.trouble("monthly", errors.New("no such channel"))
	if got := d.Concerns(); len(got) != 1 || got[0].Rule != watchdog.RuleReportFailed || got[0].Entity != "monthly" {
		t.Errorf("%+v", got)
	}
	d.trouble("monthly", nil)
	if got := d.Concerns(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx, true) }()
	cancel()
	<-done
	d.Close()
	p.end(t)
}
