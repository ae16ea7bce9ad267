package archivecmd

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// What list prints is a contract: a row a class (pipe: class, days, segments, events, bytes, oldest, newest, expired, bad), with
// --segments a row a segment (path, class, day, state, events, bytes, published, sha256); --json archiving.Class or
// archiving.Segment, an object a line.

// listSpec has one row a class, since there may be a million segments.
func (c *commands) listSpec() pages.Spec {
	r, from, to := archiving.ListRequest{}, "", ""
	return pages.Spec{
		Use: "list", Short: "list what is kept, by class of retention", Args: ui.AtMost(0),
		Long:     "What is still in memory is not in the list; it is sealed within archive.epoch_age. Nothing is read but the manifest: weir archive verify looks into the files.",
		Examples: []string{"weir archive list", "weir archive list --segments --class access --from -7d", "weir archive list --json"},
		Common:   []string{"segments", "class", "from", "to"}, Sections: [][]string{{"What", "segments", "class"}, {"When", "from", "to"}}, Exits: "3 the archive cannot be read",
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&r.Segments, "segments", false, "each sealed file")
			f.StringVar(&r.Class, "class", "", "only this `class`")
			f.StringVar(&from, "from", "", "only days from this `time` on (UTC days; forms: weir help time)")
			f.StringVar(&to, "to", "", "only days before this `time`")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			var err error
			if r.From, r.To, err = sh.Times(from, to); err != nil {
				return err
			}
			return sh.Ask(cmd.Context(), func(b control.Backend) error { return list(cmd.Context(), sh, b, r) })
		},
	}
}

// list asks and shows. Segments are shown when all are known: columns are aligned.
func list(ctx context.Context, sh ui.Shell, b control.Backend, r archiving.ListRequest) error {
	var segments []archiving.Segment
	l, err := question.Ask[archiving.List](ctx, b, archiving.AskList, r, func(doc []byte) error {
		var s archiving.Segment
		if err := json.Unmarshal(doc, &s); err != nil {
			return err
		}
		if sh.JSON {
			return sh.Line(s)
		}
		segments = append(segments, s)
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case r.Segments && sh.JSON:
	case r.Segments:
		err = segmentRows(sh, segments)
	default:
		err = classRows(sh, l.Classes)
	}
	if err != nil {
		return err
	}
	for _, f := range l.Faults {
		w := *f
		w.Warn = true // the list is right all the same
		sh.Warn(&w)
	}
	totals(sh, l)
	return nil
}

// classRows shows the classes.
func classRows(sh ui.Shell, classes []archiving.Class) error {
	if sh.JSON {
		for i := range classes {
			if err := sh.Line(classes[i]); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(sh.Out, term.Column{Head: "CLASS"}, term.Column{Head: "DAYS", Right: true}, term.Column{Head: "SEGMENTS", Right: true}, term.Column{Head: "EVENTS", Right: true},
		term.Column{Head: "SIZE", Right: true}, term.Column{Head: "OLDEST"}, term.Column{Head: "NEWEST"}, term.Column{Head: "EXPIRED", Right: true}, term.Column{Head: "BAD", Right: true, Style: badStyle})
	for i := range classes {
		k := &classes[i]
		t.Row(k.Class, sh.Out.Num(int64(k.Days)), sh.Out.Num(int64(k.Segments)), sh.Out.Num(k.Events), size(sh.Out, k.Bytes), dash(k.Oldest), dash(k.Newest), sh.Out.Num(int64(k.Expired)), sh.Out.Num(int64(k.Bad)))
	}
	return t.Flush()
}

// segmentRows shows the segments.
func segmentRows(sh ui.Shell, segments []archiving.Segment) error {
	t := term.NewTable(sh.Out, term.Column{Head: "SEGMENT"}, term.Column{Head: "CLASS"}, term.Column{Head: "DAY"}, term.Column{Head: "STATE", Style: stateStyle}, term.Column{Head: "EVENTS", Right: true},
		term.Column{Head: "SIZE", Right: true}, term.Column{Head: "SEALED " + sh.Out.Offset()}, term.Column{Head: "SHA-256", Cut: true})
	for i := range segments {
		s := &segments[i]
		t.Row(s.Path, s.Class, s.Day, s.State, sh.Out.Num(int64(s.Events)), size(sh.Out, s.Bytes), sh.Out.Second(s.Published), s.SHA256)
	}
	return t.Flush()
}

// totals is the last line.
func totals(sh ui.Shell, l archiving.List) {
	text := ui.Plural(l.Segments, "segment") + ", " + ui.Plural(int(l.Events), "event") + ", " + term.Bytes(l.Bytes)
	if l.Expired > 0 {
		text += "; expired: " + term.Count(int64(l.Expired))
	}
	if l.Unsealed > 0 {
		text += "; not sealed yet: " + ui.Plural(int(l.Unsealed), "event")
	}
	switch {
	case !l.Log.On:
		text += "; no transparency log"
	case l.Log.Until.IsZero():
		text += "; log of " + term.Count(l.Log.Size) + " leaves, not published yet"
	default:
		text += "; log of " + term.Count(l.Log.Size) + " leaves, published until " + term.Count(l.Log.Anchored) + " (" + sh.Msg.Second(l.Log.Until) + ")"
	}
	sh.Note("%s", text)
	if l.Log.Failed != "" {
		sh.Warn(&fault.Error{Code: "archive-anchor", What: "the last try to publish a checkpoint of the log did not work", Why: l.Log.Failed, Do: sh.Cmdline("archive publish"), Warn: true})
	}
}

// size writes a size: for people with its unit, for programs in bytes.
func size(f *term.Face, n int64) string {
	if f.TTY {
		return term.Bytes(n)
	}
	return strconv.FormatInt(n, 10)
}

// dash stands for what there is none of.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// badStyle makes what cannot be searched stand out.
func badStyle(cell string) term.Style {
	if cell != "0" {
		return term.Red
	}
	return term.Plain
}

// stateStyle colours the state of a segment.
func stateStyle(state string) term.Style {
	switch state {
	case archiving.StateQuarantined:
		return term.Red
	case archiving.StateExpired:
		return term.Dim
	}
	return term.Plain
}

// rebuildSpec is for when somebody deleted indexes, or a disk broke one. Searches are right without them.
func (c *commands) rebuildSpec() pages.Spec {
	r := archiving.RebuildRequest{}
	return pages.Spec{
		Use: "rebuild-index", Short: "make the search indexes beside the segments anew", Args: ui.AtMost(0),
		Long:     "An index is made from its segment and nothing else, and is no part of what is proven: the archive is right without it, only slower.",
		Examples: []string{"weir archive rebuild-index", "weir archive rebuild-index --all"}, Exits: "3 a segment cannot be read",
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&r.All, "all", false, "good ones too") },
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				done, err := question.Ask[archiving.Rebuilt](cmd.Context(), b, archiving.AskRebuild, r, nil)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(done)
				}
				sh.Note("%s made anew", plural(done.Indexes, "index", "indexes"))
				return nil
			})
		},
	}
}

// plural is ui.Plural for a noun of another kind.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return term.Count(int64(n)) + " " + many
}
