package kibana

import (
	"strconv"

	"weir/event"
	"weir/event/ecs"
)

// A chart of Lens has one layer, which is a table: columns that cut the events into groups, then columns that measure each
// group. The visualization only says which column goes where.
//
// The shapes here are those that Kibana 8.19 writes when such a chart is made by hand and exported, without what it fills in
// by itself. Keys are never renamed within a major version: old exports must be read.

// What a measure does with the events of a group.
const (
	count    = "count"
	distinct = "unique_count"
	sum      = "sum"
	average  = "average"
	highest  = "max"
)

// measure is a column that is computed.
type measure struct {
	op    string
	field string // empty for count
	label string
	kql   string // only the events that match; empty: all
	form  string // bytes, percent or duration in ns; empty: a plain number
}

// layer is a chart's table, while it is being put together.
type layer struct {
	id      string
	order   []string
	columns dict
	groups  []string
	values  []string
}

// newLayer begins a table. It is filled from left to right and used once.
//
// The id only has to be unique within its panel; that of the panel makes it findable.
func newLayer(panel string) *layer { return &layer{id: "layer-" + panel, columns: dict{}} }

// overTime cuts by time; Kibana chooses the width of a bar.
func (l *layer) overTime() {
	l.group("time", dict{
		"dataType": "date", "label": "time", "customLabel": true, "operationType": "date_histogram", "scale": "interval",
		"sourceField": "@timestamp", "params": dict{"interval": "auto", "includeEmptyRows": true, "dropPartials": false},
	})
}

// top cuts by the most frequent values of a field, by the first measure. others folds the rest into one group, which makes
// stacked bars add up; in a table it would stand on top of everything.
func (l *layer) top(field string, size int, others bool) {
	l.group("by"+strconv.Itoa(len(l.groups)), dict{
		"dataType": dataType(field), "label": field, "customLabel": true, "operationType": "terms", "scale": "ordinal",
		"sourceField": field, "params": dict{
			"size": size, "orderBy": dict{"type": "column", "columnId": "m0"}, "orderDirection": "desc",
			"otherBucket": others, "missingBucket": false, "parentFormat": dict{"id": "terms"},
			"include": []any{}, "exclude": []any{}, "includeIsRegex": false, "excludeIsRegex": false,
		},
	})
}

// group adds a column that cuts.
func (l *layer) group(id string, column dict) {
	column["isBucketed"] = true
	l.columns[id] = column
	l.order, l.groups = append(l.order, id), append(l.groups, id)
}

// measure adds a column that counts or computes. Columns that cut must all come before it, as in Lens itself.
func (l *layer) measure(m measure) {
	id := "m" + strconv.Itoa(len(l.values))
	params := dict{"emptyAsNull": m.op != count}
	switch m.form {
	case "bytes":
		params["format"] = dict{"id": "bytes", "params": dict{"decimals": 1}}
	case "duration":
		params["format"] = dict{"id": "duration", "params": dict{"decimals": 1, "fromUnit": "nanoseconds", "toUnit": "asMilliseconds"}}
	}
	column := dict{
		"dataType": "number", "label": m.label, "customLabel": true, "operationType": m.op, "scale": "ratio",
		"sourceField": m.field, "isBucketed": false, "params": params,
	}
	if m.op == count {
		column["sourceField"] = "___records___" // Lens' name for the event itself
	}
	if m.kql != "" {
		column["filter"] = kuery(m.kql)
	}
	l.columns[id] = column
	l.order, l.values = append(l.order, id), append(l.values, id)
}

// dataType is Lens' name for what a field holds. A field that weir does not know gets the commonest; a test refuses it.
func dataType(field string) string {
	f, ok := event.Lookup(field)
	if !ok {
		return "string"
	}
	switch f.Type() {
	case ecs.Long, ecs.Double:
		return "number"
	case ecs.IP:
		return "ip"
	case ecs.Date:
		return "date"
	case ecs.Boolean:
		return "boolean"
	default:
		return "string"
	}
}

// lens is a finished chart: the attributes of a panel, and what it refers to.
func (l *layer) lens(title, kind, viewID, kql string, visualization dict) (dict, []Reference) {
	refs := []Reference{reference(viewID, "indexpattern-datasource-layer-"+l.id)}
	visualization["layerId"], visualization["layerType"] = l.id, "data"
	if kind == "lnsXY" {
		// Only this kind has layers of its own, which carry both.
		delete(visualization, "layerId")
		delete(visualization, "layerType")
	}
	return dict{
		"title": title, "description": "", "type": "lens", "visualizationType": kind, "references": refs,
		"state": dict{
			"adHocDataViews": dict{}, "internalReferences": []any{}, "filters": []any{}, "query": kuery(kql),
			"datasourceStates": dict{
				"formBased": dict{"layers": dict{l.id: dict{
					"columnOrder": l.order, "columns": l.columns, "incompleteColumns": dict{}, "ignoreGlobalFilters": false,
				}}},
				"indexpattern": dict{"layers": dict{}}, "textBased": dict{"layers": dict{}},
			},
			"visualization": visualization,
		},
	}, refs
}

// number shows the first measure as one large figure. Lens has an older chart for this, which newer versions do not offer.
func (l *layer) number() dict { return dict{"metricAccessor": l.values[0]} }

// table shows every column, ten rows a page: a ranking is read from its top, and the rest is one click away.
func (l *layer) table() dict {
	columns := make([]dict, len(l.order))
	for i, id := range l.order {
		columns[i] = dict{"columnId": id, "isTransposed": false}
	}
	return dict{"columns": columns, "rowHeight": "single", "rowHeightLines": 1, "headerRowHeight": "single",
		"paging": dict{"enabled": true, "size": 10}}
}

// bars shows measures over the first column that cuts, split by the second where there is one. Titles of axes are left out:
// the panel's own says what is counted, and time needs no name.
func (l *layer) bars(series string) dict {
	both := dict{"x": false, "yLeft": false, "yRight": false}
	inner := dict{
		"layerId": l.id, "layerType": "data", "seriesType": series, "accessors": l.values, "xAccessor": l.groups[0],
		"palette": dict{"name": "default", "type": "palette"}, "position": "top", "showGridlines": false,
	}
	if len(l.groups) > 1 {
		inner["splitAccessor"] = l.groups[1]
	}
	return dict{
		"preferredSeriesType": series, "layers": []dict{inner}, "valueLabels": "hide", "fittingFunction": "None",
		"axisTitlesVisibilitySettings": both,
		"gridlinesVisibilitySettings":  dict{"x": true, "yLeft": true, "yRight": true},
		"tickLabelsVisibilitySettings": dict{"x": true, "yLeft": true, "yRight": true},
		"labelsOrientation":            dict{"x": 0, "yLeft": 0, "yRight": 0},
		"legend":                       dict{"isVisible": true, "position": "right", "shouldTruncate": true, "maxLines": 1},
		"yLeftExtent":                  dict{"mode": "full"},
		"yRightExtent":                 dict{"mode": "full"},
		"yLeftScale":                   "linear",
		"yRightScale":                  "linear",
	}
}
