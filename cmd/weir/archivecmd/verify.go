package archivecmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/proving"
	"weir/internal/archive/logkey"
	"weir/internal/archive/translog"
	"weir/internal/archive/verify"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// What verify prints is a contract: --json one archiving.Finding a line and a last archiving.Verified; else the verdict first,
// then what was found, then what it rests on. It reads files and needs no running weir; one that runs is not stopped.

// verifyFlags are the flags of verify.
type verifyFlags struct {
	copy        int
	key         string
	checkpoints []string
	workers     int
}

// shown is how many findings people get; --json has all.
const shown = 20

// verifySpec takes a folder or a package as well: who checks an archive usually is not who has it.
func (c *commands) verifySpec() pages.Spec {
	var o verifyFlags
	return pages.Spec{
		Use: "verify [PATH]", Short: "find out whether anything was changed, removed or added", Args: ui.AtMost(1),
		Long: "Reads every sealed file and holds it against the signed transparency log. PATH is the folder of an archive, a copy of one, or a package that export made; without it: the archive of the data folder." +
			" With the public key and a checkpoint that somebody else kept, nobody has to trust this machine.",
		Examples: []string{"weir archive verify", "weir archive verify --checkpoint 2026-11-20.txt", "weir archive verify case-12.zip --key log.pub"},
		Common:   []string{"copy", "key", "checkpoint", "json"}, Sections: [][]string{{"What", "copy"}, {"By what", "key", "checkpoint"}, {"How", "workers"}},
		Exits: "1 something is not as it was written; 3 it cannot be read", Complete: ui.CompleteFiles,
		Flags: func(f *pflag.FlagSet) {
			f.IntVar(&o.copy, "copy", 1, "`number` of the copy: 1 the archive, then its bucket, then archive.copies")
			f.StringVar(&o.key, "key", "", "`file` with the public key, or the key (default log.pub in the folder of keys)")
			f.StringArrayVar(&o.checkpoints, "checkpoint", nil, "`file` of a checkpoint that was kept elsewhere, a mail too; may be repeated")
			f.IntVar(&o.workers, "workers", 0, "`files` read at once (default one a core)")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			return c.verify(cmd.Context(), c.shell(), o, strings.Join(args, ""))
		},
	}
}

