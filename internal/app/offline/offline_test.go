package offline

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/app/apptest"
	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/record"
)

func asFault(t testing.TB, err error) *fault.Error {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("%v is no fault", err)
	}
	return f
}

// stopped is a data folder that a weir has left, with documents in its archive.
func stopped(t testing.TB, docs ...string) string {
	t.Helper()
	dir := t.TempDir()
	ar, err := archive.Open(filepath.Join(dir, "archive"), archive.Options{Log: slog.New(slog.DiscardHandler), Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]archive.Row, len(docs))
	for i, doc := range docs {
		rows[i] = archive.Row{Doc: []byte(doc), Consumed: record.Pos{Topic: "weir.events", Offset: int64(i)}, Account: "syslog/192.0.2.1"}
	}
	if len(rows) > 0 {
		if err := ar.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(ar.Seal(t.Context()), ar.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, dir string) control.Backend {
	t.Helper()
	b, closer, err := Open(t.Context(), at(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestOpen_NoData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	_, _, err := Open(t.Context(), at(dir), slog.New(slog.DiscardHandler))
	if f := asFault(t, err); f.Code != "no-data" || f.Where != dir || !strings.Contains(f.Do, "weir up") || f.Exit != fault.ExitUsage {
		t.Errorf("got %+v", f)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
}

// TestSearch finds what is sealed, and keeps who looked for the next start.
func TestSearch(t *testing.T) {
	dir := stopped(t, `{"event":{"id":"one"},"message":"kilroy","weir":{"time":"2026-01-05T00:00:00.000Z"}}`, `{"event":{"id":"two"},"message":"x","weir":{"time":"2026-01-05T00:00:01.000Z"}}`)
	b := open(t, dir)
	var docs []string
	sum, err := b.Search(t.Context(), control.SearchRequest{Query: "kilroy", Size: 10}, func(doc []byte) error {
		docs = append(docs, string(doc))
		return nil
	})
	if err != nil || sum.Hits != 1 || len(docs) != 1 || !strings.Contains(docs[0], "kilroy") {
		t.Fatalf("%d hits, %q (%v)", sum.Hits, docs, err)
	}
	if _, err := b.Search(t.Context(), control.SearchRequest{Query: "a and"}, nil); fault.Code(err) != "kql-syntax" {
		t.Errorf("a broken query: %v", err)
	}
	pending, err := os.ReadFile(filepath.Join(dir, auditing.File))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(pending)), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d looks were kept: %s", len(lines), pending)
	}
	for i, want := range []string{"success", "failure"} {
		if got := apptest.Decode(t, lines[i]).Str(event.EventOutcome); got != want {
			t.Errorf("look %d: %s, want %s", i, got, want)
		}
	}
	st, err := b.Status(t.Context())
	if err != nil || st.Running || st.Stored != 2 || st.Data != dir || st.DiskBytes == 0 {
		t.Errorf("status %+v (%v)", st, err)
	}
}

// TestAuditCannotBeKept answers even where nobody can note that it did.
func TestAuditCannotBeKept(t *testing.T) {
	dir := stopped(t, `{"message":"kilroy","weir":{"time":"2026-01-05T00:00:00.000Z"}}`)
	if err := os.Mkdir(filepath.Join(dir, auditing.File), 0o700); err != nil {
		t.Fatal(err)
	}
	sum, err := open(t, dir).Search(t.Context(), control.SearchRequest{Query: "kilroy"}, nil)
	if err != nil || sum.Hits != 1 {
		t.Errorf("%d hits (%v)", sum.Hits, err)
	}
}

func TestNothingKept(t *testing.T) {
	dir := stopped(t)
	b := open(t, dir)
	if list, err := b.Alerts(t.Context(), control.AlertsRequest{}); err != nil || len(list) != 0 {
		t.Errorf("alerts %v (%v)", list, err)
	}
	_, err := b.Alert(t.Context(), "abc")
	if f := asFault(t, err); f.Code != "alert-unknown" {
		t.Errorf("an alert: %+v", f)
	}
	if list, err := b.DeadLetters(t.Context(), control.DeadLettersRequest{}); err != nil || len(list) != 0 {
		t.Errorf("dead letters %v (%v)", list, err)
	}
	if l, err := b.Ledger(t.Context(), control.LedgerRequest{}); err != nil || !l.Balanced || len(l.Rows) != 0 {
		t.Errorf("ledger %+v (%v)", l, err)
	}
	_, err = b.Tail(t.Context(), control.TailRequest{}, nil)
	if f := asFault(t, err); f.Code != "not-running" || f.Exit != fault.ExitMissing {
		t.Errorf("tail: %+v", f)
	}
}

const letter = `{"event":{"id":"%ID","dataset":"weir.deadletter","created":"2026-01-05T00:00:00.000Z","original":"raw %ID"},"error":{"message":"why %ID"},` +
	`"log":{"source":{"address":"%IP"}},"weir":{"input":"syslog","time":"2026-01-05T00:00:0%N.000Z","deadletter":{"stage":"normalise","reason":"%WHY"}}}`

// TestListDeadLetters narrows by each part of the question.
func TestListDeadLetters(t *testing.T) {
	make := func(id, ip, why, n string) string {
		return strings.NewReplacer("%ID", id, "%IP", ip, "%WHY", why, "%N", n).Replace(letter)
	}
	b := open(t, stopped(t, make("aa-1", "192.0.2.1", "parser-panic", "1"), make("aa-2", "192.0.2.2", "unreadable", "2"), make("bb-1", "192.0.2.1", "unreadable", "3"),
		strings.Replace(make("cc-1", "192.0.2.3", "binary", "4"), `"original":"raw cc-1"`, `"kind":"event"`, 1)))
	tests := []struct {
		name string
		ask  control.DeadLettersRequest
		want string
	}{
		{"all, newest first", control.DeadLettersRequest{}, "cc-1 bb-1 aa-2 aa-1"},
		{"so many", control.DeadLettersRequest{Size: 2}, "cc-1 bb-1"},
		{"a start of an id", control.DeadLettersRequest{ID: "aa"}, "aa-2 aa-1"},
		{"so many of a start", control.DeadLettersRequest{ID: "aa", Size: 1}, "aa-2"},
		{"a source", control.DeadLettersRequest{Source: "syslog/192.0.2.1"}, "bb-1 aa-1"},
		{"a reason", control.DeadLettersRequest{Reason: "unreadable"}, "bb-1 aa-2"},
		{"a stage", control.DeadLettersRequest{Stage: "archive"}, ""},
		{"quotation marks are no query", control.DeadLettersRequest{Reason: `x" or event.id: "aa-1`}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := b.DeadLetters(t.Context(), tt.ask)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, d := range list {
				ids = append(ids, d.ID)
				if d.ID != "cc-1" && (string(d.Raw) != "raw "+d.ID || d.Detail != "why "+d.ID) || d.Stage != "normalise" || d.Time.IsZero() {
					t.Errorf("got %+v", d)
				}
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// at is the configuration of a data folder without a file.
func at(dir string) config.Config {
	cfg := config.Default()
	cfg.Data = dir
	return cfg
}
