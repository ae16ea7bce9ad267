package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// logFile is a log that is written and rotated as programs and logrotate do.
type logFile struct {
	t       testing.TB
	dir     string
	f       *os.File
	rotated int
}

func newLogFile(t testing.TB) *logFile {
	t.Helper()
	l := &logFile{t: t, dir: t.TempDir()}
	l.open()
	return l
}

func (l *logFile) path() string { return filepath.Join(l.dir, "app.log") }

func (l *logFile) open() {
	l.t.Helper()
	var err error
	if l.f, err = os.OpenFile(l.path(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = l.f.Close() })
}

// write writes lines from..to, in pieces that end anywhere.
func (l *logFile) write(from, to int) {
	l.t.Helper()
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "worker %d finished a job wseq=%08d\n", i%7, i)
	}
	text := b.String()
	for len(text) > 0 {
		n := min(len(text), 1000+37*len(text)%500)
		if _, err := l.f.WriteString(text[:n]); err != nil {
			l.t.Fatal(err)
		}
		text = text[n:]
	}
}

// rename rotates by rename and create; the last lines go to the old file after it was renamed.
func (l *logFile) rename(from, to int) {
	l.t.Helper()
	l.rotated++
	if err := os.Rename(l.path(), fmt.Sprintf("%s.%d", l.path(), l.rotated)); err != nil {
		l.t.Fatal(err)
	}
	l.write(from, to)
	if err := l.f.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.open()
}

// copytruncate rotates by a copy, after which the file is cut off. Nothing is written in between.
func (l *logFile) copytruncate() {
	l.t.Helper()
	l.rotated++
	data, err := os.ReadFile(l.path())
	if err != nil {
		l.t.Fatal(err)
	}
	write(l.t, fmt.Sprintf("%s.%d", l.path(), l.rotated), string(data))
	if err := os.Truncate(l.path(), 0); err != nil {
		l.t.Fatal(err)
	}
}

// numbers counts how often each number of a file's lines is stored.
func (w *weir) numbers(n int) []int {
	w.t.Helper()
	counts := make([]int, n)
	w.each("weir.input: file", 10*n, func(doc map[string]any) {
		m := seqPattern.FindStringSubmatch(field(doc, "event.original"))
		if m == nil {
			w.t.Fatalf("a stored event without a number: %v", doc)
		}
		i, err := strconv.Atoi(m[1])
		if err != nil || i >= n {
			w.t.Fatalf("number %s was never written", m[1])
		}
		counts[i]++
	})
	return counts
}

// exactlyOnce waits until n numbers are there, and checks that each is there once.
func (w *weir) exactlyOnce(n int) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for missing := w.missing(n); len(missing) > 0; missing = w.missing(n) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%d of %d numbers are missing, from %d to %d\n%s", len(missing), n, missing[0], missing[len(missing)-1], w.log)
		}
		time.Sleep(100 * time.Millisecond)
	}
	twice := 0
	for _, c := range w.numbers(n) {
		if c > 1 {
			twice++
		}
	}
	if twice > 0 {
		w.t.Errorf("%d of %d numbers are stored more than once", twice, n)
	}
}

// missing returns the numbers below n that are not stored.
func (w *weir) missing(n int) (out []int) {
	w.t.Helper()
	for i, c := range w.numbers(n) {
		if c == 0 {
			out = append(out, i)
		}
	}
	return out
}

// TestFiles_Found: a line of a file is found with its file and its place.
func TestFiles_Found(t *testing.T) {
	l := newLogFile(t)
	w := newWeir(t, "WEIR_INPUTS_FILE_PATHS="+l.dir+"/*.log", "WEIR_INPUTS_FILE_START=beginning")
	write(t, filepath.Join(l.dir, "auth.log"), "Nov 21 16:50:08 web-1 sshd[4711]: Failed password for root from 203.0.113.5 port 52144 ssh2\n")
	l.write(0, 10)
	w.start()
	doc := w.waitFor("process.name: sshd and source.ip: 203.0.113.5", 1)[0]
	for path, want := range map[string]string{
		"log.file.path": filepath.Join(l.dir, "auth.log"), "log.offset": "0", "host.name": "web-1", "event.dataset": "system.auth", "weir.input": "file", "log.source.address": filepath.Join(l.dir, "auth.log"),
	} {
		if got := field(doc, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	doc = w.waitFor(`message: "wseq=00000001"`, 1)[0]
	host, _ := os.Hostname()
	if got := field(doc, "host.name"); got != host {
		t.Errorf("host.name of a line without one is %q, want %q", got, host)
	}
	w.exactlyOnceAmong(10)
	if out := w.run("sources", "list"); !strings.Contains(out, "file/"+l.path()) {
		t.Errorf("weir sources list:\n%s", out)
	}
	w.stop()
	if got := w.devices(); got.Received != 11 || got.Stored != 11 {
		t.Errorf("the ledger: %+v", got)
	}
}

// exactlyOnceAmong is exactlyOnce for numbers beside other lines.
func (w *weir) exactlyOnceAmong(n int) {
	w.t.Helper()
	if docs := w.waitFor(`weir.input: file and message: "worker"`, n); len(docs) != n {
		w.t.Errorf("%d lines, want %d", len(docs), n)
	}
}

// TestFiles_RotatedAndKilled: while a log is written, it is rotated both ways and weir is killed, again and again. Every
// line is stored exactly once: what is read twice has the same identity.
func TestFiles_RotatedAndKilled(t *testing.T) {
	l := newLogFile(t)
	w := newWeir(t, "WEIR_INPUTS_FILE_PATHS="+l.path()+"*", "WEIR_INPUTS_FILE_START=beginning")
	w.start()
	const rounds, lines = 10, 3000
	at := 0
	for round := range rounds {
		l.write(at, at+lines)
		at += lines
		time.Sleep(time.Duration(50+137*round%400) * time.Millisecond)
		switch round % 5 {
		case 0: // rotated while weir runs
			l.rename(at, at+lines)
			at += lines
		case 1:
			l.copytruncate()
		case 2: // killed, and rotated while it is down
			w.kill()
			l.rename(at, at+lines)
			at += lines
			w.start()
		case 3:
			w.kill()
			l.write(at, at+lines)
			at += lines
			l.copytruncate()
			w.start()
		case 4:
			w.kill()
			w.start()
		}
	}
	w.exactlyOnce(at)
	w.stop()
	rows, balanced := w.ledger()
	if !balanced {
		t.Errorf("the ledger does not balance: %+v", rows)
	}
	var got ledgerRow
	for source, r := range rows {
		if source != auditSource {
			got.add(r)
		}
	}
	t.Logf("%d lines, %d rotations, 6 kills: received %d, stored %d, duplicates dropped %d", at, l.rotated, got.Received, got.Stored, got.Duplicate)
	if got.Stored != int64(at) {
		t.Errorf("the ledger says that %d of %d are stored", got.Stored, at)
	}
}

// TestFiles_StoppedAndStarted: a weir that is stopped knows exactly where it was.
func TestFiles_StoppedAndStarted(t *testing.T) {
	l := newLogFile(t)
	w := newWeir(t, "WEIR_INPUTS_FILE_PATHS="+l.path(), "WEIR_INPUTS_FILE_START=beginning")
	for round := range 3 {
		l.write(round*500, round*500+500)
		w.start()
		w.exactlyOnce((round + 1) * 500)
		w.stop()
	}
	if got := w.devices(); got.Received != 1500 || got.Stored != 1500 || got.Duplicate != 0 {
		t.Errorf("the ledger: %+v", got)
	}
}
