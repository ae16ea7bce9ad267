// Package reporting makes reports of what a process has: its archive, its alerts, its ledger, and what its other parts
// answer about reviews and retention.
package reporting

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/internal/report"
	"weir/internal/report/doc"
	"weir/internal/report/mapping"
	"weir/internal/report/prose"
	"weir/internal/report/schedule"
	"weir/internal/report/sources"
	"weir/sinks/alerts"
)

// Deps are what a process has. Functions may be nil where another process has it: the report says so.
type Deps struct {
	// Archive returns the archive, or why this process has none.
	Archive func() (*archive.Archive, error)
	// Alerts returns the store of alerts, nil if there is none.
	Alerts func() *alerts.Store
	// Ledger and Heard say how it stands now.
	Ledger func(ctx context.Context) (control.Ledger, error)
	Heard  func(ctx context.Context) (watching.Sources, error)
	// Told says what was sent about an alert.
	Told func(ctx context.Context, id string) ([]notifying.Past, error)
	// Ask answers review/* and retention/report: the table of the process, which may be filled after this.
	Ask question.Answerer
	// Data is the data folder; one's own mappings lie in DATA/reports/mapping.
	Data string
	// Zone is that of reports that name none; nil: UTC.
	Zone *time.Location
	// Console returns the address of the first page that readers reach, "" if there is none.
	Console func() string
	// Note records that somebody made a report. It is called once for each.
	Note func(ctx context.Context, l auditing.Look)
	Now  func() time.Time // nil: the clock
}

// Desk makes reports. Any goroutine may call its methods; it holds nothing between calls.
type Desk struct{ d Deps }

// New makes a desk. Nothing is read before somebody asks.
func New(d Deps) *Desk {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Note == nil {
		d.Note = func(context.Context, auditing.Look) {}
	}
	return &Desk{d: d}
}

// Questions are the questions that this package answers. status says what runs by itself; nil: nothing does.
func Questions(k *Desk, status func() reporting.Schedule) question.Table {
	return question.Table{
		reporting.Make: question.Streamed(k.answer),
		reporting.List: question.Typed(func(context.Context, struct{}) (reporting.Schedule, error) {
			if status == nil {
				return reporting.Schedule{Entries: []reporting.Entry{}}, nil
			}
			return status(), nil
		}),
		reporting.SourcesFacts: question.Typed(k.sourcesFacts),
	}
}

// piece is how much of a file one document carries: an answer is read line by line, and a line must not be too long.
const piece = 128 << 10

