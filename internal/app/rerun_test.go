package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/app"
	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/fault"
)

// rerun asks for a run and returns what it said.
func rerun(t testing.TB, b control.Backend, r redo.Request) (redo.Summary, []redo.Line) {
	t.Helper()
	var lines []redo.Line
	sum, err := b.(redo.Redoer).Redo(t.Context(), r, func(l redo.Line) error { lines = append(lines, l); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return sum, lines
}

// tells is what a run counted, in a line.
func tells(s redo.Summary) string {
	return fmt.Sprintf("tried %d stored %d unchanged %d failed %d filtered %d skipped %d", s.Tried, s.Stored, s.Unchanged, s.Failed, s.Filtered, s.Skipped)
}

// balanced wants every source of the ledger to come out even.
func balanced(t testing.TB, b control.Backend) map[string]control.LedgerRow {
	t.Helper()
	l, err := b.Ledger(t.Context(), control.LedgerRequest{})
	if err != nil || !l.Balanced || len(l.Faults) > 0 {
		t.Fatalf("the ledger: %+v (%v)", l, err)
	}
	rows := map[string]control.LedgerRow{}
	for _, r := range l.Rows {
		rows[r.Source] = r
	}
	return rows
}

func TestReparse(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	b := backend(t, cfg)
	stamp := time.Now().UTC().Format(time.Stamp)
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("<38>%s web-1 app[%d]: a line without a zone, number n%d", stamp, i, i))
	}
	send(t, cfg, append(lines, "<38>2026-11-21T10:00:00Z web-2 app[1]: a line that says its zone")...)
	waitHits(t, b, "host.name: web-*", 301)
	sum, _ := rerun(t, b, redo.Request{Query: "host.name: web-*"})
	if got := tells(sum); got != "tried 301 stored 0 unchanged 301 failed 0 filtered 0 skipped 0" {
		t.Fatalf("nothing was mended: %s", got)
	}
	if sum, _ := rerun(t, b, redo.Request{Query: ""}); sum.Tried != 301 { // not who searched
		t.Errorf("all that is stored: %s", tells(sum))
	}
	stop(t, a)
	if _, err := backend(t, cfg).(redo.Redoer).Redo(t.Context(), redo.Request{}, nil); fault.Code(err) != "not-running" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("without a process: %v", err)
	}

	cfg.Inputs.Syslog.TimeZone = "Asia/Seoul" // what the formats make of it is something else now
	a = start(t, cfg)
	b = backend(t, cfg)
	dry, said := rerun(t, b, redo.Request{Query: "host.name: web-*", DryRun: true, Examples: 2})
	if got := tells(dry); got != "tried 301 stored 300 unchanged 1 failed 0 filtered 0 skipped 0" || !dry.DryRun {
		t.Errorf("without writing: %s", got)
	}
	examples := 0
	for _, l := range said {
		if l.Example != nil {
			examples++
			if text := fmt.Sprint(l.Example.Changes); !strings.Contains(text, "{event.timezone +00:00 +09:00}") || !strings.Contains(text, "{@timestamp ") {
				t.Errorf("an example: %+v", l.Example)
			}
		}
	}
	if examples != 2 {
		t.Errorf("%d examples", examples)
	}
	sum, _ = rerun(t, b, redo.Request{Query: "host.name: web-*"})
	if got := tells(sum); got != "tried 301 stored 300 unchanged 1 failed 0 filtered 0 skipped 0" {
		t.Errorf("mended: %s", got)
	}
	for kql, want := range map[string]int{`event.timezone: "+09:00"`: 300, `event.timezone: "+00:00"`: 0, "host.name: web-*": 301, "host.name: web-* and weir.revision: 1": 301, "weir.revised.run: " + sum.Run: 300} {
		if got := len(hits(t, b, kql)); got != want {
			t.Errorf("%s: %d events, want %d", kql, got, want)
		}
	}
	if sum, _ := rerun(t, b, redo.Request{Query: "host.name: web-*"}); sum.Stored != 0 || sum.Unchanged != 301 {
		t.Errorf("once more: %s", tells(sum))
	}
	rows := balanced(t, b)
	if r := rows["reparse/events"]; r.Received != r.Stored+r.Duplicate || r.Stored != 300 {
		t.Errorf("the ledger says %+v", r)
	}
	if r := rows["syslog/127.0.0.1"]; r.Received != 301 || r.Stored != 301 {
		t.Errorf("of the sender the ledger says %+v", r)
	}
	if looks := hits(t, b, "event.action: reparse and event.dataset: weir.audit"); len(looks) < 2 {
		t.Errorf("%d records of who had events read again", len(looks))
	}
	if totals := stop(t, a); !totals.Balanced {
		t.Errorf("%+v", totals)
	}
}

