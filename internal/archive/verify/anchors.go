package verify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/anchor"
	"weir/internal/control/archiving"
)

// anchored says up to where the log was published, and how much of its end was not. What the list of anchors says is
// nobody's word but weir's; it is held against the log all the same.
func (c *check) anchored() {
	// One a place: what was published there later vouches for all that is in the older one.
	newest := map[string]archiving.Anchor{}
	for nr, a := range c.told() {
		if !a.OK {
			continue
		}
		if why := c.contradicts(a); why != "" {
			c.find(archiving.Finding{Kind: LogRewritten, Path: fmt.Sprintf("%s:%d", anchorsName, nr), Leaf: -1, Written: a.At, Why: why})
			continue
		}
		if at := a.How + " " + a.Where; !a.At.Before(newest[at].At) {
			newest[at] = archiving.Anchor{At: a.At, Size: a.Size, How: a.How, Where: a.Where}
		}
	}
	for _, a := range newest {
		c.res.Anchors = append(c.res.Anchors, a)
		if a.Size > c.res.Anchored || a.Size == c.res.Anchored && a.At.Before(c.res.Until) {
			c.res.Anchored, c.res.Until = a.Size, a.At
		}
	}
	// Who brings a checkpoint had it from somewhere else, so it is an anchor; when it was published is not known.
	for _, s := range c.log.all {
		if s.given && !s.ahead && s.Size > c.res.Anchored && c.log.base != nil && s.Size <= c.log.base.Size {
			c.res.Anchored, c.res.Until = s.Size, time.Time{}
		}
	}
	slices.SortFunc(c.res.Anchors, func(a, b archiving.Anchor) int { return b.At.Compare(a.At) })
	c.stamps()
	for _, p := range c.man.parts {
		if g, ok := c.man.gone[p.path]; ok && g.SHA256 == p.sha256 {
			continue
		}
		if p.leaf >= c.res.Anchored {
			c.res.Unanchored++
		}
		if c.log.there && !c.log.logged(p.leaf) {
			c.res.Unlogged++
		}
	}
}

// told reads the list of anchors, by line. Lines that are none are passed over: the last one may be torn.
func (c *check) told() map[int]anchor.Record {
	out := map[int]anchor.Record{}
	b := small(c.o.Files, anchorsName)
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, 1<<20)
	for nr := 1; sc.Scan(); nr++ {
		var a anchor.Record
		if json.Unmarshal(sc.Bytes(), &a) == nil && a.Size > 0 {
			out[nr] = a
		}
	}
	return out
}

// contradicts says how an anchor does not fit the log.
func (c *check) contradicts(a anchor.Record) string {
	if c.log.tree == nil || c.log.base == nil {
		return ""
	}
	if a.Size > c.log.base.Size {
		return fmt.Sprintf("a checkpoint of %d leaves was published by %s, the log has only %d: it was cut off since, or this line was changed", a.Size, a.How, c.log.base.Size)
	}
	want, err := tlog.ParseHash(a.Root)
	root, ok := c.log.tree.root(a.Size)
	if err == nil && ok && root == want {
		return ""
	}
	return fmt.Sprintf("a checkpoint of %d leaves was published by %s with another root: the log was written anew since, or this line was changed", a.Size, a.How)
}

// stamps checks that each time stamp is one of the checkpoint beside it. Whether the service is to be trusted is for whoever
// reads the report; who signed and when is said.
func (c *check) stamps() {
	names := slices.Sorted(maps.Keys(c.files))
	for _, name := range names {
		of, ok := strings.CutSuffix(name, stampEnd)
		if !ok || kindOf(name) != published {
			continue
		}
		s, err := anchor.CheckStamp(small(c.o.Files, name), small(c.o.Files, of), nil)
		if err != nil {
			c.find(archiving.Finding{Kind: StampBad, Path: name, Leaf: -1, Why: err.Error()})
			continue
		}
		c.res.Stamps++
		c.note("%s was stamped %s by %s", of, s.Time.UTC().Format(time.RFC3339), s.By)
	}
}
