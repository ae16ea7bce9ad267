package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"weir/internal/archive/manifest"
	"weir/internal/archive/verify"
	"weir/internal/control/archiving"
	"weir/internal/fault"
)

// What is found in packages only.
const (
	PackageChanged = "package-changed" // a file is not the one that package.json names, or nobody names it
	EventsChanged  = "events-changed"  // events.ndjson is not what the segments say
)

// VerifyOptions say how a package is checked.
type VerifyOptions struct {
	Where       string
	Keys        []string // that are trusted; none: the one in the package, which proves that it fits itself
	Checkpoints []verify.Checkpoint
	Workers     int
	Progress    func(archiving.Progress)
	// Folder is where the package lies unpacked; empty: segments are copied to a folder of temporary files while they are read.
	Folder string
}

// Open opens a package for checking: a folder, or a zip of one. ok is false where it is neither, which is no error: it may be
// an archive.
func Open(name string) (files fs.FS, folder string, closer io.Closer, ok bool, err error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, "", nil, false, &fault.Error{Code: "archive-folder", What: "this cannot be checked: it is not there, or may not be read", Where: name, Why: fault.Innermost(err),
			Do: "ls -l " + name, Exit: fault.ExitMissing, Cause: err}
	}
	if st.IsDir() {
		files = os.DirFS(name)
		return files, name, io.NopCloser(nil), IsPackage(files), nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, "", nil, false, &fault.Error{Code: "archive-folder", What: "this is neither an archive nor a package", Where: name, Why: fault.Innermost(err),
			Do: "name a folder with a manifest.jsonl in it, or a zip that weir archive export made", Exit: fault.ExitMissing, Cause: err}
	}
	return &z.Reader, "", z, true, nil
}

// checker checks one package.
type checker struct {
	files fs.FS
	o     VerifyOptions
	pkg   *Package
	raw   []byte // package.json as it is
	v     *archiving.Verified
}

// Verify checks a package: that its files are those that were packed, that its segments are as they were sealed, and that its
// events are exactly those that the segments have for its query.
func Verify(ctx context.Context, files fs.FS, o VerifyOptions) (*archiving.Verified, error) {
	pkg, raw, err := readList(files)
	if err != nil {
		return nil, &fault.Error{Code: "archive-folder", What: "this is no package, or its list of files is damaged", Where: o.Where, Why: fault.Innermost(err),
			Do: "name a zip or folder that weir archive export made", Exit: fault.ExitMissing, Cause: err}
	}
	sub, err := fs.Sub(files, archiveDir)
	if err != nil {
		return nil, err
	}
	only := map[string]bool{}
	for _, s := range pkg.Segments {
		only[s] = true
	}
	for _, f := range pkg.Files {
		if name, ok := strings.CutPrefix(f.Path, archiveDir+"/policy/"); ok {
			only["policy/"+name] = true
		}
	}
	v, err := verify.Run(ctx, verify.Options{Files: sub, Where: o.Where, Keys: o.Keys, Checkpoints: o.Checkpoints, Workers: o.Workers, Progress: o.Progress, Only: only})
	if err != nil {
		return nil, err
	}
	c := &checker{files, o, pkg, raw, v}
	c.signature()
	if err := c.listed(ctx); err != nil {
		return nil, err
	}
	if len(v.Findings) == 0 {
		// Only what is proven is read: a segment that is not what was sealed says nothing about events.
		if err := c.events(ctx); err != nil {
			return nil, err
		}
	}
	v.Found, v.OK = len(v.Findings), len(v.Findings) == 0
	return v, ctx.Err()
}

// find notes what is wrong with a file of the package.
func (c *checker) find(kind, name, why string) {
	c.v.Findings = append(c.v.Findings, archiving.Finding{Kind: kind, Path: name, Leaf: -1, Why: why})
}

// readManifest reads the manifest of the archive in a package.
func readManifest(files fs.FS) (*manifest.List, error) {
	f, err := verify.Ordinary(files).Open(path.Join(archiveDir, manifest.Name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return manifest.Read(f)
}

// events makes the events again from the segments and compares.
func (c *checker) events(ctx context.Context) error {
	q, err := filterAt(c.pkg.Query, c.pkg.Made)
	if err != nil {
		c.find(PackageChanged, listName, "its query cannot be read: "+err.Error())
		return nil
	}
	list, err := readManifest(c.files)
	if err != nil {
		return err
	}
	segments, done, err := c.unpack(ctx, list)
	if err != nil {
		return err
	}
	defer done()
	f, err := c.files.Open(eventsName)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n := int64(0)
	var buf []byte
	for e, err := range events(ctx, segments, q, c.pkg.From, c.pkg.To) {
		if err != nil {
			c.find(EventsChanged, eventsName, "the segments cannot be read: "+err.Error())
			return nil
		}
		buf = append(e.AppendJSON(buf[:0]), '\n')
		h.Write(buf)
		n++
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	have := sha256.New()
	if _, err := io.Copy(have, reader{ctx, f, func(int64) {}}); err != nil {
		return err
	}
	if !bytes.Equal(have.Sum(nil), h.Sum(nil)) {
		c.find(EventsChanged, eventsName, fmt.Sprintf("it is not what the sealed segments have for this query: those have %d events", n))
	} else if n != c.pkg.Events {
		c.find(PackageChanged, listName, fmt.Sprintf("it says %d events, there are %d", c.pkg.Events, n))
	}
	c.v.Events = n
	return nil
}

// unpack makes the package's segments files that can be opened.
func (c *checker) unpack(ctx context.Context, list *manifest.List) (out []*sealed, done func(), err error) {
	want := map[string]bool{}
	for _, s := range c.pkg.Segments {
		want[s] = true
	}
	dir := ""
	done = func() {
		if dir != "" {
			_ = os.RemoveAll(dir) // the system's folder of temporary files is emptied anyway
		}
	}
	for _, s := range candidates(list, c.pkg.From, c.pkg.To) {
		if !want[s.Path] {
			continue
		}
		if c.o.Folder != "" {
			s.file = filepath.Join(c.o.Folder, archiveDir, filepath.FromSlash(s.Path))
			out = append(out, s)
			continue
		}
		if dir == "" {
			if dir, err = os.MkdirTemp("", "weir-verify-"); err != nil {
				return nil, done, err
			}
		}
		s.file = filepath.Join(dir, fmt.Sprintf("%d.parquet", len(out)))
		if _, err := fetch(ctx, c.files, path.Join(archiveDir, s.Path), s.file, s.Bytes, nil); err != nil {
			done()
			return nil, func() {}, err
		}
		out = append(out, s)
	}
	return out, done, nil
}
