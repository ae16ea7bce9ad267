package expire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/keep"
)

// jump is how far the clock may be from where it was the last time: a machine that was off for a weekend goes on, one whose clock
// is a year ahead deletes nothing until somebody has said that the clock is right.
const jump = 7 * 24 * time.Hour

// clock remembers how late it was when the clock was last believed. It belongs to whoever holds Runner.work.
type clock struct {
	file string
	last time.Time
}

// clockFile is the file's content.
type clockFile struct {
	Last time.Time `json:"last"`
}

// openClock reads how late it was. Without the file it was as late as the newest record of the manifest says, as it stands
// before this process wrote any; of an empty archive nothing can be lost. A file that cannot be read is no reason to trust the
// clock: it counts as one that is not there.
func openClock(file string, newest, now time.Time) (clock, error) {
	c := clock{file: file, last: newest}
	if newest.IsZero() {
		c.last = now
	}
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("reading how late it was: %w", err)
	}
	var f clockFile
	if err == nil && json.Unmarshal(b, &f) == nil && !f.Last.IsZero() {
		c.last = f.Last
	}
	return c, nil
}

// check tells whether the clock can be believed; detail says why not. One that went back is believed: less is due then.
func (c *clock) check(now time.Time) (detail string, ok bool) {
	if ahead := now.Sub(c.last); ahead > jump {
		return fmt.Sprintf("the clock is %d days ahead of %s, when it was last looked at", int(ahead.Hours()/24), c.last.UTC().Format(time.RFC3339)), false
	}
	return "", true
}

// set remembers how late it is.
func (c *clock) set(now time.Time) error {
	c.last = now
	if c.file == "" {
		return nil
	}
	b, err := json.Marshal(clockFile{now.UTC()})
	if err != nil {
		return fmt.Errorf("remembering how late it is: %w", err)
	}
	if err := keep.WriteFile(c.file, append(b, '\n')); err != nil {
		return fmt.Errorf("remembering how late it is: %w", err)
	}
	return nil
}

// newest is the latest moment that a manifest names.
func newest(segments []archive.SegmentInfo, actions []archive.ActionInfo) (out time.Time) {
	for i := range segments {
		if segments[i].Published.After(out) {
			out = segments[i].Published
		}
	}
	for i := range actions {
		if actions[i].At.After(out) {
			out = actions[i].At
		}
	}
	return out
}

// noted is the version of the policy that an archive noted last; "" for none.
func noted(actions []archive.ActionInfo) string {
	for _, action := range slices.Backward(actions) {
		var f manifest.File
		if action.Kind == manifest.KindPolicy && json.Unmarshal(action.Body, &f) == nil {
			return f.SHA256
		}
	}
	return ""
}
