package match

import (
	"weir/event"
	"weir/internal/nearest"
)

// NearestField returns the known field whose path is nearest to path: as a whole or part by part; "" if none is near. It
// looks through all fields, which is well spent on a mistake and on nothing else.
func NearestField(path string) string {
	all := event.Fields()
	paths := make([]string, len(all))
	for i, f := range all {
		paths[i] = f.Path()
	}
	return nearest.Name(path, paths)
}
