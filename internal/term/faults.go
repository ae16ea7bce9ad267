package term

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"weir/internal/fault"
)

// Two forms, and which is used when: Fault for what ends or accompanies a command, FaultLine for checks that find many
// things in files. Both show the source line with its caret; both print nothing that is not escaped.

// Fault writes a fault in the form of what, where, why, do. verbose adds the chain of causes.
func (f *Face) Fault(e *fault.Error, verbose bool) {
	var b strings.Builder
	word, style := "error", Red
	if e.Warn {
		word, style = "warning", Yellow
	}
	if e.Code != "" {
		word += "[" + e.Code + "]"
	}
	b.WriteString(f.Paint(style, word) + ": " + f.Paint(Bold, Escape(e.What)) + "\n")
	row := func(head, text string) {
		if text != "" {
			b.WriteString("  " + pad(head, 5, false) + "  " + text + "\n")
		}
	}
	if e.Text == "" || !quoted(e) {
		row("where", Escape(e.Where))
	}
	if e.Text != "" {
		head := ""
		if quoted(e) {
			head = "where"
		}
		text, caret := f.excerpt(e, f.Width-9)
		row2 := "  " + pad(head, 5, false) + "  "
		b.WriteString(row2 + text + "\n")
		if caret != "" {
			b.WriteString(strings.Repeat(" ", len(row2)) + f.caret(caret, style) + "\n")
		}
	}
	row("why", Escape(e.Why))
	row("do", Escape(e.Do))
	if verbose && e.Cause != nil {
		row("chain", Escape(e.Cause.Error()))
	}
	fmt.Fprint(f.W, b.String())
}

// quoted tells whether the text itself is the place: a query that was typed, not a line of a file.
func quoted(e *fault.Error) bool { return e.Where == "" || strings.HasPrefix(e.Where, "query") }

// FaultLine writes a fault in the form of compilers, for checks that print many: file:line:column: error: what, then
// the line and the caret with the hint. They are what such a command is for, so a closed pipe is handed on.
func (f *Face) FaultLine(e *fault.Error) error {
	var b strings.Builder
	word, style := "error", Red
	if e.Warn {
		word, style = "warning", Yellow
	}
	if e.Where != "" {
		b.WriteString(Escape(e.Where) + ": ")
	}
	b.WriteString(f.Paint(style, word) + ": " + Escape(e.What) + "\n")
	hint := Escape(e.Do)
	if hint == "" {
		hint = Escape(e.Why)
	} else if e.Why != "" {
		hint = Escape(e.Why) + "; " + hint
	}
	if e.Text == "" {
		if hint != "" {
			b.WriteString("    " + hint + "\n")
		}
	} else {
		text, caret := f.excerpt(e, f.Width-6)
		b.WriteString(fmt.Sprintf("%3s | ", lineNumber(e.Where)) + text + "\n")
		b.WriteString(strings.TrimRight("    | "+f.caret(caret, style)+" "+hint, " ") + "\n")
	}
	if _, err := fmt.Fprint(f.W, b.String()); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// lineNumber takes the line out of file:line:column.
func lineNumber(where string) string {
	parts := strings.Split(where, ":")
	if len(parts) >= 3 {
		if _, err := strconv.Atoi(parts[len(parts)-2]); err == nil {
			return parts[len(parts)-2]
		}
	}
	return ""
}

// caret colours the underline and not the blanks before it.
func (f *Face) caret(line string, style Style) string {
	i := strings.IndexByte(line, '^')
	if i < 0 {
		return line
	}
	return line[:i] + f.Paint(style, line[i:])
}

// excerpt returns the source line, escaped and cut to cells around the mark, and the line with the carets below it. The
// carets are placed by cells: a Korean name before them moves them by two each.
// A minified file is one line of a megabyte: what is shown is what fits, with the mark in it.
func (f *Face) excerpt(e *fault.Error, cells int) (text, carets string) {
	runes := []rune(strings.TrimRight(e.Text, "\r\n"))
	if e.Mark < 1 {
		return f.Cut(visible(runes), max(cells, 20)), ""
	}
	from := min(e.Mark-1, len(runes))
	to := min(from+max(1, e.Width), len(runes))
	before, marked, after := visible(runes[:from]), visible(runes[from:to]), visible(runes[to:])
	cells = max(cells, 20)
	if Cells(before)+Cells(marked)+Cells(after) > cells {
		// Too long: the end of what is before, the marked part, the beginning of what is after.
		skip := 0
		for skip < from && Cells(before) > cells/3 {
			skip++
			before = f.ellipsis() + visible(runes[skip:from])
		}
		marked = f.Cut(marked, max(1, cells-Cells(before)))
		after = f.Cut(after, max(0, cells-Cells(before)-Cells(marked)))
	}
	return before + marked + after, strings.Repeat(" ", Cells(before)) + strings.Repeat("^", max(1, Cells(marked)))
}

// visible is Escape with tabs as blanks, which is how an editor shows a file.
func visible(r []rune) string { return Escape(strings.ReplaceAll(string(r), "\t", "    ")) }

// FaultJSON writes faults for programs: {"error":{"code","message","where","why","do"}}, one a line. An error that is no
// fault has only a message.
// The text of the source line is left out: programs have the place.
func FaultJSON(err error) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // for programs and terminals, not for pages: < and > of a query stay readable
	for _, e := range Faults(err) {
		word := "error"
		if e.Warn {
			word = "warning"
		}
		_ = enc.Encode(map[string]any{word: struct { // texts only, into memory: it cannot fail
			Code    string `json:"code"`
			Message string `json:"message"`
			Where   string `json:"where,omitempty"`
			Why     string `json:"why,omitempty"`
			Do      string `json:"do,omitempty"`
		}{e.Code, e.What, e.Where, e.Why, e.Do}})
	}
	return b.String()
}

// Faults returns the faults in an error, the same one once; an error without any becomes one. It is the one place that
// turns an error into what is shown, so that text, JSON and checks never differ in what they say.
func Faults(err error) fault.List {
	if err == nil {
		return nil
	}
	if l, ok := errors.AsType[fault.List](err); ok {
		return l
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return fault.List{e}
	}
	return fault.List{{Code: "internal", What: err.Error(), Exit: fault.ExitUsage}}
}
