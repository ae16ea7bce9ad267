package rhythm

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// learned is what two weeks taught of a few sources.
func learned(t testing.TB) *Rhythms {
	t.Helper()
	r := New(Options{After: 10 * time.Minute, Every: time.Minute, Max: 100, Zone: func(string) *time.Location { return time.UTC }})
	at := monday
	for i := range 14 * 24 * 60 {
		at = at.Add(time.Minute)
		r.Observe(at, []Heard{{"syslog/10.0.0.1", int64(i), at}, {"file/var/log/x y", int64(i / 60), at}, {"syslog/2001:db8::1", 1, monday}})
	}
	return r
}

// TestEncode: what is read back goes on exactly as what was written would have.
func TestEncode(t *testing.T) {
	r := learned(t)
	r.mass[Working] = mass{began: 5, opened: 9, members: []string{"a", "b"}}
	r.sources["syslog/10.0.0.1"].silent, r.sources["syslog/10.0.0.1"].massed, r.sources["syslog/10.0.0.1"].patience = true, true, 2
	again := New(r.opts)
	if err := again.Decode(r.Encode()); err != nil {
		t.Fatal(err)
	}
	if again.at != r.at || again.mass[Working].began != 5 || !slices.Equal(again.mass[Working].members, []string{"a", "b"}) || len(again.sources) != len(r.sources) {
		t.Fatalf("%d %+v", again.at, again.mass)
	}
	for name, s := range r.sources {
		got := again.sources[name]
		if got.fixed() != s.fixed() || got.zone.loc != s.zone.loc {
			t.Errorf("%s: %+v, want %+v", name, got.fixed(), s.fixed())
		}
	}
	at := monday.Add(14*oneDay + time.Minute)
	list := []Heard{{"syslog/10.0.0.1", 1 << 30, at}}
	if a, b := r.Observe(at, list), again.Observe(at, list); len(a) != len(b) || len(a) == 0 || a[0].Source != b[0].Source || a[0].Quiet != b[0].Quiet {
		t.Errorf("%+v, and read back %+v", a, b)
	}
}

func TestDecode_Failure(t *testing.T) {
	good := learned(t).Encode()
	sum := func(b []byte) []byte {
		return binary.LittleEndian.AppendUint32(slices.Clip(b), crc32.Checksum(b, castagnoli))
	}
	body := good[:len(good)-4]
	nan := bytes.Clone(body)
	copy(nan[len(nan)-binary.Size(fixed{})+24:], "\x01\x00\x00\x00\x00\x00\xf8\x7f")
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "damaged"},
		{"another file", []byte("{}"), "damaged"},
		{"another version", []byte(strings.Replace(string(good), "rhythms 1", "rhythms 2", 1)), "damaged"},
		{"cut off", good[:len(good)/2], "damaged"},
		{"a byte changed", append(append(bytes.Clone(good[:200]), good[200]^1), good[201:]...), "damaged"},
		{"cut off and summed up again", sum(body[:len(body)-10]), "damaged"},
		{"more behind it", sum(append(bytes.Clone(body), 0)), "damaged"},
		{"no number", sum(nan), "damaged"},
		{"a count of more than there is", sum(append(bytes.Clone(body[:len(magic)+8+2*20]), 255, 255, 255, 255)), "damaged"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := learned(t)
			before := slices.Sorted(maps.Keys(r.sources))
			err := r.Decode(tc.data)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
			if !slices.Equal(before, slices.Sorted(maps.Keys(r.sources))) {
				t.Error("something was taken over")
			}
		})
	}
	few := New(Options{Max: 2})
	if err := few.Decode(good); err == nil || !strings.Contains(err.Error(), "at most 2") {
		t.Errorf("too many sources: %v", err)
	}
}

// FuzzDecode: whatever a file holds, what was taken from it can be used, and is written and read again as the same.
func FuzzDecode(f *testing.F) {
	good := learned(f).Encode()
	f.Add(good[len(magic) : len(good)-4])
	f.Add([]byte{})
	f.Add(make([]byte, 8+2*20+4))
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append([]byte(magic), body...)
		data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
		r := New(Options{After: 10 * time.Minute, Every: time.Minute, Max: 100, Zone: func(string) *time.Location { return time.UTC }})
		if r.Decode(data) != nil {
			return
		}
		again := New(r.opts)
		if err := again.Decode(r.Encode()); err != nil || len(again.sources) != len(r.sources) {
			t.Fatalf("written again: %v", err)
		}
		at := time.Unix(min(max(r.at, 0), 1<<40), 0)
		for name := range r.sources {
			for i := range 3 {
				at = at.Add(30 * time.Second)
				r.Observe(at, []Heard{{name, int64(i), at}})
			}
		}
		for _, row := range r.Rows() {
			if row.Quiet < 0 || !(row.Missed >= 0) {
				t.Errorf("%+v", row)
			}
		}
	})
}
