package file

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/ingest"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit"
)

func TestFollow_Lines(t *testing.T) {
	s := newSite(t, "*.log")
	s.write("a.log", "one\r\n\ntwo\nth")
	s.start()
	s.waits("one\ntwo\n")
	s.write("a.log", "ree\nfour")
	s.write("b.log", "other\n")
	s.waits("one\ntwo\nthree\nother\n")
	var a []record.Raw
	for _, r := range s.fresh() {
		if r.Origin == s.path("a.log") {
			a = append(a, r)
		}
	}
	for i, want := range []int64{0, 6, 10} {
		if r := a[i]; r.Line != want || r.Key != a[0].Key || !strings.HasPrefix(r.Key, "file/") || r.Input != Input || r.Proto != Input || r.Received.IsZero() || r.Peer.IsValid() {
			t.Errorf("record %d: %+v, want place %d", i, r, want)
		}
	}
	s.stop()
	if n := s.count.Got("file/" + s.path("a.log")); n != 3 {
		t.Errorf("%d received of a.log, want 3", n)
	}
	if s.src.Listening() != nil {
		t.Error("it listens")
	}
}

func TestFollow_FromTheEnd(t *testing.T) {
	s := newSite(t, "*.log")
	s.cfg.Start = "end"
	s.write("old.log", numbered(0, 100)+"half a li")
	s.start()
	s.eventually("old.log is known", func() bool { return len(s.src.registry.find(identity{})) == 0 && s.known() == 1 })
	s.write("old.log", "ne\nnext\n")
	s.write("new.log", "first\nsecond\n")
	s.waits("half a line\nnext\nfirst\nsecond\n")
	s.stop()
	// At a second start everything is known, or new and read from its beginning.
	s.write("old.log", "later\n")
	s.write("while down.log", "from its beginning\n")
	s.start()
	s.waits("half a line\nnext\nfirst\nsecond\nlater\nfrom its beginning\n")
}

// known is how many contents the registry has.
func (s *site) known() int {
	s.src.registry.mu.Lock()
	defer s.src.registry.mu.Unlock()
	return len(s.src.registry.entries)
}

func TestFollow_RotationByRename(t *testing.T) {
	for name, pattern := range map[string]string{"the old name is followed too": "app.log*", "it is not": "app.log"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, pattern)
			s.times.close = time.Minute // nobody may pause for as long between a renaming and the next line
			s.start()
			want := ""
			for i := range 5 {
				text := numbered(i*50, i*50+50)
				s.write("app.log", text[:len(text)/2])
				s.eventually("a line of it", func() bool { return len(s.fresh()) > i*50 })
				s.rename("app.log", "app.log."+string(rune('1'+i)))
				s.write("app.log."+string(rune('1'+i)), text[len(text)/2:]) // the writer still has it open
				want += text
			}
			s.write("app.log", "the last\n")
			s.waits(want, "the last\n")
			for _, r := range s.fresh() {
				if pattern == "app.log" && r.Origin != s.path("app.log") {
					t.Fatalf("origin %s", r.Origin)
				}
			}
		})
	}
}

// TestFollow_Copytruncate: the copy is followed too, so nothing is lost but what is written between copy and cut.
func TestFollow_Copytruncate(t *testing.T) {
	s := newSite(t, "app*")
	s.start()
	want := ""
	for i := range 6 {
		text := numbered(i*50, i*50+50)
		s.write("app.log", text)
		if i%2 == 0 { // every second time nothing is read before it is cut off
			s.waits(want, text)
		}
		want += text
		s.copy("app.log", "app.log."+string(rune('1'+i)))
		s.truncate("app.log")
	}
	s.waits(want)
	time.Sleep(4 * quick.keep) // the copies have been looked at for long
	s.write("app.log", "the last\n")
	s.waits(want, "the last\n")
}

// TestFollow_CopytruncateUnread: what was never read of the original is found in its copy.
func TestFollow_CopytruncateUnread(t *testing.T) {
	s := newSite(t, "app.log*")
	first, second := numbered(0, 100), numbered(100, 200)
	s.write("app.log", first)
	s.start()
	s.waits(first)
	s.stop()
	s.write("app.log", second)
	s.copy("app.log", "app.log-20251121")
	s.truncate("app.log")
	s.write("app.log", "after the cut\n")
	s.start()
	s.waits(first, second, "after the cut\n")
	for _, r := range s.fresh() {
		if r.Origin != s.path("app.log") {
			t.Fatalf("origin %s of %s: the copy goes on with the content of the original", r.Origin, r.Value)
		}
	}
}

// TestFollow_CutAndGrownAgain: a file that was cut off and is as long again is noticed by what it holds.
func TestFollow_CutAndGrownAgain(t *testing.T) {
	header := "#Fields: date time c-ip cs-method\n"
	first, second := header+numbered(0, 50), header+numbered(50, 130)
	s := newSite(t, "app.log")
	s.write("app.log", first)
	s.start()
	s.waits(first)
	s.stop()
	if err := os.WriteFile(s.path("app.log"), []byte(second), 0o600); err != nil { // cut off and written in one go
		t.Fatal(err)
	}
	s.start()
	s.waits(first, second)
}

