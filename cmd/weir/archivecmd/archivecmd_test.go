package archivecmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/archive/evidence"
	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// now is the moment of all tests.
var now = time.Date(2026, 11, 21, 16, 50, 0, 0, seoul)

// seoul is the zone of the person.
var seoul = time.FixedZone("KST", 9*3600)

// world is one run of a command.
type world struct {
	engine   Engine
	table    question.Table // what a weir answers; nil: none runs and there are no files
	data     string
	config   config.Config
	terminal int // width; 0: a pipe
}

// backend answers questions from a table.
type backend struct {
	control.Backend
	question.Table
}

// Answer picks the table's.
func (b backend) Answer(ctx context.Context, name string, raw []byte, each func([]byte) error) (json.RawMessage, error) {
	return b.Table.Answer(ctx, name, raw, each)
}

// run runs a command and returns what it printed.
func (w world) run(t *testing.T, args ...string) (out, msg string, code int) {
	t.Helper()
	var o, m bytes.Buffer
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	asJSON := root.PersistentFlags().Bool("json", false, "")
	quiet := root.PersistentFlags().BoolP("quiet", "q", false, "")
	face := func(b *bytes.Buffer) *term.Face {
		opts := term.Options{Env: []string{"LC_ALL=en_US.UTF-8"}, Color: "never", Terminal: w.terminal, Zone: seoul, Now: func() time.Time { return now }}
		return term.Detect(b, opts)
	}
	shell := func() ui.Shell {
		sh := ui.Shell{Out: face(&o), Msg: face(&m), Stdout: &o, JSON: *asJSON, Quiet: *quiet, Now: func() time.Time { return now }}
		sh.Write = func(b []byte) error { _, err := o.Write(b); return err }
		sh.Line = func(v any) error { return json.NewEncoder(&o).Encode(v) }
		sh.Note = func(format string, a ...any) {
			if !*quiet {
				fmt.Fprintf(&m, format+"\n", a...)
			}
		}
		sh.Warn = func(list ...*fault.Error) {
			for _, f := range list {
				sh.Msg.Fault(f, false)
			}
		}
		sh.Data = func() (string, error) { return w.data, nil }
		sh.Load = func() (*config.Loaded, error) { return &config.Loaded{Config: w.config}, nil }
		sh.Cmdline = func(rest string) string { return "weir " + rest }
		sh.Times = func(from, to string) (a, b time.Time, err error) {
			for v, p := range map[string]*time.Time{from: &a, to: &b} {
				if v != "" && err == nil {
					*p, err = term.ParseTime(v, now, seoul)
				}
			}
			return a, b, err
		}
		sh.Ask = func(_ context.Context, f func(control.Backend) error) error {
			if w.table == nil {
				return &fault.Error{Code: "no-data", What: "there is no weir data here", Exit: fault.ExitUsage}
			}
			return f(backend{Table: w.table})
		}
		return sh
	}
	pages.NewTree(root, []pages.Spec{Spec(shell, w.engine)}, func(*cobra.Command, []string) error { return nil })
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	if f, ok := errors.AsType[ui.Found](err); ok {
		return o.String(), m.String(), f.Code
	}
	if err != nil {
		for _, f := range term.Faults(err) {
			face(&m).Fault(f, false)
		}
	}
	return o.String(), m.String(), fault.Exit(err)
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

// TestSpec: each command has examples that begin with its name, and flags that its sections name.
func TestSpec(t *testing.T) {
	var each func(prefix string, s pages.Spec)
	each = func(prefix string, s pages.Spec) {
		word, _, _ := strings.Cut(s.Use, " ")
		name := prefix + " " + word
		if s.Short == "" || len(s.Examples) == 0 || len(s.Examples) > 3 {
			t.Errorf("%s has no help, or too many examples", name)
		}
		for _, x := range s.Sub {
			each(name, x)
		}
		if s.Run == nil {
			return
		}
		f := pflag.NewFlagSet(name, pflag.ContinueOnError)
		if s.Flags != nil {
			s.Flags(f)
		}
		for _, section := range s.Sections {
			for _, flag := range section[1:] {
				if f.Lookup(flag) == nil {
					t.Errorf("%s has no flag %s", name, flag)
				}
			}
		}
	}
	each("weir", Spec(func() ui.Shell { return ui.Shell{} }, Engine{}))
}

// outcome is a world whose check comes to v.
func outcome(v archiving.Verified, asked *CheckOptions) world {
	return world{terminal: 100, engine: Engine{Check: func(_ context.Context, _ config.Config, o CheckOptions) (*archiving.Verified, error) {
		if asked != nil {
			*asked = o
		}
		return &v, nil
	}}}
}

// at is a time of the transcripts.
func at(s string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, s, seoul)
	if err != nil {
		panic(err)
	}
	return t
}

