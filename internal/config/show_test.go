package config

import (
	"strings"
	"testing"
)

// TestYAML_RoundTrip: what `config show` prints is a configuration that gives the same.
func TestYAML_RoundTrip(t *testing.T) {
	text := "data: \"a: b #c\"\nbus:\n  brokers: [k1:9092, k2:9092]\n  prefix: \"123\"\ninputs:\n  syslog:\n    limit: 10/m\n    drop_if: 'user.name == \"x\"'\n"
	l, err := Load(write(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, origins := range []bool{false, true} {
		again, err := Load(write(t, l.YAML(origins)), nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, l.YAML(origins))
		}
		if a, b := again.YAML(false), l.YAML(false); a != b {
			t.Errorf("got\n%s\nwant\n%s", a, b)
		}
	}
}

func TestYAML_Origins(t *testing.T) {
	path := write(t, "console:\n  listen: 127.0.0.1:1\n")
	l, err := Load(path, []string{"WEIR_LOG_LEVEL=debug"})
	if err != nil {
		t.Fatal(err)
	}
	out := l.YAML(true)
	for _, want := range []string{"# " + path + ":2\n", "# environment WEIR_LOG_LEVEL\n", "# default\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31m\u202eb\n"); got != "a?[31m?b?" {
		t.Errorf("got %q", got)
	}
}
