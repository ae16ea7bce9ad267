package indices

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gate is asked before an index is deleted. Classes are written as in the names of indices.
type Gate interface {
	// Keep is for how long a class is kept; 0: nobody knows, or for ever.
	Keep(class string) time.Duration
	// MayDrop tells whether the events of a class from a moment to another may go here; why says why not.
	MayDrop(class string, from, to time.Time) (may bool, why string)
	// MustDrop tells whether the events of a class of a day must be gone by now.
	MustDrop(class string, day time.Time) bool
}

// Swept is what became of the indices that are too old.
type Swept struct {
	Gone []string
	// Kept are those that stay all the same, with the reason.
	Kept map[string]string
}

// Sweep deletes the indices whose whole span is older than keep, or than their class is kept, and those that begin with a day
// whose events must be gone. sealed is the moment before which everything is in the archive: nothing younger is deleted, and
// nothing that the gate does not let go. keep 0 keeps what need not go.
func (m *Manager) Sweep(ctx context.Context, now time.Time, keep time.Duration, sealed time.Time) (Swept, error) {
	out := Swept{Kept: map[string]string{}}
	if keep <= 0 && m.opts.Gate == nil {
		return out, nil
	}
	names, err := m.list(ctx)
	if err != nil {
		return out, err
	}
	for _, index := range names {
		alias, begin, end, ok := m.opts.Names.split(index)
		if !ok || !m.over(strings.TrimPrefix(alias, m.opts.Names.Prefix), begin, end, now, keep) {
			continue
		}
		if why := m.stays(strings.TrimPrefix(alias, m.opts.Names.Prefix), begin, end, sealed); why != "" {
			out.Kept[index] = why
			continue
		}
		status, _, answer, err := m.do(ctx, http.MethodDelete, "/"+index, nil)
		if err != nil {
			return out, err
		}
		if status != http.StatusOK && status != http.StatusNotFound {
			return out, fmt.Errorf("deleting the index %s: %w", index, refusal(status, answer))
		}
		out.Gone = append(out.Gone, index)
	}
	return out, nil
}

// over tells whether the time of an index is over: all of it is older than it is kept, or some of it must be gone.
func (m *Manager) over(class string, begin, end, now time.Time, keep time.Duration) bool {
	if m.opts.Gate != nil && m.opts.Gate.MustDrop(class, begin) {
		return true
	}
	return keep > 0 && !end.Add(m.keepOf(class, keep)).After(now)
}

// stays says why an index stays although its time is over; "" if it does not.
func (m *Manager) stays(class string, begin, end, sealed time.Time) string {
	if end.After(sealed) {
		return "the archive may not have sealed all of it"
	}
	if m.opts.Gate == nil {
		return ""
	}
	if may, why := m.opts.Gate.MayDrop(class, begin, end); !may {
		return why
	}
	return ""
}

// keepOf returns how long the indices of a class are kept: a class that is kept for a shorter time goes earlier.
func (m *Manager) keepOf(class string, keep time.Duration) time.Duration {
	of := m.opts.Names.Keep
	if m.opts.Gate != nil {
		of = m.opts.Gate.Keep
	}
	if of == nil {
		return keep
	}
	if own := of(class); own > 0 && own < keep {
		return own
	}
	return keep
}

// list returns the names of all indices that begin with the prefix, in order.
func (m *Manager) list(ctx context.Context) ([]string, error) {
	status, _, answer, err := m.do(ctx, http.MethodGet, "/"+m.opts.Names.Prefix+"*/_alias?expand_wildcards=all&allow_no_indices=true", nil)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("listing indices: %w", refusal(status, answer))
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, fmt.Errorf("listing indices: %w", err)
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// defaultShards is cluster.max_shards_per_node where nobody has set it.
const defaultShards = 1000

// Shards returns how many shards the cluster has open, and how many it may have.
func (m *Manager) Shards(ctx context.Context) (open, most int, err error) {
	status, _, answer, err := m.do(ctx, http.MethodGet, "/_cluster/health?filter_path=active_shards,unassigned_shards,initializing_shards,number_of_data_nodes", nil)
	if err != nil {
		return 0, 0, err
	}
	if status != http.StatusOK {
		return 0, 0, fmt.Errorf("asking for the health of the cluster: %w", refusal(status, answer))
	}
	var h struct {
		Active       int `json:"active_shards"`
		Unassigned   int `json:"unassigned_shards"`
		Initializing int `json:"initializing_shards"`
		Nodes        int `json:"number_of_data_nodes"`
	}
	if err := json.Unmarshal(answer, &h); err != nil {
		return 0, 0, fmt.Errorf("reading the health of the cluster: %w", err)
	}
	perNode := defaultShards
	const setting = "cluster.max_shards_per_node"
	status, _, answer, err = m.do(ctx, http.MethodGet, "/_cluster/settings?flat_settings=true&filter_path=*."+strings.ReplaceAll(setting, ".", `%5C.`), nil)
	if err != nil {
		return 0, 0, err
	}
	if status == http.StatusOK {
		var a map[string]map[string]string
		if err := json.Unmarshal(answer, &a); err != nil {
			return 0, 0, fmt.Errorf("reading the settings of the cluster: %w", err)
		}
		for _, where := range []string{"persistent", "transient"} { // the last one wins, as it does there
			if n, err := strconv.Atoi(a[where][setting]); err == nil {
				perNode = n
			}
		}
	}
	return h.Active + h.Unassigned + h.Initializing, perNode * max(h.Nodes, 1), nil
}
