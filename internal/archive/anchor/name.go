package anchor

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPerDay bounds the publications of one day.
const maxPerDay = 9999

// makeName is the name of publication n of a day, from 1.
func makeName(day string, n int) string {
	if n <= 1 {
		return day
	}
	return day + "." + strconv.Itoa(n)
}

// cutName takes a name apart; ok is false for other files, such as stamps.
func cutName(name string) (day string, n int, ok bool) {
	day, num, more := strings.Cut(name, ".")
	n = 1
	if more {
		var err error
		if n, err = strconv.Atoi(num); err != nil || n < 2 || n > maxPerDay || strconv.Itoa(n) != num {
			return "", 0, false
		}
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", 0, false
	}
	return day, n, true
}

// Names returns the names of the published checkpoints of a log's folder, oldest first.
func Names(log fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(log, Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if _, _, ok := cutName(e.Name()); ok && !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	sortNames(out)
	return out, nil
}

// makeFolder makes a folder, synced into the one above it.
func makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

// sortNames sorts by day and number.
func sortNames(names []string) {
	slices.SortFunc(names, func(a, b string) int {
		dayA, a1, _ := cutName(a)
		dayB, b1, _ := cutName(b)
		return cmp.Or(strings.Compare(dayA, dayB), cmp.Compare(a1, b1))
	})
}
