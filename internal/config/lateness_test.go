package config

import (
	"testing"
	"time"
)

func TestLatenesses(t *testing.T) {
	got := Correlate{DatasetLateness: []string{"aws.*=1h", "nonsense", "system.auth=30s"}}.Latenesses()
	want := []Lateness{{"aws.*", time.Hour}, {"system.auth", 30 * time.Second}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
	if l, err := Load("", nil); err != nil || len(l.Config.Correlate.Latenesses()) != len(l.Config.Correlate.DatasetLateness) {
		t.Errorf("the defaults are not all understood: %v", err)
	}
}

func TestLatenessOf(t *testing.T) {
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"a pattern", "aws.*=1h", true},
		{"one dataset", "system.auth=0s", true},
		{"no time", "aws.*", false},
		{"no dataset", "=1h", false},
		{"no duration", "aws.*=soon", false},
		{"before the event", "aws.*=-1m", false},
		{"more than a day", "aws.*=25h", false},
		{"no pattern", "aws.[=1h", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := latenessOf(c.text); (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
		})
	}
}
