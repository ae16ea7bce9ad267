package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/control/archiving"
)

// height is that of the log's tiles.
const height = 8

// fullWidth is how many hashes or entries a full tile has.
const fullWidth = 1 << height

// signed is a checkpoint: one of the log's own, or one that was kept elsewhere.
type signed struct {
	name  string // of its file
	text  []byte
	given bool   // not from the folder
	ahead bool   // may be ahead of the log's own after a crash: that of the folder of keys
	key   string // verifier string of the key that signed it
	translog.Checkpoint
}

// ledger is the log as it is in the folder.
type ledger struct {
	there  bool
	newest []byte // log/checkpoint as it was read first
	all    []signed
	base   *signed // the newest valid one; nil: none is
	spare  bool    // base stands in for the log's own checkpoint
	fits   bool    // the manifest gives the root that base signs
	// proven are the leaves that base signs, made from the manifest or, where that does not fit, from the log's entries;
	// nil: neither gives the root.
	proven []tlog.Hash
	tree   *tree
	// entries are what the log itself says that there was; nil where the manifest fits, or where they prove nothing.
	entries *contents
	seqs    map[uint64]int64 // of entries: the leaf of each record
	texts   map[int64]translog.Leaf
}

// readCheckpoints reads all checkpoints before anything else, since what is older must know less.
func readCheckpoints(c *check) *ledger {
	l := &ledger{}
	for _, g := range c.o.Checkpoints {
		l.all = append(l.all, signed{name: g.Name, text: g.Text, given: true, ahead: g.Own})
	}
	_, err := fs.Stat(c.o.Files, logFolder)
	l.there = err == nil
	daily, err := fs.ReadDir(c.o.Files, checkpoints)
	if err != nil {
		daily = nil // there are none yet; a folder that hides them is found by list
	}
	for _, d := range daily {
		if name := path.Join(checkpoints, d.Name()); !strings.HasSuffix(name, stampEnd) && !strings.HasSuffix(name, ".tmp") {
			l.all = append(l.all, signed{name: name, text: small(c.o.Files, name)})
		}
	}
	if l.newest = small(c.o.Files, checkpointName); l.newest != nil {
		l.all = append(l.all, signed{name: checkpointName, text: l.newest})
	}
	return l
}

// logged tells whether a leaf is under the newest checkpoint.
func (l *ledger) logged(leaf int64) bool { return l.base != nil && leaf >= 0 && leaf < l.base.Size }

// prove finds out how much of the manifest is signed, and names what does not fit.
func (c *check) prove(ctx context.Context) {
	keys := c.o.Keys
	c.res.Proof = ProofKey
	if len(keys) == 0 {
		c.res.Proof = ProofOwn
		if own := strings.TrimSpace(string(small(c.o.Files, ownKey))); own != "" {
			keys = []string{own}
		}
	}
	if !c.log.there {
		c.res.Proof = ProofChain
		if len(c.o.Keys) > 0 || len(c.o.Checkpoints) > 0 {
			c.find(archiving.Finding{Kind: LogTruncated, Path: logFolder, Leaf: -1, Why: "there is a key or a checkpoint of a log, but the archive has none any more"})
		}
		c.chain(nil)
		return
	}
	c.signatures(keys)
	c.choose()
	if c.log.base == nil {
		c.chain(nil)
		return
	}
	c.res.Size, c.res.Key = c.log.base.Size, c.log.base.key
	root, ok := c.man.tree.root(c.log.base.Size)
	// The one comparison that counts: are the lines of today those that were signed?
	if c.log.fits = ok && root == c.log.base.Root; c.log.fits {
		c.log.proven, c.log.tree = c.man.leaves[:c.log.base.Size], &c.man.tree
	} else {
		c.readEntries(ctx)
	}
	c.older()
	if c.o.Only == nil {
		c.tiles()
	}
	c.compare()
	c.behind()
}

