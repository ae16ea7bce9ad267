package normalise

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/processors"
)

// Dataset and class of dead letters, as they stand in the archive.
const (
	DeadLetterDataset = rerun.DeadLetterDataset
	deadLetterClass   = "deadletters"
)

// asDeadLetter takes the reason that a parser gives; what has none could not be read.
func asDeadLetter(err error) *processors.DeadLetter {
	if d, ok := errors.AsType[*processors.DeadLetter](err); ok {
		return d
	}
	return &processors.DeadLetter{Reason: "unreadable", Detail: err.Error()}
}

// countDead counts a dead letter by its reason.
func countDead(c *ledger.Counts, reason string) {
	if c.Dead == nil {
		c.Dead = map[string]int64{}
	}
	c.Dead[reason]++
}

// fillDeadLetter makes the document of a dead letter: the record byte for byte, where it came from, and why.
func fillDeadLetter(e *event.Event, raw *record.Raw, d *processors.DeadLetter) {
	e.Reset()
	e.Set(event.Timestamp, event.At(raw.Received))
	e.Set(event.EventCreated, event.At(raw.Received))
	e.Set(event.WeirTime, event.At(raw.Received))
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "pipeline_error")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, DeadLetterDataset)
	e.SetStr(event.WeirClass, deadLetterClass)
	e.SetStr(event.WeirInput, raw.Input)
	e.SetStr(event.WeirTransport, raw.Proto)
	e.SetStr(event.LogSourceAddress, raw.Origin)
	if raw.Origin == "" && raw.Peer.IsValid() {
		e.SetStr(event.LogSourceAddress, raw.Peer.Addr().Unmap().String())
	}
	e.SetStr(event.WeirDeadletterReason, d.Reason)
	e.SetStr(event.WeirDeadletterStage, "normalise")
	e.SetStr(event.ErrorMessage, escapeDetail(d.Detail))
	tagDeadLetter(e, raw)
	if utf8.Valid(raw.Value) {
		e.SetStr(event.EventOriginal, string(raw.Value))
	} else {
		e.SetStr(event.WeirOriginalBase64, base64.StdEncoding.EncodeToString(raw.Value))
	}
}

// tagDeadLetter keeps what the input said of the record. That it is no whole record is a tag of its own: its words are the
// reason already.
func tagDeadLetter(e *event.Event, raw *record.Raw) {
	_, _, unusable := raw.Unusable()
	for _, tag := range raw.Tags {
		if tag == record.TagTruncated {
			e.Append(event.Tags, tag)
		}
	}
	if unusable {
		e.Append(event.Tags, rerun.TagUnusable)
	}
}

// shrinkDeadLetter makes a document that is too large fit. Escapes make a text of control characters six times as long,
// base64 a third longer; what is too long even then keeps its beginning and says so.
func shrinkDeadLetter(e *event.Event, raw *record.Raw) {
	kept := raw.Value
	if most := maxEvent / 2; len(kept) > most {
		kept = kept[:most]
		e.Append(event.Tags, record.TagTruncated)
	}
	e.Delete(event.EventOriginal)
	e.SetStr(event.WeirOriginalBase64, base64.StdEncoding.EncodeToString(kept))
}

// ledgerRecord encodes counts. They have no source position: the ledger tells what comes twice by the offsets in them.
func ledgerRecord(topic string, r *ledger.Record) *kgo.Record {
	value, err := json.Marshal(r)
	if err != nil { // plain numbers and strings always encode
		value = []byte("{}")
	}
	return &kgo.Record{Topic: topic, Value: value, Timestamp: r.At}
}
