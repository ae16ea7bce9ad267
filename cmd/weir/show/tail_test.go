package show

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"weir/internal/term"
)

// line is an event with a host and a message.
func line(host, message string) []byte {
	return []byte(`{"@timestamp":"2026-11-21T07:50:08.412Z","event":{"dataset":"sshd"},"host":{"name":"` + host + `"},"source":{"ip":"203.0.113.5"},"message":"` + message + `"}`)
}

// tail starts a tail whose clock the test moves.
func tail(tty bool, limit int) (t *Tail, out, msg *bytes.Buffer, now *time.Time) {
	clock := time.Date(2026, 11, 21, 7, 52, 30, 0, time.UTC)
	out, msg, now = &bytes.Buffer{}, &bytes.Buffer{}, &clock
	face := &term.Face{W: out, TTY: tty, Width: 60, Zone: time.UTC, Now: func() time.Time { return *now }}
	return NewTail(face, &term.Face{W: msg}, limit), out, msg, now
}

func TestTail_ColumnsGrow(t *testing.T) {
	tl, out, _, _ := tail(true, 0)
	for _, host := range []string{"a", "web-10", "b", strings.Repeat("h", 40), "c"} {
		if err := tl.Add(line(host, "m")); err != nil {
			t.Fatal(err)
		}
	}
	want := "" +
		"07:50:08.412  sshd  a  203.0.113.5  m\n" +
		"07:50:08.412  sshd  web-10  203.0.113.5  m\n" +
		"07:50:08.412  sshd  b       203.0.113.5  m\n" +
		"07:50:08.412  sshd  hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh…\n" +
		"07:50:08.412  sshd  c                         203.0.113.5  m\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestTail_Limit(t *testing.T) {
	tl, out, msg, now := tail(true, 2)
	add := func(n int) {
		for range n {
			if err := tl.Add(line("a", "m")); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(5)
	if msg.Len() > 0 {
		t.Errorf("said before the second is over: %s", msg)
	}
	*now = now.Add(time.Second)
	add(1)
	if got := strings.TrimSpace(msg.String()); got != "... 3 more in this second, all stored; a terminal shows 2/s (--all shows every one)" {
		t.Errorf("got %q", got)
	}
	*now = now.Add(time.Second)
	add(2)
	matched, shown := tl.End()
	if matched != 8 || shown != 5 || strings.Count(out.String(), "\n") != 5 || strings.Count(msg.String(), "\n") != 1 {
		t.Errorf("%d matched, %d shown\n%s%s", matched, shown, out, msg)
	}
}

func TestTail_Pipe(t *testing.T) {
	tl, out, _, _ := tail(false, 0)
	if err := tl.Add(line("web\\u0009x", strings.Repeat("m", 200)+"\\u001b[2J")); err != nil {
		t.Fatal(err)
	}
	if want := "2026-11-21T07:50:08.412Z\tsshd\tweb\\tx\t203.0.113.5\t" + strings.Repeat("m", 200) + "\\x1b[2J\n"; out.String() != want {
		t.Errorf("got %q", out)
	}
	tl.Count()
	if matched, shown := tl.End(); matched != 2 || shown != 2 {
		t.Errorf("%d, %d", matched, shown)
	}
}

// broken fails as a pipe whose reader is gone.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestTail_Errors(t *testing.T) {
	tl := NewTail(&term.Face{W: broken{}, Zone: time.UTC, Now: time.Now}, &term.Face{W: io.Discard}, 0)
	if err := tl.Add(line("a", "m")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if err := tl.Add([]byte("no json")); err == nil {
		t.Error("a line that is no document is shown")
	}
}

func BenchmarkTail(b *testing.B) {
	tl := NewTail(&term.Face{W: io.Discard, TTY: true, Width: 100, Zone: time.UTC, Now: time.Now}, &term.Face{W: io.Discard}, 0)
	doc := line("web-1", "Failed password for root from 203.0.113.5 port 40122 ssh2")
	b.ReportAllocs()
	for b.Loop() {
		if err := tl.Add(doc); err != nil {
			b.Fatal(err)
		}
	}
}
