package bind

import (
	"testing"
)

func TestDrops(t *testing.T) {
	socks, err := UDPs(Place{Name: "test", Network: "udp", Address: "127.0.0.1:0"}, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	c := socks[0].UDPConn
	if n, ok := Drops(c); !ok || n != 0 {
		t.Fatalf("%d, %v before anything was sent", n, ok)
	}
	to := c.LocalAddr()
	for range 1000 { // nobody reads
		if _, err := c.WriteTo(make([]byte, 512), to); err != nil {
			t.Fatal(err)
		}
	}
	if n, ok := Drops(c); !ok || n == 0 || n >= 1000 {
		t.Errorf("%d dropped of 1000, %v", n, ok)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok := Drops(c); ok {
		t.Error("a closed socket has a count")
	}
}
