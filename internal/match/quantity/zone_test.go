package quantity

import (
	"fmt"
	"testing"
	"time"
)

func TestLocal(t *testing.T) {
	winter := time.Date(2026, 1, 31, 20, 30, 0, 0, time.UTC)
	summer := time.Date(2026, 7, 31, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		zone string
		at   time.Time
		want string
	}{
		{"", winter, "31 20:30"}, {"Z", winter, "31 20:30"}, {"UTC", winter, "31 20:30"},
		{"+09:00", winter, "01 05:30"}, {"+0900", winter, "01 05:30"}, {"+09", winter, "01 05:30"}, {"-05:30", winter, "31 15:00"},
		{"Asia/Seoul", winter, "01 05:30"}, {"Europe/Berlin", winter, "31 21:30"}, {"Europe/Berlin", summer, "01 01:30"},
		{"+9", winter, "31 20:30"}, {"+09:0", winter, "31 20:30"}, {"+0a:00", winter, "31 20:30"}, {"+09:00:00", winter, "31 20:30"}, {"+25:00", winter, "31 20:30"}, {"+09:60", winter, "31 20:30"},
		{"Nowhere/At_All", winter, "31 20:30"}, {"Local", winter, "31 20:30"}, {"../etc/passwd", winter, "31 20:30"},
	} {
		for range 2 { // the second time from memory
			if got := Local(tt.at, tt.zone).Format("02 15:04"); got != tt.want {
				t.Errorf("%q: %s, want %s", tt.zone, got, tt.want)
			}
		}
	}
}

func TestLocal_madeUpZonesFillNoMemory(t *testing.T) {
	for i := range 3 * maxZones {
		Local(time.Unix(0, 0), fmt.Sprint("Made/Up", i))
	}
	zones.RLock()
	defer zones.RUnlock()
	if n := len(zones.byName); n > maxZones {
		t.Errorf("%d names are remembered", n)
	}
}

func BenchmarkLocal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Local(time.Unix(1_700_000_000, 0), "Asia/Seoul")
	}
}
