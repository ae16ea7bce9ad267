package show

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/term"
)

// widest is how far a column of a tail may grow; longer values move only their own line.
const widest = 24

// A line is printed when its event comes, so nothing can be aligned to what follows: a column is as wide as the widest
// value so far. It only grows, and not beyond a bound, so that one long name does not push the messages off the screen
// for good.

// Tail prints events one by one as they come. Columns start narrow and grow, because what comes next is not known. What
// a limit leaves out is counted and said, second by second: nobody may take a sample for the whole.
type Tail struct {
	face, messages *term.Face
	limit          int // events a second; 0: all
	second         time.Time
	inSecond, over int
	matched, shown int64
	widths         [4]int
}

// NewTail prints to face, and what it leaves out to messages. A limit of 0 shows every event.
func NewTail(face, messages *term.Face, limit int) *Tail {
	return &Tail{face: face, messages: messages, limit: limit}
}

// Count notes an event that somebody else has shown.
func (t *Tail) Count() { t.matched, t.shown = t.matched+1, t.shown+1 }

// Add takes one document. Above the limit it is not even parsed. raw is good until Add returns. The clock of a second
// is that of the reader, since it is the reader's eyes that are spared.
func (t *Tail) Add(raw []byte) error {
	t.matched++
	if t.limit > 0 {
		if now := t.face.Now().Truncate(time.Second); !now.Equal(t.second) {
			t.endSecond()
			t.second, t.inSecond = now, 0
		}
		if t.inSecond++; t.inSecond > t.limit {
			t.over++
			return nil
		}
	}
	d, err := Parse(raw)
	if err != nil {
		return err
	}
	t.shown++
	if _, err := fmt.Fprintln(t.face.W, t.line(d)); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// line is one event: for a program separated by tabs and whole, for a person in columns and cut.
// The message comes last and uncut in a pipe; on a terminal it takes what is left of the line.
func (t *Tail) line(d Doc) string {
	cells := []string{t.face.Clock(d.Time()), d.Text("event.dataset"), d.Host(), d.Text("source.ip"), d.Message()}
	for i := range cells {
		cells[i] = term.Escape(cells[i])
	}
	if !t.face.TTY {
		return strings.Join(cells, "\t")
	}
	var line strings.Builder
	for i, cell := range cells[:4] {
		t.widths[i] = max(t.widths[i], min(term.Cells(cell), widest))
		if t.widths[i] > 0 {
			line.WriteString(cell + strings.Repeat(" ", max(0, t.widths[i]-term.Cells(cell))+2))
		}
	}
	return t.face.Cut(line.String()+cells[4], t.face.Width)
}

// End says what the last second left out, and returns the counts.
func (t *Tail) End() (matched, shown int64) {
	t.endSecond()
	return t.matched, t.shown
}

// endSecond says what the second before left out.
func (t *Tail) endSecond() {
	if t.over > 0 {
		fmt.Fprintf(t.messages.W, "%14s... %s more in this second, all stored; a terminal shows %d/s (--all shows every one)\n",
			"", term.Count(int64(t.over)), t.limit)
	}
	t.over = 0
}
