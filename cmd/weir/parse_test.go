package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
)

// TestParse_Progress: reading a file that takes long shows a bar on the terminal's stderr, and nothing for a pipe.
func TestParse_Progress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(strings.Repeat("line\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	clock := now
	var msg strings.Builder
	c := &cli{world: world{in: f, out: io.Discard, err: &msg, now: func() time.Time { return clock }, terminal: 100, zone: seoul, env: []string{"LANG=C"}}}
	c.faces()
	c.out.TTY = false // as in `weir parse < log > out`
	err = c.withProgress(c.in, func(r io.Reader) error {
		if _, err := io.CopyN(io.Discard, r, 2500); err != nil {
			return err
		}
		clock = clock.Add(2 * time.Second)
		_, err := io.Copy(io.Discard, r)
		return err
	})
	if err != nil || !strings.Contains(msg.String(), "100 % ###########################   5,000 of 5,000 bytes   2,500/s") {
		t.Errorf("%q, %v", msg.String(), err)
	}
	msg.Reset()
	if err := c.withProgress(strings.NewReader("x"), func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }); err != nil || msg.Len() > 0 {
		t.Errorf("a pipe: %q, %v", msg.String(), err)
	}
}

// TestParse_TakesConfiguration: parse works with the inventory and zones of the configuration that it is given.
func TestParse_TakesConfiguration(t *testing.T) {
	file(t, "weir.yaml", "inputs: {syslog: {time_zone: Asia/Seoul}}\n")
	var zone, data string
	s := shell{in: "x", engine: engine{parse: func(_ context.Context, cfg config.Config, _ string, _ io.Reader, _ io.Writer, _ func(*fault.Error)) error {
		zone, data = cfg.Inputs.Syslog.TimeZone, cfg.Data
		return nil
	}}}
	if _, msg, code := s.run(t, "parse", "--config", "weir.yaml", "--data", "d"); code != 0 || zone != "Asia/Seoul" || data != "d" {
		t.Errorf("exit %d, %s, %s, %s", code, msg, zone, data)
	}
	if _, msg, code := s.run(t, "parse", "--config", "nothing.yaml"); code != 2 || !strings.HasPrefix(msg, "error[config-unreadable]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestParseDetect(t *testing.T) {
	var got tools.DetectOptions
	s := shell{in: "line\n", engine: engine{
		parse: func(_ context.Context, _ config.Config, dataset string, r io.Reader, w io.Writer, warn func(*fault.Error)) error {
			warn(&fault.Error{Code: "format-left-out", What: "a file is left out", Warn: true})
			raw, err := io.ReadAll(r)
			_, _ = io.WriteString(w, dataset+":"+string(raw))
			return err
		},
		detect: func(_ context.Context, o tools.DetectOptions, r io.Reader, w io.Writer) error {
			got = o
			o.Warn(&fault.Error{Code: "x", What: "a bad line", Warn: true})
			_, err := io.Copy(w, r)
			return err
		},
	}}
	if out, msg, code := s.run(t, "parse", "--dataset", "cisco_asa.log"); out != "cisco_asa.log:line\n" || code != 0 || !strings.HasPrefix(msg, "warning[format-left-out]") {
		t.Errorf("parse: exit %d, %s", code, out)
	}
	out, msg, code := s.run(t, "detect", "--rules", "a.yaml", "b.yaml", "--matches", "--raw", "auto", "--logsource", "product=linux,service=sshd")
	if out != "line\n" || code != 0 || msg != "warning[x]: a bad line\n" {
		t.Errorf("detect: exit %d, %s, %s", code, out, msg)
	}
	if strings.Join(got.Rules, " ") != "a.yaml b.yaml" || !got.Matches || got.Raw != "auto" || got.LogSource.Service != "sshd" || got.Config.Data == "" {
		t.Errorf("asked %+v", got)
	}
	s.inTTY = true
	for _, args := range []string{"parse", "detect --rules x"} {
		if out, _, code := s.run(t, strings.Fields(args)...); code != 2 || !strings.Contains(out, "more: weir "+args[:5]) {
			t.Errorf("%s on a terminal: exit %d, %s", args, code, out)
		}
	}
}
