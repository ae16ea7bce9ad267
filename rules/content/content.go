// Package content holds the rules that weir ships, as files that users can read and copy. Each has tests of events that
// must raise an alert and of events that must not.
package content

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS

// Name is what stands before the names of these files in messages.
const Name = "shipped"

// FS returns the rule files.
func FS() fs.FS { return files }
