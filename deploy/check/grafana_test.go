package check

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The dashboard for Grafana is made here, so that its panels are a table that one can read, and its expressions are checked
// like those of the rules. go test ./... -update writes deploy/grafana/weir.json.

// panel is one rectangle of the dashboard.
type panel struct {
	title, about string
	kind         string // stat or timeseries
	unit         string
	width        int // of 24
	height       int
	queries      []query
	bad          float64 // of a stat: red from here; 0: never
}

// query is one line, or several with a legend made from labels.
type query struct{ expr, legend string }

// on narrows an expression to the instances that are picked above the panels.
const on = `instance=~"$instance"`

// panels is the dashboard, from left to right and top to bottom.
func panels() []panel {
	rate := func(metric string) string { return "sum(rate(" + metric + "{" + on + "}[$__rate_interval]))" }
	over := func(metric, window string) string { return "sum(increase(" + metric + "{" + on + "}[" + window + "]))" }
	stage := func(more string) string { return "weir_stage_offset{" + on + more + "}" }
	return []panel{
		{title: "Received", about: "Records read from the wire", kind: "stat", unit: "ops", width: 4, height: 4, queries: []query{{rate("weir_received_records_total"), ""}}},
		{title: "Dropped by kernels, 1 h", about: "Datagrams that were lost before weir could read them", kind: "stat", unit: "short", width: 4, height: 4, bad: 1, queries: []query{{over("weir_kernel_drops_total", "1h"), ""}}},
		{title: "Refused, 1 h", about: "Records that a limit turned away", kind: "stat", unit: "short", width: 4, height: 4, bad: 1, queries: []query{{over("weir_refused_records_total", "1h"), ""}}},
		{title: "Senders wait", about: "Processes that make their senders wait: disk, log or spool are full", kind: "stat", unit: "short", width: 4, height: 4, bad: 1, queries: []query{{"sum(weir_holding{" + on + "})", ""}}},
		{title: "Dead letters, 24 h", about: "Records that could not be used", kind: "stat", unit: "short", width: 4, height: 4, bad: 1, queries: []query{{"sum(delta(" + stage(`,stage="archive",topic=~".*deadletters"`) + "[1d]))", ""}}},
		{title: "Rules", about: "Rules that run, of the process that has fewest", kind: "stat", unit: "short", width: 4, height: 4, queries: []query{{"min(weir_rules_loaded{" + on + "})", ""}}},
		{title: "Received", about: "By process", kind: "timeseries", unit: "ops", width: 12, height: 8, queries: []query{{"sum by (instance) (rate(weir_received_records_total{" + on + "}[$__rate_interval]))", "{{instance}}"}}},
		{title: "Taken by stages", about: "Records of Kafka that each stage takes; where one is lower than the one before it, it falls behind", kind: "timeseries", unit: "ops", width: 12, height: 8, queries: []query{{"sum by (stage) (rate(" + stage("") + "[$__rate_interval]))", "{{stage}}"}}},
		{title: "Waiting for Kafka", about: "Records at the front door that Kafka has not acknowledged", kind: "timeseries", unit: "short", width: 12, height: 8, queries: []query{{"sum by (instance) (weir_door_waiting_records{" + on + "})", "{{instance}}"}}},
		{title: "Lost and refused", about: "Each of them is in the ledger too", kind: "timeseries", unit: "ops", width: 12, height: 8, queries: []query{
			{rate("weir_kernel_drops_total"), "dropped by the kernel"}, {rate("weir_refused_records_total"), "refused by a limit"}}},
		{title: "Busiest sources", about: "Rows that the archive has taken from each in an hour", kind: "timeseries", unit: "short", width: 12, height: 8, queries: []query{{"topk(10, sum by (source) (delta(weir_archive_rows{" + on + "}[1h])))", "{{source}}"}}},
		{title: "Partitions", about: "Positions of normalise: a flat line is a partition that nobody reads, or an empty one", kind: "timeseries", unit: "ops", width: 12, height: 8, queries: []query{{"sum by (topic, partition) (rate(" + stage(`,stage="normalise"`) + "[$__rate_interval]))", "{{topic}}/{{partition}}"}}},
		{title: "Waiting for stages", about: "Records that a stage has not taken", kind: "timeseries", unit: "short", width: 8, height: 8, queries: []query{{"sum by (stage, topic) (weir_stage_lag_records{" + on + "})", "{{stage}} {{topic}}"}}},
		{title: "Ledger", about: "In flight goes up and down; a difference must be 0", kind: "timeseries", unit: "short", width: 8, height: 8, queries: []query{
			{"sum by (hop) (weir_ledger_in_flight_records{" + on + "})", "in flight to {{hop}}"}, {"sum by (hop) (weir_ledger_difference{" + on + "})", "difference to {{hop}}"}}},
		{title: "Dead letters and refusals", about: "By reason", kind: "timeseries", unit: "ops", width: 8, height: 8, queries: []query{
			{"sum by (stage, reason) (rate(weir_deadletters_total{" + on + "}[$__rate_interval]))", "{{stage}}: {{reason}}"}, {"sum by (reason) (rate(weir_refused_by_reason_total{" + on + "}[$__rate_interval]))", "refused: {{reason}}"}}},
		{title: "Archive", about: "Age of the oldest row in memory, and of the newest file; rows are sealed at archive.epoch_age", kind: "timeseries", unit: "s", width: 8, height: 8, queries: []query{
			{"time() - weir_archive_tail_timestamp_seconds{" + on + "}", "{{instance}} oldest row"}, {"time() - weir_archive_sealed_timestamp_seconds{" + on + "}", "{{instance}} newest file"}}},
		{title: "Elasticsearch", about: "Documents by what it answered; held counts conditions that keep them from it", kind: "timeseries", unit: "short", width: 8, height: 8, queries: []query{
			{"sum by (result) (rate(weir_elastic_documents_total{" + on + "}[$__rate_interval]))", "{{result}} a second"}, {"sum(weir_elastic_held{" + on + "})", "held"}}},
		{title: "Spool and retention", about: "At 100 % senders wait, and Kafka deletes what was not read", kind: "timeseries", unit: "percentunit", width: 8, height: 8, queries: []query{
			{"max by (instance, topic) (weir_spool_used_ratio{" + on + "})", "{{instance}} spool {{topic}}"}, {"max by (topic, group) (weir_topic_retention_used_ratio{" + on + "})", "{{group}} of {{topic}}"}}},
		{title: "Processor", kind: "timeseries", unit: "percentunit", width: 8, height: 8, queries: []query{{"rate(process_cpu_seconds_total{" + on + "}[$__rate_interval])", "{{instance}}"}}},
		{title: "Memory", kind: "timeseries", unit: "bytes", width: 8, height: 8, queries: []query{{"process_resident_memory_bytes{" + on + "}", "{{instance}}"}, {"go_memstats_heap_inuse_bytes{" + on + "}", "{{instance}} heap"}}},
		{title: "Open files", about: "A connection is one", kind: "timeseries", unit: "short", width: 8, height: 8, queries: []query{{"process_open_fds{" + on + "}", "{{instance}}"}}},
	}
}

