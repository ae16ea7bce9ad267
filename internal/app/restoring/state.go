package restoring

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/internal/fault"
	"weir/internal/keep"
)

// state is how far a restoration is: everything before Through is settled, and of that moment the events in Done.
type state struct {
	Query   string    `json:"query"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Into    string    `json:"into"`
	Through int64     `json:"through_ns,omitempty"`
	Done    []string  `json:"done,omitempty"`
	Counts  Counts    `json:"counts"`
}

// StateFile is where the state of a restoration is kept, below the data folder: one for each question, so that two do not
// mix.
func StateFile(dataDir, query, from, to, into string) string {
	sum := sha256.Sum256([]byte(query + "\x00" + from + "\x00" + to + "\x00" + into))
	return filepath.Join(dataDir, "restore", hex.EncodeToString(sum[:6])+".json")
}

// load reads the state of an earlier run. The times of that run hold: -30d meant other days yesterday.
func load(o Options) (st state, resumed bool, err error) {
	fresh := state{Query: o.Query, From: o.From, To: o.To, Into: o.prefix()}
	b, err := os.ReadFile(o.State)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &st)
	}
	if err == nil && (st.Query != fresh.Query || st.Into != fresh.Into || st.Counts.Read < 0) {
		err = errors.New("it is of another restoration")
	}
	if err != nil {
		return fresh, false, &fault.Error{Code: "restore-state", What: "how far the restoration was cannot be read", Where: o.State, Why: fault.Innermost(err),
			Do: "remove the file to begin anew: nothing is stored twice", Exit: fault.ExitUsage, Cause: err}
	}
	return st, true, nil
}

// clone copies what changes.
func (s state) clone() state {
	s.Done = slices.Clone(s.Done)
	return s
}

// save writes the state; the file is there whole or not at all.
func (s state) save(file string) error {
	b, err := json.Marshal(s)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = keep.WriteFile(file, b)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

// remove takes the state away: there is nothing to go on with.
func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
