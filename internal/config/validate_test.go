package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

// fixture reads what a file of testdata wants: lines "# want LINE:COL CODE TEXT | DO".
func fixture(t *testing.T, path string) (want [][4]string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "# want ")
		if !ok {
			continue
		}
		place, rest, _ := strings.Cut(rest, " ")
		code, rest, _ := strings.Cut(rest, " ")
		text, do, _ := strings.Cut(rest, " | ")
		want = append(want, [4]string{place, code, text, do})
	}
	return want
}

// TestLoad_Mistakes has one file for each mistake, named after it.
func TestLoad_Mistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			want := fixture(t, path)
			_, err := Load(path, nil)
			list, ok := errors.AsType[fault.List](err)
			if !ok {
				t.Fatalf("got %v, want a list of faults", err)
			}
			for i, w := range want {
				if i >= len(list) {
					t.Fatalf("missing: %v", w)
				}
				e := list[i]
				if e.Where != path+":"+w[0] || e.Code != w[1] || !strings.Contains(e.What, w[2]) || w[3] != "" && e.Do != w[3] {
					t.Errorf("got  %s %s %s | %s\nwant %s %s %s | %s", strings.TrimPrefix(e.Where, path+":"), e.Code, e.What, e.Do, w[0], w[1], w[2], w[3])
				}
				if e.Exit != fault.ExitUsage || e.Warn {
					t.Errorf("exit %d, warning %v", e.Exit, e.Warn)
				}
			}
			// Aliases are refused where they are used, too.
			if len(want) != len(list) && !strings.HasPrefix(filepath.Base(path), "alias-") {
				t.Errorf("%d faults, want %d: %v", len(list), len(want), list)
			}
		})
	}
}

// TestValidate_least: each limit is the least value that is taken, and the message says so in the words of the key.
func TestValidate_least(t *testing.T) {
	for _, c := range []struct{ key, least, below, shown string }{
		{"inputs.syslog.max_record", "1 KiB", "1023", "1023"},
		{"inputs.syslog.max_connections", "1", "0", "0"},
		{"inputs.syslog.idle_timeout", "1s", "999ms", "999ms"},
		{"inputs.syslog.sockets", "0", "-1", "-1"},
		{"inputs.syslog.relp.window", "1", "0", "0"},
		{"elastic.shards", "1", "0", "0"},
		{"elastic.replicas", "-1", "-2", "-2"},
		{"elastic.refresh", "1s", "999ms", "999ms"},
		{"elastic.workers", "1", "0", "0"},
		{"elastic.bulk_bytes", "64 KiB", "1 KiB", "1 KiB"},
		{"elastic.shard_budget", "1", "0", "0"},
		{"inputs.ebpf.ring", "64 KiB", "4 KiB", "4 KiB"},
		{"inputs.ebpf.connections", "1024", "1000", "1000"},
		{"bus.partitions", "0", "-1", "-1"},
		{"bus.embedded.max_bytes", "64 MiB", "63 MiB", "63 MiB"},
		{"bus.embedded.segment_bytes", "1 MiB", "1023 KiB", "1023 KiB"},
		{"correlate.snapshot", "1s", "10ms", "10ms"},
		{"correlate.max_groups", "1", "0", "0"},
		{"correlate.max_bytes", "1 MiB", "4 KiB", "4 KiB"},
		{"archive.epoch_rows", "1", "0", "0"},
		{"archive.epoch_bytes", "1 MiB", "4 KiB", "4 KiB"},
		{"archive.epoch_age", "1s", "0", "0"},
		{"ledger.interval", "1s", "500ms", "500ms"},
		{"ledger.max_sources", "1", "0", "0"},
	} {
		set := func(value string) error {
			// A small log needs small files, or they would be the mistake.
			_, err := Load("", []string{"WEIR_BUS_EMBEDDED_SEGMENT_BYTES=1 MiB"}, Override{Key: c.key, Value: value, By: "--x"})
			return err
		}
		if err := set(c.least); err != nil {
			t.Errorf("%s: %s: %v", c.key, c.least, err)
		}
		list, ok := errors.AsType[fault.List](set(c.below))
		if !ok || list[0].What != "`"+c.key+"`: "+c.shown+" is too small" || list[0].Do != "write "+c.least+" or more" || list[0].Where != "--x" {
			t.Errorf("%s: %s: %+v", c.key, c.below, list)
		}
	}
}

