package term

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// clocked is a face whose clock the test moves.
func clocked(tty bool) (*Face, *bytes.Buffer, *time.Time) {
	var b bytes.Buffer
	now := noon
	return &Face{W: &b, TTY: tty, Width: 100, Zone: seoul, Now: func() time.Time { return now }}, &b, &now
}

func TestProgress_Terminal(t *testing.T) {
	f, b, now := clocked(true)
	p := f.NewProgress(66e6, "events")
	p.At(1e6, "")
	if b.Len() > 0 {
		t.Fatalf("shown at once: %q", b.String())
	}
	*now = now.Add(20 * time.Second)
	p.At(41.2e6, "2026-11-09")
	want := "\r 62 % ████████████████▉             2026-11-09   41.2 M of 66 M events   2.06 M/s   12 s left\x1b[K"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
	n := b.Len()
	*now = now.Add(50 * time.Millisecond)
	p.At(42e6, "")
	if b.Len() != n {
		t.Error("more than ten times a second")
	}
	p.Done()
	if !strings.HasSuffix(b.String(), "\r\x1b[K") {
		t.Error("the bar stays")
	}
}

func TestProgress_Plain(t *testing.T) {
	f, b, now := clocked(false)
	p := f.NewProgress(0, "lines")
	*now = now.Add(5 * time.Second)
	p.At(5000, "")
	if b.Len() > 0 {
		t.Errorf("too early: %q", b.String())
	}
	*now = now.Add(5 * time.Second)
	p.At(10_000, "\x1bx")
	if want := "\\x1bx   10 k lines   1,000/s\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	p.Done()
}
