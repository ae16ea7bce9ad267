package expire_test

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control/retaining"
	"weir/internal/retention/expire"
)

// TestGate: another store may delete what the archive has sealed, or had until it expired; never what a hold may want.
func TestGate(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2026-01-01", "kim"), doc("kr-pipa-access-1y", "2026-01-05", "kim"), doc("long", "2026-02-01", "kim"))
	r := w.runner()
	w.once(r) // short/2026-01-01 expires
	g := expire.NewGate(w.archive, w.store, func() time.Time { return w.now })
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	check := func(name, class, from string, days int, want string) {
		t.Helper()
		may, why := g.MayDrop(class, day(from), day(from).AddDate(0, 0, days))
		if may != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %v %s, want %q", name, may, why, want)
		}
	}
	check("what expired there may go here", "short", "2026-01-01", 1, "")
	check("what is sealed", "long", "2026-02-01", 1, "")
	check("as an index names it", "kr_pipa_access_1y", "2026-01-05", 1, "")
	check("a month with some days sealed", "long", "2026-02-01", 28, "")
	check("a day of which nothing is sealed", "long", "2026-02-02", 1, "sealed nothing")
	check("a class that there is not", "other", "2026-02-01", 1, "sealed nothing")
	id := hold(t, r, retaining.HoldRequest{Query: "user.name: nobody", From: day("2026-01-01"), To: day("2026-01-31")})
	check("a hold of that time", "kr_pipa_access_1y", "2026-01-05", 1, "the hold "+id)
	check("another time", "long", "2026-02-01", 1, "")
	if _, err := r.Release(t.Context(), retaining.ReleaseRequest{ID: id, Reason: "closed"}); err != nil {
		t.Fatal(err)
	}
	check("the hold is released", "kr_pipa_access_1y", "2026-01-05", 1, "")
	w.add(doc("other", "2026-02-01", "kim"))
	check("it is sealed now", "other", "2026-02-01", 1, "")

	for _, tc := range []struct {
		class, day string
		want       bool
	}{{"short", "2026-02-07", true}, {"short", "2026-02-08", true}, {"short", "2026-02-09", false}, {"long", "2001-01-01", false}, {"nobody", "2001-01-01", false}} {
		if got := g.MustDrop(tc.class, day(tc.day)); got != tc.want {
			t.Errorf("%s of %s must be gone: %v", tc.class, tc.day, got)
		}
	}
	if g.Keep("short") != 240*time.Hour || g.Keep("kr_pipa_rights_3y") != 3*365*24*time.Hour || g.Keep("default") != 0 || g.Keep("nobody") != 0 {
		t.Error("how long classes are kept")
	}
}