// TestReparse_Stopped: a run that is broken off says what it did, and the next goes on with the rest.
func TestReparse_Stopped(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	b := backend(t, cfg)
	var lines []string
	for i := range 4000 {
		lines = append(lines, fmt.Sprintf("<38>%s web-1 app[%d]: a line without a zone, number n%d", time.Now().UTC().Format(time.Stamp), i, i))
	}
	send(t, cfg, lines...)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if sum, err := b.Search(t.Context(), control.SearchRequest{Query: "host.name: web-1"}, nil); err == nil && sum.Hits == 4000 {
			break
		}
	}
	stop(t, a)
	cfg.Inputs.Syslog.TimeZone = "Asia/Seoul"
	a = start(t, cfg)
	b = backend(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	sum, err := b.(redo.Redoer).Redo(ctx, redo.Request{Query: "host.name: web-1"}, func(l redo.Line) error {
		if l.Progress != nil && ctx.Err() == nil {
			_, err := b.(redo.Redoer).Redo(t.Context(), redo.Request{}, nil) // while the first one runs
			second <- err
			cancel()
		}
		return nil
	})
	cancel()
	if err != nil || !sum.Stopped || sum.Tried != sum.Stored || sum.Stored >= 4000 {
		t.Errorf("broken off: %+v (%v)", sum, err)
	}
	if err := <-second; fault.Code(err) != "redo-busy" {
		t.Errorf("a second run beside the first: %v", err)
	}
	rest, _ := rerun(t, b, redo.Request{Query: "host.name: web-1"})
	if rest.Stored+sum.Stored != 4000 || rest.Unchanged != sum.Stored || rest.Stopped {
		t.Errorf("%s, then %s", tells(sum), tells(rest))
	}
	balanced(t, b)
	stop(t, a)
}

