package match

import (
	"weir/event"
	"weir/internal/nearest"
)

// NearestField returns the known field whose path is nearest to path: as a whole or part by part; "" if none is near. It
// looks through all fields, which is well spent on a mistake and on nothing else.
func NearestField(path string) string {
	all := event.Fields()
	paths := make([]string, 0, len(all))
	for _, f := range all {
		if !f.Asked() { // another one's mistake
			paths = append(paths, f.Path())
		}
	}
	return nearest.Name(path, paths)
}
