package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"weir/docs/evidence"
	"weir/event"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/archive/verify"
	"weir/internal/fault"
	"weir/internal/query"
)

// Options say what is taken out of which archive.
type Options struct {
	Files fs.FS    // the archive's folder
	Where string   // what people call it
	Keys  []string // the public key of its log; none: the one beside the log

	Query    string // KQL; empty: everything
	From, To time.Time
	Reason   string
	By       string
	Host     string
	Version  string
	Out      string // FILE.zip, or a folder that is not there yet
	// Sign returns the key that signed a checkpoint, nil where it is not at hand; Sign is nil where no key is.
	Sign func(checkpoint []byte) note.Signer
	Zone *time.Location
	Now  time.Time
	// Progress is told on the goroutine that called; nil: nobody is.
	Progress func(Progress)
}

// Progress is how far the making of a package is.
type Progress struct {
	Step        string // searching, writing, checking, packing
	Done, Total int64  // bytes of the step
	Events      int64
}

// Summary is what came of it.
type Summary struct {
	Package
	Out    string `json:"out"`
	SHA256 string `json:"package_sha256"` // of package.json, which has those of all other files
	Bytes  int64  `json:"bytes"`          // of the package
}

// exporter makes one package. One goroutine has it.
type exporter struct {
	o       Options
	dir     string // where it is made, beside where it goes
	q       *query.Query
	raw     []byte // whole lines of the manifest
	list    *manifest.List
	cp      *translog.Checkpoint // nil: the archive has no log
	signed  []byte               // the text of cp
	signing note.Signer          // nil: package.json is not signed
	own     string               // verifier string that goes into the package
	segs    []*sealed
	pkg     Package
	files   []File
}

// Export makes a package and checks it before it gets its name. What is not sealed yet is not in it: seal before. Whatever
// goes wrong, and where ctx ends, nothing is left behind.
func Export(ctx context.Context, o Options) (sum *Summary, err error) {
	q, err := filterAt(o.Query, o.Now)
	if err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if _, err := os.Lstat(o.Out); !errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{Code: "export-exists", What: "there is something of this name already; it is not replaced", Where: o.Out, Do: "name another file with --out", Exit: fault.ExitUsage}
	}
	// Beside where it goes, so that giving it its name is one step of the file system.
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Clean(o.Out)), "."+filepath.Base(o.Out)+".tmp-")
	if err != nil {
		return nil, writeFault(o.Out, err)
	}
	defer func() {
		if rm := os.RemoveAll(dir); rm != nil {
			err = errors.Join(err, rm)
		}
	}()
	o.Files = verify.Ordinary(o.Files)
	x := &exporter{o: o, dir: filepath.Join(dir, "package"), q: q}
	if err := os.Mkdir(x.dir, 0o700); err != nil {
		return nil, writeFault(o.Out, err)
	}
	if err := x.make(ctx); err != nil {
		return nil, err
	}
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	return x.finish(ctx)
}

// filterAt is the query of a package as it was meant at a time.
func filterAt(text string, now time.Time) (*query.Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return query.ParseAt(text, now)
}

