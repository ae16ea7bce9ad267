package rules

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// Source is one folder of rule files.
type Source struct {
	// What stands before a file's name in messages: rules, shipped.
	Name string
	FS   fs.FS
}

// found is one rule file of a source, or why there is none.
type found struct {
	fsys fs.FS
	// Within the source, and as it is shown. Shown names have slashes on every system, and are what Keep compares by.
	name, shown string
	link        bool
	fault       *fault.Error
	// The file could not be read, so nobody knows what rules it has.
	refused bool
	src     *source
}

// walk finds the rule files of a source, in the order of names, so that the first of two equal ids is always the same.
// What cannot be read is noted and passed over. Hidden files and folders are left alone: editors and git keep theirs there.
func walk(src Source) []*found {
	var out []*found
	err := fs.WalkDir(src.FS, ".", func(name string, d fs.DirEntry, err error) error {
		shown := filepath.ToSlash(path.Join(src.Name, name))
		switch {
		case err != nil:
			out = append(out, &found{shown: shown, fault: unreadable(shown, err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !isRuleFile(name):
			return nil
		}
		out = append(out, &found{fsys: src.FS, name: name, shown: shown, link: d.Type()&fs.ModeSymlink != 0})
		return nil
	})
	if err != nil {
		out = append(out, &found{shown: src.Name, fault: unreadable(src.Name, err)})
	}
	return out
}

// isRuleFile tells whether a file holds rules. exceptions.yaml is the user's list of exceptions, not a rule.
func isRuleFile(name string) bool {
	ext := path.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && path.Base(name) != "exceptions.yaml"
}

// load reads and parses the file.
func (f *found) load(opts Options) {
	if f.fault != nil {
		return
	}
	// One file that cannot be read says nothing about the others.
	doc, err := read(f.fsys, f.name)
	switch {
	case err == nil:
		f.src = open(f.shown, doc, opts)
		return
	case errors.Is(err, fs.ErrNotExist) && !f.link:
		// It was there when its folder was read: somebody removes files right now. Its rules go with it.
		f.fault = &fault.Error{Code: "rules-unreadable", What: "the file went away while its folder was read", Where: f.shown, Warn: true}
		return
	}
	f.fault, f.refused = unreadable(f.shown, err), true
}

// errChanging is what read returns for a file that others write to.
var errChanging = errors.New("it changes while it is read")

// read returns a file, at most one byte more than a rule file may have. Half of a file that is being written may be a
// file too, so one that changes meanwhile is read again.
func read(fsys fs.FS, name string) ([]byte, error) {
	for range 3 {
		doc, same, err := readOnce(fsys, name)
		if err != nil || same {
			return doc, err
		}
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: errChanging}
}

// readOnce reads a file and tells whether it was the same before and after.
func readOnce(fsys fs.FS, name string) (doc []byte, same bool, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	// The size is a hint: there are file systems whose files have none.
	doc, err = readAll(io.LimitReader(f, yamlfile.MaxSize+1), min(before.Size(), yamlfile.MaxSize)+1)
	if err != nil {
		return nil, false, err
	}
	after, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	return doc, before.Size() == after.Size() && before.ModTime().Equal(after.ModTime()), nil
}

// readAll is io.ReadAll into a buffer of the size that is expected.
func readAll(r io.Reader, size int64) ([]byte, error) {
	doc := make([]byte, 0, max(size, 512))
	for {
		n, err := r.Read(doc[len(doc):cap(doc)])
		doc = doc[:len(doc)+n]
		if err == io.EOF {
			return doc, nil
		}
		if err != nil {
			return nil, err
		}
		if len(doc) == cap(doc) {
			doc = append(doc, 0)[:len(doc)]
		}
	}
}

// unreadable turns an error of the file system into a fault that says what to do, where that is known.
func unreadable(where string, err error) *fault.Error {
	f := &fault.Error{Code: "rules-unreadable", What: "the rules cannot be read", Where: where, Cause: err, Exit: fault.ExitMissing}
	switch {
	case errors.Is(err, errChanging):
		f.Why, f.Do = errChanging.Error(), "put new files into place with mv; the folder is read again when it changes"
	case errors.Is(err, fs.ErrNotExist):
		f.Why, f.Do = "there is no such folder", "mkdir -p "+where
	case errors.Is(err, fs.ErrPermission):
		f.Why, f.Do = "this user may not read it", "chmod u+rX "+where
	default:
		f.Why = err.Error()
		// The path stands in Where already.
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			f.Why = pe.Err.Error()
		}
	}
	return f
}
