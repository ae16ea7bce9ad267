package rules

import (
	"bufio"
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
