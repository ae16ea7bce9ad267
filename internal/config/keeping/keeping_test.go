package keeping

import (
	"slices"
	"testing"
	"time"

	"weir/internal/config/unit"
)

// checked returns the keys that a check complains about, and fails where a complaint says nothing.
func checked(t *testing.T, check func(bad func(key, what, why, do string))) []string {
	t.Helper()
	var got []string
	check(func(key, what, _, do string) {
		got = append(got, key)
		if what == "" || do == "" {
			t.Errorf("%s: nothing is said", key)
		}
	})
	return got
}

func TestArchive_Check(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Archive)
		want   []string
	}{
		{"the default", func(*Archive) {}, nil},
		{"a bucket", func(a *Archive) { a.Bucket, a.Local = "s3://evidence/weir", unit.Duration(24*time.Hour) }, nil},
		{"copies", func(a *Archive) { a.Copies = []string{"/mnt/other", "s3://second"} }, nil},
		{"no bucket", func(a *Archive) { a.Bucket = "https://evidence" }, []string{"archive.bucket"}},
		{"a bucket without a name", func(a *Archive) { a.Bucket = "s3:///x" }, []string{"archive.bucket"}},
		{"local without a bucket", func(a *Archive) { a.Local = unit.Duration(time.Hour) }, []string{"archive.local"}},
		{"less than nothing", func(a *Archive) { a.Local = -1 }, []string{"archive.local"}},
		{"the copy is the original", func(a *Archive) { a.Copies = []string{"archive"} }, []string{"archive.copies[0]"}},
		{"a copy twice", func(a *Archive) { a.Copies = []string{"/a", "/a", ""} }, []string{"archive.copies[1]", "archive.copies[2]"}},
		{"a copy of another kind", func(a *Archive) { a.Copies = []string{"gs://x"} }, []string{"archive.copies[0]"}},
		{"a lock that is over", func(a *Archive) { a.S3.Lock = -1 }, []string{"archive.s3.lock"}},
		{"addresses that are none", func(a *Archive) { a.S3.Endpoint, a.Log.Stamp = "localhost:9000", "ftp://x" }, []string{"archive.s3.endpoint", "archive.log.stamp"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := DefaultArchive()
			tt.change(&a)
			if got := checked(t, a.Check); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRetention_Check(t *testing.T) {
	for zone, want := range map[string]int{"": 0, "Asia/Seoul": 0, "UTC": 0, "Asia/Nowhere": 1, "+09:00": 1} {
		r := DefaultRetention()
		r.Zone = zone
		if got := checked(t, r.Check); len(got) != want {
			t.Errorf("%q: %v", zone, got)
		}
	}
}
