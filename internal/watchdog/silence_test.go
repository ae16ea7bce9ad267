package watchdog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/control/watching"
	"weir/internal/watchdog/rhythm"
)

// quietSources is a watch over nobody.
func quietSources(*site) *Sources {
	return &Sources{Heard: func() (time.Time, []rhythm.Heard) { return time.Time{}, nil }, After: 10 * time.Minute, Max: 100}
}

// loud is a site whose sources speak every ten seconds until they are turned off.
type loud struct {
	*site
	counts map[string]*rhythm.Heard
	off    map[string]bool
	own    map[string]int64
	expect []Expected
	device map[string]Device
	files  map[string][]byte // written, and on disk when somebody reads them: months pass in seconds here
}

// restart makes a new watchdog on the same folder.
func (l *loud) restart() {
	for name, data := range l.files {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	l.site.restart()
}

// newLoud makes a site with some sources, known for eight days.
func newLoud(t *testing.T, names ...string) *loud {
	l := &loud{counts: map[string]*rhythm.Heard{}, off: map[string]bool{}, own: map[string]int64{}, device: map[string]Device{}, files: map[string][]byte{}}
	l.site = newSite(t, func(o *Options) {
		o.Every = time.Minute
		o.Write = func(name string, data []byte) error { l.files[name] = data; return nil }
	})
	l.opts.Sources = &Sources{
		Heard: func() (time.Time, []rhythm.Heard) {
			var out []rhythm.Heard
			for _, name := range names {
				h := l.counts[name]
				if !l.off[name] {
					h.Count++
					h.Last = l.now
				}
				out = append(out, *h)
			}
			return l.now, out
		},
		Device: func(s string) Device { return l.device[s] }, Own: func() map[string]int64 { return l.own },
		Expected: func(_ context.Context, skip func(string) bool) []Expected {
			return slices.DeleteFunc(slices.Clone(l.expect), func(d Expected) bool { return skip(d.Name) })
		},
		After: 10 * time.Minute, Max: 100,
	}
	for _, name := range names {
		l.counts[name] = &rhythm.Heard{Source: name}
	}
	l.restart()
	return l
}

// minutes looks once a minute.
func (l *loud) minutes(n int) {
	for range n {
		l.now, l.up = l.now.Add(time.Minute), l.up+time.Minute
		l.w.Look(l.t.Context())
	}
}

// TestSourceSilent: it is said once, by the name of the inventory, is the same over a restart, and is over when the source
// speaks.
func TestSourceSilent(t *testing.T) {
	l := newLoud(t, "syslog/10.0.0.1", "syslog/10.0.0.2")
	l.device["syslog/10.0.0.1"] = Device{Name: "fw-1"}
	l.minutes(9 * 24 * 60)
	if got := l.said(); got != "" {
		t.Fatal(got)
	}
	l.off["syslog/10.0.0.1"] = true
	since := l.now
	l.minutes(15)
	if len(l.raised) != 1 {
		t.Fatal(l.said())
	}
	a := l.raised[0]
	if a.Rule != "weir-source-silent" || a.Level != "medium" || !a.First.Equal(since) || a.Group["log.source.address"] != "10.0.0.1" || a.Group["observer.name"] != "fw-1" || a.Group["weir.input"] != "syslog" ||
		!strings.HasPrefix(a.What, "fw-1 (syslog/10.0.0.1) has been silent since 2026-11-11 09:00 UTC, for 1") || !strings.Contains(a.WhatKo, "로그가 없습니다") {
		t.Errorf("%+v", a)
	}
	missing := l.w.Known(true)
	if len(missing.Rows) != 1 || missing.Rows[0].State != watching.Silent || missing.Rows[0].Device != "fw-1" || missing.Rows[0].Quiet < (10*time.Minute).Milliseconds() {
		t.Errorf("%+v", missing)
	}
	l.said()
	l.restart()
	l.minutes(3 * 60)
	if got := l.said(); got != "" {
		t.Errorf("after a restart: %s", got)
	}
	l.off["syslog/10.0.0.1"] = false
	l.minutes(2)
	if len(l.raised) != 1 || l.raised[0].ID != a.ID || l.raised[0].Ended == nil || l.raised[0].Revision != 2 {
		t.Errorf("%s", l.said())
	}
}

// TestRhythmsLost: what is known of rhythms is lost, the alert is not, and ends when its source is heard.
func TestRhythmsLost(t *testing.T) {
	l := newLoud(t, "syslog/10.0.0.1", "syslog/10.0.0.2")
	l.minutes(9 * 24 * 60)
	l.off["syslog/10.0.0.1"] = true
	l.minutes(15)
	l.said()
	l.files[filepath.Join(l.opts.Dir, rhythmsFile)] = []byte("damaged")
	l.counts["syslog/10.0.0.1"].Last = l.now.Add(-40 * 24 * time.Hour)
	l.restart()
	l.minutes(60)
	if got := l.said(); got != "" {
		t.Errorf("%s", got)
	}
	l.off["syslog/10.0.0.1"] = false
	l.minutes(2)
	if got := l.said(); got != "weir-source-silent/2 over" {
		t.Errorf("%s", got)
	}
}

// TestAllSilent: one alert for all of them, which counts them, and is over when they speak.
func TestAllSilent(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("syslog/10.0.0.%d", i))
	}
	l := newLoud(t, names...)
	l.minutes(8 * 24 * 60)
	for _, name := range names[:35] {
		l.off[name] = true
	}
	l.minutes(15)
	if len(l.raised) != 1 || l.raised[0].Rule != "weir-all-silent" || l.raised[0].Count != 35 || l.raised[0].Level != "high" ||
		!strings.HasPrefix(l.raised[0].What, "35 of 40 sources have been silent since about 2026-11-10 09:00 UTC: syslog/10.0.0.0, syslog/10.0.0.1, ") || !strings.Contains(l.raised[0].What, " and 25 more. Look") {
		t.Fatalf("%s %+v", l.said(), l.raised)
	}
	l.said()
	for _, name := range names[35:38] {
		l.off[name] = true
	}
	l.minutes(20)
	if len(l.raised) != 1 || l.raised[0].Revision != 2 || l.raised[0].Count != 38 {
		t.Errorf("%s", l.said())
	}
	if rows := l.w.Known(true).Rows; len(rows) != 38 || !rows[0].Many {
		t.Errorf("%d are missing", len(rows))
	}
	l.said()
	clear(l.off)
	l.minutes(5)
	if got := l.said(); got != "weir-all-silent/3 over" {
		t.Errorf("%s", got)
	}
}

