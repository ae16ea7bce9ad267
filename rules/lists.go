package rules

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"weir/internal/fault"
	"weir/internal/match"
)

// LoadLists loads the lists of a folder: bad-hosts.txt is the list bad-hosts, one value a line. A folder that is not
// there has no lists. A list that cannot be read is a fault; rules that name it are refused by their own load.
func LoadLists(dir string) (match.Lists, fault.List) {
	lists := match.Lists{}
	// Lists are optional. A rule that names one says more when it is missing than the folder could.
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return lists, nil
	}
	var faults fault.List
	fsys := os.DirFS(dir)
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		shown := filepath.ToSlash(path.Join(dir, name))
		if err != nil {
			faults = append(faults, listFault(shown, err))
			return nil
		}
		ext := path.Ext(name)
		if d.IsDir() || strings.HasPrefix(d.Name(), ".") || ext != ".txt" && ext != ".list" && ext != ".csv" {
			return nil
		}
		list, err := readList(fsys, name)
		if err != nil {
			faults = append(faults, listFault(shown, err))
			return nil
		}
		// The name is the path below the folder: sub/vips.list is the list sub/vips.
		lists[strings.TrimSuffix(name, ext)] = list
		return nil
	})
	return lists, faults
}

// readList reads one list, however it ends: the file is closed before anybody uses the list.
func readList(fsys fs.FS, name string) (*match.List, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return match.ReadList(bufio.NewReader(f))
}

// listFault is the fault of one list; the others are used.
func listFault(where string, err error) *fault.Error {
	e := unreadable(where, err)
	e.Code, e.What = "list-unreadable", "the list cannot be read"
	return e
}

// maxListValues and maxListValuesBytes bound a list whose values become part of conditions.
const (
	maxListValues      = 10_000
	maxListValuesBytes = 1 << 20
)

// ListValues returns what the placeholders of Sigma rules stand for: %Servers% are the values of the list Servers in the
// folder. It reads a list when a rule asks for it. A list that is not there, or too long to be part of a condition, has no
// values.
func ListValues(dir string) func(name string) []string {
	return func(name string) []string {
		for _, ext := range []string{".txt", ".list", ".csv"} {
			if values := listValues(filepath.Join(dir, name+ext)); len(values) > 0 {
				return values
			}
		}
		return nil
	}
}

// listValues reads the values of a list as LoadLists does, and keeps them as they are written.
func listValues(name string) []string {
	// Why it cannot be read was told when the lists were loaded; the rule is refused for having no values.
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxListValuesBytes+1))
	if err != nil || len(b) > maxListValuesBytes {
		return nil
	}
	var out []string
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	if len(out) > maxListValues {
		return nil
	}
	return out
}
