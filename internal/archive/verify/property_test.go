package verify_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// free are the files that an intruder may change without being named, and why. Every other file of an archive is covered.
func free(name string) string {
	switch {
	case strings.HasSuffix(name, ".idx"):
		return "made from the segment beside it, and checked against it whenever it is used"
	case name == "log/log.pub":
		return "a convenience: whoever checks brings the key"
	case name == "log/anchors.jsonl":
		return "nobody's word but weir's; a line that contradicts the log is named, one that is gone is not"
	case name == "lock", name == "name":
		return "of the process that has the folder"
	}
	return ""
}

// mutate does something at random to a file and says what; "" if it is as it was.
func mutate(t testing.TB, rnd *rand.Rand, dir, name string, all []string) string {
	t.Helper()
	full := filepath.Join(dir, name)
	b := verifytest.Read(t, full)
	old := string(b)
	what := ""
	switch op := rnd.IntN(7); {
	case op == 0:
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
		return "removed"
	case op == 1 && len(b) > 0:
		b, what = b[:rnd.IntN(len(b))], "cut off"
	case op == 2 && len(b) > 0:
		i := rnd.IntN(len(b))
		n := min(len(b)-i, 1+rnd.IntN(64))
		b, what = append(b[:i:i], b[i+n:]...), "bytes taken out"
	case op == 3:
		i := rnd.IntN(len(b) + 1)
		b, what = append(b[:i:i], append([]byte{byte(rnd.IntN(256))}, b[i:]...)...), "a byte put in"
		if name == "manifest.jsonl" && i == len(old) {
			return "" // what is behind the last whole line counts for nothing, and is said
		}
	case op == 4:
		other := all[rnd.IntN(len(all))]
		b, what = verifytest.Read(t, filepath.Join(dir, other)), "content of "+other
	case op == 5 && len(b) > 1:
		i, k := rnd.IntN(len(b)), rnd.IntN(len(b))
		b[i], b[k] = b[k], b[i]
		what = "two bytes swapped"
	case len(b) > 0:
		b[rnd.IntN(len(b))] ^= byte(1 << rnd.IntN(8))
		what = "a bit flipped"
	}
	if string(b) == old {
		return ""
	}
	if err := os.WriteFile(full, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return what
}

// TestRun_AnyMutation: whatever is changed in whatever file, it does not verify.
func TestRun_AnyMutation(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	var names []string
	if err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	rounds := 200
	if testing.Short() {
		rounds = 40
	}
	for seed := range uint64(rounds) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		name := names[rnd.IntN(len(names))]
		// The files that matter most are few: half of the rounds go to them.
		if important := []string{"manifest.jsonl", "log/checkpoint", "log/checkpoints/2026-11-19"}; seed%2 == 0 {
			name = important[rnd.IntN(len(important))]
		}
		if free(name) != "" {
			continue
		}
		old := verifytest.Read(t, filepath.Join(dir, name))
		what := mutate(t, rnd, dir, name, names)
		v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}, Workers: 1})
		if what != "" && v.OK && !tolerated(name, what, names) {
			t.Errorf("seed %d: %s: %s was not found", seed, name, what)
		}
		if what == "" && !v.OK {
			t.Errorf("seed %d: %s is as it was, and %s", seed, name, kinds(v))
		}
		if err := os.WriteFile(filepath.Join(dir, name), old, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}); !v.OK {
		t.Fatalf("it is not as it was: %s", kinds(v))
	}
}

// tolerated are changes that nobody can see from a folder alone, or that take nothing away. The checkpoint of a day that is
// not there was perhaps never published: who has a copy of it elsewhere finds what it would prove. A tile that was not full
// may go as soon as a wider one has its hashes.
func tolerated(name, what string, all []string) bool {
	if what != "removed" {
		return false
	}
	start, width, partial := strings.Cut(name, ".p/")
	if !partial {
		return strings.HasPrefix(name, "log/checkpoints/")
	}
	n, _ := strconv.Atoi(width)
	return slices.ContainsFunc(all, func(other string) bool {
		s, w, ok := strings.Cut(other, ".p/")
		wider, _ := strconv.Atoi(w)
		return ok && s == start && wider > n
	})
}