// answer answers reporting.Make: steps and pieces of files, then what they were.
func (k *Desk) answer(ctx context.Context, r reporting.Request, each func([]byte) error) (reporting.Answer, error) {
	send := func(d reporting.Document) error {
		if each == nil {
			return nil
		}
		b, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("writing a piece of a report: %w", err)
		}
		return each(b)
	}
	made, a, err := k.make(ctx, r, func(step string, done float64) {
		_ = send(reporting.Document{Step: step, Done: done}) // who asked has gone: ctx says so
	})
	if err != nil {
		return a, err
	}
	for _, f := range made.Files {
		for part := range slices.Chunk(f.Body, piece) {
			if err := send(reporting.Document{File: f.Name, Body: part}); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// Make makes a report for the schedule.
func (k *Desk) Make(ctx context.Context, r reporting.Request) (*schedule.Made, error) {
	made, _, err := k.make(ctx, r, func(string, float64) {})
	return made, err
}

// order is a request that was read.
type order struct {
	reporting.Request
	from, to time.Time
	voice    prose.Voice
	step     func(step string, done float64)
	mapping  *mapping.Mapping
}

// make makes a report in all forms, and records that it was made.
func (k *Desk) make(ctx context.Context, r reporting.Request, step func(string, float64)) (made *schedule.Made, a reporting.Answer, err error) {
	begun := k.d.Now()
	defer func() {
		what := r.Kind
		if r.Name != "" {
			what += " " + r.Name
		}
		k.d.Note(ctx, auditing.Look{Action: "report", Query: what + " " + a.Month, Hits: int64(len(a.Files)), TookMS: k.d.Now().Sub(begun).Milliseconds(), Err: err})
	}()
	o, err := k.read(r, step)
	if err != nil {
		return nil, a, err
	}
	d, err := k.document(ctx, o)
	if err != nil {
		return nil, a, err
	}
	a = reporting.Answer{Kind: o.Kind, Title: d.Title + " " + d.Period, Month: o.Month, From: o.from, To: o.to, Notes: prose.Notes(d)}
	made = &schedule.Made{Title: a.Title, Notes: a.Notes}
	for _, format := range o.Formats {
		step("writing "+format, 0)
		var b bytes.Buffer
		if err := report.Write(&b, d, format, report.Options{NoBOM: o.NoBOM}); err != nil {
			return nil, a, err
		}
		sum := sha256.Sum256(b.Bytes())
		f := schedule.File{Name: report.FileName(o.Kind, o.Name, o.Month, o.Lang, format), Type: types[format], Body: b.Bytes()}
		made.Files = append(made.Files, f)
		a.Files = append(a.Files, reporting.File{Name: f.Name, Format: format, Bytes: int64(len(f.Body)), SHA256: hex.EncodeToString(sum[:])})
	}
	return made, a, nil
}

// types are those of files in mails.
var types = map[string]string{"html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "application/zip", "json": "application/json"}

// read checks a request and fills in what it leaves out.
func (k *Desk) read(r reporting.Request, step func(string, float64)) (*order, error) {
	o := &order{Request: r, step: step}
	usage := func(what, do string) error {
		return &fault.Error{Code: "usage", What: what, Do: do, Exit: fault.ExitUsage}
	}
	if !slices.Contains(reporting.Kinds(), r.Kind) {
		return nil, usage(fmt.Sprintf("there is no report `%s`", r.Kind), "one of access-review, retention, sources, incidents, mapping")
	}
	if o.Lang = cmp.Or(o.Lang, "en"); o.Lang != "en" && o.Lang != "ko" {
		return nil, usage(fmt.Sprintf("no report is written in `%s`", o.Lang), "write --lang en or ko")
	}
	if len(o.Formats) == 0 {
		return nil, usage("no form is named", "write --format html, pdf, csv or json")
	}
	for _, f := range o.Formats {
		if !slices.Contains(reporting.Formats(), f) {
			return nil, usage(fmt.Sprintf("no report has the form `%s`", f), "one of html, pdf, csv, json")
		}
	}
	zone, err := k.zone(r.Zone)
	if err != nil {
		return nil, err
	}
	if o.Month == "" {
		y, m, _ := k.d.Now().In(zone).Date()
		o.Month = time.Date(y, m-1, 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	if o.from, o.to, err = prose.Months(o.Month, zone); err != nil {
		return nil, err
	}
	if o.from.After(k.d.Now()) {
		return nil, usage("the month "+o.Month+" has not begun", "")
	}
	o.voice = prose.Voice{Lang: o.Lang, Zone: zone}
	if k.d.Console != nil {
		o.voice.Console = k.d.Console()
	}
	if o.Kind == reporting.Mapping {
		list, faults, err := mapping.Load(mapping.Options{Folder: filepath.Join(k.d.Data, "reports", "mapping"), Sections: report.Sections})
		if err != nil {
			return nil, err
		}
		if o.mapping, err = mapping.Find(list, o.Name); err != nil {
			if len(faults) > 0 { // it may be one that could not be read
				return nil, faults
			}
			return nil, err
		}
	} else if o.Name != "" {
		return nil, usage("only a mapping has a name", "weir report mapping "+o.Name)
	}
	return o, nil
}

// zone is that of a name, or that of the process.
func (k *Desk) zone(name string) (*time.Location, error) {
	if name == "" {
		return k.d.Zone, nil
	}
	return prose.Zone(name)
}

// document finds out the facts of a report and writes it.
func (k *Desk) document(ctx context.Context, o *order) (*doc.Document, error) {
	switch o.Kind {
	case reporting.AccessReview:
		return k.accessReview(ctx, o)
	case reporting.Retention:
		return k.retention(ctx, o)
	case reporting.Sources:
		f, err := k.sources(ctx, o.from, o.to, o.voice.Zone, o.step)
		if err != nil {
			return nil, err
		}
		return sources.Document(f, o.voice), nil
	case reporting.Incidents:
		return k.incidents(ctx, o)
	}
	return k.mapping(ctx, o)
}

// sourcesFacts answers reporting.SourcesFacts.
func (k *Desk) sourcesFacts(ctx context.Context, r reporting.FactsRequest) (*sources.Facts, error) {
	zone, err := k.zone(r.Zone)
	if err != nil {
		return nil, err
	}
	if !r.From.Before(r.To) {
		return nil, &fault.Error{Code: "usage", What: "the time ends before it begins", Exit: fault.ExitUsage}
	}
	return k.sources(ctx, r.From, r.To, zone, func(string, float64) {})
}
