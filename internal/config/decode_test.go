package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"

	"weir/internal/fault"
	"weir/internal/term"
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
		"linger":      c.Bus.Linger == unit.Duration(20*time.Millisecond),
		"max_record":  s.MaxRecord == 128<<10,
		"limit":       s.Limit == 10,
		"idle":        s.IdleTimeout == unit.Duration(24*time.Hour),
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

// TestDecode_Pages has files with one mistake and the whole message that each gets, as `weir config check` shows it.
func TestDecode_Pages(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "bus:\n  prefiks: x.\n", `
weir.yaml:2:3: error: unknown key 'prefiks' in bus
  2 |   prefiks: x.
    |   ^^^^^^^ did you mean 'prefix'?`},
		{"unknown key in a long section", "inputs:\n  syslog:\n    colour: red\n", `
weir.yaml:3:5: error: unknown key 'colour' in inputs.syslog
  3 |     colour: red
    |     ^^^^^^ all keys: 'weir config schema'`},
		{"unknown key in a short section", "console:\n  colour: red\n", `
weir.yaml:2:3: error: unknown key 'colour' in console
  2 |   colour: red
    |   ^^^^^^ keys: listen, hosts`},
		{"unknown section", "buss:\n  prefix: x.\n", `
weir.yaml:1:1: error: unknown key 'buss'
  1 | buss:
    | ^^^^ did you mean 'bus'?`},
		{"unknown key behind Korean", "bus: {prefix: \"김.\", prefiks: x}\n", `
weir.yaml:1:21: error: unknown key 'prefiks' in bus
  1 | bus: {prefix: "김.", prefiks: x}
    |                      ^^^^^^^ did you mean 'prefix'?`},
		{"a key twice", "log:\n  level: info\n  level: debug\n", `
weir.yaml:3:3: error: the key 'log.level' is there twice
  3 |   level: debug
    |   ^^^^^ line 2 has it already: remove one`},
		{"a section twice", "log: {level: info}\nbus:\nlog: {level: debug}\n", `
weir.yaml:3:1: error: the key 'log' is there twice
  3 | log: {level: debug}
    | ^^^ line 1 has it already: remove one`},
		{"no value", "bus:\n  prefix:\n", `
weir.yaml:2:11: error: 'bus.prefix' has no value
  2 |   prefix:
    |          ^ write "" for an empty one, or leave the key out`},
		{"a list for a value", "bus:\n  prefix: [a., b.]\n", `
weir.yaml:2:11: error: 'bus.prefix' has one value
  2 |   prefix: [a., b.]
    |           ^ write prefix: VALUE`},
		{"a group for a value", "bus:\n  prefix:\n    is: a.\n", `
weir.yaml:3:5: error: 'bus.prefix' has one value
  3 |     is: a.
    |     ^^ write prefix: VALUE`},
		{"a value for a group", "bus: a.\n", `
weir.yaml:1:6: error: 'bus' is a group of keys, not one value
  1 | bus: a.
    |      ^^ keys: brokers, prefix, topics, partitions, replication, min_insync_replicas, key, compression, linger, batch_bytes, fetch_wait, fetch_min_bytes, max_record, in_flight, tls, sasl, embedded, spool`},
		{"a value for a list", "bus:\n  brokers: kafka:9092\n", `
weir.yaml:2:12: error: 'bus.brokers' is a list
  2 |   brokers: kafka:9092
    |            ^^^^^^^^^^ write [kafka:9092]`},
		{"a group in a list", "bus:\n  brokers: [a:1, {b: 2}]\n", `
weir.yaml:2:18: error: 'bus.brokers' is a list of texts
  2 |   brokers: [a:1, {b: 2}]
    |                  ^ write each item as one text`},
		{"size in thousands", "bus:\n  in_flight: 64 MB\n", `
weir.yaml:2:14: error: 'bus.in_flight': "MB" is no unit of size: KiB, MiB, GiB, TiB or B
  2 |   in_flight: 64 MB
    |              ^^^^^`},
		{"size without a number", "bus:\n  in_flight: much\n", `
weir.yaml:2:14: error: 'bus.in_flight': "much" is no unit of size: KiB, MiB, GiB, TiB or B
  2 |   in_flight: much
    |              ^^^^`},
		{"span without a unit", "bus:\n  linger: 5\n", `
weir.yaml:2:11: error: 'bus.linger': "5" is no time span: write 90s, 10m, 1h30m or 7d
  2 |   linger: 5
    |           ^`},
		{"rate without a time", "inputs:\n  syslog:\n    limit: 3000\n", `
weir.yaml:3:12: error: 'inputs.syslog.limit': "3000" is no rate: write 3000/s, 100/m, 10/h, or 0 for none
  3 |     limit: 3000
    |            ^^^^`},
		{"truth in another word", "rules:\n  shipped: yes\n", `
weir.yaml:2:12: error: 'rules.shipped': "yes" is neither true nor false
  2 |   shipped: yes
    |            ^^^`},
		{"number that is none", "archive:\n  epoch_rows: many\n", `
weir.yaml:2:15: error: 'archive.epoch_rows': "many" is no whole number
  2 |   epoch_rows: many
    |               ^^^^`},
		{"word that is not allowed", "bus:\n  compression: lz5\n", `
weir.yaml:2:16: error: 'bus.compression': "lz5" is not allowed
  2 |   compression: lz5
    |                ^^^ did you mean 'lz4'?`},
		{"word far from any", "bus:\n  compression: best\n", `
weir.yaml:2:16: error: 'bus.compression': "best" is not allowed
  2 |   compression: best
    |                ^^^^ one of snappy, lz4, zstd, none`},
		{"anchor", "bus:\n  prefix: &p a.\n", `
weir.yaml:2:11: error: anchors, aliases and merges are not read
  2 |   prefix: &p a.
    |           ^ write the value itself`},
		{"tag", "bus:\n  prefix: !!str a.\n", `
weir.yaml:2:11: error: type tags are not read
  2 |   prefix: !!str a.
    |           ^^^^^ write the value itself`},
		{"merge", "bus:\n  <<: {prefix: a.}\n", `
weir.yaml:2:3: error: anchors, aliases and merges are not read
  2 |   <<: {prefix: a.}
    |   ^^ write the value itself`},
		{"second document", "log: {level: info}\n---\nlog: {level: debug}\n", `
weir.yaml:3:1: error: a second document in the file
  3 | log: {level: debug}
    | ^^^ weir reads one; join them`},
		{"list as the file", "- a\n- b\n", `
weir.yaml:1:1: error: the file is a group of keys, not one value
  1 | - a
    | ^ keys: data, console, inputs, bus, normalise, enrich, rules, correlate, notify, alerts, watchdog, archive, retention, reports, elastic, ledger, log`},
		{"quote not closed", "data: \"./weir\n", `
weir.yaml:1:7: error: this is not YAML: could not find end character of double-quoted text
  1 | data: "./weir
    |       ^^^^^^^`},
		{"tab for blanks", "bus:\n\tprefix: a.\n", `
weir.yaml:2:1: error: this is not YAML: found character '\t' that cannot start any token
  2 |     prefix: a.
    | ^^^^`},
		{"port twice", "console:\n  listen: 127.0.0.1:5514\n", `
inputs.syslog.listen, default 127.0.0.1:5514: error: 'inputs.syslog.listen': port 5514 is taken twice
    console.listen has it too; give one of them another port`},
		{"address without a port", "console:\n  listen: 127.0.0.1\n", `
weir.yaml:2:11: error: 'console.listen': "127.0.0.1" is no address to listen on
  2 |   listen: 127.0.0.1
    |           ^^^^^^^^^ the port is missing; write 127.0.0.1:PORT, or 0.0.0.0:PORT for everybody`},
		{"broker opened to all", "bus:\n  embedded:\n    kafka_listen: 0.0.0.0:9092\n", `
weir.yaml:3:19: error: 'bus.embedded.kafka_listen': the embedded broker opens only for this machine
  3 |     kafka_listen: 0.0.0.0:9092
    |                   ^^^^^^^^^^^^ 0.0.0.0 is not a loopback address; write 127.0.0.1:9092`},
		{"unknown time zone", "inputs:\n  syslog:\n    time_zone: Asia/Soul\n", `
weir.yaml:3:16: error: 'inputs.syslog.time_zone': "Asia/Soul" is no time zone
  3 |     time_zone: Asia/Soul
    |                ^^^^^^^^^ write a name such as Asia/Seoul or UTC`},
		{"certificate without a key", "inputs:\n  syslog:\n    tls:\n      cert: fw.crt\n", `
weir.yaml:4:13: error: 'inputs.syslog.tls.cert': a certificate without its key
  4 |       cert: fw.crt
    |             ^^^^^^ key is empty; give both, or neither: weir makes its own`},
		{"two mistakes in one line", "bus: {linger: soon, key: both}\n", `
weir.yaml:1:15: error: 'bus.linger': "soon" is no time span: write 90s, 10m, 1h30m or 7d
  1 | bus: {linger: soon, key: both}
    |               ^^^^`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checked(t, c.text); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("%s: got\n%s\nwant%s", c.text, got, c.want)
			}
		})
	}
}

