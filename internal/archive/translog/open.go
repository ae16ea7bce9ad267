package translog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"weir/internal/archive/logkey"
	"weir/internal/fault"
)

// promise is a checkpoint that was signed and that the tree must contain.
type promise struct {
	where string
	msg   []byte
	Checkpoint
}

// open reads the key and makes the tree again from the manifest, up to the largest size that was signed. What is behind
// that is left to catchUp.
func (k *Keeper) open() (*writer, error) {
	w := &writer{k: k, dir: filepath.Join(k.opts.Archive, Folder)}
	promises, err := w.promises()
	if err != nil {
		return nil, err
	}
	// Nothing was ever signed: all of the manifest is new, and catchUp checks its chain as it goes.
	if len(promises) == 0 {
		return w, nil
	}
	torn := map[string]bool{}
	if err := w.replay(promises, func(t tile) { w.look(t, torn) }); err != nil {
		return nil, err
	}
	if err := w.accept(promises); err != nil {
		return nil, err
	}
	return w, w.mend(torn)
}

// promises reads the key and the checkpoints that it signed, smallest first. A new log gets a new key; a log that is
// there never does, since nobody could tell it from a forged one.
func (w *writer) promises() ([]promise, error) {
	var list []promise
	path := filepath.Join(w.dir, CheckpointName)
	msg, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, writeFault(path, err)
	}
	if msg != nil {
		list = append(list, promise{where: path, msg: msg})
	}
	if err := w.loadRing(msg == nil); err != nil {
		return nil, err
	}
	last, err := w.ring.Last()
	if err != nil {
		return nil, err
	}
	// The two differ after a crash between them, when the one beside the key is ahead; and when somebody put the log's
	// folder back, which looks the same until the manifest turns out to be too short.
	if last != nil && !bytes.Equal(last, msg) {
		list = append(list, promise{where: filepath.Join(w.ring.Folder(), "log.last"), msg: last})
	}
	for i := range list {
		p := &list[i]
		if p.Checkpoint, err = ParseCheckpoint(p.msg); err != nil {
			return nil, differs(p.where, "the signed checkpoint of the archive's log cannot be read", err.Error())
		}
		if p.Origin != w.ring.Name() {
			return nil, differs(p.where, "the log is one of "+p.Origin+", and the key that of "+w.ring.Name(), "")
		}
	}
	slices.SortFunc(list, func(a, b promise) int { return cmp.Compare(a.Size, b.Size) })
	return list, nil
}

// loadRing opens the folder of keys, once in the life of a keeper.
func (w *writer) loadRing(fresh bool) error {
	w.k.mu.Lock()
	w.ring = w.k.ring
	w.k.mu.Unlock()
	if w.ring != nil {
		return nil
	}
	ring, err := logkey.Load(w.k.opts.Keys)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		ring, err = logkey.Make(w.k.opts.Keys, w.k.opts.Name)
	}
	if err != nil {
		return err
	}
	w.k.mu.Lock()
	w.k.ring, w.ring = ring, ring
	w.k.mu.Unlock()
	return nil
}

// replay makes the tree of the manifest's lines until all promises are met.
func (w *writer) replay(promises []promise, full func(tile)) error {
	left := promises
	err := w.scan(w.at(), func(l line) error {
		if err := w.take(l, full); err != nil {
			return err
		}
		for len(left) > 0 && left[0].Size <= w.edge.size {
			root, err := w.edge.root()
			if err != nil {
				return err
			}
			// A size within a line was never signed: the keeper signs after whole lines.
			if left[0].Size != w.edge.size || left[0].Root != root {
				return w.diverged(left[0])
			}
			left = left[1:]
		}
		if len(left) == 0 {
			return errEnough
		}
		return nil
	})
	if err == nil && len(left) > 0 {
		err = differs(left[0].where, fmt.Sprintf("the manifest is shorter than what was signed: it gives %d entries, and %d were signed", w.edge.size, left[0].Size),
			"lines were taken out of the manifest, or an older copy was put in its place")
	}
	return err
}

// accept checks who signed the promises and makes the largest one the newest checkpoint.
func (w *writer) accept(promises []promise) error {
	w.chain = logkey.NewChain(w.ring.Verifier(), w.changes)
	for _, p := range promises {
		if _, err := OpenCheckpoint(p.msg, w.chain.At(p.Size)); err != nil {
			return differs(p.where, "the key of this log did not sign its checkpoint", fault.Innermost(err))
		}
	}
	// All are right, so the largest contains the others. It goes into its place again, as a crash may have kept it from.
	top := promises[len(promises)-1]
	verifier := w.chain.At(top.Size)
	if len(promises) > 1 || top.where != filepath.Join(w.dir, CheckpointName) {
		w.k.opts.Log.Info("the newest checkpoint is put in place again", "size", top.Size)
	}
	if err := w.publish(top.msg, verifier); err != nil {
		return err
	}
	top.Key = verifier
	w.k.signed(w, top.Checkpoint)
	return nil
}

