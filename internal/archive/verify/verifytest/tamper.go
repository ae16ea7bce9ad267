package verifytest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
)

// Tampering is one thing that an intruder does to a copy of an archive.
type Tampering struct {
	Name string
	Do   func(t testing.TB, dir string, a *Archive)
	// Kinds are what a verifier has to call it: all of them, each at least once, with the names of what they are about.
	Kinds []Named
	// Old says that it takes a checkpoint that somebody kept elsewhere to find it.
	Old bool
}

// Named is a kind of finding and what has to be named with it.
type Named struct{ Kind, What string }

// at is the path of a file of the archive that is in dir.
func at(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

// Tamperings are those that have to be found. a is the archive that dir is a copy of.
func Tamperings(a *Archive) []Tampering {
	first, second, last := a.Segments[2].Path, a.Segments[3].Path, a.Segments[len(a.Segments)-1].Path
	list := []Tampering{
		{Name: "a byte of a segment", Kinds: []Named{{"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) { Flip(t, at(dir, first), 100) }},
		{Name: "a byte behind a segment", Kinds: []Named{{"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) { add(t, at(dir, first), "x") }},
		{Name: "a segment cut off", Kinds: []Named{{"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.Truncate(at(dir, first), 10)) }},
		{Name: "a segment removed", Kinds: []Named{{"removed", first}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.Remove(at(dir, first))) }},
		{Name: "the newest segment removed", Kinds: []Named{{"removed", last}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.Remove(at(dir, last))) }},
		{Name: "a folder of a day removed", Kinds: []Named{{"removed", second}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.RemoveAll(filepath.Dir(at(dir, second)))) }},
		{Name: "a segment added", Kinds: []Named{{"added", "s-00000999.parquet"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			cp(t, at(dir, first), filepath.Join(filepath.Dir(at(dir, first)), "s-00000999.parquet"))
		}},
		{Name: "a segment added under the next number", Kinds: []Named{{"added", next(a)}}, Do: func(t testing.TB, dir string, _ *Archive) { cp(t, at(dir, first), at(dir, next(a))) }},
		{Name: "a foreign file added", Kinds: []Named{{"added", "x.parquet"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.WriteFile(filepath.Join(filepath.Dir(at(dir, first)), "x.parquet"), []byte("PAR1"), 0o600))
		}},
		{Name: "a file that is no segment added", Kinds: []Named{{"added", "notes.txt"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.WriteFile(filepath.Join(filepath.Dir(at(dir, first)), "notes.txt"), []byte("x"), 0o600))
		}},
		{Name: "a hard link to a segment added", Kinds: []Named{{"added", "s-00000997.parquet"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Link(at(dir, first), filepath.Join(filepath.Dir(at(dir, first)), "s-00000997.parquet")))
		}},
		{Name: "a pipe in place of a segment", Kinds: []Named{{"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Remove(at(dir, first)))
			must(t, syscall.Mkfifo(at(dir, first), 0o600))
		}},
		{Name: "a device in place of a segment", Kinds: []Named{{"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Remove(at(dir, first)))
			must(t, os.Symlink("/dev/zero", at(dir, first)))
		}},
		{Name: "a byte cut off the newest segment", Kinds: []Named{{"changed", last}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Truncate(at(dir, last), sizeOf(at(dir, last))-1))
		}},
		{Name: "a folder of a day renamed", Kinds: []Named{{"removed", second}, {"added", "day=2020-01-01"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			day := filepath.Dir(at(dir, second))
			must(t, os.Rename(day, filepath.Join(filepath.Dir(day), "day=2020-01-01")))
		}},
		{Name: "a time in a line changed, the chain made good", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string {
				l[4] = strings.Replace(l[4], `"published":"2026-11-19T`, `"published":"2026-11-18T`, 1)
				return Chain(t, l)
			})
		}},
		{Name: "a segment added beside the classes", Kinds: []Named{{"added", "x.parquet"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			cp(t, at(dir, first), filepath.Join(dir, "x.parquet"))
		}},
		{Name: "the manifest removed", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Remove(filepath.Join(dir, manifest.Name)))
		}},
		{Name: "a segment renamed", Kinds: []Named{{"removed", first}, {"added", "s-00000998.parquet"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			must(t, os.Rename(at(dir, first), filepath.Join(filepath.Dir(at(dir, first)), "s-00000998.parquet")))
		}},
		{Name: "two segments swapped", Kinds: []Named{{"swapped", first}}, Do: func(t testing.TB, dir string, _ *Archive) { Swap(t, at(dir, first), at(dir, second)) }},
		{Name: "a line edited", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { l[5] = strings.Replace(l[5], `"rows":20`, `"rows":19`, 1); return l })
		}},
		{Name: "a line edited, the chain made good", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string {
				l[5] = strings.Replace(l[5], `"rows":20`, `"rows":19`, 1)
				return Chain(t, l)
			})
		}},
		{Name: "a segment and its line changed, the chain made good", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}, {"changed", first}}, Do: func(t testing.TB, dir string, _ *Archive) {
			old := a.Segments[2].SHA256
			Flip(t, at(dir, first), 100)
			edit(t, dir, func(l []string) []string {
				for i := range l {
					l[i] = strings.Replace(l[i], old, sumOf(t, at(dir, first)), 1)
				}
				return Chain(t, l)
			})
		}},
		{Name: "a line taken out", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { return append(l[:1:1], l[2:]...) })
		}},
		{Name: "a line and its files taken out, the chain made good", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}, {"deleted-without-leaf", first}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { return Chain(t, append(l[:1:1], l[2:]...)) })
			must(t, os.Remove(at(dir, first)))
			must(t, os.Remove(at(dir, second)))
		}},
	}
	return append(list, ofTheLog(a)...)
}

