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
