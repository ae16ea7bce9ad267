// Package control is how a command talks to a weir that runs: the questions and answers as plain data, and a small
// HTTP service over a Unix socket in the data folder. Whoever may open the socket (0600) may ask everything.
package control

import (
	"context"
	"strings"
	"time"

	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// Backend answers what the commands ask. The process behind the socket implements it, the client of this package does,
// and so does whatever reads the files of a weir that does not run. All methods may be called from many goroutines.
//
// The doc handed to an each function is one ECS JSON object on one line, without the newline; it is valid until each
// returns. An error of each ends the call, which returns that error.
// A method that is added here needs a route and a call of the client; an older weir answers it with version-mismatch.
type Backend interface {
	// Search calls each for every hit, in the order asked for.
	Search(ctx context.Context, r SearchRequest, each func(doc []byte) error) (SearchSummary, error)
	// Tail calls each for every matching event that is stored from now on until ctx ends, then returns its counts.
	Tail(ctx context.Context, r TailRequest, each func(doc []byte) error) (TailSummary, error)
	// Ledger adds up the counts of every hop.
	Ledger(ctx context.Context, r LedgerRequest) (Ledger, error)
	// Alerts lists alerts, the newest last hit first unless another order is asked for.
	Alerts(ctx context.Context, r AlertsRequest) ([]AlertRow, error)
	// Alert shows one alert; id may be shortened to any start that only one alert has.
	Alert(ctx context.Context, id string) (AlertDetail, error)
	// DeadLetters lists records that a stage could not use, newest first.
	DeadLetters(ctx context.Context, r DeadLettersRequest) ([]DeadLetter, error)
	// Status tells how the running weir does. Without one it says what the files say and leaves the rates at 0.
	Status(ctx context.Context) (Status, error)
}

// SearchRequest is a question to the archive and its memory tail.
type SearchRequest struct {
	Query     string    `json:"query"` // KQL; empty: everything
	From      time.Time `json:"from,omitzero"`
	To        time.Time `json:"to,omitzero"` // exclusive
	Size      int       `json:"size"`        // hits handed to each; 0: none, only the summary
	Ascending bool      `json:"ascending,omitempty"`
	Histogram bool      `json:"histogram,omitempty"`
	Top       string    `json:"top,omitempty"`    // field whose most frequent values are wanted
	Fields    []string  `json:"fields,omitempty"` // of each document; empty: all
	// Revisions asks for all revisions of each event; else the newest of each is searched.
	Revisions bool `json:"revisions,omitempty"`
}

// SearchSummary is what a search says after its hits.
type SearchSummary struct {
	Hits          int64          `json:"hits"` // that match, shown or not
	Shown         int            `json:"shown"`
	From          time.Time      `json:"from,omitzero"` // times of what was asked, filled in
	To            time.Time      `json:"to,omitzero"`
	TookMS        int64          `json:"took_ms"`
	SegmentsRead  int            `json:"segments_read"`
	SegmentsTotal int            `json:"segments_total"`
	Buckets       []Bucket       `json:"buckets,omitempty"` // ascending, without holes
	BucketWidth   time.Duration  `json:"bucket_width_ns,omitempty"`
	Top           []TopValue     `json:"top,omitempty"` // most frequent first
	TopValues     int64          `json:"top_values,omitempty"`
	TopExact      bool           `json:"top_exact,omitempty"`
	Warnings      []*fault.Error `json:"-"` // carried in the stream, see wire.go
}

// Bucket is one bar of a histogram.
type Bucket struct {
	Time  time.Time `json:"time"`
	Count int64     `json:"count"`
}

// TopValue is one value of a field and how many hits have it.
type TopValue struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// TailRequest asks for events as they are stored.
type TailRequest struct {
	Query string `json:"query"` // KQL; empty: everything
}

// TailSummary ends a tail.
type TailSummary struct {
	Matched int64 `json:"matched"`
	Dropped int64 `json:"dropped"` // matched, stored, and not handed over because the reader was too slow
}

// LedgerRequest narrows the ledger.
type LedgerRequest struct {
	Source string    `json:"source,omitempty"` // as in LedgerRow.Source or Name; empty: all
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
}

// Ledger is every count side by side: received + split = stored + duplicate + dead + refused + filtered + in flight.
type Ledger struct {
	Rows        []LedgerRow    `json:"rows"`
	Balanced    bool           `json:"balanced"`
	KernelDrops int64          `json:"kernel_drops"` // lost before weir could read it
	RingLosses  int64          `json:"ring_losses"`
	At          time.Time      `json:"at"`
	Unclean     []UncleanStop  `json:"unclean,omitempty"`
	Elastic     LedgerElastic  `json:"elastic"`
	Faults      []*fault.Error `json:"-"` // differences by name; carried beside, see wire.go
}

// LedgerElastic is what became of events on the way to Elasticsearch: events = indexed + dead + waiting.
type LedgerElastic struct {
	On        bool  `json:"on"`
	Events    int64 `json:"events"`
	Indexed   int64 `json:"indexed"`
	Dead      int64 `json:"dead"`
	Waiting   int64 `json:"waiting"`
	Differing int64 `json:"differing"` // were there already and hold something else
}

// LedgerRow is one source.
type LedgerRow struct {
	Source     string    `json:"source"`         // input/address
	Name       string    `json:"name,omitempty"` // input/name, where the inventory or the events give one
	Received   int64     `json:"received"`
	Bytes      int64     `json:"bytes"`
	Split      int64     `json:"split"`
	Stored     int64     `json:"stored"`
	Duplicate  int64     `json:"duplicate"`
	Indexed    int64     `json:"indexed"`   // documents in Elasticsearch
	Unindexed  int64     `json:"unindexed"` // not there yet
	Repeated   int64     `json:"repeated"`  // copies that a producer's retry left in a raw topic: in no sum
	Dead       int64     `json:"dead"`
	Refused    int64     `json:"refused"`
	Filtered   int64     `json:"filtered"`
	InFlight   int64     `json:"in_flight"`
	Difference int64     `json:"difference"`
	First      time.Time `json:"first,omitzero"`
	Last       time.Time `json:"last,omitzero"` // last record received
}

// UncleanStop bounds what a crash may have left out of the counts.
type UncleanStop struct {
	At    time.Time `json:"at"`
	Hop   string    `json:"hop"`
	Most  int64     `json:"most"`  // at most this many after the last count
	Found int64     `json:"found"` // of them were found in the log, and are counted; at most the rest never came there
}

// Alerts have a package of their own for what is asked and answered about them; these are the names by which the methods of
// Backend are read.
type (
	// AlertsRequest narrows a list of alerts.
	AlertsRequest = alerting.Request
	// AlertRow is an alert and what people did with it.
	AlertRow = alerting.Row
	// AlertDetail is an alert with the events behind it.
	AlertDetail = alerting.Detail
)

// DeadLettersRequest narrows a list of dead letters.
type DeadLettersRequest struct {
	ID     string `json:"id,omitempty"` // this one, or a start of its id
	Source string `json:"source,omitempty"`
	Stage  string `json:"stage,omitempty"`
	Reason string `json:"reason,omitempty"`
	Input  string `json:"input,omitempty"`
	// Dataset is that of the format that gave the record up.
	Dataset string    `json:"dataset,omitempty"`
	Query   string    `json:"query,omitempty"` // KQL over their documents
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Size    int       `json:"size,omitempty"` // 0: all
	// All asks for those too that were redriven since.
	All bool `json:"all,omitempty"`
}

// Holds compares what KQL has no words for: the beginning of an id, that of a source, and the dataset that a detail begins
// with.
func (r DeadLettersRequest) Holds(id, source, detail string) bool {
	return strings.HasPrefix(id, r.ID) && strings.HasPrefix(source, r.Source) && (r.Dataset == "" || strings.HasPrefix(detail, r.Dataset+":"))
}

// DeadLetter is a record that a stage could not use.
type DeadLetter struct {
	ID     string    `json:"id"` // event.id of the raw record
	Time   time.Time `json:"time"`
	Stage  string    `json:"stage"`
	Reason string    `json:"reason"` // slug
	Detail string    `json:"detail,omitempty"`
	Source string    `json:"source"`
	Raw    []byte    `json:"raw"` // the frame as received; base64 in JSON
	// Revision counts the attempts, from 1. State is redo.StateOpen, or what became of it: redriven, filtered, absorbed.
	Revision int64  `json:"revision"`
	State    string `json:"state"`
}

// Status tells how a weir does.
type Status struct {
	Version   string    `json:"version"`
	Running   bool      `json:"running"`
	PID       int       `json:"pid,omitempty"`
	Started   time.Time `json:"started,omitzero"`
	Console   string    `json:"console,omitempty"` // host:port
	SignIn    string    `json:"-"`                 // address of the first sign-in: for the terminal of the process alone
	Data      string    `json:"data"`
	DataNew   bool      `json:"data_new,omitempty"` // the folder was made by this start
	Listening []Port    `json:"listening,omitempty"`
	Rules     int       `json:"rules"`
	RulesBad  int       `json:"rules_refused,omitempty"`
	TimeZone  string    `json:"time_zone,omitempty"` // of devices that write none
	Embedded  bool      `json:"embedded"`            // Kafka is the one built in
	Topics    []Topic   `json:"topics,omitempty"`

	InPerSecond float64 `json:"in_per_second"`
	Received    int64   `json:"received"`
	Stored      int64   `json:"stored"`
	Alerts      int64   `json:"alerts"`
	Lost        int64   `json:"lost"` // kernel drops and ring losses, as far as they are known
	InFlight    int64   `json:"in_flight"`
	BehindMS    int64   `json:"behind_ms"` // age of the oldest record not yet stored
	DiskBytes   int64   `json:"disk_bytes"`
	DiskFree    int64   `json:"disk_free_bytes"`
}

// Port is one socket that is open.
type Port struct {
	Input   string `json:"input"`   // syslog, kafka
	Proto   string `json:"proto"`   // udp, tcp, tls, relp
	Address string `json:"address"` // host:port
}

// Topic is one topic as the bus has it.
type Topic struct {
	Name       string `json:"name"`
	Partitions int    `json:"partitions"`
	Records    int64  `json:"records"` // retained
	Bytes      int64  `json:"bytes"`   // 0 where the broker does not say
	Lag        int64  `json:"lag"`     // of the group furthest behind
	Group      string `json:"group,omitempty"`
}
