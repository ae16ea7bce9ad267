package alerts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

func TestList(t *testing.T) {
	s := open(t)
	for i, level := range []string{"informational", "low", "medium", "high", "critical", "odd"} {
		a := sample(fmt.Sprintf("%04x000000000000", i), i+1)
		a.Level, a.Rule = level, []string{"even", "uneven"}[i%2]
		put(t, s, a)
	}
	if _, err := s.SetState(t.Context(), "0001000000000000", alert.Acknowledged, "ana", "", 0); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		f    Filter
		want string
	}{
		{"all, newest first", Filter{}, "0005 0004 0003 0002 0001 0000"},
		{"size", Filter{Size: 2}, "0005 0004"},
		{"open", Filter{State: alert.Open}, "0005 0004 0003 0002 0000"},
		{"acknowledged", Filter{State: alert.Acknowledged}, "0001"},
		{"level and above", Filter{Level: "high"}, "0004 0003"},
		{"rule", Filter{Rule: "even"}, "0004 0002 0000"},
		{"from", Filter{From: noon.Add(5 * time.Second)}, "0005 0004"},
		{"to", Filter{To: noon.Add(3 * time.Second)}, "0001 0000"},
		{"several", Filter{Level: "low", Rule: "uneven", From: noon, To: noon.Add(time.Hour), Size: 9}, "0003 0001"},
		{"none", Filter{Rule: "x' OR 1=1 --"}, ""},
	}
	for _, c := range cases {
		rows, err := s.List(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Short)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestGet(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000001", 1), sample("3f9c0a0000000001", 1), sample("3f9c0a0000000002", 1), sample("b07e000000000001", 1))
	cases := []struct{ name, prefix, want, code, says string }{
		{"short", "b07e", "b07e000000000001", "", ""},
		{"shorter", "b", "b07e000000000001", "", ""},
		{"capitals", " B07E ", "b07e000000000001", "", ""},
		{"whole", "3f9c000000000001", "3f9c000000000001", "", ""},
		{"ambiguous", "3f9c", "", "alert-ambiguous", "3f9c00, 3f9c0a0000000001, 3f9c0a0000000002"},
		{"still ambiguous", "3f9c0a", "", "alert-ambiguous", "3f9c0a0000000001"},
		{"unknown", "aaaa", "", "alert-unknown", "begins with aaaa"},
		{"no id", "x' --", "", "alert-unknown", "0-9 and a-f"},
		{"empty", "", "", "alert-unknown", "no alert id"},
	}
	for _, c := range cases {
		row, err := s.Get(t.Context(), c.prefix)
		if row.ID != c.want || fault.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v", c.name, row.ID, err)
		}
		if err == nil {
			if again, err := s.Get(t.Context(), row.Short); err != nil || again.ID != row.ID || len(row.Short) < minShort {
				t.Errorf("%s: its short id %q gives %q, %v", c.name, row.Short, again.ID, err)
			}
		}
	}
}

func TestShorten(t *testing.T) {
	cases := []struct{ id, before, after, want string }{
		{"3f9c00", "", "", "3f9c"},
		{"3f9c00", "3f8c00", "b00000", "3f9c"},
		{"3f9c00", "3f9b00", "3f9c10", "3f9c0"},
		{"3f9c00", "3f9bff", "3f9c01", "3f9c00"},
		{"3f", "", "", "3f"},
	}
	for _, c := range cases {
		if got := shorten(c.id, c.before, c.after); got != c.want {
			t.Errorf("%s between %s and %s: %s, want %s", c.id, c.before, c.after, got, c.want)
		}
	}
}

// TestList_order: alerts of one moment come in one order, so that a page is the same when it is asked for again.
func TestList_order(t *testing.T) {
	s := open(t)
	put(t, s, sample("cccc000000000001", 1), sample("aaaa000000000001", 1), sample("bbbb000000000001", 1))
	for range 3 {
		rows, err := s.List(t.Context(), Filter{Size: 2})
		if err != nil || len(rows) != 2 || rows[0].Short != "aaaa" || rows[1].Short != "bbbb" {
			t.Errorf("%+v, %v", rows, err)
		}
	}
	none, err := s.List(t.Context(), Filter{State: "nonsense"})
	if err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// TestGet_manyCandidates: an error names a few ids and says that there are more.
func TestGet_manyCandidates(t *testing.T) {
	s := open(t)
	for i := range maxCandidates + 3 {
		put(t, s, sample(fmt.Sprintf("3f9c%012x", i<<40), 1))
	}
	_, err := s.Get(t.Context(), "3f")
	if fault.Code(err) != "alert-ambiguous" || !strings.HasSuffix(err.Error(), ", ...") || strings.Count(err.Error(), ", ") != maxCandidates {
		t.Errorf("got %v", err)
	}
}