// TestFollow_Hole: a writer that does not append goes on at its old place after the file was cut off.
func TestFollow_Hole(t *testing.T) {
	s := newSite(t, "app.log")
	s.start()
	f, err := os.Create(s.path("app.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(numbered(0, 30)); err != nil {
		t.Fatal(err)
	}
	s.waits(numbered(0, 30))
	if err := os.Truncate(f.Name(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("behind the hole\n"); err != nil {
		t.Fatal(err)
	}
	s.waits(numbered(0, 30), "behind the hole\n")
	recs := s.fresh()
	if last := recs[len(recs)-1]; last.Line != int64(len(numbered(0, 30))) || last.Key == recs[0].Key {
		t.Errorf("%+v", last)
	}
}

func TestFollow_Deletion(t *testing.T) {
	s := newSite(t, "*.log")
	s.write("a.log", "one\nno end")
	s.start()
	s.waits("one\n")
	s.remove("a.log")
	s.waits("one\nno end\n") // emitted when the file will not grow any more
	s.eventually("the file is let go", func() bool { return openFiles(t, s.dir) == 0 })
	s.write("a.log", "one\n") // another file of the same name
	s.waits("one\nno end\none\n")
}

// openFiles counts the files below dir that this process has open.
func openFiles(t testing.TB, dir string) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		testkit.Skip(t, "machine", "no /proc")
	}
	n := 0
	for _, fd := range fds {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

func TestFollow_AfterACrash(t *testing.T) {
	s := newSite(t, "*.log")
	s.write("a.log", numbered(0, 100))
	s.start()
	s.waits(numbered(0, 100))
	s.saved()
	before := len(s.door.Records())
	s.times.save = time.Hour // nothing is written down any more but new files
	s.stop()
	s.start()
	s.write("a.log", numbered(100, 200))
	s.waits(numbered(0, 200))
	s.crash()
	s.write("a.log", numbered(200, 300))
	s.start()
	s.waits(numbered(0, 300))
	// What came twice came under the same key and place.
	seen := map[string]string{}
	for _, r := range s.door.Records() {
		id := r.Key + "/" + string(rune(r.Line))
		if text, again := seen[id]; again && text != string(r.Value) {
			t.Fatalf("%s was %q and is %q", id, text, r.Value)
		}
		seen[id] = string(r.Value)
	}
	if len(s.door.Records()) < before+200 {
		t.Error("nothing was read again: the crash is none")
	}
}

// TestFollow_AnotherContentAfterACrash: what was emitted last before a crash is not written down. A file that was cut off
// meanwhile must not go on under the old key, where its lines would be taken for those.
func TestFollow_AnotherContentAfterACrash(t *testing.T) {
	for name, copied := range map[string]bool{"cut off": false, "copied and cut off": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "app.log*")
			s.times.save = time.Hour
			s.start()
			s.write("app.log", numbered(0, 50))
			s.waits(numbered(0, 50))
			s.crash()
			if copied {
				s.copy("app.log", "app.log.1")
			}
			s.truncate("app.log")
			s.write("app.log", numbered(50, 200))
			s.start()
			s.waits(numbered(0, 200))
		})
	}
}

// TestFollow_RotatedWhileDown: renamed out of all patterns, cut off beside its copy, removed and made anew.
func TestFollow_RotatedWhileDown(t *testing.T) {
	for _, tt := range []struct {
		name    string
		pattern string
		rotate  func(s *site)
		want    string
	}{
		{"renamed within the patterns", "app.log*", func(s *site) { s.rename("app.log", "app.log.1") }, numbered(50, 100)},
		{"renamed out of them", "app.log", func(s *site) { s.rename("app.log", "app.log.1") }, numbered(50, 100)},
		{"copied and cut off", "app.log*", func(s *site) { s.copy("app.log", "app.log.1"); s.truncate("app.log") }, numbered(50, 100)},
		{"removed", "app.log", func(s *site) { s.remove("app.log") }, ""},
		{"nothing", "app.log", func(*site) {}, numbered(50, 100)},
	} {
		for _, how := range []string{"stopped", "crashed"} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				s := newSite(t, tt.pattern)
				s.write("app.log", numbered(0, 25))
				s.start()
				s.waits(numbered(0, 25))
				s.saved()
				s.write("app.log", numbered(25, 50))
				s.waits(numbered(0, 50))
				if how == "crashed" {
					s.crash()
				} else {
					s.stop()
				}
				s.write("app.log", numbered(50, 100))
				tt.rotate(s)
				s.write("app.log", "of the new file\n")
				s.start()
				s.waits(numbered(0, 50), tt.want, "of the new file\n")
			})
		}
	}
}

func TestFollow_LongLines(t *testing.T) {
	s := newSite(t, "*.log")
	long := strings.Repeat("x", 5000)
	s.write("a.log", "short\n"+long)
	s.start()
	cut := long[:1<<10]
	s.waits("short\n" + cut + "\n")
	s.saved()
	s.crash() // in the middle of the line
	s.write("a.log", long+"\nnext\n")
	s.start()
	s.waits("short\n" + cut + "\nnext\n")
	for _, r := range s.door.Records() {
		if long := len(r.Value) == 1<<10; long != slices.Equal(r.Tags, []string{record.TagTruncated}) || long && r.Line != 6 {
			t.Errorf("%d bytes at %d with tags %q", len(r.Value), r.Line, r.Tags)
		}
	}
}

