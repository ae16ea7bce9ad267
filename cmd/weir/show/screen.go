package show

import (
	"fmt"
	"os"
	"strings"

	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/term"
)

// Folder says whether the folder is new, who may read it, and how much room there is.
// A folder that others can read is said and not refused: it may be meant.
func Folder(st control.Status) string {
	var parts []string
	if st.DataNew {
		parts = append(parts, "new")
	} else {
		parts = append(parts, term.Bytes(st.DiskBytes))
	}
	if fi, err := os.Stat(st.Data); err == nil {
		if mode := fi.Mode().Perm(); mode&0o077 == 0 {
			parts = append(parts, fmt.Sprintf("readable only by you (%04o)", mode))
		} else {
			parts = append(parts, fmt.Sprintf("readable by others too (%04o)", mode))
		}
	}
	return strings.Join(append(parts, term.Bytes(st.DiskFree)+" free"), ", ")
}

// Totals are the words of a run: received + split = stored + ..., without what is zero.
// Zeros are left out: the line is the last thing that one reads.
func Totals(t app.Totals) string {
	left := term.Count(t.Received) + " received"
	if t.Split > 0 {
		left += " + " + term.Count(t.Split) + " split"
	}
	right := []string{term.Count(t.Stored) + " stored"}
	for _, x := range []struct {
		n    int64
		name string
	}{{t.Duplicate, "duplicate"}, {t.Dead, "dead"}, {t.Refused, "refused"}, {t.Filtered, "filtered"}, {t.InFlight, "in flight"}} {
		if x.n > 0 {
			right = append(right, term.Count(x.n)+" "+x.name)
		}
	}
	return left + " = " + strings.Join(right, " + ")
}
