package threat

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// tableOf builds a table of values whose kinds are guessed.
func tableOf(t testing.TB, values ...string) *Table {
	t.Helper()
	b := newBuilder()
	for _, v := range values {
		k, ok := guess(v)
		if !ok {
			t.Fatalf("%q is nothing", v)
		}
		if err := b.add(Indicator{Kind: k, Value: v, Feed: "test", Confidence: -1}); err != nil {
			t.Fatal(err)
		}
	}
	return b.build()
}

func TestTable(t *testing.T) {
	table := tableOf(t,
		"192.0.2.1", "198.51.100.0/24", "198.51.0.0/16", "2001:db8::/32", "2001:db8::7", "evil.example", "deep.bad.example",
		"http://Evil.example:80/x?y=1#z", "d41d8cd98f00b204e9800998ecf8427e", "192.0.2.1",
	)
	if table.Len() != 9 {
		t.Errorf("%d indicators: one came twice", table.Len())
	}
	for _, c := range []struct {
		kind  Kind
		value string
		want  []string
	}{
		{IP, "192.0.2.1", []string{"192.0.2.1"}},
		{IP, "::ffff:192.0.2.1", []string{"192.0.2.1"}},
		{IP, "192.0.2.2", nil},
		{IP, "198.51.100.77", []string{"198.51.100.0/24", "198.51.0.0/16"}},
		{IP, "198.51.101.1", []string{"198.51.0.0/16"}},
		{IP, "2001:db8::7", []string{"2001:db8::7", "2001:db8::/32"}},
		{IP, "2001:db9::7", nil},
		{IP, "no address", nil},
		{Domain, "evil.example", []string{"evil.example"}},
		{Domain, "WWW.Evil.Example.", []string{"evil.example"}},
		{Domain, "notevil.example", nil},
		{Domain, "bad.example", nil},
		{Domain, "a.deep.bad.example", []string{"deep.bad.example"}},
		{Domain, strings.Repeat("a.", 200), nil},
		{URL, "https://EVIL.example/x?y=1", []string{"evil.example/x?y=1"}},
		{URL, "https://evil.example/x", nil},
		{Hash, "D41D8CD98F00B204E9800998ECF8427E", []string{"d41d8cd98f00b204e9800998ecf8427e"}},
		{Hash, "d41d8cd98f00b204e9800998ecf8427f", nil},
		{Hash, "xyz", nil},
	} {
		var got []string
		for _, n := range table.lookUp(nil, c.kind, c.value, 1) {
			got = append(got, table.describe(n).Value)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v %s: %v, want %v", c.kind, c.value, got, c.want)
		}
	}
}

// Two feeds that name one address are both told; an indicator is forgotten when its time is over.
func TestTable_FeedsAndTime(t *testing.T) {
	b := newBuilder()
	until := time.Unix(1_700_000_000, 0)
	for _, i := range []Indicator{
		{Kind: IP, Value: "192.0.2.1", Feed: "one", Description: "botnet", Confidence: 80},
		{Kind: IP, Value: "192.0.2.1", Feed: "two", Confidence: -1, Expires: until},
	} {
		if err := b.add(i); err != nil {
			t.Fatal(err)
		}
	}
	table := b.build()
	before := table.lookUp(nil, IP, "192.0.2.1", uint32(until.Unix())-1)
	if len(before) != 2 {
		t.Fatalf("%d indicators before one expires", len(before))
	}
	after := table.lookUp(nil, IP, "192.0.2.1", uint32(until.Unix()))
	if len(after) != 1 {
		t.Fatalf("%d indicators after one expired", len(after))
	}
	if got := table.describe(after[0]); got.Feed != "one" || got.Description != "botnet" || got.Confidence != 80 || !got.Expires.IsZero() {
		t.Errorf("got %+v", got)
	}
}

// Every network that holds an address is found by it, whatever its length: the oracle is net/netip.
func TestTable_PrefixesAsNetip(t *testing.T) {
	var prefixes []netip.Prefix
	b := newBuilder()
	for i := range 400 {
		var raw [4]byte
		binary.BigEndian.PutUint32(raw[:], uint32(i)*2654435761)
		p := netip.PrefixFrom(netip.AddrFrom4(raw), i%33).Masked()
		prefixes = append(prefixes, p)
		if err := b.add(Indicator{Kind: CIDR, Value: p.String(), Feed: "f"}); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(prefixes, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	prefixes = slices.Compact(prefixes)
	table := b.build()
	for i := range 2000 {
		var raw [4]byte
		binary.BigEndian.PutUint32(raw[:], uint32(i)*40503*69069)
		a := netip.AddrFrom4(raw)
		want := 0
		for _, p := range prefixes {
			if p.Contains(a) {
				want++
			}
		}
		if got := len(table.ip(nil, a, 1)); got != want {
			t.Fatalf("%s lies in %d networks, found %d", a, want, got)
		}
	}
}

// A million indicators of four kinds stay below 120 MB. The bytes are those of the heap, not those that the table says.
func TestTable_MillionMemory(t *testing.T) {
	before := heap()
	table := million(t)
	used := heap() - before
	if table.Len() != 1_000_000 {
		t.Fatalf("%d indicators", table.Len())
	}
	if used > 120<<20 {
		t.Errorf("a million indicators take %d MiB, more than 120", used>>20)
	}
	if said := table.size(); said > int(used)+8<<20 || said < int(used)*8/10 {
		t.Errorf("the table says %d bytes, the heap has %d more", said, used)
	}
	runtime.KeepAlive(table)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what other tests left in pools goes with the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// million is a table of addresses, domains, URLs and hashes, a quarter each.
func million(t testing.TB) *Table {
	t.Helper()
	b := newBuilder()
	for i := range 250_000 {
		for _, ind := range []Indicator{
			{Kind: IP, Value: fmt.Sprintf("%d.%d.%d.%d", 11+i>>16&63, i>>8&255, i&255, i%251)},
			{Kind: Domain, Value: fmt.Sprintf("host%d.malware-campaign.example", i)},
			{Kind: URL, Value: fmt.Sprintf("http://site%d.example/wp-content/plugins/%d/gate.php", i, i)},
			{Kind: Hash, Value: fmt.Sprintf("%064x", uint64(i)*2654435761)},
		} {
			ind.Feed = "feed"
			if err := b.add(ind); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.build()
}

func BenchmarkLookUp(b *testing.B) {
	table := million(b)
	for _, c := range []struct {
		name  string
		kind  Kind
		value string
	}{
		{"ip miss", IP, "203.0.113.77"}, {"ip hit", IP, "11.0.1.1"}, {"domain miss", Domain, "www.images.shop.example.org"},
		{"domain hit", Domain, "a.host777.malware-campaign.example"}, {"url miss", URL, "https://www.example.org/index.html?lang=en"},
		{"hash miss", Hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var buf [16]uint32
			for b.Loop() {
				table.lookUp(buf[:0], c.kind, c.value, 1)
			}
		})
	}
}