// The hashes of the transcripts.
var (
	is   = "77ab" + strings.Repeat("0", 56) + "019e"
	must = "9d1f" + strings.Repeat("0", 56) + "c204"
)

func TestVerify_Transcripts(t *testing.T) {
	good := archiving.Verified{OK: true, Segments: 1204, Events: 88_120_433, Bytes: 10_307_921_510, TookMS: 17_000, Proof: verify.ProofKey, Size: 1204, Anchored: 1190, Until: at("2026-11-21 09:00:00"), Unanchored: 14, Copy: 1}
	own, chain, never, given, late := good, good, good, good, good
	own.Proof = verify.ProofOwn
	chain.Proof, chain.Notes = verify.ProofChain, []string{"package.json, the list of files, is not signed"}
	never.Anchored, never.Until = 0, time.Time{}
	given.Until = time.Time{}
	given.Unanchored = 1
	late.Unlogged, late.Expired, late.Notes = 2, 12, []string{"a \x1b note"}
	bad := good
	bad.OK, bad.Found = false, 2
	bad.Findings = []archiving.Finding{
		{Kind: verify.Changed, Path: "class=access/day=2026-09-03/s-000412.parquet", Leaf: 412, Sealed: at("2026-09-03 23:00:07"), Is: is, Must: must, Why: "sha256 is " + is + ", must be " + must, Written: at("2026-11-20 11:13:44")},
		{Kind: verify.Removed, Path: "class=access/day=2026-09-03/s-000413.parquet", Leaf: 413, Sealed: at("2026-09-03 23:00:07"), Must: must, Why: "no expiry leaf names it"}}
	okLine := "ok: 1,204 segments, 88,120,433 events, 9.6 GiB in 17 s (578 MiB/s), nothing changed"
	for name, c := range map[string]struct {
		v    archiving.Verified
		code int
		want string
	}{
		"clean":   {good, 0, okLine + "\n    anchored until 2026-11-21 09:00 +09:00, checkpoint 1,190; 14 newer segments are not anchored yet\n"},
		"own key": {own, 0, okLine + " as far as can be told\n    anchored until 2026-11-21 09:00 +09:00, checkpoint 1,190; 14 newer segments are not anchored yet\n    checked by the key that lies beside the log: this shows that the archive fits itself, not who wrote it; name a key of your own with --key\n"},
		"no log": {chain, 0, okLine + " as far as can be told\n    no transparency log: only the hashes in the manifest were checked; who can write the folder can write those too\n" +
			"    note: package.json, the list of files, is not signed\n"},
		"not anchored": {never, 0, okLine + "\n    not anchored: no checkpoint was published yet, so who has the signing key could have written all of it anew\n"},
		"given":        {given, 0, okLine + "\n    anchored by the checkpoint that was given, checkpoint 1,190; 1 newer segment is not anchored yet\n"},
		"late": {late, 0, okLine + "\n    anchored until 2026-11-21 09:00 +09:00, checkpoint 1,190; 14 newer segments are not anchored yet\n    newest segments without a leaf yet: 2; a running weir writes it within seconds, else the next start does\n" +
			"    expired by policy, each with its leaf: 12\n    note: a \\x1b note\n"},
		"tampered": {bad, 1, `TAMPERED: 2 findings in 1,204 segments; the first:
  changed  class=access/day=2026-09-03/s-000412.parquet, sealed 2026-09-03 23:00:07 +09:00
           sha256 is 77ab…019e, must be 9d1f…c204 (leaf 412); file last written 2026-11-20 11:13:44
  removed  class=access/day=2026-09-03/s-000413.parquet (leaf 413); no expiry leaf names it
  do       keep a copy of the folder as it is now; then weir archive verify --copy 2
    anchored until 2026-11-21 09:00 +09:00, checkpoint 1,190; 14 newer segments are not anchored yet
`},
	} {
		t.Run(name, func(t *testing.T) {
			w := outcome(c.v, nil)
			w.config.Archive.Copies = []string{"/mnt/second"}
			out, msg, code := w.run(t, "archive", "verify")
			same(t, "stdout", out, c.want)
			if code != c.code || msg != "" {
				t.Errorf("exit %d, stderr %q", code, msg)
			}
		})
	}
}

