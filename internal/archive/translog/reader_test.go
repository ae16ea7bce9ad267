package translog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"
)

func TestKeeper_ProofsBetweenAnyTwoSizes(t *testing.T) {
	w := newWorld(t)
	var heads []Checkpoint
	for i := range 70 {
		w.add(i % 12)
		w.once()
		heads = append(heads, w.check())
	}
	last := heads[len(heads)-1]
	r := NewReader(os.DirFS(filepath.Join(w.dir, Folder)), last.Size)
	leaves := w.leaves()
	for _, h := range heads {
		p, err := r.Consistency(h.Size, last.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(p, last.Size, last.Root, h.Size, h.Root); err != nil {
			t.Errorf("from %d to %d: %v", h.Size, last.Size, err)
		}
		root, err := r.Root(h.Size)
		if err != nil || root != h.Root {
			t.Errorf("root at %d: %v", h.Size, err)
		}
		i := h.Size - 1
		in, err := r.Inclusion(i, h.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(in, h.Size, h.Root, i, tlog.RecordHash(leaves[i])); err != nil {
			t.Errorf("entry %d in %d: %v", i, h.Size, err)
		}
		// A reader of the size of an older checkpoint finds its own tiles, or the full ones in their place.
		old := NewReader(os.DirFS(filepath.Join(w.dir, Folder)), h.Size)
		if root, err := old.Root(h.Size); err != nil || root != h.Root {
			t.Errorf("as it was at %d: %v", h.Size, err)
		}
		if got, err := old.Entry(i); err != nil || !bytes.Equal(got, leaves[i]) {
			t.Errorf("entry %d as it was at %d: %s %v", i, h.Size, got, err)
		}
	}
	for name, err := range map[string]error{
		"entry behind the end": second(r.Entry(last.Size)),
		"entry -1":             second(r.Entry(-1)),
		"root of more":         second(r.Root(last.Size + 1)),
		"proof of more":        second(r.Inclusion(0, last.Size+1)),
		"proof to more":        second(r.Consistency(1, last.Size+1)),
		"proof of nothing":     second(r.Consistency(0, last.Size)),
		"bundle behind":        second(r.Bundle(last.Size)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestReader_Damaged: whatever lies in the files, a reader says what it cannot read and never more than is there.
func TestReader_Damaged(t *testing.T) {
	hash := bytes.Repeat([]byte{1}, 32)
	for name, tc := range map[string]struct {
		files fstest.MapFS
		say   string
	}{
		"nothing there":      {nil, "tile/0/000.p/3"},
		"a tile cut short":   {fstest.MapFS{"tile/0/000.p/3": {Data: hash[:20]}}, "20 bytes"},
		"a tile of two":      {fstest.MapFS{"tile/0/000.p/3": {Data: append(hash, hash...)}}, "64 bytes"},
		"a folder":           {fstest.MapFS{"tile/0/000.p/3/x": {Data: hash}}, "reading the log"},
		"a full one instead": {fstest.MapFS{"tile/0/000": {Data: bytes.Repeat(hash, 256)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewReader(tc.files, 3).Root(3)
			if tc.say == "" && err != nil || tc.say != "" && (err == nil || !strings.Contains(err.Error(), tc.say)) {
				t.Errorf("%v", err)
			}
		})
	}
	for name, b := range map[string][]byte{"too few": {0, 1, 'a'}, "torn": {0, 9, 'a'}} {
		if _, err := NewReader(fstest.MapFS{"tile/entries/000.p/3": {Data: b}}, 3).Entry(0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