// ofTheLog are those of lines and of the log, its checkpoints, and the files beside it.
func ofTheLog(a *Archive) []Tampering {
	first := a.Segments[2].Path
	return []Tampering{
		{Name: "a tile in place of another", Kinds: []Named{{"log-changed", "log/tile/0"}}, Do: func(t testing.TB, dir string, a *Archive) {
			cp(t, a.tile(t, dir, "entries"), a.tile(t, dir, "0"))
		}},
		{Name: "a pipe in place of a tile", Kinds: []Named{{"log-changed", "log/tile/0"}}, Do: func(t testing.TB, dir string, a *Archive) {
			name := a.tile(t, dir, "0")
			must(t, os.Remove(name))
			must(t, syscall.Mkfifo(name, 0o600))
		}},
		{Name: "two lines swapped", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { l[3], l[4] = l[4], l[3]; return l })
		}},
		{Name: "lines cut off the end", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { return l[:len(l)-2] })
		}},
		{Name: "the manifest written anew with a fresh chain", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string {
				for i := range l {
					l[i] = strings.Replace(l[i], `"writer":"test"`, `"writer":"forger"`, 1)
				}
				return Chain(t, l)
			})
		}},
		{Name: "an expiry that the log does not have", Kinds: []Named{{"deleted-without-leaf", first}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { return Chain(t, append(l, expiryOf(t, a.Segments[2], len(l)+1))) })
			must(t, os.Remove(at(dir, first)))
		}},
		{Name: "tiles removed", Kinds: []Named{{"log-truncated", "tile"}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.RemoveAll(at(dir, "log/tile/0"))) }},
		{Name: "the log removed", Kinds: []Named{{"log-truncated", "log"}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.RemoveAll(at(dir, "log"))) }},
		{Name: "the log put back to an older state", Kinds: []Named{{"log-truncated", ""}}, Do: func(t testing.TB, dir string, a *Archive) {
			must(t, os.WriteFile(at(dir, "log/checkpoint"), a.Old, 0o600))
			must(t, os.RemoveAll(at(dir, "log/tile")))
			logOf(t, dir, a, func(l []string) []string { return l[:7] })
			must(t, os.WriteFile(at(dir, "log/checkpoint"), a.Old, 0o600))
		}},
		{Name: "everything put back to an older state", Old: true, Kinds: []Named{{"log-truncated", ""}}, Do: func(t testing.TB, dir string, a *Archive) {
			must(t, os.RemoveAll(at(dir, "log")))
			edit(t, dir, func(l []string) []string { return l[:6] })
			sign(t, dir, a)
			for _, s := range a.Segments {
				if path.Base(s.Path) > "s-00000007" {
					must(t, os.Remove(at(dir, s.Path)))
				}
			}
			must(t, os.RemoveAll(at(dir, "reviews")))
		}},
		{Name: "everything written anew by somebody who has the key", Old: true, Kinds: []Named{{"log-rewritten", ""}}, Do: func(t testing.TB, dir string, a *Archive) {
			must(t, os.RemoveAll(at(dir, "log")))
			edit(t, dir, func(l []string) []string {
				l[1] = strings.Replace(l[1], `"rows":20`, `"rows":19`, 1)
				return Chain(t, l)
			})
			sign(t, dir, a)
		}},
		{Name: "a tile changed", Kinds: []Named{{"log-changed", "log/tile/0"}}, Do: func(t testing.TB, dir string, _ *Archive) { Flip(t, a.tile(t, dir, "0"), 40) }},
		{Name: "an entry changed", Kinds: []Named{{"log-changed", "log/tile/entries"}}, Do: func(t testing.TB, dir string, _ *Archive) { Flip(t, a.tile(t, dir, "entries"), 40) }},
		{Name: "a checkpoint signed by another key", Kinds: []Named{{"checkpoint-bad", "log/checkpoint"}}, Do: func(t testing.TB, dir string, a *Archive) {
			secret, _, err := note.GenerateKey(nil, Verifier(t, a.Key).Name())
			must(t, err)
			signer, err := note.NewSigner(secret)
			must(t, err)
			text, _, _ := strings.Cut(string(Read(t, at(dir, "log/checkpoint"))), "\n\n")
			b, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
			must(t, err)
			must(t, os.WriteFile(at(dir, "log/checkpoint"), b, 0o600))
		}},
		{Name: "another size in the checkpoint", Kinds: []Named{{"checkpoint-bad", "log/checkpoint"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			b := Read(t, at(dir, "log/checkpoint"))
			i := bytes.IndexByte(b, '\n') + 1
			b[i] ^= 1
			must(t, os.WriteFile(at(dir, "log/checkpoint"), b, 0o600))
		}},
		{Name: "the checkpoint removed", Kinds: []Named{{"log-truncated", "log/checkpoint"}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.Remove(at(dir, "log/checkpoint"))) }},
		{Name: "a change of keys that nobody signed", Kinds: []Named{{"manifest-changed", "manifest.jsonl"}}, Do: func(t testing.TB, dir string, _ *Archive) {
			edit(t, dir, func(l []string) []string { return Chain(t, unsign(t, l)) })
		}},
		{Name: "a policy changed", Kinds: []Named{{"file-changed", a.Policy}}, Do: func(t testing.TB, dir string, _ *Archive) { add(t, at(dir, a.Policy), "# no\n") }},
		{Name: "a review removed", Kinds: []Named{{"file-changed", a.Review}}, Do: func(t testing.TB, dir string, _ *Archive) { must(t, os.Remove(at(dir, a.Review))) }},
	}
}

