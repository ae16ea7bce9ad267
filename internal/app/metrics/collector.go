package metrics

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"weir/internal/ledger"
)

const (
	// lagFor is how long an answer about lag is good for: less than the time between two scrapes of one Prometheus, so
	// that it sees each moment anew, and two of them ask Kafka once.
	lagFor = 5 * time.Second
	// lagWithin bounds how long a scrape waits for Kafka. A scrape gives up after ten seconds by default, and all other
	// metrics are wanted most while Kafka is away.
	lagWithin = time.Second
	// maxReasons bounds the series by reason. Reasons are a few words of weir's own, but they come back from a topic
	// that others can write to.
	maxReasons = 50
	// maxCosts bounds the series of what rules cost: of thousands the costliest are looked at.
	maxCosts = 50
)

// Registry returns the metrics of a process, with those of its runtime. The registry is weir's own, so that no library
// adds what nobody here knows of.
func Registry(r Reading) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &collector{read: r})
	return reg
}

// collector reads when it is asked. It keeps nothing but the last answer of Kafka.
type collector struct {
	read Reading

	// mu is held while Kafka is asked: scrapes that come meanwhile wait for the same answer, at most lagWithin.
	mu    sync.Mutex
	lag   []Lag
	asked time.Time
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("weir_"+name, help, labels, nil)
}

// The metrics. What each means to an operator is in docs/how-to/metrics.md, which a test holds to this table.
var (
	descReceived   = desc("received_records_total", "Records read from the wire.")
	descRefused    = desc("refused_records_total", "Records that a limit turned away.")
	descRefusedBy  = desc("refused_by_reason_total", "Records that were turned away, by reason.", "reason")
	descKernel     = desc("kernel_drops_total", "Datagrams that the kernel dropped before they could be read.")
	descWaiting    = desc("door_waiting_records", "Records at the front door that Kafka has not acknowledged.")
	descHolding    = desc("holding", "1 while senders are made to wait.")
	descRules      = desc("rules_loaded", "Rules that run.")
	descRuleHits   = desc("rule_hits_total", "How often a condition of a rule held, since its set was put in place; rules that never hit are left out.", "rule")
	descRuleTried  = desc("rule_tried_total", "On about how many events the conditions of a rule were tried; of the costliest rules.", "rule")
	descRuleTook   = desc("rule_seconds_total", "About how long that took; of the costliest rules.", "rule")
	descEnriched   = desc("enriched_total", "How often an enrichment was asked, by what came of it.", "enrichment", "result")
	descIndicators = desc("threat_indicators", "Threat indicators in use, by file or feed.", "source")
	descFeedAge    = desc("threat_feed_age_seconds", "How old what a file or feed of threat indicators said is: since it was written, or since the feed last answered.", "source")
	descGroups     = desc("correlate_groups", "Groups of events that rules keep.")
	descGroupBytes = desc("correlate_bytes", "Memory of these groups.")
	descMatches    = desc("correlate_matches_total", "Matches that rules took, by what came of them: in time, or later than the lateness of their dataset.", "result")
	descEvicted    = desc("correlate_evicted_total", "Groups and open alerts that full rules let go.")
	descPaused     = desc("correlate_held_total", "Revisions of alerts that waited because too many came at once.")
	descSent       = desc("notify_messages_total", "Messages about alerts, by channel and what came of them: sent, failed (each try), or silenced.", "channel", "result")
	descToSend     = desc("notify_waiting_messages", "Messages that wait for their channel.", "channel")
	descUnsent     = desc("notify_dead_messages", "Messages that a channel refused for good.", "channel")
	descChannelUp  = desc("notify_up", "0 while a channel does not take messages.", "channel")
	descStored     = desc("archive_rows", "Rows in the archive by source, the memory tail included.", "source")
	descPosition   = desc("stage_offset", "Offset up to which a stage has taken a partition.", "stage", "topic", "partition")
	descLag        = desc("stage_lag_records", "Records of a topic that a stage has not taken, over the partitions of this process.", "stage", "topic")
	descDifference = desc("ledger_difference", "Records on the way to a store that nothing explains, missing or too many. Must be 0.", "hop")
	descInFlight   = desc("ledger_in_flight_records", "Records that were received and are not yet in the store.", "hop")
	descLedgerAt   = desc("ledger_timestamp_seconds", "When the ledger was last laid side by side.")
	descDead       = desc("deadletters_total", "Records that a stage could not use, by reason.", "stage", "reason")
	descSealed     = desc("archive_sealed_timestamp_seconds", "When the last epoch of the archive was sealed.")
	descTailRows   = desc("archive_tail_rows", "Rows of the archive that are in memory and not sealed.")
	descTailSince  = desc("archive_tail_timestamp_seconds", "When the oldest of the rows that are not sealed came in.")
	descEpochAge   = desc("archive_epoch_age_seconds", "The age at which rows are sealed: archive.epoch_age.")
	descDocuments  = desc("elastic_documents_total", "Documents by what Elasticsearch answered; differing ones are conflicts too.", "result")
	descOpen       = desc("alerts_open", "Alerts that nobody has looked at, by level.", "level")
	descWork       = desc("alerts_acknowledged", "Alerts that somebody works on.")
	descChanges    = desc("alert_changes_total", "Decisions about alerts, by who decided.", "by")
	descForgotten  = desc("alerts_forgotten_total", "Closed alerts that were kept for alerts.keep and are forgotten.")
	descOutbox     = desc("alert_outbox_records", "Decisions and alerts of the alert store that Kafka does not have yet.")
	descRisk       = desc("risk_entities", "Users, hosts and addresses whose risk counts, and those above the threshold.", "state")
	descHeld       = desc("elastic_held", "Conditions that keep documents from Elasticsearch.")
	descSpool      = desc("spool_bytes", "Bytes in the spool that Kafka does not have.", "topic")
	descSpoolMax   = desc("spool_max_bytes", "Bytes in the spool at which senders are made to wait.", "topic")
	descSpoolUsed  = desc("spool_used_ratio", "How full the fullest partition of the spool is; at 1 senders are made to wait.", "topic")
	descRetention  = desc("topic_retention_used_ratio", "Age of the oldest record that a group has not taken, of what Kafka keeps; at 1 records are lost.", "topic", "group")
)

