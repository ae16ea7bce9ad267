package signal

import (
	"strconv"
	"testing"
)

// TestPartition_Stays: where a group's signals go must never change, as its state is there.
func TestPartition_Stays(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		route      []string
		want       int32
	}{
		{"nothing in common", "ssh-brute-force", nil, 14},
		{"one value", "ssh-brute-force", []string{"203.0.113.5"}, 11},
		{"two values", "ssh-brute-force", []string{"203.0.113.5", "root"}, 9},
		{"an empty value is one", "ssh-brute-force", []string{""}, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Partition(c.rule, c.route, 16); got != c.want {
				t.Errorf("partition %d, must be %d", got, c.want)
			}
		})
	}
}

// TestPartition_Spreads: a thousand groups use all partitions, none more than a few times its share.
func TestPartition_Spreads(t *testing.T) {
	var n [8]int
	for i := range 8000 {
		n[Partition("r", []string{strconv.Itoa(i)}, len(n))]++
	}
	for p, got := range n {
		if got < 500 || got > 2000 {
			t.Errorf("partition %d has %d of 8,000 groups", p, got)
		}
	}
}
