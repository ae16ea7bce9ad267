package app

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"weir/internal/ledger"
)

// metrics describes the process to Prometheus. Values are read when they are asked for. The registry is weir's own, so that
// no library adds what nobody here knows of.
func (a *App) metrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), (*metrics)(a))
	return reg
}

// metrics is the App as a collector. It keeps no numbers of its own: what is counted is counted in one place, and a scrape
// reads it there.
type metrics App

// The metrics. A source is a label, so the number of sources is bounded: a flood of forged addresses must not become a
// flood of series.

var (
	descReceived = prometheus.NewDesc("weir_received_records_total", "Records read from the wire.", nil, nil)
	descRefused  = prometheus.NewDesc("weir_refused_records_total", "Records that a limit turned away.", nil, nil)
	descKernel   = prometheus.NewDesc("weir_kernel_drops_total", "Datagrams that the kernel dropped before they could be read.", nil, nil)
	descWaiting  = prometheus.NewDesc("weir_door_waiting_records", "Records at the front door that Kafka has not acknowledged.", nil, nil)
	descHolding  = prometheus.NewDesc("weir_holding", "1 while senders are made to wait.", nil, nil)
	descStored   = prometheus.NewDesc("weir_archive_rows", "Rows in the archive by source, the memory tail included.", []string{"source"}, nil)
	descPosition = prometheus.NewDesc("weir_stage_offset", "Offset up to which a stage has taken a partition.", []string{"stage", "topic", "partition"}, nil)
	descRules    = prometheus.NewDesc("weir_rules_loaded", "Rules that run.", nil, nil)
)

// Describe implements prometheus.Collector. It collects, so the console must not start before the stages have.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect implements prometheus.Collector. It is called by any number of scrapes at once. A stage that does not run has no
// offsets to show; a missing series says that better than a stale one.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	a := (*App)(m)
	received, refused, kernel := a.book.Totals()
	counter := func(d *prometheus.Desc, v int64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v))
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter(descReceived, received)
	counter(descRefused, refused)
	counter(descKernel, kernel)
	gauge(descWaiting, float64(a.atDoor()))
	holding := 0.0
	if a.bus.Holding() != "" {
		holding = 1
	}
	gauge(descHolding, holding)
	gauge(descRules, float64(a.rules.Load().Len()))
	for source, n := range busiest(a.stored(), a.cfg.Ledger.MaxSources) {
		gauge(descStored, float64(n), source)
	}
	for _, st := range stages {
		r := a.runner(st.name)
		if r == nil {
			continue
		}
		for topic, ps := range r.Processed() {
			for p, at := range ps {
				gauge(descPosition, float64(at), st.name, topic, strconv.Itoa(int(p)))
			}
		}
	}
}

// busiest returns the counts of the limit sources that have most, and the sum of the others as one more.
func busiest(counts map[string]int64, limit int) map[string]int64 {
	if len(counts) <= limit {
		return counts
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	out := make(map[string]int64, limit+1)
	for i, source := range order {
		if i >= limit {
			source = ledger.Other
		}
		out[source] += counts[order[i]]
	}
	return out
}
