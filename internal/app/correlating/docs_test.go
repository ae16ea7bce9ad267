package correlating

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/app/apptest"
)

// fakeWorker notes what it is given.
type fakeWorker struct{ batch []*kgo.Record }

func (w *fakeWorker) Process(_ context.Context, batch []*kgo.Record, done func(error)) error {
	w.batch = append(w.batch, batch...)
	done(nil)
	return nil
}

func (w *fakeWorker) Close() {}

// TestAlertDocs: the archive gets documents, each under the offset of its alert, and the batch of the runner stays as it is.
func TestAlertDocs(t *testing.T) {
	value, err := json.Marshal(alert.Alert{
		ID: "abc", Revision: 2, Rule: "ssh-brute-force", Title: "Guessing", Level: "high", What: "somebody guesses", Count: 7,
		Group: map[string]string{"source.ip": "203.0.113.5"}, First: time.Unix(100, 0).UTC(), Last: time.Unix(200, 0).UTC(), Created: time.Unix(150, 0).UTC(),
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := []*kgo.Record{{Topic: "weir.alerts", Partition: 3, Offset: 41, Value: value}, {Offset: 42, Value: []byte("no alert")}, {Offset: 43, Value: value}}
	inner := &fakeWorker{}
	d := &AlertDocs{Worker: inner, Log: slog.New(slog.DiscardHandler)}
	done := 0
	if err := d.Process(t.Context(), batch, func(error) { done++ }); err != nil || done != 1 {
		t.Fatalf("%d done, %v", done, err)
	}
	for i, rec := range inner.batch {
		e := apptest.Decode(t, string(rec.Value))
		if got := e.GetPath("weir.class").Text(); got != alertClass || rec.Offset != int64(41+i) {
			t.Errorf("record %d: class %q, offset %d", i, got, rec.Offset)
		}
		if i == 1 {
			continue // unreadable: empty, but there
		}
		for path, want := range map[string]string{"rule.id": "ssh-brute-force", "event.kind": "alert", "source.ip": "203.0.113.5"} {
			if got := e.GetPath(path).Text(); got != want {
				t.Errorf("record %d: %s = %q, want %q", i, path, got, want)
			}
		}
	}
	if len(inner.batch) != 3 || string(batch[0].Value) != string(value) || string(batch[1].Value) != "no alert" {
		t.Error("the runner's records were changed, or some are missing")
	}
}

// TestChangeDocs: a decision is a document of the trail of what people did, under the offset of its record.
func TestChangeDocs(t *testing.T) {
	value, err := json.Marshal(alert.Change{Alert: "abc", Version: 2, Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "ana", At: time.Unix(100, 0).UTC(), Rule: "ssh-brute-force"})
	if err != nil {
		t.Fatal(err)
	}
	batch := []*kgo.Record{{Topic: "weir.changes", Offset: 41, Value: value}, {Offset: 42, Value: []byte("no change")}}
	inner := &fakeWorker{}
	d := &ChangeDocs{Worker: inner, Log: slog.New(slog.DiscardHandler)}
	done := 0
	if err := d.Process(t.Context(), batch, func(error) { done++ }); err != nil || done != 1 || len(inner.batch) != 2 || inner.batch[1].Offset != 42 {
		t.Fatalf("%d done, %d records, %v", done, len(inner.batch), err)
	}
	e := apptest.Decode(t, string(inner.batch[0].Value))
	for path, want := range map[string]string{"weir.class": "audit", "event.id": "abc-change-2", "event.action": "alert-closed", "user.name": "ana", "weir.alert.verdict": "benign", "rule.id": "ssh-brute-force"} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if string(batch[0].Value) != string(value) {
		t.Error("the runner's records were changed")
	}
}
