package backtest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/testkit"
)

// recordings returns lines of every recording of Windows events in the shared data, so many of each.
func recordings(t *testing.T, each int) [][]byte {
	t.Helper()
	var out [][]byte
	err := filepath.WalkDir(filepath.Join(testkit.Shared(t), "data", "security-datasets", "atomic"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".zip") {
			return err
		}
		z, err := zip.OpenReader(path)
		if err != nil {
			return err
		}
		defer z.Close()
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return err
			}
			sc := bufio.NewScanner(r)
			sc.Buffer(nil, 16<<20)
			for n := 0; n < each && sc.Scan(); n++ {
				if line := bytes.TrimSpace(sc.Bytes()); len(line) > 0 && line[0] == '{' {
					out = append(out, bytes.Clone(line))
				}
			}
			_ = r.Close() // only read
		}
		return nil
	})
	if err != nil || len(out) < each {
		t.Fatalf("%d lines: %v", len(out), err)
	}
	return out
}

// sigmaRules unpacks the rules for Windows of the shared Sigma rules into a folder, and returns the folder.
func sigmaRules(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, f := range testkit.SigmaHQ(t, "rules") {
		if !strings.HasPrefix(name, "rules/windows/") {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// documents are lines as they are stored, with the ids that weir detect gives them.
func documents(t *testing.T, p Place, text []byte, form Form) [][]byte {
	t.Helper()
	lines, err := tools.NewLines(p.Config, p.Pipes, form)
	if err != nil {
		t.Fatal(err)
	}
	var docs [][]byte
	err = lines.Read(t.Context(), bytes.NewReader(text), func(n int, e *event.Event) error {
		e.Set(event.EventIngested, event.At(start.Add(time.Duration(n)*time.Millisecond)))
		docs = append(docs, e.AppendJSON(nil))
		return nil
	}, func(e *fault.Error) { t.Error(e) })
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// TestRecordings: recorded Windows events that are stored and then read back by columns give the alerts that weir detect
// finds in the recordings themselves, and each rule finds by its own columns what it finds in whole events.
func TestRecordings(t *testing.T) {
	t.Parallel()
	dir := sigmaRules(t)
	text := bytes.Join(recordings(t, 60), []byte("\n"))
	cfg := data(t, nil)
	cfg.Rules.Shipped = false
	cfg.Rules.Folder = dir
	p, err := PlaceOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Set.Rules) < 2000 {
		t.Fatalf("only %d rules load", len(p.Set.Rules))
	}
	a := stored(t, t.TempDir(), documents(t, p, text, Form{WinEvent: true}))

	var out bytes.Buffer
	o := tools.DetectOptions{Config: cfg, Rules: []string{dir}, Warn: func(*fault.Error) {}}
	o.WinEvent = true
	if err := tools.Detect(t.Context(), o, bytes.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	all := try(t, p, a, trial.Request{})
	if n := strings.Count(out.String(), "\n"); n != len(all.alerts) || n < 10 {
		t.Errorf("%d alerts, weir detect finds %d", len(all.alerts), n)
	}
	for _, x := range all.alerts {
		if want := fmt.Sprintf(`"%s"`, x.ID); !strings.Contains(out.String(), want) {
			t.Errorf("weir detect has no alert %s", briefOf(&x.Alert))
		}
	}
	narrowed := 0
	hit := map[string]bool{}
	for _, x := range all.alerts {
		hit[x.Rule] = true
	}
	tried := 0
	for i, r := range p.Set.Rules {
		if i%13 != 0 && !hit[r.ID] {
			continue
		}
		tried++
		req := trial.Request{Rules: []trial.Source{{ID: r.ID}}, Values: true}
		got, want := try(t, p, a, req), try(t, p, a, req, whole)
		if brief(got.alerts) != brief(want.alerts) || got.sum.Rules[0].Matches != want.sum.Rules[0].Matches {
			t.Errorf("%s (%s)\nby columns\n%s\nwhole\n%s", r.ID, r.Title, brief(got.alerts), brief(want.alerts))
		}
		if got.sum.Skipped > got.sum.Events/2 {
			narrowed++
		}
	}
	t.Logf("%d rules, %d events, %d alerts; for %d rules the columns rule out more than half", tried, all.sum.Events, len(all.alerts), narrowed)
	if tried < 150 || narrowed < tried*3/4 {
		t.Errorf("columns rule out half of the events for %d rules of %d only", narrowed, tried)
	}
}
