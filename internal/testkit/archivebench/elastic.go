package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// elastic is a real Elasticsearch on this machine, one shard without a replica.
type elastic struct {
	at      string
	pid     int
	sizeAge time.Duration
}

// elasticIndex is deleted before and after.
const elasticIndex = "/archivebench"

// elasticMapping indexes every field as Elastic's own packages do, but for the original, which is only stored.
const elasticMapping = `{"settings":{"number_of_shards":1,"number_of_replicas":0},"mappings":{
"dynamic_templates":[{"s":{"match_mapping_type":"string","mapping":{"type":"keyword","ignore_above":1024}}}],
"properties":{"@timestamp":{"type":"date"},"message":{"type":"text","norms":false,"index_options":"docs"},
"event":{"properties":{"original":{"type":"keyword","index":false,"doc_values":false}}},
"source":{"properties":{"ip":{"type":"ip"},"port":{"type":"long"}}},"destination":{"properties":{"ip":{"type":"ip"},"port":{"type":"long"}}},
"host":{"properties":{"ip":{"type":"ip"}}},"labels":{"type":"flattened"}}}}`

// bulkEvents are the events of one bulk request.
const bulkEvents = 5000

// newElastic finds the server's process and makes the index.
func newElastic(ctx context.Context, address string) (*elastic, error) {
	e := &elastic{at: strings.TrimSuffix(address, "/"), sizeAge: sizeAge}
	var nodes struct {
		Nodes map[string]struct{ Process struct{ ID int } }
	}
	if err := e.call(ctx, http.MethodGet, "/_nodes/_local?filter_path=nodes.*.process.id", nil, &nodes); err != nil {
		return nil, err
	}
	for _, n := range nodes.Nodes {
		e.pid = n.Process.ID
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/stat", e.pid)); err != nil { // ticks of 0 may be those of one that has just begun
		return nil, fmt.Errorf("the Elasticsearch at %s is not on this machine: its CPU time cannot be measured", e.at)
	}
	e.drop(ctx)
	return e, e.call(ctx, http.MethodPut, elasticIndex, []byte(elasticMapping), nil)
}

// drop deletes the index; that it is not there is no matter.
func (e *elastic) drop(ctx context.Context) {
	_ = e.call(ctx, http.MethodDelete, elasticIndex+"?ignore_unavailable=true", nil, nil)
}

// ingest sends the events by one client, and measures the server alone until all are on disk and searchable. The force-merge
// that follows is measured in bytes only, and the queries have it behind them.
func (e *elastic) ingest(ctx context.Context, events feed) (*ingested, error) {
	in := &ingested{}
	before := e.coarse()
	var body []byte
	send := func() error {
		var res struct{ Errors bool }
		if err := e.call(ctx, http.MethodPost, elasticIndex+"/_bulk?filter_path=errors", body, &res); err != nil {
			return err
		}
		body = body[:0]
		if res.Errors {
			return fmt.Errorf("Elasticsearch refused events")
		}
		return nil
	}
	err := events(ctx, func(doc []byte) error {
		body = append(append(append(body, "{\"create\":{}}\n"...), doc...), '\n')
		in.n++
		if in.n%bulkEvents == 0 {
			return send()
		}
		return nil
	})
	if err == nil && len(body) > 0 {
		err = send()
	}
	if err == nil {
		err = e.call(ctx, http.MethodPost, elasticIndex+"/_flush", nil, nil)
	}
	if err == nil {
		err = e.call(ctx, http.MethodPost, elasticIndex+"/_refresh", nil, nil)
	}
	in.spent = e.coarse().since(before)
	if err == nil {
		in.bytes, err = e.size(ctx)
	}
	if err == nil {
		err = e.call(ctx, http.MethodPost, elasticIndex+"/_forcemerge?max_num_segments=1", nil, nil)
	}
	if err == nil {
		in.merged, err = e.size(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("filling Elasticsearch: %w", err)
	}
	return in, nil
}

// sizeAge is how old the size that the server tells may be: it looks every ten seconds.
const sizeAge = 11 * time.Second

// size is how large the index is on disk.
func (e *elastic) size(ctx context.Context) (int64, error) {
	if err := e.call(ctx, http.MethodPost, elasticIndex+"/_flush", nil, nil); err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(e.sizeAge):
	}
	var stats struct {
		All struct {
			Primaries struct {
				Store struct {
					Bytes int64 `json:"size_in_bytes"`
				}
			}
		} `json:"_all"`
	}
	err := e.call(ctx, http.MethodGet, elasticIndex+"/_stats/store", nil, &stats)
	return stats.All.Primaries.Store.Bytes, err
}

// body is a question over a span as a search.
func (q question) body(over span) string {
	filter := q.filter
	if !over.from.IsZero() {
		filter += fmt.Sprintf(`,{"range":{"@timestamp":{"gte":%d,"lt":%d,"format":"epoch_millis"}}}`, over.from.UnixMilli(), over.to.UnixMilli())
	}
	total := `"track_total_hits":true,`
	if strings.Contains(q.rest, "track_total_hits") {
		total = ""
	}
	return fmt.Sprintf(`{%s"query":{"bool":{"filter":[%s]}},%s}`, total, filter, q.rest)
}

// ask asks one question; the server's cache of answers is off.
func (e *elastic) ask(ctx context.Context, q question, over span, a *answer) error {
	body := []byte(q.body(over))
	return repeat(a, e.fine, func() error {
		var res struct {
			Hits struct {
				Total *struct{ Value int }
				Hits  []json.RawMessage
			}
			TimedOut bool `json:"timed_out"`
		}
		if err := e.call(ctx, http.MethodPost, elasticIndex+"/_search?request_cache=false", body, &res); err != nil {
			return err
		}
		if a.hits = len(res.Hits.Hits); res.Hits.Total != nil {
			a.hits = res.Hits.Total.Value
		}
		return nil
	})
}

func (e *elastic) fine() moment   { return moment{time.Now(), threads(e.pid)} }
func (e *elastic) coarse() moment { return moment{time.Now(), ticks(e.pid)} }

// call asks the server. out may be nil.
func (e *elastic) call(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, e.at+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("Elasticsearch answers %s to %s: %.300s", resp.Status, path, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("reading the answer of Elasticsearch: %w", err)
	}
	return nil
}