// make writes all files of the package into the folder.
func (x *exporter) make(ctx context.Context) error {
	if err := x.read(); err != nil {
		return err
	}
	x.pkg = Package{V: version, Made: x.o.Now.UTC(), By: x.o.By, Host: x.o.Host, Weir: x.o.Version, Query: strings.TrimSpace(x.o.Query), From: x.o.From.UTC(), To: x.o.To.UTC(),
		Reason: x.o.Reason, Revisions: true, Classes: map[string]int64{}, Segments: []string{}}
	x.signing, x.pkg.Unsigned = x.signer()
	if err := x.search(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{x.events, x.proofs, x.policies, x.papers} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return x.sumUp()
}

// read takes the log's files and then the manifest, in this order: what is read first knows less, as in any check.
func (x *exporter) read() error {
	for _, name := range []string{"log/anchors.jsonl", "log/checkpoints"} {
		if err := x.take(name); err != nil {
			return err
		}
	}
	text, err := fs.ReadFile(x.o.Files, "log/checkpoint")
	switch {
	case err == nil:
		cp, err := translog.ParseCheckpoint(text)
		if err != nil {
			return &fault.Error{Code: "export-unproven", What: "the checkpoint of the log cannot be read", Where: path.Join(x.o.Where, "log/checkpoint"), Why: err.Error(), Do: "weir archive verify", Exit: fault.ExitFound, Cause: err}
		}
		x.cp, x.signed = &cp, text
		if err := x.write("archive/log/checkpoint", text); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return readFault(x.o.Where, err)
	}
	if x.raw, err = fs.ReadFile(x.o.Files, manifest.Name); err != nil {
		return readFault(x.o.Where, err)
	}
	// Half a line is what a running weir is writing just now.
	x.raw = x.raw[:bytes.LastIndexByte(x.raw, '\n')+1]
	if x.list, err = manifest.Read(bytes.NewReader(x.raw)); err != nil {
		return readFault(x.o.Where, err)
	}
	return errors.Join(x.write("archive/manifest.jsonl", x.raw), x.key())
}

// key puts the public key into the package. It is there for convenience; README says where to get it from instead.
func (x *exporter) key() error {
	if x.cp == nil {
		return nil
	}
	if len(x.o.Keys) > 0 {
		x.own = x.o.Keys[0]
	} else if b, err := fs.ReadFile(x.o.Files, "log/log.pub"); err == nil {
		x.own = strings.TrimSpace(string(b))
	}
	if x.own == "" {
		return nil
	}
	return x.write("archive/log/log.pub", []byte(x.own+"\n"))
}

// take copies a small file, or those of a folder. What is not there is left out.
func (x *exporter) take(name string) error {
	st, err := fs.Stat(x.o.Files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return readFault(x.o.Where, err)
	}
	names := []string{name}
	if st.IsDir() {
		entries, err := fs.ReadDir(x.o.Files, name)
		if err != nil {
			return readFault(x.o.Where, err)
		}
		names = names[:0]
		for _, e := range entries {
			if !e.IsDir() && !strings.HasSuffix(e.Name(), ".tmp") {
				names = append(names, path.Join(name, e.Name()))
			}
		}
	}
	for _, n := range names {
		b, err := fs.ReadFile(x.o.Files, n)
		if err != nil {
			return readFault(x.o.Where, err)
		}
		if err := x.write(path.Join(archiveDir, n), b); err != nil {
			return err
		}
	}
	return nil
}

// search reads every segment that may have one of the events, and keeps those that do.
func (x *exporter) search(ctx context.Context) error {
	all := candidates(x.list, x.o.From, x.o.To)
	var total, done int64
	for _, s := range all {
		total += s.Bytes
	}
	x.pkg.Searched = len(all)
	hits := int64(0)
	for _, s := range all {
		s.file = x.path(path.Join(archiveDir, s.Path))
		sum, err := fetch(ctx, x.o.Files, s.Path, s.file, s.Bytes, func(n int64) {
			done += n
			x.o.Progress(Progress{Step: "searching", Done: min(done, total), Total: total, Events: hits})
		})
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return x.unproven(s.Path, "it cannot be read: "+fault.Innermost(err), err)
		}
		if sum != s.SHA256 {
			return x.unproven(s.Path, "its SHA-256 is "+sum+", not "+s.SHA256, nil)
		}
		if err := s.count(ctx, x.q, x.o.From, x.o.To); err != nil {
			return err
		}
		// Only segments that hold one of the events are handed on: the others are nobody's business.
		if s.hits == 0 {
			if err := os.Remove(s.file); err != nil {
				return writeFault(x.o.Out, err)
			}
			continue
		}
		hits += s.hits
		x.segs = append(x.segs, s)
		x.pkg.Segments = append(x.pkg.Segments, s.Path)
		x.pkg.Classes[s.Class] += s.hits
		x.files = append(x.files, File{path.Join(archiveDir, s.Path), sum, s.Bytes})
	}
	x.pkg.Events = hits
	return nil
}

// unproven ends an export that would be worth nothing.
func (x *exporter) unproven(name, why string, err error) error {
	return &fault.Error{Code: "export-unproven", What: "a segment is not as it was sealed, so nothing is exported", Where: path.Join(x.o.Where, name), Why: why,
		Do: "weir archive verify", Exit: fault.ExitFound, Cause: err}
}

