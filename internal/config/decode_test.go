package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
)

func TestLoad_File(t *testing.T) {
	path := write(t, "\ufeff# comment\r\nbus:\r\n  brokers:\r\n    - kafka-1:9092\r\n    - \"kafka-2:9092\"\r\n  linger: 20ms\r\n"+
		"inputs:\n  syslog:\n    max_record: 128 KiB\n    limit: 600/m\n    idle_timeout: 1d\n    drop_if: |\n      event.action == \"x\"\n    sockets: 1_0\nconsole:\nrules: {shipped: false, disable: [a, b]}\n")
	l, err := Load(path, []string{"WEIR_TESTDATA=/x", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	c, s := l.Config, l.Config.Inputs.Syslog
	for name, ok := range map[string]bool{
		"brokers":     slices.Equal(c.Bus.Brokers, []string{"kafka-1:9092", "kafka-2:9092"}),
		"linger":      c.Bus.Linger == Duration(20*time.Millisecond),
		"max_record":  s.MaxRecord == 128<<10,
		"limit":       s.Limit == 10,
		"idle":        s.IdleTimeout == Duration(24*time.Hour),
		"drop_if":     strings.TrimSpace(s.DropIf) == `event.action == "x"`,
		"sockets":     s.Sockets == 10,
		"default":     s.Listen == "127.0.0.1:5514" && c.Console.Listen == "127.0.0.1:8514",
		"shipped":     !c.Rules.Shipped,
		"disable":     slices.Equal(c.Rules.Disable, []string{"a", "b"}),
		"no warnings": len(l.Warnings) == 0,
	} {
		if !ok {
			t.Errorf("%s: got %+v", name, c)
		}
	}
}

func TestLoad_Unreadable(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, []byte(strings.Repeat("# x\n", maxFile/4+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct{ path, code string }{
		"missing":   {filepath.Join(dir, "no.yaml"), "config-unreadable"},
		"folder":    {dir, "config-unreadable"},
		"too large": {big, "config-too-large"},
		"not utf-8": {write(t, "data: \xff\xfe\n"), "config-syntax"},
		"deep":      {write(t, "data: "+strings.Repeat("[", 100_000)), "config-syntax"},
		"deep list": {write(t, strings.Repeat("- ", 100_000)), "config-syntax"},
	} {
		_, err := Load(x.path, nil)
		if fault.Code(err) != x.code || fault.Exit(err) != fault.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}