// dashboard is the document that Grafana imports.
func dashboard() map[string]any {
	type dict = map[string]any
	source := dict{"type": "prometheus", "uid": "${datasource}"}
	var list []dict
	x, y := 0, 0
	for i, p := range panels() {
		if x+p.width > 24 {
			x, y = 0, y+list[len(list)-1]["gridPos"].(dict)["h"].(int)
		}
		var targets []dict
		for j, q := range p.queries {
			targets = append(targets, dict{"refId": string(rune('A' + j)), "expr": q.expr, "legendFormat": q.legend, "datasource": source, "range": p.kind != "stat", "instant": p.kind == "stat"})
		}
		steps := []dict{{"color": "green", "value": nil}}
		if p.bad > 0 {
			steps = append(steps, dict{"color": "red", "value": p.bad})
		}
		one := dict{
			"id": i + 1, "title": p.title, "description": p.about, "type": p.kind, "datasource": source, "targets": targets,
			"gridPos":     dict{"x": x, "y": y, "w": p.width, "h": p.height},
			"fieldConfig": dict{"defaults": dict{"unit": p.unit, "min": 0, "thresholds": dict{"mode": "absolute", "steps": steps}}, "overrides": []any{}},
		}
		if p.kind == "stat" {
			one["options"] = dict{"colorMode": "value", "graphMode": "area", "reduceOptions": dict{"calcs": []string{"lastNotNull"}}}
		} else {
			one["options"] = dict{"legend": dict{"displayMode": "list", "placement": "bottom"}, "tooltip": dict{"mode": "multi", "sort": "desc"}}
		}
		list = append(list, one)
		x += p.width
	}
	return dict{
		"uid": "weir", "title": "weir", "tags": []string{"weir", "logs"}, "schemaVersion": 39, "version": 1, "editable": true, "refresh": "30s",
		"time": dict{"from": "now-6h", "to": "now"}, "timezone": "browser", "panels": list, "annotations": dict{"list": []any{}},
		"templating": dict{"list": []dict{
			{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
			{"name": "instance", "label": "weir", "type": "query", "datasource": source, "query": "label_values(weir_rules_loaded, instance)",
				"refresh": 2, "multi": true, "includeAll": true, "allValue": ".*", "current": dict{"text": "All", "value": "$__all"}, "sort": 1},
		}},
	}
}

func TestGrafana_File(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(dashboard()); err != nil {
		t.Fatal(err)
	}
	same(t, b.Bytes(), "deploy", "grafana", "weir.json")
}

// TestGrafana_Grid: no panel lies on another, and rows are full.
func TestGrafana_Grid(t *testing.T) {
	taken := map[[2]int]bool{}
	places, deepest := 0, 0
	for _, p := range dashboard()["panels"].([]map[string]any) {
		g := p["gridPos"].(map[string]any)
		deepest = max(deepest, g["y"].(int)+g["h"].(int))
		for dx := range g["w"].(int) {
			for dy := range g["h"].(int) {
				places++
				taken[[2]int{g["x"].(int) + dx, g["y"].(int) + dy}] = true
			}
		}
	}
	if len(taken) != places || places != deepest*24 {
		t.Errorf("%d places, %d of them taken once, %d there", places, len(taken), deepest*24)
	}
}

// TestGrafana_Expressions: Grafana's own variables are put in first, as it does; then each must be PromQL.
func TestGrafana_Expressions(t *testing.T) {
	for _, p := range panels() {
		if p.about == "" && p.unit == "short" {
			t.Errorf("%s: what is counted?", p.title)
		}
		for _, q := range p.queries {
			metricsOf(t, p.title, q.expr)
		}
	}
}
