package kibana

import (
	"slices"
	"testing"
)

// charts calls fn with every chart of every dashboard: its kind, its layer and its visualization.
func charts(t *testing.T, fn func(where, kind, id string, layer, vis map[string]any)) {
	t.Helper()
	n := 0
	for _, o := range objects(t) {
		if o.Type != "dashboard" {
			continue
		}
		for _, p := range panelsOf(t, o) {
			attrs := at(p, "embeddableConfig", "attributes")
			for id, l := range layersOf(p) {
				n++
				kind, _ := at(attrs, "visualizationType").(string)
				vis, _ := at(attrs, "state", "visualization").(map[string]any)
				fn(o.ID+" "+p["panelIndex"].(string), kind, id, l.(map[string]any), vis)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d charts", n)
	}
}

// columnsOf returns the columns that a visualization shows, by the names that Lens gives them in each kind.
func columnsOf(kind string, vis map[string]any) []string {
	var out []string
	add := func(v any) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	switch kind {
	case "lnsMetric":
		add(vis["metricAccessor"])
	case "lnsDatatable":
		for _, c := range vis["columns"].([]any) {
			add(at(c, "columnId"))
		}
	case "lnsXY":
		for _, l := range vis["layers"].([]any) {
			add(at(l, "xAccessor"))
			add(at(l, "splitAccessor"))
			for _, a := range at(l, "accessors").([]any) {
				add(a)
			}
		}
	}
	return out
}

// TestLens_Columns: a chart shows exactly the columns that its table has, cutting ones first: one that it does not have is
// a blank panel with an error.
func TestLens_Columns(t *testing.T) {
	charts(t, func(where, kind, _ string, layer, vis map[string]any) {
		columns := layer["columns"].(map[string]any)
		var order []string
		measuring := false
		for _, c := range layer["columnOrder"].([]any) {
			id := c.(string)
			order = append(order, id)
			bucketed, _ := at(columns[id], "isBucketed").(bool)
			if bucketed && measuring {
				t.Errorf("%s: %s cuts behind a column that measures", where, id)
			}
			measuring = measuring || !bucketed
		}
		if len(order) != len(columns) || !measuring {
			t.Errorf("%s: order %v for %d columns", where, order, len(columns))
		}
		shown := columnsOf(kind, vis)
		slices.Sort(shown)
		slices.Sort(order)
		if !slices.Equal(shown, order) {
			t.Errorf("%s: shows %v of %v", where, shown, order)
		}
	})
}

// TestLens_Layer: a visualization names its layer where its kind has a place for it.
func TestLens_Layer(t *testing.T) {
	kinds := map[string]int{}
	charts(t, func(where, kind, id string, _, vis map[string]any) {
		kinds[kind]++
		named := vis["layerId"]
		if kind == "lnsXY" {
			if named != nil {
				t.Errorf("%s: bars name a layer outside of their layers", where)
			}
			named = at(vis["layers"].([]any)[0], "layerId")
		}
		if named != id {
			t.Errorf("%s: layer %v instead of %s", where, named, id)
		}
	})
	if kinds["lnsXY"] == 0 || kinds["lnsMetric"] == 0 || kinds["lnsDatatable"] == 0 || len(kinds) != 3 {
		t.Errorf("kinds: %v", kinds)
	}
}

// TestLens_Terms: groups are ordered by a column that exists, and the type that Lens is told is that of the field.
func TestLens_Terms(t *testing.T) {
	types := map[string]bool{}
	charts(t, func(where, _, _ string, layer, _ map[string]any) {
		columns := layer["columns"].(map[string]any)
		for id, c := range columns {
			if at(c, "operationType") != "terms" {
				continue
			}
			by, _ := at(c, "params", "orderBy", "columnId").(string)
			if columns[by] == nil {
				t.Errorf("%s: %s is ordered by %s, which is not there", where, id, by)
			}
			field, _ := at(c, "sourceField").(string)
			kind, _ := at(c, "dataType").(string)
			types[kind] = true
			if kind != dataType(field) {
				t.Errorf("%s: %s is %s", where, field, kind)
			}
		}
	})
	for _, kind := range []string{"string", "ip", "number"} {
		if !types[kind] {
			t.Errorf("no group by a field of type %s", kind)
		}
	}
}

func TestDataType(t *testing.T) {
	for field, want := range map[string]string{
		"user.name": "string", "source.ip": "ip", "destination.port": "number", "@timestamp": "date",
		"weir.tcp.partial": "boolean", "no.such.field": "string",
	} {
		if got := dataType(field); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
}

func TestLayer_Measure(t *testing.T) {
	l := newLayer("7")
	l.measure(measure{op: count, label: "failed", kql: "event.outcome: failure"})
	l.measure(measure{op: sum, field: "network.bytes", label: "bytes", form: "bytes"})
	l.measure(measure{op: highest, field: "event.duration", label: "longest", form: "duration"})
	first, second, third := l.columns["m0"].(dict), l.columns["m1"].(dict), l.columns["m2"].(dict)
	if first["sourceField"] != "___records___" || at(first["filter"], "query") != "event.outcome: failure" || at(first["params"], "emptyAsNull") != false {
		t.Errorf("counting: %v", first)
	}
	if second["sourceField"] != "network.bytes" || at(second["params"], "format", "id") != "bytes" || second["filter"] != nil {
		t.Errorf("adding: %v", second)
	}
	// ECS writes durations in nanoseconds.
	if at(third["params"], "format", "params", "fromUnit") != "nanoseconds" {
		t.Errorf("a duration: %v", third)
	}
}