// TestExpected: a device that never spoke is said after a day, over restarts; one that speaks through a relay after a day of
// silence; one that is a source of its own has a rhythm.
func TestExpected(t *testing.T) {
	l := newLoud(t, "syslog/10.0.0.1")
	l.device["syslog/10.0.0.1"] = Device{Name: "fw-1", Presence: rhythm.Expected}
	l.expect = []Expected{{Name: "fw-1"}, {Name: "door"}, {Name: "relayed", Heard: l.now}}
	l.minutes(12 * 60)
	l.restart()
	l.minutes(11 * 60)
	if got := l.said(); got != "" {
		t.Fatalf("before a day is over: %s", got)
	}
	if rows := l.w.Known(true).Rows; len(rows) != 1 || rows[0].State != watching.Never || rows[0].Device != "door" {
		t.Errorf("%+v", rows)
	}
	l.minutes(2 * 60)
	var what []string
	for _, a := range l.raised {
		what = append(what, a.What[:30])
	}
	if slices.Sort(what); !slices.Equal(what, []string{"the device door is in the inve", "the device relayed is in the i"}) {
		t.Errorf("%v", what)
	}
	l.said()
	l.expect[1].Heard, l.expect[2].Heard = l.now, l.now
	l.minutes(15)
	if got := l.said(); got != "weir-source-silent/2 over, weir-source-silent/2 over" {
		t.Errorf("%s", got)
	}
}

// TestOwnRecordsAreNoSignOfLife: canaries go by the address of this machine, whose own syslog may be dead.
func TestOwnRecordsAreNoSignOfLife(t *testing.T) {
	l := newLoud(t, "syslog/127.0.0.1", "audit/127.0.0.1")
	l.minutes(8 * 24 * 60)
	l.off["syslog/127.0.0.1"] = true
	for range 60 {
		l.counts["syslog/127.0.0.1"].Count++
		l.counts["syslog/127.0.0.1"].Last = l.now
		l.own["syslog/127.0.0.1"]++
		l.minutes(1)
	}
	l.off["audit/127.0.0.1"] = true
	l.minutes(60)
	if got := l.said(); got != "weir-source-silent/1" {
		t.Errorf("said %q", got)
	}
}

func TestRhythmName(t *testing.T) {
	for _, tc := range []struct{ source, want string }{
		{"syslog/10.0.0.1", "syslog/10.0.0.1"},
		{"file/var/log/syslog", "file/var/log/syslog"},
		{"file/var/log/app-2026-11-02.log", "file/var/log/app-*-*-*.log"},
		{"file/var/log/app.log.17", "file/var/log/app.log.*"},
		{"audit/127.0.0.1", ""},
		{"redrive/x", ""},
		{"other", ""},
	} {
		if got := rhythmName(tc.source); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.source, got, tc.want)
		}
	}
}

// TestDatedFiles: a file that is written for a day under each name is one source, and silent only when the new one does not
// come.
func TestDatedFiles(t *testing.T) {
	l := newLoud(t, "syslog/10.0.0.9")
	counts := map[string]int64{}
	last := map[string]time.Time{}
	l.opts.Sources.Heard = func() (time.Time, []rhythm.Heard) {
		if !l.off["app"] {
			name := "file/var/log/app-" + l.now.Format(time.DateOnly) + ".log"
			counts[name]++
			last[name] = l.now
		}
		var out []rhythm.Heard
		for name, n := range counts {
			out = append(out, rhythm.Heard{Source: name, Count: n, Last: last[name]})
		}
		return l.now, out
	}
	l.restart()
	l.minutes(12 * 24 * 60)
	if got := l.said(); got != "" {
		t.Fatal(got)
	}
	l.off["app"] = true
	l.minutes(60)
	if got := l.said(); got != "weir-source-silent/1" {
		t.Errorf("said %q", got)
	}
}

func TestSilenceDisabled(t *testing.T) {
	l := newLoud(t, "syslog/10.0.0.1")
	l.opts.Disable = []string{"weir-source-silent"}
	l.restart()
	l.minutes(9 * 24 * 60)
	l.off["syslog/10.0.0.1"] = true
	l.minutes(60)
	if got := l.said(); got != "" {
		t.Errorf("said %q", got)
	}
}
