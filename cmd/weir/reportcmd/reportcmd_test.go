package reportcmd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/fault"
	"weir/internal/term"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 21, 16, 52, 30, 0, time.FixedZone("KST", 9*3600))

// backend answers questions by name with what a test gave it.
type backend struct {
	control.Backend
	question.Table
	asked reporting.Request
	names []string // of files, where they are not those of the request
	sum   string   // of files, where it is not theirs
	left  int      // files that do not come
	notes []string
	plan  reporting.Schedule
}

// newBackend makes files of three pieces.
func newBackend() *backend {
	b := &backend{notes: []string{"checked: never", "gap\x1b"}}
	b.Table = question.Table{
		reporting.Make: question.Streamed(func(_ context.Context, r reporting.Request, each func([]byte) error) (reporting.Answer, error) {
			b.asked = r
			a := reporting.Answer{Kind: r.Kind, Title: "제목", Month: "2026-10", Notes: b.notes}
			for i, f := range r.Formats {
				name := "x-2026-10." + map[string]string{"csv": "csv.zip"}[f] + map[string]string{"pdf": "pdf", "html": "html", "json": "json"}[f]
				if i < len(b.names) {
					name = b.names[i]
				}
				body := strings.Repeat(f+" ", 3)
				if i >= b.left {
					for part := range strings.SplitSeq(strings.TrimSuffix(body, " "), " ") {
						d, _ := json.Marshal(reporting.Document{File: name, Body: []byte(part + " ")})
						if err := each(d); err != nil {
							return a, err
						}
					}
				}
				sum := sha256.Sum256([]byte(body))
				a.Files = append(a.Files, reporting.File{Name: name, Format: f, Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:]) + b.sum})
				step, _ := json.Marshal(reporting.Document{Step: "writing", Done: 3})
				if err := each(step); err != nil {
					return a, err
				}
			}
			return a, nil
		}),
		reporting.List: question.Typed(func(context.Context, struct{}) (reporting.Schedule, error) { return b.plan, nil }),
	}
	return b
}

// run runs a command as the program does, in a folder of its own, and returns stdout, stderr and the exit code.
func run(t *testing.T, b control.Backend, data string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, msg bytes.Buffer
	asJSON := false
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().BoolVar(&asJSON, "json", false, "")
	o := term.Options{Env: []string{"LANG=en_US.UTF-8"}, Color: "never", Now: func() time.Time { return now }, Terminal: 0, Zone: now.Location()}
	shell := func() ui.Shell {
		sh := ui.Shell{Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: asJSON, Now: func() time.Time { return now }, Data: func() (string, error) { return data, nil }}
		sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
		sh.Line = func(v any) error { return json.NewEncoder(&out).Encode(v) }
		sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
		sh.Warn = func(list ...*fault.Error) {
			for _, e := range list {
				sh.Msg.Fault(e, false)
			}
		}
		sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(b) }
		sh.Cmdline = func(rest string) string { return "weir " + rest }
		return sh
	}
	pages.NewTree(root, []pages.Spec{Spec(shell)}, func(*cobra.Command, []string) error { return nil })
	root.SetArgs(append([]string{"report"}, args...))
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err := root.ExecuteContext(t.Context())
	if f, ok := errors.AsType[ui.Found](err); ok {
		return out.String(), msg.String(), f.Code
	}
	for _, e := range term.Faults(err) {
		term.Detect(&msg, o).Fault(e, false)
	}
	return out.String(), msg.String(), fault.Exit(err)
}

// names lists a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

// TestReport: what is asked for, where the files go, and what is said.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	b := newBackend()
	stdout, stderr, code := run(t, b, dir, "access-review", "--month", "2026-10", "--timezone", "Asia/Seoul", "--lang", "ko", "--format", "pdf,csv", "--out", filepath.Join(dir, "made"), "--no-bom")
	if code != 0 || strings.Count(stdout, "\n") != 2 || !strings.Contains(stdout, filepath.Join(dir, "made", "x-2026-10.csv.zip")) {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if r := b.asked; r.Kind != "access-review" || r.Month != "2026-10" || r.Zone != "Asia/Seoul" || r.Lang != "ko" || strings.Join(r.Formats, " ") != "pdf csv" || !r.NoBOM {
		t.Errorf("asked %+v", r)
	}
	if got := names(t, filepath.Join(dir, "made")); got != "x-2026-10.csv.zip x-2026-10.pdf" {
		t.Error(got)
	}
	if body, err := os.ReadFile(filepath.Join(dir, "made", "x-2026-10.pdf")); err != nil || string(body) != "pdf pdf pdf " {
		t.Errorf("%q, %v", body, err)
	}
	if !strings.Contains(stderr, "note: checked: never\n") || !strings.Contains(stderr, `note: gap\x1b`) {
		t.Error(stderr)
	}
}

