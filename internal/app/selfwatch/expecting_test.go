package selfwatch

import (
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/record"
	"weir/processors/enrich/asset"
)

// TestExpecting: devices behind a relay are found by name, long ago too, and who was never heard is said so.
func TestExpecting(t *testing.T) {
	ar, err := archive.Open(t.TempDir(), archive.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ar.Close() })
	offset := int64(0)
	store := func(field, name string, at time.Time) {
		t.Helper()
		var e event.Event
		e.SetStr(event.EventID, fmt.Sprint("a/1/", offset))
		e.SetPath(field, event.Str(name))
		for _, f := range []event.Field{event.Timestamp, event.EventCreated, event.WeirTime} {
			e.Set(f, event.At(at))
		}
		if err := ar.Append(t.Context(), []archive.Row{{Doc: e.AppendJSON(nil), Account: "x", Consumed: record.Pos{Topic: "t", Offset: offset}}}, nil); err != nil {
			t.Fatal(err)
		}
		offset++
	}
	store("host.name", "relayed", noon.AddDate(0, 0, -20))
	store("observer.name", `odd "name"`, noon.Add(-time.Hour))
	inv := inventory(t, "own,192.0.2.1,expected,\nrelayed,192.0.2.2,expected,\ndoor,192.0.2.3,expected,\nguest,192.0.2.4,,\n\"odd \"\"name\"\"\",192.0.2.5,expected,\n")
	x := &Expecting{Inventory: func() *asset.Inventory { return inv }, Archive: ar, Now: func() time.Time { return noon }}
	ask := func() map[string]time.Time {
		out := map[string]time.Time{}
		for _, d := range x.Devices(t.Context(), func(name string) bool { return name == "own" }) {
			out[d.Name] = d.Heard
		}
		return out
	}
	got := ask()
	if len(got) != 3 || !got["relayed"].Equal(noon.AddDate(0, 0, -20)) || !got["door"].IsZero() || !got[`odd "name"`].Equal(noon.Add(-time.Hour)) {
		t.Errorf("%v", got)
	}
	store("log.syslog.hostname", "door", noon.Add(-time.Minute))
	store("host.name", "relayed", noon.Add(-2*time.Minute))
	got = ask()
	if !got["door"].Equal(noon.Add(-time.Minute)) || !got["relayed"].Equal(noon.Add(-2*time.Minute)) {
		t.Errorf("%v", got)
	}
	x.Now = func() time.Time { return noon.AddDate(0, 0, 7) }
	if got = ask(); !got["door"].Equal(noon.Add(-time.Minute)) {
		t.Errorf("what was found is forgotten: %v", got)
	}
	x.Archive, x.heard = nil, nil
	if got = ask(); !got["relayed"].IsZero() {
		t.Errorf("without an archive: %v", got)
	}
}
