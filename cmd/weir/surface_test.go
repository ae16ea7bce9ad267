package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"weir/cmd/weir/topics"
	"weir/internal/alert"
	"weir/internal/app/backtest"
	"weir/internal/app/tools"
	"weir/internal/archive/anchor"
	"weir/internal/archive/logkey"
	"weir/internal/bus/topicadmin"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/archiving"
	"weir/internal/control/consoling"
	"weir/internal/control/redo"
	"weir/internal/control/reporting"
	"weir/internal/control/trial"
	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/internal/kibana"
	"weir/internal/term"
	"weir/internal/trace"
	"weir/rules/exceptions"
)

// What holds for every command is tested here over all of them. A new command is in the tree and not in the table below,
// which fails until it is.

// surface is how a command is called with the fakes of these tests.
type surface struct {
	args  string
	asks  bool // asks a backend, so its failures come through
	rows  bool // --json is one object a line on stdout
	wide  bool // text of a page may be wider than the terminal: it wraps
	moves bool // what it shows is of this moment: free bytes
	long  bool // so may lines whose columns are never cut: ids, sources, counts
}

// surfaces has every command but up, which runs, and man, which writes files: both have tests of their own.
var surfaces = map[string]surface{
	"weir search":                     {args: "search x", asks: true, rows: true},
	"weir tail":                       {args: "tail x", asks: true, rows: true},
	"weir ledger":                     {args: "ledger", asks: true, rows: true, long: true},
	"weir alerts list":                {args: "alerts list", asks: true, rows: true},
	"weir alerts show":                {args: "alerts show 3f9c", asks: true, rows: true, wide: true},
	"weir alerts ack":                 {args: "alerts ack 3f9c", asks: true, rows: true},
	"weir alerts close":               {args: "alerts close 3f9c --verdict benign", asks: true, rows: true},
	"weir alerts open":                {args: "alerts open 3f9c", asks: true, rows: true},
	"weir alerts assign":              {args: "alerts assign 3f9c --to ben", asks: true, rows: true},
	"weir alerts note":                {args: "alerts note 3f9c seen", asks: true, rows: true},
	"weir alerts risk":                {args: "alerts risk", asks: true, rows: true},
	"weir sources list":               {args: "sources list", asks: true, rows: true},
	"weir sources missing":            {args: "sources missing", asks: true, rows: true, long: true},
	"weir sources new":                {args: "sources new", asks: true, rows: true, long: true},
	"weir archive list":               {args: "archive list", asks: true, rows: true, long: true},
	"weir archive verify":             {args: "archive verify", rows: true, long: true, wide: true},
	"weir archive export":             {args: "archive export x --reason why --out x.zip", asks: true, rows: true, long: true, wide: true},
	"weir archive restore":            {args: "archive restore x --from -1d --config es.yaml", asks: true, long: true},
	"weir archive hold":               {args: "archive hold x --owner lee --reason why", asks: true, rows: true},
	"weir archive holds":              {args: "archive holds --all", asks: true, rows: true, long: true},
	"weir archive release":            {args: "archive release H1 --reason why --yes", asks: true, rows: true},
	"weir archive policy show":        {args: "archive policy show --plan", asks: true, rows: true, long: true},
	"weir archive policy check":       {args: "archive policy check", rows: true},
	"weir archive policy trust-clock": {args: "archive policy trust-clock --yes", asks: true, rows: true},
	"weir archive publish":            {args: "archive publish", asks: true, rows: true, long: true},
	"weir archive rotate-key":         {args: "archive rotate-key", asks: true, rows: true, long: true},
	"weir archive rebuild-index":      {args: "archive rebuild-index", asks: true, rows: true},
	"weir console open":               {args: "console open", asks: true, rows: true, long: true},
	"weir canary":                     {args: "canary", asks: true, rows: true},
	"weir deadletters list":           {args: "deadletters list", asks: true, rows: true, long: true},
	"weir deadletters show":           {args: "deadletters show d1", asks: true, rows: true, wide: true},
	"weir deadletters redrive":        {args: "deadletters redrive --all --dry-run", asks: true, rows: true, wide: true},
	"weir reparse":                    {args: "reparse * --from -1h --dry-run", asks: true, rows: true, wide: true},
	"weir topics list":                {args: "topics list", asks: true, rows: true},
	"weir topics create":              {args: "topics create", rows: true},
	"weir topics resize":              {args: "topics resize 8", rows: true, wide: true},
	"weir import rights":              {args: "import rights rights.csv", asks: true, rows: true, wide: true, long: true},
	"weir kibana import":              {args: "kibana import --url http://127.0.0.1:5601", rows: true, long: true},
	"weir notify status":              {args: "notify status", asks: true, rows: true},
	"weir notify test":                {args: "notify test mail", asks: true, rows: true, wide: true},
	"weir notify route":               {args: "notify route 3f9c", asks: true, rows: true, wide: true},
	"weir notify retry":               {args: "notify retry mail", asks: true, rows: true, wide: true},
	"weir notify check":               {args: "notify check notify.yaml", rows: true},
	"weir notify schema":              {args: "notify schema", wide: true},
	"weir silences add":               {args: "silences add --match rule=x --owner ana --reason why --for 2h", asks: true, rows: true},
	"weir silences list":              {args: "silences list", asks: true, rows: true},
	"weir silences end":               {args: "silences end 4be1", asks: true, rows: true},
	"weir rules check":                {args: "rules check rules/", rows: true},
	"weir rules test":                 {args: "rules test rules/", rows: true},
	"weir rules list":                 {args: "rules list", rows: true},
	"weir rules show":                 {args: "rules show ssh-brute-force", rows: true, wide: true},
	"weir rules explain":              {args: "rules explain ssh-brute-force a/1/2", asks: true, rows: true, wide: true},
	"weir rules new":                  {args: "rules new x --from user.name:root", rows: true},
	"weir rules schema":               {args: "rules schema", wide: true},
	"weir rules backtest":             {args: "rules backtest ssh-brute-force", rows: true},
	"weir rules convert":              {args: "rules convert old.yml", rows: true},
	"weir rules exceptions":           {args: "rules exceptions", rows: true, long: true},
	"weir rules memory":               {args: "rules memory", asks: true, rows: true},
	"weir rules coverage":             {args: "rules coverage", asks: true, rows: true, long: true},
	"weir formats check":              {args: "formats check formats/", rows: true},
	"weir formats test":               {args: "formats test formats/", rows: true},
	"weir formats list":               {args: "formats list", rows: true},
	"weir formats show":               {args: "formats show acme.log", wide: true},
	"weir formats explain":            {args: "formats explain acme.log", rows: true, wide: true},
	"weir formats schema":             {args: "formats schema", wide: true},
	"weir report access-review":       {args: "report access-review --month 2026-10", asks: true, rows: true, wide: true, long: true},
	"weir report retention":           {args: "report retention --month 2026-10", asks: true, rows: true, wide: true, long: true},
	"weir report sources":             {args: "report sources --month 2026-10", asks: true, rows: true, wide: true, long: true},
	"weir report incidents":           {args: "report incidents --month 2026-10", asks: true, rows: true, wide: true, long: true},
	"weir report mapping":             {args: "report mapping isms-p --month 2026-10", asks: true, rows: true, wide: true, long: true},
	"weir report schedule":            {args: "report schedule", asks: true, rows: true, wide: true, long: true},
	"weir review open":                {args: "review open --month 2026-10", asks: true, rows: true, long: true},
	"weir review show":                {args: "review show 2026-10", asks: true, rows: true, long: true, wide: true},
	"weir review comment":             {args: "review comment 2026-10 seen", asks: true, rows: true, long: true},
	"weir review explain":             {args: "review explain 2026-10 --download 3f9c --approve", asks: true, rows: true, long: true},
	"weir review sign":                {args: "review sign 2026-10 --key ana --passphrase env:X", asks: true, rows: true, long: true},
	"weir review status":              {args: "review status", asks: true, rows: true, long: true},
	"weir keys add":                   {args: "keys add ana --passphrase env:X", asks: true, rows: true, long: true},
	"weir keys list":                  {args: "keys list", asks: true, rows: true, long: true},
	"weir keys revoke":                {args: "keys revoke ana", asks: true, rows: true, long: true},
	"weir decrypt":                    {args: "decrypt --key 0123456789abcdef0123", wide: true},
	"weir parse":                      {args: "parse", wide: true},
	"weir detect":                     {args: "detect --rules rules/", wide: true},
	"weir config check":               {args: "config check", rows: true},
	"weir config show":                {args: "config show", rows: true, wide: true},
	"weir config schema":              {args: "config schema", wide: true},
	"weir doctor":                     {args: "doctor", rows: true, wide: true, moves: true},
	"weir explain":                    {args: "explain", rows: true},
	"weir completion":                 {args: "completion bash", wide: true},
	"weir version":                    {args: "version", rows: true},
}

