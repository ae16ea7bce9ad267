package ui

import (
	"errors"
	"testing"

	"weir/internal/fault"
	"weir/rules/pipelines"
)

// text returns what a fault says and what to do about it.
func text(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	return f.What + " | " + f.Do
}

func TestArgs(t *testing.T) {
	for name, c := range map[string]struct {
		check func([]string) error
		args  []string
		want  string
	}{
		"as many as named":  {Exactly("ID", "EVENT"), []string{"a", "b"}, ""},
		"one is missing":    {Exactly("ID", "EVENT"), []string{"a"}, "missing: EVENT | "},
		"all are missing":   {Exactly("ID", "EVENT"), nil, "missing: ID EVENT | "},
		"one too many":      {Exactly("ID"), []string{"a", "b c"}, "too much: b c | put what has blanks in it into quotes"},
		"none where it may": {AtMost(1), nil, ""},
		"more than it may":  {AtMost(0), []string{"a"}, "too much: a | put what has blanks in it into quotes"},
	} {
		if got := text(c.check(c.args)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestOneOf(t *testing.T) {
	if err := OneOf("level", "high", "low", "high"); err != nil {
		t.Error(err)
	}
	err := OneOf("level", "hihg", "low", "high")
	if got := text(err); got != "--level hihg is not known | one of low, high" || fault.Exit(err) != fault.ExitUsage {
		t.Errorf("%q, exit %d", got, fault.Exit(err))
	}
}

func TestPlural(t *testing.T) {
	for want, n := range map[string]int{"1 miss": 1, "0 misses": 0, "1,200 misses": 1200} {
		if got := Plural(n, "miss"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Plural(2, "rule"); got != "2 rules" {
		t.Error(got)
	}
}

func TestShell_Printf(t *testing.T) {
	gone := errors.New("closed")
	var got string
	s := Shell{Write: func(b []byte) error { got = string(b); return gone }}
	if err := s.Printf("%d %s", 2, "rules"); !errors.Is(err, gone) || got != "2 rules" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLogSource(t *testing.T) {
	for in, want := range map[string]pipelines.LogSource{
		"":                             {},
		"product=linux":                {Product: "linux"},
		"product=windows,service=auth": {Product: "windows", Service: "auth"},
		"category=process_creation,product=windows,service=x": {Product: "windows", Category: "process_creation", Service: "x"},
	} {
		got, err := LogSource(in)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"linux", "product=", "os=linux", "product=linux,", "=x"} {
		if got, err := LogSource(in); fault.Code(err) != "usage" {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}
