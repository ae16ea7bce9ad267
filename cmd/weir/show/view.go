package show

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/term"
	"weir/processors/parse/format"
)

// maxValue is how many letters of a value are shown on a terminal; a pipe has all of them.
const maxValue = 100

// View shows the way of a line into an event: how it was recognised, what each step read and wrote, and what came of it.
func View(f *term.Face, v *tools.LineView) string {
	b := &strings.Builder{}
	esc := term.Escape
	head := fmt.Sprintf("line %d", v.Line)
	if v.Event > 0 {
		head += fmt.Sprintf(", event %d", v.Event+1)
	}
	r := v.Recognised
	if r.Format == nil {
		fmt.Fprintf(b, "%s   no format fits: it stays a line of text\n", f.Paint(term.Bold, head))
	} else {
		fmt.Fprintf(b, "%s   %s, %s\n", f.Paint(term.Bold, head), f.Paint(term.Bold, esc(r.Format.Name())), esc(r.Format.File))
		fmt.Fprintf(b, "%-11s %s\n", "recognised", esc(reason(v)))
		header := "none: the record is the message"
		if r.Header {
			header = "a syslog header was read, message is what follows it"
		}
		fmt.Fprintf(b, "%-11s %s\n", "header", header)
	}
	file := ""
	if r.Format != nil {
		file = r.Format.File
	}
	for _, s := range v.Steps {
		stepRows(f, b, s, file)
	}
	switch {
	case v.Dead != "":
		fmt.Fprintf(b, "%-11s %s\n", f.Paint(term.Red, "dead letter"), esc(v.Dead))
	case v.Dropped:
		fmt.Fprintf(b, "%-11s the format filters this event; it is counted\n", "dropped")
	default:
		fmt.Fprintf(b, "%-11s %s\n", "event", esc(string(v.Doc)))
	}
	b.WriteByte('\n')
	return b.String()
}

// reason says why a line has its format.
func reason(v *tools.LineView) string {
	switch r := v.Recognised; r.By {
	case "dataset":
		return "by --dataset " + r.What
	case "setting":
		return "by a setting of the input or the inventory"
	case "input":
		return "by its input, " + r.What
	case "agent":
		return "by the agent: " + r.What
	default:
		return "by its text: " + r.What
	}
}

// stepRows writes a step, below it what it read and wrote. Steps of another file than the format's own have its name.
func stepRows(f *term.Face, b *strings.Builder, s format.Trace, file string) {
	at := fmt.Sprint(s.Line)
	if s.File == "" {
		at = "" // what follows the format: enrichment, class, redaction
	} else if s.File != file {
		at = strings.TrimSuffix(path.Base(s.File), path.Ext(s.File)) + ":" + at
	}
	line := fmt.Sprintf("%11s  %s%s", at, strings.Repeat("  ", s.Depth), s.Kind)
	indent := strings.Repeat(" ", 13) + strings.Repeat("  ", s.Depth) + "  "
	switch s.Outcome {
	case "skipped":
		fmt.Fprintf(b, "%s   %s%s\n", f.Paint(term.Dim, term.Escape(line)), f.Paint(term.Dim, "skipped: "+term.Escape(s.Why)), f.Paint(term.Dim, readText(f, s)))
		return
	case "failed":
		fmt.Fprintf(b, "%s   %s\n", term.Escape(line), f.Paint(term.Red, "failed: "+term.Escape(s.Why)))
	default:
		b.WriteString(term.Escape(line) + "\n")
	}
	for _, a := range s.Reads {
		fmt.Fprintf(b, "%s< %s\n", indent, access(f, a))
	}
	for _, a := range s.Writes {
		fmt.Fprintf(b, "%s> %s\n", indent, access(f, a))
	}
}

// readText is what a step that did not run looked at, in its own line.
func readText(f *term.Face, s format.Trace) string {
	var parts []string
	for _, a := range s.Reads {
		parts = append(parts, access(f, a))
	}
	if s.Why == "" && len(parts) > 0 {
		return "`if` is false with " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}

// access is a place and its value.
func access(f *term.Face, a format.Access) string {
	value := "absent"
	if a.Value.Kind() != event.Absent {
		value = string(a.Value.AppendJSON(nil))
	}
	if r := []rune(value); f.TTY && len(r) > maxValue {
		value = string(r[:maxValue-1]) + "…"
	}
	return term.Escape(a.Place + " = " + value)
}

// viewLine is a line of `parse --explain --json`.
type viewLine struct {
	Line       int             `json:"line"`
	Event      int             `json:"event"`
	Dataset    string          `json:"dataset"`
	File       string          `json:"file"`
	By         string          `json:"by"`
	Recognised string          `json:"recognised"`
	Header     bool            `json:"header"`
	Steps      []stepLine      `json:"steps"`
	Doc        json.RawMessage `json:"document"`
	Dropped    bool            `json:"dropped"`
	Dead       string          `json:"dead_letter"`
}

// stepLine is one step of it.
type stepLine struct {
	Kind    string       `json:"kind"`
	File    string       `json:"file"`
	Line    int          `json:"line"`
	Depth   int          `json:"depth"`
	Outcome string       `json:"outcome"`
	Why     string       `json:"why"`
	Reads   []accessLine `json:"reads"`
	Writes  []accessLine `json:"writes"`
}

// accessLine is a place and its value, null for none.
type accessLine struct {
	Place string          `json:"place"`
	Value json.RawMessage `json:"value"`
}

// ViewLine is View for programs: one object an event.
func ViewLine(v *tools.LineView) any {
	out := viewLine{Line: v.Line, Event: v.Event, By: v.Recognised.By, Recognised: v.Recognised.What, Header: v.Recognised.Header, Steps: []stepLine{}, Dropped: v.Dropped, Dead: v.Dead, Doc: json.RawMessage("null")}
	if len(v.Doc) > 0 {
		out.Doc = v.Doc
	}
	if f := v.Recognised.Format; f != nil {
		out.Dataset, out.File = f.Dataset, f.File
	}
	for _, s := range v.Steps {
		out.Steps = append(out.Steps, stepLine{s.Kind, s.File, s.Line, s.Depth, s.Outcome, s.Why, accessLines(s.Reads), accessLines(s.Writes)})
	}
	return out
}

// accessLines are places with their values.
func accessLines(list []format.Access) []accessLine {
	out := make([]accessLine, 0, len(list))
	for _, a := range list {
		value := json.RawMessage("null")
		if a.Value.Kind() != event.Absent {
			value = a.Value.AppendJSON(nil)
		}
		out = append(out, accessLine{a.Place, value})
	}
	return out
}
