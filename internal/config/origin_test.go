package config

import (
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestLoad_Precedence(t *testing.T) {
	path := write(t, "data: ./from-file\nbus:\n  prefix: file.\n  compression: zstd\n")
	env := []string{"WEIR_BUS_PREFIX=env.", "WEIR_DATA=./from-env", "WEIR_BUS_BROKERS=a:1, b:2", "WEIR_INPUTS_SYSLOG_TLS_LISTEN="}
	l, err := Load(path, env, Override{Key: "data", Value: "./from-flag", By: "--data"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range l.Entries() {
		got[e.Key] = e.Value + " from " + e.Origin
	}
	for key, want := range map[string]string{
		"data":                     "./from-flag from --data",
		"bus.prefix":               "env. from environment WEIR_BUS_PREFIX",
		"bus.compression":          "zstd from " + path + ":4",
		"bus.brokers":              "[a:1, b:2] from environment WEIR_BUS_BROKERS",
		"inputs.syslog.tls.listen": `"" from environment WEIR_INPUTS_SYSLOG_TLS_LISTEN`,
		"log.level":                "info from default",
	} {
		if got[key] != want {
			t.Errorf("%s = %s, want %s", key, got[key], want)
		}
	}
}

// TestSourceFault: carets stay inside the line, also for places that are just behind it.
func TestSourceFault(t *testing.T) {
	s := source{file: "f", lines: []string{"abc", "", "김민수: x"}}
	for name, x := range map[string]struct {
		at          place
		mark, width int
		where, text string
	}{
		"inside":       {place{1, 2, 1}, 2, 1, "f:1:2", "abc"},
		"too wide":     {place{1, 2, 9}, 2, 2, "f:1:2", "abc"},
		"behind":       {place{1, 9, 3}, 4, 1, "f:1:9", "abc"},
		"empty line":   {place{2, 1, 1}, 1, 1, "f:2:1", ""},
		"korean":       {place{3, 1, 3}, 1, 3, "f:3:1", "김민수: x"},
		"no such line": {place{9, 1, 1}, 1, 1, "f:9:1", ""},
		"no column":    {place{1, 0, 0}, 1, 1, "f:1:0", "abc"},
	} {
		e := s.fault(x.at)
		if e.Mark != x.mark || e.Width != x.width || e.Where != x.where || e.Text != x.text {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestLineOf(t *testing.T) {
	for where, want := range map[string]int{"weir.yaml:12:3": 12, "c:/a b/weir.yaml:7:1": 7, "weir.yaml": 0, "environment X": 0, "a:b:c": 0, "": 0} {
		if got := lineOf(where); got != want {
			t.Errorf("%s: %d", where, got)
		}
	}
}

func TestTidy(t *testing.T) {
	list := tidy(fault.List{
		{What: "b", Where: "f:9:1", Mark: 1}, {What: "a", Where: "f:2:1", Mark: 1}, {What: "b", Where: "f:9:1", Mark: 1}, {What: "env", Where: "environment X"}, {What: "c", Where: "f:9:1", Mark: 4},
	})
	var got []string
	for _, e := range list {
		got = append(got, e.What)
	}
	if strings.Join(got, " ") != "env a b c" {
		t.Errorf("got %v", got)
	}
}
