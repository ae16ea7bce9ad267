package fence

import "testing"

func TestUnder(t *testing.T) {
	for _, tc := range []struct {
		pkg, dir string
		want     bool
	}{
		{"ingest", "ingest", true},
		{"ingest/syslog", "ingest", true},
		{"ingester", "ingest", false},
		{"ingest", "ingest/*", false},
		{"ingest/syslog", "ingest/*", true},
	} {
		if got := under(tc.pkg, tc.dir); got != tc.want {
			t.Errorf("under(%q, %q) = %v", tc.pkg, tc.dir, got)
		}
	}
}

// TestRulesAreComplete sees that every rule says why, and that none forbids a package to import itself.
func TestRulesAreComplete(t *testing.T) {
	for i, r := range rules {
		if r.reason == "" || len(r.from) == 0 || len(r.deny) == 0 {
			t.Errorf("rule %d is not complete: %+v", i, r)
		}
		for _, from := range r.from {
			if from == "*" {
				continue
			}
			if f := (&goFile{pkg: from}); r.binds(f) && r.denies(from) {
				t.Errorf("rule %d forbids %s to import itself", i, from)
			}
		}
	}
}
