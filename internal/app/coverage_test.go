package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/app/offline"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/query"
	"weir/rules/coverage"
)

// write sends lines to the syslog input of a weir.
func write(t *testing.T, a *App, texts ...string) {
	t.Helper()
	c, err := net.Dial("tcp", a.cfg.Inputs.Syslog.Listen)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b strings.Builder
	for _, s := range texts {
		b.WriteString(line(s))
	}
	if _, err := io.WriteString(c, b.String()); err != nil {
		t.Fatal(err)
	}
}

// many makes n lines of the load.
func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("load %d", i)
	}
	return out
}

// stretches reads what an archive holds of coverage, in the order of offsets.
func stretches(t *testing.T, ar *archive.Archive) []coverage.Stretch {
	t.Helper()
	q, err := query.Parse("weir.coverage.to: *")
	if err != nil {
		t.Fatal(err)
	}
	var out []coverage.Stretch
	for e, err := range ar.Scan(t.Context(), search.ScanOptions{Filter: q}) {
		if err != nil {
			t.Fatal(err)
		}
		s, ok := coverage.ReadStretch(e)
		if !ok {
			t.Errorf("%s is no stretch", e.AppendJSON(nil))
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b coverage.Stretch) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.From, b.From))
	})
	return out
}

// whole checks that the stretches of each partition follow each other from offset 0 without holes and overlaps, and
// returns how many events they hold.
func whole(t *testing.T, list []coverage.Stretch) (events int64) {
	t.Helper()
	next := map[string]int64{}
	for _, s := range list {
		at := fmt.Sprintf("%s/%d", s.Topic, s.Partition)
		if s.From != next[at] {
			t.Errorf("%s: a stretch begins at %d, and the one before it ends at %d", at, s.From, next[at])
		}
		next[at] = s.To
		events += s.Events()
	}
	return events
}

