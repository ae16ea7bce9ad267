package signal

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func full() *Signal {
	return &Signal{Kind: Match, Rule: "r", Hash: "h", When: "failed", Group: []string{"203.0.113.5", ""}, EventID: "a/1/2",
		Time: time.Date(2026, 11, 21, 7, 0, 0, 123456789, time.UTC), Src: "weir.raw.syslog/1/2/3", Dataset: "sshd", Warm: true,
		Values: map[string]string{"user.name": "김민수", "message": "a \"b\"\n"}}
}

func TestEncode_roundTrip(t *testing.T) {
	b, err := Encode(full())
	if err != nil {
		t.Fatal(err)
	}
	var got Signal
	if err := Decode(b, &got); err != nil || !reflect.DeepEqual(&got, full()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestEncode_AsTheLibraryWould: what is written by hand reads as what encoding/json writes, with each member there and missing.
func TestEncode_AsTheLibraryWould(t *testing.T) {
	whole := reflect.ValueOf(full()).Elem()
	for i := range whole.NumField() + 1 {
		s := *full()
		if i < whole.NumField() {
			if whole.Type().Field(i).Tag.Get("json") == "-" {
				continue
			}
			f := reflect.ValueOf(&s).Elem().Field(i)
			f.Set(reflect.Zero(f.Type()))
		}
		want, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := AppendTo([]byte("before"), &s)
		if err != nil || string(got) != "before"+string(want) {
			t.Errorf("got  %s (%v)\nwant before%s", got, err, want)
		}
	}
	bad := *full()
	bad.Time = time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, err := AppendTo([]byte("before"), &bad); err == nil || string(got) != "before" {
		t.Errorf("a year that RFC 3339 has not: %s, %v", got, err)
	}
}

func BenchmarkEncode(b *testing.B) {
	s, dst := full(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = AppendTo(dst[:0], s)
	}
}
