package control

import (
	"encoding/json"
	"errors"

	"weir/internal/fault"
)

// frame is one line of an answer. An answer is any number of doc frames, any number of fault frames, then exactly one
// frame that is a summary or an error: without it the answer was cut off.
type frame struct {
	Doc     json.RawMessage `json:"doc,omitempty"`
	Fault   *wireFault      `json:"fault,omitempty"` // a warning or finding beside the summary
	Summary json.RawMessage `json:"summary,omitempty"`
	Error   *wireFault      `json:"error,omitempty"`
}

// docHead and docTail enclose a document as encoding/json would have written the frame; both ends use them so that
// documents are neither parsed nor copied on their way.
const (
	docHead = `{"doc":`
	docTail = `}`
)

// wireFault is fault.Error with all that a terminal needs to print it as if the fault had happened here.
// Keys may be added; an older command passes over what it does not know.
type wireFault struct {
	Code  string       `json:"code,omitempty"`
	What  string       `json:"message"`
	Where string       `json:"where,omitempty"`
	Text  string       `json:"text,omitempty"`
	Mark  int          `json:"mark,omitempty"`
	Width int          `json:"width,omitempty"`
	Why   string       `json:"why,omitempty"`
	Do    string       `json:"do,omitempty"`
	Exit  int          `json:"exit,omitempty"`
	Warn  bool         `json:"warn,omitempty"`
	Cause string       `json:"cause,omitempty"`
	List  []*wireFault `json:"more,omitempty"`
}

// toWire carries any error; one that is no fault keeps its text.
// A cause is carried as text: -v shows it, and nobody looks into the chain of another process.
func toWire(err error) *wireFault {
	if l, ok := errors.AsType[fault.List](err); ok && len(l) > 0 {
		w := toWire(l[0])
		for _, e := range l[1:] {
			w.List = append(w.List, toWire(e))
		}
		return w
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return &wireFault{Code: "internal", What: err.Error(), Exit: fault.ExitFound}
	}
	w := &wireFault{Code: e.Code, What: e.What, Where: e.Where, Text: e.Text, Mark: e.Mark, Width: e.Width,
		Why: e.Why, Do: e.Do, Exit: e.Exit, Warn: e.Warn}
	if e.Cause != nil {
		w.Cause = e.Cause.Error()
	}
	return w
}

// fault turns it back into one fault.
// It is the fault of the other process: code, exit and caret are as they were there.
func (w *wireFault) fault() *fault.Error {
	e := &fault.Error{Code: w.Code, What: w.What, Where: w.Where, Text: w.Text, Mark: w.Mark, Width: w.Width,
		Why: w.Why, Do: w.Do, Exit: w.Exit, Warn: w.Warn}
	if w.Cause != "" {
		e.Cause = errors.New(w.Cause)
	}
	return e
}

// err turns it back into what the backend returned: a fault or a list of them.
// Its exit code comes along, so a command ends as it would have if it had read the files itself.
func (w *wireFault) err() error {
	if len(w.List) == 0 {
		return w.fault()
	}
	out := fault.List{w.fault()}
	for _, x := range w.List {
		out = append(out, x.fault())
	}
	return out
}
