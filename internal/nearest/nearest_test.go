package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	fields := []string{"source.ip", "user.name", "host.name", "event.outcome", "destination.ip", "message", "url.path"}
	cases := []struct{ name, word, want string }{
		{"itself", "user.name", "user.name"},
		{"missing letter", "sorce.ip", "source.ip"},
		{"swapped letters", "user.nmae", "user.name"},
		{"both parts", "usr.nam", "user.name"},
		{"two in each part", "uusr.nmee", "user.name"},
		{"other separator", "user_name", "user.name"},
		{"one too many", "messagee", "message"},
		{"short part, one wrong", "source.ik", "source.ip"},
		{"short part, all wrong", "source.xy", ""},
		{"far", "flavour", ""},
		{"three wrong", "massaxx", ""},
		{"too few parts", "source", ""},
		{"empty", "", ""},
		{"runes", "메시지", ""},
		{"case", "USER.NAME", "user.name"},
		{"case and a letter", "Usr.Name", "user.name"},
		{"one part only", "source", ""},
		{"a point too many", "user.name.", "user.name"},
	}
	for _, c := range cases {
		if got := Name(c.word, fields); got != c.want {
			t.Errorf("%s: %q is near %q, want %q", c.name, c.word, got, c.want)
		}
	}
	if got := Name("limti", []string{"limits", "limit"}); got != "limit" {
		t.Errorf("the nearer one must win, not %q", got)
	}
	if got := Name("ab", []string{"ax", "ay"}); got != "ax" {
		t.Errorf("of equals the first, not %q", got)
	}
	if got := Name("event.knd", []string{"event.end", "event.kind", "event.id"}); got != "event.kind" {
		t.Errorf("of equals the one that begins alike, not %q", got)
	}
	if got := Name("abx", []string{"abyz", "bx"}); got != "bx" {
		t.Errorf("the nearer one must win over one that begins alike, not %q", got)
	}
}

func TestDistance(t *testing.T) {
	cases := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "bca", 2}, {"abc", "axc", 1}, {"김민수", "김수민", 1},
	}
	for _, c := range cases {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

// TestName_exact: what is spelt right is never corrected, whatever stands before it in the list.
func TestName_exact(t *testing.T) {
	for _, c := range []struct {
		name, word, want string
		candidates       []string
	}{
		{"behind a near one", "limit", "limit", []string{"limits", "limit"}},
		{"behind one in capitals", "limit", "limit", []string{"LIMIT", "limit"}},
		{"in capitals", "LIMIT", "limit", []string{"limits", "limit"}},
		{"no candidates", "limit", "", nil},
		{"an empty one is not near", "ab", "", []string{""}},
		{"a single letter has no neighbours", "a", "", []string{"b", "c"}},
	} {
		if got := Name(c.word, c.candidates); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzName: what is offered is one of the candidates, and near in the sense of the comment: at most two edits in each
// part.
func FuzzName(f *testing.F) {
	for _, s := range []string{"user.nmae", "", ".", "a.b.c", "메시지", "USER_NAME", "\xff"} {
		f.Add(s, "user.name message a.b.c x")
	}
	f.Fuzz(func(t *testing.T, word, list string) {
		candidates := strings.Fields(list)
		got := Name(word, candidates)
		if got == "" {
			return
		}
		found := false
		for _, c := range candidates {
			found = found || c == got
		}
		edits := 2 * max(strings.Count(word, ".")+1, 1)
		if d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(got))); !found || d > edits {
			t.Errorf("%q is offered for %q: %d edits", got, word, d)
		}
	})
}
