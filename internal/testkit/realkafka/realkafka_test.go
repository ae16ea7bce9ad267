package realkafka

import (
	"net"
	"strings"
	"testing"
)

func TestStart_TwoAtOnceThatAreGoneAfterwards(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two servers")
	}
	var dir string
	t.Run("both answer", func(t *testing.T) {
		a, b := Start(t, 1), Start(t, 1)
		dir = a.Dir
		if a.Brokers[0] == b.Brokers[0] {
			t.Fatalf("both are at %s", a.Brokers[0])
		}
		for _, k := range []*Cluster{a, b} {
			c, err := net.Dial("tcp", k.Brokers[0])
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
			if s := k.Do("status"); !strings.Contains(s, "running") {
				t.Error(s)
			}
		}
		a.Do("kill")
		if out, err := a.do("status"); err == nil || !strings.Contains(out, "down") {
			t.Errorf("killed, and it says %s", out)
		}
	})
	k := &Cluster{script: "true", Dir: dir}
	if _, err := k.do("status"); err != nil {
		t.Error(err)
	}
}