// next is the path of a segment under the number that weir would take next.
func next(a *Archive) string {
	return filepath.ToSlash(filepath.Join(filepath.Dir(a.Segments[0].Path), "s-00000019.parquet"))
}

// must ends the test.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Read reads a file.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	must(t, err)
	return b
}

// Flip changes a byte of a file.
func Flip(t testing.TB, name string, at int) {
	t.Helper()
	b := Read(t, name)
	b[at%len(b)] ^= 0x10
	must(t, os.WriteFile(name, b, 0o600))
}

// Swap exchanges the contents of two files.
func Swap(t testing.TB, x, y string) {
	t.Helper()
	a, b := Read(t, x), Read(t, y)
	must(t, os.WriteFile(x, b, 0o600))
	must(t, os.WriteFile(y, a, 0o600))
}

// add writes behind a file.
func add(t testing.TB, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, append(Read(t, name), text...), 0o600))
}

// cp copies a file.
func cp(t testing.TB, from, to string) {
	t.Helper()
	must(t, os.WriteFile(to, Read(t, from), 0o600))
}

// sumOf is the SHA-256 of a file.
func sumOf(t testing.TB, name string) string {
	t.Helper()
	return manifest.Hash(Read(t, name))
}

// edit changes the lines of the manifest.
func edit(t testing.TB, dir string, f func([]string) []string) {
	t.Helper()
	name := filepath.Join(dir, manifest.Name)
	lines := strings.Split(strings.TrimSuffix(string(Read(t, name)), "\n"), "\n")
	must(t, os.WriteFile(name, []byte(strings.Join(f(lines), "\n")+"\n"), 0o600))
}

