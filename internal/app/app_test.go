package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/internal/app"
	"weir/internal/app/offline"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/testkit"
	"weir/rules"
)

// settings are a whole weir on ports that nobody else has.
func settings(t testing.TB) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Console.Listen = "127.0.0.1:0"
	cfg.Inputs.Syslog.Listen = testkit.FreePort(t)
	cfg.Inputs.Syslog.TLS.Listen = ""
	cfg.Inputs.Syslog.RELP.Listen = ""
	cfg.Inputs.SNMPTrap.Listen = "127.0.0.1:0"
	cfg.Inputs.Syslog.TimeZone = "UTC"
	cfg.Bus.Partitions = 2
	cfg.Bus.Embedded.MinFree = 0
	return cfg
}

func options() app.Options { return app.Options{Log: slog.New(slog.DiscardHandler), Version: "test"} }

func start(t testing.TB, cfg config.Config) *app.App {
	t.Helper()
	a, err := app.New(cfg, options())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func stop(t testing.TB, a *app.App) app.Totals {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	totals, err := a.Stop(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return totals
}

// backend reaches whatever answers for the folder.
func backend(t testing.TB, cfg config.Config) control.Backend {
	t.Helper()
	b, closer, err := offline.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
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

func send(t testing.TB, cfg config.Config, lines ...string) {
	t.Helper()
	c, err := net.Dial("tcp", cfg.Inputs.Syslog.Listen)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
}

func hits(t testing.TB, b control.Backend, kql string) (docs []string) {
	t.Helper()
	_, err := b.Search(t.Context(), control.SearchRequest{Query: kql, Size: 1000}, func(doc []byte) error {
		docs = append(docs, string(doc))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func waitHits(t testing.TB, b control.Backend, kql string, want int) []string {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		docs := hits(t, b, kql)
		if len(docs) >= want {
			return docs
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d hits for %s", len(docs), want, kql)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// attack is a guessed password as sshd logs it, now.
func attack(failures int) []string {
	now := time.Now().UTC()
	line := func(i int, what string) string {
		return fmt.Sprintf("<38>%s web-1 sshd[%d]: %s password for root from 203.0.113.5 port %d ssh2", now.Add(time.Duration(i)*time.Second).Format(time.Stamp), 100+i, what, 40000+i)
	}
	var out []string
	for i := range failures {
		out = append(out, line(i-failures-1, "Failed"))
	}
	return append(out, line(-1, "Accepted"))
}

func TestFromSocketToAlertAndBackAfterARestart(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	b := backend(t, cfg)
	send(t, cfg, attack(6)...)
	send(t, cfg, "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8", "plain text without a header")
	docs := waitHits(t, b, "source.ip: 203.0.113.5 and event.kind: event", 7)
	if !strings.Contains(docs[0], `"ssh-brute-force"`) {
		t.Errorf("the newest event names no rule: %s", docs[0])
	}
	var alerts []control.AlertRow
	deadline := time.Now().Add(time.Minute)
	for len(alerts) == 0 && time.Now().Before(deadline) {
		var err error
		if alerts, err = b.Alerts(t.Context(), control.AlertsRequest{Rule: "ssh-brute-force"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(alerts) != 1 || alerts[0].Group["source.ip"] != "203.0.113.5" || alerts[0].State != "open" {
		t.Fatalf("alerts %+v", alerts)
	}
	detail, err := b.Alert(t.Context(), alerts[0].Short)
	if err != nil {
		t.Fatal(err)
	}
	if len(detail.Evidence) == 0 || len(detail.Events) == 0 {
		t.Errorf("the alert has %d pieces of evidence and %d events", len(detail.Evidence), len(detail.Events))
	}
	waitHits(t, b, "event.kind: alert", 1)
	l, err := b.Ledger(t.Context(), control.LedgerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if !l.Balanced {
		t.Errorf("the ledger does not balance: %+v", l.Rows)
	}
	totals := stop(t, a)
	if totals.Received < 9 || totals.InFlight != 0 || !totals.Balanced || totals.Stored != totals.Received {
		t.Errorf("totals %+v", totals)
	}

	off := backend(t, cfg) // from the files
	if got := hits(t, off, "source.ip: 203.0.113.5 and event.kind: event"); len(got) != 7 {
		t.Errorf("%d events are in the files", len(got))
	}
	if l, err := off.Ledger(t.Context(), control.LedgerRequest{}); err != nil || !l.Balanced || len(l.Rows) == 0 {
		t.Errorf("the ledger of the files: %+v (%v)", l, err)
	}
	if list, err := off.Alerts(t.Context(), control.AlertsRequest{}); err != nil || len(list) == 0 {
		t.Errorf("the alerts of the files: %v (%v)", list, err)
	}

	a = start(t, cfg)
	b = backend(t, cfg)
	if got := hits(t, b, "source.ip: 203.0.113.5 and event.kind: event"); len(got) != 7 {
		t.Errorf("%d events after a restart", len(got))
	}
	waitHits(t, b, "event.dataset: weir.audit and event.action: search", 3) // live and from the files
	if totals := stop(t, a); totals.Received == 0 || !totals.Balanced {
		t.Errorf("the second run: %+v", totals)
	}
}

func TestSecondWeirOnAFolderIsRefused(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	other := settings(t)
	other.Data = cfg.Data
	_, err := app.New(other, options())
	if fault.Code(err) != "folder-in-use" || fault.Exit(err) != fault.ExitMissing {
		t.Fatalf("got %v", err)
	}
	var f *fault.Error
	if errors.As(err, &f); !strings.Contains(f.Why, fmt.Sprint(os.Getpid())) {
		t.Errorf("the holder is not named: %s", f.Why)
	}
}

func TestAFailedStartLeavesNothingBehind(t *testing.T) {
	cfg := settings(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg.Console.Listen = taken.Addr().String()
	before := runtime.NumGoroutine()
	a, err := app.New(cfg, options())
	if err == nil {
		err = a.Start(t.Context())
	}
	if fault.Code(err) != "port-in-use" {
		t.Fatalf("got %v", err)
	}
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after:\n%s", before, n, buf[:runtime.Stack(buf, true)])
	}
	if l, err := net.Listen("tcp", cfg.Inputs.Syslog.Listen); err != nil {
		t.Errorf("the syslog port is still taken: %v", err)
	} else {
		_ = l.Close()
	}
	cfg.Console.Listen = "127.0.0.1:0"
	stop(t, start(t, cfg))
}

// TestConsole: health and metrics need no sign-in; everything else does, and the address in the file signs in once.
func TestConsole(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	send(t, cfg, "<34>one", "<34>two")
	waitHits(t, backend(t, cfg), "message: (one or two)", 2)
	base := "http://" + a.Status().Console
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	look := func(path string, want int, text string) {
		t.Helper()
		resp, err := client.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want || !strings.Contains(string(body), text) {
			t.Errorf("%s: %d %s (%v)", path, resp.StatusCode, body, err)
		}
		if resp.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s has no content security policy", path)
		}
	}
	look("/healthz", http.StatusOK, "ok")
	look("/readyz", http.StatusOK, "ready")
	look("/metrics", http.StatusOK, "weir_received_records_total ")
	look("/search?q=one", http.StatusUnauthorized, "")
	file := filepath.Join(cfg.Data, app.SignInFile)
	b, err := os.ReadFile(file)
	if err != nil || strings.TrimSpace(string(b)) != a.Status().SignIn {
		t.Fatalf("%s, %v", b, err)
	}
	resp, err := client.Post(a.Status().SignIn, "application/x-www-form-urlencoded", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	look("/search?q=one", http.StatusOK, "one")
	look("/nothing", http.StatusNotFound, "")
	stop(t, a)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the address of the sign-in is left: %v", err)
	}
}

func TestRulesAreReloadedWhileRunning(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	defer stop(t, a)
	b := backend(t, cfg)
	before := a.Status().Rules
	dir := filepath.Join(cfg.Data, cfg.Rules.Folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	rule := "id: kilroy\ntitle: Kilroy was here\nlevel: low\nwhen: message contains \"kilroy\"\nexplain: kilroy on {{host.name}}\n"
	for name, text := range map[string]string{"good.yaml": rule, "bad.yaml": "id: broken\ntitle: x\nlevl: low\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for a.Status().Rules != before+1 {
		if time.Now().After(deadline) {
			t.Fatalf("%d rules, want %d", a.Status().Rules, before+1)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if a.Status().RulesBad == 0 {
		t.Error("the broken rule is not counted")
	}
	send(t, cfg, "<34>Oct 11 22:14:15 web-9 app: kilroy was here")
	deadline = time.Now().Add(time.Minute)
	for {
		list, err := b.Alerts(t.Context(), control.AlertsRequest{Rule: "kilroy"})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the new rule raised no alert")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestParseLines(t *testing.T) {
	cfg := settings(t)
	var out bytes.Buffer
	in := strings.NewReader("<38>Oct 11 22:14:15 web-1 sshd[1]: Accepted password for ana from 192.0.2.7 port 5 ssh2\n\n{\"source\":{\"ip\":\"192.0.2.8\"}}\n")
	if err := tools.ParseLines(t.Context(), cfg, "", in, &out, nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"ip":"192.0.2.7"`) || !strings.Contains(lines[1], `"ip":"192.0.2.8"`) {
		t.Errorf("got %s", out.String())
	}
	if err := tools.ParseLines(t.Context(), cfg, "no.such", strings.NewReader("x"), &out, nil); fault.Code(err) != "dataset-unknown" {
		t.Errorf("an unknown dataset: %v", err)
	}
}

func TestDetect(t *testing.T) {
	cfg := settings(t)
	dir := t.TempDir()
	rule := "id: two-fails\ntitle: Two failures\nlevel: low\nwhen: event.outcome == \"failure\"\ncorrelate:\n  count: {at_least: 2}\n  by: [source.ip]\n  within: 1m\n"
	if err := os.WriteFile(filepath.Join(dir, "r.yaml"), []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	in := strings.Join(attack(3), "\n")
	o := tools.DetectOptions{Config: cfg, Rules: []string{dir}, Form: tools.Form{Raw: "auto"}, Warn: func(f *fault.Error) { t.Errorf("warning: %v", f) }}
	var out bytes.Buffer
	if err := tools.Detect(t.Context(), o, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Rule struct{ ID string }
		Weir struct {
			Alert struct {
				Lines []int
				Count int
				Group map[string]any
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if doc.Rule.ID != "two-fails" || fmt.Sprint(doc.Weir.Alert.Lines) != "[1 2 3]" || doc.Weir.Alert.Count != 3 {
		t.Errorf("got %s", out.String())
	}
	out.Reset()
	o.Matches = true
	if err := tools.Detect(t.Context(), o, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "{\"line\":1,\"rule\":\"two-fails\"}\n{\"line\":2,\"rule\":\"two-fails\"}\n{\"line\":3,\"rule\":\"two-fails\"}\n" {
		t.Errorf("matches %s", got)
	}
}

func TestShippedRulesPassTheirTests(t *testing.T) {
	cfg := settings(t)
	results, err := tools.TestRules(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(results.Rules) < 10 || len(results.Refused) > 0 {
		t.Fatalf("%d shipped rules, %v", len(results.Rules), results.Refused)
	}
	reports, err := tools.Rules(cfg)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*rules.Rule{}
	for _, r := range reports {
		if len(r.Faults) > 0 {
			t.Errorf("%s: %v", r.File, r.Faults)
		}
		byID[r.ID] = r.Rule
	}
	for _, r := range results.Rules {
		hit, miss := 0, 0
		for _, c := range r.Cases {
			if !c.OK {
				t.Errorf("%s, %s: %s", r.Rule, c.Name, strings.Join(c.Diff, "\n"))
			}
			if c.Miss {
				miss++
			} else {
				hit++
			}
		}
		if hit == 0 || miss == 0 || byID[r.Rule] == nil {
			t.Errorf("%s has %d hits and %d misses", r.Rule, hit, miss)
		}
	}
}
