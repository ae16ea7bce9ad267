package query

import (
	"testing"

	"weir/event"
)

func TestTextTester(t *testing.T) {
	const text = "Accepted publickey for Ünal from web-1.example.com; total 12,345 bytes"
	cases := []struct {
		name, value string
		want        bool
	}{
		{"word", "publickey", true},
		{"word with marks", "ÜNAL", true},
		{"one of several", "nothing publickey", true},
		{"dashes split", "web-1", true},
		{"joined name", "example.com", true},
		{"glob at the end", "pub*", true},
		{"glob with capitals", "ACC*ED", true},
		{"glob beyond ASCII", "ün*", true},
		{"glob and word, word hits", "zzz* bytes", true},
		{"word and glob, glob hits", "zzz byt*", true},
		{"glob apart from its neighbour", "zzz pub* yyy", true},
		{"glob is one token", "accepted*publickey", false},
		{"glob after a blank", "zzz *", true},
		{"none", "zzz yyy*", false},
		{"phrase", `"publickey for ünal"`, true},
		{"phrase over a number", `"total 12,345 bytes"`, true},
		{"phrase, wrong order", `"for publickey"`, false},
		{"phrase beyond the end", `"bytes more"`, false},
	}
	for _, c := range cases {
		q, err := Parse("message: " + c.value)
		if err != nil {
			t.Fatal(err)
		}
		var e event.Event
		e.SetStr(event.Message, text)
		if got := q.Match(&e); got != c.want {
			t.Errorf("%s: %s: %v", c.name, c.value, got)
		}
	}
}