// hostile is what a sender may write anywhere: a sequence that clears the screen, a direction, a line, Korean.
const hostile = "관리자\x1b[2J\u202e\nroot"

// world of every command: each answer holds hostile text.
func hostileShell(terminal int, env ...string) shell {
	a := bruteForce()
	a.What, a.Rule, a.State = hostile, hostile, "open"
	b := &fake{
		named: map[string]any{
			reporting.Make: reporting.Answer{Kind: hostile, Title: hostile, Month: "2026-10", Notes: []string{hostile}}, reporting.List: filled[reporting.Schedule](),
			anchor.AskRotate: filled[logkey.Rotated](), anchor.AskPublish: filled[anchor.Published](), archiving.AskList: hostileList(), archiving.AskSeal: filled[archiving.SealedAll](), archiving.AskExported: struct{}{}, archiving.AskRebuild: filled[archiving.Rebuilt](), consoling.AskToken: filled[consoling.Token]()},
		docs:    []string{`{"@timestamp":"2026-11-21T07:50:08.412Z","message":"` + strings.NewReplacer("\x1b", `\u001b`, "\n", `\n`).Replace(hostile) + `","host":{"name":"한국\u001b[31m"}}`},
		search:  control.SearchSummary{Hits: 1, Shown: 1},
		ledger:  control.Ledger{Balanced: true, At: now, Rows: []control.LedgerRow{{Source: hostile, Name: hostile, Received: 1, Stored: 1, First: now, Last: now}}},
		alerts:  []control.AlertRow{a},
		detail:  control.AlertDetail{Row: a, History: []alert.Change{{Kind: alert.ToState, State: hostile, By: hostile, Note: hostile, At: now}}, Risk: []alerting.Risk{{Kind: "user", Value: hostile}}},
		outcome: alerting.Outcome{Row: a},
		risk:    []alerting.Risk{{Kind: "user", Value: hostile, Alert: "3f9cab7e00000000", Parts: []alerting.Part{{Alert: "3f9cab7e00000000", Rule: hostile, Level: "high", What: hostile, At: now}}}},
		letters: []control.DeadLetter{{ID: "d1", Stage: hostile, Reason: hostile, Detail: hostile, Source: hostile, Raw: []byte(hostile), Time: now, State: hostile}},
		redone:  redo.Summary{Run: "r1", Tried: 1, Stored: 1, SkippedBy: map[string]int64{hostile: 1}},
		lines: []redo.Line{{Progress: &redo.Progress{Done: 1, Total: 1, At: now}},
			{Example: &redo.Example{ID: hostile, Time: now, Dataset: hostile, Failed: hostile, Changes: []redo.Change{{Field: hostile, Before: hostile, After: hostile}}}}},
		missing: watching.Sources{Rows: []watching.Source{{Source: hostile, Device: hostile, State: watching.Silent, Last: now, Quiet: 1}, {Device: hostile, State: watching.Never}}},
		hops:    []watching.Hop{{Hop: watching.HopSend, At: now, Via: "udp", To: "127.0.0.1:1"}, {Hop: watching.HopNotify, At: now, Text: hostile}},
		status:  control.Status{Running: true, Embedded: true, Topics: []control.Topic{{Name: hostile, Group: hostile}}},
	}
	s := ruleShell(terminal)
	s.b, s.env, s.in = b, env, "line\n"
	s.engine.rules.Test = func(context.Context, config.Config, []string) (tools.TestRun, error) {
		return tools.TestRun{Rules: []tools.RuleTest{{Rule: hostile, File: hostile, Cases: []tools.RuleCase{{Name: hostile, Diff: []string{hostile}}}}}}, nil
	}
	s.engine.rules.Exceptions = func(config.Config) (*exceptions.List, fault.List, error) {
		return &exceptions.List{Items: []*exceptions.Exception{{ID: "0a1b2c3d", Rule: hostile, When: hostile, Owner: hostile, Reason: hostile, Until: now}}}, nil, nil
	}
	s.engine.rules.New = func(context.Context, config.Config, string, string, control.Backend) (tools.Draft, error) {
		return tools.Draft{File: "rules/x.yaml", Notes: []string{"wider"}}, nil
	}
	s.engine.rules.Explain = func(ctx context.Context, o tools.ExplainOptions, each func(*tools.Explanation) error) error {
		if _, err := o.Backend.Search(ctx, control.SearchRequest{}, func([]byte) error { return nil }); err != nil {
			return err
		}
		part := trace.Part{Expr: hostile, Field: hostile, Value: hostile, Literal: hostile}
		return each(&tools.Explanation{Rule: reports()[0].Rule, EventID: hostile, Source: hostile, Tried: true, Original: hostile, Record: trace.Record{Peer: hostile, Dataset: hostile},
			Conditions: []tools.ExplainedCondition{{Name: hostile, Expr: hostile, Held: true, Parts: []trace.Part{part}}},
			Fields:     []tools.FieldOf{{Field: hostile, Value: hostile, Place: trace.Find(hostile, part), Sigma: []string{hostile}}}})
	}
	s.engine.rules.Backtest = func(_ context.Context, _ backtest.Options, each func(trial.Line) error) (trial.Summary, error) {
		a := trial.Alert{Alert: a.Alert}
		a.Group = map[string]string{hostile: hostile}
		return trial.Summary{Rules: []trial.Rule{{Rule: hostile, Title: hostile, Alerts: 1}}, From: now, To: now}, each(trial.Line{Alert: &a})
	}
	s.engine.kafka = func(context.Context, config.Bus, *slog.Logger) (topics.Kafka, func(), error) {
		return &fakeKafka{list: []topicadmin.Info{{Name: hostile, Group: hostile, Cleanup: hostile}}}, func() {}, nil
	}
	s.engine.kibana = func(*kibana.Command, context.Context, string, []string) (kibana.Result, error) {
		return kibana.Result{Version: hostile, Failed: []kibana.Failure{{Type: "search", ID: hostile, Reason: hostile}}}, nil
	}
	s.engine.canary = func(context.Context, string, string, []byte) error { return nil }
	s.engine.formats = hostileFormats()
	s.engine.notify = hostileNotify()
	s.engine.archive = hostileArchive()
	maps.Copy(b.named, hostileRetention())
	maps.Copy(b.named, hostileReviews())
	s.engine.review = keyless()
	s.engine.parse = func(_ context.Context, _ config.Config, _ string, r io.Reader, w io.Writer, _ func(*fault.Error)) error {
		_, err := io.Copy(w, r)
		return err
	}
	s.engine.detect = func(_ context.Context, _ tools.DetectOptions, r io.Reader, w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	}
	return s
}

