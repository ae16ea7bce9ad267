package alert

import (
	"math"
	"testing"
)

func TestAlert_Sound(t *testing.T) {
	for name, tc := range map[string]struct {
		a    Alert
		want bool
	}{
		"ours":              {Alert{ID: "a", Revision: 1}, true},
		"of many revisions": {Alert{ID: "a", Revision: 5_000_000}, true},
		"no id":             {Alert{Revision: 1}, false},
		"no revision":       {Alert{ID: "a"}, false},
		"negative":          {Alert{ID: "a", Revision: -1}, false},
		"the last number":   {Alert{ID: "a", Revision: math.MaxInt}, false},
	} {
		if got := tc.a.Sound(); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestChange_Sound(t *testing.T) {
	ours := Change{Alert: "a", Version: 1, Kind: Note, State: Acknowledged}
	for name, tc := range map[string]struct {
		edit func(*Change)
		want bool
	}{
		"ours":            {func(*Change) {}, true},
		"closed":          {func(c *Change) { c.Kind, c.State, c.Verdict = ToState, Closed, Benign }, true},
		"no alert":        {func(c *Change) { c.Alert = "" }, false},
		"no version":      {func(c *Change) { c.Version = 0 }, false},
		"the last number": {func(c *Change) { c.Version = math.MaxInt }, false},
		"no kind":         {func(c *Change) { c.Kind = "" }, false},
		"unknown kind":    {func(c *Change) { c.Kind = "bananas" }, false},
		"no state":        {func(c *Change) { c.State = "" }, false},
		"unknown state":   {func(c *Change) { c.State = "bananas" }, false},
	} {
		c := ours
		tc.edit(&c)
		if got := c.Sound(); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
