package asa

import (
	"testing"
	"time"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

func TestParseDuration(t *testing.T) {
	tests := map[string]time.Duration{
		"0:00:00": 0, "0:01:07": 67 * time.Second, "100:00:00": 100 * time.Hour, "0h:01m:52s": 112 * time.Second, "2h:27m:34s": 2*time.Hour + 27*time.Minute + 34*time.Second,
		"1d 2h:03m:04s": 26*time.Hour + 3*time.Minute + 4*time.Second, "2d 0:00:01": 48*time.Hour + time.Second, "30": 30 * time.Second, "5m": 5 * time.Minute,
	}
	for s, want := range tests {
		if got, ok := parseDuration(s); !ok || got != want {
			t.Errorf("%s: %s, %t, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "x", "1:2:3:4", "99999999999:00:00", "1w"} {
		if got, ok := parseDuration(s); ok {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestSplitUser(t *testing.T) {
	tests := map[string]ends.Name{
		`alice`:             {User: "alice"},
		`LOCAL\alice`:       {User: "alice"},
		`LOCAL\\alice`:      {User: "alice"},
		`LOCAL\CORP\alice`:  {User: "alice", Domain: "CORP"},
		`CORP\alice`:        {User: "alice", Domain: "CORP"},
		`alice@b.example`:   {User: "alice", Domain: "b.example", Email: "alice@b.example"},
		`LOCAL\pc7$`:        {User: "pc7"},
		`$`:                 {User: "$"},
		`First Last`:        {User: "First Last"},
		`LOCAL\a@b.example`: {User: "a", Domain: "b.example", Email: "a@b.example"},
	}
	for s, want := range tests {
		if got := splitUser(s); got != want {
			t.Errorf("%s: %+v, want %+v", s, got, want)
		}
	}
}

func TestReadIdentity(t *testing.T) {
	tests := []struct{ identity, user, tag, name string }{
		{"", "", "", ""}, {`LOCAL\alice`, `LOCAL\alice`, "", ""}, {`LOCAL\alice, 9`, `LOCAL\alice`, "9", ""}, {`9:blue`, "", "9", "blue"},
		{`a, b, 9:blue`, "a, b", "9", "blue"}, {"12", "", "12", ""}, {"last, first", "last, first", "", ""},
	}
	for _, tt := range tests {
		var e event.Event
		x := end{identity: tt.identity}
		x.readIdentity(&e, &sourceFields)
		if x.user != tt.user || e.Get(sourceFields.tag).Text() != tt.tag || e.Str(sourceFields.tagName) != tt.name {
			t.Errorf("%q: %q, %s, %s", tt.identity, x.user, e.Get(sourceFields.tag), e.Str(sourceFields.tagName))
		}
	}
}