// eachSurface runs fn for every command, in a folder of its own.
func eachSurface(t *testing.T, fn func(t *testing.T, s surface)) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("es.yaml", []byte("elastic: {urls: [\"http://127.0.0.1:1\"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("rights.csv", []byte("user,role,system,\""+hostile+"\"\nlee,viewer,crm,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("old.yml", []byte("title: "+strconv.Quote(hostile)+"\nlogsource: {category: x}\ndetection:\n  a: {User: b}\n  timeframe: 5m\n  condition: a | count() by User > 10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, s := range surfaces {
		t.Run(strings.TrimPrefix(name, "weir "), func(t *testing.T) { fn(t, s) })
	}
}

func TestSurface_Complete(t *testing.T) {
	_, root := tree(t)
	var leaves []string
	each(root, func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() && !cmd.Hidden && cmd.Name() != "up" && cmd.Name() != "run" && cmd.Name() != "man" {
			leaves = append(leaves, cmd.CommandPath())
		}
	})
	for _, name := range leaves {
		if _, ok := surfaces[name]; !ok {
			t.Errorf("%s is not in the table", name)
		}
	}
	if len(leaves) != len(surfaces) {
		t.Errorf("%d commands, %d in the table", len(leaves), len(surfaces))
	}
}

// TestSurface_Terminal: nothing that a sender wrote acts on the terminal, no line is wider than it, and a locale without
// UTF-8 gets no sign that it could not show, but for the text itself.
func TestSurface_Terminal(t *testing.T) {
	for _, locale := range []string{"C", "en_US.UTF-8", "ko_KR.UTF-8"} {
		t.Run(locale, func(t *testing.T) {
			eachSurface(t, func(t *testing.T, s surface) {
				out, msg, _ := hostileShell(100, "LC_ALL="+locale).run(t, strings.Fields(s.args)...)
				for line := range strings.SplitSeq(out+msg, "\n") {
					if strings.ContainsFunc(line, unicode.IsControl) && !s.wide || strings.ContainsAny(line, "\x1b\u202e") {
						t.Errorf("a terminal gets %q", line)
					}
				}
				for line := range strings.SplitSeq(out, "\n") {
					if n := term.Cells(line); n > 100 && !s.wide && !s.long {
						t.Errorf("%d cells: %s", n, line)
					}
				}
				if locale == "C" && s.args != "completion bash" && strings.ContainsAny(out+msg, "…✓█▁▄") {
					t.Errorf("signs of UTF-8 in the locale C:\n%s%s", out, msg)
				}
			})
		})
	}
}

