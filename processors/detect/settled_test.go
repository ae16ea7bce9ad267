package detect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSettled(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		disturb int // how many readings are disturbed
		fails   error
		reads   int
		want    error
	}{
		"quiet":                        {0, nil, 1, nil},
		"quiet and broken":             {0, broken, 1, broken},
		"a copy is under way":          {3, nil, 4, nil},
		"broken while it is under way": {2, broken, 3, broken},
		"never quiet":                  {1000, nil, settleTries, ErrUnsettled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			reads := 0
			err := settled(t.Context(), []string{dir, filepath.Join(dir, "not there")}, time.Millisecond, func() error {
				if reads++; reads <= tt.disturb {
					write(t, filepath.Join(dir, fmt.Sprintf("f%d.yaml", reads)), oneRule)
				}
				return tt.fails
			})
			if reads != tt.reads || !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("%d readings, %v", reads, err)
			}
		})
	}
}

func TestSettled_Ends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := settled(ctx, []string{dir}, time.Hour, func() error {
		n++
		write(t, filepath.Join(dir, "a.yaml"), oneRule)
		cancel()
		return nil
	})
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d readings, %v", n, err)
	}
}

// TestSettled_Emptied: a file that was emptied a moment ago is being written, and so it is waited for; one that stays empty
// is meant.
func TestSettled_Emptied(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		ago  time.Duration
		want error
	}{
		"just emptied":              {"", 0, context.Canceled},
		"just written":              {oneRule, 0, nil},
		"empty for long":            {"", 2 * time.Hour, nil},
		"a clock far in front":      {"", -2 * time.Hour, nil},
		"a clock a little in front": {"", -time.Minute, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.yaml"), tt.text)
			touch(t, filepath.Join(dir, "a.yaml"), tt.ago)
			ctx, cancel := context.WithCancel(t.Context())
			err := settled(ctx, []string{dir}, time.Hour, func() error { cancel(); return nil })
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestFingerprint: what is read changes it, what is not read does not.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := func(s string) string { return filepath.Join(dir, s) }
	last, _ := fingerprint([]string{dir})
	for _, step := range []struct {
		what    string
		do      func()
		changes bool
	}{
		{"nothing", func() {}, false},
		{"a file", func() { write(t, name("a.yaml"), oneRule) }, true},
		{"an editor's file", func() { write(t, name(".a.yaml.swp"), "x") }, false},
		{"a copy that an editor keeps", func() { write(t, name("a.yaml~"), "x") }, false},
		{"the same length", func() {
			write(t, name("a.yaml"), oneRule[:len(oneRule)-2]+"!\n")
			touch(t, name("a.yaml"), time.Minute)
		}, true},
		{"the same text at another time", func() { touch(t, name("a.yaml"), time.Hour) }, true},
		{"a folder of git", func() {
			if err := os.Mkdir(name(".git"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, name(".git/index"), "x")
		}, false},
		{"a file that goes", func() {
			if err := os.Remove(name("a.yaml")); err != nil {
				t.Fatal(err)
			}
		}, true},
	} {
		step.do()
		now, _ := fingerprint([]string{dir})
		if (now != last) != step.changes {
			t.Errorf("%s: changed %v", step.what, now != last)
		}
		last = now
	}
}

// TestFingerprint_BehindLinks: a folder that is a link, and files that are links, are what they stand for.
func TestFingerprint_BehindLinks(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	name := func(s string) string { return filepath.Join(base, s) }
	for _, dir := range []string{"real", "other"} {
		if err := os.Mkdir(name(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, name("other/b.yaml"), oneRule)
	link := func(to, from string) {
		if err := os.Symlink(name(to), name(from)); err != nil {
			t.Fatal(err)
		}
	}
	link("real", "rules")
	link("other/b.yaml", "real/b.yaml")
	first, _ := fingerprint([]string{name("rules")})
	write(t, name("real/a.yaml"), oneRule)
	second, _ := fingerprint([]string{name("rules")})
	touch(t, name("other/b.yaml"), time.Hour)
	third, _ := fingerprint([]string{name("rules")})
	if first == second || second == third {
		t.Error("a change behind a link is not seen")
	}
}

func touch(t *testing.T, name string, ago time.Duration) {
	t.Helper()
	if err := os.Chtimes(name, time.Time{}, time.Now().Add(-ago)); err != nil {
		t.Fatal(err)
	}
}
