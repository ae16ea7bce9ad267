package schedule

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"weir/internal/fault"
	"weir/internal/keep"
)

// state is what is remembered over restarts. It is small and written whole, synced, after each attempt.
type state struct {
	V       int                   `json:"v"` // 1
	Entries map[string]entryState `json:"entries"`
}

// entryState is that of one entry.
type entryState struct {
	// Done is the last moment that was due and is done with. An entry that is new begins with the moment at which it was
	// first seen: what would have been due before is not made up.
	Done  time.Time `json:"done"`
	Made  time.Time `json:"made,omitzero"`
	Month string    `json:"month,omitempty"`
	// Of the moment that is due and not done.
	Due      time.Time `json:"due,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	Retry    time.Time `json:"retry,omitzero"`
	Sent     []string  `json:"sent,omitempty"` // who has it already
	Err      string    `json:"err,omitempty"`
}

// readState reads the file; one that is not there is empty. One that cannot be read is no reason to send everything again.
func readState(name string) (state, error) {
	s := state{V: 1, Entries: map[string]entryState{}}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err == nil && s.V != 1 {
		err = fmt.Errorf("it is of form %d", s.V)
	}
	if err != nil {
		return state{}, &fault.Error{Code: "report-state", What: "what was made by the schedule of reports cannot be read", Where: name, Why: fault.Innermost(err), Do: "move the file away: then reports begin with their next time", Exit: fault.ExitMissing, Cause: err}
	}
	if s.Entries == nil {
		s.Entries = map[string]entryState{}
	}
	return s, nil
}

// only forgets entries that are gone from the file, and notes new ones as seen now. It returns whether anything is other
// than before.
func (s *state) only(entries []Entry, now time.Time) (changed bool) {
	old := s.Entries
	s.Entries = make(map[string]entryState, len(entries))
	for i := range entries {
		id := entries[i].id()
		e, ok := old[id]
		if !ok {
			e.Done, changed = now, true
		}
		s.Entries[id] = e
	}
	return changed || len(old) != len(s.Entries)
}

// write writes it.
func (s *state) write(name string) error {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return keep.WriteFile(name, append(b, '\n'))
}
