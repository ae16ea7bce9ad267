package term

import (
	"bytes"
	"os"
	"testing"
)

func TestColored(t *testing.T) {
	for name, x := range map[string]struct {
		o    Options
		tty  bool
		want bool
	}{
		"terminal":             {Options{}, true, true},
		"pipe":                 {Options{}, false, false},
		"NO_COLOR":             {Options{Env: []string{"NO_COLOR=1"}}, true, false},
		"NO_COLOR empty":       {Options{Env: []string{"NO_COLOR="}}, true, true},
		"TERM dumb":            {Options{Env: []string{"TERM=dumb"}}, true, false},
		"always into a pipe":   {Options{Color: "always"}, false, true},
		"always over NO_COLOR": {Options{Color: "always", Env: []string{"NO_COLOR=1"}}, true, true},
		"never":                {Options{Color: "never"}, true, false},
		"auto":                 {Options{Color: "auto"}, true, true},
	} {
		if got := colored(x.o, x.tty); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLocale(t *testing.T) {
	for name, x := range map[string]struct {
		env  []string
		utf8 bool
	}{
		"none":               {nil, false},
		"C":                  {[]string{"LANG=C"}, false},
		"C.utf8":             {[]string{"LANG=C.utf8"}, true},
		"ko":                 {[]string{"LANG=ko_KR.UTF-8"}, true},
		"euc-kr":             {[]string{"LANG=ko_KR.EUC-KR"}, false},
		"LC_ALL wins":        {[]string{"LANG=en_US.UTF-8", "LC_ALL=C"}, false},
		"LC_CTYPE over LANG": {[]string{"LANG=C", "LC_CTYPE=en_US.UTF-8"}, true},
		"empty does not":     {[]string{"LC_ALL=", "LANG=en_US.UTF-8"}, true},
	} {
		if got := !Detect(&bytes.Buffer{}, Options{Env: x.env}).ASCII; got != x.utf8 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !Detect(&bytes.Buffer{}, Options{Env: []string{"LANG=en_US.UTF-8"}, ASCII: true}).ASCII {
		t.Error("--ascii has no effect")
	}
}

func TestDetect_File(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	face := Detect(f, Options{Env: []string{"COLUMNS=40"}})
	if face.TTY || face.Width != defaultWidth || face.Now == nil {
		t.Errorf("got %+v", face)
	}
	if Height(f) != 24 || IsTerminal(f) {
		t.Error("a file has the height of a terminal")
	}
}

func TestPaint(t *testing.T) {
	on, off := &Face{Color: true}, &Face{}
	for _, s := range []Style{Bold, Dim, Red, Yellow, Green} {
		if got := on.Paint(s, "x"); got == "x" || got[len(got)-4:] != "\x1b[0m" {
			t.Errorf("%d: %q", s, got)
		}
		if off.Paint(s, "x") != "x" {
			t.Errorf("%d colours without colour", s)
		}
	}
	if on.Paint(Plain, "x") != "x" || on.Paint(Red, "") != "" {
		t.Error("nothing was coloured")
	}
	if on.Tick() != "✓" || (&Face{ASCII: true}).Tick() != "ok" {
		t.Error("wrong tick")
	}
}
