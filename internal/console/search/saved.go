package search

import (
	"strings"

	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/control/searching"
)

// Saved is a link to a search that somebody kept.
type Saved struct {
	Name, Title, Href string
	Shipped           bool
}

// saved fills the list of saved searches. Where nobody keeps any, the page has no place for them.
func (h *handler) saved(v *site.View, s State, a *Answer) {
	list, err := site.Answer[searching.SavedList](v, searching.AskSaved, searching.SavedRequest{}, nil)
	if err != nil {
		return
	}
	a.CanSave = true
	for _, r := range list.Rows {
		x := Saved{Name: r.Name, Title: r.Title, Shipped: r.Shipped, Href: stateOf(r).URL()}
		if v.Lang == text.Ko && r.TitleKo != "" {
			x.Title = r.TitleKo
		}
		a.Saved = append(a.Saved, x)
	}
	for _, w := range list.Warn {
		a.Faults = append(a.Faults, w.Fault())
	}
}

// stateOf is the page of a saved search.
func stateOf(r searching.Saved) State {
	s := State{Q: r.Query, From: r.From, To: r.To, Sort: r.Sort, Cols: r.Fields, Tab: tabs[0]}
	if s.Sort == "-@timestamp" {
		s.Sort = ""
	}
	if s.From == "" && s.To == "" {
		s.From = defaultFrom
	}
	return s
}

// save keeps the search of the page under a name.
func (h *handler) save(v *site.View) {
	f := v.R.PostForm
	s := readState(f)
	r := searching.Saved{Name: strings.TrimSpace(f.Get("name")), Query: s.Q, From: s.From, To: s.To, Sort: s.Sort, Fields: s.Cols}
	if r.From == forever {
		r.From = ""
	}
	got, err := site.Answer[searching.Saved](v, searching.AskSave, searching.SaveRequest{Saved: r, Replace: f.Get("replace") == "1"}, nil)
	if err != nil {
		v.Fail(err)
		return
	}
	v.Back(s.URL(), v.T("The search is kept as %s.", got.Name))
}
