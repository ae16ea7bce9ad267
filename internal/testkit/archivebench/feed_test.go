package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// collect returns what a feed gives.
func collect(t *testing.T, f feed) (got []string, err error) {
	t.Helper()
	err = f(t.Context(), func(b []byte) error {
		got = append(got, string(b))
		return nil
	})
	return got, err
}

func TestProgramFeed(t *testing.T) {
	got, err := collect(t, programFeed("/bin/sh", t.TempDir(), "-c", "echo one; echo two"))
	if err != nil || !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := collect(t, programFeed("/bin/sh", t.TempDir(), "-c", "echo one; exit 3")); err == nil || !strings.Contains(err.Error(), "running the generator") {
		t.Errorf("a program that fails gives %v", err)
	}
	if _, err := collect(t, programFeed("/nowhere/at-all", t.TempDir())); err == nil {
		t.Error("a program that is not there runs")
	}
}

// TestProgramFeed_Ends ends a program that would write for ever, because nobody wants more.
func TestProgramFeed_Ends(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	enough := errors.New("enough")
	n := 0
	err := programFeed("/bin/sh", t.TempDir(), "-c", "while echo line; do :; done")(ctx, func([]byte) error {
		if n++; n == 10 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
}

func TestCanonical(t *testing.T) {
	plain := func(_ context.Context, each func([]byte) error) error {
		return each([]byte(`{"event":{"category":"web","kind":"event"},"source":{"port":"80"},"message":"m"}`))
	}
	got, err := collect(t, canonical(plain))
	if err != nil || len(got) != 1 {
		t.Fatalf("got %q, %v", got, err)
	}
	if !strings.Contains(got[0], `"category":["web"]`) || !strings.Contains(got[0], `"port":80`) {
		t.Errorf("not as normalise writes it: %s", got[0])
	}
	again, err := collect(t, canonical(func(_ context.Context, each func([]byte) error) error { return each([]byte(got[0])) }))
	if err != nil || again[0] != got[0] {
		t.Errorf("what is canonical is changed: %q, %v", again, err)
	}
}
