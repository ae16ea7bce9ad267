package reporting

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/answer"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/calendar"
	"weir/internal/control/alerting"
	"weir/internal/control/notifying"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/retaining"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/report"
	"weir/internal/report/doc"
	"weir/internal/report/incidents"
	"weir/internal/report/mapping"
	"weir/internal/report/sources"
	"weir/internal/retention"
)

// archive returns the archive, or a fault that says who has it.
func (k *Desk) archive() (*archive.Archive, error) {
	if k.d.Archive == nil {
		return nil, elsewhere("the archive")
	}
	return k.d.Archive()
}

// elsewhere is the fault of a part that another process has.
func elsewhere(what string) error {
	return &fault.Error{Code: "report-elsewhere", What: "this process does not have " + what, Why: "the stage that has it runs elsewhere", Do: "name the data folder of the process that has it with --data", Exit: fault.ExitMissing}
}

// accessReview takes the review of the month as it stands: the newest revision, with its comments and signatures. Where
// nobody opened one it is a preview, which says so: a report opens no review.
func (k *Desk) accessReview(ctx context.Context, o *order) (*doc.Document, error) {
	if k.d.Ask == nil {
		return nil, elsewhere("reviews of access")
	}
	o.step("looking for the review", 0)
	st, err := question.Ask[reviewing.Status](ctx, k.d.Ask, reviewing.AskStatus, reviewing.StatusRequest{Periods: 240}, nil)
	if err != nil {
		return nil, err
	}
	var v reviewing.View
	rows, without := reviewsOf(st.Rows, o.from.Add(o.to.Sub(o.from)/2))
	var beside report.Beside
	if len(rows) > 0 {
		v, err = question.Ask[reviewing.View](ctx, k.d.Ask, reviewing.AskShow, reviewing.ShowRequest{ID: rows[0].ID}, nil)
		for _, r := range rows[1:] { // of one system each
			beside.Reviews = append(beside.Reviews, r.ID)
		}
		beside.Without = without
	} else {
		v, err = question.Ask[reviewing.View](ctx, k.d.Ask, reviewing.AskOpen, reviewing.OpenRequest{Month: o.Month, Zone: o.Zone, Preview: true}, func(b []byte) error {
			var p reviewing.Progress
			if json.Unmarshal(b, &p) == nil { // progress of a newer draft is no reason to stop
				o.step("drafting the review", 0)
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	if v.Facts == nil {
		return nil, fmt.Errorf("the review of %s came without facts", o.Month)
	}
	return report.AccessReview(v.Facts, o.voice, beside), nil
}

// reviewsOf are the reviews of the period that a moment is in, without those that another one corrects: that of the most systems
// first; and the systems of which there is none. The moment is the middle of the month, since the days of a report may be of
// another zone than those of reviews.
func reviewsOf(rows []reviewing.Row, at time.Time) (out []reviewing.Row, without []string) {
	for _, r := range rows {
		switch {
		case r.Corrected != "" || at.Before(r.From) || !at.Before(r.To):
		case r.ID == "":
			without = append(without, r.Names...)
		default:
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b reviewing.Row) int { return cmp.Or(b.Systems-a.Systems, cmp.Compare(a.ID, b.ID)) })
	return out, without
}

// retention asks whoever keeps and deletes.
func (k *Desk) retention(ctx context.Context, o *order) (*doc.Document, error) {
	if k.d.Ask == nil {
		return nil, elsewhere("the rules of retention")
	}
	o.step("looking at what is kept", 0)
	f, err := question.Ask[retention.Facts](ctx, k.d.Ask, retaining.AskReport, retaining.ReportRequest{}, nil)
	if err != nil {
		return nil, err
	}
	return report.Retention(&f, o.voice, o.from, o.to), nil
}

// scanned are the fields that a report about sources reads: four columns of the archive.
var scanned = []event.Field{event.Timestamp, event.EventCreated, event.WeirInput, event.LogSourceAddress}

// sources reads the archive once.
func (k *Desk) sources(ctx context.Context, from, to time.Time, zone *time.Location, step func(string, float64)) (*sources.Facts, error) {
	ar, err := k.archive()
	if err != nil {
		return nil, err
	}
	r := sources.Reader{Ledger: k.d.Ledger, Heard: k.d.Heard, Step: func(n int64) { step("reading events", float64(n)) }}
	r.Scan = func(ctx context.Context, from, to time.Time, each func(sources.Event) error) error {
		names := map[string]string{} // a name is made once, and not for each event
		var key []byte
		for e, err := range ar.Scan(ctx, search.ScanOptions{From: from, To: to, Fields: scanned}) {
			if err != nil {
				return err
			}
			input, address := e.Str(event.WeirInput), e.Str(event.LogSourceAddress)
			if input == "" || address == "" { // made by weir, and received by nobody
				continue
			}
			key = append(append(append(key[:0], input...), '/'), address...)
			name, ok := names[string(key)]
			if !ok {
				name = string(key)
				if len(names) < 4*sources.MaxSources {
					names[name] = name
				}
			}
			at, created := e.Get(event.Timestamp).Time(), e.Get(event.EventCreated).Time()
			if err := each(sources.Event{Source: name, Time: at, Created: created, Logged: !at.Equal(created)}); err != nil {
				return err
			}
		}
		return nil
	}
	return sources.Gather(ctx, r, from, to, zone, k.d.Now())
}

// incidents reads the store of alerts.
func (k *Desk) incidents(ctx context.Context, o *order) (*doc.Document, error) {
	if k.d.Alerts == nil || k.d.Alerts() == nil {
		return nil, elsewhere("the alerts")
	}
	store := k.d.Alerts()
	r := incidents.Reader{
		Alerts: func(ctx context.Context, r alerting.Request) ([]alerting.Row, error) {
			return answer.Alerts(ctx, store, r)
		},
		Changes: func(ctx context.Context, id string) ([]alert.Change, error) { return store.Changes(ctx, id) },
		Risk: func(ctx context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
			return answer.Risk(ctx, store, r)
		},
		Told: k.told(),
		Step: func(n int64) { o.step("reading alerts", float64(n)) },
	}
	f, err := incidents.Gather(ctx, r, o.from, o.to, o.voice.Zone, k.d.Now())
	if err != nil {
		return nil, err
	}
	return incidents.Document(f, o.voice), nil
}

// told asks what was sent about an alert. Where there is no notify.yaml nobody is told of anything: that is an answer, and
// no reason to make no report.
func (k *Desk) told() func(context.Context, string) ([]notifying.Past, error) {
	if k.d.Told == nil {
		return nil
	}
	return func(ctx context.Context, id string) ([]notifying.Past, error) {
		past, err := k.d.Told(ctx, id)
		if fault.Code(err) == "notify-unreadable" {
			return nil, nil
		}
		return past, err
	}
}

// topSize is how many values of a field a mapping shows.
const topSize = 5

// mapping runs the searches of a mapping and makes the reports that it names sections of.
func (k *Desk) mapping(ctx context.Context, o *order) (*doc.Document, error) {
	ar, err := k.archive()
	if err != nil {
		return nil, err
	}
	r := mapping.Reader{
		Search: func(ctx context.Context, kql, top string, from, to time.Time, zone *time.Location) (mapping.Found, error) {
			return find(ctx, ar, kql, top, from, to, zone, k.d.Now())
		},
		Report: func(ctx context.Context, kind string) (*doc.Document, error) {
			part := *o
			part.Kind, part.Name, part.mapping = kind, "", nil
			if kind == reporting.Mapping { // a mapping has no sections that others may name
				return nil, elsewhere(kind)
			}
			return k.document(ctx, &part)
		},
		Step: func(done, all int) { o.step(fmt.Sprintf("search %d of %d", done+1, all), 0) },
	}
	f, err := mapping.Gather(ctx, r, o.mapping, o.from, o.to, o.voice.Zone, k.d.Now())
	if err != nil {
		return nil, err
	}
	return mapping.Document(f, o.voice), nil
}

// quarter divides every local day there is: days of a zone are not all of one length, and some begin at half an hour of UTC.
const quarter = 15 * time.Minute

// find runs one search: hits, most frequent values, and hits by local day, of quarters of an hour that are put into days.
func find(ctx context.Context, ar *archive.Archive, kql, top string, from, to time.Time, zone *time.Location, now time.Time) (mapping.Found, error) {
	q, err := query.ParseAt(kql, now)
	if err != nil {
		return mapping.Found{}, err
	}
	req := search.Request{Query: q, From: from, To: to, Interval: quarter}
	if top != "" {
		req.Top, req.TopSize = top, topSize
	}
	sum, err := ar.Search(ctx, req, func([]byte, *event.Event) error { return nil })
	if err != nil {
		return mapping.Found{}, fmt.Errorf("searching: %w", err)
	}
	out := mapping.Found{Hits: int64(sum.Total), Unreadable: len(sum.Unreadable)}
	for _, v := range sum.Top {
		out.Top = append(out.Top, mapping.Value{Value: v.Text, Count: int64(v.Count)})
	}
	first, last := calendar.Civil(from, zone), calendar.Civil(to.Add(-time.Nanosecond), zone)
	out.Days = make([]int64, last.Sub(first)/(24*time.Hour)+1)
	for _, b := range sum.Buckets {
		i := int(calendar.Civil(b.From, zone).Sub(first) / (24 * time.Hour))
		if i >= 0 && i < len(out.Days) {
			out.Days[i] += int64(b.Count)
		}
	}
	return out, nil
}
