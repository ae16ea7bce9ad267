package archive

import "time"

// Tail is what is not in files yet, and how sealing goes.
type Tail struct {
	Rows int
	// Began is when the oldest of the records came in that are not published, duplicates too; zero: there are none. They
	// are published when they are as old as Options.EpochAge; far beyond that, sealing does not work.
	Began time.Time
	// Sealed is when the last epoch was published; zero: none ever was.
	Sealed time.Time
}

// Tail returns what is only in memory.
func (a *Archive) Tail() Tail {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := Tail{Sealed: a.sealed}
	for _, e := range a.epochs() {
		t.Rows += e.rows
		if !e.empty() && t.Began.IsZero() {
			t.Began = e.began
		}
	}
	return t
}
