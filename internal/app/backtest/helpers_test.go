package backtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/apptest"
	"weir/internal/archive"
	"weir/internal/config"
	"weir/internal/control/trial"
	"weir/internal/record"
)

var start = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func data(t testing.TB, files map[string]string) config.Config {
	t.Helper()
	return apptest.Data(t, files)
}

// stored makes an archive of documents: three quarters in segments of their own, the rest in memory.
func stored(t testing.TB, dir string, docs [][]byte) *archive.Archive {
	t.Helper()
	a, err := archive.Open(dir, archive.Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	n := len(docs)
	for i, part := range [][][]byte{docs[:n/4], docs[n/4 : n/2], docs[n/2 : n*3/4], docs[n*3/4:]} {
		rows := make([]archive.Row, len(part))
		for j, doc := range part {
			off := int64(i*n + j)
			rows[j] = archive.Row{Doc: doc, Account: "a", Consumed: record.Pos{Topic: "weir.events", Offset: off}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: off}}
		}
		if err := a.Append(t.Context(), rows, nil); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			if err := a.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return a
}

// login is an event of sshd; n numbers it and says when it was.
func login(n int, at time.Duration, user, outcome, address string) []byte {
	var e event.Event
	e.Set(event.Timestamp, event.At(start.Add(at)))
	e.Set(event.WeirTime, event.At(start.Add(at)))
	e.SetStr(event.EventID, fmt.Sprintf("q7f3kx2m/3/%d", n))
	e.SetStr(event.WeirSrc, fmt.Sprintf("weir.raw.syslog/0/%d/0", n))
	e.SetStr(event.EventDataset, "system.auth")
	e.SetStr(event.EventOutcome, outcome)
	e.SetStr(event.UserName, user)
	e.SetStr(event.SourceIP, address)
	e.SetStr(event.HostName, "web-1")
	e.SetStr(event.Message, outcome+" of "+user+" from "+address)
	return e.AppendJSON(nil)
}

// answer is what one backtest said.
type answer struct {
	sum      trial.Summary
	alerts   []trial.Alert
	progress []trial.Progress
}

func (a *answer) line(l trial.Line) error {
	if l.Alert != nil {
		a.alerts = append(a.alerts, *l.Alert)
	}
	if l.Progress != nil {
		a.progress = append(a.progress, *l.Progress)
	}
	return nil
}

// place is a process that runs the shipped rules and those of files.
func place(t testing.TB, files map[string]string) Place {
	t.Helper()
	p, err := PlaceOf(data(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// try runs a test over an archive.
func try(t testing.TB, p Place, a *archive.Archive, req trial.Request, change ...func(*Test)) answer {
	t.Helper()
	var out answer
	b, err := New(p, req, out.line)
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range change {
		fn(b)
	}
	if out.sum, err = b.Archive(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	return out
}

// whole makes a test read whole events, without leaving any out.
func whole(b *Test) { b.sieve, b.columns, b.whole = nil, nil, nil }

// file makes a request of one rule.
func file(text string) trial.Request {
	return trial.Request{Rules: []trial.Source{{File: "r.yaml", Text: text}}, Values: true}
}

// brief writes alerts in a line each, with what two ways to them must agree in.
func brief(list []trial.Alert) string {
	var b strings.Builder
	for i := range list {
		fmt.Fprintf(&b, "%s %s\n", list[i].Change, briefOf(&list[i].Alert))
	}
	return b.String()
}

func briefOf(a *alert.Alert) string {
	doc, _ := json.Marshal(struct {
		ID, Rule, What string
		Group          map[string]string
		First, Last    time.Time
		Count          int
		Conditions     []alert.Condition
		Evidence       []alert.Evidence
	}{a.ID, a.Rule, a.What, a.Group, a.First, a.Last, a.Count, a.Conditions, a.Evidence})
	return string(doc)
}
