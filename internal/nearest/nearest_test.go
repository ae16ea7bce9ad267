package nearest

import "testing"

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
