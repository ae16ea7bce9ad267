package proving

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/anchor"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/control/archiving"
	"weir/internal/fault"
)

// list says what the archive holds, by class, and segment by segment where that is asked for.
func (d *Desk) list(_ context.Context, r archiving.ListRequest, each func([]byte) error) (l archiving.List, err error) {
	a, err := d.d.Archive()
	if err != nil {
		return l, err
	}
	l = archiving.List{Folder: a.Folder(), Classes: []archiving.Class{}, Unsealed: int64(a.Tail().Rows), Last: a.Tail().Sealed, Faults: slices.Clone([]*fault.Error(a.Problems()))}
	classes, days := map[string]*archiving.Class{}, map[string]map[string]bool{}
	class := func(name string) *archiving.Class {
		if classes[name] == nil {
			classes[name], days[name] = &archiving.Class{Class: name}, map[string]bool{}
		}
		return classes[name]
	}
	segments := a.Segments()
	for i := range segments {
		s := &segments[i]
		if !wanted(r, s.Class, s.Day) {
			continue
		}
		c := class(s.Class)
		l.Segments, l.Events, l.Bytes = l.Segments+1, l.Events+int64(s.Rows), l.Bytes+s.Bytes
		count(c, s)
		days[s.Class][s.Day] = true
		if r.Segments {
			if err := row(each, s); err != nil {
				return l, err
			}
		}
	}
	if l.Expired, err = expired(a, r, class, each); err != nil {
		return l, err
	}
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		classes[name].Days = len(days[name])
		l.Classes = append(l.Classes, *classes[name])
	}
	l.Log = logOf(a.Folder())
	return l, nil
}

// wanted tells whether a segment belongs into the list.
func wanted(r archiving.ListRequest, class, day string) bool {
	return (r.Class == "" || r.Class == class) && (r.From.IsZero() || day >= r.From.UTC().Format(time.DateOnly)) && (r.To.IsZero() || day < r.To.UTC().Format(time.DateOnly))
}

// count adds a segment to its class.
func count(c *archiving.Class, s *archive.SegmentInfo) {
	c.Segments, c.Events, c.Bytes = c.Segments+1, c.Events+int64(s.Rows), c.Bytes+s.Bytes
	if c.Oldest == "" || s.Day < c.Oldest {
		c.Oldest = s.Day
	}
	c.Newest = max(c.Newest, s.Day)
	if c.Min.IsZero() || s.Min.Before(c.Min) {
		c.Min = s.Min
	}
	if s.Max.After(c.Max) {
		c.Max = s.Max
	}
	if s.Quarantined != "" {
		c.Bad++
	}
}

// row hands a segment over.
func row(each func([]byte) error, s *archive.SegmentInfo) error {
	out := archiving.Segment{Path: s.Path, Class: s.Class, Day: s.Day, State: archiving.StateSealed, Events: s.Rows, Bytes: s.Bytes, Min: s.Min, Max: s.Max, Published: s.Published, Seq: s.Seq, SHA256: s.SHA256}
	if s.Quarantined != "" {
		out.State, out.Why = archiving.StateQuarantined, s.Quarantined
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return each(b)
}

// expired counts and hands over what went.
func expired(a *archive.Archive, r archiving.ListRequest, class func(string) *archiving.Class, each func([]byte) error) (n int, err error) {
	actions := a.Actions()
	for i := range actions {
		var x manifest.Expiry
		if actions[i].Kind != manifest.KindExpiry || json.Unmarshal(actions[i].Body, &x) != nil || !wanted(r, x.Class, x.Day) {
			continue
		}
		n++
		class(x.Class).Expired++
		if !r.Segments {
			continue
		}
		b, err := json.Marshal(archiving.Segment{Path: x.Path, Class: x.Class, Day: x.Day, State: archiving.StateExpired, Events: x.Rows, Published: actions[i].At, Seq: actions[i].Seq, SHA256: x.SHA256,
			Why: "due " + x.Due + ", by " + actions[i].By})
		if err != nil {
			return n, err
		}
		if err := each(b); err != nil {
			return n, err
		}
	}
	return n, nil
}

// logOf says how far the log is and where it was published, as its files have it. Nothing is checked here.
func logOf(folder string) (l archiving.Log) {
	b, err := os.ReadFile(filepath.Join(folder, translog.Folder, translog.CheckpointName))
	if err != nil {
		return l
	}
	c, err := translog.ParseCheckpoint(b)
	if err != nil {
		return l
	}
	l.On, l.Size = true, c.Size
	f, err := os.Open(filepath.Join(folder, translog.Folder, anchor.Name))
	if err != nil {
		return l
	}
	defer f.Close()
	records, _, err := anchor.ReadRecords(f)
	if err != nil {
		return l
	}
	for i := range records {
		r := &records[i]
		if !r.OK {
			l.Failed = r.How + ": " + r.Err
			continue
		}
		l.Published, l.Failed = l.Published+1, ""
		if r.How == anchor.HowStamp {
			l.Stamps++
		}
		if r.Size >= l.Anchored {
			l.Anchored, l.Until, l.How = r.Size, r.At, r.How
		}
	}
	return l
}
