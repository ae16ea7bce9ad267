package term

import (
	"fmt"
	"strings"
	"time"
)

const (
	progressAfter = time.Second            // what is done sooner shows none
	progressEvery = 100 * time.Millisecond // on a terminal
	progressPlain = 10 * time.Second       // elsewhere
	barCells      = 27
)

// Progress is the one bar of a long task. On a terminal it is one line that is written over; elsewhere a plain line
// every ten seconds. It belongs to one goroutine. It draws when it is told of progress and never by itself, so there is
// no goroutine to wait for, and nothing is written after the error that ended a task.
type Progress struct {
	face  *Face
	unit  string
	total float64
	start time.Time
	last  time.Time
	drawn bool
}

// NewProgress starts a bar over total units; a total of 0 is not known, and no bar is drawn then, only the position.
func (f *Face) NewProgress(total float64, unit string) *Progress {
	return &Progress{face: f, unit: unit, total: total, start: f.Now()}
}

// At shows that done units are done; at is the position in the user's words, "" if there is none.
// It may be called as often as one likes: most calls look at the clock and return.
func (p *Progress) At(done float64, at string) {
	now := p.face.Now()
	every, first := progressEvery, progressAfter
	if !p.face.TTY {
		every, first = progressPlain, progressPlain
	}
	if now.Sub(p.start) < first || p.drawn && now.Sub(p.last) < every {
		return
	}
	p.drawn, p.last = true, now
	line := p.line(done, Escape(at), now.Sub(p.start))
	if !p.face.TTY {
		fmt.Fprintln(p.face.W, line)
		return
	}
	fmt.Fprint(p.face.W, "\r"+p.face.Cut(line, p.face.Width-1)+"\x1b[K")
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p.drawn && p.face.TTY {
		fmt.Fprint(p.face.W, "\r\x1b[K")
	}
	p.drawn = false
}

// line is percent, bar, place, amount, rate, time left; without a total only what is known.
func (p *Progress) line(done float64, at string, took time.Duration) string {
	rate := done / max(took.Seconds(), 0.001)
	parts := make([]string, 0, 5)
	if p.total > 0 {
		share := min(done/p.total, 1)
		bar := p.face.Bar(share, 1, barCells)
		parts = append(parts, fmt.Sprintf("%3.0f %% %s", share*100, pad(bar, barCells, false)))
	}
	if at != "" {
		parts = append(parts, at)
	}
	if p.total > 0 {
		parts = append(parts, Short(done)+" of "+Short(p.total)+" "+p.unit)
	} else {
		parts = append(parts, Short(done)+" "+p.unit)
	}
	parts = append(parts, Rate(rate))
	if p.total > 0 && rate > 0 {
		left := time.Duration(max(0, p.total-done) / rate * float64(time.Second))
		parts = append(parts, coarse(left)+" left")
	}
	return strings.Join(parts, "   ")
}