// TestSurface_Pipe: a pipe gets no colour, no head and no cut, and each record on one line.
func TestSurface_Pipe(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		out, _, _ := hostileShell(0, "LC_ALL=ko_KR.UTF-8").run(t, strings.Fields(s.args)...)
		if strings.ContainsAny(out, "\x1b\u202e") || s.asks && strings.Contains(out, "…") {
			t.Errorf("a pipe gets %q", out)
		}
		if strings.Contains(out, "TIME ") || strings.Contains(out, "SOURCE") && s.asks {
			t.Errorf("a pipe gets a head:\n%s", out)
		}
	})
}

// TestSurface_JSON: --json is one object a line, and whatever goes wrong is one too.
func TestSurface_JSON(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		if !s.rows {
			return // prints what it is asked for as it is
		}
		out, _, _ := hostileShell(100).run(t, append(strings.Fields(s.args), "--json")...)
		if out == "" {
			t.Error("nothing is printed")
		}
		for line := range strings.Lines(out) {
			var doc map[string]any
			if err := json.Unmarshal([]byte(line), &doc); err != nil || len(doc) == 0 {
				t.Errorf("%q: %v", line, err)
			}
		}
	})
}

// TestSurface_Failures: what a backend cannot do ends with its own code and in the one form of errors, on stderr.
func TestSurface_Failures(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		if !s.asks {
			return // asks no backend
		}
		gone := &fault.Error{Code: "weir-gone", What: "the running weir went away", Where: "weir-data", Why: "it ended", Do: "ask again", Exit: fault.ExitMissing}
		for _, terminal := range []int{0, 100} {
			sh := hostileShell(terminal)
			sh.b.err, sh.b.docs = fmt.Errorf("asking: %w", gone), nil
			out, msg, code := sh.run(t, strings.Fields(s.args)...)
			want := "error[weir-gone]: the running weir went away\n  where  weir-data\n  why    it ended\n  do     ask again\n"
			if code != fault.ExitMissing || out != "" || msg != want {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, msg)
			}
		}
		sh := hostileShell(0)
		sh.b.err, sh.b.docs = gone, nil
		_, msg, code := sh.run(t, append(strings.Fields(s.args), "--json")...)
		if want := `{"error":{"code":"weir-gone","message":"the running weir went away","where":"weir-data","why":"it ended","do":"ask again"}}` + "\n"; code != fault.ExitMissing || msg != want {
			t.Errorf("--json: exit %d, %s", code, msg)
		}
		sh = hostileShell(100)
		sh.b = nil
		if _, msg, code := sh.run(t, strings.Fields(s.args)...); code != fault.ExitUsage || !strings.HasPrefix(msg, "error[no-data]") {
			t.Errorf("without a data folder: exit %d, %s", code, msg)
		}
	})
}

