package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/control/reporting"
	"weir/internal/fault"
)

// world is a runner with a clock that is set, and what it did.
type world struct {
	t       *testing.T
	dir     string
	now     time.Time
	made    []string // report month lang
	sent    []string // channel: subject, files
	fail    error    // of Make
	refuse  map[string]error
	trouble []string
	r       *Runner
	body    []byte
}

// newWorld writes a file and begins at a moment of Seoul.
func newWorld(t *testing.T, file, now string) *world {
	w := &world{t: t, dir: t.TempDir(), refuse: map[string]error{}, body: []byte("%PDF")}
	w.at(now)
	w.write(file)
	w.start()
	return w
}

// at sets the clock.
func (w *world) at(now string) {
	x, err := time.ParseInLocation("2006-01-02 15:04", now, seoul)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = x
}

// write writes reports.yaml.
func (w *world) write(file string) {
	if err := os.WriteFile(filepath.Join(w.dir, "reports.yaml"), []byte(file), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// start is a start of weir: only what is on disk is remembered.
func (w *world) start() {
	r, err := New(w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	w.r = r
}

// options are those of the world.
func (w *world) options() Options {
	return Options{
		File: filepath.Join(w.dir, "reports.yaml"), State: filepath.Join(w.dir, "reports.state.json"), Zone: seoul, Now: func() time.Time { return w.now },
		Make: func(_ context.Context, r reporting.Request) (*Made, error) {
			if w.fail != nil {
				return nil, w.fail
			}
			w.made = append(w.made, strings.TrimSpace(r.Kind+" "+r.Month+" "+r.Lang+" "+r.Name))
			out := &Made{Title: "제목 " + r.Month, Notes: []string{"checked: never"}}
			for _, f := range r.Formats {
				out.Files = append(out.Files, File{Name: r.Kind + "-" + r.Month + "." + f, Type: f, Body: w.body})
			}
			return out, nil
		},
		Deliver: func(_ context.Context, channel, subject, text, lang string, files []File) error {
			if err := w.refuse[channel]; err != nil {
				return err
			}
			names := ""
			for _, f := range files {
				names += " " + f.Name
			}
			w.sent = append(w.sent, channel+": "+subject+names+" "+lang+"\n"+text)
			return nil
		},
		Trouble: func(name string, err error) { w.trouble = append(w.trouble, fmt.Sprint(name, ": ", err)) },
	}
}

// step runs what is due and returns when to come again, in Seoul.
func (w *world) step() string {
	return w.r.Step(w.t.Context()).In(seoul).Format("2006-01-02 15:04")
}

// monthly is one report for a folder and a channel.
const monthly = "- {report: access-review, every: month on 3 08:00, lang: ko, format: [pdf, csv], to: mail, folder: out}\n"

// TestRunner: nothing before its time, once at it, into the folder and to the channel, also over a restart.
func TestRunner(t *testing.T) {
	w := newWorld(t, monthly, "2026-11-01 00:00")
	if next := w.step(); len(w.made) > 0 || next != "2026-11-01 00:01" { // the file is looked at each minute
		t.Fatalf("%v made, next %s", w.made, next)
	}
	w.at("2026-11-03 07:59")
	if next := w.step(); len(w.made) > 0 || next != "2026-11-03 08:00" {
		t.Fatalf("%v made, next %s", w.made, next)
	}
	w.at("2026-11-03 08:00")
	w.step()
	if !slices.Equal(w.made, []string{"access-review 2026-10 ko"}) {
		t.Fatalf("made %v", w.made)
	}
	if want := "mail: 제목 2026-10 access-review-2026-10.pdf access-review-2026-10.csv ko\n제목 2026-10.\n- checked: never"; len(w.sent) != 1 || w.sent[0] != want {
		t.Errorf("sent %q", w.sent)
	}
	for _, name := range []string{"access-review-2026-10.pdf", "access-review-2026-10.csv"} {
		if b, err := os.ReadFile(filepath.Join(w.dir, "out", name)); err != nil || string(b) != "%PDF" {
			t.Errorf("%s: %s, %v", name, b, err)
		}
	}
	w.step()
	w.start()
	w.at("2026-12-03 07:59")
	w.step()
	if len(w.made) != 1 {
		t.Errorf("made %v", w.made)
	}
	w.at("2026-12-03 08:01")
	w.step()
	if len(w.made) != 2 || w.made[1] != "access-review 2026-11 ko" {
		t.Errorf("made %v", w.made)
	}
	if st := w.r.Status(); len(st.Entries) != 1 || st.Entries[0].Month != "2026-11" || st.Entries[0].Error != "" || !st.Entries[0].Last.Equal(w.now) || st.Entries[0].Next.In(seoul).Format("2006-01-02 15:04") != "2027-01-03 08:00" {
		t.Errorf("%+v", st)
	}
}

// TestRunner_missed: what was due while nobody ran is made up once, for the last time; what is new has missed nothing.
func TestRunner_missed(t *testing.T) {
	w := newWorld(t, monthly, "2026-09-10 00:00")
	w.step()
	w.at("2026-12-20 00:00")
	w.start()
	w.step()
	w.step()
	if !slices.Equal(w.made, []string{"access-review 2026-11 ko"}) {
		t.Errorf("made %v", w.made)
	}
	w.write(monthly + "- {report: sources, every: day 08:00, folder: out}\n")
	w.at("2026-12-20 09:00")
	w.step()
	if len(w.made) != 1 {
		t.Errorf("a report that is new was made up: %v", w.made)
	}
	w.at("2026-12-21 08:00")
	w.step()
	if len(w.made) != 2 || w.made[1] != "sources 2026-12 en" {
		t.Errorf("made %v", w.made)
	}
}

// TestRunner_retry: a report that fails is tried again, later each time, and said; it is made when it works, for the same
// month, also after a restart; a later one takes its place.
func TestRunner_retry(t *testing.T) {
	w := newWorld(t, monthly, "2026-11-01 00:00")
	w.step()
	w.fail = errors.New("the archive is gone")
	w.at("2026-11-03 08:00")
	w.step()
	st := w.r.Status().Entries[0]
	if st.Attempts != 1 || !strings.Contains(st.Error, "the archive is gone") || st.Next.Sub(w.now) != time.Minute {
		t.Errorf("%+v", st)
	}
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		w.now = w.now.Add(wait)
		w.step()
	}
	w.start()
	if st := w.r.Status(); len(st.Entries) != 0 { // nothing was read yet
		t.Errorf("%+v", st)
	}
	w.step()
	if st := w.r.Status().Entries[0]; st.Attempts != 4 || st.Next.Sub(w.now) != 8*time.Minute {
		t.Errorf("%+v", st)
	}
	w.fail = nil
	w.at("2026-11-04 00:00")
	w.step()
	if !slices.Equal(w.made, []string{"access-review 2026-10 ko"}) || w.r.Status().Entries[0].Error != "" {
		t.Errorf("made %v, %+v", w.made, w.r.Status())
	}
	if n := len(w.trouble); n != 5 || w.trouble[0] != "access-review: making the report: the archive is gone" || w.trouble[4] != "access-review: <nil>" {
		t.Errorf("trouble %v", w.trouble)
	}
}

// TestRunner_part: who got the report before a failure gets no second one.
func TestRunner_part(t *testing.T) {
	w := newWorld(t, strings.Replace(monthly, "to: mail", "to: [mail, board]", 1), "2026-11-01 00:00")
	w.step()
	w.refuse["mail"] = errors.New("451 later")
	w.at("2026-11-03 08:00")
	w.step()
	if len(w.sent) != 1 || !strings.HasPrefix(w.sent[0], "board: ") || !strings.Contains(w.r.Status().Entries[0].Error, "sending to mail: 451 later") {
		t.Fatalf("%q, %+v", w.sent, w.r.Status())
	}
	delete(w.refuse, "mail")
	w.start()
	w.at("2026-11-03 08:02")
	w.step()
	if len(w.sent) != 2 || !strings.HasPrefix(w.sent[1], "mail: ") {
		t.Errorf("%q", w.sent)
	}
}

// TestRunner_file: a file with mistakes changes nothing; one that is gone has no reports.
func TestRunner_file(t *testing.T) {
	w := newWorld(t, monthly, "2026-11-01 00:00")
	w.step()
	w.write("- {report: nothing}\n")
	w.at("2026-11-03 08:00")
	w.step()
	if st := w.r.Status(); len(w.made) != 1 || len(st.Entries) != 1 || len(st.Faults) == 0 {
		t.Errorf("made %v, %+v", w.made, st)
	}
	if err := os.Remove(filepath.Join(w.dir, "reports.yaml")); err != nil {
		t.Fatal(err)
	}
	w.at("2026-12-03 08:00")
	w.step()
	if st := w.r.Status(); len(w.made) != 1 || len(st.Entries) != 0 || len(st.Faults) != 0 {
		t.Errorf("made %v, %+v", w.made, st)
	}
}

// TestRunner_nobody: without anybody who sends, a folder gets its report and the channel is said.
func TestRunner_nobody(t *testing.T) {
	w := newWorld(t, monthly, "2026-11-01 00:00")
	o := w.options()
	o.Deliver = nil
	var err error
	if w.r, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.step()
	w.at("2026-11-03 08:00")
	w.step()
	if e := w.r.Status().Entries[0].Error; !strings.Contains(e, "nobody sends messages in this process") {
		t.Error(e)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "out", "access-review-2026-10.pdf")); err != nil {
		t.Error(err)
	}
}

// TestLetter: files that no mail takes are named with where they are; many notes are counted.
func TestLetter(t *testing.T) {
	made := &Made{Title: "제목", Files: []File{{Name: "a", Body: make([]byte, 10)}, {Name: "b", Body: make([]byte, MaxMail)}}}
	for range 12 {
		made.Notes = append(made.Notes, "n")
	}
	text, files := letter(&Entry{Lang: "ko", Folder: "/srv/reports"}, made)
	if len(files) != 1 || files[0].Name != "a" || !strings.Contains(text, "첨부하지 못한 파일: 1개(/srv/reports)") || !strings.Contains(text, "2건은 보고서 참조") {
		t.Errorf("%d files, %s", len(files), text)
	}
	if text, _ = letter(&Entry{Lang: "en"}, made); !strings.Contains(text, "Files too large for a mail: 1 (make it with weir report).") {
		t.Error(text)
	}
}

// TestState: a file that cannot be read is said, and nothing is sent twice because of it.
func TestState(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "{", "newer": `{"v":2}`} {
		file := filepath.Join(t.TempDir(), "s.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{State: file}); fault.Code(err) != "report-state" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLook: who only looks notes nothing.
func TestLook(t *testing.T) {
	w := newWorld(t, monthly, "2026-11-01 00:00")
	if st := w.r.Look(); len(st.Entries) != 1 || st.Entries[0].Every != "month on 3 08:00 Asia/Seoul" {
		t.Errorf("%+v", st)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "reports.state.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error("looking wrote something")
	}
}

// TestRun: the goroutine wakes at its time and ends with its context.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		made := make(chan string, 10)
		begun := time.Now().UTC()
		file := fmt.Sprintf("- {report: sources, every: day %s, folder: out}\n", begun.Add(3*time.Hour).Format("15:04"))
		if err := os.WriteFile(filepath.Join(dir, "reports.yaml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := New(Options{File: filepath.Join(dir, "reports.yaml"), State: filepath.Join(dir, "s.json"), Log: slog.New(slog.DiscardHandler), Make: func(_ context.Context, q reporting.Request) (*Made, error) {
			made <- q.Month
			return &Made{Files: []File{{Name: "a.pdf"}}}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(2 * time.Hour)
		if len(made) > 0 {
			t.Error("made before its time")
		}
		time.Sleep(26 * time.Hour)
		cancel()
		if err := <-ended; err != nil || len(made) != 2 {
			t.Errorf("%d made, %v", len(made), err)
		}
	})
}
