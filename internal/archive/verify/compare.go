package verify

import (
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/control/archiving"
)

// unsealed is how long before its newest line the manifest may be ahead of the log: what a running weir has not signed yet,
// and what one that was killed could not sign any more.
const unsealed = 10 * time.Second

// maxNamed bounds the findings about one thing, so that a manifest that was rewritten whole gives a report that can be read.
const maxNamed = 1000

// timeOf reads the time of an entry.
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// segmentLeaf notes a segment that an entry of the log names.
func (c *contents) segmentLeaf(leaf translog.Leaf, at int64) {
	var s manifest.Segment
	if json.Unmarshal(leaf.Body, &s) == nil {
		c.segment(s, leaf.Seq, time.Time{}, at)
	}
}

// chain names lines that are no records or do not follow the one before. skip are lines that were named already.
func (c *check) chain(skip map[int]bool) {
	for i := range c.man.all {
		ln := &c.man.all[i]
		why := ln.bad
		if why == "" {
			why = ln.broken
		}
		if why == "" || skip[ln.nr] || ln.bad == "" && skip[ln.nr-1] {
			continue
		}
		c.manifestChanged(ln, -1, why)
	}
	if c.man.torn > 0 {
		c.note("%d bytes behind the manifest's last whole line: weir was stopped while it wrote, or is writing now; they count for nothing", c.man.torn)
	}
}

// manifestChanged names a line.
func (c *check) manifestChanged(ln *line, leaf int64, why string) {
	c.find(archiving.Finding{Kind: ManifestChanged, Path: fmt.Sprintf("%s:%d", manifestName, ln.nr), Leaf: leaf, Seq: ln.seq, Sealed: ln.published, Why: why})
}

// compare names every line of the manifest that is not the one that was signed, and every one that is missing.
func (c *check) compare() {
	if c.log.fits {
		c.chain(nil)
		return
	}
	named := map[int]bool{}
	defer func() { c.chain(named) }()
	if c.log.proven == nil {
		c.find(archiving.Finding{Kind: ManifestChanged, Path: manifestName, Leaf: -1,
			Why: fmt.Sprintf("its lines do not give the root of the %d leaves that the checkpoint signs, and neither do the files of the log, so it cannot be said which line it is", c.log.base.Size)})
		return
	}
	// Leaves are told apart by their hashes: each has its number in it, so no two are alike and their order can be read.
	signed := make(map[tlog.Hash]int64, len(c.log.proven))
	for i, h := range c.log.proven {
		signed[h] = int64(i)
	}
	last := c.lastSigned()
	found := len(c.res.Findings)
	at, head, chained := int64(-1), -1, 0 // leaf of the last line that is as it was signed; the first one that is not, and those that only follow it
	for i := range c.man.all {
		ln := &c.man.all[i]
		if len(c.res.Findings)-found > maxNamed {
			c.note("more than %d lines of the manifest were changed; the others are not named", maxNamed)
			break
		}
		if ln.bad != "" {
			named[ln.nr] = true
			c.manifestChanged(ln, -1, ln.bad)
			continue
		}
		leaf, ok := signed[c.man.leaves[ln.first]]
		switch {
		case ok && leaf > at:
			at = leaf
		case ok:
			named[ln.nr] = true
			c.manifestChanged(ln, leaf, "it stands behind a line that was written after it")
		case ln.seq <= last || last == 0 && ln.first < c.log.base.Size:
			named[ln.nr] = true
			if head >= 0 && c.rest(ln, signed) {
				chained++
				continue
			}
			if head < 0 {
				head = len(c.res.Findings)
			}
			c.manifestChanged(ln, c.leafOf(ln), "it is not the line that was signed")
		}
	}
	if chained > 0 {
		c.res.Findings[head].Why += fmt.Sprintf("; lines behind it that were only chained to it anew: %d", chained)
	}
	c.takenOut()
	if len(c.res.Findings) == found {
		c.find(archiving.Finding{Kind: ManifestChanged, Path: manifestName, Leaf: -1, Why: fmt.Sprintf("its lines do not give the root of the %d leaves that the checkpoint signs", c.log.base.Size)})
	}
}

// rest tells whether all that a line says of segments and actions was signed: then only its place in the chain is new.
func (c *check) rest(ln *line, signed map[tlog.Hash]int64) bool {
	for i := ln.first + 1; i < ln.first+ln.leaves; i++ {
		if _, ok := signed[c.man.leaves[i]]; !ok {
			return false
		}
	}
	return true
}

// lastSigned is the number of the newest record in the log's entries; 0: they cannot be read.
func (c *check) lastSigned() (seq uint64) {
	for s := range c.log.seqs {
		seq = max(seq, s)
	}
	return seq
}

// leafOf is the leaf that the line with this number had.
func (c *check) leafOf(ln *line) int64 {
	if leaf, ok := c.log.seqs[ln.seq]; ok {
		return leaf
	}
	return -1
}

// takenOut names the records of the log that no line of the manifest has any more.
func (c *check) takenOut() {
	// A line that was changed still has its number; it is named as changed and not as missing.
	have := map[uint64]bool{}
	for i := range c.man.all {
		have[c.man.all[i].seq] = true
	}
	n := 0
	for leaf := range int64(len(c.log.proven)) {
		text, ok := c.log.texts[leaf]
		if !ok || text.Kind != translog.KindRecord || have[text.Seq] {
			continue
		}
		if n++; n > maxNamed {
			c.note("more than %d lines of the manifest are missing; the others are not named", maxNamed)
			return
		}
		c.find(archiving.Finding{Kind: ManifestChanged, Path: manifestName, Leaf: leaf, Seq: text.Seq,
			Why: fmt.Sprintf("the line of record %d is missing; it named %d segments and %d actions", text.Seq, text.Segments, text.Actions)})
	}
}

// behind tells how much of the manifest's end is not in the log yet, and whether that is more than weir leaves.
func (c *check) behind() {
	var newest time.Time
	for i := range c.man.all {
		if t := c.man.all[i].published; t.After(newest) {
			newest = t
		}
	}
	if c.log.spare {
		return // the newest checkpoint is missing or bad, which is said; the one in its place is an older one
	}
	// A line that came after the checkpoint was read is none that the checkpoint could have.
	if newest.After(c.began) {
		newest = c.began
	}
	late, first := 0, (*line)(nil)
	for i := range c.man.all {
		ln := &c.man.all[i]
		if ln.bad != "" || c.signedLine(ln) || !ln.published.Before(newest.Add(-unsealed)) {
			continue
		}
		if late++; first == nil {
			first = ln
		}
	}
	if late > 0 && c.o.Copy {
		c.note("the log of this copy ends before its manifest: lines without leaves: %d; the rest comes with the next run of the copying", late)
		return
	}
	if late > 0 {
		c.find(archiving.Finding{Kind: LogTruncated, Path: fmt.Sprintf("%s:%d", manifestName, first.nr), Leaf: c.log.base.Size, Seq: first.seq, Sealed: first.published,
			Why: fmt.Sprintf("the log ends before this line, though newer ones were published %s and more after it; lines without leaves: %d", unsealed, late)})
	}
}

// signedLine tells whether the log has a line, or should have: what is wrong with those is named elsewhere.
func (c *check) signedLine(ln *line) bool {
	if c.log.fits {
		return ln.first+ln.leaves <= c.log.base.Size
	}
	if last := c.lastSigned(); last > 0 {
		return ln.seq <= last
	}
	return ln.first < c.log.base.Size
}