// TestSurface_ClosedPipe: a reader that has seen enough is no error of any command.
func TestSurface_ClosedPipe(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		for _, flags := range [][]string{nil, {"--json"}} {
			if flags != nil && !s.rows {
				continue
			}
			sh := hostileShell(0)
			sh.out = closedPipe{}
			_, msg, code := sh.run(t, append(strings.Fields(s.args), flags...)...)
			if code != 0 || strings.Contains(msg, "error[") {
				t.Errorf("%v: exit %d, %s", flags, code, msg)
			}
		}
	})
}

// numbers are what free disks and ports change between two runs.
var numbers = regexp.MustCompile(`[0-9.,]+`)

// TestSurface_Quiet: -q leaves out all that is not data and no error.
func TestSurface_Quiet(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		loud, _, code := hostileShell(100).run(t, strings.Fields(s.args)...)
		quiet, msg, quietCode := hostileShell(100).run(t, append(strings.Fields(s.args), "-q")...)
		if s.moves { // each run reads the machine anew
			loud, quiet = numbers.ReplaceAllString(loud, "#"), numbers.ReplaceAllString(quiet, "#")
		}
		if msg != "" || quiet != loud || quietCode != code {
			t.Errorf("exit %d and %d, stderr %q\n%s\n%s", code, quietCode, msg, loud, quiet)
		}
	})
}

