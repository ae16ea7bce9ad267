package verify

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"weir/internal/control/archiving"
)

// expected is a file that has to be there as it was written, or may be.
type expected struct {
	path, sha256 string
	bytes        int64
	rows         int
	kind         fileKind
	part         part
	expired      bool // its going is in the log: it may be there until weir starts again
	going        bool // its going is in the manifest only
	lineGone     bool // the log has its leaf, no line of the manifest does
}

// expect lists what has to be there: what the signed leaves name, and what the manifest names behind them.
func (c *check) expect() {
	said := &c.man.contents
	have := map[string]bool{}
	if c.log.entries != nil {
		// The manifest is not what was signed. What the log says counts, and the manifest for what came after it.
		for _, p := range said.parts {
			have[p.path+" "+p.sha256] = true
		}
		said = c.merged()
	}
	for _, p := range said.parts {
		if c.o.Only != nil && !c.o.Only[p.path] {
			continue
		}
		w := expected{path: p.path, sha256: p.sha256, bytes: p.bytes, rows: p.rows, kind: segment, part: p}
		if g, ok := said.gone[p.path]; ok && g.SHA256 == p.sha256 {
			w.expired, w.going = c.log.logged(g.leaf), !c.log.logged(g.leaf)
			// Where there is no log, or not the newest checkpoint of it, which is said, the manifest is all there is.
			if !c.log.there || c.log.spare || c.log.base == nil {
				w.expired, w.going = true, false
			}
		}
		w.lineGone = c.log.entries != nil && !have[p.path+" "+p.sha256]
		if w.expired {
			c.res.Expired++
			if _, there := c.files[p.path]; !there {
				continue
			}
		}
		c.want = append(c.want, w)
	}
	for _, p := range said.papers {
		if c.o.Only == nil || c.o.Only[p.Path] {
			c.want = append(c.want, expected{path: p.Path, sha256: p.SHA256, bytes: p.Bytes, kind: document, part: part{path: p.Path, seq: p.seq, sealed: p.at, leaf: p.leaf}})
		}
	}
}

// merged is what the log's entries say, and the manifest behind them.
func (c *check) merged() *contents {
	last := c.lastSigned()
	m := &contents{gone: map[string]gone{}, parts: slices.Clone(c.log.entries.parts), papers: slices.Clone(c.log.entries.papers)}
	sealed := map[uint64]*line{}
	for i := range c.man.all {
		sealed[c.man.all[i].seq] = &c.man.all[i]
	}
	for i := range m.parts {
		if ln := sealed[m.parts[i].seq]; ln != nil {
			m.parts[i].sealed = ln.published
		}
	}
	maps.Copy(m.gone, c.log.entries.gone)
	for _, p := range c.man.parts {
		if p.seq > last {
			p.leaf = -1
			m.parts = append(m.parts, p)
		}
	}
	for _, p := range c.man.papers {
		if p.seq > last {
			p.leaf = -1
			m.papers = append(m.papers, p)
		}
	}
	for path, g := range c.man.gone {
		if _, ok := m.gone[path]; !ok {
			g.leaf = -1
			m.gone[path] = g
		}
	}
	return m
}

// judge says of every file that was read whether it is the one that was written.
func (c *check) judge() {
	// Two files with one hash are no mistake: then either name will do in a message.
	must := map[string]string{} // path by hash
	for _, w := range c.want {
		must[w.sha256] = w.path
	}
	swapped := map[string]bool{}
	for _, w := range c.want {
		d := c.known[w.path]
		if w.kind == segment && !w.expired {
			c.res.Segments++
			c.res.Events += int64(w.rows)
			c.res.Bytes += w.bytes
		}
		if d.err == nil && d.sum == w.sha256 {
			if w.expired {
				c.note("%s expired and is still there; weir removes it at its next start", w.path)
			}
			continue
		}
		// The other half of a pair was named with the first; what expired may be gone.
		if swapped[w.path] || w.expired && d.err == nil && d.sum == "" {
			continue
		}
		f := archiving.Finding{Kind: Changed, Path: w.path, Leaf: w.part.leaf, Seq: w.part.seq, Sealed: w.part.sealed, Must: w.sha256, Is: d.sum, Written: d.time}
		switch other := must[d.sum]; {
		case d.err != nil:
			f.Why = "it cannot be read: " + d.err.Error()
		case d.sum == "":
			f.Kind, f.Why = absent(w)
		case other != "" && c.known[other].sum == w.sha256 && w.kind == segment:
			swapped[other] = true
			f.Kind, f.Why = Swapped, "it has the content of "+other+", and that has its own"
		case other != "":
			f.Why = "it has the content of " + other
		default:
			f.Why = fmt.Sprintf("sha256 is %s, must be %s", d.sum, w.sha256)
			if d.size != w.bytes {
				f.Why += fmt.Sprintf("; it has %d bytes, not %d", d.size, w.bytes)
			}
		}
		if w.kind == document {
			f.Kind = FileChanged
		}
		c.find(f)
	}
}

