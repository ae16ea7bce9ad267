package evidence

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"weir/internal/fault"
)

// listed compares every file with the list, in both directions. Sizes are looked at first, so that nothing is read that
// cannot be right, and what is no ordinary file is not opened: a pipe would never answer, a device never end.
func (c *checker) listed(ctx context.Context) error {
	named, folded := map[string]bool{listName: true, sigName: true}, map[string]string{}
	for _, f := range c.pkg.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		low := strings.ToLower(f.Path)
		switch {
		case named[f.Path]:
			c.find(PackageChanged, f.Path, "it is listed twice")
		case folded[low] != "":
			c.find(PackageChanged, f.Path, "but for upper and lower case it has the name of "+folded[low]+": unpacked, one replaces the other on some machines")
		}
		named[f.Path], folded[low] = true, f.Path
		if name, ok := strings.CutPrefix(f.Path, archiveDir+"/"); ok && strings.HasSuffix(name, ".parquet") {
			continue // those are checked against the log
		}
		if why := c.differs(ctx, f); why != "" {
			c.find(PackageChanged, f.Path, why)
		}
	}
	for _, s := range c.pkg.Segments {
		if !named[path.Join(archiveDir, s)] {
			c.find(PackageChanged, s, "it is one of the segments and is not listed")
		}
	}
	if z, ok := c.files.(*zip.Reader); ok {
		c.entries(z)
	}
	return fs.WalkDir(c.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			c.find(PackageChanged, name, "it cannot be read: "+fault.Innermost(err))
			return nil // it is a finding, and the walk goes on
		}
		if !d.IsDir() && !named[name] {
			c.find(PackageChanged, name, "the package has this file, and its list does not")
		}
		return ctx.Err()
	})
}

// differs says what is wrong with a file; empty: it is the one that is listed.
func (c *checker) differs(ctx context.Context, f File) string {
	st, err := fs.Stat(c.files, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it is missing"
	case err != nil:
		return "it cannot be read: " + fault.Innermost(err)
	case !st.Mode().IsRegular():
		return "it is no ordinary file"
	case st.Size() != f.Bytes:
		return fmt.Sprintf("it has %d bytes, and %s says %d", st.Size(), listName, f.Bytes)
	}
	sum, size, err := hashOf(ctx, c.files, f.Path)
	switch {
	case err != nil:
		return "it cannot be read: " + fault.Innermost(err)
	case sum != f.SHA256 || size != f.Bytes:
		return "its SHA-256 is not the one in " + listName
	}
	return ""
}

// entries looks at the names in a zip as they stand there. What was checked is what those names lead to here; a program that
// unpacks may take "../x", a link, or the second of two entries of one name for something else.
func (c *checker) entries(z *zip.Reader) {
	seen := map[string]bool{}
	for _, e := range z.File {
		name := strings.TrimSuffix(e.Name, "/")
		switch mode := e.Mode(); {
		case !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00"):
			c.find(PackageChanged, e.Name, "it is an entry of the zip whose name leads out of the folder that it is unpacked to")
		case !mode.IsRegular() && !mode.IsDir():
			c.find(PackageChanged, e.Name, "it is an entry of the zip that is no ordinary file")
		case seen[name] && !mode.IsDir():
			c.find(PackageChanged, e.Name, "the zip has two entries of this name")
		}
		seen[name] = true
	}
}

// hashOf hashes a file.
func hashOf(ctx context.Context, files fs.FS, name string) (sum string, size int64, err error) {
	f, err := files.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, reader{ctx, f, func(int64) {}})
	return hex.EncodeToString(h.Sum(nil)), size, err
}
