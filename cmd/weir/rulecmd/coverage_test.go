package rulecmd

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/rules/coverage"
)

// covering is a weir that only knows what its rules were tried on.
type covering struct {
	control.Backend
	report *coverage.Report
	err    error
	asked  coverage.Request
}

func (c *covering) Coverage(_ context.Context, r coverage.Request) (*coverage.Report, error) {
	c.asked = r
	return c.report, c.err
}

// seen is a report with a row of everything.
func seen() *coverage.Report {
	at := func(hour int) time.Time { return time.Date(2026, 11, 21, hour, 0, 0, 0, time.UTC) }
	hash := "d37d1edcde4db2cedb702fb9b682f9bc"
	return &coverage.Report{From: at(0), To: at(7), Set: hash, Seen: []string{"linux//sshd"},
		Sets: []coverage.Used{{Hash: hash, Rules: 3, First: at(2), Last: at(6), Events: 4610, Newest: true}, {Hash: strings.Repeat("a", 32), Rules: 2, First: at(1), Last: at(2), Events: 9, Added: 1}},
		Gaps: []coverage.Gap{
			{Kind: coverage.NotEvaluated, From: at(0), To: at(1), Dataset: "system.auth", Events: 7, Why: "stored, and not evaluated"},
			{Kind: coverage.NotEvaluated, From: at(3), To: at(4), Topic: "weir.raw.syslog", Partition: 1, FromOffset: 60, ToOffset: 70, Why: "no rule set says so"},
			{Kind: coverage.OlderSet, From: at(1), To: at(2), Set: strings.Repeat("a", 32), Events: 9, Why: "rules that came later: 1"},
		},
		Rules: []coverage.RuleRow{
			{ID: "ssh", Title: "Guessing", Level: "high", Source: "*/*/*", SourceSeen: true, FieldsSeen: true, CanRun: true, Matches: 5, Alerts: 1, Since: at(1)},
			{ID: "quiet", Title: "Quiet \x1b[31m", Level: "low", Source: "*/*/*", SourceSeen: true, FieldsSeen: true, CanRun: true, Since: at(2)},
			{ID: "blind", Title: "Blind", Level: "low", Source: "linux/*/sshd", SourceSeen: true, Missing: [][]string{{"a", "b.c"}, {"d"}}},
			{ID: "away", Title: "Away", Level: "low", Source: "windows/process_creation/*", Missing: [][]string{{"x"}}},
		},
		Techniques: []coverage.Technique{{ID: "T1059", Rules: 1, MissingSources: []string{"windows/process_creation/*"}}, {ID: "T1110.001", Rules: 2, CanRun: 1, Fired: 1, MissingFields: []string{"a|b.c", "d"}}},
	}
}

func TestCoverage(t *testing.T) {
	b := &covering{report: seen()}
	out, msg, code := world{backend: b, terminal: 110}.run(t, "coverage", "--from", "2026-11-21T09:00:00+09:00", "--to", "2026-11-21T16:00:00+09:00")
	same(t, "tables", out, ""+
		"Gaps\n"+
		"FROM      TO        GAP            EVENTS  WHERE                    WHY\n"+
		"09:00:00  10:00:00  not-evaluated       7  system.auth              stored, and not evaluated\n"+
		"12:00:00  13:00:00  not-evaluated       -  weir.raw.syslog/1 60-69  no rule set says so\n"+
		"10:00:00  11:00:00  older-set           9  set aaaaaaaa             rules that came later: 1\n"+
		"\n"+
		"Rule sets\n"+
		"SET       FROM      TO        RULES  EVENTS  NOTE\n"+
		"d37d1edc  11:00:00  15:00:00      3   4,610  the newest\n"+
		"aaaaaaaa  10:00:00  11:00:00      2       9  1 rules came later, 0 are gone\n"+
		"\n"+
		"Fields that never appeared\n"+
		"RULE   LOG SOURCE    NEEDS        TITLE\n"+
		"blind  linux/*/sshd  a or b.c, d  Blind\n"+
		"\n"+
		"Rules that can run and never fired\n"+
		"RULE   LEVEL  SINCE     TITLE\n"+
		"quiet  low    11:00:00  Quiet \\x1b[31m\n"+
		"\n"+
		"Techniques\n"+
		"TECHNIQUE  RULES  CAN RUN  FIRED  MISSING\n"+
		"T1059          1        0      0  windows/process_creation/*\n"+
		"T1110.001      2        1      1  a|b.c d\n"+
		"\n")
	same(t, "summary", msg, "4 rules of the set d37d1edc: 2 can run here, 1 fired; 2 techniques, of 1 no rule can run; 4,619 events evaluated\n")
	if code != 0 || !b.asked.From.Equal(b.report.From) || !b.asked.To.Equal(b.report.To) {
		t.Errorf("exit %d, asked %+v", code, b.asked)
	}
}

