package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/app"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
)

// place writes files into the data folder before a start.
func place(t testing.TB, cfg config.Config, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(cfg.Data, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// settled waits until the ledger has nothing in flight.
func settled(t testing.TB, b control.Backend, received int64) control.Ledger {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		l, err := b.Ledger(t.Context(), control.LedgerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var got, waiting int64
		for _, r := range l.Rows {
			got += r.Received
			waiting += r.InFlight
		}
		if got >= received && waiting == 0 {
			return l
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d received, %d in flight", got, received, waiting)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestFilesOfTheDataFolder: build.Inventory, classes and the filter are used by the process as they are by the commands.
func TestFilesOfTheDataFolder(t *testing.T) {
	cfg := settings(t)
	cfg.Inputs.Syslog.DropIf = `message contains "noise"`
	place(t, cfg, map[string]string{
		cfg.Normalise.Inventory: "name,addresses,site\nlocal,127.0.0.1,seoul\n",
		cfg.Normalise.Classes:   "- {name: access, when: process.name == \"sshd\"}\n",
	})
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	send(t, cfg, "<38>Oct 11 22:14:15 web-1 sshd[1]: Accepted password for ana from 192.0.2.7 port 5 ssh2", "<34>noise", "<34>more noise", "<34>something else")
	docs := waitHits(t, b, "weir.class: access", 1)
	if !strings.Contains(docs[0], "seoul") {
		t.Errorf("the inventory was not asked: %s", docs[0])
	}
	waitHits(t, b, "message: \"something else\" and weir.class: standard", 1)
	if got := hits(t, b, "message: noise"); len(got) != 0 {
		t.Errorf("what the filter drops is stored: %s", got)
	}
	l := settled(t, b, 4)
	for _, r := range l.Rows {
		if r.Source == "syslog/127.0.0.1" && (r.Name != "syslog/local" || r.Filtered != 2 || r.Received != 4 || r.Stored != 2) {
			t.Errorf("row %+v", r)
		}
	}
	if !l.Balanced {
		t.Errorf("the ledger does not balance: %+v", l.Rows)
	}
	if l, err := b.Ledger(t.Context(), control.LedgerRequest{Source: "syslog/local"}); err != nil || len(l.Rows) != 1 {
		t.Errorf("asked for by its name: %+v (%v)", l.Rows, err)
	}
}

// TestPendingAuditIsStoredAtTheStart: what was looked at while weir was stopped is in the archive, and stored once.
func TestPendingAuditIsStoredAtTheStart(t *testing.T) {
	cfg := settings(t)
	place(t, cfg, map[string]string{"audit-pending.jsonl": `{"event":{"dataset":"weir.audit","action":"search","kind":"event"},"weir":{"query":{"kql":"kilroy"}},"message":"search by ana"}` + "\n\n"})
	a := start(t, cfg)
	b := backend(t, cfg)
	waitHits(t, b, `event.dataset: weir.audit and message: "search by ana"`, 1)
	if _, err := os.Stat(filepath.Join(cfg.Data, "audit-pending.jsonl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	stop(t, a)
	a = start(t, cfg)
	defer stop(t, a)
	if docs := hits(t, backend(t, cfg), `event.dataset: weir.audit and message: "search by ana"`); len(docs) != 1 {
		t.Errorf("after a restart it is there %d times", len(docs))
	}
}

// TestTail hands over what is stored from now on, and only what matches.
func TestTail(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	send(t, cfg, "<34>before kilroy")
	waitHits(t, b, "message: kilroy", 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	docs := make(chan string, 10)
	ended := make(chan error, 1)
	go func() {
		_, err := b.Tail(ctx, control.TailRequest{Query: "message: kilroy"}, func(doc []byte) error {
			select {
			case docs <- string(doc):
			default: // how many are sent until the tail has begun depends on the machine; the first counts
			}
			return nil
		})
		ended <- err
	}()
	var got string
	deadline := time.Now().Add(time.Minute)
	for n := 0; got == ""; n++ {
		send(t, cfg, "<34>other", "<34>kilroy again") // until the tail has begun
		select {
		case got = <-docs:
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing arrived")
		}
	}
	if !strings.Contains(got, "kilroy again") {
		t.Errorf("the first is %s", got)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the tail does not end")
	}
	if _, err := b.Tail(t.Context(), control.TailRequest{Query: "a and"}, nil); fault.Code(err) != "kql-syntax" {
		t.Errorf("a broken query: %v", err)
	}
}

// TestSearch answers with what was asked for besides hits.
func TestSearch(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	send(t, cfg, attack(5)...)
	waitHits(t, b, "process.name: sshd", 6)
	var docs []string
	sum, err := b.Search(t.Context(), control.SearchRequest{Query: "process.name: sshd", Size: 2, Histogram: true, Top: "event.outcome", Fields: []string{"source.ip", "no.such"}}, func(doc []byte) error {
		docs = append(docs, string(doc))
		return nil
	})
	if err != nil || sum.Hits != 6 || len(docs) != 2 || len(sum.Buckets) == 0 || len(sum.Top) != 2 || sum.Top[0].Value != "failure" || sum.Top[0].Count != 5 {
		t.Errorf("%+v, %d documents (%v)", sum, len(docs), err)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(docs[0]), &doc); err != nil || len(doc) != 1 || doc["source"] == nil {
		t.Errorf("the document has %v (%v)", doc, err)
	}
	sum, err = b.Search(t.Context(), control.SearchRequest{Query: "sourc.ip: 203.0.113.5"}, nil)
	if err != nil || sum.Hits != 0 || len(sum.Warnings) == 0 {
		t.Errorf("a name that no list knows: %+v (%v)", sum, err)
	}
}

// TestStatus says where weir listens, what it has, and how the topics do.
func TestStatus(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	send(t, cfg, "<34>one", "<34>two")
	waitHits(t, b, "message: (one or two)", 2)
	st, err := b.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !st.Running || st.PID != os.Getpid() || st.Version != "test" || st.Data != cfg.Data || !st.DataNew || st.Rules == 0 || st.RulesBad != 0 || st.TimeZone != "UTC" {
		t.Errorf("%+v", st)
	}
	if st.Received < 2 || st.Stored < 2 || st.DiskBytes == 0 || st.DiskFree == 0 || st.Alerts != 0 || st.Lost != 0 {
		t.Errorf("counts %+v", st)
	}
	found := false
	for _, p := range st.Listening {
		found = found || p.Input == "syslog" && p.Proto == "tcp" && p.Address == cfg.Inputs.Syslog.Listen
	}
	if !found {
		t.Errorf("listening on %+v", st.Listening)
	}
	topics := map[string]control.Topic{}
	for _, topic := range st.Topics {
		topics[topic.Name] = topic
	}
	if raw := topics["weir.raw.syslog"]; raw.Partitions != 2 || raw.Records < 2 || raw.Group != "normalise" {
		t.Errorf("the raw topic: %+v of %d", raw, len(topics))
	}
}

// TestRun waits for its context and nothing else, as long as nothing breaks.
func TestRun(t *testing.T) {
	a := start(t, settings(t))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	select {
	case err := <-ended:
		t.Fatalf("it ended by itself: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if totals := stop(t, a); !totals.Balanced || totals.Received != 0 {
		t.Errorf("totals %+v", totals)
	}
}

// TestStopGivesUp: when nobody waits any longer, the next start stores what is in the log.
func TestStopGivesUp(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	send(t, cfg, "<34>kilroy was here")
	waitHits(t, backend(t, cfg), "message: kilroy", 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Stop(ctx); err == nil {
		t.Error("it says that all went well")
	}
	a = start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	if docs := waitHits(t, b, "message: kilroy", 1); len(docs) != 1 {
		t.Errorf("stored %d times", len(docs))
	}
	if l := settled(t, b, 1); !l.Balanced {
		t.Errorf("the ledger does not balance: %+v", l.Rows)
	}
}

// TestNew_Faults: what cannot work is said before anything begins, and the folder is free afterwards.
func TestNew_Faults(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"filter": func(c *config.Config) { c.Inputs.Syslog.DropIf = "message contains" },
		"classes": func(c *config.Config) {
			place(t, *c, map[string]string{c.Normalise.Classes: "- {name: UPPER, when: true}\n"})
		},
		"inventory": func(c *config.Config) { place(t, *c, map[string]string{c.Normalise.Inventory: "nme\nx\n"}) },
		"rules":     func(c *config.Config) { place(t, *c, map[string]string{c.Rules.Folder: "no folder"}) },
		"syslog":    func(c *config.Config) { c.Inputs.Syslog.Listen = "256.0.0.1:99999" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			change(&cfg)
			if _, err := app.New(cfg, options()); err == nil {
				t.Fatal("it was taken")
			}
			again := settings(t)
			again.Data = cfg.Data
			again.Normalise.Classes, again.Normalise.Inventory, again.Rules.Folder = "none", "none.csv", "none"
			stop(t, start(t, again))
		})
	}
}
