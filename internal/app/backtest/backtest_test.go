package backtest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/control/trial"
)

const failed = "id: failed\ntitle: Failed\nlevel: low\nwhen: event.outcome == \"failure\"\nfold: {by: [user.name], for: 1h}\nexplain: \"{{user.name}} of {{host.name}} from {{source.ip}}\"\n"

// week are logins over seven days: failures of three users, some an hour apart and some a day.
func week() [][]byte {
	var docs [][]byte
	for h := range 7 * 24 {
		at := time.Duration(h) * time.Hour
		add := func(d time.Duration, user, outcome, address string) {
			docs = append(docs, login(len(docs), at+d, user, outcome, address))
		}
		add(0, "ana", "success", "192.0.2.1")
		if h%24 < 3 {
			add(time.Minute, "root", "failure", "203.0.113.5")
			add(2*time.Minute, "root", "failure", "203.0.113.6")
		}
		if h%24 == 12 {
			add(time.Minute, "김민수", "failure", "203.0.113.7")
		}
	}
	return docs
}

func TestArchive(t *testing.T) {
	t.Parallel()
	docs := week()
	got := try(t, place(t, nil), stored(t, t.TempDir(), docs), file(failed))
	s := got.sum
	if s.Events != int64(len(docs)) || s.Skipped+s.Tried != s.Events || s.Skipped < 150 || s.Segments != 7 || s.Stopped != "" || len(s.Warnings) != 0 {
		t.Errorf("summary %+v", s)
	}
	if !slices.Equal(s.Columns, []string{"@timestamp", "event.outcome", "weir.time"}) {
		t.Errorf("columns %v", s.Columns)
	}
	if len(s.Rules) != 1 || s.Rules[0].Matches != 7*7 || s.Rules[0].Alerts != 14 || s.Rules[0].New+s.Rules[0].Gone != 0 {
		t.Fatalf("rules %+v", s.Rules)
	}
	first := got.alerts[0]
	if first.Group["user.name"] != "root" || first.Count != 6 || !first.First.Equal(start.Add(time.Minute)) || !first.Last.Equal(start.Add(2*time.Hour+2*time.Minute)) ||
		first.What != "root of web-1 from 203.0.113.5" || first.Change != "" || len(first.Evidence) != 6 || first.Evidence[0].Values["message"] == "" || first.Evidence[0].Src != "weir.raw.syslog/0/1/0" {
		t.Errorf("the first alert: %+v", first)
	}
}

func TestArchive_Bounds(t *testing.T) {
	t.Parallel()
	a, p := stored(t, t.TempDir(), week()), place(t, nil)
	tests := []struct {
		name           string
		from, to       time.Time
		alerts, events int64
	}{
		{"a day", start.Add(24 * time.Hour), start.Add(48 * time.Hour), 2, 31},
		{"from the sixth day on", start.Add(6 * 24 * time.Hour), time.Time{}, 2, 31},
		{"an hour of the first", time.Time{}, start.Add(time.Hour), 1, 3},
		{"before all", time.Time{}, start, 0, 0},
		{"after all", start.Add(30 * 24 * time.Hour), time.Time{}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := file(failed)
			req.From, req.To = tt.from, tt.to
			got := try(t, p, a, req).sum
			if got.Rules[0].Alerts != tt.alerts || got.Events != tt.events || !tt.from.IsZero() && !got.From.Equal(tt.from) || !tt.to.IsZero() && !got.To.Equal(tt.to) {
				t.Errorf("%d alerts of %d events: %+v", got.Rules[0].Alerts, got.Events, got)
			}
		})
	}
}

func TestArchive_Empty(t *testing.T) {
	t.Parallel()
	a, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got := try(t, place(t, nil), a, file(failed))
	if got.sum.Events != 0 || len(got.alerts) != 0 || len(got.sum.Rules) != 1 || got.sum.CostNS != 0 {
		t.Errorf("%+v", got.sum)
	}
}

// TestArchive_BrokenSegment: what cannot be read is named, and the rest is read.
func TestArchive_BrokenSegment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := stored(t, dir, week()).Close(); err != nil {
		t.Fatal(err)
	}
	var files []string
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error {
		if strings.HasSuffix(path, ".parquet") {
			files = append(files, path)
		}
		return nil
	})
	broken := files[1]
	b, err := os.ReadFile(broken)
	if err != nil {
		t.Fatal(err)
	}
	for i := 200; i < len(b)-2000; i++ {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(broken, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(files[2]); err != nil {
		t.Fatal(err)
	}
	a, err := archive.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got := try(t, place(t, nil), a, file(failed), whole)
	var codes []string
	for _, w := range got.sum.Warnings {
		codes = append(codes, w.Code)
		if !strings.Contains(w.Error()+w.Why, ".parquet") {
			t.Errorf("the segment is not named: %+v", w)
		}
	}
	slices.Sort(codes)
	if !slices.Equal(codes, []string{"segment-unreadable", "segment-unreadable"}) || got.sum.Events == 0 || got.sum.Rules[0].Alerts == 0 {
		t.Errorf("%v, %+v", codes, got.sum)
	}
}

// TestArchive_Stopped: who stops it gets what was found by then, and hears how far it came.
func TestArchive_Stopped(t *testing.T) {
	t.Parallel()
	a, p := stored(t, t.TempDir(), week()), place(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out answer
	b, err := New(p, file(failed), func(l trial.Line) error {
		if l.Progress != nil {
			cancel()
		}
		return out.line(l)
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.sum, err = b.Archive(ctx, a); err != nil {
		t.Fatal(err)
	}
	if out.sum.Stopped != trial.Interrupted || out.sum.Reached.IsZero() || out.sum.Events >= int64(len(week())) || len(out.sum.Rules) != 1 {
		t.Errorf("%+v", out.sum)
	}
}

// TestBookkeeping: alerts and dead letters lie in the archive too, and no rule is held against them, as live.
func TestBookkeeping(t *testing.T) {
	t.Parallel()
	var docs [][]byte
	for i, class := range []string{"standard", "alerts", "deadletters", "audit"} {
		var e event.Event
		if err := e.Decode(login(i, 0, "root", "failure", "203.0.113.5")); err != nil {
			t.Fatal(err)
		}
		e.SetStr(event.WeirClass, class)
		e.Append(event.WeirRules, "kilroy")
		docs = append(docs, e.AppendJSON(nil))
	}
	a := stored(t, t.TempDir(), docs)
	if got := try(t, place(t, nil), a, file(failed)).sum; got.Events != 2 || got.Rules[0].Matches != 2 {
		t.Errorf("%+v", got)
	}
	named := "id: n\ntitle: N\nlevel: low\nwhen: weir.rules == \"kilroy\"\n"
	if got := try(t, place(t, nil), a, file(named)).sum; got.Rules[0].Matches != 0 {
		t.Errorf("a rule sees what rules have written: %+v", got)
	}
}