// TestCoverage runs the whole way with a change of the rules: what was evaluated by which set is in the archive, exactly,
// the ledger balances, and searches do not find it unless they ask.
func TestCoverage(t *testing.T) {
	cfg := loadedConfig(t)
	a, err := New(cfg, Options{Log: silent(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Ledger.Interval, a.cfg.Ledger.Interval = 1e8, 1e8 // checkpoints come ten times a second
	a.coverEvery = time.Nanosecond
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := a.live()
	first := a.rules.Hash()
	write(t, a, many(500)...)
	waitStored(t, a, 500)
	put(t, a, "rules/every.yaml", everyLine(1)+"---\n"+strings.ReplaceAll(everyLine(2), "every-line", "more")+"---\n"+blindRule)
	a.reloadRules(t.Context())
	second := a.rules.Hash()
	write(t, a, many(300)...)
	waitStored(t, a, 800)
	var rep *coverage.Report
	waitFor(t, func() bool {
		if rep, err = l.Coverage(t.Context(), coverage.Request{}); err != nil {
			t.Fatal(err)
		}
		return len(rep.Sets) == 2 && rep.Sets[0].Events+rep.Sets[1].Events == 800
	}, func() string { return fmt.Sprintf("the running weir says %+v", rep.Sets) })
	checkReport(t, rep, first, second)
	sum, err := l.Search(t.Context(), control.SearchRequest{Size: 1000}, func(doc []byte) error {
		if strings.Contains(string(doc), `"`+coverage.Dataset+`"`) {
			t.Errorf("a search for everything finds %s", doc)
		}
		return nil
	})
	if err != nil || sum.Hits < 800 {
		t.Errorf("a search for everything finds %d, %v", sum.Hits, err)
	}
	totals, err := a.Stop(t.Context())
	if err != nil || !totals.Balanced || totals.Received != totals.Stored {
		t.Errorf("%+v, %v", totals, err)
	}

	b, closer, err := offline.Open(t.Context(), cfg, silent())
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	ar, err := archive.OpenReader(filepath.Join(cfg.Data, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	rep, err = b.(control.Coverer).Coverage(t.Context(), coverage.Request{})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, rep, first, second)
	if n := whole(t, stretches(t, ar)); n != 801 { // and one search
		t.Errorf("%d events were evaluated", n)
	}
}

// blindRule asks for a log source and a field that nothing here has.
const blindRule = `id: blind
title: Blind
level: low
tags: [attack.t1190]
when: observer.vendor == "nobody"
`

// checkReport holds a report to what was done.
func checkReport(t *testing.T, rep *coverage.Report, first, second string) {
	t.Helper()
	if len(rep.Sets) != 2 || rep.Sets[0].Hash != second || rep.Sets[1].Hash != first || !rep.Sets[0].Newest || rep.Set != second {
		t.Fatalf("sets %+v", rep.Sets)
	}
	if rep.Sets[1].Added != 3 || rep.Sets[1].Gone != 1 || rep.Sets[1].Rules != 2 || rep.Sets[0].Rules != 4 {
		t.Errorf("between the sets: %+v", rep.Sets[1])
	}
	for _, g := range rep.Gaps {
		if g.Kind != coverage.OlderSet || g.Set != first {
			t.Errorf("a gap that is none: %+v", g)
		}
	}
	if len(rep.Gaps) != 1 {
		t.Errorf("%d gaps", len(rep.Gaps))
	}
	rows := map[string]coverage.RuleRow{}
	for _, r := range rep.Rules {
		rows[r.ID] = r
	}
	if r := rows["more"]; r.Matches != 300 || !r.CanRun || r.Since.IsZero() || r.Alerts == 0 {
		t.Errorf("%+v", r)
	}
	if r := rows["every-line"]; r.Matches != 800 { // both versions
		t.Errorf("%+v", r)
	}
	if r := rows["blind"]; r.CanRun || r.FieldsSeen || len(r.Missing) != 1 || r.Missing[0][0] != "observer.vendor" || r.Matches != 0 {
		t.Errorf("%+v", r)
	}
	if len(rep.Techniques) != 1 || rep.Techniques[0].ID != "T1190" || rep.Techniques[0].CanRun != 0 || rep.Techniques[0].Rules != 1 {
		t.Errorf("%+v", rep.Techniques)
	}
}

// waitStored waits until so many received events are in the archive.
func waitStored(t *testing.T, a *App, n int64) {
	t.Helper()
	var have int64
	waitFor(t, func() bool {
		have = 0
		for source, c := range a.stored() {
			if !strings.HasPrefix(source, "audit/") {
				have += c
			}
		}
		return have >= n
	}, func() string { return fmt.Sprintf("%d of %d are stored", have, n) })
}

// TestCoverage_OverRestarts: what a weir that was stopped has written goes on where it ended, and rule sets are described
// once.
func TestCoverage_OverRestarts(t *testing.T) {
	cfg := loadedConfig(t)
	for i := range 3 {
		a, err := New(cfg, Options{Log: silent(), Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		write(t, a, many(100)...)
		waitStored(t, a, int64(100*(i+1)))
		// Of this start no document is due yet, and nobody is told of a gap.
		var rep *coverage.Report
		waitFor(t, func() bool { // for the description of the rules alone
			rep, err = a.live().Coverage(t.Context(), coverage.Request{})
			return err == nil && len(rep.Gaps) == 0 && len(rep.Sets) == 1 && rep.Sets[0].Events == int64(100*(i+1))
		}, func() string { return fmt.Sprintf("start %d: %+v, %v", i, rep, err) })
		if totals, err := a.Stop(context.Background()); err != nil || !totals.Balanced {
			t.Fatal(totals, err)
		}
	}
	b, closer, err := offline.Open(t.Context(), cfg, silent())
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	ar, err := archive.OpenReader(filepath.Join(cfg.Data, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	list := stretches(t, ar)
	if n := whole(t, list); n != 300 {
		t.Errorf("%d events in %d stretches", n, len(list))
	}
	if len(list) > 3*cfg.Bus.Partitions {
		t.Errorf("%d stretches for three starts", len(list))
	}
	described := 0
	sum, err := b.Search(t.Context(), control.SearchRequest{Query: "weir.ruleset.part: *", Size: 10}, func([]byte) error { described++; return nil })
	if err != nil || described != 1 {
		t.Errorf("the rule set is described %d times: %+v, %v", described, sum, err)
	}
}