// TestFollow_NotTaken: what the front door does not take is read again, under another key where something behind it was
// taken; nothing is lost.
func TestFollow_NotTaken(t *testing.T) {
	for name, from := range map[string]int{"the first batch": 0, "one in the middle": 1} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "*.log")
			bad := errors.New("Kafka will not")
			s.door.Fail(func(n int) error {
				if n == from {
					return bad
				}
				return nil
			})
			text := numbered(0, 3*maxLines)
			s.write("a.log", text)
			s.start()
			seen := map[string]bool{}
			s.eventually("all lines", func() bool {
				for _, r := range s.fresh() {
					seen[string(r.Value)] = true
				}
				return len(seen) == 3*maxLines
			})
			s.stop()
			s.write("a.log", "and on\n")
			s.start()
			s.eventually("the next line", func() bool {
				recs := s.fresh()
				return string(recs[len(recs)-1].Value) == "and on"
			})
		})
	}
}

func TestFollow_WhatIsLeftOut(t *testing.T) {
	s := newSite(t, "**/*.log")
	s.cfg.Exclude = []string{s.path("no/**")}
	for _, dir := range []string{"yes/deep", "no"} {
		if err := os.MkdirAll(s.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.write("yes/deep/a.log", "in\n")
	s.write("no/a.log", "excluded\n")
	s.write("a.txt", "another name\n")
	s.write("packed.log", "\x1f\x8b\x08\x00\x00\x00\x00\x00\n\n\n")
	if err := syscall.Mkfifo(s.path("pipe.log"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.path("folder.log"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(s.path("yes/deep/a.log"), s.path("link.log")); err != nil { // the same file: read once
		t.Fatal(err)
	}
	if err := os.Symlink(s.dir, s.path("yes/circle")); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.waits("in\n")
	s.write("yes/deep/a.log", "and on\n")
	s.waits("in\nand on\n")
	s.eventually("the compressed file is said", func() bool { return strings.Contains(s.log.String(), "how=gzip") })
}

func TestFollow_NotItsOwnFolder(t *testing.T) {
	s := newSite(t, "**")
	src, err := New(s.cfg, ingest.Options{Log: s.logger(), Counter: &s.count, Dir: s.state, Data: s.path("weir-data")})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"a.log": true, "weir-data/archive/x.parquet": false, "weir-data-old/a.log": true} {
		if got := src.wanted(s.path(path)); got != want {
			t.Errorf("%s is followed: %v", path, got)
		}
	}
}

func TestFollow_MaxFiles(t *testing.T) {
	s := newSite(t, "*.log")
	s.cfg.MaxFiles = 2
	for _, name := range []string{"a.log", "b.log", "c.log"} {
		s.write(name, "of "+name+"\n")
	}
	s.start()
	s.waits("of a.log\nof b.log\n")
	s.eventually("it is said", func() bool { return strings.Contains(s.log.String(), "max_files=2") })
	s.remove("a.log")
	s.waits("of a.log\nof b.log\nof c.log\n")
}

// TestFollow_Alike: two files with the same beginning, and a file that somebody copied.
func TestFollow_Alike(t *testing.T) {
	s := newSite(t, "*.log*")
	banner := strings.Repeat("# the same banner in every file\n", 40)
	s.write("a.log", banner+"a\n")
	s.write("b.log", banner+"b\n")
	s.start()
	s.waits(banner, banner, "a\nb\n")
	s.write("c.log", banner)
	s.waits(banner, banner, banner, "a\nb\n")
	s.copy("a.log", "a.log.bak") // has nothing that is not read already
	s.eventually("the copy is known", func() bool { return s.known() == 4 })
	s.write("a.log", "on\n")
	s.write("a.log.bak", "the copy's own\n")
	s.waits(banner, banner, banner, "a\nb\non\nthe copy's own\n")
}

func TestFollow_HoldsBackWithTheFrontDoor(t *testing.T) {
	s := newSite(t, "*.log")
	s.door.Hold()
	s.write("a.log", numbered(0, 10))
	s.start()
	s.eventually("a batch at the door", func() bool { return s.door.Held() == 1 })
	s.stop() // nothing was acknowledged
	s.door.Release(errors.New("too late"))
	s.start()
	s.waits(numbered(0, 10))
}

func TestNew_Failure(t *testing.T) {
	for name, cfg := range map[string]config.File{
		"a pattern that is none": {Paths: []string{"/var/log/[a"}},
		"an exclude that is":     {Paths: []string{"/var/log/a"}, Exclude: []string{"{a"}},
	} {
		_, err := New(cfg, ingest.Options{Log: newSite(t).logger(), Dir: t.TempDir(), Config: "inputs.file"})
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != "config-bad-value" || !strings.HasPrefix(f.Where, "inputs.file.") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