// absent says what it means that a file is not there.
func absent(w expected) (kind, why string) {
	switch {
	case w.kind == document:
		return FileChanged, "it is missing"
	case w.going:
		return Deleted, "it is gone; that it expired stands in the manifest only, no leaf of the log says so"
	case w.lineGone:
		return Deleted, "it is gone, and so is its line in the manifest; the log still has its leaf, and none of its expiry"
	}
	return Removed, "no expiry leaf names it"
}

// strays names files that nobody names.
func (c *check) strays(ctx context.Context) {
	named, sums := map[string]bool{}, map[string]string{}
	for _, list := range []*contents{&c.man.contents, c.log.entries} {
		if list == nil {
			continue
		}
		for _, p := range list.parts {
			named[p.path] = true
			sums[p.sha256] = p.path
		}
		for _, p := range list.papers {
			named[p.Path] = true
		}
	}
	for name, m := range c.files {
		if k := kindOf(name); named[name] || k != segment && k != document && k != foreign {
			continue
		}
		if st, err := fs.Stat(c.o.Files, name); err == nil && st.IsDir() {
			c.note("%s is a link to a folder: what is there beside the sealed files is not looked at", name)
			continue
		}
		// What lies in the folder and nobody names could be read by whoever reads the folder without weir.
		f := archiving.Finding{Kind: Added, Path: name, Leaf: -1, Written: m.time, Why: "nothing names this file"}
		if kindOf(name) == segment {
			d := sum(ctx, c.o.Files, name, make([]byte, block), new(counters))
			if d.err == nil && d.sum == "" {
				continue // it was being written, and has its name now
			}
			f.Is = d.sum
			if of := sums[d.sum]; of != "" {
				f.Why = "no line of the manifest names this file; it has the content of " + of
			} else if f.Why = "no line of the manifest names this segment"; c.o.Bucket && c.began.Sub(m.time) < young {
				c.note("%s is not published: somebody is writing it, or was stopped while he did", name)
				continue
			} else if c.leftOver(name) {
				c.note("%s belongs to an epoch that is not published: weir is writing it, or was stopped while it did and removes it at its next start", name)
				continue
			}
		}
		c.find(f)
	}
	slices.SortStableFunc(c.res.Findings, order)
}

// young is how long a file in a bucket may be there before a line names it.
const young = 24 * time.Hour

// leftOver tells whether a segment may be of the epoch that would have been published next: a whole file under the next
// number.
func (c *check) leftOver(name string) bool {
	last := c.man.last()
	if s := c.lastSigned(); s > last {
		last = s
	}
	if number(name) != last+1 {
		return false
	}
	return framed(c.o.Files, name, c.files[name].size)
}

// rank is the order in which findings are told: what was done to events first.
var rank = []string{Deleted, Removed, Changed, Swapped, Added, ManifestChanged, LogRewritten, LogTruncated, LogChanged, CheckpointBad, KeyUnsigned, FileChanged, StampBad}

// order sorts findings.
func order(a, b archiving.Finding) int {
	if x, y := slices.Index(rank, a.Kind), slices.Index(rank, b.Kind); x != y {
		return x - y
	}
	if a.Leaf != b.Leaf {
		return int(a.Leaf - b.Leaf)
	}
	return 0
}