func TestCoverage_PipeAndJSON(t *testing.T) {
	b := &covering{report: seen()}
	out, _, _ := world{backend: b}.run(t, "coverage")
	for _, line := range []string{"Gaps\t2026-11-21T00:00:00Z\t2026-11-21T01:00:00Z\tnot-evaluated\t7\tsystem.auth\tstored, and not evaluated\n", "Techniques\tT1059\t1\t0\t0\twindows/process_creation/*\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in\n%s", line, out)
		}
	}
	out, _, code := world{backend: b}.run(t, "coverage", "--json")
	kinds := ""
	var last map[string]any
	for line := range strings.Lines(out) {
		last = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kinds += last["kind"].(string) + " "
	}
	if kinds != "set set gap gap gap technique technique rule rule rule rule summary " || code != 0 {
		t.Errorf("%s, exit %d", kinds, code)
	}
	if last["rules"] != 4.0 || last["can_run"] != 2.0 || last["techniques_blind"] != 1.0 || last["events"] != 4619.0 || last["fields_missing"] != 2.0 {
		t.Errorf("%v", last)
	}
	if !strings.Contains(out, `{"kind":"gap","gap":"older-set","from":"2026-11-21T01:00:00Z"`) {
		t.Errorf("gaps: %s", out)
	}
}

func TestCoverage_ManyRows(t *testing.T) {
	b := &covering{report: seen()}
	for range 20 {
		b.report.Gaps = append(b.report.Gaps, b.report.Gaps[0])
	}
	out, msg, _ := world{backend: b, terminal: 110}.run(t, "coverage")
	if n := strings.Count(out, "not-evaluated"); n != coverageRows-1 || !strings.Contains(msg, "and 13 more: --all\n") {
		t.Errorf("%d gaps, %s", n, msg)
	}
	if out, msg, _ = (world{backend: b, terminal: 110}).run(t, "coverage", "--all"); strings.Count(out, "not-evaluated") != 22 || strings.Contains(msg, "--all") {
		t.Errorf("with --all: %s%s", out, msg)
	}
}

func TestCoverage_Navigator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "layer.json")
	_, msg, code := world{backend: &covering{report: seen()}, terminal: 110}.run(t, "coverage", "--navigator", file)
	doc, err := os.ReadFile(file)
	if err != nil || code != 0 || !strings.Contains(msg, "wrote "+file) || !json.Valid(doc) || !strings.Contains(string(doc), `"T1110.001"`) {
		t.Errorf("exit %d, %s, %v\n%s", code, msg, err, doc)
	}
	if _, msg, code = (world{backend: &covering{report: seen()}, terminal: 110}).run(t, "coverage", "--navigator", filepath.Join(file, "x")); code != 2 || !strings.Contains(msg, "cannot be written") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestCoverage_Wrong(t *testing.T) {
	gone := errors.New("gone")
	for name, tt := range map[string]struct {
		w    world
		args []string
		code int
		says string
	}{
		"a time that is none":     {world{backend: &covering{report: seen()}}, []string{"--from", "noon"}, 2, "noon"},
		"turned about":            {world{backend: &covering{report: seen()}}, []string{"--from", "-1d", "--to", "-2d"}, 2, "--from is not before --to"},
		"no folder":               {world{}, nil, 2, "no data folder"},
		"a weir that is older":    {world{backend: struct{ control.Backend }{}}, nil, 3, "does not know what its rules were tried on"},
		"an archive that is gone": {world{backend: &covering{err: gone}}, nil, 2, "gone"},
	} {
		if _, msg, code := tt.w.run(t, append([]string{"coverage"}, tt.args...)...); code != tt.code || !strings.Contains(msg, tt.says) {
			t.Errorf("%s: exit %d, %s", name, code, msg)
		}
	}
	out, msg, code := world{backend: &covering{report: &coverage.Report{}}, terminal: 100}.run(t, "coverage")
	if code != 0 || out != "" || !strings.Contains(msg, "no rule set evaluated anything") {
		t.Errorf("of nothing: exit %d, %s%s", code, out, msg)
	}
}
