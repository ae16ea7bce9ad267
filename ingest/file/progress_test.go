package file

import (
	"errors"
	"testing"
)

// at is a fingerprint at a place.
func at(offset int64) fingerprint { return fingerprint{Offset: offset} }

func TestProgress_InAnyOrder(t *testing.T) {
	var p progress
	a, b, c := p.begin(at(10)), p.begin(at(20)), p.begin(at(30))
	if _, moved := p.end(b, nil); moved {
		t.Error("moved beyond a part that is not done")
	}
	if safe, moved := p.end(a, nil); !moved || safe.Offset != 20 {
		t.Errorf("safe to %d", safe.Offset)
	}
	if safe, moved := p.end(c, nil); !moved || safe.Offset != 30 {
		t.Errorf("safe to %d", safe.Offset)
	}
	if failed, settled := p.state(); failed || !settled {
		t.Error("not settled")
	}
}

func TestProgress_AFailureStopsIt(t *testing.T) {
	bad := errors.New("not taken")
	for _, tt := range []struct {
		name string
		last error
		hole bool
	}{{"nothing behind it was taken", bad, false}, {"something behind it was taken", nil, true}} {
		var p progress
		a, b, c := p.begin(at(10)), p.begin(at(20)), p.begin(at(30))
		p.end(a, nil)
		p.end(b, bad)
		if failed, settled := p.state(); !failed || settled {
			t.Errorf("%s: failed %v, settled %v", tt.name, failed, settled)
		}
		if _, moved := p.end(c, tt.last); moved {
			t.Errorf("%s: moved beyond a part that was not taken", tt.name)
		}
		if _, settled := p.state(); !settled {
			t.Errorf("%s: not settled", tt.name)
		}
		if got := p.restart(); got != tt.hole {
			t.Errorf("%s: hole %v", tt.name, got)
		}
		if failed, settled := p.state(); failed || !settled {
			t.Errorf("%s: still failed", tt.name)
		}
		if safe, moved := p.end(p.begin(at(15)), nil); !moved || safe.Offset != 15 {
			t.Errorf("%s: does not go on", tt.name)
		}
	}
}