// signatures checks who signed each checkpoint, and that each change of keys was signed by both.
func (c *check) signatures(keys []string) {
	var chains []*logkey.Chain
	for _, k := range keys {
		chains = append(chains, logkey.NewChain(k, c.man.keys))
	}
	for _, change := range c.man.keys {
		if err := logkey.Check(change.Key); err != nil {
			c.find(archiving.Finding{Kind: KeyUnsigned, Path: manifestName, Leaf: change.Leaf, Why: "a change of the log's key is not signed by both keys: " + err.Error()})
		}
	}
	if len(keys) == 0 {
		c.find(archiving.Finding{Kind: CheckpointBad, Path: ownKey, Leaf: -1, Why: "there is no public key to check the log by", Do: "name one with --key"})
	}
	// What no key signed plays no part from here on.
	kept, asked := c.log.all[:0], false
	for _, s := range c.log.all {
		err := s.check(chains)
		if err != nil && len(keys) > 0 && !asked {
			// The line with a change of keys may be one that was damaged. The log has it too, and a change proves itself by its
			// two signatures, whoever keeps it.
			asked = true
			changes := c.loggedKeys()
			for _, k := range keys {
				chains = append(chains, logkey.NewChain(k, changes))
			}
			err = s.check(chains)
		}
		if err == nil {
			kept = append(kept, s)
		} else if len(keys) > 0 {
			c.find(archiving.Finding{Kind: CheckpointBad, Path: s.name, Leaf: -1, Why: "no valid key signed this checkpoint: " + err.Error()})
		}
	}
	c.log.all = kept
	if c.log.newest == nil && (len(c.man.leaves) > 0 || len(c.log.all) > 0) {
		c.find(archiving.Finding{Kind: LogTruncated, Path: checkpointName, Leaf: -1, Why: "the log's newest checkpoint is missing"})
	}
}

// loggedKeys are the changes of keys that the log's own entries have, as far as those can be read.
func (c *check) loggedKeys() []logkey.Change {
	sub, err := fs.Sub(c.o.Files, logFolder)
	if err != nil {
		return nil
	}
	size := int64(0)
	for i := range c.log.all {
		if plain, err := translog.ParseCheckpoint(c.log.all[i].text); err == nil && plain.Size <= maxLeaves {
			size = max(size, plain.Size)
		}
	}
	r, found := translog.NewReader(sub, size), &contents{gone: map[string]gone{}}
	for n := int64(0); n*fullWidth < size; n++ {
		entries, err := r.Bundle(n)
		if err != nil {
			break
		}
		for i, e := range entries {
			if leaf, err := translog.ParseLeaf(e); err == nil && leaf.Kind == manifest.KindKey {
				found.action(leaf.Kind, time.Time{}, leaf.Body, leaf.Seq, n*fullWidth+int64(i))
			}
		}
	}
	return found.keys
}

// maxLeaves bounds the size that a checkpoint which nobody vouches for may claim.
const maxLeaves = 1 << 40

// check opens the checkpoint with the key that had to sign at its size.
func (s *signed) check(chains []*logkey.Chain) error {
	plain, err := translog.ParseCheckpoint(s.text)
	if err != nil {
		return err
	}
	err = errors.New("no key is known")
	for _, chain := range chains {
		s.key = chain.At(plain.Size)
		if s.Checkpoint, err = translog.OpenCheckpoint(s.text, s.key); err == nil {
			return nil
		}
	}
	return err
}

// choose takes the checkpoint that everything is compared with: the log's own newest, else the largest that is left.
func (c *check) choose() {
	for i := range c.log.all {
		s := &c.log.all[i]
		if s.name == checkpointName && !s.given {
			c.log.base, c.log.spare = s, false
			return
		}
		c.log.spare = true
		if c.log.base == nil || s.Size > c.log.base.Size {
			c.log.base = s
		}
	}
}