// leave writes dead letters as an older weir would have left them.
func leave(t testing.TB, cfg config.Config, docs ...map[string]any) {
	t.Helper()
	k, err := bus.Open(t.Context(), cfg.Bus, filepath.Join(cfg.Data, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	p, err := k.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, d := range docs {
		value, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ProduceSync(t.Context(), &kgo.Record{Topic: k.Topic(bus.DeadLetters), Value: value, Timestamp: time.Now()}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// deadLetter is the document of one.
func deadLetter(id, reason, original string, tags ...string) map[string]any {
	const at = "2026-11-20T10:00:00.000Z"
	return map[string]any{
		"@timestamp": at, "error": map[string]any{"message": "system.auth: " + reason}, "tags": tags, "log": map[string]any{"source": map[string]any{"address": "192.0.2.1"}},
		"event": map[string]any{"created": at, "dataset": "weir.deadletter", "id": id, "kind": "pipeline_error", "original": original},
		"weir":  map[string]any{"class": "deadletters", "deadletter": map[string]any{"reason": reason, "stage": "normalise"}, "input": "syslog", "revision": 1, "time": at, "transport": "tcp"},
	}
}

func TestRedrive(t *testing.T) {
	cfg := settings(t)
	cfg.Inputs.Syslog.DropIf = `message contains "noise"`
	stop(t, start(t, cfg))
	leave(t, cfg, deadLetter("old/1/1", "parser-panic", "<38>2026-11-20T09:00:00Z web-1 app[1]: hello"), deadLetter("old/1/2", "parser-panic", "<38>2026-11-20T09:00:00Z web-1 app[1]: noise"),
		deadLetter("old/1/3", "object-cut", "<38>2026-11-20T09:00:00Z web-1 app[1]: cut", "unusable"), deadLetter("old/1/4", "other", "<38>2026-11-20T09:00:00Z web-1 app[1]: later"))
	a := start(t, cfg)
	b := backend(t, cfg)
	waitHits(t, b, "event.dataset: weir.deadletter", 4)
	sum, _ := rerun(t, b, redo.Request{Redrive: true, Reason: "parser-panic"})
	if got := tells(sum); got != "tried 2 stored 1 unchanged 0 failed 0 filtered 1 skipped 0" {
		t.Errorf("mended: %s", got)
	}
	doc := hits(t, b, "message: hello")
	if len(doc) != 1 || !strings.Contains(doc[0], `"id":"old/1/1"`) || !strings.Contains(doc[0], `"revision":2`) || !strings.Contains(doc[0], `"created":"2026-11-20T10:00:00.000Z"`) {
		t.Errorf("the event is %s", doc)
	}
	sum, _ = rerun(t, b, redo.Request{Redrive: true})
	if got := tells(sum); got != "tried 2 stored 1 unchanged 0 failed 1 filtered 0 skipped 2" || sum.FailedBy["object-cut"]+sum.FailedBy["as before"] != 1 {
		t.Errorf("the rest: %s %v", got, sum.FailedBy)
	}
	states := map[string]string{}
	list, err := b.DeadLetters(t.Context(), control.DeadLettersRequest{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		states[d.ID] = d.State
	}
	if got := fmt.Sprint(states); got != "map[old/1/1:redriven old/1/2:filtered old/1/3:open old/1/4:redriven]" {
		t.Errorf("states: %s", got)
	}
	if list, err = b.DeadLetters(t.Context(), control.DeadLettersRequest{}); err != nil || len(list) != 1 || list[0].ID != "old/1/3" {
		t.Errorf("open: %+v (%v)", list, err)
	}
	rows := balanced(t, b)
	if r := rows["redrive/deadletters"]; r.Received != 4 || r.Stored != 2 || r.Filtered != 1 || r.Dead+r.Duplicate != 1 {
		t.Errorf("the ledger says %+v", r)
	}
	if _, err := b.(redo.Redoer).Redo(t.Context(), redo.Request{As: "system.auht"}, nil); fault.Code(err) != "dataset-unknown" || !strings.Contains(did(err), "system.auth") {
		t.Errorf("a dataset that no format has: %v", err)
	}
	stop(t, a)
}

// TestReparse_AcrossProcesses: one process has the archive, another reads the originals, and Kafka between them goes away.
func TestReparse_AcrossProcesses(t *testing.T) {
	addr, run := restartable(t)
	kafka := run()
	defer func() { kafka.Close() }()
	begin := func(cfg config.Config, stages ...string) *app.App {
		opts := options()
		opts.Stages = stages
		a, err := app.New(cfg, opts)
		if err == nil {
			err = a.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	front := settings(t)
	front.Bus.Brokers = []string{addr}
	back := settings(t)
	back.Bus.Brokers = []string{addr}
	back.Bus.Spool.After = unit.Duration(150 * time.Millisecond)
	b := begin(back, "archive", "console")
	a := begin(front, "ingest", "normalise", "correlate")
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("<38>%s web-1 app[%d]: a line without a zone", time.Now().UTC().Format(time.Stamp), i))
	}
	send(t, front, lines...)
	asked := backend(t, back)
	waitHits(t, asked, "host.name: web-1", 200)
	stop(t, a)
	front.Inputs.Syslog.TimeZone = "Asia/Seoul"
	a = begin(front, "ingest", "normalise", "correlate")
	if _, err := asked.(redo.Redoer).Redo(t.Context(), redo.Request{DryRun: true}, nil); fault.Code(err) != "stage-elsewhere" {
		t.Errorf("trying without normalise: %v", err)
	}
	if _, err := backend(t, front).(redo.Redoer).Redo(t.Context(), redo.Request{}, nil); fault.Code(err) != "stage-elsewhere" {
		t.Errorf("without the archive: %v", err)
	}
	sum, _ := rerun(t, asked, redo.Request{Query: "host.name: web-1"})
	if got := tells(sum); got != "tried 200 stored 200 unchanged 0 failed 0 filtered 0 skipped 0" {
		t.Errorf("mended: %s", got)
	}
	if sum, _ = rerun(t, asked, redo.Request{Query: "host.name: web-1"}); sum.Stored != 0 || sum.Unchanged != 200 {
		t.Errorf("once more: %s", tells(sum))
	}
	balanced(t, asked)

	// Without Kafka no run begins: what was sent before might still come.
	kafka.Close()
	if _, err := asked.Search(t.Context(), control.SearchRequest{Query: "x"}, nil); err != nil { // it is recorded who searched
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); b.Status().InFlight == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	time.Sleep(300 * time.Millisecond) // until it is in the spool
	short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := asked.(redo.Redoer).Redo(short, redo.Request{}, func(redo.Line) error { return nil }); err == nil {
		t.Error("a run began without Kafka")
	}
	kafka = run()
	if sum, _ = rerun(t, asked, redo.Request{Query: "host.name: web-1"}); sum.Stored != 0 || sum.Unchanged != 200 {
		t.Errorf("when Kafka is back: %s", tells(sum))
	}
	stop(t, a)
	stop(t, b)
}

// TestReparse_MendedFormat: a format that fails on a field is mended in the data folder, and the events that it read in part
// are whole.
func TestReparse_MendedFormat(t *testing.T) {
	cfg := settings(t)
	write := func(steps string) {
		t.Helper()
		file := filepath.Join(cfg.Data, "formats", "shop.yaml")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("dataset: shop.orders\ntitle: Orders\nmatch: {programs: [shop]}\nsteps:\n"+steps), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("  - dissect: 'order %{event.code} by %{user.name} for %{_total} won'\n  - convert: {_total: int}\n")
	a := start(t, cfg)
	b := backend(t, cfg)
	send(t, cfg, "<38>2026-11-21T10:00:00Z app-1 shop[1]: order 77 by kim", "<38>2026-11-21T10:00:00Z app-1 shop[1]: order 78 by lee for 5 won")
	waitHits(t, b, "event.dataset: shop.orders", 2)
	if n := len(hits(t, b, "weir.parse_errors: *")); n != 1 {
		t.Fatalf("%d events with parse errors, want 1", n)
	}
	stop(t, a)
	write("  - first: [[{dissect: 'order %{event.code} by %{user.name} for %{_total} won'}], [{dissect: 'order %{event.code} by %{user.name}'}]]\n")
	a = start(t, cfg)
	b = backend(t, cfg)
	sum, _ := rerun(t, b, redo.Request{Query: "event.dataset: shop.orders"})
	if got := tells(sum); got != "tried 2 stored 1 unchanged 1 failed 0 filtered 0 skipped 0" {
		t.Errorf("mended: %s", got)
	}
	if n, kim := len(hits(t, b, "weir.parse_errors: *")), len(hits(t, b, "user.name: kim and event.code: 77")); n != 0 || kim != 1 {
		t.Errorf("%d events with parse errors, %d of kim", n, kim)
	}
	if n := len(hits(t, b, "weir.parse_errors: * and weir.revision: 1")); n != 1 {
		t.Errorf("the first record is gone: %d", n)
	}
	balanced(t, b)
	stop(t, a)
}

// did is what a fault says that should be done.
func did(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Do
	}
	return ""
}
