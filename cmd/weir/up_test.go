package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
)

// fakeApp is a process that the test drives.
type fakeApp struct {
	status  control.Status
	totals  app.Totals
	failure error // of Run
	notify  func(app.Notice)
	notices []app.Notice
	stop    context.CancelFunc // Ctrl-C, when all notices are out
	steps   []string
}

func (f *fakeApp) Start(context.Context) error { f.steps = append(f.steps, "start"); return nil }

func (f *fakeApp) Run(ctx context.Context) error {
	for _, n := range f.notices {
		f.notify(n)
	}
	if f.failure != nil {
		return f.failure
	}
	f.stop()
	<-ctx.Done()
	return nil
}

func (f *fakeApp) Stop(ctx context.Context) (app.Totals, error) {
	f.steps = append(f.steps, "stop")
	return f.totals, ctx.Err()
}

func (f *fakeApp) Status() control.Status { return f.status }

// runUp runs up over a fake app.
func runUp(t *testing.T, f *fakeApp, terminal int, args ...string) (msg string, code int, cfg config.Config) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.stop = cancel
	s := shell{terminal: terminal, ctx: ctx, engine: engine{start: func(c config.Config, o app.Options) (running, error) {
		cfg, f.notify = c, o.Notify
		return f, nil
	}}}
	_, msg, code = s.run(t, append([]string{"up"}, args...)...)
	return msg, code, cfg
}

// status is the machine of the transcripts.
func status(t *testing.T, data string) control.Status {
	return control.Status{Version: "0.1.0+0123456789ab", Running: true, Console: "127.0.0.1:8514", Data: data, DataNew: true, Rules: 10, Embedded: true, TimeZone: "Asia/Seoul",
		DiskFree: 40_909_406_208, InFlight: 412, Listening: []control.Port{{Input: "syslog", Proto: "udp", Address: "127.0.0.1:5514"}, {Input: "syslog", Proto: "tcp", Address: "127.0.0.1:5514"},
			{Input: "syslog", Proto: "tls", Address: "127.0.0.1:6514"}, {Input: "syslog", Proto: "relp", Address: "127.0.0.1:2514"}, {Input: "kafka", Proto: "tcp", Address: "127.0.0.1:9292"}}}
}

// chdir goes to a folder of its own with a data folder in it.
func chdir(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.Mkdir("weir-data", 0o700); err != nil {
		t.Fatal(err)
	}
}

// fakeNC makes sure that nc is there, whatever this machine has.
func fakeNC(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nc"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestUp_Demo(t *testing.T) {
	chdir(t)
	a := bruteForce()
	f := &fakeApp{status: status(t, "weir-demo"), totals: app.Totals{Balanced: true}, notices: []app.Notice{{Time: now, Kind: "alert", Alert: &a}}}
	msg, code, cfg := runUp(t, f, 100, "--demo")
	if !strings.Contains(msg, "ALERT high  3f9c") {
		t.Errorf("no alert:\n%s", msg)
	}
	if cfg.Data != "./weir-demo" || code != 0 || strings.Contains(msg, "Next, in a second terminal") {
		t.Errorf("data %s, exit %d\n%s", cfg.Data, code, msg)
	}
}

func TestUp_Flags(t *testing.T) {
	chdir(t)
	_, _, cfg := runUp(t, &fakeApp{}, 0, "--listen", "0.0.0.0", "--standard-ports", "--kafka-listen", "127.0.0.1:9292", "--data", "other")
	s := cfg.Inputs.Syslog
	if s.Listen != "0.0.0.0:514" || s.TLS.Listen != "0.0.0.0:6514" || s.RELP.Listen != "0.0.0.0:2514" || cfg.Bus.Embedded.KafkaListen != "127.0.0.1:9292" || cfg.Data != "other" {
		t.Errorf("got %+v", cfg)
	}
	if cfg.Console.Listen != "127.0.0.1:8514" {
		t.Errorf("the console is opened too: %s", cfg.Console.Listen)
	}
	if msg, code, _ := runUp(t, &fakeApp{}, 100, "--kafka-listen", "0.0.0.0:9292"); code != 2 || !strings.Contains(msg, "opens only for this machine") || !strings.Contains(msg, "where  --kafka-listen") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

func TestUp_Failures(t *testing.T) {
	chdir(t)
	taken := &fault.Error{Code: "port-in-use", What: "port 5514 is taken", Exit: fault.ExitMissing}
	s := shell{terminal: 100, engine: engine{start: func(config.Config, app.Options) (running, error) { return nil, errors.Join(taken, nil) }}}
	if _, msg, code := s.run(t, "up"); code != 3 || msg != "error[port-in-use]: port 5514 is taken\n" {
		t.Errorf("exit %d, %s", code, msg)
	}
	f := &fakeApp{failure: &fault.Error{Code: "x", What: "the disk is gone", Exit: fault.ExitMissing}, totals: app.Totals{Balanced: true}}
	if msg, code, _ := runUp(t, f, 100); code != 3 || !strings.HasSuffix(msg, "error[x]: the disk is gone\n") || strings.Contains(msg, "stopping:") {
		t.Errorf("exit %d, %s", code, msg)
	}
	if strings.Join(f.steps, " ") != "start stop" {
		t.Errorf("after a failure: %v", f.steps)
	}
}