func TestBadAddress(t *testing.T) {
	for _, c := range []struct {
		address         string
		listens, remote string // what is wrong with it; "": nothing
	}{
		{"127.0.0.1:5514", "", ""},
		{"[::1]:5514", "", ""},
		{"[::]:5514", "", ""},
		{"localhost:5514", "", ""},
		{"kafka-1.example.net:9092", "", ""},
		{":5514", "", "the host is missing"},
		{"127.0.0.1:0", "", `"0" is no port from 1 to 65535`},
		{"127.0.0.1:65535", "", ""},
		{"127.0.0.1:65536", `"65536" is no port from 1 to 65535`, `"65536" is no port from 1 to 65535`},
		{"127.0.0.1:-1", `"-1" is no port from 1 to 65535`, `"-1" is no port from 1 to 65535`},
		{"127.0.0.1:syslog", `"syslog" is no port from 1 to 65535`, `"syslog" is no port from 1 to 65535`},
		{"127.0.0.1:", `"" is no port from 1 to 65535`, `"" is no port from 1 to 65535`},
		{"127.0.0.1", "the port is missing", "the port is missing"},
		{"5514", "the port is missing", "the port is missing"},
		{"::1:5514", "host and port cannot be told apart", "host and port cannot be told apart"},
		{"a b:5514", `"a b" is no host`, `"a b" is no host`},
		{"user@host:5514", `"user@host" is no host`, `"user@host" is no host`},
		{"tcp://host:5514", "host and port cannot be told apart", "host and port cannot be told apart"},
	} {
		if got := badAddress(c.address, true); got != c.listens {
			t.Errorf("%s to listen on: %q, want %q", c.address, got, c.listens)
		}
		if got := badAddress(c.address, false); got != c.remote {
			t.Errorf("%s of a broker: %q, want %q", c.address, got, c.remote)
		}
	}
}

func TestSameSocket(t *testing.T) {
	for _, c := range []struct {
		name, protosA, a, protosB, b string
		want                         bool
	}{
		{"the same", "tcp", "127.0.0.1:1", "tcp", "127.0.0.1:1", true},
		{"another port", "tcp", "127.0.0.1:1", "tcp", "127.0.0.1:2", false},
		{"another address", "tcp", "127.0.0.1:1", "tcp", "127.0.0.2:1", false},
		{"everywhere", "tcp", "0.0.0.0:1", "tcp", "127.0.0.1:1", true},
		{"everywhere in IPv6", "tcp", "[::]:1", "tcp", "127.0.0.1:1", true},
		{"no host is everywhere", "tcp", ":1", "tcp", "192.0.2.1:1", true},
		{"UDP and TCP", "udp", "127.0.0.1:1", "tcp", "127.0.0.1:1", false},
		{"both, and one of them", "udp tcp", "127.0.0.1:1", "tcp", "127.0.0.1:1", true},
		{"any free port, twice", "tcp", "127.0.0.1:0", "tcp", "127.0.0.1:0", false},
	} {
		x, y := listener{"a", c.protosA, c.a}, listener{"b", c.protosB, c.b}
		if sameSocket(x, y) != c.want || sameSocket(y, x) != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
}

// TestValidate_defaultsInTheMessage: where a value is nobody's but ours, the message says that it is a default.
func TestValidate_defaultsInTheMessage(t *testing.T) {
	_, err := Load("", []string{"WEIR_BUS_EMBEDDED_MAX_BYTES=64 MiB", "WEIR_CONSOLE_LISTEN=127.0.0.1:5514"})
	list, ok := errors.AsType[fault.List](err)
	if !ok || len(list) != 1 {
		t.Fatalf("got %v", err)
	}
	if e := list[0]; e.Where != "inputs.syslog.listen, default 127.0.0.1:5514" || e.Why != "console.listen has it too" {
		t.Errorf("got %+v", e)
	}
}
