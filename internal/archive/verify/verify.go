// Package verify finds out whether an archive is as it was written, from nothing but its files and the public key of its
// transparency log, and names what is not.
//
// It takes nothing on trust that an intruder could have written. The leaves of the log are made anew from the manifest;
// their root has to be the one that a checkpoint signs, and every older checkpoint has to sign a beginning of the same log.
// Only then do the hashes in the manifest say anything about the segments, which are all read. Where the manifest does not
// fit, the log's own entries, each proven by the root, say what was there, so that a line that was taken out is missed by
// name. Whatever lies in the folder and is named by nobody was put there.
//
// A folder that weir is writing to can be checked at the same time: the checkpoint is read first, then the names of the
// files, then the manifest up to its last whole line, so each of them knows what the ones before it know.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"weir/internal/control/archiving"
	"weir/internal/fault"
)

// What is found, by name. A name is never given another meaning: scripts rely on it.
const (
	Changed         = "changed"              // a byte of a segment
	Removed         = "removed"              // a segment that no expiry names
	Added           = "added"                // a file that nobody names
	Swapped         = "swapped"              // two segments have each other's content
	ManifestChanged = "manifest-changed"     // a line was changed, moved, put in or taken out
	LogTruncated    = "log-truncated"        // the log is shorter than it was
	LogRewritten    = "log-rewritten"        // an older checkpoint signs another log
	LogChanged      = "log-changed"          // a tile or an entry is not that of the log
	Deleted         = "deleted-without-leaf" // a segment went, and the log does not say why
	FileChanged     = "file-changed"         // a policy or a review
	CheckpointBad   = "checkpoint-bad"       // no valid key signed it
	KeyUnsigned     = "key-unsigned"         // a change of keys that not both keys signed
	StampBad        = "stamp-bad"            // a time stamp is of something else
)

// What the outcome rests on.
const (
	ProofKey   = "key"   // a key that was given, or that lies outside the archive
	ProofOwn   = "own"   // the key beside the log: the archive fits itself, whoever made it
	ProofChain = "chain" // no log: the hashes of the manifest alone
)

// Checkpoint is one that was kept elsewhere.
type Checkpoint struct {
	Name string // of its file, for messages
	Text []byte
	// Own marks the one that the folder of keys keeps of the last signing: it may be ahead of the log's after a crash, and
	// nothing was published with it.
	Own bool
}

// Options say what is checked, and by what.
type Options struct {
	Files fs.FS  // the archive's folder, a copy of it, the one in a package
	Where string // what people call it
	// Keys are the verifier strings that are trusted. None: the one beside the log is taken, which anybody who wrote the log
	// may have put there.
	Keys        []string
	Checkpoints []Checkpoint
	Workers     int // files read at once; 0: one a core
	// Only are the segments that have to be there; nil: all. A package has the few that it is about.
	Only map[string]bool
	// Copy says that this is a second copy, which may end before the archive does.
	Copy bool
	// Bucket says that it is in a bucket, where a file is written before anybody can say whether it counts.
	Bucket bool
	// Progress is told now and then, on the goroutine that called Run; nil: nobody is.
	Progress func(archiving.Progress)
	Now      func() time.Time
}

// tries bounds how often a folder that changes under the reader is looked at again.
const tries = 4

// Run checks everything and says what it found. An error means that the check itself could not be made: the folder is no
// archive, may not be read, or ctx ended. What is wrong with the archive is in the outcome.
func Run(ctx context.Context, o Options) (*archiving.Verified, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Files = Ordinary(o.Files) // of a bucket too: a part of the archive may lie in a folder
	began := o.Now()
	known := map[string]digest{}
	for try := 1; ; try++ {
		c := &check{o: o, known: known, res: &archiving.Verified{Where: o.Where, At: began.UTC()}, began: o.Now()}
		if err := c.run(ctx); err != nil {
			return nil, err
		}
		// What a running weir did meanwhile looks like tampering for a moment: a segment that expired after the manifest was
		// read, a leaf that was not written yet. It is looked at again only if something moved.
		if len(c.res.Findings) == 0 || try == tries || !c.moved() {
			c.res.Found, c.res.OK = len(c.res.Findings), len(c.res.Findings) == 0
			c.res.TookMS = o.Now().Sub(began).Milliseconds()
			return c.res, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// check is one look at an archive. It belongs to the goroutine of Run but for the hashing, which has workers of its own.
type check struct {
	o     Options
	res   *archiving.Verified
	began time.Time
	known map[string]digest // files that were read before, kept over several looks

	files map[string]meta // all that there is, listed before the manifest was read
	man   *lines
	log   *ledger
	want  []expected
}

// run looks once.
func (c *check) run(ctx context.Context) error {
	var err error
	c.log = readCheckpoints(c)
	if c.files, err = list(c.o.Files); err != nil {
		return c.unreadable(ctx, err)
	}
	c.man, err = readLines(c.o.Files)
	if errors.Is(err, fs.ErrNotExist) && (c.log.there || c.segments()) {
		c.man, err = &lines{contents: contents{gone: map[string]gone{}}}, nil
		c.find(archiving.Finding{Kind: ManifestChanged, Path: manifestName, Leaf: -1, Why: "it is missing"})
	}
	if err != nil {
		return c.unreadable(ctx, err)
	}
	c.prove(ctx)
	c.expect()
	if err := c.hash(ctx); err != nil {
		return err
	}
	c.judge()
	c.strays(ctx)
	c.anchored()
	return ctx.Err()
}

// segments tells whether there is any file that looks like one.
func (c *check) segments() bool {
	for name := range c.files {
		if kindOf(name) == segment {
			return true
		}
	}
	return false
}

// moved tells whether the archive is another one than when this look began.
func (c *check) moved() bool {
	st, err := fs.Stat(c.o.Files, manifestName)
	if err == nil && st.Size() != c.man.size+c.man.torn {
		return true
	}
	b := small(c.o.Files, checkpointName)
	return b != nil && string(b) != string(c.log.newest)
}

// find notes something that is not as it was written.
func (c *check) find(f archiving.Finding) { c.res.Findings = append(c.res.Findings, f) }

// note says something that is no sign of tampering.
func (c *check) note(format string, args ...any) {
	c.res.Notes = append(c.res.Notes, fmt.Sprintf(format, args...))
}

// unreadable says why there is no archive to check.
func (c *check) unreadable(ctx context.Context, err error) error {
	if e := ctx.Err(); e != nil {
		return e
	}
	return &fault.Error{Code: "archive-folder", What: "this cannot be checked: it is no archive, or it may not be read", Where: c.o.Where, Why: fault.Innermost(err),
		Do: "name the folder that has a manifest.jsonl in it", Exit: fault.ExitMissing, Cause: err}
}
