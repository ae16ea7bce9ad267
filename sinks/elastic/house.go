package elastic

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/fault"
	"weir/sinks/elastic/bulk"
)

const (
	// sweepEvery is how often old indices are looked for, budgetEvery how often shards are counted.
	sweepEvery  = time.Hour
	budgetEvery = 5 * time.Minute
	// houseStart is after what time both are done first: the stage has more urgent things to ask then.
	houseStart = 30 * time.Second
)

// keepHouse deletes indices that are too old and watches the number of shards, until ctx ends. Of several processes each
// does it; an index is deleted once.
func (s *Sink) keepHouse(ctx context.Context) {
	timer := time.NewTimer(houseStart)
	defer timer.Stop()
	for rounds := 0; ; rounds++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if rounds%int(sweepEvery/budgetEvery) == 0 {
			if err := s.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
				s.log.Warn("deleting old indices", "err", err)
			}
		}
		if err := s.checkBudget(ctx); err != nil && ctx.Err() == nil {
			s.log.Debug("counting shards", "err", err)
		}
		timer.Reset(budgetEvery)
	}
}

// Sweep deletes the indices that are too old at a moment and that the archive has sealed. Where nobody knows what the archive
// has sealed, nothing is deleted.
func (s *Sink) Sweep(ctx context.Context, now time.Time) error {
	var sealed time.Time
	if s.opts.Sealed != nil {
		sealed = s.opts.Sealed()
	}
	swept, err := s.manager.Sweep(ctx, now, time.Duration(s.opts.Config.Keep), sealed)
	for _, index := range swept.Gone {
		s.log.Info("deleted an index that is kept no longer", "index", index)
	}
	for _, index := range slices.Sorted(maps.Keys(swept.Kept)) {
		s.sayOnce("kept "+index+swept.Kept[index], &fault.Error{Code: "elastic-kept", What: fmt.Sprintf("the index %s is older than it is kept, and stays", index), Why: swept.Kept[index],
			Do: "weir archive list and weir archive holds show what is sealed and held; it goes by itself when that has changed", Warn: true})
	}
	return err
}

// checkBudget says when the cluster will soon take no further index.
func (s *Sink) checkBudget(ctx context.Context) error {
	open, most, err := s.manager.Shards(ctx)
	if err != nil {
		return err
	}
	const key = "shards"
	if most > 0 && open*100 >= most*s.opts.Config.ShardBudget {
		s.sayOnce(key, &fault.Error{Code: "elastic-shards", What: fmt.Sprintf("the cluster has %d of the %d shards open that it may have", open, most),
			Why: "at the last one Elasticsearch makes no further index, and weir has to wait", Do: "lower elastic.keep or elastic.replicas, delete indices, or add a node", Warn: true})
		return nil
	}
	s.mu.Lock()
	delete(s.said, key) // it may come again
	s.mu.Unlock()
	return nil
}

// refusal says once for each field that documents are refused for the mapping's sake: somebody changed it, or another
// program made the index.
func (s *Sink) refusal(index string, o bulk.Outcome) {
	switch {
	case o.Type == "strict_dynamic_mapping_exception", strings.Contains(o.Reason, "Limit of total fields"),
		o.Type == "document_parsing_exception", o.Type == "mapper_parsing_exception":
	default:
		return
	}
	field := fieldOf(o.Reason)
	alias, _, _ := strings.Cut(index, "-20")
	f := &fault.Error{Code: "elastic-mapping", What: fmt.Sprintf("the mapping of %s refuses documents", index), Why: o.Reason,
		Do: "the documents are in the dead letters; delete the index or let the next one be made from weir's template: GET " + index + "/_mapping", Exit: fault.ExitFound}
	if field != "" {
		f.What = fmt.Sprintf("the mapping of %s refuses documents because of the field %s", index, field)
	}
	s.sayOnce("mapping "+alias+" "+field, f)
}

// fieldOf finds the name of the field in what the server says about a document.
func fieldOf(reason string) string {
	for _, before := range []string{"failed to parse field [", "dynamic introduction of [", "object mapping for [", "failed to parse [", "mapper [", "field name ["} {
		_, rest, ok := strings.Cut(reason, before)
		if !ok {
			continue
		}
		name, after, ok := strings.Cut(rest, "]")
		if !ok {
			continue
		}
		// dynamic introduction of [zone] within [source] is not allowed
		if _, upper, ok := strings.Cut(after, " within ["); ok && before == "dynamic introduction of [" {
			if upper, _, ok := strings.Cut(upper, "]"); ok && upper != "_doc" {
				return upper + "." + name
			}
		}
		return name
	}
	return ""
}

// differs logs and counts a document that was there already with other content.
func (s *Sink) differs(x *suspect) {
	s.totals.differing.Add(1)
	x.w.differing(x.rec)
	s.sayOnce("differs "+x.index, &fault.Error{Code: "elastic-differs", What: fmt.Sprintf("the document %s in %s is not the one that weir has", x.id, x.index),
		Why: "two events have one id, or somebody changed the stored document", Do: "compare them: GET " + x.index + "/_doc/" + x.id + " and weir search 'event.id: \"" + x.id + "\"'", Exit: fault.ExitFound})
}
