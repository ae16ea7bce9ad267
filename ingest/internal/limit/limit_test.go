package limit

import (
	"net/netip"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	start := time.Now()
	type step struct {
		after time.Duration
		from  netip.Addr
		n     int
		want  int
	}
	for _, tt := range []struct {
		name  string
		rate  float64
		steps []step
	}{
		{"no limit", 0, []step{{0, a, 1e9, 1e9}}},
		{"a second's worth at once, then the rate", 10, []step{{0, a, 100, 10}, {0, a, 1, 0}, {time.Second / 2, a, 100, 5}, {time.Hour, a, 100, 10}}},
		{"each address by itself", 10, []step{{0, a, 10, 10}, {0, b, 10, 10}, {0, a, 1, 0}}},
		{"less than one a second", 0.5, []step{{0, a, 5, 1}, {time.Second, a, 1, 0}, {2 * time.Second, a, 1, 1}}},
		{"a clock that goes back", 10, []step{{time.Minute, a, 10, 10}, {0, a, 1, 0}, {time.Minute + time.Second, a, 20, 10}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := New(tt.rate)
			for i, s := range tt.steps {
				if got := l.Take(s.from, s.n, start.Add(s.after)); got != s.want {
					t.Errorf("step %d: %d, want %d", i, got, s.want)
				}
			}
		})
	}
}

func TestLimiter_ForgedAddressesFillNoMemory(t *testing.T) {
	for name, rate := range map[string]float64{"used up": 1, "nearly full": 1e6} {
		l := New(rate)
		now := time.Now()
		for i := range 200_000 {
			a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
			if l.Take(a, 1, now.Add(time.Duration(i)*time.Microsecond)) != 1 {
				t.Fatalf("%s: the first record of an address was refused", name)
			}
		}
		for i := range l.shards {
			if n := len(l.shards[i].buckets); n > shardAddresses {
				t.Errorf("%s: %d addresses in shard %d", name, n, i)
			}
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := New(1000)
	a := netip.MustParseAddr("192.0.2.1")
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		l.Take(a, 1, now)
	}
}
