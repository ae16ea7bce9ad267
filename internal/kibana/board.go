package kibana

import (
	"fmt"
	"strconv"
	"strings"
)

// board is a dashboard: rows of panels on a grid of 48 columns.
//
// Charts are kept inside of the dashboard and not as objects of their own: they belong to it, and a library of sixty charts
// in which nobody finds anything helps nobody. Saved searches are objects, since Discover opens them too.
type board struct {
	id, title, about string
	view             string
	kql              string   // what all of it is about
	controls         []string // fields whose values can be picked above the panels
	rows             []row
}

// row is a line of panels of one height.
type row struct {
	height int
	panels []panel
}

// panel is one rectangle. Exactly one of its forms is set.
type panel struct {
	title string
	width int
	kql   string
	// series: bars over time, stacked by split; ranking: a table of the most frequent values of these fields; figure: one
	// number; saved: a saved search; menu: links to the dashboards.
	series  bool
	split   string
	ranking []string
	size    int // rows of a ranking, 0: 15
	figure  bool
	saved   string
	menu    bool
	measure []measure
}

// gridWidth is that of every dashboard of Kibana.
const gridWidth = 48

// object gives a dashboard its form. Panels are numbered as they are read, so a panel that is put in between moves the ids
// behind it; nothing outside of the dashboard refers to them.
func (b board) object() (Object, error) {
	var panels []dict
	var refs []Reference
	y, n := 0, 0
	for _, r := range b.rows {
		x := 0
		for _, p := range r.panels {
			n++
			id := strconv.Itoa(n)
			body, own, err := b.panel(p, id)
			if err != nil {
				return Object{}, fmt.Errorf("panel %q: %w", p.title, err)
			}
			body["gridData"] = dict{"i": id, "x": x, "y": y, "w": p.width, "h": r.height}
			body["panelIndex"], body["version"] = id, boardVersion
			panels = append(panels, body)
			// Below the dashboard every name carries its panel, since two panels may call theirs alike.
			for _, ref := range own {
				ref.Name = id + ":" + ref.Name
				refs = append(refs, ref)
			}
			x += p.width
		}
		if x != gridWidth {
			return Object{}, fmt.Errorf("a row is %d columns wide, not %d", x, gridWidth)
		}
		y += r.height
	}
	controls, own, err := b.pickers()
	if err != nil {
		return Object{}, err
	}
	return b.assemble(panels, controls, append(refs, own...))
}

// assemble puts the parts of a dashboard together. A dashboard opens on the last day and does not reload by itself: an open
// browser must not keep a cluster busy.
func (b board) assemble(panels []dict, controls dict, refs []Reference) (Object, error) {
	panelsText, err := text(panels)
	if err != nil {
		return Object{}, err
	}
	options, err := text(dict{"useMargins": true, "syncColors": false, "syncCursor": true, "syncTooltips": false, "hidePanelTitles": false})
	if err != nil {
		return Object{}, err
	}
	meta, err := source(b.kql, nil)
	if err != nil {
		return Object{}, err
	}
	attributes := dict{
		"title": b.title, "description": b.about, "panelsJSON": panelsText, "optionsJSON": options, "version": 1,
		"timeRestore": true, "timeFrom": "now-24h", "timeTo": "now", "refreshInterval": dict{"pause": true, "value": 60000},
		"kibanaSavedObjectMeta": meta,
	}
	if controls != nil {
		attributes["controlGroupInput"] = controls
	}
	return Object{ID: b.id, Type: "dashboard", Core: coreVersion, Version: boardVersion, Attributes: attributes, References: refs}, nil
}

// panel makes one rectangle and says what it refers to. A panel without measures counts events: most do.
func (b board) panel(p panel, id string) (dict, []Reference, error) {
	switch {
	case p.menu:
		return menu(b.id), nil, nil
	case p.saved != "":
		name := "panel_" + id
		return dict{"type": "search", "title": p.title, "panelRefName": name, "embeddableConfig": dict{"enhancements": dict{}}},
			[]Reference{{ID: p.saved, Name: name, Type: "search"}}, nil
	}
	if len(p.measure) == 0 {
		p.measure = []measure{{op: count, label: "events"}}
	}
	l := newLayer(id)
	kind, others := "", true
	switch {
	case p.series:
		kind = "lnsXY"
		l.overTime()
		if p.split != "" {
			l.top(p.split, 8, others)
		}
	case len(p.ranking) > 0:
		kind = "lnsDatatable"
		size := p.size
		if size == 0 {
			size = 15
		}
		for _, field := range p.ranking {
			l.top(field, size, !others)
		}
	case p.figure:
		kind = "lnsMetric"
	default:
		return nil, nil, fmt.Errorf("has no form")
	}
	for _, m := range p.measure {
		l.measure(m)
	}
	var visualization dict
	switch kind {
	case "lnsXY":
		visualization = l.bars("bar_stacked")
	case "lnsDatatable":
		visualization = l.table()
	default:
		visualization = l.number()
	}
	attributes, refs := l.lens(p.title, kind, b.view, p.kql, visualization)
	// A figure has its name inside; the title above it would say it twice.
	return dict{"type": "lens", "title": p.title, "embeddableConfig": dict{"attributes": attributes, "enhancements": dict{}, "hidePanelTitles": p.figure}}, refs, nil
}

// menu is a line of links to all dashboards; the one that it stands on is no link. The links are relative to the page, so
// they lead to the same Kibana and space whatever its address is.
func menu(here string) dict {
	var links []string
	for _, b := range boards {
		name := strings.TrimPrefix(b.title, "weir: ")
		if b.id == here {
			links = append(links, "**"+name+"**")
			continue
		}
		links = append(links, "["+name+"](#/view/"+b.id+")")
	}
	vis := dict{
		"title": "", "description": "", "type": "markdown", "uiState": dict{}, "data": dict{"aggs": []any{}, "searchSource": dict{}},
		"params": dict{"fontSize": 12, "openLinksInNewTab": false, "markdown": strings.Join(links, " · ")},
	}
	return dict{"type": "visualization", "title": "", "embeddableConfig": dict{"savedVis": vis, "enhancements": dict{}, "hidePanelTitles": true}}
}

// pickers are the drop-down lists above the panels, nil if the dashboard has none. Each narrows the lists behind it: who has
// picked a host is offered the users of that host.
func (b board) pickers() (dict, []Reference, error) {
	if len(b.controls) == 0 {
		return nil, nil, nil
	}
	panels := dict{}
	var refs []Reference
	for i, field := range b.controls {
		id := "pick-" + strconv.Itoa(i+1)
		panels[id] = dict{
			"order": i, "width": "medium", "grow": true, "type": "optionsListControl",
			"explicitInput": dict{"id": id, "title": field, "fieldName": field, "enhancements": dict{}},
		}
		refs = append(refs, reference(b.view, "controlGroup_"+id+":optionsListDataView"))
	}
	body, err := text(panels)
	if err != nil {
		return nil, nil, err
	}
	ignore, err := text(dict{"ignoreFilters": false, "ignoreQuery": false, "ignoreTimerange": false, "ignoreValidations": false})
	if err != nil {
		return nil, nil, err
	}
	return dict{"controlStyle": "oneLine", "chainingSystem": "HIERARCHICAL", "panelsJSON": body, "ignoreParentSettingsJSON": ignore}, refs, nil
}