// checked reads a file and returns its faults as lines. A backtick is written ' here.
func checked(t *testing.T, text string) string {
	t.Helper()
	path := write(t, text)
	_, err := Load(path, nil)
	var b bytes.Buffer
	face := &term.Face{W: &b, Width: 100}
	for _, e := range term.Faults(err) {
		if err := face.FaultLine(e); err != nil {
			t.Fatal(err)
		}
	}
	out := strings.ReplaceAll(b.String(), path, "weir.yaml")
	return strings.TrimSuffix(strings.ReplaceAll(out, "`", "'"), "\n")
}

// TestDecode_Scalars: what YAML calls a value plays no part, only what the key is.
func TestDecode_Scalars(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       string // of the key; "" if it is refused
	}{
		{"a number for a text", "bus: {prefix: 123}", `"123"`},
		{"a truth for a text", "bus: {prefix: true}", `"true"`},
		{"a float for a text", "bus: {prefix: 1.5}", `"1.5"`},
		{"single quotes", "bus: {prefix: 'a.'}", "a."},
		{"double quotes with an escape", `bus: {prefix: "\u0061."}`, "a."},
		{"an empty text", `bus: {prefix: ""}`, `""`},
		{"a block of lines", "bus:\n  prefix: |-\n    a.\n", "a."},
		{"folded lines", "bus:\n  prefix: >-\n    a.\n", "a."},
		{"a key in quotes", `"bus": {"prefix": a.}`, "a."},
		{"nothing", "bus: {prefix: }", ""},
		{"null", "bus: {prefix: null}", ""},
		{"a tilde", "bus: {prefix: ~}", ""},
		{"a list", "bus: {prefix: [a.]}", ""},
		{"a group", "bus: {prefix: {a: b}}", ""},
		{"a blank in it", "bus: {prefix: a b}", ""},
	} {
		l, err := Load(write(t, c.line), nil)
		if (err == nil) != (c.want != "") {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err == nil && entry(l, "bus.prefix").Value != c.want {
			t.Errorf("%s: %s, want %s", c.name, entry(l, "bus.prefix").Value, c.want)
		}
	}
}

// entry returns one key of a configuration.
func entry(l *Loaded, key string) Entry {
	for _, e := range l.Entries() {
		if e.Key == key {
			return e
		}
	}
	return Entry{}
}
