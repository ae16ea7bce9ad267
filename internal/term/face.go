// Package term is how weir looks: the only package that knows terminals, their colours and widths. Everything that came
// from outside is escaped here before it is measured and shown.
package term

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"
)

// Face is one output stream and how to write to it. It is plain data: tests make their own. A Face belongs to one
// goroutine at a time.
type Face struct {
	W     io.Writer
	TTY   bool // a person reads it: aligned, cut, relative; else tab-separated, uncut, absolute
	Color bool
	ASCII bool // no block characters, no ellipsis
	Width int  // cells
	Zone  *time.Location
	Now   func() time.Time
}

// Options is what decides how a stream looks.
type Options struct {
	Env   []string // as of os.Environ
	Color string   // always, never or auto
	ASCII bool
	UTC   bool
	Now   func() time.Time // nil: the clock

	Terminal int            // write as to a terminal of this width, whatever the stream is; 0: look
	Zone     *time.Location // of people; nil: the machine's
}

// defaultWidth is for streams that have none.
const defaultWidth = 100

// Detect looks at a stream: is it a terminal, how wide, what may it be sent. It is asked for each stream by itself:
// with search | less the data is piped and the messages are not. A pipe gets UTC, so that a script's output does not
// depend on where it runs.
func Detect(w io.Writer, o Options) *Face {
	f := &Face{W: w, Width: defaultWidth, Zone: time.Local, Now: o.Now, ASCII: o.ASCII || !utf8Locale(o.Env)}
	if f.Now == nil {
		f.Now = time.Now
	}
	if o.Zone != nil {
		f.Zone = o.Zone
	}
	if o.UTC {
		f.Zone = time.UTC
	}
	if file, ok := w.(*os.File); ok && IsTerminal(file) {
		f.TTY = true
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			f.Width = width
		}
	}
	if n, err := strconv.Atoi(variable(o.Env, "COLUMNS")); err == nil && n > 0 && f.TTY {
		f.Width = n
	}
	if o.Terminal > 0 {
		f.TTY, f.Width = true, o.Terminal
	}
	f.Color = colored(o, f.TTY)
	if !f.TTY {
		f.Zone = time.UTC
	}
	return f
}

// IsTerminal tells whether a person sits at the other end of the file.
func IsTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// colored applies the policy: the flag, NO_COLOR, a terminal that cannot, a pipe.
// The flag wins over the environment, since it was typed for this one call.
func colored(o Options, tty bool) bool {
	switch o.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return tty && variable(o.Env, "NO_COLOR") == "" && variable(o.Env, "TERM") != "dumb"
}

// utf8Locale follows the order of the C library: the first of the three that is set decides.
func utf8Locale(env []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(variable(env, name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// variable returns a variable's value; the last of a name wins.
func variable(env []string, name string) string {
	value := ""
	for _, line := range env {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			value = v
		}
	}
	return value
}

// Style is one of the five uses of colour. Every state is also a word: colour only adds.
type Style int

// The styles. Plain is none.
const (
	Plain Style = iota
	Bold
	Dim
	Red
	Yellow
	Green
)

// codes are of the 16 basic colours, which every scheme keeps readable on its own background.
var codes = [...]string{Plain: "", Bold: "1", Dim: "2", Red: "31", Yellow: "33", Green: "32"}

// Paint colours a text that is already escaped. It does not change what Cells says of the text without it: measure
// first, paint last.
// It is the one function of the program that writes an escape sequence for colour; what is not escaped before it stays
// hostile after it.
func (f *Face) Paint(s Style, text string) string {
	if !f.Color || s == Plain || text == "" {
		return text
	}
	return "\x1b[" + codes[s] + "m" + text + "\x1b[0m"
}

// Tick is the sign of something that holds.
func (f *Face) Tick() string {
	if f.ASCII {
		return "ok"
	}
	return "✓"
}

// ellipsis ends what was cut.
func (f *Face) ellipsis() string {
	if f.ASCII {
		return "..."
	}
	return "…"
}

// Height returns the lines of the terminal, a usual number where it does not say.
func Height(file *os.File) int {
	if _, height, err := term.GetSize(int(file.Fd())); err == nil && height > 0 {
		return height
	}
	return 24
}
