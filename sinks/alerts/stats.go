package alerts

import (
	"context"
	"database/sql"
	"fmt"

	"weir/sinks/alerts/risk"
)

// Stats are the numbers of a store at a moment.
type Stats struct {
	// Open alerts by level, those that lists show; Acknowledged are in work.
	Open         map[string]int64
	Acknowledged int64
	// Changes ever, by people and by weir, those of forgotten alerts included.
	ByPeople, ByWeir int64
	// Forgotten alerts, ever.
	Forgotten int64
	// Waiting is what is not on Kafka yet.
	Waiting int64
	// Entities have a risk that counts, Above are those above the threshold.
	Entities, Above int64
}

// Stats counts. It reads indices and narrow rows alone. All numbers are of one moment, so that what is forgotten meanwhile
// is not missing from one and not yet in the other. With an error there are none.
func (s *Store) Stats(ctx context.Context) (st Stats, err error) {
	if err = s.read(ctx, func(tx *sql.Tx) (err error) {
		st, err = s.stats(ctx, tx)
		return err
	}); err != nil {
		return Stats{}, fmt.Errorf("counting alerts: %w", s.explain(err))
	}
	return st, nil
}

func (s *Store) stats(ctx context.Context, q querier) (Stats, error) {
	st := Stats{Open: map[string]int64{}}
	names := map[int]string{}
	for name, n := range rank {
		names[n], st.Open[name] = name, 0
	}
	counts := s.risk.On()
	at := s.now()
	for _, ask := range []struct {
		text string
		args []any
		row  func(scan func(...any) error) error
	}{
		{"SELECT level, count(*) FROM alerts WHERE state = 'open' AND hidden = 0 GROUP BY level", nil, func(scan func(...any) error) error {
			level, n := 0, int64(0)
			err := scan(&level, &n)
			st.Open[names[level]] += n
			return err
		}},
		{"SELECT count(*) FROM alerts WHERE state = 'acknowledged' AND hidden = 0", nil, func(scan func(...any) error) error { return scan(&st.Acknowledged) }},
		{"SELECT count(*), coalesce(sum(by = 'weir'), 0) FROM changes", nil, func(scan func(...any) error) error {
			err := scan(&st.ByPeople, &st.ByWeir)
			st.ByPeople -= st.ByWeir
			return err
		}},
		{"SELECT count(*) FROM outbox", nil, func(scan func(...any) error) error { return scan(&st.Waiting) }},
		{"SELECT count(*), coalesce(sum(rank >= ?2), 0) FROM risk WHERE rank >= ?1 AND ?3", []any{s.risk.Rank(risk.Counts, at), s.risk.Rank(s.risk.Threshold, at), counts},
			func(scan func(...any) error) error { return scan(&st.Entities, &st.Above) }},
	} {
		if !counts && len(ask.args) > 0 {
			continue
		}
		if err := each(ctx, q, ask.row, ask.text, ask.args...); err != nil {
			return st, err
		}
	}
	gone, err := readGone(ctx, q)
	st.ByPeople, st.ByWeir, st.Forgotten = st.ByPeople+gone.ByPeople, st.ByWeir+gone.ByWeir, gone.Alerts
	return st, err
}