// events writes the events, one a line.
func (x *exporter) events(ctx context.Context) error {
	f, err := os.OpenFile(x.path(eventsName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return writeFault(x.o.Out, err)
	}
	w := newSummer(f)
	n := int64(0)
	var buf []byte
	for e, err := range events(ctx, x.segs, x.q, x.o.From, x.o.To) {
		if err != nil {
			return errors.Join(fmt.Errorf("reading the events: %w", err), f.Close())
		}
		buf = append(e.AppendJSON(buf[:0]), '\n')
		if _, err := w.Write(buf); err != nil {
			return errors.Join(writeFault(x.o.Out, err), f.Close())
		}
		x.span(e)
		if n++; n%1024 == 0 {
			x.o.Progress(Progress{Step: "writing", Done: n, Total: x.pkg.Events, Events: n})
		}
	}
	if err := errors.Join(ctx.Err(), w.Flush(), f.Sync(), f.Close()); err != nil {
		return writeFault(x.o.Out, err)
	}
	x.files = append(x.files, w.file(eventsName))
	return nil
}

// span widens the time of the package's events.
func (x *exporter) span(e *event.Event) {
	v := e.Get(event.Timestamp)
	if v.Kind() != event.Time {
		return
	}
	t := v.Time()
	if x.pkg.First.IsZero() || t.Before(x.pkg.First) {
		x.pkg.First = t
	}
	if t.After(x.pkg.Last) {
		x.pkg.Last = t
	}
}

// proofs writes how each segment's leaf leads to the signed root.
func (x *exporter) proofs(context.Context) error {
	p := Proofs{Segments: []SegmentProof{}}
	if x.cp != nil {
		p.Log = Log{Origin: x.cp.Origin, Size: x.cp.Size, Root: x.cp.Root.String(), Key: x.own}
		x.pkg.Log = p.Log
		sub, err := fs.Sub(x.o.Files, translog.Folder)
		if err != nil {
			return readFault(x.o.Where, err)
		}
		r := translog.NewReader(sub, x.cp.Size)
		for _, s := range x.segs {
			one := SegmentProof{Path: s.Path, Leaf: s.leaf}
			if s.leaf < x.cp.Size {
				entry, err := r.Entry(s.leaf)
				if err != nil {
					return x.unproven("log", err.Error(), err)
				}
				hashes, err := r.Inclusion(s.leaf, x.cp.Size)
				if err != nil {
					return x.unproven("log", err.Error(), err)
				}
				one.Entry = string(entry)
				for i := range hashes {
					one.Proof = append(one.Proof, base64.StdEncoding.EncodeToString(hashes[i][:]))
				}
			}
			p.Segments = append(p.Segments, one)
		}
	}
	return x.writeJSON(proofsName, p)
}

// policies adds the texts of every policy of retention that was ever in force.
func (x *exporter) policies(context.Context) error {
	names := map[string]bool{}
	for i := range x.list.Records {
		for _, a := range x.list.Records[i].Actions {
			if f, ok := policy(a); ok {
				names[f.Path] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if err := x.take(name); err != nil {
			return err
		}
	}
	return nil
}

// papers writes what people read, and the program that checks.
func (x *exporter) papers(context.Context) error {
	for name, text := range x.readmes() {
		if err := x.write(name, []byte(text)); err != nil {
			return err
		}
	}
	for _, lang := range []string{"en", "ko"} {
		page, err := x.report(lang)
		if err != nil {
			return err
		}
		if err := x.write("report."+lang+".html", page); err != nil {
			return err
		}
	}
	return x.write("verify.py", evidence.Verifier)
}

// sumUp writes package.json, last: it has the hashes of all others.
func (x *exporter) sumUp() error {
	slices.SortFunc(x.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	x.pkg.Files = x.files
	b, err := json.MarshalIndent(x.pkg, "", " ")
	if err != nil {
		return err
	}
	b = append(b, '\n')
	if err := os.WriteFile(x.path(listName), b, 0o600); err != nil {
		return writeFault(x.o.Out, err)
	}
	return x.sign(b)
}

// path is where a file of the package is written.
func (x *exporter) path(name string) string { return filepath.Join(x.dir, filepath.FromSlash(name)) }

// write writes a small file of the package and notes it.
func (x *exporter) write(name string, b []byte) error {
	to := x.path(name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return writeFault(x.o.Out, err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		return writeFault(x.o.Out, err)
	}
	x.files = append(x.files, File{name, manifest.Hash(b), int64(len(b))})
	return nil
}

// writeJSON is write for a value.
func (x *exporter) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return x.write(name, append(b, '\n'))
}

// expiry reads an expiry out of an action.
func expiry(a manifest.Action) (x manifest.Expiry, ok bool) {
	return x, a.Kind == manifest.KindExpiry && json.Unmarshal(a.Body, &x) == nil
}

// policy reads the file of a policy out of an action.
func policy(a manifest.Action) (f manifest.File, ok bool) {
	return f, a.Kind == manifest.KindPolicy && json.Unmarshal(a.Body, &f) == nil && strings.HasPrefix(f.Path, "policy/") && fs.ValidPath(f.Path)
}

// writeFault says why a package cannot be written.
func writeFault(out string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &fault.Error{Code: "export-write", What: "the package cannot be written", Where: out, Why: fault.Innermost(err), Do: "df -h " + filepath.Dir(out), Exit: fault.ExitMissing, Cause: err}
}

// readFault says why an archive cannot be read.
func readFault(where string, err error) error {
	return &fault.Error{Code: "archive-folder", What: "the archive cannot be read", Where: where, Why: fault.Innermost(err), Do: "name the folder of a weir with --data", Exit: fault.ExitMissing, Cause: err}
}

var _ io.Writer = (*summer)(nil)