// verify checks and shows.
func (c *commands) verify(ctx context.Context, sh ui.Shell, o verifyFlags, path string) error {
	keys, kept, err := o.trusted()
	if err != nil {
		return err
	}
	cfg := config.Config{}
	if path == "" { // a folder that somebody sent is checked without any weir
		if cfg, err = c.config(sh); err != nil {
			return err
		}
	}
	tell, done := progressOf(sh)
	v, err := c.engine.Check(ctx, cfg, CheckOptions{Path: path, Copy: o.copy, Options: verify.Options{Keys: keys, Checkpoints: kept, Workers: o.workers, Progress: tell}})
	done()
	if err == nil || ctx.Err() == nil {
		c.noteVerify(ctx, sh, path, v, err)
	}
	if errors.Is(err, context.Canceled) {
		sh.Note("stopped: what was read says nothing about the rest")
	}
	if err != nil {
		return err
	}
	if err := showVerified(sh, v, places(cfg, path)); err != nil {
		return err
	}
	if !v.OK {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// trusted reads the key and the checkpoints of the flags.
func (o *verifyFlags) trusted() (keys []string, kept []verify.Checkpoint, err error) {
	if o.key != "" {
		text := o.key
		if b, err := os.ReadFile(o.key); err == nil {
			text = string(b)
		} else if !strings.Contains(text, "+") {
			return nil, nil, &fault.Error{Code: "usage", What: "the public key cannot be read", Where: o.key, Why: fault.Innermost(err), Do: "name log.pub of the folder of keys", Exit: fault.ExitUsage, Cause: err}
		}
		key, err := logkey.ParseVerifier(text)
		if err != nil {
			return nil, nil, &fault.Error{Code: "usage", What: "this is no public key of a log", Where: o.key, Why: fault.Innermost(err), Do: "name log.pub of the folder of keys", Exit: fault.ExitUsage, Cause: err}
		}
		keys = []string{key}
	}
	for _, name := range o.checkpoints {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, &fault.Error{Code: "usage", What: "the checkpoint cannot be read", Where: name, Why: fault.Innermost(err), Do: "name the file that was published, or the text of its mail", Exit: fault.ExitUsage, Cause: err}
		}
		note, ok := translog.FindCheckpoint(b)
		if !ok {
			return nil, nil, &fault.Error{Code: "usage", What: "there is no checkpoint in this file", Where: name, Do: "name the file that was published, or the text of its mail", Exit: fault.ExitUsage}
		}
		kept = append(kept, verify.Checkpoint{Name: name, Text: note})
	}
	return keys, kept, nil
}

// places counts where the archive is, for what to do about a finding.
func places(cfg config.Config, path string) int {
	if path != "" {
		return 1
	}
	return len(proving.Places(cfg))
}

// noteVerify records that somebody checked the archive. That it could not be recorded keeps nobody from checking.
func (c *commands) noteVerify(ctx context.Context, sh ui.Shell, path string, v *archiving.Verified, failed error) {
	if path != "" || sh.Ask == nil {
		return
	}
	e := archiving.Exported{Kind: archiving.KindVerify}
	if v != nil {
		e.Where, e.Events, e.TookMS = v.Where, int64(v.Found), v.TookMS
		short := *v
		short.Findings = nil // the number of them is what reports say
		e.Checked = &short
	}
	if failed != nil {
		e.Failed = failed.Error()
	}
	_ = sh.Ask(ctx, func(b control.Backend) error {
		_, err := question.Ask[struct{}](ctx, b, archiving.AskExported, e, nil)
		return err
	})
}

// progressOf shows how far a check is.
func progressOf(sh ui.Shell) (tell func(archiving.Progress), done func()) {
	if sh.Quiet || sh.Msg == nil {
		return nil, func() {}
	}
	var bar *term.Progress
	return func(p archiving.Progress) {
			if bar == nil {
				bar = sh.Msg.NewProgress(float64(p.BytesTotal), "bytes")
			}
			bar.At(float64(p.Bytes), fmt.Sprintf("segment %s of %s, %s/s", term.Count(int64(p.Segments)), term.Count(int64(p.SegmentsTotal)), term.Bytes(int64(p.Rate))))
		}, func() {
			if bar != nil {
				bar.Done()
			}
		}
}

// showVerified prints the outcome: the verdict first, then what was found, then what it rests on.
func showVerified(sh ui.Shell, v *archiving.Verified, places int) error {
	if sh.JSON {
		for i := range v.Findings {
			if err := sh.Line(v.Findings[i]); err != nil {
				return err
			}
		}
		last := *v
		last.Findings = nil
		return sh.Line(last)
	}
	p := &printer{sh: sh, zone: sh.Out.Zone}
	if p.zone == nil {
		p.zone = time.UTC
	}
	if v.OK {
		p.ok(v)
	} else {
		p.tampered(v, places)
	}
	p.restsOn(v)
	return sh.Write([]byte(p.b.String()))
}

// printer gathers the text. It belongs to one goroutine.
type printer struct {
	sh   ui.Shell
	zone *time.Location
	b    strings.Builder
}

// line adds a line.
func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// ok is the verdict of an archive that is as it was written.
func (p *printer) ok(v *archiving.Verified) {
	took := time.Duration(v.TookMS) * time.Millisecond
	speed := ""
	if took > 0 && v.Bytes > 0 {
		speed = " (" + term.Bytes(int64(float64(v.Bytes)/took.Seconds())) + "/s)"
	}
	nothing := "nothing changed"
	if v.Proof != verify.ProofKey {
		nothing = "nothing changed as far as can be told"
	}
	p.line("%s: %s, %s, %s in %s%s, %s", p.sh.Out.Paint(term.Green, "ok"), ui.Plural(v.Segments, "segment"), ui.Plural(int(v.Events), "event"), term.Bytes(v.Bytes), term.Duration(took), speed, nothing)
}

// tampered is the verdict of one that is not, with what was found.
func (p *printer) tampered(v *archiving.Verified, places int) {
	head := fmt.Sprintf("%s: %s in %s", p.sh.Out.Paint(term.Red, "TAMPERED"), ui.Plural(v.Found, "finding"), ui.Plural(v.Segments, "segment"))
	if v.Found > shown {
		head += fmt.Sprintf("; the first %d (--json has all)", shown)
	} else if v.Found > 1 {
		head += "; the first:"
	}
	p.line("%s", head)
	for i := range v.Findings[:min(len(v.Findings), shown)] {
		p.finding(&v.Findings[i])
	}
	do := "keep a copy of the folder as it is now; then restore what is named from a copy that verifies"
	if v.Copy > 0 && places > 1 {
		do = fmt.Sprintf("keep a copy of the folder as it is now; then %s", p.sh.Cmdline(fmt.Sprintf("archive verify --copy %d", v.Copy%places+1)))
	}
	p.line("  do       %s", do)
}

// finding prints one finding: what, then why.
func (p *printer) finding(f *archiving.Finding) {
	head := term.Escape(f.Path)
	if f.Leaf >= 0 && f.Is == "" {
		head += fmt.Sprintf(" (leaf %d)", f.Leaf)
	}
	why := term.Escape(hash.ReplaceAllStringFunc(f.Why, func(h string) string { return h[:4] + p.cut() + h[len(h)-4:] }))
	if f.Is != "" && f.Leaf >= 0 {
		why += fmt.Sprintf(" (leaf %d)", f.Leaf)
	}
	if !f.Written.IsZero() {
		why += "; file last written " + f.Written.In(p.zone).Format(time.DateTime)
	}
	kind := p.sh.Out.Paint(term.Red, term.Escape(f.Kind))
	if f.Is == "" && f.Sealed.IsZero() || f.Kind == verify.Removed {
		p.line("  %s  %s; %s", kind, head, why)
		return
	}
	if !f.Sealed.IsZero() {
		head += ", sealed " + f.Sealed.In(p.zone).Format("2006-01-02 15:04:05 -07:00")
	}
	p.line("  %s  %s", kind, head)
	p.line("  %s  %s", strings.Repeat(" ", term.Cells(f.Kind)), why)
}

// hash is one in a text: people compare its ends.
var hash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// cut stands for what is left out.
func (p *printer) cut() string {
	if p.sh.Out.ASCII {
		return "..."
	}
	return "…"
}

// restsOn says what the verdict rests on, and up to when others could vouch for it.
func (p *printer) restsOn(v *archiving.Verified) {
	if v.Proof == verify.ProofChain {
		p.line("    no transparency log: only the hashes in the manifest were checked; who can write the folder can write those too")
	} else {
		p.anchored(v)
	}
	for _, n := range v.Notes {
		p.line("    note: %s", term.Escape(n))
	}
}

// anchored says how far the log vouches.
func (p *printer) anchored(v *archiving.Verified) {
	switch {
	case v.Anchored == 0:
		p.line("    not anchored: no checkpoint was published yet, so who has the signing key could have written all of it anew")
	case v.Until.IsZero():
		p.line("    anchored by the checkpoint that was given, checkpoint %s%s", term.Count(v.Anchored), p.newer(v))
	default:
		p.line("    anchored until %s, checkpoint %s%s", v.Until.In(p.zone).Format("2006-01-02 15:04 -07:00"), term.Count(v.Anchored), p.newer(v))
	}
	if v.Unlogged > 0 {
		p.line("    newest segments without a leaf yet: %s; a running weir writes it within seconds, else the next start does", term.Count(int64(v.Unlogged)))
	}
	if v.Proof == verify.ProofOwn {
		p.line("    checked by the key that lies beside the log: this shows that the archive fits itself, not who wrote it; name a key of your own with --key")
	}
	if v.Expired > 0 {
		p.line("    expired by policy, each with its leaf: %s", term.Count(int64(v.Expired)))
	}
}

// newer counts what no published checkpoint covers.
func (p *printer) newer(v *archiving.Verified) string {
	if v.Unanchored == 0 {
		return ""
	}
	are := "are"
	if v.Unanchored == 1 {
		are = "is"
	}
	return fmt.Sprintf("; %s %s not anchored yet", ui.Plural(v.Unanchored, "newer segment"), are)
}