// TestSurface_Color: colour adds and never carries: taken away, the output is the same.
func TestSurface_Color(t *testing.T) {
	strip := strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[33m", "", "\x1b[32m", "", "\x1b[0m", "")
	coloured := 0
	eachSurface(t, func(t *testing.T, s surface) {
		plain, plainMsg, _ := hostileShell(100).run(t, append(strings.Fields(s.args), "--color", "never")...)
		out, msg, _ := hostileShell(100).run(t, append(strings.Fields(s.args), "--color", "always")...)
		if strip.Replace(out) != plain || strip.Replace(msg) != plainMsg {
			t.Errorf("colour changes the text:\n%s\n%s", out, plain)
		}
		if strings.Contains(out+msg, "\x1b[") {
			coloured++
		}
	})
	if coloured < 8 {
		t.Errorf("only %d commands have colour", coloured)
	}
}

// TestSurface_Help: the short page fits a screen of 24 by 80, and both pages go with -h and --help in any place.
func TestSurface_Help(t *testing.T) {
	eachSurface(t, func(t *testing.T, s surface) {
		words := strings.Fields(s.args)
		name := words[:1]
		if slices.Contains([]string{"alerts", "sources", "deadletters", "topics", "kibana", "rules", "config", "notify", "silences"}, words[0]) {
			name = words[:2]
		}
		short, msg, code := hostileShell(80).run(t, append(slices.Clone(name), "-h")...)
		if code != 0 || msg != "" || strings.Count(short, "\n") > 24 {
			t.Errorf("-h: exit %d, %d lines, %s", code, strings.Count(short, "\n"), msg)
		}
		if want := "more: weir " + strings.Join(name, " ") + " --help\n"; !strings.HasSuffix(short, want) {
			t.Errorf("-h ends otherwise than in %q:\n%s", want, short)
		}
		long, _, code := hostileShell(80).run(t, append(slices.Clone(name), "--help", "--no-pager")...)
		again, _, _ := hostileShell(80).run(t, append([]string{"help", "--no-pager"}, name...)...)
		if again != long {
			t.Errorf("weir help says otherwise:\n%s", again)
		}
		if code != 0 || !strings.Contains(long, "\nExit codes\n  0 done") || !strings.Contains(long, "\nUsage\n  weir "+strings.Join(name, " ")) {
			t.Errorf("--help: exit %d\n%s", code, long)
		}
	})
}
