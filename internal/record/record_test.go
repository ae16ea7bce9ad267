package record

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestSourceNamesInputAndAddress(t *testing.T) {
	for _, tc := range []struct{ name, peer, want string }{
		{"IPv4", "192.0.2.1:514", "syslog/192.0.2.1"},
		{"IPv4 on a listener for both", "[::ffff:192.0.2.1]:514", "syslog/192.0.2.1"},
		{"IPv6", "[2001:db8::1]:514", "syslog/2001:db8::1"},
		{"the port makes no other source", "192.0.2.1:9", "syslog/192.0.2.1"},
		{"a zone does", "[fe80::1%eth0]:514", "syslog/fe80::1%eth0"},
		{"no sender", "", "syslog/unknown"},
	} {
		r := Raw{Input: "syslog"}
		if tc.peer != "" {
			r.Peer = netip.MustParseAddrPort(tc.peer)
		}
		if got := r.Source(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestIng(t *testing.T) {
	for _, tc := range []struct {
		text  string
		want  Ing
		wrong string // part of the error; "" for none
	}{
		{"a1b2/3/4", Ing{"a1b2", 3, 4}, ""},
		{"x/0/0", Ing{"x", 0, 0}, ""},
		{"x/4294967295/18446744073709551615", Ing{"x", math.MaxUint32, math.MaxUint64}, ""},
		{"", Ing{}, "is not ingester/start/sequence"},
		{"x/1", Ing{}, "is not ingester/start/sequence"},
		{"/1/2", Ing{}, "is not ingester/start/sequence"},
		{"x//2", Ing{}, "start"},
		{"x/1/", Ing{}, "sequence"},
		{"x/-1/2", Ing{}, "start"},
		{"x/1/2/3", Ing{}, "sequence"},
		{"x/4294967296/1", Ing{}, "start"},
		{"x/1/18446744073709551616", Ing{}, "sequence"},
	} {
		got, err := ParseIng(tc.text)
		if got != tc.want || (err == nil) != (tc.wrong == "") || err != nil && (!strings.Contains(err.Error(), tc.wrong) || !strings.Contains(err.Error(), `"`+tc.text+`"`)) {
			t.Errorf("%q: %+v, %v", tc.text, got, err)
		}
		if err == nil && got.String() != tc.text {
			t.Errorf("%q is written as %q", tc.text, got)
		}
	}
}

func TestPos(t *testing.T) {
	for _, tc := range []struct {
		text  string
		want  Pos
		wrong string
	}{
		{"weir.raw.syslog/3/17/0", Pos{"weir.raw.syslog", 3, 17, 0}, ""},
		{"a/b/1/2/3", Pos{"a/b", 1, 2, 3}, ""}, // the topic may have slashes
		{"t/2147483647/9223372036854775807/2147483647", Pos{"t", math.MaxInt32, math.MaxInt64, math.MaxInt32}, ""},
		{"", Pos{}, "is not topic/partition/offset/sub"},
		{"t/1/2", Pos{}, "is not topic/partition/offset/sub"},
		{"/1/2/3", Pos{}, "is not topic/partition/offset/sub"},
		{"t/x/2/3", Pos{}, "part 2"},
		{"t/1/x/3", Pos{}, "part 3"},
		{"t/1/2/x", Pos{}, "part 4"},
		{"t/1/-2/3", Pos{}, "part 3"},
		{"t/2147483648/2/3", Pos{}, "part 2"}, // would be another partition if it were cut
		{"t/1/2/4294967296", Pos{}, "part 4"},
		{"t/1/9223372036854775808/3", Pos{}, "part 3"},
	} {
		got, err := ParsePos(tc.text)
		if got != tc.want || (err == nil) != (tc.wrong == "") || err != nil && (!strings.Contains(err.Error(), tc.wrong) || !strings.Contains(err.Error(), `"`+tc.text+`"`)) {
			t.Errorf("%q: %+v, %v", tc.text, got, err)
		}
		if err == nil && got.String() != tc.text {
			t.Errorf("%q is written as %q", tc.text, got)
		}
	}
}

func TestPositionsAreInOrderOfOffsetThenSub(t *testing.T) {
	sorted := []Pos{{Offset: 0, Sub: 0}, {Offset: 0, Sub: 1}, {Offset: 0, Sub: 9}, {Offset: 9, Sub: 0}, {Offset: 10, Sub: 0}, {Offset: math.MaxInt64, Sub: 2}}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
	mixed := slices.Clone(sorted)
	slices.Reverse(mixed)
	slices.SortFunc(mixed, Pos.Compare)
	if !slices.Equal(mixed, sorted) {
		t.Errorf("sorted: %v", mixed)
	}
}

func TestAppendTextAppends(t *testing.T) {
	buf := []byte("x=")
	buf = Ing{"a", 1, 2}.AppendText(buf)
	buf = Pos{"t", 1, 2, 3}.AppendText(append(buf, ' '))
	if string(buf) != "x=a/1/2 t/1/2/3" {
		t.Errorf("%s", buf)
	}
}

// FuzzParseIng holds identities to this: what is read is what was meant, and is written so that it is read again.
func FuzzParseIng(f *testing.F) {
	for _, s := range []string{"a/1/2", "a/01/2", "/", "//", "a/+1/2", "ü/1/2", "a/4294967296/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ing, err := ParseIng(s)
		if err != nil {
			if ing != (Ing{}) {
				t.Fatalf("%q: %+v beside an error", s, ing)
			}
			return
		}
		again, err := ParseIng(ing.String())
		if err != nil || again != ing || ing.Ingester == "" || !strings.HasPrefix(s, ing.Ingester+"/") {
			t.Fatalf("%q: %+v, then %+v (%v)", s, ing, again, err)
		}
	})
}

// FuzzParsePos is the same for positions, which may not be negative either: readers count them upwards from none.
func FuzzParsePos(f *testing.F) {
	for _, s := range []string{"t/1/2/3", "a/b/1/2/3", "t/+1/-0/3", "///", "t/1/2/99999999999", "t/1/2/3/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pos, err := ParsePos(s)
		if err != nil {
			if pos != (Pos{}) {
				t.Fatalf("%q: %+v beside an error", s, pos)
			}
			return
		}
		again, err := ParsePos(pos.String())
		if err != nil || again != pos || pos.Compare(again) != 0 || pos.Topic == "" || pos.Partition < 0 || pos.Offset < 0 || pos.Sub < 0 {
			t.Fatalf("%q: %+v, then %+v (%v)", s, pos, again, err)
		}
	})
}

func BenchmarkParsePos(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePos("weir.raw.syslog/3/123456789/2"); err != nil {
			b.Fatal(err)
		}
	}
}
