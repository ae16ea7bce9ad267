// Package rerun is what travels on weir.raw.reparse: a kept original that is read once more, and what is known of the
// document that was made of it the first time.
//
// A dead letter or a stored event gives an order and its original bytes (Of). The order goes through the front door like
// any record, so each is read once from there on; normalise reads the original as if it had just come in, with the time
// of its receipt, its sender and its input, and writes a revision where the document is another one (Sum).
package rerun

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/record"
)

// Inputs of orders. They stand where the name of an input does, in ledgers and headers; the documents keep the input that
// received their record.
const (
	InputRedrive = "redrive" // dead letters
	InputReparse = "reparse" // stored events
)

// Sources of orders, where others have a sender's address: one row of the ledger each.
const (
	OriginDeadLetters = "deadletters"
	OriginEvents      = "events"
)

// DeadLetterDataset is the dataset of dead letters, as it stands in their documents.
const DeadLetterDataset = "weir.deadletter"

// TagUnusable marks the document of a dead letter whose input knew that nothing can be made of the record, so that the
// record is not taken for a whole one later.
const TagUnusable = "unusable"

// Order asks for one original to be read again. The zero value of each field is left out where it travels.
type Order struct {
	By  string `json:"by"`  // InputRedrive or InputReparse
	Run string `json:"run"` // which run of the command asked

	// The stored document: its id, the newest revision of it, and what that says (Sum).
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
	Sum      string `json:"sum,omitempty"`
	// At are the sort times of all its revisions, in nanoseconds: readers find them by these.
	At []int64 `json:"at,omitempty"`
	// Class and Day are those of its first revision, where that was an event: indices of Elasticsearch are named after them.
	Class string   `json:"class,omitempty"`
	Day   string   `json:"day,omitempty"`
	Rules []string `json:"rules,omitempty"` // that matched when it was new

	// Base and Skip are of a dead letter: the id of its record, and how many events that record had made before.
	Base string `json:"base,omitempty"`
	Skip int32  `json:"skip,omitempty"`
	// Reason and Detail are why it is a dead letter.
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Was is the dataset of a stored event, and Part tells that its original is a part of a record.
	Was  string `json:"was,omitempty"`
	Part bool   `json:"part,omitempty"`
	// As names the dataset that reads the original; empty: it is recognised.
	As string `json:"as,omitempty"`

	// The record, as far as its document tells.
	Received int64    `json:"received"` // nanoseconds since 1970
	Input    string   `json:"input,omitempty"`
	Origin   string   `json:"origin,omitempty"`
	Peer     string   `json:"peer,omitempty"` // address
	Proto    string   `json:"proto,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	// Keep are fields that came from around the original: the header of a record that was split into several events.
	Keep json.RawMessage `json:"keep,omitempty"`
}

// Append writes an order and its original.
func (o *Order) Append(dst, original []byte) ([]byte, error) {
	head, err := json.Marshal(o)
	if err != nil {
		return dst, fmt.Errorf("encoding an order: %w", err)
	}
	dst = append(append(dst, head...), '\n')
	return append(dst, original...), nil
}

// errOrder is what a value that is none has in common.
var errOrder = errors.New("the record is no order to read an original again")

// Parse reads an order. original aliases value.
func Parse(value []byte) (o Order, original []byte, err error) {
	head, original, ok := bytes.Cut(value, []byte{'\n'})
	if !ok {
		return Order{}, nil, errOrder
	}
	if err := json.Unmarshal(head, &o); err != nil {
		return Order{}, nil, fmt.Errorf("%w: %w", errOrder, err)
	}
	if o.ID == "" || o.Revision < 1 || o.By != InputRedrive && o.By != InputReparse {
		return Order{}, nil, errOrder
	}
	return o, original, nil
}

// Source names the order in ledgers, as record.Raw.Source does for the record that carries it.
func (o *Order) Source() string { return Source(o.By) }

// Source names the orders of a command in ledgers.
func Source(by string) string { return by + "/" + origin(by) }

func origin(by string) string {
	if by == InputRedrive {
		return OriginDeadLetters
	}
	return OriginEvents
}

// Carrier is the raw record that brings an order through the front door. Its receipt is now: what was received when is in
// the order.
func Carrier(by string, value []byte, now time.Time) record.Raw {
	return record.Raw{Value: value, Received: now, Proto: "local", Input: by, Origin: origin(by)}
}

// Raw makes the record as it was when it came in.
func (o *Order) Raw(original []byte) record.Raw {
	raw := record.Raw{Value: original, Received: time.Unix(0, o.Received), Proto: o.Proto, Input: o.Input, Origin: o.Origin, Tags: o.Tags, ID: o.ID}
	if o.Base != "" {
		raw.ID = o.Base
	}
	if addr, err := netip.ParseAddr(o.Peer); err == nil {
		raw.Peer = netip.AddrPortFrom(addr, 0)
	}
	whole := raw.ID
	if o.By == InputReparse {
		whole = recordOf(whole)
	}
	if at := strings.LastIndexByte(whole, '/'); at > 0 { // the place in a file or an object, for parsers that show it
		if line, err := strconv.ParseInt(whole[at+1:], 10, 64); err == nil {
			raw.Key, raw.Line = whole[:at], line
		}
	}
	return raw
}

// Days of revisions are written as in class and day headers.
func day(ns int64) string { return time.Unix(0, ns).UTC().Format(time.DateOnly) }

// Why an original cannot be read again.
var (
	ErrNoOriginal = errors.New("it has no original")
	ErrOwn        = errors.New("it is a document of weir itself")
	ErrElsewhere  = errors.New("it is a dead letter of a later stage: the event itself is stored")
)

// Of makes the order for a stored document, which is the newest revision of its id, and returns the original. Strings of
// the order are its own; e is scratch. The error is one of the above, or says what cannot be read.
func Of(doc []byte, e *event.Event) (o Order, original []byte, err error) {
	if err := e.Decode(doc); err != nil {
		return o, nil, fmt.Errorf("reading a document: %w", err)
	}
	dead := e.Str(event.EventDataset) == DeadLetterDataset
	switch {
	case dead && e.Str(event.WeirDeadletterStage) != "normalise":
		return o, nil, ErrElsewhere
	case !dead && strings.HasPrefix(e.Str(event.EventDataset), "weir."), e.Str(event.WeirInput) == "":
		return o, nil, ErrOwn
	}
	if original, err = originalOf(e); err != nil {
		return o, nil, err
	}
	o.ID, o.Revision = strings.Clone(e.Str(event.EventID)), max(1, e.Get(event.WeirRevision).Int())
	if o.ID == "" {
		return o, nil, ErrNoOriginal
	}
	o.By = InputReparse
	if dead {
		o.By = InputRedrive
		o.Base, o.Skip = base(o.ID)
		o.Reason, o.Detail = strings.Clone(e.Str(event.WeirDeadletterReason)), strings.Clone(e.Str(event.ErrorMessage))
	}
	o.history(e, dead)
	o.receipt(e)
	if !dead {
		o.Keep = around(e)
		o.Was, o.Part = strings.Clone(e.Str(event.EventDataset)), recordOf(o.ID) != o.ID
	}
	o.Sum = Sum(e)
	return o, original, nil
}

// originalOf returns the bytes of the record, in memory of their own.
func originalOf(e *event.Event) ([]byte, error) {
	if b64 := e.Str(event.WeirOriginalBase64); b64 != "" {
		raw, err := base64.StdEncoding.DecodeString(b64)
		if err != nil {
			return nil, fmt.Errorf("reading weir.original_base64: %w", err)
		}
		return raw, nil
	}
	if !e.Has(event.EventOriginal) {
		return nil, ErrNoOriginal
	}
	return []byte(e.Str(event.EventOriginal)), nil
}

// history says what the revisions before were.
func (o *Order) history(e *event.Event, dead bool) {
	each(e.Get(event.WeirRevisedAt), func(v event.Value) {
		if at, err := time.Parse(time.RFC3339Nano, v.Str()); err == nil {
			o.At = append(o.At, at.UnixNano())
		}
	})
	now := sortTime(e)
	if !slices.Contains(o.At, now) {
		o.At = append(o.At, now)
	}
	if dead {
		return
	}
	if o.Class, o.Day = strings.Clone(e.Str(event.WeirRevisedClass)), strings.Clone(e.Str(event.WeirRevisedDay)); o.Day == "" {
		o.Class = strings.Clone(e.Str(event.WeirClass))
		if at := e.Get(event.WeirTime); at.Kind() == event.Time {
			o.Day = day(at.Int())
		}
	}
	each(e.Get(event.WeirRules), func(v event.Value) { o.Rules = append(o.Rules, strings.Clone(v.Text())) })
}

// receipt says how the record came in.
func (o *Order) receipt(e *event.Event) {
	o.Input, o.Proto = strings.Clone(e.Str(event.WeirInput)), strings.Clone(e.Str(event.WeirTransport))
	o.Received = sortTime(e)
	if at := e.Get(event.EventCreated); at.Kind() == event.Time {
		o.Received = at.Int()
	}
	from := e.Str(event.LogSourceAddress)
	if _, err := netip.ParseAddr(from); err == nil {
		o.Peer = strings.Clone(from)
	} else {
		o.Origin = strings.Clone(from)
	}
	each(e.Get(event.Tags), func(v event.Value) {
		switch v.Text() {
		case record.TagTruncated:
			o.Tags = append(o.Tags, record.TagTruncated)
		case TagUnusable:
			o.Tags = append(o.Tags, record.TagUnusable(e.Str(event.WeirDeadletterReason), e.Str(event.ErrorMessage)))
		}
	})
}

// base takes the number of an event off its id: that of the second event of a record ends in -1.
func base(id string) (string, int32) {
	at := strings.LastIndexByte(id, '-')
	if at < 1 || id[at-1] < '0' || id[at-1] > '9' || strings.LastIndexByte(id, '/') > at {
		return id, 0
	}
	n, err := strconv.ParseInt(id[at+1:], 10, 32)
	if err != nil || n < 1 {
		return id, 0
	}
	return id[:at], int32(n)
}

// recordOf takes all that numbers an event off its id: -2 is the third event of a record, -x1 the first that a later reading made
// beyond those.
func recordOf(id string) string {
	for {
		before := id
		if at := strings.LastIndex(id, "-x"); at > 0 {
			if n, err := strconv.Atoi(id[at+2:]); err == nil && n > 0 {
				id = id[:at]
			}
		}
		if id, _ = base(id); id == before {
			return id
		}
	}
}

// sortTime is the time by which the archive finds the document: @timestamp, else weir.time.
func sortTime(e *event.Event) int64 {
	for _, f := range [...]event.Field{event.Timestamp, event.WeirTime} {
		if v := e.Get(f); v.Kind() == event.Time {
			return v.Int()
		}
	}
	return 0
}

// each calls fn for the items of a list, or for a value that is none.
func each(v event.Value, fn func(event.Value)) {
	switch v.Kind() {
	case event.Absent, event.Null:
	case event.List:
		for i := range v.Len() {
			fn(v.Item(i))
		}
	default:
		fn(v)
	}
}