// Chain makes the chain of some lines good again, and their numbers, as a careful intruder would.
func Chain(t testing.TB, lines []string) []string {
	t.Helper()
	prev := ""
	for i, l := range lines {
		var r manifest.Record
		must(t, json.Unmarshal([]byte(l), &r))
		r.Prev, r.Seq = prev, uint64(i+1)
		b, hash, err := r.Append(nil)
		must(t, err)
		lines[i], prev = strings.TrimSuffix(string(b), "\n"), hash
	}
	return lines
}

// expiryOf is a line that says that a segment expired.
func expiryOf(t testing.TB, s manifest.Segment, seq int) string {
	t.Helper()
	at := Start.Add(Epochs*time.Hour - time.Hour + time.Second)
	act, err := manifest.NewAction(manifest.KindExpiry, "weir", at, manifest.Expiry{Path: s.Path, SHA256: s.SHA256, Class: s.Class, Day: s.Day, Rows: s.Rows})
	must(t, err)
	r := manifest.Record{Seq: uint64(seq), Published: at, Writer: "test", Segments: []manifest.Segment{}, Sources: map[string][2]int64{}, Actions: []manifest.Action{act}}
	b, _, err := r.Append(nil)
	must(t, err)
	return strings.TrimSuffix(string(b), "\n")
}

// unsign breaks the signature in a change of keys.
func unsign(t testing.TB, lines []string) []string {
	t.Helper()
	for i, l := range lines {
		var r manifest.Record
		must(t, json.Unmarshal([]byte(l), &r))
		for n, act := range r.Actions {
			if act.Kind != manifest.KindKey {
				continue
			}
			k, err := logkey.ParseKey(act.Body)
			must(t, err)
			k.OldSignature[0] ^= 1
			r.Actions[n].Body, err = json.Marshal(k)
			must(t, err)
			b, _, err := r.Append(nil)
			must(t, err)
			lines[i] = strings.TrimSuffix(string(b), "\n")
		}
	}
	return lines
}

// sign makes the log anew with the key of the archive, as somebody could who has it. Where the manifest ends before the
// change of keys, nothing but a look at the keys' folder would help him; the test takes what he needs.
func sign(t testing.TB, dir string, a *Archive) {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys")
	must(t, os.CopyFS(keys, os.DirFS(a.Keys)))
	must(t, os.Remove(filepath.Join(keys, "log.last")))
	must(t, translog.New(translog.Options{Archive: dir, Keys: keys, Name: Verifier(t, a.Key).Name()}).Once())
}

// logOf makes the log of a part of the manifest and puts it into the folder, without a valid signature.
func logOf(t testing.TB, dir string, a *Archive, f func([]string) []string) {
	t.Helper()
	part := t.TempDir()
	cp(t, filepath.Join(dir, manifest.Name), filepath.Join(part, manifest.Name))
	edit(t, part, f)
	must(t, translog.New(translog.Options{Archive: part, Keys: filepath.Join(t.TempDir(), "keys"), Name: Verifier(t, a.Key).Name()}).Once())
	must(t, os.CopyFS(filepath.Join(dir, "log", "tile"), os.DirFS(filepath.Join(part, "log", "tile"))))
}

// tile finds the widest tile of a level.
func (a *Archive) tile(t testing.TB, dir, level string) (widest string) {
	t.Helper()
	must(t, filepath.WalkDir(filepath.Join(dir, "log", "tile", level), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if st, e := d.Info(); e == nil && (widest == "" || st.Size() >= sizeOf(widest)) {
				widest = name
			}
		}
		return err
	}))
	return widest
}

// sizeOf is the size of a file.
func sizeOf(name string) int64 {
	st, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return st.Size()
}