// TestReport_out: a file, several forms of one name, a folder that is there, and stdout.
func TestReport_out(t *testing.T) {
	for _, c := range []struct{ name, out, formats, want, stdout string }{
		{"a file", "a.pdf", "pdf", "a.pdf", ""}, {"one name for several", "a.pdf", "pdf,csv", "a.csv.zip a.pdf", ""}, {"the folder itself", "", "html", "x-2026-10.html", ""}, {"stdout", "-", "json", "", "json json json "},
	} {
		dir := t.TempDir()
		out := c.out
		if out != "-" {
			out = filepath.Join(dir, c.out)
		}
		stdout, stderr, code := run(t, newBackend(), dir, "sources", "--format", c.formats, "--out", out)
		if code != 0 || names(t, dir) != c.want || c.stdout != "" && stdout != c.stdout {
			t.Errorf("%s: exit %d, %q, files %s\n%s", c.name, code, stdout, names(t, dir), stderr)
		}
	}
}

// TestReport_json: one object for programs, with where each file is.
func TestReport_json(t *testing.T) {
	dir := t.TempDir()
	stdout, _, code := run(t, newBackend(), dir, "incidents", "--json", "--out", dir)
	var got struct {
		Kind, Title string
		Files       []struct{ Path, SHA256 string }
		Notes       []string
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || got.Kind != "incidents" || len(got.Files) != 1 || got.Files[0].Path != filepath.Join(dir, "x-2026-10.pdf") || len(got.Files[0].SHA256) != 64 || len(got.Notes) != 2 {
		t.Errorf("exit %d, %v: %s", code, err, stdout)
	}
}

// TestReport_refused: mistakes on the command line, answers that are none, and places that cannot be written; never half a
// file.
func TestReport_refused(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		change func(*backend)
		code   int
		says   string
	}{
		"a language":          {[]string{"--lang", "fr"}, nil, 2, "--lang fr is not known"},
		"a form":              {[]string{"--format", "docx"}, nil, 2, "--format docx is not known"},
		"two on stdout":       {[]string{"--format", "pdf,csv", "--out", "-"}, nil, 2, "stdout takes one file"},
		"an argument":         {[]string{"october"}, nil, 2, "too much: october"},
		"a name that leads":   {nil, func(b *backend) { b.names = []string{"../x.pdf"} }, 3, "names a file that is none"},
		"a hidden name":       {nil, func(b *backend) { b.names = []string{".bashrc"} }, 3, "names a file that is none"},
		"another hash":        {nil, func(b *backend) { b.sum = "00" }, 3, "a file did not come as it was made"},
		"a file that is left": {nil, func(b *backend) { b.left = 1 }, 3, "1 files were made and 0 came"},
		"an older weir":       {nil, func(b *backend) { b.Table = question.Table{} }, 3, "does not know this question"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := newBackend()
			if c.change != nil {
				c.change(b)
			}
			args := append([]string{"sources", "--out", dir}, c.args...)
			_, stderr, code := run(t, b, dir, args...)
			if code != c.code || !strings.Contains(stderr, c.says) || names(t, dir) != "" {
				t.Errorf("exit %d, files %s\n%s", code, names(t, dir), stderr)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, newBackend(), "", "sources", "--out", filepath.Join(file, "x.pdf")); code != 3 || !strings.Contains(stderr, "the report cannot be written") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

// TestMapping: with a name it is a report, without one a list; a file with mistakes is said and the others are there.
func TestMapping(t *testing.T) {
	dir := t.TempDir()
	b := newBackend()
	if _, stderr, code := run(t, b, dir, "mapping", "isms-p", "--out", dir); code != 0 || b.asked.Kind != "mapping" || b.asked.Name != "isms-p" {
		t.Errorf("exit %d, %+v\n%s", code, b.asked, stderr)
	}
	stdout, _, code := run(t, b, dir, "mapping")
	if code != 0 || strings.Count(stdout, "\n") != 3 || !strings.Contains(stdout, "pci-dss-10\t12\tpci-dss-10.yaml\tPCI DSS v4, requirement 10") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	own := filepath.Join(dir, "reports", "mapping")
	if err := errors.Join(os.MkdirAll(own, 0o700), os.WriteFile(filepath.Join(own, "x.yaml"), []byte("id: x\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := run(t, b, dir, "mapping", "--json")
	if code != 1 || strings.Count(stdout, "\n") != 3 || !strings.Contains(stderr, "the mapping has no `controls`") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// TestSchedule: what is made when; a report that fails is a finding.
func TestSchedule(t *testing.T) {
	b := newBackend()
	b.plan = reporting.Schedule{File: "reports.yaml", Entries: []reporting.Entry{{Report: "mapping", Name: "isms-p", Every: "day 08:00 UTC", Next: now, Last: now, Month: "2026-10"}}}
	stdout, stderr, code := run(t, b, "", "schedule")
	if want := "mapping\tisms-p\tday 08:00 UTC\t2026-11-21T07:52:30Z\t2026-11-21T07:52:30Z\t2026-10\t0\t-\n"; code != 0 || stdout != want {
		t.Errorf("exit %d, %q, want %q\n%s", code, stdout, want, stderr)
	}
	b.plan.Entries[0].Error, b.plan.Faults = "gone\x1b", []string{"reports.yaml:3: no"}
	if stdout, stderr, code = run(t, b, "", "schedule"); code != 1 || !strings.Contains(stdout, `gone\x1b`) || !strings.Contains(stderr, "not in use: reports.yaml:3: no") {
		t.Errorf("exit %d, %q\n%s", code, stdout, stderr)
	}
	if stdout, _, code = run(t, b, "", "schedule", "--json"); code != 1 || !strings.HasPrefix(stdout, `{"file":"reports.yaml","entries":[{"report":"mapping"`) {
		t.Errorf("exit %d, %q", code, stdout)
	}
	b.plan = reporting.Schedule{File: "reports.yaml"}
	if _, stderr, code = run(t, b, "", "schedule"); code != 0 || !strings.Contains(stderr, "nothing is made by itself: write reports.yaml") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

// TestSchedule_check: a file is read as the schedule would, before it is put in place.
func TestSchedule_check(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "r.yaml")
	for text, want := range map[string]struct {
		code int
		says string
	}{
		"- {report: mapping, name: isms-p, every: day 08:00, folder: x}\n": {0, "ok: 1 report"}, "- {report: mapping, name: nist, every: day 08:00, folder: x}\n": {2, "there is no mapping `nist`"}, "# none\n": {0, "ok: 0 reports"},
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := run(t, nil, dir, "schedule", "--check", file)
		if code != want.code || !strings.Contains(stdout+stderr, want.says) {
			t.Errorf("%q: exit %d\n%s%s", text, code, stdout, stderr)
		}
	}
	if _, stderr, code := run(t, nil, dir, "schedule", "--check", filepath.Join(dir, "gone.yaml")); code != 2 || !strings.Contains(stderr, "the file cannot be read") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

// TestSpec: each command has examples that begin with its name, and flags that its sections name.
func TestSpec(t *testing.T) {
	s := Spec(func() ui.Shell { return ui.Shell{} })
	if len(s.Examples) > 3 || len(s.Sub) != 6 {
		t.Errorf("%d examples, %d commands", len(s.Examples), len(s.Sub))
	}
	for _, x := range s.Sub {
		word, _, _ := strings.Cut(x.Use, " ")
		f := pflag.NewFlagSet(word, pflag.ContinueOnError)
		x.Flags(f)
		for _, section := range append(x.Sections, append([]string{""}, x.Common...)) {
			for _, flag := range section[1:] {
				if f.Lookup(flag) == nil {
					t.Errorf("%s has no flag %s", word, flag)
				}
			}
		}
		if x.Short == "" || len(x.Examples) == 0 || len(x.Examples) > 3 || !strings.HasPrefix(x.Examples[0], "weir report "+word) {
			t.Errorf("%s: examples %q", word, x.Examples)
		}
	}
}

// TestEnding: what tells forms apart.
func TestEnding(t *testing.T) {
	for in, want := range map[string]string{"a.csv.zip": ".csv.zip", "a.b.pdf": ".pdf"} {
		if got := ending(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
