package cache

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
)

func TestCache(t *testing.T) {
	c := New[string, int](100)
	if len(c.slots) != 128 {
		t.Errorf("%d places", len(c.slots))
	}
	if _, ok := c.Get("a"); ok {
		t.Error("found in an empty cache")
	}
	c.Put("a", 1)
	if v, ok := c.Get("a"); v != 1 || !ok {
		t.Errorf("%d %t", v, ok)
	}
	c.Put("a", 2)
	if v, _ := c.Get("a"); v != 2 {
		t.Errorf("the old value stays: %d", v)
	}
}

// TestCache_Bounded: whatever is put, nothing is found under a wrong key, and much of what was put last is still there.
func TestCache_Bounded(t *testing.T) {
	c := New[int, string](64)
	for i := range 10_000 {
		c.Put(i, fmt.Sprint(i))
	}
	found := 0
	for i := range 10_000 {
		if v, ok := c.Get(i); ok {
			found++
			if v != fmt.Sprint(i) {
				t.Fatalf("%d is %s", i, v)
			}
		}
	}
	if found < 32 || found > 64 {
		t.Errorf("%d of 64 places are in use", found)
	}
}

// TestCache_Concurrent: readers and writers of the same places see whole entries only.
func TestCache_Concurrent(t *testing.T) {
	c := New[int, int](16)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 5_000 {
				k := (i + w) % 100
				if v, ok := c.Get(k); ok && v != k*7 {
					t.Errorf("%d is %d", k, v)
					return
				}
				c.Put(k, k*7)
			}
		})
	}
	wg.Wait()
}

func BenchmarkGet(b *testing.B) {
	b.ReportAllocs()
	c := New[netip.Addr, *int](4096)
	a := netip.MustParseAddr("81.2.69.142")
	c.Put(a, new(int))
	for b.Loop() {
		c.Get(a)
	}
}