func TestVerify_JSON(t *testing.T) {
	v := archiving.Verified{Segments: 3, Events: 5, Found: 1, Proof: verify.ProofKey, Findings: []archiving.Finding{{Kind: verify.Removed, Path: "class=a/x.parquet", Leaf: 4, Why: "gone"}}}
	out, _, code := outcome(v, nil).run(t, "archive", "verify", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != fault.ExitFound || len(lines) != 2 {
		t.Fatalf("exit %d, %s", code, out)
	}
	var f, last map[string]any
	if json.Unmarshal([]byte(lines[0]), &f) != nil || f["kind"] != "removed" || f["path"] != "class=a/x.parquet" || f["leaf"] != 4.0 {
		t.Errorf("finding %s", lines[0])
	}
	if json.Unmarshal([]byte(lines[1]), &last) != nil || last["ok"] != false || last["segments"] != 3.0 || last["events"] != 5.0 || last["findings"] != 1.0 || last["list"] != nil {
		t.Errorf("last %s", lines[1])
	}
}

// TestVerify_Many: a screen is not filled with a million lines.
func TestVerify_Many(t *testing.T) {
	v := archiving.Verified{Found: 500, Segments: 1, Proof: verify.ProofKey}
	for range 500 {
		v.Findings = append(v.Findings, archiving.Finding{Kind: verify.Added, Path: "x", Leaf: -1, Why: "y"})
	}
	out, _, _ := outcome(v, nil).run(t, "archive", "verify")
	if n := strings.Count(out, "added"); n != shown || !strings.Contains(out, "500 findings in 1 segment; the first 20 (--json has all)") {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

func TestVerify_Flags(t *testing.T) {
	a := verifytest.Make(t, t.TempDir())
	dir := t.TempDir()
	mail, public := filepath.Join(dir, "mail.txt"), filepath.Join(dir, "log.pub")
	for name, text := range map[string]string{mail: "Dear all,\n\n> " + strings.ReplaceAll(string(a.Old), "\n", " ") + "\n", public: "# of log-1\n" + a.Key + "\n", filepath.Join(dir, "empty"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var asked CheckOptions
	w := outcome(archiving.Verified{OK: true, Proof: verify.ProofKey}, &asked)
	if _, msg, code := w.run(t, "archive", "verify", "copy-of-it", "--checkpoint", mail, "--key", public, "--workers", "3"); code != 0 {
		t.Fatalf("exit %d, %s", code, msg)
	}
	if asked.Path != "copy-of-it" || asked.Workers != 3 || len(asked.Keys) != 1 || asked.Keys[0] != a.Key || len(asked.Checkpoints) != 1 || string(asked.Checkpoints[0].Text) != string(a.Old) {
		t.Errorf("asked %+v", asked)
	}
	if _, _, code := w.run(t, "archive", "verify", "--copy", "2", "--key", a.Key); code != 0 || asked.Copy != 2 || asked.Keys[0] != a.Key {
		t.Errorf("exit %d, asked %+v", code, asked)
	}
	for _, args := range [][]string{{"--key", "/nowhere"}, {"--key", filepath.Join(dir, "empty")}, {"--checkpoint", "/nowhere"}, {"--checkpoint", filepath.Join(dir, "empty")}, {"a", "b"}} {
		if _, msg, code := w.run(t, append([]string{"archive", "verify"}, args...)...); code != fault.ExitUsage {
			t.Errorf("%q: exit %d, %s", args, code, msg)
		}
	}
}

// TestVerify_Live: the real engine on real files: the archive of a data folder, a copy, a package; clean and not.
func TestVerify_Live(t *testing.T) {
	data := t.TempDir()
	a := verifytest.Make(t, data)
	w := world{data: data, terminal: 100, engine: Live("0.1.0"), table: question.Table{
		archiving.AskSeal:     question.Typed(func(context.Context, struct{}) (archiving.SealedAll, error) { return archiving.SealedAll{}, nil }),
		archiving.AskExported: question.Typed(func(context.Context, archiving.Exported) (struct{}, error) { return struct{}{}, nil }),
	}}
	w.config.Archive.Folder, w.config.Archive.Log.KeyFolder = "archive", a.Keys
	w.config.Data = data
	w.config.Archive.Copies = []string{verifytest.Copy(t, a.Folder)}
	for _, args := range [][]string{{}, {"--copy", "2"}, {a.Folder, "--key", a.First}} {
		out, msg, code := w.run(t, append([]string{"archive", "verify"}, args...)...)
		if code != 0 || !strings.HasPrefix(out, "ok: 23 segments, 460 events, ") || !strings.Contains(out, "nothing changed\n") {
			t.Errorf("%q: exit %d, %s%s", args, code, out, msg)
		}
	}
	if _, msg, code := w.run(t, "archive", "verify", "--copy", "3"); code != fault.ExitUsage || !strings.Contains(msg, "error[archive-copy]") {
		t.Errorf("exit %d, %s", code, msg)
	}
	pack := filepath.Join(t.TempDir(), "case.zip")
	out, msg, code := w.run(t, "archive", "export", "user.name: kim", "--reason", "case 12", "--out", pack)
	if code != 0 || !strings.HasPrefix(out, pack+": ") || !strings.Contains(out, "weir archive verify case.zip --key ") {
		t.Fatalf("exit %d, %s%s", code, out, msg)
	}
	if out, msg, code := w.run(t, "archive", "verify", pack, "--key", a.Key); code != 0 || !strings.HasPrefix(out, "ok: ") {
		t.Errorf("the package: exit %d, %s%s", code, out, msg)
	}
	verifytest.Flip(t, filepath.Join(a.Folder, a.Segments[3].Path), 77)
	if out, _, code := w.run(t, "archive", "verify"); code != fault.ExitFound || !strings.HasPrefix(out, "TAMPERED: 1 finding in 23 segments\n  changed  "+a.Segments[3].Path) {
		t.Errorf("exit %d, %s", code, out)
	}
	if _, msg, code := w.run(t, "archive", "export", "--reason", "case 12", "--out", pack+"2.zip"); code != fault.ExitFound || !strings.Contains(msg, "error[export-unproven]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestExport(t *testing.T) {
	var asked evidence.Options
	var noted []archiving.Exported
	sealed := 0
	w := world{data: "d", terminal: 100, engine: Engine{Version: "0.1.0", Export: func(_ context.Context, _ config.Config, o evidence.Options) (*evidence.Summary, error) {
		asked = o
		if o.Query == "bad" {
			return nil, &fault.Error{Code: "export-unproven", What: "no", Exit: fault.ExitFound}
		}
		return &evidence.Summary{Package: evidence.Package{Events: 128, Segments: []string{"a", "b"}, Log: evidence.Log{Key: "k+1+2"}, Made: now}, Out: o.Out, SHA256: must, Bytes: 2 << 20}, nil
	}}, table: question.Table{
		archiving.AskSeal: question.Typed(func(context.Context, struct{}) (archiving.SealedAll, error) {
			sealed++
			return archiving.SealedAll{}, nil
		}),
		archiving.AskExported: question.Typed(func(_ context.Context, e archiving.Exported) (struct{}, error) {
			noted = append(noted, e)
			return struct{}{}, nil
		}),
	}}
	out, msg, code := w.run(t, "archive", "export", "user.name: kim", "--from", "2026-11-20", "--reason", "case 12", "--out", "case-12.zip")
	same(t, "stdout", out, "case-12.zip: 128 events in 2 segments, 2 MiB\n    package.json has the SHA-256 "+must+": write it down where the package is handed over\n    whoever gets it checks it with: weir archive verify case-12.zip --key k+1+2\n")
	if code != 0 || msg != "" || sealed != 1 || asked.Query != "user.name: kim" || asked.Reason != "case 12" || asked.By == "" || asked.Version != "0.1.0" || !asked.From.Equal(at("2026-11-20 00:00:00")) {
		t.Errorf("exit %d, %q, sealed %d, asked %+v", code, msg, sealed, asked)
	}
	if len(noted) != 1 || noted[0].SHA256 != must || noted[0].Events != 128 || noted[0].Reason != "case 12" || !filepath.IsAbs(noted[0].Where) || noted[0].Failed != "" {
		t.Errorf("noted %+v", noted)
	}
	if _, _, code := w.run(t, "archive", "export", "bad", "--reason", "x", "--out", "x.zip"); code != fault.ExitFound || len(noted) != 2 || noted[1].Failed == "" {
		t.Errorf("exit %d, noted %+v", code, noted)
	}
	out, _, _ = w.run(t, "archive", "export", "--reason", "x", "--out", "x.zip", "--json")
	var line map[string]any
	if err := json.Unmarshal([]byte(out), &line); err != nil || line["package_sha256"] != must || line["events"] != 128.0 {
		t.Errorf("%s: %v", out, err)
	}
	for _, args := range [][]string{{"--out", "x.zip"}, {"--reason", " ", "--out", "x.zip"}, {"--reason", "x"}, {"a", "b"}} {
		if _, _, code := w.run(t, append([]string{"archive", "export"}, args...)...); code != fault.ExitUsage {
			t.Errorf("%q: exit %d", args, code)
		}
	}
	// A weir that seals and does not record what was made leaves a package, and says so.
	delete(w.table, archiving.AskExported)
	if _, msg, code := w.run(t, "archive", "export", "--reason", "x", "--out", "x.zip"); code != fault.ExitMissing || !strings.Contains(msg, "export-unrecorded") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestList(t *testing.T) {
	l := archiving.List{Segments: 3, Events: 5000, Bytes: 3 << 20, Expired: 1, Unsealed: 12, Log: archiving.Log{On: true, Size: 40, Anchored: 30, Until: at("2026-11-21 09:00:00")},
		Classes: []archiving.Class{{Class: "access", Days: 2, Segments: 2, Events: 4000, Bytes: 2 << 20, Oldest: "2026-11-20", Newest: "2026-11-21", Expired: 1}, {Class: "audit", Segments: 1, Events: 1000, Bytes: 1 << 20, Bad: 1}},
		Faults:  []*fault.Error{{Code: "archive-segment", What: "a segment is missing", Where: "x"}}}
	segment := archiving.Segment{Path: "class=access/day=2026-11-20/s-00000001.parquet", Class: "access", Day: "2026-11-20", State: archiving.StateSealed, Events: 2000, Bytes: 1 << 20, Published: at("2026-11-21 08:00:00"), SHA256: must}
	var asked archiving.ListRequest
	w := world{terminal: 100, table: question.Table{archiving.AskList: question.Streamed(func(_ context.Context, r archiving.ListRequest, each func([]byte) error) (archiving.List, error) {
		asked = r
		if r.Segments {
			b, _ := json.Marshal(segment)
			return l, each(b)
		}
		return l, nil
	})}}
	out, msg, code := w.run(t, "archive", "list")
	same(t, "stdout", out, `CLASS   DAYS  SEGMENTS  EVENTS   SIZE  OLDEST      NEWEST      EXPIRED  BAD
access     2         2   4,000  2 MiB  2026-11-20  2026-11-21        1    0
audit      0         1   1,000  1 MiB  -           -                 0    1
`)
	if code != 0 || !strings.Contains(msg, "3 segments, 5,000 events, 3 MiB; expired: 1; not sealed yet: 12 events; log of 40 leaves, published until 30 (") || !strings.Contains(msg, "warning[archive-segment]") {
		t.Errorf("exit %d, %s", code, msg)
	}
	w.terminal = 0
	out, _, _ = w.run(t, "archive", "list", "--segments", "--class", "access", "--from", "2026-11-20")
	same(t, "pipe", out, "class=access/day=2026-11-20/s-00000001.parquet\taccess\t2026-11-20\tsealed\t2000\t1048576\t2026-11-20T23:00:00Z\t"+must+"\n")
	if !asked.Segments || asked.Class != "access" || !asked.From.Equal(at("2026-11-20 00:00:00")) {
		t.Errorf("asked %+v", asked)
	}
	out, _, _ = w.run(t, "archive", "list", "--json")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], `{"class":"access","days":2,`) {
		t.Errorf("json %s", out)
	}
}

func TestRebuild(t *testing.T) {
	var asked archiving.RebuildRequest
	w := world{terminal: 100, table: question.Table{archiving.AskRebuild: question.Typed(func(_ context.Context, r archiving.RebuildRequest) (archiving.Rebuilt, error) {
		asked = r
		return archiving.Rebuilt{Indexes: 2}, nil
	})}}
	if _, msg, code := w.run(t, "archive", "rebuild-index", "--all"); code != 0 || msg != "2 indexes made anew\n" || !asked.All {
		t.Errorf("exit %d, %q, %+v", code, msg, asked)
	}
}
