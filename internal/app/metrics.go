package app

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics describes the process to Prometheus. Values are read when they are asked for.
func (a *App) metrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), (*metrics)(a))
	return reg
}

// metrics is the App as a collector.
type metrics App

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

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect implements prometheus.Collector.
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
	gauge(descWaiting, float64(a.door.Waiting()))
	holding := 0.0
	if a.bus.Holding() != "" {
		holding = 1
	}
	gauge(descHolding, holding)
	gauge(descRules, float64(a.rules.Load().Len()))
	for source, n := range a.stored() {
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
