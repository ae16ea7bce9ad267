package sources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/watching"
)

// seoul is 9 hours ahead.
var seoul = time.FixedZone("Asia/Seoul", 9*3600)

// begin is November of Seoul.
var begin = time.Date(2026, 11, 1, 0, 0, 0, 0, seoul)

// reader hands over events, a ledger and who is heard.
func reader(events []Event) Reader {
	return Reader{
		Scan: func(_ context.Context, from, to time.Time, each func(Event) error) error {
			for _, e := range events {
				if err := each(e); err != nil {
					return err
				}
			}
			return nil
		},
		Ledger: func(context.Context) (control.Ledger, error) {
			return control.Ledger{At: begin.AddDate(0, 1, 2), Balanced: false, KernelDrops: 3, Rows: []control.LedgerRow{
				{Source: "syslog/192.0.2.10", Name: "syslog/fw-1", Received: 10, Stored: 9, Dead: 1, First: begin, Last: begin.Add(time.Hour)},
				{Source: "file/nginx", Received: 5, Stored: 4, Difference: 1}}}, nil
		},
		Heard: func(context.Context) (watching.Sources, error) {
			return watching.Sources{Rows: []watching.Source{
				{Source: "syslog/192.0.2.10", Device: "fw-1", State: watching.Silent, Quiet: 7_200_000, Missed: 12.5}, {Device: "fw-9", State: watching.Never}, {Source: "http/cloud", State: watching.Heard}}}, nil
		},
	}
}

// sample is a firewall whose clock is 3 s behind, with a night of silence, and one whose clock is ahead.
func sample() []Event {
	var out []Event
	for h := range 48 {
		at := begin.Add(time.Duration(h)*time.Hour + time.Minute)
		if h < 20 || h > 30 {
			out = append(out, Event{Source: "syslog/192.0.2.10", Time: at, Created: at.Add(3 * time.Second), Logged: true})
		}
		out = append(out, Event{Source: "syslog/198.51.100.7", Time: at, Created: at.Add(-47 * time.Minute), Logged: h%2 == 0}, Event{Source: "syslog/198.51.100.7", Time: at, Created: at})
	}
	return append(out, Event{Source: "syslog/192.0.2.10", Time: begin.Add(-time.Second)}, Event{Source: "syslog/192.0.2.10", Time: begin.AddDate(0, 1, 0)}, Event{Time: begin})
}

// TestGather: counts, hours of the zone, silence, clocks, the ledger and who is heard, for each source.
func TestGather(t *testing.T) {
	f, err := Gather(t.Context(), reader(sample()), begin, begin.AddDate(0, 1, 0), seoul, begin.AddDate(0, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	by := map[string]*Source{}
	for i := range f.Sources {
		names = append(names, f.Sources[i].Source+"="+f.Sources[i].Name)
		by[f.Sources[i].Source] = &f.Sources[i]
	}
	if got := strings.Join(names, " "); got != "=fw-9 file/nginx= http/cloud= syslog/192.0.2.10=fw-1 syslog/198.51.100.7=" {
		t.Errorf("sources %s", got)
	}
	fw := by["syslog/192.0.2.10"]
	if fw.Stored != 37 || !fw.First.Equal(begin.Add(time.Minute)) || !fw.Last.Equal(begin.Add(47*time.Hour+time.Minute)) || fw.HeardHours != 37 {
		t.Errorf("%+v", fw)
	}
	if fw.Hours[0] != 1 || fw.Hours[21] != 1 || fw.Hours[8] != 2 {
		t.Errorf("hours %v", fw.Hours)
	}
	if fw.SilentMS != (11*time.Hour).Milliseconds() || !fw.SilentFrom.Equal(begin.Add(20*time.Hour)) {
		t.Errorf("silent for %d ms from %s", fw.SilentMS, fw.SilentFrom)
	}
	if s := fw.Skew; s.Events != 37 || s.MaxMS != 3000 || s.MedianMS < 2900 || s.MedianMS > 3100 || s.Ahead != 0 {
		t.Errorf("skew %+v", s)
	}
	if fw.State != watching.Silent || fw.QuietMS != 7_200_000 || fw.Known == nil || fw.Known.Dead != 1 {
		t.Errorf("%+v", fw)
	}
	if s := by["syslog/198.51.100.7"].Skew; s.Events != 24 || s.Ahead != 24 || s.MaxMS != -(47*time.Minute).Milliseconds() {
		t.Errorf("skew %+v", s)
	}
	if n := by["file/nginx"]; n.Known.Difference != 1 || n.Stored != 0 || n.HeardHours != 0 {
		t.Errorf("%+v", n)
	}
	if f.Balanced || !f.Ledger || f.KernelDrops != 3 || !f.Watched || f.Events != int64(len(sample())) {
		t.Errorf("%+v", f)
	}
}

// TestGather_alone: without a ledger and without somebody who watches there is still what came.
func TestGather_alone(t *testing.T) {
	r := reader(sample())
	r.Ledger, r.Heard = nil, nil
	f, err := Gather(t.Context(), r, begin, begin.AddDate(0, 1, 0), nil, begin)
	if err != nil || f.Ledger || f.Watched || len(f.Sources) != 2 || f.Zone != "UTC" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestGather_errors: what cannot be read is no report of nothing.
func TestGather_errors(t *testing.T) {
	gone := errors.New("gone")
	for name, change := range map[string]func(*Reader){
		"scan": func(r *Reader) {
			r.Scan = func(context.Context, time.Time, time.Time, func(Event) error) error { return gone }
		},
		"ledger": func(r *Reader) {
			r.Ledger = func(context.Context) (control.Ledger, error) { return control.Ledger{}, gone }
		},
		"heard": func(r *Reader) {
			r.Heard = func(context.Context) (watching.Sources, error) { return watching.Sources{}, gone }
		},
	} {
		r := reader(nil)
		change(&r)
		if _, err := Gather(t.Context(), r, begin, begin.AddDate(0, 1, 0), seoul, begin); !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGather_many: a flood of forged addresses costs a bound of memory, and what is left out is counted.
func TestGather_many(t *testing.T) {
	r := Reader{Scan: func(_ context.Context, from, _ time.Time, each func(Event) error) error {
		for i := range MaxSources + 500 {
			if err := each(Event{Source: fmt.Sprintf("syslog/%d", i), Time: from}); err != nil {
				return err
			}
		}
		return nil
	}}
	steps := 0
	r.Step = func(int64) { steps++ }
	f, err := Gather(t.Context(), r, begin, begin.Add(time.Hour), seoul, begin)
	if err != nil || len(f.Sources) != MaxSources || f.Left != 500 || steps != 0 {
		t.Errorf("%d sources, %d left, %d steps, %v", len(f.Sources), f.Left, steps, err)
	}
}

// BenchmarkGather is what each event of a month costs.
func BenchmarkGather(b *testing.B) {
	b.ReportAllocs()
	events := sample()
	g := &gatherer{from: begin, to: begin.AddDate(0, 1, 0), zone: seoul, by: map[string]*track{}}
	for i := 0; b.Loop(); i++ {
		g.add(events[i%len(events)])
	}
}
