package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/internal/fault"
)

// FuzzLoad: any file is read or refused; what is refused has a place inside the file and a caret inside its line, and
// what is read prints as a file that reads as the same.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range []string{"data: 'it''s'", "bus: {linger: 1d1h, brokers: []}", "? a\n: b", "[1, 2]", "- a\n- b", "data: |\n  x\n  y\n", "\"data\": \"\\u202e\"", "%YAML 1.2\n---\n", "a: &x *x", "{{{{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		c := Default()
		d := &loader{root: reflect.ValueOf(&c).Elem(), origins: map[string]origin{}}
		d.decodeFile("f", data)
		for _, e := range d.faults {
			checkFault(t, d.src, e)
		}
		if len(d.faults) > 0 {
			return
		}
		l := &Loaded{Config: c, origins: d.origins, source: d.src}
		for _, e := range l.validate() {
			if _, ok := errors.AsType[*fault.Error](error(e)); !ok || e.What == "" {
				t.Errorf("empty fault %+v", e)
			}
		}
		again := Default()
		d2 := &loader{root: reflect.ValueOf(&again).Elem(), origins: map[string]origin{}}
		if text := l.YAML(false); utf8.ValidString(text) && !strings.Contains(text, "?") {
			d2.decodeFile("g", []byte(text))
			if len(d2.faults) > 0 {
				t.Fatalf("%v in\n%s", d2.faults, text)
			}
			if !reflect.DeepEqual(normal(c), normal(again)) {
				t.Errorf("%+v\nreads back as\n%+v", c, again)
			}
		}
	})
}

// normal makes an empty list and none the same.
func normal(c Config) Config {
	for _, k := range keysOf(reflect.ValueOf(&c).Elem(), "") {
		if k.value.Kind() == reflect.Slice && k.value.Len() == 0 {
			k.value.SetZero()
		}
		if k.value.Type() == reflect.TypeFor[Secret]() && k.value.String() != "" {
			k.value.SetString(mask) // it prints as nothing else
		}
	}
	// Rates that are no whole number in any unit are printed rounded.
	c.Inputs.Syslog.Limit = Rate(int64(c.Inputs.Syslog.Limit * 1000))
	c.Inputs.SNMPTrap.Limit = Rate(int64(c.Inputs.SNMPTrap.Limit * 1000))
	return c
}

func checkFault(t *testing.T, src source, e *fault.Error) {
	t.Helper()
	if e.Code == "" || e.What == "" || e.Exit != fault.ExitUsage {
		t.Errorf("incomplete: %+v", e)
	}
	if e.Text == "" {
		return
	}
	n := utf8.RuneCountInString(e.Text)
	if e.Mark < 1 || e.Mark > n+1 || e.Width < 1 || e.Mark+e.Width-1 > max(n, e.Mark) {
		t.Errorf("caret %d+%d is outside of %q", e.Mark, e.Width, e.Text)
	}
	if line := lineOf(e.Where); line < 1 || line > len(src.lines) {
		t.Errorf("%s is outside of the file", e.Where)
	}
}