// older compares every other checkpoint with the log: each has to sign a beginning of it.
func (c *check) older() {
	for i := range c.log.all {
		s := &c.log.all[i]
		if s == c.log.base {
			continue
		}
		if s.Size > c.log.base.Size {
			if root, ok := c.man.tree.root(s.Size); s.ahead && ok && root == s.Root {
				continue // weir was killed between the two
			}
			if s.ahead && c.o.Copy {
				c.note("this copy is behind: it has %d leaves, the archive's log was last signed at %d", c.log.base.Size, s.Size)
				continue
			}
			c.find(archiving.Finding{Kind: LogTruncated, Path: s.name, Leaf: c.log.base.Size,
				Why: fmt.Sprintf("this checkpoint signs %d leaves, the log has only %d", s.Size, c.log.base.Size)})
			continue
		}
		if c.log.tree == nil {
			continue // nothing gives the newest root; that is said
		}
		if root, ok := c.log.tree.root(s.Size); !ok || root != s.Root {
			c.find(archiving.Finding{Kind: LogRewritten, Path: s.name, Leaf: -1,
				Why: fmt.Sprintf("this checkpoint signs another log: its first %d leaves have the root %s, those of the log have %s", s.Size, s.Root, root)})
		}
	}
}

// readEntries reads the log's own entries. They count only if they give the root that is signed.
func (c *check) readEntries(ctx context.Context) {
	sub, err := fs.Sub(c.o.Files, logFolder)
	if err != nil {
		return
	}
	// Everything is hashed before anything is believed: the root that is signed decides, not the files.
	l := c.log
	r := translog.NewReader(sub, l.base.Size)
	t, leaves, texts := &tree{}, []tlog.Hash{}, map[int64]translog.Leaf{}
	for n := int64(0); n*fullWidth < l.base.Size && ctx.Err() == nil; n++ {
		entries, err := r.Bundle(n)
		if err != nil {
			break
		}
		for _, e := range entries {
			if leaf, err := translog.ParseLeaf(bytes.Clone(e)); err == nil {
				texts[int64(len(leaves))] = leaf
			}
			h := tlog.RecordHash(e)
			leaves = append(leaves, h)
			t.push(h)
		}
	}
	if root, ok := t.root(l.base.Size); ok && root == l.base.Root {
		l.proven, l.tree, l.texts = leaves, t, texts
		l.entries, l.seqs = contentsOf(leaves, texts)
		return
	}
	// The entries are damaged too. The hashes alone still tell which lines are not those that were signed.
	t, leaves = &tree{}, leaves[:0]
	for at := int64(0); at < l.base.Size && ctx.Err() == nil; at += fullWidth {
		var indexes []int64
		for i := at; i < min(at+fullWidth, l.base.Size); i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		hashes, err := r.ReadHashes(indexes)
		if err != nil {
			return
		}
		for _, h := range hashes {
			leaves = append(leaves, h)
			t.push(h)
		}
	}
	if root, ok := t.root(l.base.Size); ok && root == l.base.Root {
		l.proven, l.tree = leaves, t
	}
}

// contentsOf is what the entries of a log say that there was.
func contentsOf(leaves []tlog.Hash, texts map[int64]translog.Leaf) (*contents, map[uint64]int64) {
	c, seqs := &contents{gone: map[string]gone{}}, map[uint64]int64{}
	for i := range int64(len(leaves)) {
		leaf, ok := texts[i]
		switch {
		case !ok:
		case leaf.Kind == translog.KindRecord:
			seqs[leaf.Seq] = i
		case leaf.Kind == translog.KindSegment:
			c.segmentLeaf(leaf, i)
		default:
			c.action(leaf.Kind, timeOf(leaf.At), leaf.Body, leaf.Seq, i)
		}
	}
	return c, seqs
}

