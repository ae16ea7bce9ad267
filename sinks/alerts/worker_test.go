package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
)

func TestWorker(t *testing.T) {
	var log bytes.Buffer
	var told []string
	w := &Worker{Store: open(t), OnNew: func(r Row) { told = append(told, r.Short) }, Log: slog.New(slog.NewTextHandler(&log, nil))}
	defer w.Close()
	var batch []*kgo.Record
	for i, a := range []alert.Alert{sample("aaaa000000000001", 1), sample("aaaa000000000001", 2), sample("bbbb000000000001", 1)} {
		value, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, &kgo.Record{Topic: "weir.alerts", Offset: int64(i), Value: value})
	}
	batch = slices.Insert(batch, 1, &kgo.Record{Topic: "weir.alerts", Offset: 77, Value: []byte("{")}, &kgo.Record{Topic: "weir.alerts", Offset: 78, Value: []byte("{}")})
	for range 2 { // the second time after a crash before the commit
		answered := 0
		if err := w.Process(t.Context(), batch, func(err error) {
			if err == nil {
				answered++
			}
		}); err != nil || answered != 1 {
			t.Fatalf("%v, answered %d times", err, answered)
		}
	}
	if strings.Join(told, " ") != "aaaa bbbb" {
		t.Errorf("told of %v", told)
	}
	if !strings.Contains(log.String(), "offset=77") || !strings.Contains(log.String(), "offset=78") {
		t.Errorf("broken records are not named: %s", log.String())
	}
	rows, err := w.Store.List(t.Context(), Filter{})
	if err != nil || len(rows) != 2 || rows[0].Revision != 2 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// A store that cannot write fails the batch as a whole and leaves it unanswered: the runner tries again.
func TestWorker_storeGone(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "alerts.db"), Options{Risk: &weights})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Store: s, Log: slog.New(slog.DiscardHandler)}
	value, _ := json.Marshal(sample("aaaa000000000001", 1))
	if err := w.Process(t.Context(), []*kgo.Record{{Value: value}}, func(error) { t.Error("answered") }); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open(t).Upsert(ctx, []alert.Alert{sample("aaaa000000000001", 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
}
