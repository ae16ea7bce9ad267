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

// Sweep deletes the indices whose whole span is older than keep, or than their class is kept, and returns their names.
// sealed is the moment before which everything is in the archive: nothing younger is deleted.
func (m *Manager) Sweep(ctx context.Context, now time.Time, keep time.Duration, sealed time.Time) ([]string, error) {
	if keep <= 0 {
		return nil, nil
	}
	names, err := m.list(ctx)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, index := range names {
		alias, end, ok := m.opts.Names.split(index)
		if !ok || end.After(sealed) || end.Add(m.keepOf(alias, keep)).After(now) {
			continue
		}
		status, _, answer, err := m.do(ctx, http.MethodDelete, "/"+index, nil)
		if err != nil {
			return gone, err
		}
		if status != http.StatusOK && status != http.StatusNotFound {
			return gone, fmt.Errorf("deleting the index %s: %w", index, refusal(status, answer))
		}
		gone = append(gone, index)
	}
	return gone, nil
}

// keepOf returns how long the indices of an alias are kept: a class that is kept for a shorter time goes earlier.
func (m *Manager) keepOf(alias string, keep time.Duration) time.Duration {
	if m.opts.Names.Keep == nil {
		return keep
	}
	if own := m.opts.Names.Keep(strings.TrimPrefix(alias, m.opts.Names.Prefix)); own > 0 && own < keep {
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
