package searchcmd

import (
	"context"
	"strings"

	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/searching"
	"weir/internal/term"
)

// Use fills in what a saved search says and no flag does.
func Use(ctx context.Context, sh ui.Shell, name string, o Options) (Options, error) {
	var s searching.Saved
	err := sh.Ask(ctx, func(b control.Backend) error {
		list, err := question.Ask[searching.SavedList](ctx, b, searching.AskSaved, searching.SavedRequest{Name: name}, nil)
		if err == nil && len(list.Rows) == 1 {
			s = list.Rows[0]
		}
		return err
	})
	if err != nil {
		return o, err
	}
	switch {
	case o.Query == "":
		o.Query = s.Query
	case s.Query != "":
		o.Query = "(" + s.Query + ") and (" + o.Query + ")" // words after --saved narrow it
	}
	if o.From == "" && o.To == "" {
		o.From, o.To = s.From, s.To
	}
	if o.Sort == "" {
		o.Sort = s.Sort
	}
	if !o.SizeGiven && s.Size > 0 {
		o.Size, o.SizeGiven = s.Size, true
	}
	if len(o.Fields) == 0 {
		o.Fields = s.Fields
	}
	if len(o.CountBy) == 0 {
		o.CountBy = s.CountBy
	}
	o.Histogram = o.Histogram || s.Histogram
	return o, nil
}

// Save keeps a search with the flags that were given.
func Save(ctx context.Context, sh ui.Shell, name string, o Options) error {
	r := searching.SaveRequest{Saved: searching.Saved{Name: name, Query: o.Query, From: o.From, To: o.To, Sort: o.Sort, Fields: o.Fields, CountBy: o.CountBy, Histogram: o.Histogram}}
	if o.SizeGiven {
		r.Size = o.Size
	}
	return sh.Ask(ctx, func(b control.Backend) error {
		s, err := question.Ask[searching.Saved](ctx, b, searching.AskSave, r, nil)
		if err != nil {
			return err
		}
		if sh.JSON {
			return sh.Line(s)
		}
		sh.Note("saved as searches/%s.yaml in the data folder. Run it: %s", s.Name, sh.Cmdline("search --saved "+s.Name))
		return nil
	})
}

// List shows the saved searches.
func List(ctx context.Context, sh ui.Shell) error {
	return sh.Ask(ctx, func(b control.Backend) error {
		list, err := question.Ask[searching.SavedList](ctx, b, searching.AskSaved, searching.SavedRequest{}, nil)
		if err != nil {
			return err
		}
		for _, w := range list.Warn {
			sh.Warn(w.Fault())
		}
		if sh.JSON {
			for _, s := range list.Rows {
				if err := sh.Line(s); err != nil {
					return err
				}
			}
			return nil
		}
		t := term.NewTable(sh.Out, term.Column{Head: "NAME"}, term.Column{Head: "FROM"}, term.Column{Head: "COUNT BY"}, term.Column{Head: "QUERY", Cut: true}, term.Column{Head: "TITLE", Cut: true})
		for _, s := range list.Rows {
			t.Row(s.Name, s.From, strings.Join(s.CountBy, ","), s.Query, s.Title)
		}
		return t.Flush()
	})
}
