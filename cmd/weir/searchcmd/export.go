package searchcmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/archive/export"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/term"
)

// tellEvery is how often an export says how far it is.
const tellEvery = time.Second

// Export writes everything that a query finds into a file, the oldest first. When it ends early, by Ctrl-C too, there is no
// file.
func Export(ctx context.Context, sh ui.Shell, file string, o Options) error {
	format, err := export.Format(file)
	if err != nil {
		return err
	}
	from, to, err := sh.Times(o.From, o.To)
	if err != nil {
		return err
	}
	r := searching.ExportRequest{Scope: searching.Scope{Query: o.Query, From: from, To: to, Revisions: o.All}, Fields: o.Fields, Format: format, Into: file}
	if len(o.Fields) > 0 && !slices.Contains(o.Fields, "@timestamp") {
		r.Fields = append([]string{"@timestamp"}, o.Fields...)
	}
	if r.To.IsZero() {
		r.To = sh.Now().Add(24 * time.Hour) // an export of what still comes would never end; clocks of devices are wrong by hours
	}
	return sh.Ask(ctx, func(b control.Backend) error {
		start := sh.Now()
		total, table, err := survey(ctx, b, r, format)
		if err != nil {
			return err
		}
		f, err := export.Create(file, format, table)
		if err != nil {
			return err
		}
		defer f.Abort()
		said := start
		done, err := question.Ask[searching.Exported](ctx, b, searching.AskExport, r, func(doc []byte) error {
			if err := f.Add(doc); err != nil {
				return err
			}
			if now := sh.Now(); now.Sub(said) >= tellEvery && sh.Msg.TTY {
				said = now
				sh.Note("%s of %s events (%d %%)", term.Count(int64(f.Rows())), term.Count(total), 100*int64(f.Rows())/max(1, total))
			}
			return nil
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if int64(f.Rows()) != done.Events {
			return fmt.Errorf("exporting: %d events came and %d were sent", f.Rows(), done.Events)
		}
		if err := f.Commit(); err != nil {
			return err
		}
		for _, w := range done.Warn {
			sh.Warn(w.Fault())
		}
		if sh.JSON {
			return sh.Line(map[string]any{"file": file, "format": format, "events": done.Events, "took_ms": done.TookMS})
		}
		sh.Note("%s in %s; %s. The export is recorded: weir search 'event.dataset: weir.audit and event.action: export'", ui.Plural(int(done.Events), "event"), file, term.Duration(sh.Now().Sub(start)))
		return nil
	})
}

// survey counts what is to be exported, and finds the columns that a table of it needs.
func survey(ctx context.Context, b control.Backend, r searching.ExportRequest, format string) (total int64, t export.Table, err error) {
	if format == export.NDJSON || len(r.Fields) > 0 {
		p, err := question.Ask[searching.Page](ctx, b, searching.AskPage, searching.PageRequest{Scope: r.Scope}, nil)
		return p.Hits, export.Table{Columns: r.Fields}, err
	}
	fields, err := question.Ask[searching.Fields](ctx, b, searching.AskFields, searching.FieldsRequest{Scope: r.Scope}, nil)
	if err != nil {
		return 0, t, err
	}
	first := []string{"@timestamp", "event.dataset", "host.name", "source.ip", "user.name", "message"}
	for _, f := range fields.Rows {
		if slices.Contains(first, f.Name) || len(t.Columns) >= export.MaxColumns {
			continue
		}
		t.Columns = append(t.Columns, f.Name)
	}
	t.Columns, t.Rest = append(first, t.Columns...), true
	return fields.Events, t, nil
}
