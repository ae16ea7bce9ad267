package elastic

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/record"
)

// The reasons of dead letters.
const (
	reasonRefused    = "elasticsearch-refused"
	reasonUnreadable = "no-document"
)

// Dataset and class of all dead letters, of whichever stage.
const (
	letterDataset = "weir.deadletter"
	letterClass   = "deadletters"
)

// maxLetter bounds what a dead letter quotes of a document: the archive has all of it.
const maxLetter = 1 << 20

// dead is a document that Elasticsearch will never take. One that came from the archive has the offset -1.
type dead struct {
	rec    *kgo.Record
	id     []byte // event.id
	reason string // one of the above
	detail string // the server's words
}

// letter makes the record of a dead letter. Its source position is the place of the document in its topic, so that
// readers can drop what comes twice; what came from the archive has no place there any more.
func (d *dead) letter(e *event.Event, topic, prev string, now time.Time) (rec *kgo.Record, src string) {
	var h header
	h.read(d.rec)
	id := string(d.id) + "-elastic"
	headers := []kgo.RecordHeader{}
	if d.rec.Offset >= 0 {
		src = record.Pos{Topic: d.rec.Topic, Partition: d.rec.Partition, Offset: d.rec.Offset}.String()
		id = src + "-elastic"
		headers = append(headers, kgo.RecordHeader{Key: record.HeaderSource, Value: []byte(src)}, kgo.RecordHeader{Key: record.HeaderPrev, Value: []byte(prev)})
	}
	text, cut := strings.ToValidUTF8(string(d.rec.Value), "\ufffd"), false
	if len(text) > maxLetter {
		text, cut = cutText(text, maxLetter), true
	}
	e.Reset()
	created := event.At(now.Truncate(time.Millisecond))
	for _, f := range []event.Field{event.Timestamp, event.EventCreated, event.EventIngested, event.WeirTime} {
		e.Set(f, created)
	}
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventID, id)
	e.SetStr(event.EventKind, "pipeline_error")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, letterDataset)
	e.SetStr(event.WeirClass, letterClass)
	e.SetStr(event.WeirInput, string(h.input))
	e.SetStr(event.WeirDeadletterReason, d.reason)
	e.SetStr(event.WeirDeadletterStage, "elastic")
	e.SetStr(event.ErrorMessage, strings.ReplaceAll(d.detail, "\n", " "))
	e.SetStr(event.EventOriginal, text)
	if src != "" {
		e.SetStr(event.WeirSrc, src)
	}
	e.Set(event.WeirRevision, event.Num(1))
	if cut {
		e.Append(event.Tags, record.TagTruncated)
	}
	e.Conform()
	return &kgo.Record{Topic: topic, Partition: 0, Value: e.AppendJSON(nil), Timestamp: now, Headers: headers}, src
}

// cutText cuts a text at the beginning of a character.
func cutText(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
