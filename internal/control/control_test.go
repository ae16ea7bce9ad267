package control

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

// fake answers with what the test gave it.
type fake struct {
	docs    []string
	forever bool // tail: documents until ctx ends
	err     error
	panics  bool

	mu    sync.Mutex
	asked any
	ended chan struct{} // closed when a call's context ended
}

func (f *fake) note(q any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = q
}

func (f *fake) question() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) Search(ctx context.Context, r SearchRequest, each func([]byte) error) (SearchSummary, error) {
	f.note(r)
	if f.panics {
		panic("a bug")
	}
	for _, d := range f.docs {
		if err := each([]byte(d)); err != nil {
			return SearchSummary{}, err
		}
	}
	if f.forever {
		<-ctx.Done()
		close(f.ended)
		return SearchSummary{}, ctx.Err()
	}
	return SearchSummary{Hits: 7, Shown: len(f.docs), TookMS: 4, BucketWidth: time.Minute, Buckets: []Bucket{{Time: at, Count: 3}},
		Warnings: []*fault.Error{{Code: "kql-unknown-field", What: "no such field", Warn: true, Text: "a: b", Mark: 1, Width: 1}}}, f.err
}

func (f *fake) Tail(ctx context.Context, r TailRequest, each func([]byte) error) (TailSummary, error) {
	f.note(r)
	n := int64(0)
	for _, d := range f.docs {
		if err := each([]byte(d)); err != nil {
			return TailSummary{}, err
		}
		n++
	}
	<-ctx.Done()
	if f.ended != nil {
		close(f.ended)
	}
	return TailSummary{Matched: n + 2, Dropped: 2}, f.err
}

func (f *fake) Ledger(_ context.Context, r LedgerRequest) (Ledger, error) {
	f.note(r)
	return Ledger{Rows: []LedgerRow{{Source: "syslog/192.0.2.1", Received: 3, Stored: 2, Difference: 1, Last: at}}, At: at,
		Unclean: []UncleanStop{{At: at, Hop: "ingest", Most: 9}}, Faults: []*fault.Error{{Code: "ledger-gap", What: "one is missing", Exit: fault.ExitFound}}}, f.err
}

func (f *fake) Alerts(_ context.Context, r AlertsRequest) ([]AlertRow, error) {
	f.note(r)
	return []AlertRow{{Alert: alert.Alert{ID: "3f9cab", Rule: "r", Last: at, Within: time.Minute}, Short: "3f9c", State: alert.Open}}, f.err
}

func (f *fake) Alert(_ context.Context, id string) (AlertDetail, error) {
	f.note(id)
	return AlertDetail{Row: AlertRow{Short: id}, Events: map[string]json.RawMessage{"e1": json.RawMessage(`{"message":"x"}`)}}, f.err
}

func (f *fake) DeadLetters(_ context.Context, r DeadLettersRequest) ([]DeadLetter, error) {
	f.note(r)
	return []DeadLetter{{ID: "d1", Raw: []byte("\x00\xff\n"), Time: at}}, f.err
}

func (f *fake) Status(context.Context) (Status, error) {
	f.note("status")
	return Status{Version: "0.1.0", Running: true, Listening: []Port{{"syslog", "udp", "127.0.0.1:5514"}}, InPerSecond: 1.5}, f.err
}

var at = time.Date(2026, 11, 21, 7, 50, 8, 412e6, time.UTC)

// serve starts a server of b on a new folder and dials it. It is stopped and waited for at the end of the test.
func serve(t *testing.T, b Backend) (*Client, string) {
	t.Helper()
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, b) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serving: %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, SocketName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left behind: %v", err)
		}
	})
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, dir
}
