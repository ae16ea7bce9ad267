package pipelines

import (
	"io/fs"
	"strings"
)

// LogSource says which events a rule is for, in Sigma's words. A part that is empty says nothing.
type LogSource struct {
	Product, Category, Service string
}

// String returns the log source as people write it: product/category/service, with * for a part that says nothing.
func (ls LogSource) String() string {
	parts := [3]string{ls.Product, ls.Category, ls.Service}
	for i, p := range parts {
		if p == "" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts[:], "/")
}

// Empty tells whether the log source says nothing, so that it means every event.
func (ls LogSource) Empty() bool { return ls == LogSource{} }

// Source is a folder of pipeline files.
type Source struct {
	// Name stands before the path of a file in messages.
	Name string
	FS   fs.FS
}
