package searchcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/app/auditing"
	"weir/internal/app/searching"
	"weir/internal/archive"
	"weir/internal/archive/sample"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/term"
)

// weir is one that answers from an archive of sample documents.
type weir struct {
	control.Backend
	question.Table
	looks []auditing.Look
	data  string
}

func start(t *testing.T, n int) *weir {
	t.Helper()
	a, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	var rows []archive.Row
	for i, d := range sample.Docs(7, n) {
		rows = append(rows, archive.Row{Doc: d, Account: "syslog/192.0.2.1", Consumed: record.Pos{Topic: "weir.events", Offset: int64(i)}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: int64(i)}})
	}
	if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
		t.Fatal(err)
	}
	w := &weir{data: t.TempDir()}
	w.Table = searching.Questions(searching.Deps{Archive: func() (*archive.Archive, error) { return a, nil }, Data: w.data,
		Note: func(_ context.Context, l auditing.Look) { w.looks = append(w.looks, l) }})
	return w
}

// shell runs f as the program would, and returns stdout and stderr.
func (w *weir) shell(t *testing.T, terminal int, asJSON bool, f func(sh ui.Shell) error) (stdout, stderr string, err error) {
	t.Helper()
	var out, msg bytes.Buffer
	now := func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	o := term.Options{Env: []string{"LANG=en_US.UTF-8"}, Color: "never", Now: now, Terminal: terminal, Zone: time.UTC}
	sh := ui.Shell{Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: asJSON, Now: now}
	sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
	sh.Line = func(v any) error { return json.NewEncoder(&out).Encode(v) }
	sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
	sh.Warn = func(list ...*fault.Error) {
		for _, e := range list {
			sh.Msg.Fault(e, false)
		}
	}
	sh.Cmdline = func(rest string) string { return "weir " + rest }
	sh.Times = func(from, to string) (a, b time.Time, err error) {
		for s, into := range map[string]*time.Time{from: &a, to: &b} {
			if s != "" {
				if *into, err = term.ParseTime(s, now(), time.UTC); err != nil {
					return
				}
			}
		}
		return
	}
	sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(w) }
	err = f(sh)
	return out.String(), msg.String(), err
}

func (w *weir) page(t *testing.T, terminal int, asJSON bool, o Options) (string, string, error) {
	return w.shell(t, terminal, asJSON, func(sh ui.Shell) error { return Page(t.Context(), sh, o) })
}