// look notes a tile that is not there or not whole. The full one in the place of a partial one is as good.
func (w *writer) look(t tile, torn map[string]bool) {
	st, err := os.Stat(filepath.Join(w.dir, filepath.FromSlash(t.path())))
	if errors.Is(err, fs.ErrNotExist) && t.width < fullWidth {
		if _, err := os.Stat(filepath.Join(w.dir, filepath.FromSlash(TilePath(t.level, t.n, fullWidth)))); err == nil {
			return
		}
	}
	if err != nil || st.Size() != int64(len(t.data)) {
		torn[t.path()] = true
	}
}

// mend makes tiles again that are missing or torn. They follow from the manifest, which was just held against what was
// signed; what was there and is whole stays as it is, changed or not: whoever verifies must see it.
func (w *writer) mend(torn map[string]bool) error {
	out := folder{root: w.dir}
	if len(torn) > 0 {
		// The tree is made a second time rather than kept in memory the first time: torn tiles are rare, logs are long.
		again := writer{k: w.k}
		err := w.scan(again.at(), func(l line) error {
			if l.end > w.offset {
				return errEnough
			}
			return again.take(l, func(t tile) {
				if torn[t.path()] {
					out.put(t.path(), t.data)
				}
			})
		})
		if err != nil {
			return err
		}
	}
	for _, t := range w.edge.partial() {
		if w.look(t, torn); torn[t.path()] {
			out.put(t.path(), t.data)
		}
	}
	if err := out.sync(); err != nil {
		return writeFault(w.dir, err)
	}
	if len(torn) == 0 {
		return nil
	}
	first := slices.Sorted(maps.Keys(torn))[0]
	w.k.opts.Fault(&fault.Error{Code: "archive-log-torn", What: fmt.Sprintf("%d files of the archive's log were missing or cut short; they were made again from the manifest", len(torn)),
		Where: filepath.Join(w.dir, filepath.FromSlash(first)), Why: "the machine lost power while they were written, the disk is faulty, or somebody removed them",
		Do: "weir archive verify", Warn: true})
	return nil
}

// diverged says where the manifest and the log part, as far as the log's own entries tell.
func (w *writer) diverged(p promise) error {
	signed := NewReader(os.DirFS(w.dir), p.Size)
	var i int64
	found := differs(p.where, "the manifest is not the one that was signed", "the entries of the log were changed with it")
	err := w.scan(position{}, func(l line) error {
		for _, entry := range Leaves(l.rec, l.hash) {
			if i >= p.Size {
				return errEnough
			}
			was, err := signed.Entry(i)
			if err != nil {
				found = differs(p.where, "the manifest is not the one that was signed", "")
				return errEnough
			}
			if !bytes.Equal(entry, was) {
				found = differs(p.where, fmt.Sprintf("line %d of the manifest is not the one that was signed", l.rec.Seq), fmt.Sprintf("entry %d of the log is another one", i))
				return errEnough
			}
			i++
		}
		return nil
	})
	if err != nil {
		return err
	}
	return found
}

// differs is the fault of a log over which nothing is signed.
func differs(where, what, why string) *fault.Error {
	return &fault.Error{Code: "archive-log-differs", What: what + "; nothing is signed over it", Where: where, Why: why,
		Do: "keep a copy of the folder as it is now, then weir archive verify", Exit: fault.ExitFound}
}

// keyGone is the fault of a log that another key would have to sign.
func keyGone(folder, verifier string) *fault.Error {
	return &fault.Error{Code: "archive-log-key", What: "the key that signs the archive's log is not here", Where: folder,
		Why: "its number is " + logkey.Fingerprint(verifier), Do: "put the key file of this archive back, or name its folder as archive.log.key_folder", Exit: fault.ExitMissing}
}

// writeFault is the fault of a log that cannot be read or written.
func writeFault(where string, err error) *fault.Error {
	return &fault.Error{Code: "archive-log-write", What: "the archive's log cannot be read or written", Where: where, Why: fault.Innermost(err),
		Do: "df -h " + where, Exit: fault.ExitMissing, Cause: err}
}
