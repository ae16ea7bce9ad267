package evidence

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// summer writes and hashes at the same time.
type summer struct {
	*bufio.Writer
	sum  hash.Hash
	size int64
}

// newSummer writes to a file.
func newSummer(w io.Writer) *summer {
	s := &summer{sum: sha256.New()}
	s.Writer = bufio.NewWriterSize(io.MultiWriter(w, s.sum), 256<<10)
	return s
}

// Write implements io.Writer.
func (s *summer) Write(b []byte) (int, error) {
	n, err := s.Writer.Write(b)
	s.size += int64(n)
	return n, err
}

// file is what was written. Flush before.
func (s *summer) file(name string) File {
	return File{name, hex.EncodeToString(s.sum.Sum(nil)), s.size}
}

// check verifies the package as whoever gets it will, and refuses to hand out one that does not verify.
func (x *exporter) check(ctx context.Context) error {
	x.o.Progress(Progress{Step: "checking", Events: x.pkg.Events})
	v, err := Verify(ctx, os.DirFS(x.dir), VerifyOptions{Where: x.o.Where, Keys: x.o.Keys, Folder: x.dir})
	if err != nil {
		return err
	}
	if v.OK {
		return nil
	}
	f := v.Findings[0]
	return &fault.Error{Code: "export-unproven", What: "the archive is not as it was written, so nothing is exported", Where: x.o.Where,
		Why: f.Kind + " " + f.Path + ": " + f.Why, Do: "weir archive verify", Exit: fault.ExitFound}
}

// finish gives the package its name: all of it is on disk then.
func (x *exporter) finish(ctx context.Context) (*Summary, error) {
	list, err := os.ReadFile(x.path(listName))
	if err != nil {
		return nil, writeFault(x.o.Out, err)
	}
	sum := &Summary{Package: x.pkg, Out: x.o.Out, SHA256: manifest.Hash(list)}
	// Until here nothing has the final name; from here on all of it has.
	made := x.dir
	if strings.HasSuffix(x.o.Out, ".zip") {
		made = filepath.Join(filepath.Dir(x.dir), "package.zip")
		if err := x.zip(ctx, made); err != nil {
			return nil, err
		}
		if st, err := os.Stat(made); err == nil {
			sum.Bytes = st.Size()
		}
	} else {
		for _, f := range x.files {
			sum.Bytes += f.Bytes
		}
		sum.Bytes += int64(len(list))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Not replaced even if something of this name came meanwhile: a link fails then, where a rename would not.
	if made != x.dir {
		err = os.Link(made, x.o.Out)
	} else {
		err = os.Rename(made, x.o.Out)
	}
	if err != nil {
		return nil, writeFault(x.o.Out, err)
	}
	if err := syncFolder(filepath.Dir(filepath.Clean(x.o.Out))); err != nil {
		return nil, writeFault(x.o.Out, err)
	}
	return sum, nil
}

// zip packs the folder. Segments are compressed already.
func (x *exporter) zip(ctx context.Context, to string) (err error) {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return writeFault(x.o.Out, err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = writeFault(x.o.Out, cerr)
		}
	}()
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	var done, total int64
	for _, file := range x.files {
		total += file.Bytes
	}
	err = filepath.WalkDir(x.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(x.dir, name)
		if err != nil {
			return err
		}
		method := zip.Deflate
		if strings.HasSuffix(name, ".parquet") {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: filepath.ToSlash(rel), Method: method, Modified: x.pkg.Made})
		if err != nil {
			return err
		}
		in, err := os.Open(name)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(w, reader{ctx, in, func(n int64) {
			done += n
			x.o.Progress(Progress{Step: "packing", Done: done, Total: total, Events: x.pkg.Events})
		}})
		return err
	})
	if err == nil {
		err = errors.Join(z.Close(), f.Sync())
	}
	if err != nil {
		return writeFault(x.o.Out, err)
	}
	return nil
}

// reader ends with a context and tells how much was read.
type reader struct {
	ctx  context.Context //nolint:containedctx // of the call that copies
	in   io.Reader
	tell func(n int64)
}

// Read implements io.Reader.
func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.in.Read(b)
	r.tell(int64(n))
	return n, err
}

// syncFolder makes a new name durable.
func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
