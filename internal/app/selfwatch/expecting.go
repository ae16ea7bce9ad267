package selfwatch

import (
	"context"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/watchdog"
	"weir/processors/enrich/asset"
)

// Expecting looks for devices that are expected and are no sources of their own: those behind a relay are known by their
// names alone. One goroutine uses it.
type Expecting struct {
	// Inventory is that of the moment.
	Inventory func() *asset.Inventory
	// Archive is where names are looked for; nil: nobody is found.
	Archive *archive.Archive
	Now     func() time.Time

	heard map[string]time.Time // when each was last found; zero: never
}

// recent is how far back is looked once it is known what was before.
const recent = 25 * time.Hour

// Devices has the form that the watchdog asks for.
func (x *Expecting) Devices(ctx context.Context, skip func(name string) bool) (out []watchdog.Expected) {
	for _, d := range x.Inventory().Devices() {
		if d.Expected && !skip(d.Name) {
			out = append(out, watchdog.Expected{Name: d.Name, Heard: x.find(ctx, d.Name)})
		}
	}
	return out
}

// find looks for a device: in all that there is the first time, in the last day then.
func (x *Expecting) find(ctx context.Context, device string) time.Time {
	last, known := x.heard[device]
	if x.Archive == nil {
		return last
	}
	var from time.Time
	if known {
		from = x.Now().Add(-recent)
	}
	name := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(device) + `"`
	q, err := query.Parse("host.name: " + name + " or observer.name: " + name + " or log.syslog.hostname: " + name)
	if err != nil { // a name that no query can hold
		return last
	}
	_, err = x.Archive.Search(ctx, search.Request{Query: q, From: from, Size: 1, Fields: []event.Field{event.EventCreated}}, func(_ []byte, e *event.Event) error {
		last = e.Get(event.EventCreated).Time()
		return nil
	})
	// An archive that could not be read proves nothing: it is asked for all of it again.
	if err == nil {
		if x.heard == nil {
			x.heard = map[string]time.Time{}
		}
		x.heard[device] = last
	}
	return last
}
