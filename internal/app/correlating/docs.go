package correlating

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/pipeline"
)

// alertClass is the retention class of alerts. They have one of their own, because who looks back over a year wants what
// was found long after the events behind it are gone.
const alertClass = "alerts"

// changeClass is that of what people did with weir: who decided what about an alert is a trail as who searched is.
const changeClass = "audit"

// ChangeDocs turns changes of alerts into the documents that the archive keeps, as AlertDocs does with alerts.
type ChangeDocs struct {
	pipeline.Worker
	Log *slog.Logger
	e   event.Event
}

// Process implements pipeline.Worker.
func (d *ChangeDocs) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	docs := make([]*kgo.Record, len(batch))
	for i, rec := range batch {
		doc := *rec
		var c alert.Change
		if err := json.Unmarshal(rec.Value, &c); err != nil {
			d.Log.Error("a change of an alert that cannot be read", "component", "archive", "topic", rec.Topic, "offset", rec.Offset, "err", err)
		}
		alert.ChangeEvent(&c, &d.e)
		d.e.SetStr(event.WeirClass, changeClass)
		doc.Value = d.e.AppendJSON(nil)
		docs[i] = &doc
	}
	return d.Worker.Process(ctx, docs, done)
}

// AlertDocs turns alerts into the documents that the archive keeps. A worker's batches come one after the other, so one
// event is enough for all of them.
type AlertDocs struct {
	pipeline.Worker
	Log *slog.Logger
	e   event.Event
}

// Process implements pipeline.Worker. The records are copied, because those of the batch are the runner's. An alert that
// cannot be read still takes its place as an empty document: the archive counts by offset, and a hole would stop it.
func (d *AlertDocs) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	docs := make([]*kgo.Record, len(batch))
	for i, rec := range batch {
		doc := *rec
		var a alert.Alert
		if err := json.Unmarshal(rec.Value, &a); err != nil {
			d.Log.Error("an alert that cannot be read", "component", "archive", "topic", rec.Topic, "offset", rec.Offset, "err", err)
		}
		alert.Event(&a, &d.e)
		d.e.SetStr(event.WeirClass, alertClass)
		doc.Value = d.e.AppendJSON(nil)
		docs[i] = &doc
	}
	return d.Worker.Process(ctx, docs, done)
}
