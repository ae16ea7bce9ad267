package translog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
)

// chunk is after how many leaves a catch-up signs: it bounds the memory.
const chunk = 8192

// writer is the log, open, as one goroutine has it. After an error it is thrown away and made again from the files.
type writer struct {
	k        *Keeper
	dir      string // the log's folder
	ring     *logkey.Ring
	edge     edge
	position // behind the last line of the manifest that is in the tree

	changes []logkey.Change
	chain   *logkey.Chain
	note    []byte // newest checkpoint; nil: none was signed
	public  string // verifier that log.pub has
	pending []tile // full ones that are not written
}

// catchUp takes in what the manifest has more than the log.
func (w *writer) catchUp() error {
	// A full tile is written with the checkpoint that covers it, not before: until then another catch-up may stand in its
	// place, after an error.
	keep := func(t tile) { w.pending = append(w.pending, t) }
	began := w.edge.size
	err := w.scan(w.at(), func(l line) error {
		if err := w.take(l, keep); err != nil {
			return err
		}
		if w.edge.size-began < chunk {
			return nil
		}
		began = w.edge.size
		return w.commit()
	})
	if err != nil || w.edge.size == began {
		return err
	}
	return w.commit()
}

// take appends the leaves of one line to the tree in memory.
func (w *writer) take(l line, full func(tile)) error {
	for i, entry := range Leaves(l.rec, l.hash) {
		// Entries are in the order of Leaves: the line, its segments, its actions.
		if n := i - 1 - len(l.rec.Segments); n >= 0 && l.rec.Actions[n].Kind == manifest.KindKey {
			if c, ok := w.change(l.rec.Actions[n]); ok {
				w.changes = append(w.changes, c)
			}
		}
		if err := w.edge.push(entry, full); err != nil {
			return fmt.Errorf("adding line %d of the manifest to the log: %w", l.rec.Seq, err)
		}
	}
	w.position = position{offset: l.end, seq: l.rec.Seq, last: l.hash}
	return nil
}

// change reads a change of keys. What cannot be read changes no key; it is a leaf like others and seen by who verifies.
func (w *writer) change(a manifest.Action) (logkey.Change, bool) {
	k, err := logkey.ParseKey(a.Body)
	if err != nil {
		w.k.opts.Log.Error("a change of keys in the manifest cannot be read; the key stays", "err", err)
		return logkey.Change{}, false
	}
	return logkey.Change{Leaf: w.edge.size, Key: k}, true
}

// commit writes the tiles of the tree in memory and signs its root.
func (w *writer) commit() error {
	// The chain is made from the key that is in place. Between the leaf of a change and Settle that is still the old one,
	// and the chain leads from it to the new one.
	if len(w.changes) > 0 || w.chain == nil {
		w.chain = logkey.NewChain(w.ring.Verifier(), w.changes)
	}
	verifier := w.chain.At(w.edge.size)
	signer := w.ring.Signer(verifier)
	if signer == nil {
		return keyGone(w.ring.Folder(), verifier)
	}
	root, err := w.edge.root()
	if err != nil {
		return err
	}
	head := Checkpoint{Origin: w.ring.Name(), Size: w.edge.size, Root: root, Key: verifier}
	msg, err := head.sign(signer)
	if err != nil {
		return err
	}
	// Tiles that no checkpoint covers yet do no harm: who reads goes by the checkpoint, and the same ones come again.
	out := folder{root: w.dir}
	for _, t := range append(w.pending, w.edge.partial()...) {
		out.put(t.path(), t.data)
	}
	if err := out.sync(); err != nil {
		return writeFault(w.dir, err)
	}
	if err := w.publish(msg, verifier); err != nil {
		return err
	}
	w.dropPartial(w.pending)
	w.pending = nil
	w.k.signed(w, head)
	return nil
}

// publish makes a signed root the newest one. Beside the key it is noted first: from then on nothing that does not
// contain it is signed, whatever becomes of the log's folder.
func (w *writer) publish(msg []byte, verifier string) error {
	if err := w.ring.SetLast(msg); err != nil {
		return err
	}
	out := folder{root: w.dir}
	if w.public != verifier {
		out.put(logkey.PublicName, []byte(verifier+"\n"))
	}
	out.put(CheckpointName, msg)
	if err := out.sync(); err != nil {
		return writeFault(w.dir, err)
	}
	w.note, w.public = msg, verifier
	return w.ring.Settle(verifier)
}

// dropPartial removes the partial tiles in whose place there is a full one now. One that cannot be removed does no harm.
func (w *writer) dropPartial(full []tile) {
	for _, t := range full {
		path := filepath.Join(w.dir, filepath.FromSlash(t.path())) + ".p"
		if err := os.RemoveAll(path); err != nil {
			w.k.opts.Log.Warn("removing partial tiles of the log that are not needed any more", "err", err)
		}
	}
}

// signed tells everybody the new head.
func (k *Keeper) signed(w *writer, head Checkpoint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.note, k.head, k.offset = w.note, head, w.offset
	k.status = Status{Origin: head.Origin, Size: head.Size, Root: head.Root.String(), Seq: w.seq, Signed: k.opts.Now().UTC(), Fault: k.status.Fault}
	k.wakeAll()
}

// folder writes files below a folder. Errors are kept for sync, which makes everything durable.
type folder struct {
	root string
	err  error
	dirs map[string]bool // those with new names in them
}

// put writes one file under its name, complete and synced.
func (f *folder) put(path string, data []byte) {
	if f.err != nil {
		return
	}
	full := filepath.Join(f.root, filepath.FromSlash(path))
	if f.err = f.makeAll(filepath.Dir(full)); f.err != nil {
		return
	}
	if f.err = writeFile(full, data); f.err == nil {
		f.note(filepath.Dir(full))
	}
}

// note marks a folder as one with new names.
func (f *folder) note(dir string) {
	if f.dirs == nil {
		f.dirs = map[string]bool{}
	}
	f.dirs[dir] = true
}

// makeAll makes folders and marks those above them, as far down from where one is there.
func (f *folder) makeAll(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case err == nil:
		f.note(filepath.Dir(dir))
		return nil
	case errors.Is(err, fs.ErrExist):
		return nil
	// Not above the root: that one is made here, and the archive's folder by the archive.
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(dir, f.root):
		if err := f.makeAll(filepath.Dir(dir)); err != nil {
			return err
		}
		f.note(filepath.Dir(dir))
		return os.Mkdir(dir, 0o700)
	}
	return err
}

// sync makes the new names durable.
func (f *folder) sync() error {
	for dir := range f.dirs {
		d, err := os.Open(dir)
		if err == nil {
			err = errors.Join(d.Sync(), d.Close())
		}
		f.err = errors.Join(f.err, err)
	}
	return f.err
}

// writeFile replaces a file so that a crash leaves the old or the new one.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".tmp"))
	}
	return os.Rename(path+".tmp", path)
}
