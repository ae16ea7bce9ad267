package app_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"weir/internal/app"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/fault"
)

// part starts some stages on a Kafka of somebody else, in a folder of their own; the archive is that of base.
func part(t *testing.T, base config.Config, stages ...string) (*app.App, config.Config) {
	t.Helper()
	cfg := base
	cfg.Data = filepath.Join(t.TempDir(), "data")
	opts := options()
	opts.Stages = stages
	a, err := app.New(cfg, opts)
	if err == nil {
		err = a.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, cfg
}

// TestStagesInProcessesOfTheirOwn: five processes do what one does, the ledger of one knows the counts of all, and a
// stage that is started again goes on where it was.
func TestStagesInProcessesOfTheirOwn(t *testing.T) {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	base := settings(t)
	base.Bus.Brokers = kafka.ListenAddrs()
	base.Archive.Folder = filepath.Join(t.TempDir(), "archive")
	base.Ledger.Interval = unit.Duration(time.Second)
	var all []*app.App
	begin := func(stages ...string) config.Config {
		a, cfg := part(t, base, stages...)
		all = append(all, a)
		return cfg
	}
	in := begin("ingest")
	begin("normalise")
	begin("correlate")
	store := backend(t, begin("archive"))
	console := backend(t, begin("console"))
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("<34>Oct 11 22:14:15 web-1 app: number %d", i))
	}
	send(t, in, lines...)
	send(t, in, attack(6)...)
	waitHits(t, store, "process.name: app", 200)
	balanced := func(received int64) {
		t.Helper()
		var l control.Ledger
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			if l, err = console.Ledger(t.Context(), control.LedgerRequest{}); err != nil {
				t.Fatal(err)
			}
			got, waiting := int64(0), int64(0)
			for _, r := range l.Rows {
				if r.Source != "audit/127.0.0.1" {
					got, waiting = got+r.Received, waiting+r.InFlight
				}
			}
			if l.Balanced && got == received && waiting == 0 {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the ledger says %+v", l)
			}
		}
	}
	devices := int64(200 + len(attack(6)))
	balanced(devices)
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if rows, err := console.Alerts(t.Context(), control.AlertsRequest{}); err == nil && len(rows) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no alert came over correlate to the console")
		}
	}
	_, err = console.Search(t.Context(), control.SearchRequest{Query: "*"}, func([]byte) error { return nil })
	if fault.Code(err) != "stage-elsewhere" {
		t.Errorf("a search where no archive is: %v", err)
	}
	if _, err = store.Ledger(t.Context(), control.LedgerRequest{}); fault.Code(err) != "stage-elsewhere" {
		t.Errorf("the ledger where none is: %v", err)
	}

	// A second normalise comes, the first one goes: nothing is lost or stored twice.
	begin("normalise")
	stop(t, all[1])
	all[1] = nil
	send(t, in, lines...)
	waitHits(t, store, "process.name: app", 400)
	balanced(devices + 200)
	for _, a := range all {
		if a != nil {
			if totals := stop(t, a); !totals.Balanced {
				t.Errorf("totals %+v", totals)
			}
		}
	}
}

// TestArchive_StandsBy: of two processes with the same archive the second one waits until the first has gone, and goes on
// where that was.
func TestArchive_StandsBy(t *testing.T) {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	base := settings(t)
	base.Bus.Brokers = kafka.ListenAddrs()
	base.Archive.Folder = filepath.Join(t.TempDir(), "archive")
	in, inCfg := part(t, base, "ingest", "normalise")
	first, firstCfg := part(t, base, "archive")
	send(t, inCfg, "<34>Oct 11 22:14:15 web-1 app: one")
	waitHits(t, backend(t, firstCfg), "process.name: app", 1)
	type made struct {
		a   *app.App
		cfg config.Config
	}
	second := make(chan made)
	go func() {
		a, cfg := part(t, base, "archive")
		second <- made{a, cfg}
	}()
	select {
	case <-second:
		t.Fatal("two processes have one archive")
	case <-time.After(700 * time.Millisecond):
	}
	stop(t, first)
	other := <-second
	send(t, inCfg, "<34>Oct 11 22:14:16 web-1 app: two")
	if docs := waitHits(t, backend(t, other.cfg), "process.name: app", 2); len(docs) != 2 {
		t.Errorf("%d documents of 2 lines", len(docs))
	}
	stop(t, in)
	stop(t, other.a)
}