// missing names the tiles that the log of a size needs and the folder does not have.
func (c *check) missing(size int64) (first string, more int) {
	for _, t := range tlog.NewTiles(height, 0, size) {
		levels := []int{t.L}
		if t.L == 0 {
			levels = append(levels, -1)
		}
		for _, l := range levels {
			if c.wide(l, t.N, t.W) {
				continue
			}
			if more++; first == "" {
				first = path.Join(logFolder, translog.TilePath(l, t.N, t.W))
			}
		}
	}
	return first, more - 1
}

// wide tells whether there is a tile of at least this width.
func (c *check) wide(level int, n int64, width int) bool {
	for w := width; w <= fullWidth; w++ {
		if _, ok := c.files[path.Join(logFolder, translog.TilePath(level, n, w))]; ok {
			return true
		}
	}
	return false
}

// tiles compares every file of the log with what it has to be.
func (c *check) tiles() {
	if first, more := c.missing(c.log.base.Size); first != "" {
		why := fmt.Sprintf("the checkpoint signs %d leaves, but this part of the log is missing", c.log.base.Size)
		if more > 0 {
			why += fmt.Sprintf(", and %d other files of it", more)
		}
		c.find(archiving.Finding{Kind: LogTruncated, Path: first, Leaf: -1, Why: why})
	}
	if c.log.tree == nil {
		return
	}
	var names []string
	for name := range c.files {
		if kindOf(name) == tile {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	// Tiles beyond the checkpoint are what a crash left or what is being written; beyond the manifest there can be none,
	// because the log never leads it.
	beyond := int64(0)
	for _, name := range names {
		t, ok := tileOf(name)
		if !ok {
			c.find(archiving.Finding{Kind: Added, Path: name, Leaf: -1, Why: "it is no part of a log"})
			continue
		}
		level := max(t.L, 0)
		end := (t.N<<height + int64(t.W)) << (height * level)
		switch {
		case end > int64(len(c.man.leaves)) && c.log.fits:
			beyond = max(beyond, end)
		case end <= c.log.base.Size:
			if why := c.tile(name, t); why != "" {
				c.find(archiving.Finding{Kind: LogChanged, Path: name, Leaf: t.N << (height * (level + 1)), Why: why})
			}
		}
	}
	if beyond > 0 {
		c.find(archiving.Finding{Kind: ManifestChanged, Path: manifestName, Leaf: int64(len(c.man.leaves)),
			Why: fmt.Sprintf("the log has tiles for %d leaves, the lines of the manifest give only %d: lines were taken off its end", beyond, len(c.man.leaves))})
	}
}

// tileOf reads the coordinates out of a path.
func tileOf(name string) (t tlog.Tile, ok bool) {
	rest := strings.TrimPrefix(name, tiles+"/")
	if r, is := strings.CutPrefix(rest, "entries/"); is {
		rest = "data/" + r
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", height, rest))
	return t, err == nil && path.Join(logFolder, translog.TilePath(t.L, t.N, t.W)) == name
}

// tile says what is wrong with a tile.
func (c *check) tile(name string, t tlog.Tile) string {
	b := small(c.o.Files, name)
	if b == nil {
		if c.wide(t.L, t.N, t.W+1) {
			return "" // replaced meanwhile by the one that follows it
		}
		return "it cannot be read"
	}
	if t.L >= 0 {
		want, err := tlog.ReadTileData(t, c.log.tree)
		if err != nil || !bytes.Equal(b, want) {
			return "its hashes are not those of the log that is signed"
		}
		return ""
	}
	entries, err := translog.ParseBundle(b)
	if err != nil {
		return err.Error()
	}
	if len(entries) != t.W {
		return fmt.Sprintf("it has %d entries, not %d", len(entries), t.W)
	}
	for i, e := range entries {
		if leaf := t.N<<height + int64(i); tlog.RecordHash(e) != c.log.proven[leaf] {
			return fmt.Sprintf("entry %d is not the one that is signed", leaf)
		}
	}
	return ""
}
