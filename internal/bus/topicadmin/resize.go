package topicadmin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"weir/internal/fault"
)

// Change is what resizing does to one topic.
type Change struct {
	Name string `json:"topic"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// Resize grows the joined topics to n partitions, or with dry only says what it would do. Derived topics come first, so
// that no raw record ever lies on a partition whose number they lack. Kafka cannot shrink a topic.
func (a *Admin) Resize(ctx context.Context, n int, dry bool) ([]Change, error) {
	have, err := a.topics(ctx)
	if err != nil {
		return nil, err
	}
	var out []Change
	for _, t := range a.plan.Topics {
		if !t.Joined || !have.Has(t.Name) {
			continue
		}
		if d := have[t.Name]; d.Err != nil {
			return nil, fmt.Errorf("asking for topic %s: %w", t.Name, d.Err)
		}
		out = append(out, Change{t.Name, len(have[t.Name].Partitions), n})
	}
	if len(out) == 0 {
		return nil, &fault.Error{Code: "kafka-resize", What: "there is no topic to resize", Why: "none of weir's topics is on this Kafka", Do: "weir topics create", Exit: fault.ExitMissing}
	}
	if largest := slices.MaxFunc(out, func(x, y Change) int { return x.From - y.From }); largest.From > n {
		return nil, &fault.Error{Code: "kafka-resize", What: fmt.Sprintf("topic %s has %d partitions already, and Kafka cannot take any away", largest.Name, largest.From),
			Where: largest.Name, Do: fmt.Sprintf("weir topics resize %d", largest.From), Exit: fault.ExitUsage}
	}
	out = slices.DeleteFunc(out, func(c Change) bool { return c.From == n })
	slices.SortStableFunc(out, func(x, y Change) int { return raw(x.Name) - raw(y.Name) })
	if dry {
		return out, nil
	}
	for i, c := range out {
		resp, err := a.client.UpdatePartitions(ctx, c.To, c.Name)
		if err == nil {
			err = resp[c.Name].Err
		}
		if err != nil {
			return out[:i], fmt.Errorf("adding partitions to topic %s: %w", c.Name, err)
		}
	}
	return out, nil
}

// raw puts raw topics behind the others.
func raw(name string) int {
	if strings.Contains(name, "raw") {
		return 1
	}
	return 0
}

// Effects is what growing does, for whoever decides: one sentence each.
func Effects() []string {
	return []string{
		"order: a source, file or object that is kept on one partition may move to another. Records of it from before and after the change are then read by two workers: their order among each other is not kept, and a file or object that is sent again just then may come twice.",
		"state: rules count on weir.signals, which keeps its number. No count, sequence or open alert is lost.",
		"running processes: readers find new partitions within a minute. Ingest writes to them from its next start.",
		"back: Kafka cannot take partitions away.",
	}
}
