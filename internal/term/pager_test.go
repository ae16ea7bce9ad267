package term

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPage_Fallbacks: whatever the pager does, the text is seen once.
func TestPage_Fallbacks(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, failing := script("good", "exec cat\n"), script("failing", "exit 1\n")
	long := strings.Repeat("line\n", 200)
	for name, env := range map[string][]string{
		"good":          {"PAGER=" + good},
		"with flags":    {"PAGER=" + good + " -u"},
		"failing":       {"PAGER=" + failing},
		"missing":       {"PAGER=/no/such/pager"},
		"blank":         {"PAGER=  ", "WEIR_PAGER=" + good},
		"not a command": {"PAGER=" + dir},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			f := &Face{W: out, TTY: true}
			if err := f.Page([]byte(long), env, &bytes.Buffer{}); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(out.Name())
			if err != nil || string(got) != long {
				t.Errorf("%d of %d bytes, %v", len(got), len(long), err)
			}
		})
	}
}

func TestPage_NoFile(t *testing.T) {
	var b bytes.Buffer
	f := &Face{W: &b, TTY: true}
	if err := f.Page([]byte("x\n"), []string{"PAGER=/no/such/pager"}, &b); err != nil || b.String() != "x\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	f.W = brokenPipe{}
	if err := f.Page([]byte("x\n"), nil, &b); !errors.Is(err, errPipe) {
		t.Errorf("got %v", err)
	}
}
