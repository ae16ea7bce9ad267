package match

import (
	"strings"
	"testing"
)

func TestParts(t *testing.T) {
	plain := func(ids ...string) (out []*Match) {
		for _, id := range ids {
			out = append(out, &Match{ID: id})
		}
		return out
	}
	inner := func(id string, parts ...string) []*Match { return []*Match{{ID: id, Parts: plain(parts...)}} }
	for _, c := range []struct {
		name string
		in   [][]*Match
		want string
	}{
		{"one", [][]*Match{plain("a")}, "a"},
		{"all that fit", [][]*Match{plain("a", "b", "c", "d", "e", "f", "g", "h")}, "a b c d e f g h"},
		{"the middle goes", [][]*Match{plain("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")}, "a b c d e h i j"},
		{"of completions, their parts", [][]*Match{inner("x", "a", "b"), plain("c"), inner("y", "d")}, "a b c d"},
		{"never more, however many parts", [][]*Match{inner("x", "a", "b", "c", "d", "e", "f", "g", "h"), inner("y", "i", "j")}, "a b c d e h i j"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Parts
			for _, list := range c.in {
				for _, m := range list {
					p.Take(m)
				}
			}
			var got []string
			for _, m := range p.list {
				if len(m.Parts) > 0 {
					t.Errorf("%s has parts itself", m.ID)
				}
				got = append(got, m.ID)
			}
			if strings.Join(got, " ") != c.want || len(got) > MaxParts {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestParts_Completion(t *testing.T) {
	m := event(1, 5, "v")
	m.Step, m.Cond, m.Number = 2, 3, 4
	var p Parts
	p.Take(m)
	c := p.Completion(m, 99)
	if c.T != 99 || c.ID != m.ID || c.Src != m.Src || c.Value != "v" || c.Shown != m.Shown || c.Step != 2 || c.Cond != 3 || c.Number != 4 {
		t.Errorf("%+v", c)
	}
	if len(c.Parts) != 1 || c.Parts[0] != m || m.T != 5 || m.Parts != nil {
		t.Errorf("parts %v; the match itself became %+v", c.Parts, m)
	}
}
