package notify

import (
	"maps"
	"slices"

	"weir/internal/fault"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/settings"
)

// Checked is what a notify.yaml has.
type Checked struct {
	Channels []string
	Routes   int
	Windows  int
}

// Check reads a file as the stage would, with the types of channels and the zone of o, and asks nobody. The list has
// mistakes and doubts; the error is one of reading the file.
func Check(o Options, path string) (Checked, fault.List, error) {
	s, doc, err := look(path)
	if err != nil {
		return Checked{}, nil, &fault.Error{Code: "notify-unreadable", What: "the file cannot be read", Where: path, Why: fault.Innermost(err), Do: "make it readable for this user", Exit: fault.ExitUsage, Cause: err}
	}
	if !s.there {
		return Checked{}, nil, &fault.Error{Code: "notify-unreadable", What: "there is no such file", Where: path, Do: "write one: docs/notifications.md", Exit: fault.ExitUsage}
	}
	n := &Notifier{opts: o, path: path}
	if n.opts.Kinds == nil {
		n.opts.Kinds = Kinds()
	}
	file, faults := settings.Read(doc, n.readOptions())
	if file == nil {
		return Checked{}, faults, nil
	}
	defer file.Close()
	return Checked{Channels: slices.Sorted(maps.Keys(file.Channels)), Routes: routes(file.Route), Windows: len(file.Maintenance)}, faults, nil
}

// routes counts a tree.
func routes(r *routing.Route) int {
	if r == nil {
		return 0
	}
	n := 1
	for _, child := range r.Routes {
		n += routes(child)
	}
	return n
}

// Schema returns the JSON Schema of notify.yaml.
func Schema() ([]byte, error) { return settings.Schema(Kinds()) }