// Describe implements prometheus.Collector. What a process has is known by asking it, so nothing is promised here.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. It is called by any number of scrapes at once.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := series{ch}
	c.ingest(s)
	c.stages(s)
	c.ledger(s)
	c.archive(s)
	c.elastic(s)
	c.alerts(s)
	c.kafka(s)
}

// series sends metrics to a scrape.
type series struct{ ch chan<- prometheus.Metric }

func (s series) counter(d *prometheus.Desc, v int64, labels ...string) {
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func (s series) gauge(d *prometheus.Desc, v float64, labels ...string) {
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

// seconds sends a span of time that grows.
func (s series) seconds(d *prometheus.Desc, v time.Duration, labels ...string) {
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v.Seconds(), labels...)
}

// moment sends a time, in seconds; the zero time is none.
func (s series) moment(d *prometheus.Desc, t time.Time) {
	if !t.IsZero() {
		s.gauge(d, float64(t.UnixMilli())/1000)
	}
}

func (c *collector) ingest(s series) {
	if c.read.Totals != nil {
		received, refused, kernel := c.read.Totals()
		s.counter(descReceived, received)
		s.counter(descRefused, refused)
		s.counter(descKernel, kernel)
	}
	if c.read.RefusedBy != nil {
		for reason, n := range most(c.read.RefusedBy(), maxReasons) {
			s.counter(descRefusedBy, n, reason)
		}
	}
	if c.read.Waiting != nil {
		s.gauge(descWaiting, float64(c.read.Waiting()))
	}
	if c.read.Holding != nil {
		holding := 0.0
		if c.read.Holding() {
			holding = 1
		}
		s.gauge(descHolding, holding)
	}
	if c.read.Rules != nil {
		s.gauge(descRules, float64(c.read.Rules()))
	}
	if c.read.RuleCosts != nil {
		for i, r := range c.read.RuleCosts() {
			if r.Hits > 0 {
				s.counter(descRuleHits, r.Hits, r.ID)
			}
			if i < maxCosts && r.Tried > 0 {
				s.counter(descRuleTried, r.Tried, r.ID)
				s.seconds(descRuleTook, r.Took, r.ID)
			}
		}
	}
}

func (c *collector) stages(s series) {
	if c.read.Enriched != nil {
		for _, n := range c.read.Enriched() {
			s.counter(descEnriched, n.Hits, n.Name, "hit")
			s.counter(descEnriched, n.Misses, n.Name, "miss")
		}
	}
	if c.read.Threat != nil {
		for _, t := range c.read.Threat() {
			s.gauge(descIndicators, float64(t.Indicators), t.Source)
			s.gauge(descFeedAge, t.Age.Seconds(), t.Source)
		}
	}
	if c.read.Correlation != nil {
		n := c.read.Correlation()
		s.gauge(descGroups, float64(n.Groups))
		s.gauge(descGroupBytes, float64(n.Bytes))
		s.counter(descMatches, n.Matches-n.Late, "in_time")
		s.counter(descMatches, n.Late, "late")
		s.counter(descEvicted, n.Evicted)
		s.counter(descPaused, n.Held)
	}
	if c.read.Channels != nil {
		for _, ch := range c.read.Channels() {
			s.counter(descSent, ch.Sent, ch.Name, "sent")
			s.counter(descSent, ch.Failed, ch.Name, "failed")
			s.counter(descSent, ch.Silenced, ch.Name, "silenced")
			s.gauge(descToSend, float64(ch.Waiting), ch.Name)
			s.gauge(descUnsent, float64(ch.Dead), ch.Name)
			up := 0.0
			if ch.Up {
				up = 1
			}
			s.gauge(descChannelUp, up, ch.Name)
		}
	}
	if c.read.Positions != nil {
		for _, p := range c.read.Positions() {
			s.gauge(descPosition, float64(p.Offset), p.Stage, p.Topic, strconv.Itoa(int(p.Partition)))
		}
	}
	for _, l := range c.lags() {
		s.gauge(descLag, float64(l.Records), l.Stage, l.Topic)
	}
}

// lags returns how far the stages are behind, not older than lagFor; none while Kafka does not say.
func (c *collector) lags() []Lag {
	if c.read.Lag == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() && time.Since(c.asked) < lagFor {
		return c.lag
	}
	ctx, cancel := context.WithTimeout(context.Background(), lagWithin)
	defer cancel()
	lag, err := c.read.Lag(ctx)
	if err != nil {
		lag = nil // an old number would look like a stage that stands still
	}
	c.lag, c.asked = lag, time.Now()
	return c.lag
}

func (c *collector) ledger(s series) {
	if c.read.Ledger == nil {
		return
	}
	l, ok := c.read.Ledger()
	if !ok {
		return
	}
	s.moment(descLedgerAt, l.At)
	hop := func(name string, h Hop) {
		s.gauge(descDifference, float64(h.Difference), name)
		s.gauge(descInFlight, float64(h.InFlight), name)
	}
	hop("archive", l.Archive)
	if l.HasElastic {
		hop("elastic", l.Elastic)
	}
	for stage, by := range l.Dead {
		for reason, n := range most(by, maxReasons) {
			s.counter(descDead, n, stage, reason)
		}
	}
}

func (c *collector) archive(s series) {
	if c.read.Stored != nil {
		for source, n := range most(c.read.Stored(), c.read.MaxSources) {
			s.gauge(descStored, float64(n), source)
		}
	}
	if c.read.Archive == nil {
		return
	}
	a := c.read.Archive()
	s.moment(descSealed, a.Sealed)
	s.gauge(descTailRows, float64(a.Rows))
	s.moment(descTailSince, a.Began)
	s.gauge(descEpochAge, a.EpochAge.Seconds())
}

func (c *collector) elastic(s series) {
	if c.read.Elastic == nil {
		return
	}
	e := c.read.Elastic()
	s.counter(descDocuments, e.Indexed, "indexed")
	s.counter(descDocuments, e.Conflict, "conflict")
	s.counter(descDocuments, e.Refused, "refused")
	s.counter(descDocuments, e.Differing, "differing")
	s.gauge(descHeld, float64(e.Held))
}

// alerts is about what the console keeps of them.
func (c *collector) alerts(s series) {
	if c.read.Alerts == nil {
		return
	}
	a, ok := c.read.Alerts()
	if !ok { // a counter that is 0 for once would count all of it again
		return
	}
	for level, n := range a.Open {
		s.gauge(descOpen, float64(n), level)
	}
	s.gauge(descWork, float64(a.Acknowledged))
	s.counter(descChanges, a.ByPeople, "people")
	s.counter(descChanges, a.ByWeir, "weir")
	s.counter(descForgotten, a.Forgotten)
	s.gauge(descOutbox, float64(a.Waiting))
	s.gauge(descRisk, float64(a.RiskEntities), "counting")
	s.gauge(descRisk, float64(a.RiskAbove), "above")
}

// kafka is about what is only there before a Kafka of somebody else.
func (c *collector) kafka(s series) {
	if c.read.Spool != nil {
		for _, t := range c.read.Spool() {
			s.gauge(descSpool, float64(t.Bytes), t.Topic)
			s.gauge(descSpoolMax, float64(t.MaxBytes), t.Topic)
			s.gauge(descSpoolUsed, t.Used, t.Topic)
		}
	}
	if c.read.Retention != nil {
		for _, r := range c.read.Retention() {
			s.gauge(descRetention, r.Used, r.Topic, r.Group)
		}
	}
}

// most returns the limit counts that are largest, and the sum of the others as one more.
func most(counts map[string]int64, limit int) map[string]int64 {
	if len(counts) <= limit {
		return counts
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	out := make(map[string]int64, limit+1)
	for i, name := range order {
		if i >= limit {
			name = ledger.Other
		}
		out[name] += counts[order[i]]
	}
	return out
}
