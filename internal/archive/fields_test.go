package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/record"
)

// TestFields: which fields there are is known of sealed segments and of the tail alike, within a time, without classes that
// do not count, and of fields below open ones and of those that no list knows.
func TestFields(t *testing.T) {
	dir := t.TempDir()
	a, err := Open(dir, Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	offset := int64(0)
	add := func(docs ...string) {
		t.Helper()
		var rows []Row
		for _, d := range docs {
			rows = append(rows, Row{Doc: []byte(d), Consumed: record.Pos{Topic: "weir.events", Offset: offset}, Account: "t"})
			offset++
		}
		if err := a.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	add(`{"@timestamp":"2026-11-21T07:00:00.000Z","user":{"name":"kim"},"winlog":{"event_data":{"Odd":"x"}},"weir":{"class":"standard","data":{"k":{"deep":"v"}}}}`,
		`{"@timestamp":"2026-11-21T07:00:01.000Z","nobody":{"foresaw":"this"},"weir":{"class":"standard"}}`,
		`{"@timestamp":"2026-11-21T07:00:01.000Z","source":{"ip":"192.0.2.1"},"weir":{"class":"audit"}}`)
	if err := a.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(`{"@timestamp":"2026-11-22T07:00:00.000Z","process":{"name":"sshd"},"weir":{"class":"standard"}}`)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	all := []string{"nobody.foresaw", "process.name", "source.ip", "user.name", "weir.data.k.deep", "winlog.event_data.Odd"}
	for name, tt := range map[string]struct {
		from, to time.Time
		without  []string
		want     string
	}{
		"everything":     {time.Time{}, time.Time{}, nil, "nobody.foresaw process.name source.ip user.name weir.data.k.deep winlog.event_data.Odd"},
		"without audit":  {time.Time{}, time.Time{}, []string{"audit"}, "nobody.foresaw process.name user.name weir.data.k.deep winlog.event_data.Odd"},
		"the first day":  {day(21), day(22), nil, "nobody.foresaw source.ip user.name weir.data.k.deep winlog.event_data.Odd"},
		"the second day": {day(22), time.Time{}, nil, "process.name"},
		"before":         {time.Time{}, day(21), nil, ""},
	} {
		got, err := a.Fields(t.Context(), tt.from, tt.to, tt.without...)
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, f := range all {
			if got[f] {
				have = append(have, f)
			}
		}
		if strings.Join(have, " ") != tt.want || tt.want != "" && !got["@timestamp"] || slices.Contains([]bool{got["weir.rest"], got["weir.raw"], got["user.id"]}, true) {
			t.Errorf("%s: %v of %v, want %s", name, have, got, tt.want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Fields(gone, time.Time{}, time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits for it: %v", err)
	}
}

// BenchmarkFields reads the fields of some segments whose rows have fields that no list knows.
func BenchmarkFields(b *testing.B) {
	a, err := Open(b.TempDir(), Options{Writer: "test"})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	for s := range 4 {
		var rows []Row
		for i := range 20_000 {
			rows = append(rows, Row{Doc: fmt.Appendf(nil, `{"@timestamp":"2026-11-21T07:00:00.%03dZ","user":{"name":"u%d"},"odd":{"a":%d},"weir":{"class":"standard"}}`, i%1000, i%50, i),
				Consumed: record.Pos{Topic: "weir.events", Offset: int64(s*20_000 + i)}, Account: "t"})
		}
		if err := a.Append(context.Background(), rows, func(error) {}); err != nil {
			b.Fatal(err)
		}
		if err := a.Seal(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Fields(context.Background(), time.Time{}, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