func TestPage_OnePageAfterAnother(t *testing.T) {
	w := start(t, 250)
	after, rows := First, 0
	var users []string
	for n := 0; after != ""; n++ {
		out, msg, err := w.page(t, 0, false, Options{Sort: "user.name", Size: 100, SizeGiven: true, Fields: []string{"user.name"}, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out) {
			_, user, _ := strings.Cut(strings.TrimSpace(line), "\t")
			users = append(users, user)
			rows++
		}
		want := []string{"100 of 250, lowest user.name first", "100 more, lowest user.name first", "50 more"}[n]
		if !strings.HasPrefix(msg, want) {
			t.Errorf("page %d: %s", n, msg)
		}
		_, after, _ = strings.Cut(msg, "Next page: --after ")
		after = strings.TrimSpace(after)
	}
	present := slices.DeleteFunc(slices.Clone(users), func(s string) bool { return s == "" })
	if rows != 250 || !slices.IsSorted(present) || !slices.Equal(users[:len(present)], present) {
		t.Errorf("%d rows in the order %q", rows, users)
	}
}

func TestPage_JSONEndsWithTheCursor(t *testing.T) {
	w := start(t, 30)
	out, _, err := w.page(t, 0, true, Options{Size: 20, SizeGiven: true, After: First})
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last struct{ Next string }
	if err != nil || len(lines) != 21 || json.Unmarshal([]byte(lines[20]), &last) != nil || last.Next == "" {
		t.Fatalf("%d lines, the last %s (%v)", len(lines), lines[len(lines)-1], err)
	}
	out, _, err = w.page(t, 0, true, Options{Size: 20, SizeGiven: true, After: last.Next})
	if n := strings.Count(out, "\n"); err != nil || n != 10 || strings.Contains(out, `"next"`) {
		t.Errorf("the last page: %d lines (%v)", n, err)
	}
	if _, _, err = w.page(t, 0, true, Options{Size: 20, After: "nonsense"}); err == nil {
		t.Error("a cursor that is none")
	}
}

func TestPage_CountBy(t *testing.T) {
	w := start(t, 300)
	o := Options{CountBy: []string{"event.outcome", "user.name"}, CountSize: 3, Histogram: true, Size: 50}
	out, msg, err := w.page(t, 100, false, o)
	if err != nil || !strings.Contains(out, "EVENT.OUTCOME  USER.NAME  EVENTS     %\n") || strings.Count(out, "\n") != 6 {
		t.Errorf("%s\n%v", out, err)
	}
	if !strings.HasPrefix(msg, "300 events; the first 3 of ") || !strings.Contains(msg, "groups, exact; ") || !strings.Contains(msg, "events lack event.outcome or user.name") {
		t.Errorf("%s", msg)
	}
	out, _, err = w.page(t, 0, true, o)
	var first struct {
		Values map[string]string
		Count  int
		Exact  bool
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err != nil || json.Unmarshal([]byte(lines[len(lines)-3]), &first) != nil || first.Values["user.name"] == "" || first.Count == 0 || !first.Exact {
		t.Errorf("%s\n%v", out, err)
	}
	if out, _, err = w.page(t, 0, false, o); err != nil || !strings.HasPrefix(out, "2026-11-21T07:00:00Z\t") {
		t.Errorf("a pipe gets %s (%v)", out, err)
	}
}

func TestSavedSearches(t *testing.T) {
	w := start(t, 200)
	run := func(f func(sh ui.Shell) error) (string, string) {
		out, msg, err := w.shell(t, 160, false, f)
		if err != nil {
			t.Fatal(err)
		}
		return out, msg
	}
	_, msg := run(func(sh ui.Shell) error {
		return Save(t.Context(), sh, "root", Options{Query: "user.name: root", From: "-30d", Sort: "-source.ip", Size: 5, SizeGiven: true, CountBy: []string{"source.ip"}})
	})
	if !strings.Contains(msg, "weir search --saved root") {
		t.Errorf("%s", msg)
	}
	out, _ := run(func(sh ui.Shell) error { return List(t.Context(), sh) })
	if !strings.Contains(out, "root ") || !strings.Contains(out, "user.name: root") || strings.Count(out, "\n") != 12 {
		t.Errorf("%s", out)
	}
	var o Options
	run(func(sh ui.Shell) (err error) {
		o, err = Use(t.Context(), sh, "root", Options{Query: "event.outcome: failure", Size: 50, To: ""})
		return err
	})
	if o.Query != "(user.name: root) and (event.outcome: failure)" || o.From != "-30d" || o.Sort != "-source.ip" || o.Size != 5 || len(o.CountBy) != 1 {
		t.Errorf("%+v", o)
	}
	run(func(sh ui.Shell) (err error) {
		o, err = Use(t.Context(), sh, "root", Options{From: "-1h", Sort: "user.name", Size: 7, SizeGiven: true, CountBy: []string{"a"}})
		return err
	})
	if o.Query != "user.name: root" || o.From != "-1h" || o.Sort != "user.name" || o.Size != 7 || o.CountBy[0] != "a" {
		t.Errorf("flags do not win: %+v", o)
	}
	if _, _, err := w.shell(t, 0, false, func(sh ui.Shell) error { _, err := Use(t.Context(), sh, "rot", o); return err }); !suggests(err, "`root`") {
		t.Errorf("%v", err)
	}
}

func TestExport(t *testing.T) {
	w := start(t, 400)
	dir := t.TempDir()
	for _, name := range []string{"a.ndjson", "a.csv", "a.parquet"} {
		file := filepath.Join(dir, name)
		_, msg, err := w.shell(t, 0, false, func(sh ui.Shell) error { return Export(t.Context(), sh, file, Options{From: "-30d"}) })
		if err != nil || !strings.HasPrefix(msg, "400 events in ") {
			t.Fatalf("%s: %s (%v)", name, msg, err)
		}
		b, err := os.ReadFile(file)
		if err != nil || len(b) == 0 {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("\n")); name == "a.ndjson" && n != 400 || name == "a.csv" && n < 401 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
	if l := w.looks[len(w.looks)-1]; l.Action != "export" || l.Hits != 400 || !strings.HasPrefix(l.Reason, "parquet into ") {
		t.Errorf("recorded %+v", l)
	}
	if _, _, err := w.shell(t, 0, false, func(sh ui.Shell) error { return Export(t.Context(), sh, filepath.Join(dir, "a.csv"), Options{}) }); err == nil {
		t.Error("a file that is there was replaced")
	}
	out, _, err := w.shell(t, 0, true, func(sh ui.Shell) error {
		return Export(t.Context(), sh, filepath.Join(dir, "b.csv"), Options{Query: "user.name: root", Fields: []string{"user.name"}})
	})
	if err != nil || !strings.Contains(out, `"format":"csv"`) {
		t.Errorf("%s (%v)", out, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "b.csv"))
	if err != nil || !strings.HasPrefix(string(b), "@timestamp,user.name\n2026-11-21T07:00:0") || strings.Contains(string(b), "kim") {
		t.Errorf("%.200s (%v)", b, err)
	}
}

// TestExport_EndedEarlyLeavesNothing: whoever presses Ctrl-C finds no half file.
func TestExport_EndedEarlyLeavesNothing(t *testing.T) {
	w := start(t, 400)
	ctx, cancel := context.WithCancel(t.Context())
	whole := w.Table["search/export"]
	w.Table["search/export"] = func(ctx context.Context, raw []byte, each func([]byte) error) (any, error) {
		n := 0
		return whole(ctx, raw, func(doc []byte) error {
			if n++; n == 100 {
				cancel()
			}
			return each(doc)
		})
	}
	dir := t.TempDir()
	_, _, err := w.shell(t, 0, false, func(sh ui.Shell) error { return Export(ctx, sh, filepath.Join(dir, "a.csv"), Options{}) })
	if err == nil {
		t.Error("the end was not noticed")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("left behind: %v (%v)", list, err)
	}
	if l := w.looks[len(w.looks)-1]; l.Action != "export" || l.Err == nil {
		t.Errorf("recorded %+v", l)
	}
}

func TestPaged(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want bool
	}{{Options{}, false}, {Options{Sort: "@timestamp"}, false}, {Options{Sort: "-@timestamp"}, false}, {Options{Sort: "user.name"}, true}, {Options{After: First}, true}, {Options{CountBy: []string{"a"}}, true}} {
		if c.o.Paged() != c.want {
			t.Errorf("%+v", c.o)
		}
	}
}

// suggests tells whether an error names what may have been meant.
func suggests(err error, name string) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && strings.Contains(f.Do, name)
}
