package channel_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
)

// TestDeps_Ready: nothing has to be given, and what is given stays.
func TestDeps_Ready(t *testing.T) {
	d := channel.Deps{}.Ready()
	d.Log.Info("goes nowhere")
	if time.Since(d.Now()).Abs() > time.Hour || d.Version != "dev" || d.Dial == nil {
		t.Errorf("got %+v", d)
	}
	then := time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)
	d = channel.Deps{Now: func() time.Time { return then }, Version: "1.2"}.Ready()
	if !d.Now().Equal(then) || d.Version != "1.2" {
		t.Errorf("what was given is gone: %v, %s", d.Now(), d.Version)
	}
}

func TestDeps_Reveal(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "key"), []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHANNEL_KEY", "from the environment")
	d := channel.Deps{Name: "ops", Folder: folder}.Ready()
	for written, want := range map[unit.Secret]string{
		"": "", "as it is": "as it is", "file:key": "from a file", "env:CHANNEL_KEY": "from the environment",
	} {
		if got, err := d.Reveal("password", written); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", string(written), got, err, want)
		}
	}
	_, err := d.Reveal("password", "env:NOT_THERE_AT_ALL")
	e, ok := errors.AsType[*channel.ConfigError](err)
	if !ok || e.Code != "notify-secret" || e.Key != "password" || !strings.Contains(e.Why, "NOT_THERE_AT_ALL") {
		t.Errorf("a missing secret: %#v", err)
	}
}

// TestConfigError: what a channel knows of a mistake comes whole to the user, at the place that the reader knows.
func TestConfigError(t *testing.T) {
	e := &channel.ConfigError{Code: "notify-template", Key: "body", What: "what", Do: "do", Why: "why", Text: "text", Mark: 3, Width: 2, Cause: os.ErrNotExist}
	f := e.Fault("notify.yaml:3:5")
	if f.Error() != "notify.yaml:3:5: what: why" || f.Do != "do" || f.Text != "text" || f.Mark != 3 || f.Width != 2 || f.Exit != fault.ExitUsage || !errors.Is(f, os.ErrNotExist) {
		t.Errorf("got %+v", f)
	}
	if e.Error() != "what: why" || !errors.Is(e, os.ErrNotExist) {
		t.Errorf("got %v", e)
	}
	if got := channel.Bad("url", "is missing", "name it").Error(); got != "`url` is missing" {
		t.Errorf("got %q", got)
	}
}

func TestDeps_Places(t *testing.T) {
	d := channel.Deps{Name: "ops", Folder: "/etc/weir"}
	for path, want := range map[string]string{"": "", "ca.pem": "/etc/weir/ca.pem", "/ca.pem": "/ca.pem"} {
		if got := d.File(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	if channel.Span(0) != channel.Timeout || channel.Span(unit.Duration(time.Second)) != time.Second {
		t.Error("the time to wait")
	}
}

// TestError: what happened is found behind the judgement.
func TestError(t *testing.T) {
	err := error(&channel.Error{Permanent: true, Err: os.ErrDeadlineExceeded})
	if err.Error() != os.ErrDeadlineExceeded.Error() || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestDeps_Roots: the certificates of a file count beside those of the system; no file is the system's alone.
func TestDeps_Roots(t *testing.T) {
	d := channel.Deps{Folder: t.TempDir()}
	if roots, err := d.Roots("ca", ""); roots != nil || err != nil {
		t.Errorf("no file: %v, %v", roots, err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(d.Folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("empty.pem", "")
	write("key.pem", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n")
	for _, name := range []string{"empty.pem", "key.pem", "none.pem", "."} {
		_, err := d.Roots("ca", name)
		e, ok := errors.AsType[*channel.ConfigError](err)
		if !ok || e.Code != "certificate-bad" || e.Key != "ca" || !strings.Contains(e.What, name) || e.Why == "" || e.Do == "" {
			t.Errorf("%s: %#v", name, err)
		}
	}
}
